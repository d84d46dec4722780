//! The pages in `docs/` are what the tables say.

use std::path::Path;

use super::*;

/// Set to rewrite the pages instead of comparing them.
const REWRITE: &str = "CELLWATCH_REWRITE_DOCS";

#[test]
fn the_printed_references_are_those_of_the_tables() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let pages = [
        ("master-file-reference.md", &MASTER_FILE),
        ("profile-reference.md", &PROFILE),
        ("site-reference.md", &SITE),
    ];
    for (name, document) in pages {
        let path = docs.join(name);
        let page = markdown(document);
        if std::env::var_os(REWRITE).is_some() {
            std::fs::create_dir_all(&docs).expect("docs/");
            std::fs::write(&path, &page).expect("a page");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == page,
            "docs/{name} is not what config/src/reference says: run `{REWRITE}=1 cargo test -p cellwatch-config reference`"
        );
    }
    println!("references: {} pages", pages.len());
}
