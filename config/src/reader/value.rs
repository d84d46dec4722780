//! One value of a file, to be read as what it should be.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use cellwatch_model::Utc;
use toml::Spanned;
use toml::de::DeValue;

use super::notes::Notes;

/// Most entries of one array.
const MAX_ITEMS: usize = 1000;

/// A value with its place. Every reading gives `None` only after noting a problem.
pub(crate) struct Value<'a> {
    notes: &'a Notes<'a>,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
    line: usize,
}

/// An enumeration that is written as a word.
pub(crate) trait Word: Copy + 'static {
    /// Every word with its meaning.
    const WORDS: &'static [(&'static str, Self)];
}

impl<'a> Value<'a> {
    pub(super) fn new(notes: &'a Notes<'a>, value: &'a Spanned<DeValue<'a>>, path: String) -> Self {
        let line = notes.line_at(value.span().start);
        notes.saw(&path, line);
        Self { notes, value, path, line }
    }

    pub(super) const fn raw(&self) -> &'a Spanned<DeValue<'a>> {
        self.value
    }

    /// Notes a problem of this value; gives `None`, so that a check can end with it.
    pub(crate) fn problem<T>(&self, message: impl Into<String>) -> Option<T> {
        self.notes.problem(self.line, &self.path, message);
        None
    }

    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        let is = self.value.get_ref().type_str();
        self.problem(format!("must be {wanted}, not a TOML {is}"))
    }

    /// Text as it is, which may be empty.
    pub(crate) fn any_text(&self) -> Option<&'a str> {
        match self.value.get_ref().as_str() {
            Some(text) => Some(text),
            None => self.wrong_type("a text in quotes"),
        }
    }

    /// Text with something in it.
    pub(crate) fn text(&self) -> Option<String> {
        let text = self.any_text()?;
        if text.trim().is_empty() {
            return self.problem("is empty: write something that helps the reader");
        }
        Some(text.to_owned())
    }

    /// A name that `fits`, which the message describes as `pattern`.
    pub(crate) fn name(&self, pattern: &str, fits: impl FnOnce(&str) -> bool) -> Option<String> {
        let text = self.any_text()?;
        if !fits(text) {
            return self.problem(format!("{text:?} does not fit: use {pattern}"));
        }
        Some(text.to_owned())
    }

    /// A path of a file or folder.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        let text = self.any_text()?;
        if text.is_empty() || text.contains('\0') {
            return self.problem("is no path of a file or folder: name one");
        }
        Some(PathBuf::from(text))
    }

    /// One of a list of words.
    pub(crate) fn word<T: Word>(&self) -> Option<T> {
        let text = self.any_text()?;
        if let Some((_, meaning)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known: Vec<String> = T::WORDS.iter().map(|(word, _)| format!("{word:?}")).collect();
        self.problem(format!("{text:?} is not known: use {}", known.join(", ")))
    }

    /// Text that a type of the model understands.
    pub(crate) fn parsed<T: std::str::FromStr<Err: Display>>(&self) -> Option<T> {
        match self.any_text()?.parse() {
            Ok(value) => Some(value),
            Err(error) => self.problem(error.to_string()),
        }
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.value.get_ref().as_bool() {
            Some(flag) => Some(flag),
            None => self.wrong_type("true or false"),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn integer<T: TryFrom<i64>>(&self, range: RangeInclusive<i64>) -> Option<T> {
        let number = self.any_integer()?;
        match T::try_from(number) {
            Ok(fits) if range.contains(&number) => Some(fits),
            _ => self.problem(format!(
                "{number} is out of range: use {} to {}",
                range.start(),
                range.end()
            )),
        }
    }

    /// A whole number.
    pub(crate) fn any_integer(&self) -> Option<i64> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return self.wrong_type("a whole number");
        };
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Some(number),
            Err(_) => self.problem("has too many digits: no whole number here is that large"),
        }
    }

    /// A finite number; whole ones may be written without a point.
    pub(crate) fn number(&self) -> Option<f64> {
        let number = match self.value.get_ref() {
            #[allow(clippy::cast_precision_loss)] // limits and scales lie far below 2^53
            DeValue::Integer(_) => self.any_integer()? as f64,
            DeValue::Float(float) => match float.as_str().parse() {
                Ok(number) => number,
                Err(_) => return self.wrong_type("a number"),
            },
            DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => return self.wrong_type("a number"),
        };
        if number.is_finite() {
            return Some(number);
        }
        self.problem("must be a finite number")
    }

    /// A number within `range`; one that ends at `f64::MAX` has no upper end.
    pub(crate) fn number_in(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let number = self.number()?;
        if range.contains(&number) {
            return Some(number);
        }
        let (least, most) = (*range.start(), *range.end());
        if most >= f64::MAX {
            return self.problem(format!("{number} is out of range: use {least} or more"));
        }
        self.problem(format!("{number} is out of range: use {least} to {most}"))
    }

    /// A duration written in a unit of `unit_ms` milliseconds, within `range` of that unit; in whole milliseconds.
    pub(crate) fn duration_ms(&self, unit_ms: u32, range: RangeInclusive<f64>) -> Option<u64> {
        let milliseconds = (self.number_in(range)? * f64::from(unit_ms)).round();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // every range used begins at 0 or above and ends below 2^53 ms
        Some(milliseconds as u64)
    }

    /// `[low, high]` with low < high.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let items = self.items()?;
        let [low, high] = items.as_slice() else {
            return self.problem("must hold two numbers: [low, high]");
        };
        let (low, high) = (low.number(), high.number());
        let (low, high) = (low?, high?);
        if low < high {
            return Some((low, high));
        }
        self.problem(format!(
            "the low end {low} must be below the high end {high}: swap or mend them"
        ))
    }

    /// The elements of an array.
    pub(crate) fn items(&self) -> Option<Vec<Value<'a>>> {
        let DeValue::Array(items) = self.value.get_ref() else {
            return self.wrong_type("an array in brackets");
        };
        if items.len() > MAX_ITEMS {
            return self.problem(format!("holds more than {MAX_ITEMS} entries: shorten it"));
        }
        let path = |index: usize| format!("{}[{}]", self.path, index + 1);
        let values = items.iter().enumerate();
        Some(values.map(|(index, item)| Value::new(self.notes, item, path(index))).collect())
    }

    /// A list without repetitions. Every element is read before one that is wrong makes it `None`.
    pub(crate) fn set<T: PartialEq>(
        &self,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items()?;
        let mut set: Vec<T> = Vec::new();
        let mut whole = true;
        for item in &items {
            match read(item) {
                Some(value) if set.contains(&value) => {
                    whole = false;
                    let _: Option<T> = item.problem("is in the list twice: remove one");
                }
                Some(value) => set.push(value),
                None => whole = false,
            }
        }
        whole.then_some(set)
    }

    /// A date and time with an offset.
    pub(crate) fn utc(&self) -> Option<Utc> {
        let DeValue::Datetime(datetime) = self.value.get_ref() else {
            return self.wrong_type("a date and time such as 2026-03-01T00:00:00+01:00");
        };
        let (Some(date), Some(time), Some(offset)) =
            (datetime.date, datetime.time, datetime.offset)
        else {
            return self.problem(format!(
                "{datetime} has no date, time or offset from UTC: write all three, such as 2026-03-01T00:00:00+01:00"
            ));
        };
        let seconds = match offset {
            toml::value::Offset::Z => 0,
            toml::value::Offset::Custom { minutes } => i32::from(minutes) * 60,
        };
        match to_utc(date, time, seconds) {
            Some(utc) => Some(utc),
            None => {
                self.problem(format!("{datetime} is no moment between the years 1678 and 2262"))
            }
        }
    }
}

fn to_utc(date: toml::value::Date, time: toml::value::Time, offset_s: i32) -> Option<Utc> {
    let civil = jiff::civil::DateTime::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
        i8::try_from(time.hour).ok()?,
        i8::try_from(time.minute).ok()?,
        i8::try_from(time.second.unwrap_or(0)).ok()?,
        i32::try_from(time.nanosecond.unwrap_or(0)).ok()?,
    );
    let offset = jiff::tz::Offset::from_seconds(offset_s).ok()?;
    let timestamp = offset.to_timestamp(civil.ok()?).ok()?;
    i64::try_from(timestamp.as_nanosecond()).ok().map(Utc)
}
