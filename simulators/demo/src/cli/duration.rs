//! Durations as people write them: `90s`, `5m`, `1h30m`.

use std::time::Duration;

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number is missing or has no unit after it.
    #[error("write a time as 90s, 5m or 1h30m")]
    Form,
    /// More than a year.
    #[error("a year is the longest")]
    TooLong,
}

const YEAR_S: u64 = 366 * 24 * 3600;

/// Reads a duration: whole numbers, each with its unit h, m or s, the greater unit first.
///
/// # Errors
/// Another form, or longer than a year.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut seconds: u64 = 0;
    let mut last = u64::MAX;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Form);
    }
    while !rest.is_empty() {
        let end = rest.find(|sign: char| !sign.is_ascii_digit()).ok_or(DurationError::Form)?;
        let (number, after) = rest.split_at(end);
        if number.is_empty() {
            return Err(DurationError::Form);
        }
        let number: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
        let (unit_s, after) = match after.split_at_checked(1) {
            Some(("h", after)) => (3600, after),
            Some(("m", after)) => (60, after),
            Some(("s", after)) => (1, after),
            _ => return Err(DurationError::Form),
        };
        if unit_s >= last {
            return Err(DurationError::Form);
        }
        last = unit_s;
        seconds = number
            .checked_mul(unit_s)
            .and_then(|more| seconds.checked_add(more))
            .filter(|&seconds| seconds <= YEAR_S)
            .ok_or(DurationError::TooLong)?;
        rest = after;
    }
    Ok(Duration::from_secs(seconds))
}
