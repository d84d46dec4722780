//! One table of a file, with the path to it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::notes::Notes;
use super::suggest::nearest;
use super::value::Value;

/// A table that is being read. Keys that nobody asked for are unknown ones: [`Section::finish`] says so.
pub(crate) struct Section<'a> {
    notes: &'a Notes<'a>,
    /// `None` for an optional table that was left out: every key of it is absent.
    table: Option<&'a DeTable<'a>>,
    path: String,
    line: usize,
    known: RefCell<BTreeSet<&'static str>>,
    /// Keys that are none here, and of which that was said already.
    refused: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    pub(super) fn root(notes: &'a Notes<'a>, table: &'a DeTable<'a>) -> Self {
        Self::new(notes, Some(table), String::new(), 1)
    }

    fn new(
        notes: &'a Notes<'a>,
        table: Option<&'a DeTable<'a>>,
        path: String,
        line: usize,
    ) -> Self {
        notes.saw(&path, line);
        let (known, refused) = (RefCell::default(), RefCell::default());
        Self { notes, table, path, line, known, refused }
    }

    /// The key of a problem in this table.
    pub(crate) fn path_of(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (false, true) => self.path.clone(),
            (false, false) => format!("{}.{key}", self.path),
        }
    }

    fn line_of(&self, key: &str) -> usize {
        let value = self.table.and_then(|table| table.get(key));
        value.map_or(self.line, |value| self.notes.line_at(value.span().start))
    }

    /// Notes a problem at `key`, or at the table itself for an empty key or one that was left out.
    pub(crate) fn problem(&self, key: &str, message: impl Into<String>) {
        self.notes.problem(self.line_of(key), &self.path_of(key), message);
    }

    /// Notes a problem at an entry, counted from 0, of the array at `key`.
    pub(crate) fn problem_in(&self, key: &str, index: usize, message: impl Into<String>) {
        let array = self.table.and_then(|table| table.get(key));
        let entry = array.and_then(|array| array.get_ref().get(index));
        let line = entry.map_or(self.line, |entry| self.notes.line_at(entry.span().start));
        self.notes.problem(line, &format!("{}[{}]", self.path_of(key), index + 1), message);
    }

    /// The line where this table begins.
    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.known.borrow_mut().insert(key);
        let value = self.table?.get(key)?;
        Some(Value::new(self.notes, value, self.path_of(key)))
    }

    /// A key that is none here, of which somebody may well think that it is: said in words of its own. True where it stands there.
    pub(crate) fn refuses(&self, key: &'static str, message: &str) -> bool {
        let is_there = self.table.is_some_and(|table| table.get(key).is_some());
        if is_there {
            self.refused.borrow_mut().insert(key);
            self.problem(key, message);
        }
        is_there
    }

    /// A key that must be there.
    pub(crate) fn must<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Value<'a>) -> Option<T>,
    ) -> Option<T> {
        if let Some(value) = self.value(key) {
            return read(&value);
        }
        self.problem(key, "is missing: add it to this table");
        None
    }

    /// A key that may be left out.
    pub(crate) fn or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Value<'a>) -> Option<T>,
    ) -> Option<T> {
        self.value(key).map_or(Some(default), |value| read(&value))
    }

    /// A key that may be left out and has no default.
    #[expect(clippy::option_option, reason = "outer: readable; inner: written at all")]
    pub(crate) fn maybe<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        self.value(key).map_or(Some(None), |value| read(&value).map(Some))
    }

    /// `[name]`, which must be there.
    pub(crate) fn table(&self, name: &'static str) -> Option<Section<'a>> {
        if let Some(value) = self.value(name) {
            return self.table_of(name, value.raw());
        }
        self.problem(name, format!("the table [{name}] is missing: add it"));
        None
    }

    /// `[name]`, which may be left out: its keys then have their defaults.
    pub(crate) fn table_or_empty(&self, name: &'static str) -> Option<Section<'a>> {
        match self.value(name) {
            Some(value) => self.table_of(name, value.raw()),
            None => Some(Section::new(self.notes, None, self.path_of(name), self.line)),
        }
    }

    /// `[name]`, which may be left out; the outer `None` where it is wrong.
    #[expect(clippy::option_option, reason = "wrong and left out are two things")]
    pub(crate) fn maybe_table<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Section<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.value(name) {
            Some(value) => read(&self.table_of(name, value.raw())?).map(Some),
            None => Some(None),
        }
    }

    fn table_of(&self, name: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Section<'a>> {
        if let DeValue::Table(table) = value.get_ref() {
            let line = self.notes.line_at(value.span().start);
            return Some(Section::new(self.notes, Some(table), self.path_of(name), line));
        }
        let is = value.get_ref().type_str();
        self.problem(name, format!("is a TOML {is}: write it as a table, [{name}]"));
        None
    }

    /// Every `[[name]]`, in the order of the file. Each is called by its `id_key` in paths (`alarm[TEMP.HH]`), or
    /// by its number, counted from 1, where it has no usable one. An id used twice is a problem.
    pub(crate) fn tables(&self, name: &'static str, id_key: &str) -> Vec<Section<'a>> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.raw().get_ref() else {
            let is = value.raw().get_ref().type_str();
            self.problem(name, format!("is a TOML {is}: write it as tables, [[{name}]]"));
            return Vec::new();
        };
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let line = self.notes.line_at(item.span().start);
            let numbered = format!("{}[{}]", self.path_of(name), index + 1);
            let DeValue::Table(table) = item.get_ref() else {
                let is = item.get_ref().type_str();
                let message = format!("is a TOML {is}: write it as a table, [[{name}]]");
                self.notes.problem(line, &numbered, message);
                continue;
            };
            let id = table.get(id_key).and_then(|id| id.get_ref().as_str());
            let path = match id {
                Some(id) if first.contains_key(id) => {
                    let section = Section::new(self.notes, Some(table), numbered, line);
                    let before = first.get(id).copied().unwrap_or(line);
                    section.problem(
                        id_key,
                        format!(
                            "{id:?} is used before, in line {before}: give each [[{name}]] its own"
                        ),
                    );
                    sections.push(section);
                    continue;
                }
                Some(id) => {
                    first.insert(id, line);
                    let fit = !id.is_empty() && id.len() <= 64 && id.bytes().all(fits_a_path);
                    if fit { format!("{}[{id}]", self.path_of(name)) } else { numbered }
                }
                None => numbered,
            };
            sections.push(Section::new(self.notes, Some(table), path, line));
        }
        sections
    }

    /// Every key and value of a table that is itself a list of names.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Value<'a>)> {
        let entries = self.table.into_iter().flat_map(DeTable::iter);
        entries
            .map(|(key, value)| {
                let key: &'a str = key.get_ref();
                let shown = if key.len() <= 64 && key.bytes().all(fits_a_path) { key } else { "?" };
                (key, Value::new(self.notes, value, self.path_of(shown)))
            })
            .collect()
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.table.into_iter().flat_map(DeTable::iter) {
            let name: &str = key.get_ref();
            if known.contains(name) || self.refused.borrow().contains(name) {
                continue;
            }
            let mend = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => {
                    let known: Vec<&str> = known.iter().copied().collect();
                    format!("known here are {}", known.join(", "))
                }
            };
            let line = self.notes.line_at(key.span().start);
            let shown = if name.len() <= 64 && name.bytes().all(fits_a_path) { name } else { "?" };
            let message = format!("{name:?} is not a key that is known here: {mend}");
            self.notes.problem(line, &self.path_of(shown), message);
        }
    }
}

/// Bytes that keep a path readable on one line.
const fn fits_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}
