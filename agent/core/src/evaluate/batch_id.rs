//! Batch ids carry no patient data.
//!
//! Records leave the site, are kept for decades and cannot be changed: a patient's name or birth date in a batch
//! id would stand in each of them (GDPR article 5(1)(c), data minimisation; architecture: people are named,
//! patients never). An id of the site's own numbering leads to the patient only where the site keeps that list.
//! What looks like a name or a date is refused before anything is recorded.
//!
//! One word with a number may be a name or a product; nobody can tell, and it passes. So does a year from 2020 on, in
//! which batches are made.

/// Longest batch id.
const LONGEST: usize = 64;

/// From so many letters on a word may be a name, however it is written; below, capitals are an abbreviation.
const NAME_LETTERS: usize = 4;

/// Words that stand in batch ids and are nobody's name, in lower case. Those of the unit's own id are none either.
const OF_THE_TRADE: [&str; 28] = [
    "aseptic",
    "batch",
    "bcell",
    "blood",
    "cart",
    "cell",
    "cells",
    "charge",
    "culture",
    "demo",
    "dose",
    "engineering",
    "expansion",
    "fill",
    "harvest",
    "incubator",
    "media",
    "nkcell",
    "pilot",
    "process",
    "product",
    "reactor",
    "run",
    "seed",
    "tcell",
    "test",
    "train",
    "validation",
];

/// Whether `id` may be a batch id at `unit`. The agent's own form, unit and UTC minute, always may.
///
/// # Errors
/// Why not, in words that do not repeat the id.
pub fn check_batch_id(unit: &str, id: &str) -> Result<(), String> {
    let own = id.strip_prefix(unit).and_then(|rest| rest.strip_prefix('-'));
    if own.is_some_and(is_minute) {
        return Ok(());
    }
    let looks = |like: &str| {
        Err(format!(
            "it looks like {like}: a batch id must not identify a patient; use a number of the site's own list, such as LOT-0042"
        ))
    };
    if id.is_empty() || id.len() > LONGEST {
        return Err(format!("a batch id has 1 to {LONGEST} characters"));
    }
    let runs = runs(id);
    let of_unit: Vec<String> = self::runs(unit).iter().map(|run| run.text.to_lowercase()).collect();
    let is_name = |run: &Run<'_>| {
        let word = run.text.to_lowercase();
        is_name_like(run.text) && !OF_THE_TRADE.contains(&word.as_str()) && !of_unit.contains(&word)
    };
    let names: Vec<usize> = (0..runs.len()).filter(|at| is_name(&runs[*at])).collect();
    if names.len() >= 2 || !id.chars().any(|one| one.is_ascii_digit()) {
        return looks("a person's name");
    }
    let parts: Vec<&str> = id.split(|one: char| !one.is_alphanumeric()).collect();
    if parts.windows(3).any(is_date) || runs.iter().any(|run| is_compact_date(run.text)) {
        return looks("a date, perhaps of birth");
    }
    let is_birth = |run: &Run<'_>| is_birth_year(run.text) || is_short_date(run.text);
    // As in Mueller61.
    let is_year_of = |name: &usize| {
        let next = runs.get(name + 1);
        next.is_some_and(|run| run.follows_a_letter && run.text.len() == 2 && is_digits(run.text))
    };
    if !names.is_empty() && (runs.iter().any(is_birth) || names.iter().any(is_year_of)) {
        return looks("a person's name with a date of birth");
    }
    let may_stand = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
    if !id.chars().all(may_stand) {
        return Err("a batch id holds letters, digits, '-', '_' and '.' only".to_owned());
    }
    Ok(())
}

/// Letters or digits that stand together.
#[derive(Debug)]
struct Run<'a> {
    text: &'a str,
    /// Nothing separates it from a word before it.
    follows_a_letter: bool,
}

/// The words and numbers of an id; `AnnaMueller61` has three.
fn runs(id: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut begin: Option<(usize, char)> = None;
    let mut before = ' ';
    let mut follows_a_letter = false;
    for (at, one) in id.char_indices().chain([(id.len(), ' ')]) {
        let is_new_word = before.is_lowercase() && one.is_uppercase();
        let goes_on = begin.is_some_and(|(_, first)| {
            one.is_alphanumeric() && first.is_alphabetic() == one.is_alphabetic() && !is_new_word
        });
        if !goes_on {
            if let Some((from, _)) = begin.take() {
                runs.push(Run { text: &id[from..at], follows_a_letter });
            }
            if one.is_alphanumeric() {
                begin = Some((at, one));
                follows_a_letter = before.is_alphabetic();
            }
        }
        before = one;
    }
    runs
}

/// `yyyymmdd-hhmm`.
fn is_minute(text: &str) -> bool {
    let digits = |text: &str, count| text.len() == count && is_digits(text);
    text.split_once('-').is_some_and(|(day, minute)| digits(day, 8) && digits(minute, 4))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|one| one.is_ascii_digit())
}

/// A word such as `Anna`, `mueller` or `MUELLER`; of three letters not an abbreviation in capitals.
fn is_name_like(word: &str) -> bool {
    let letters = word.chars().count();
    word.chars().all(char::is_alphabetic)
        && (letters >= NAME_LETTERS
            || (letters == 3 && word.chars().skip(1).all(char::is_lowercase)))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u16| (1900..2100).contains(&year))
}

/// A year in which no batch was made by this agent.
fn is_birth_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u16| (1900..2020).contains(&year))
}

fn is_at_most(text: &str, most: u8) -> bool {
    text.len() <= 2 && text.parse().is_ok_and(|number: u8| (1..=most).contains(&number))
}

/// Day, month and year in any usual order, the year with two digits at the end only.
fn is_date(parts: &[&str]) -> bool {
    let [first, second, third] = parts else { return false };
    let day_and_month = |a: &str, b: &str| {
        (is_at_most(a, 31) && is_at_most(b, 12)) || (is_at_most(a, 12) && is_at_most(b, 31))
    };
    let short_year = third.len() == 2 && is_digits(third);
    (is_year(first) && day_and_month(second, third))
        || (day_and_month(first, second) && (is_year(third) || short_year))
}

/// `yyyymmdd` or `ddmmyyyy`.
fn is_compact_date(text: &str) -> bool {
    if text.len() != 8 || !is_digits(text) {
        return false;
    }
    is_date(&[&text[..4], &text[4..6], &text[6..]])
        || is_date(&[&text[..2], &text[2..4], &text[4..]])
}

/// `ddmmyy`, `mmddyy` or `yymmdd`.
fn is_short_date(text: &str) -> bool {
    if text.len() != 6 || !is_digits(text) {
        return false;
    }
    let (first, second, third) = (&text[..2], &text[2..4], &text[4..]);
    is_date(&[first, second, third]) || is_date(&[third, second, first])
}
