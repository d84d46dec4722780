//! The reference as Markdown.

use std::fmt::{self, Write as _};

use super::{Default, Document, Key, Repeat, Table, Takes};

/// The reference of a kind of file.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write!(page, "{document}");
    page
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}\n\n{}\n", self.title, self.says)?;
        writeln!(
            f,
            "Printed from the tables in `config/src/reference`, which a test holds against the parsers."
        )?;
        self.tables.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (heading, often) = match self.repeat {
            Repeat::Once => (format!("[{}]", self.name), "Needed."),
            Repeat::AtMostOnce => (format!("[{}]", self.name), "May be left out."),
            Repeat::AtLeastOnce => (format!("[[{}]]", self.name), "At least one."),
            Repeat::AnyTimes => (format!("[[{}]]", self.name), "As many as wanted."),
        };
        writeln!(f, "## `{heading}`\n\n{} {often}\n", self.says)?;
        writeln!(f, "| key | takes | default | example | meaning |\n|---|---|---|---|---|")?;
        for key in self.keys {
            self.row(f, key)?;
        }
        Ok(())
    }
}

impl Table {
    fn row(&self, f: &mut fmt::Formatter<'_>, key: &Key) -> fmt::Result {
        let with: Vec<String> = key.only.iter().map(|word| format!("`{word}`")).collect();
        let with = match with.as_slice() {
            [] => String::new(),
            words => format!("Only with {} = {}. ", self.chooser, words.join(", ")),
        };
        let default = match key.default {
            Default::Needed => "needed".to_owned(),
            Default::Is(value) => format!("`{value}`"),
            Default::Says(words) => words.to_owned(),
        };
        writeln!(
            f,
            "| `{}` | {} | {} | `{}` | {with}{} |",
            key.name,
            cell(&key.takes.to_string()),
            cell(&default),
            cell(key.example),
            cell(key.says)
        )
    }
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(what) => write!(f, "text: {what}"),
            Self::Words(words) => {
                let words: Vec<String> = words().iter().map(|word| format!("`{word}`")).collect();
                f.write_str(&words.join(", "))
            }
            Self::Flag => f.write_str("`true`, `false`"),
            Self::Number(unit, least, most) => {
                write!(f, "number, {unit}")?;
                match (least, most) {
                    (Some(least), Some(most)) => write!(f, ", {least} to {most}"),
                    (Some(least), None) => write!(f, ", from {least}"),
                    (None, Some(most)) => write!(f, ", up to {most}"),
                    (None, None) => Ok(()),
                }
            }
            Self::Whole(unit, least, i64::MAX) => write!(f, "whole number, {unit}, from {least}"),
            Self::Whole(unit, least, most) => write!(f, "whole number, {unit}, {least} to {most}"),
            Self::Date => f.write_str("date and time with offset"),
            Self::Other(what) => f.write_str(what),
        }
    }
}
