//! The table in `docs/fault-matrix.md`.

use std::fs;

use cellwatch_tests::root;

use crate::table::Section;

const REWRITE: &str = "CELLWATCH_REWRITE_DOCS";
const BEGIN: &str = "<!-- the table: written by the test -->\n";
const END: &str = "<!-- end of the table -->";

/// The document's table is this one.
pub(crate) fn compare(sections: &[Section]) {
    let path = root().join("docs/fault-matrix.md");
    let text = fs::read_to_string(&path).expect("docs/fault-matrix.md");
    let begin = text.find(BEGIN).expect("the table's beginning") + BEGIN.len();
    let end = begin + text[begin..].find(END).expect("the table's end");
    let table: String = sections.iter().map(Section::markdown).collect();
    let table = format!("\n{table}");
    if std::env::var_os(REWRITE).is_some() {
        let written = format!("{}{table}{}", &text[..begin], &text[end..]);
        fs::write(&path, written).expect("the document is written");
    } else {
        assert_eq!(
            &text[begin..end],
            table,
            "docs/fault-matrix.md has another table: run {REWRITE}=1 cargo test -p cellwatch-tests --test fault_matrix"
        );
    }
}
