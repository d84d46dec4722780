//! Honest time (LAW-12): what is judged and ordered uses [`Mono`]; wall time stands beside it.

use std::fmt;

/// Nanoseconds of the agent's monotonic clock, which also advances while the machine is suspended.
/// It shows [`Mono::AT_BOOT`] when the machine boots; two values compare only within one boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// What the clock shows when the machine boots: 800 days. What goes on after a power cut, a phase or a standing
    /// alarm, began before the boot, and has a time of this clock too. The longest culture and its journal's
    /// retention lie well within.
    pub const AT_BOOT: Self = Self(800 * 86_400 * 1_000_000_000);

    /// Later by whole milliseconds; saturates at the end of time.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000_000)))
    }

    /// Milliseconds from `earlier` to this; zero if `earlier` is later.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / 1_000_000
    }

    /// Rounded down to a whole millisecond: the resolution at which readings are judged and
    /// recorded, so that a replay from records sees the same times (LAW-08).
    #[must_use]
    pub const fn floor_ms(self) -> Self {
        Self(self.0 - self.0 % 1_000_000)
    }
}

/// Nanoseconds since 1970-01-01T00:00:00 UTC, without leap seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(pub i64);

/// What is known of the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClockSync {
    /// The kernel does not say.
    #[default]
    Unknown,
    /// The kernel says that no time source disciplines the clock.
    Unsynchronised,
    /// The kernel says that the clock is disciplined within the error bound.
    Synchronised,
    /// The site file declares a simulated clock: for demonstrations and rehearsals only.
    Simulated,
}

impl ClockSync {
    /// Number in a record (`record.cddl`, `clock-sync`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Unsynchronised => 1,
            Self::Synchronised => 2,
            Self::Simulated => 3,
        }
    }

    /// The reverse of [`Self::code`].
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unknown),
            1 => Some(Self::Unsynchronised),
            2 => Some(Self::Synchronised),
            3 => Some(Self::Simulated),
            _ => None,
        }
    }

    /// True where the wall time may gate a Master File's dates.
    #[must_use]
    pub const fn is_trusted(self) -> bool {
        matches!(self, Self::Synchronised | Self::Simulated)
    }
}

impl fmt::Display for ClockSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Unsynchronised => "unsynchronised",
            Self::Synchronised => "synchronised",
            Self::Simulated => "simulated",
        })
    }
}

/// Sync state of the wall clock with its error bound and offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// What the kernel or the site file says.
    pub sync: ClockSync,
    /// Largest error that the kernel assumes, microseconds; 0 where it says nothing.
    pub error_bound_us: u32,
    /// What the kernel still has to take off the clock, microseconds: time less the clock's, as `offset` of adjtimex(2)
    /// says it; 0 where it says nothing, and where whatever disciplines the clock keeps it to itself.
    pub offset_us: i32,
}

/// The time of an input, read once at the door by the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For judging, ordering and every interval.
    pub mono: Mono,
    /// For people and the Control Site.
    pub utc: Utc,
    /// How far `utc` can be trusted.
    pub clock: Clock,
}
