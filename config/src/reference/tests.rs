//! The tables against the parsers, and the printed references against the tables.

mod base;
mod docs;

use std::fmt::Debug;

use base::{Base, MASTER_FILE_BASE, PROFILE_BASE, SITE_BASE};

use super::*;
use crate::{Problems, master_file, profile, site};

/// A kind of file: its tables, a text with the needed keys only, its parser.
struct Kind<'k, T> {
    document: &'k Document,
    base: Base,
    parse: fn(&str) -> Result<T, Problems>,
}

#[test]
fn a_master_file_is_as_documented() {
    let parse = |text: &str| master_file::parse("f", text.as_bytes());
    Kind { document: &MASTER_FILE, base: Base::of(MASTER_FILE_BASE), parse }.check();
}

#[test]
fn a_profile_is_as_documented() {
    let parse = |text: &str| {
        // The hash of the text is no part of what it says.
        profile::parse("f", text).map(|profile| profile::Profile { sha256: [0; 32], ..profile })
    };
    Kind { document: &PROFILE, base: Base::of(PROFILE_BASE), parse }.check();
}

#[test]
fn a_site_file_is_as_documented() {
    let parse = |text: &str| site::parse("f", text);
    Kind { document: &SITE, base: Base::of(SITE_BASE), parse }.check();
}

