//! Percentiles by nearest rank: always a value that was measured.

/// The smallest value that `percent` (0 to 100) of all do not exceed; `None` of nothing.
#[must_use]
pub fn percentile(values: &[f64], percent: u8) -> Option<f64> {
    let mut ascending = values.to_vec();
    ascending.sort_by(f64::total_cmp);
    let rank = (ascending.len() * usize::from(percent)).div_ceil(100);
    ascending.get(rank.saturating_sub(1)).copied()
}
