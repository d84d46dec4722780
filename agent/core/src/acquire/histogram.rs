//! Durations by size, in few bytes.

/// Steps within a doubling: a percentile is off by at most a quarter.
const STEPS: usize = 4;
/// Up to 2^28 µs, four and a half minutes; what is longer counts as that.
const BUCKETS: usize = 27 * STEPS;

/// Counts durations in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    buckets: [u32; BUCKETS],
    count: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], count: 0, max_us: 0 }
    }
}

/// What a histogram says of a time, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    /// Half of all were no longer.
    pub(crate) p50_us: u64,
    /// 99 of 100 were no longer.
    pub(crate) p99_us: u64,
    /// The longest, exact.
    pub(crate) max_us: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, us: u64) {
        let bucket = &mut self.buckets[bucket(us)];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// The figures since the last call; none if there was nothing.
    pub(super) fn take(&mut self) -> Option<Spread> {
        if self.count == 0 {
            return None;
        }
        let spread = Spread {
            p50_us: self.not_above(self.count.div_ceil(2)),
            p99_us: self.not_above((self.count * 99).div_ceil(100)),
            max_us: self.max_us,
        };
        *self = Self::default();
        Some(spread)
    }

    /// The upper end of the bucket in which the `rank`-th smallest lies.
    fn not_above(&self, rank: u64) -> u64 {
        let mut below = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            below += u64::from(*count);
            if below >= rank {
                return upper_us(index).min(self.max_us);
            }
        }
        self.max_us
    }
}

fn bucket(us: u64) -> usize {
    if us < STEPS as u64 {
        return usize::try_from(us).unwrap_or(0);
    }
    let doubling = us.ilog2() as usize;
    let step = usize::try_from(us >> (doubling - 2)).unwrap_or(0) & (STEPS - 1);
    ((doubling - 1) * STEPS + step).min(BUCKETS - 1)
}

/// The largest duration of a bucket.
const fn upper_us(index: usize) -> u64 {
    if index < STEPS {
        return index as u64;
    }
    let (doubling, step) = (index / STEPS + 1, index % STEPS);
    (((STEPS + step + 1) as u64) << (doubling - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_in_its_bucket_and_percentiles_are_off_by_a_quarter_at_most() {
        let mut cases = 0;
        for us in (0..5_000)
            .chain((12..27).flat_map(|bits| [1 << bits, (1 << bits) + 1, (2 << bits) - 1]))
        {
            let at = bucket(us);
            assert!(us <= upper_us(at), "{us}");
            assert!(at == 0 || us > upper_us(at - 1), "{us}");
            assert!(upper_us(at) <= us + us / 4, "{us}");
            cases += 1;
        }
        let mut histogram = Histogram::default();
        assert_eq!(histogram.take(), None);
        for us in 1..=1000 {
            histogram.add(us * 10);
        }
        let spread = histogram.take().expect("a thousand");
        assert!((5_000..=6_250).contains(&spread.p50_us), "{spread:?}");
        assert!((9_900..=10_000).contains(&spread.p99_us), "{spread:?}");
        assert_eq!(spread.max_us, 10_000);
        assert_eq!(histogram.take(), None, "taken");
        histogram.add(u64::MAX);
        assert_eq!(histogram.take().map(|spread| spread.max_us), Some(u64::MAX));
        println!("histogram: {cases} durations");
    }
}
