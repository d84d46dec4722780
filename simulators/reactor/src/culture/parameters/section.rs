//! One table of the parameter file, read key by key so that every problem is found in one go.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ParameterProblem, ParameterProblems};

/// Where problems are collected, with the text they point into.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) problems: Vec<ParameterProblem>,
}

impl Reader<'_> {
    pub(super) fn problem(&mut self, at: usize, key: String, what: String) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.problems.push(ParameterProblem { file: self.file.to_owned(), line, key, what });
    }

    pub(super) fn finish<T>(mut self, value: T) -> Result<T, ParameterProblems> {
        if self.problems.is_empty() {
            return Ok(value);
        }
        self.problems.sort_by(|one, other| (one.line, &one.key).cmp(&(other.line, &other.key)));
        Err(ParameterProblems(self.problems))
    }
}

/// A table being read; keys that nobody asked for are problems.
pub(super) struct Section<'a, 'r, 't> {
    reader: &'r mut Reader<'a>,
    name: String,
    span: Range<usize>,
    table: Option<&'t DeTable<'t>>,
    asked: Vec<&'static str>,
}

impl<'a, 'r, 't> Section<'a, 'r, 't> {
    pub(super) fn new(
        reader: &'r mut Reader<'a>,
        name: &str,
        span: Range<usize>,
        table: Option<&'t DeTable<'t>>,
    ) -> Self {
        Self { reader, name: name.to_owned(), span, table, asked: Vec::new() }
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        let found =
            self.table?.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value);
        if found.is_none() {
            self.missing(key);
        }
        found
    }

    fn missing(&mut self, key: &str) {
        let what = "is missing; add it (parameters.toml of the simulator has them all)".to_owned();
        self.reader.problem(self.span.start, format!("{}.{key}", self.name), what);
    }

    /// A number between both ends; a problem and the lower end otherwise.
    pub(super) fn number(&mut self, key: &'static str, range: (f64, f64)) -> f64 {
        let Some(value) = self.value(key) else { return range.0 };
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            DeValue::Integer(_)
            | DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        let what = match number {
            Some(number) if (range.0..=range.1).contains(&number) => return number,
            Some(number) => format!("is {number}, must be {} to {}", range.0, range.1),
            None => format!("must be a number, {} to {}", range.0, range.1),
        };
        self.reader.problem(value.span().start, format!("{}.{key}", self.name), what);
        range.0
    }

    /// Text that is not empty; a problem and an empty text otherwise.
    pub(super) fn text(&mut self, key: &'static str) -> String {
        let Some(value) = self.value(key) else { return String::new() };
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => text.to_owned(),
            Some(_) | None => {
                let what = "must be a text that is not empty".to_owned();
                self.reader.problem(value.span().start, format!("{}.{key}", self.name), what);
                String::new()
            }
        }
    }

    /// True or false; a problem and false otherwise.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        let Some(value) = self.value(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            let what = "must be true or false".to_owned();
            self.reader.problem(value.span().start, format!("{}.{key}", self.name), what);
            false
        })
    }

    /// Complains about keys that nobody asked for.
    pub(super) fn end(self) {
        let unknown = self
            .table
            .into_iter()
            .flatten()
            .filter(|(name, _)| !self.asked.iter().any(|key| name.get_ref() == key));
        for (name, _) in unknown {
            let key = format!("{}.{}", self.name, name.get_ref());
            let what = format!("is not known; known are {}", self.asked.join(", "));
            self.reader.problem(name.span().start, key, what);
        }
    }
}
