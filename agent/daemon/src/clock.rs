//! The clocks of the machine (LAW-12).

use std::time::{Duration, SystemTime};

use cellwatch_config::site::ClockSource;
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use rtime_clock::adjtime::{Timex, adjtimex};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// How often the kernel is asked for the state of the wall clock.
pub const ASK_EVERY: Duration = Duration::from_secs(5);

/// `STA_UNSYNC` of adjtimex(2), `<linux/timex.h>`: nothing disciplines the clock.
const UNSYNCHRONISED: i32 = 0x0040;
/// `STA_NANO` of adjtimex(2): its `offset` is in nanoseconds.
const NANOSECONDS: i32 = 0x2000;
/// `TIME_ERROR` of adjtimex(2): the clock is not synchronised, or its error is too large.
const TIME_ERROR: i32 = 5;

/// Reads the clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    source: ClockSource,
    state: Clock,
}

impl Clocks {
    /// Clocks whose state is said by `source`.
    #[must_use]
    pub fn new(source: ClockSource) -> Self {
        let mut clocks = Self { source, state: Clock::default() };
        clocks.ask();
        clocks
    }

    /// The time now, with the state that was last asked for.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { mono: monotonic(), utc: Utc(wall_ns()), clock: self.state }
    }

    /// Asks for the state anew and gives it.
    pub fn ask(&mut self) -> Clock {
        self.state = match self.source {
            ClockSource::Simulated => {
                Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 }
            }
            ClockSource::Kernel => kernel(),
        };
        self.state
    }
}

/// The monotonic time now: `CLOCK_BOOTTIME`, which goes on while the machine is suspended, after [`Mono::AT_BOOT`].
#[must_use]
pub fn monotonic() -> Mono {
    let since_boot = nanoseconds(clock_gettime(ClockId::Boottime)).cast_unsigned();
    Mono(Mono::AT_BOOT.0.saturating_add(since_boot))
}

fn kernel() -> Clock {
    let mut timex = Timex::new();
    match adjtimex(&mut timex) {
        Ok(state) => judged(state, timex.0.status, timex.0.maxerror, timex.0.offset),
        Err(_) => Clock::default(),
    }
}

/// What the kernel's answer means. `maxerror_us` grows while nothing disciplines the clock; `offset` is in nanoseconds
/// under [`NANOSECONDS`], else in microseconds.
fn judged(state: i32, status: i32, maxerror_us: i64, offset: i64) -> Clock {
    let sync = if state == TIME_ERROR || status & UNSYNCHRONISED != 0 {
        ClockSync::Unsynchronised
    } else {
        ClockSync::Synchronised
    };
    let offset_us = if status & NANOSECONDS == 0 { offset } else { offset / 1_000 };
    Clock {
        sync,
        error_bound_us: u32::try_from(maxerror_us).unwrap_or(u32::MAX),
        // The kernel keeps it within half a second.
        offset_us: i32::try_from(offset_us).unwrap_or(if offset < 0 { i32::MIN } else { i32::MAX }),
    }
}

/// Nanoseconds since 1970; 0 for a clock before.
fn wall_ns() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

fn nanoseconds(time: Timespec) -> i64 {
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        // (adjtimex's result, status, expected); the offset is -7.5 ms in the unit of the status
        let cases = [
            (0, 0x2001, ClockSync::Synchronised),
            (0, 0x0040, ClockSync::Unsynchronised),
            (5, 0x0041, ClockSync::Unsynchronised),
            (5, 0x2001, ClockSync::Unsynchronised),
            (1, 0x2011, ClockSync::Synchronised), // a leap second is announced
        ];
        for (state, status, sync) in cases {
            let offset = if status & NANOSECONDS == 0 { -7_500 } else { -7_500_000 };
            let expected = Clock { sync, error_bound_us: 7, offset_us: -7_500 };
            assert_eq!(judged(state, status, 7, offset), expected);
        }
        assert_eq!(judged(0, 0, i64::MAX, i64::MIN).offset_us, i32::MIN);
        let simulated = Clocks::new(ClockSource::Simulated);
        let (first, second) = (simulated.now(), simulated.now());
        assert!(second.mono >= first.mono);
        assert!(first.mono > Mono::AT_BOOT, "what began before the boot has a time");
        assert_eq!(first.clock.sync, ClockSync::Simulated);
        assert_ne!(Clocks::new(ClockSource::Kernel).now().clock.sync, ClockSync::Simulated);
        println!("clocks: {} cases", cases.len() + 4);
    }
}
