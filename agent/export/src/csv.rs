//! CSV (RFC 4180) that no spreadsheet takes for formulas.

use std::io::{self, Write};

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// Somebody's words: a name, a comment, an id.
    Text(String),
    /// Made by us: a number, a time, a hash, a word of the format.
    Plain(String),
    /// Nothing.
    Empty,
}

impl Cell {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn plain(value: impl ToString) -> Self {
        Self::Plain(value.to_string())
    }

    pub(crate) fn maybe_text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    pub(crate) fn maybe(value: Option<impl ToString>) -> Self {
        value.map_or(Self::Empty, Self::plain)
    }
}

/// Beginnings that spreadsheets take for formulas (OWASP, CSV Injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a line. Words that would begin a formula begin with an apostrophe instead; the JSON lines have them as they are.
pub(crate) fn write_line(out: &mut impl Write, cells: &[Cell]) -> io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Empty => {}
            Cell::Plain(text) => write_field(out, "", text)?,
            Cell::Text(text) => {
                let guard = if text.starts_with(FORMULA) { "'" } else { "" };
                write_field(out, guard, text)?;
            }
        }
    }
    out.write_all(b"\r\n")
}

fn write_field(out: &mut impl Write, guard: &str, text: &str) -> io::Result<()> {
    let quoted = guard.len() + text.len() > 0 && text.contains([',', '"', '\r', '\n', '\t', '\'']);
    if quoted || !guard.is_empty() {
        write!(out, "\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
