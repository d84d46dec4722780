//! When the disk will be full, at the rate of the last hours.

use std::collections::VecDeque;

use cellwatch_core::door::DiskState;
use cellwatch_model::Mono;

/// Free space is remembered this often, milliseconds.
const REMEMBER_EVERY_MS: u64 = 600_000;
/// So many times: six hours with both of their ends. Older ones are dropped.
const REMEMBERED_MAX: usize = 37;
/// Over less than this, a rate says nothing, milliseconds.
const RATE_OVER_MS: u64 = 3_600_000;

/// Free space of the last hours.
#[derive(Debug, Default)]
pub(super) struct Filling {
    remembered: VecDeque<(Mono, u64)>,
}

impl Filling {
    /// So many bytes are free now.
    pub(super) fn looked(&mut self, at: Mono, free_bytes: u64) -> DiskState {
        if self.remembered.back().is_none_or(|(last, _)| at.ms_since(*last) >= REMEMBER_EVERY_MS) {
            self.remembered.push_back((at, free_bytes));
            if self.remembered.len() > REMEMBERED_MAX {
                self.remembered.pop_front();
            }
        }
        DiskState { free_bytes, full_in_s: self.full_in_s(at, free_bytes) }
    }

    fn full_in_s(&self, at: Mono, free_bytes: u64) -> Option<u64> {
        let (since, before) = self.remembered.front()?;
        let over_ms = at.ms_since(*since);
        let taken = before.checked_sub(free_bytes).filter(|taken| *taken > 0)?;
        if over_ms < RATE_OVER_MS {
            return None;
        }
        let full_in_ms = u128::from(free_bytes) * u128::from(over_ms) / u128::from(taken);
        Some(u64::try_from(full_in_ms / 1000).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use cellwatch_model::Mono;

    use super::Filling;

    const HOUR_MS: u64 = 3_600_000;

    #[test]
    fn the_rate_of_the_last_hours_tells_when_it_is_full() {
        let at = |ms| Mono::default().plus_ms(ms);
        let mut filling = Filling::default();
        assert_eq!(filling.looked(at(0), 1_000).full_in_s, None, "once says nothing");
        assert_eq!(filling.looked(at(HOUR_MS / 2), 900).full_in_s, None, "too short");
        assert_eq!(filling.looked(at(HOUR_MS), 800).full_in_s, Some(4 * 3600));
        assert_eq!(filling.looked(at(HOUR_MS), 1_000).full_in_s, None, "nothing was taken");
        assert_eq!(filling.looked(at(HOUR_MS), 2_000).full_in_s, None, "space came back");
        // What lies more than six hours back counts no more.
        let mut filling = Filling::default();
        for step in 0..200 {
            let free = if step < 100 { 1_000_000 - 1_000 * step } else { 900_000 };
            let disk = filling.looked(at(step * HOUR_MS / 6), free);
            assert_eq!(disk.full_in_s.is_some(), (6..136).contains(&step), "step {step}");
        }
        println!("filling disks: 205 cases");
    }
}
