//! Wall time that never goes back behind the last record unless a synchronised clock says so (LAW-12).

use cellwatch_model::{Mono, Now, Utc};

/// What the records have said of the wall time so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wall {
    /// Monotonic and wall time of the same moment, as recorded last.
    last: Option<(Mono, Utc)>,
}

impl Wall {
    /// `last_record` is the wall time of the last record before this start, whenever that was.
    pub(crate) fn new(last_record: Option<Utc>, now: Now) -> Self {
        Self { last: last_record.map(|utc| (now.mono, utc)) }
    }

    /// The time to record. A clock that cannot be trusted may be ahead, but never behind: then wall time goes on
    /// with the monotonic clock from where it was.
    pub(crate) fn honest(&mut self, now: Now) -> Now {
        let mut honest = now;
        if let Some((mono, utc)) = self.last
            && !now.clock.sync.is_trusted()
        {
            let since = i64::try_from(now.mono.0.saturating_sub(mono.0)).unwrap_or(i64::MAX);
            honest.utc = now.utc.max(Utc(utc.0.saturating_add(since)));
        }
        self.last = Some((now.mono, honest.utc));
        honest
    }

    /// Wall time less monotonic time as it was recorded last, nanoseconds.
    pub(crate) fn offset_ns(&self) -> Option<i64> {
        self.last.map(|(mono, utc)| utc.0.saturating_sub_unsigned(mono.0))
    }
}

#[cfg(test)]
mod tests {
    use cellwatch_model::{Clock, ClockSync};

    use super::*;

    fn at(mono_s: u64, utc_s: i64, sync: ClockSync) -> Now {
        Now {
            mono: Mono(mono_s * 1_000_000_000),
            utc: Utc(utc_s * 1_000_000_000),
            clock: Clock { sync, error_bound_us: 0, offset_us: 0 },
        }
    }

    // Req: LAW-12
    #[test]
    fn wall_time_goes_back_only_by_a_synchronised_clock() {
        use ClockSync::{Synchronised, Unknown, Unsynchronised};
        let last_record = Some(Utc(1_000 * 1_000_000_000));
        let mut wall = Wall::new(last_record, at(10, 0, Unsynchronised));
        // (monotonic s, wall clock s, state, recorded s)
        let cases = [
            (10, 3, Unsynchronised, 1_000), // a machine without a battery for its clock
            (15, 8, Unknown, 1_005),
            (16, 2_000, Unsynchronised, 2_000), // set ahead by hand
            (18, 1_500, Unsynchronised, 2_002), // and back
            (20, 1_100, Synchronised, 1_100),   // corrected, as an event says
            (21, 1_101, Unsynchronised, 1_101),
            (25, 900, Unsynchronised, 1_105),
        ];
        for (mono, utc, sync, recorded) in cases {
            assert_eq!(
                wall.honest(at(mono, utc, sync)).utc,
                Utc(recorded * 1_000_000_000),
                "{mono}"
            );
        }
        println!("wall time: {} cases", cases.len());
    }
}
