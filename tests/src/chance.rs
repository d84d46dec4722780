//! Chance from a seed.

use std::time::{Duration, Instant};

use crate::await_until;

/// SplitMix64: a seed gives the same course on every machine.
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high - low + 1)
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let count = all.len() as u64;
        all[usize::try_from(self.draw() % count).unwrap_or(0)]
    }

    /// A moment within `most`, that is not bound to anything that happens: to the microsecond.
    pub fn moment(&mut self, most: Duration) {
        let us = self.between(0, u64::try_from(most.as_micros()).unwrap_or(u64::MAX - 1));
        let (since, wait) = (Instant::now(), Duration::from_micros(us));
        let look = Duration::from_millis(60);
        await_until("a moment", most + look * 1_000, || {
            if since.elapsed() + look >= wait { Ok(()) } else { Err("it is early") }
        });
        while since.elapsed() < wait {
            std::hint::spin_loop();
        }
    }
}