impl<T: PartialEq + Debug> Kind<'_, T> {
    fn check(&self) {
        let title = self.document.title;
        if let Err(problems) = self.parsed(&self.base) {
            panic!("the base of the {title} has problems:\n{problems}");
        }
        let mut wrong = self.tables();
        let mut keys = 0;
        for table in self.document.tables {
            wrong.extend(self.known(table));
            for key in table.keys {
                keys += 1;
                let found = [
                    self.example(table, key),
                    self.needed(table, key),
                    self.default(table, key),
                    self.range(table, key),
                ];
                let at = |message| format!("[{}] {}: {message}", table.name, key.name);
                wrong.extend(found.into_iter().flatten().map(at));
            }
        }
        assert!(wrong.is_empty(), "{title}:\n{}", wrong.join("\n"));
        println!("{title}: {} tables, {keys} keys", self.document.tables.len());
    }

    fn parsed(&self, base: &Base) -> Result<T, Problems> {
        (self.parse)(&base.text())
    }

    /// Numbers of the base's sections of a table in which the key is there.
    fn sections(&self, table: &Table, key: &Key) -> Vec<usize> {
        let all = self.base.sections(table.name);
        all.into_iter().filter(|at| key.is_with(&self.word(table, *at))).collect()
    }

    /// The word of the table's chooser in a section of the base.
    fn word(&self, table: &Table, at: usize) -> String {
        let written = self.base.value(at, table.chooser);
        let default =
            table.keys.iter().find(|key| key.name == table.chooser).map(|key| match key.default {
                Default::Is(value) => value.to_owned(),
                Default::Needed | Default::Says(_) => String::new(),
            });
        written.or(default).unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Tables known to the parser are those documented, by the message about one that is not known.
    fn tables(&self) -> Vec<String> {
        let text = format!("zzzzzz = 1\n{}", self.base.text());
        let mut known = known_by(&(self.parse)(&text).expect_err("zzzzzz is unknown"), "zzzzzz");
        let mut documented: Vec<String> =
            self.document.tables.iter().map(|table| table.name.to_owned()).collect();
        known.sort();
        documented.sort();
        if known == documented {
            return Vec::new();
        }
        vec![format!("tables known: {known:?}, documented: {documented:?}")]
    }

    /// Keys known to the parser are those documented; one that belongs to another word of the chooser is a problem.
    fn known(&self, table: &Table) -> Vec<String> {
        let sections = self.base.sections(table.name);
        assert!(!sections.is_empty(), "the base has no [{}]", table.name);
        let mut wrong = Vec::new();
        for at in sections {
            let word = self.word(table, at);
            let with = |key: &str, value: &str| self.parsed(&self.base.with(at, key, value));
            let problems = with("zzzzzz", "1").expect_err("zzzzzz is unknown");
            let known = known_by(&problems, "zzzzzz");
            let documented = |name: &String| table.keys.iter().any(|key| key.name == name);
            for name in known.iter().filter(|name| !documented(name)) {
                wrong.push(format!("[{}] {name} is known but not documented", table.name));
            }
            for key in table.keys {
                let is_known = known.iter().any(|name| name == key.name);
                if key.is_with(&word) && !is_known {
                    wrong
                        .push(format!("[{}] {} is documented but not known", table.name, key.name));
                }
                let refused = || {
                    with(key.name, key.example).is_err_and(|problems| {
                        problems.0.iter().any(|one| one.key.ends_with(&format!(".{}", key.name)))
                    })
                };
                if !key.is_with(&word) && !refused() {
                    let name = key.name;
                    wrong.push(format!("[{}] {name} is accepted with {word:?}", table.name));
                }
            }
        }
        wrong
    }

    fn example(&self, table: &Table, key: &Key) -> Option<String> {
        let tries = self
            .sections(table, key)
            .into_iter()
            .map(|at| self.parsed(&self.base.with(at, key.name, key.example)).err());
        let refused: Option<Vec<Problems>> = tries.collect();
        refused.map(|all| format!("the example is not accepted: {all:?}"))
    }

    fn needed(&self, table: &Table, key: &Key) -> Option<String> {
        let Default::Needed = key.default else { return None };
        self.sections(table, key).into_iter().find_map(|at| {
            let without = self.parsed(&self.base.without(at, key.name));
            let missing = without.is_err_and(|problems| {
                problems.0.iter().any(|one| {
                    one.key.ends_with(&format!(".{}", key.name)) && one.message.contains("missing")
                })
            });
            (!missing).then(|| "is documented as needed, but may be left out".to_owned())
        })
    }

    fn default(&self, table: &Table, key: &Key) -> Option<String> {
        let Default::Is(value) = key.default else { return None };
        let sections = self.sections(table, key).into_iter();
        let left_out = sections.filter(|at| self.base.value(*at, key.name).is_none());
        let mut compared = 0;
        for at in left_out {
            match (self.parsed(&self.base), self.parsed(&self.base.with(at, key.name, value))) {
                (Ok(without), Ok(with)) if without == with => compared += 1,
                (_, Ok(_)) => return Some(format!("{value} is not the default")),
                (_, Err(problems)) => return Some(format!("the default is refused: {problems}")),
            }
        }
        (compared == 0).then(|| "its default was compared in no section".to_owned())
    }

    fn range(&self, table: &Table, key: &Key) -> Option<String> {
        #[allow(clippy::cast_precision_loss)] // ends of documented ranges
        let (least, most, decimals) = match key.takes {
            Takes::Number(_, least, most) => (least, most, 4),
            Takes::Whole(_, least, i64::MAX) => (Some(least as f64), None, 0),
            Takes::Whole(_, least, most) => (Some(least as f64), Some(most as f64), 0),
            Takes::Text(_) | Takes::Words(_) | Takes::Flag | Takes::Date | Takes::Other(_) => {
                return None;
            }
        };
        let at = *self.sections(table, key).first()?;
        let refused = |number: f64| {
            let value = format!("{number:.decimals$}");
            self.parsed(&self.base.with(at, key.name, &value)).is_err_and(|problems| {
                problems.0.iter().any(|one| {
                    one.key.ends_with(&format!(".{}", key.name))
                        && one.message.contains("out of range")
                })
            })
        };
        let step = if decimals == 0 { 1.0 } else { 0.0001 };
        for (end, beyond) in [(least, -step), (most, step)] {
            let Some(end) = end else { continue };
            if refused(end) {
                return Some(format!("{end} is documented, but out of range"));
            }
            if !refused(end + beyond) {
                return Some(format!(
                    "{} is beyond what is documented, but accepted",
                    end + beyond
                ));
            }
        }
        None
    }
}

/// The keys that a message about an unknown one lists.
fn known_by(problems: &Problems, unknown: &str) -> Vec<String> {
    let message = problems.0.iter().find(|one| one.key.ends_with(unknown)).map(|one| &one.message);
    let (_, list) = message.and_then(|text| text.split_once("known here are ")).expect("a list");
    list.split(", ").map(str::to_owned).collect()
}
