//! Requirements and the tests that cite them (`docs/requirements.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cellwatch_tests::{Cases, root};

use crate::assert_none;
use crate::files::all;

/// What stands before the ids in a citation.
const CITES: &str = concat!("Re", "q:");

/// Every requirement is cited by a test, or listed as not yet covered with a reason; every cited id exists.
// Req: DOC-02
#[test]
fn requirements_are_traced() {
    let mut cases = Cases::of("requirements_are_traced");
    let text = fs::read_to_string(root().join("docs/requirements.md")).expect("the requirements");
    let (table, waiting) = text
        .split_once("## Not yet covered")
        .expect("docs/requirements.md has a section \"Not yet covered\"");

    let mut wrong = Vec::new();
    let mut required: BTreeSet<String> = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let Some(id) = cells.first().filter(|cell| is_id(cell)) else { continue };
        if cells.len() != 3 || cells.iter().any(|cell| cell.is_empty()) {
            wrong.push(format!(
                "{id}: a row has id, statement and source, not {} cells",
                cells.len()
            ));
        }
        if !required.insert((*id).to_owned()) {
            wrong.push(format!("{id} is there twice"));
        }
    }
    let mut uncovered: BTreeMap<String, &str> = BTreeMap::new();
    let (waiting, _) = waiting.split_once("\n## ").unwrap_or((waiting, ""));
    for line in waiting.lines().filter(|line| line.starts_with("- ")) {
        let (id, reason) = line[2..].split_once(": ").unwrap_or((&line[2..], ""));
        if reason.len() < 20 {
            wrong.push(format!("{id}: \"Not yet covered\" without a reason"));
        }
        uncovered.insert(id.trim().to_owned(), reason);
    }

    let mut cited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in all().iter().filter(|file| file.has_extension(&["rs", "py"])) {
        for (number, line) in file.test_lines() {
            for id in line.split_once(CITES).map(|(_, ids)| ids).into_iter().flat_map(ids) {
                cited.entry(id).or_default().push(format!("{}:{number}", file.path));
            }
        }
    }

    for (id, places) in &cited {
        if !required.contains(id) {
            wrong.push(format!("{id} is cited at {}, but is no requirement", places.join(", ")));
        }
    }
    for id in &required {
        let at = cited.get(id);
        match (at, uncovered.get(id)) {
            (None, None) => wrong.push(format!("{id}: no test cites it")),
            (Some(places), Some(_)) => {
                wrong.push(format!(
                    "{id} is cited at {}: strike it from \"Not yet covered\"",
                    places.join(", ")
                ));
            }
            (Some(places), None) => cases.tried(format_args!("{id}: {} citations", places.len())),
            (None, Some(reason)) => cases.tried(format_args!("{id}: not yet: {reason}")),
        }
    }
    for id in uncovered.keys().filter(|id| !required.contains(*id)) {
        wrong.push(format!("{id} is listed as not yet covered, but is no requirement"));
    }
    assert!(required.len() >= 12, "the twelve laws and more, not {}", required.len());
    assert_none("requirements and tests", &wrong);
}

/// Ids at the beginning of what follows "Req:", up to the first word that is none.
fn ids(text: &str) -> Vec<String> {
    let words = text.split([',', ' ', '.', ')']).filter(|word| !word.is_empty());
    words.take_while(|word| is_id(word)).map(str::to_owned).collect()
}

/// `LAW-03`: capital letters, a hyphen, two digits.
fn is_id(text: &str) -> bool {
    let Some((letters, digits)) = text.split_once('-') else { return false };
    (2..=6).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.len() == 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
