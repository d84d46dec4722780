//! Batch ids carry no patient data.
//!
//! Records leave the site, are kept for decades and cannot be changed: a patient's name or birth date in a batch
//! id would stand in each of them (GDPR article 5(1)(c), data minimisation; architecture: people are named,
//! patients never). An id of the site's own numbering leads to the patient only where the site keeps that list.
//! What looks like a name or a date is refused before anything is recorded.

/// Longest batch id.
const LONGEST: usize = 64;

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
    let parts: Vec<&str> = id.split(|one: char| !one.is_alphanumeric()).collect();
    let words = parts.iter().filter(|part| is_name_like(part)).count();
    if words >= 2 || !id.chars().any(|one| one.is_ascii_digit()) {
        return looks("a person's name");
    }
    if parts.windows(3).any(is_date) || parts.iter().any(|part| is_compact_date(part)) {
        return looks("a date, perhaps of birth");
    }
    let may_stand = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
    if !id.chars().all(may_stand) {
        return Err("a batch id holds letters, digits, '-', '_' and '.' only".to_owned());
    }
    Ok(())
}

/// `yyyymmdd-hhmm`.
fn is_minute(text: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|one| one.is_ascii_digit());
    text.split_once('-').is_some_and(|(day, minute)| digits(day, 8) && digits(minute, 4))
}

/// A word such as `Anna` or `mueller`: at least three letters, not an abbreviation in capitals.
fn is_name_like(word: &str) -> bool {
    let rest = || word.chars().skip(1);
    word.chars().count() >= 3
        && word.chars().all(char::is_alphabetic)
        && rest().all(char::is_lowercase)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u16| (1900..2100).contains(&year))
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
    let short_year = third.len() == 2 && third.bytes().all(|one| one.is_ascii_digit());
    (is_year(first) && day_and_month(second, third))
        || (day_and_month(first, second) && (is_year(third) || short_year))
}

/// `yyyymmdd` or `ddmmyyyy`.
fn is_compact_date(text: &str) -> bool {
    if text.len() != 8 || !text.bytes().all(|one| one.is_ascii_digit()) {
        return false;
    }
    is_date(&[&text[..4], &text[4..6], &text[6..]])
        || is_date(&[&text[..2], &text[2..4], &text[4..]])
}
