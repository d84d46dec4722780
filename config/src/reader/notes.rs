//! The notebook of one reading: line index, problems found, lines of keys seen.

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::de::DeTable;

use super::Section;
use crate::{Lines, Problem, Problems};

/// Largest text that is read. A profile of 1000 parameters has about 200 KiB; beyond this it is no
/// configuration, and a problem says so.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Most problems that are kept of one text; what is beyond is counted in a last one.
pub(super) const MAX_PROBLEMS: usize = 200;

/// Collects what a reading finds.
pub(crate) struct Notes<'f> {
    file: &'f str,
    line_starts: Vec<usize>,
    found: RefCell<Found>,
}

#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    left_out: usize,
    lines: BTreeMap<String, usize>,
}

impl<'f> Notes<'f> {
    fn new(file: &'f str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { file, line_starts, found: RefCell::default() }
    }

    /// The line, counted from 1, of a byte of the text.
    pub(crate) fn line_at(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte)
    }

    pub(crate) fn saw(&self, key: &str, line: usize) {
        self.found.borrow_mut().lines.insert(key.to_owned(), line);
    }

    pub(crate) fn problem(&self, line: usize, key: &str, message: impl Into<String>) {
        let mut found = self.found.borrow_mut();
        if found.problems.len() < MAX_PROBLEMS {
            found.problems.push(Problem {
                file: self.file.to_owned(),
                line,
                key: key.to_owned(),
                message: message.into(),
            });
        } else {
            found.left_out += 1;
        }
    }

    /// True while nothing is wrong.
    fn is_clean(&self) -> bool {
        self.found.borrow().problems.is_empty()
    }

    fn finish<T>(self, model: Option<T>) -> Result<(T, Lines), Problems> {
        if let (Some(model), true) = (model, self.is_clean()) {
            return Ok((model, Lines::new(self.found.into_inner().lines)));
        }
        if self.is_clean() {
            // Every getter notes why it gave nothing; should one not, the file is still refused.
            self.problem(1, "", "this file cannot be understood");
        }
        let Found { mut problems, left_out, .. } = self.found.into_inner();
        problems.sort_by_key(|problem| problem.line);
        if left_out > 0 {
            problems.push(Problem {
                file: self.file.to_owned(),
                line: problems.last().map_or(1, |last| last.line),
                key: String::new(),
                message: format!("and {left_out} more problems; mend these first"),
            });
        }
        Err(Problems(problems))
    }
}

/// Reads `text` as TOML and hands its root to `build`; gives what `build` made, or every problem noted.
///
/// # Errors
/// Broken TOML (its first place), a text above [`MAX_BYTES`], or whatever `build` noted.
pub(crate) fn read<T>(
    file: &str,
    text: &str,
    build: impl FnOnce(&Section<'_>) -> Option<T>,
) -> Result<(T, Lines), Problems> {
    let notes = Notes::new(file, text);
    if text.len() > MAX_BYTES {
        let mib = MAX_BYTES >> 20;
        notes.problem(
            1,
            "",
            format!("the text is longer than {mib} MiB: this is no configuration"),
        );
        return notes.finish(None);
    }
    let model = match DeTable::parse(text) {
        Ok(root) => {
            let root = Section::root(&notes, root.get_ref());
            let model = build(&root);
            root.finish();
            model
        }
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let at = match text.get(span.clone()).map(str::trim) {
                Some(at) if (1..=40).contains(&at.len()) => format!(", at {at:?}"),
                Some(_) | None => String::new(),
            };
            let line = notes.line_at(span.start.min(text.len()));
            let said = error.message();
            notes.problem(line, "", format!("the text is not TOML from here on: {said}{at}"));
            None
        }
    };
    notes.finish(model)
}
