//! One key and what it takes.

/// A kind of file.
pub struct Document {
    /// Title of its reference.
    pub title: &'static str,
    /// What the file is, for people.
    pub says: &'static str,
    /// Its tables in the order in which they are explained.
    pub tables: &'static [Table],
}

/// A table of a file.
pub struct Table {
    /// Name, such as `alarm`.
    pub name: &'static str,
    /// How often it is there.
    pub repeat: Repeat,
    /// What it is, for people.
    pub says: &'static str,
    /// The key whose word decides which other keys there are; empty where none does.
    pub chooser: &'static str,
    /// Its keys in the order in which they are explained.
    pub keys: &'static [Key],
}

/// How often a table is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// `[name]`, needed.
    Once,
    /// `[name]`, may be left out.
    AtMostOnce,
    /// `[[name]]`, at least one.
    AtLeastOnce,
    /// `[[name]]`, as many as wanted.
    AnyTimes,
}

/// A key.
pub struct Key {
    /// Name, such as `on_delay_s`.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What holds where it is left out.
    pub default: Default,
    /// A value as it is written.
    pub example: &'static str,
    /// What it means.
    pub says: &'static str,
    /// The words of the table's chooser with which it is there; empty means all.
    pub only: &'static [&'static str],
}

/// What a key takes.
pub enum Takes {
    /// Text in quotes, described in a word or two.
    Text(&'static str),
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// A number: unit, least and most where there are any.
    Number(&'static str, Option<f64>, Option<f64>),
    /// A whole number: unit, least and most.
    Whole(&'static str, i64, i64),
    /// Date and time with offset from UTC.
    Date,
    /// Anything else, described.
    Other(&'static str),
}

/// What holds where a key is left out.
pub enum Default {
    /// Nothing: it is needed.
    Needed,
    /// This value: writing it changes nothing.
    Is(&'static str),
    /// What is said here.
    Says(&'static str),
}

impl Key {
    pub(super) const fn new(
        name: &'static str,
        takes: Takes,
        default: Default,
        example: &'static str,
        says: &'static str,
    ) -> Self {
        Self { name, takes, default, example, says, only: &[] }
    }

    pub(super) const fn only(self, words: &'static [&'static str]) -> Self {
        Self { only: words, ..self }
    }

    /// True where the key is there with this word of the table's chooser.
    #[must_use]
    pub fn is_with(&self, word: &str) -> bool {
        self.only.is_empty() || self.only.contains(&word)
    }
}

/// The words of an enumeration.
pub(super) fn words<T: crate::reader::Word>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(word, _)| *word).collect()
}

/// The symbols of the units of measure.
pub(super) fn units() -> Vec<&'static str> {
    cellwatch_model::UnitOfMeasure::ALL.iter().map(|unit| unit.symbol()).collect()
}
