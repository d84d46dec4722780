//! Rules for sources.

use std::collections::BTreeSet;

use cellwatch_tests::Cases;

use crate::assert_none;
use crate::files::{File, all};

const LINES_MAX: usize = 450;
const SOURCES: [&str; 8] = ["rs", "py", "js", "css", "html", "sql", "cddl", "sh"];
/// Crates that know no clock, no disk, no network and no chance.
const PURE: [&str; 4] =
    ["agent/core/src/", "agent/model/src/", "agent/alarm/src/", "agent/record/src/"];
/// The one place that pauses.
const PAUSES: &str = "tests/src/await_until.rs";

/// Words of `text` in `file`, with their lines. Names in this file are written in two parts, so that it passes itself.
fn found(file: &File, words: &[&str], is_word: bool) -> Vec<String> {
    let is_in_name = |character: char| character.is_alphanumeric() || character == '_';
    let holds = |line: &str, word: &str| {
        line.match_indices(word).any(|(index, _)| {
            !is_word
                || (!line[..index].ends_with(is_in_name)
                    && !line[index + word.len()..].starts_with(is_in_name))
        })
    };
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let here = words.iter().filter(move |word| holds(line, word));
            here.map(move |word| format!("{}:{}: {word}", file.path, index + 1))
        })
        .collect()
}

#[test]
fn no_file_is_long() {
    let mut cases = Cases::of("no_file_is_long");
    let files: Vec<File> = all().into_iter().filter(|file| file.has_extension(&SOURCES)).collect();
    let long: Vec<String> = files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("{}: {lines} lines, more than {LINES_MAX}", file.path))
        .collect();
    cases.tried_many(files.len(), "a source file");
    assert_none("files to be divided", &long);
}

#[test]
fn nothing_is_left_for_later_and_no_machine_is_named() {
    let mut cases = Cases::of("nothing_is_left_for_later");
    let later = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let later_calls =
        [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ign", "ore")];
    let machines = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut wrong = Vec::new();
    let files = all();
    for file in files.iter().filter(|file| file.path != "Cargo.lock") {
        wrong.extend(found(file, &later, true));
        wrong.extend(found(file, &later_calls, false));
        wrong.extend(found(file, &machines, false));
    }
    cases.tried_many(files.len(), "a file");
    assert_none("words that must not stand here", &wrong);
}

#[test]
fn no_test_sleeps() {
    let mut cases = Cases::of("no_test_sleeps");
    let sleeps =
        [concat!("thread::sl", "eep("), concat!("time::sl", "eep("), concat!(" sl", "eep(")];
    let mut wrong = Vec::new();
    let mut with_tests = 0;
    for file in all().iter().filter(|file| file.has_extension(&["rs", "py"]) && file.path != PAUSES)
    {
        with_tests += usize::from(file.test_lines().next().is_some());
        for (number, line) in file.test_lines() {
            if sleeps.iter().any(|sleep| line.contains(sleep)) {
                wrong.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    cases.tried_many(with_tests, "a file with tests");
    assert_none("sleeps where an event is to be awaited", &wrong);
}

/// The core and what it stands on are given time and events.
// Req: LAW-08
#[test]
fn pure_crates_are_pure() {
    let mut cases = Cases::of("pure_crates_are_pure");
    let outside = [
        "Instant::now",
        "SystemTime::now",
        "tokio",
        "std::fs",
        "std::net",
        "std::env",
        "rand::",
        "Timestamp::now",
    ];
    let mut wrong = Vec::new();
    let mut pure = 0;
    for file in all() {
        if !file.has_extension(&["rs"]) || !PURE.iter().any(|folder| file.path.starts_with(folder))
        {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let here = outside.iter().filter(|word| code.contains(*word));
            wrong.extend(here.map(|word| format!("{}:{}: {word}", file.path, index + 1)));
        }
        pure += 1;
    }
    cases.tried_many(pure, "a file of a pure crate");
    assert_none("the outside in crates that must not know it", &wrong);
}

/// Whoever follows a reference finds something.
#[test]
fn documents_that_are_named_exist() {
    let mut cases = Cases::of("documents_that_are_named_exist");
    let files = all();
    let names: BTreeSet<&str> =
        files.iter().filter_map(|file| file.path.rsplit('/').next()).collect();
    let mut wrong = Vec::new();
    let mut references = 0;
    for file in
        files.iter().filter(|file| file.has_extension(&["rs", "toml", "sql", "py", "md", "cddl"]))
    {
        for (index, line) in file.text.lines().enumerate() {
            for end in line.match_indices(".md").map(|(index, _)| index) {
                let is_name = |character: char| {
                    character.is_ascii_alphanumeric() || "-_.".contains(character)
                };
                let begin =
                    line[..end].rfind(|character| !is_name(character)).map_or(0, |at| at + 1);
                let name = format!("{}.md", &line[begin..end]);
                let goes_on =
                    line[end + 3..].starts_with(|character: char| character.is_alphanumeric());
                if begin < end && !goes_on {
                    references += 1;
                    if !names.contains(name.as_str()) {
                        wrong.push(format!("{}:{}: {name}", file.path, index + 1));
                    }
                }
            }
        }
    }
    cases.tried_many(references, "a reference to a document");
    assert_none("documents that do not exist", &wrong);
}
