//! When this machine kept the agent waiting: what is judged of such a time says nothing of the agent.

/// A reply is broken in two by a pause of this length, milliseconds.
pub(crate) const PAUSED_MS: u64 = 50;
/// Polls are late by themselves after this, milliseconds.
pub(crate) const STOOD_STILL_MS: u64 = 400;

/// Times in which the agent was due and did not run.
#[derive(Debug, Default)]
pub(crate) struct Standstills {
    /// From when it was due to when it came, milliseconds of the agent's time.
    spans: Vec<(u64, u64)>,
}

impl Standstills {
    /// The agent was due, and runs now.
    pub(crate) fn ran(&mut self, due_ms: u64, now_ms: u64) {
        if now_ms.saturating_sub(due_ms) >= PAUSED_MS {
            self.spans.push((due_ms, now_ms));
        }
    }

    /// Lengths of those of at least `least_ms` that reach into the time from `from_ms` to `to_ms`.
    fn within(&self, from_ms: u64, to_ms: u64, least_ms: u64) -> impl Iterator<Item = u64> {
        let touching = self.spans.iter().filter(move |(due, ran)| *due <= to_ms && *ran >= from_ms);
        touching.map(|(due, ran)| ran - due).filter(move |length| *length >= least_ms)
    }

    /// True if one of at least `least_ms` reaches into this time.
    pub(crate) fn excuse(&self, from_ms: u64, to_ms: u64, least_ms: u64) -> bool {
        self.within(from_ms, to_ms, least_ms).next().is_some()
    }

    /// So many polls at this period they can have made late by a whole period in this time.
    pub(crate) fn polls(&self, from_ms: u64, to_ms: u64, period_ms: u64) -> u64 {
        self.within(from_ms, to_ms, STOOD_STILL_MS).map(|length| length / period_ms + 1).sum()
    }
}

#[test]
fn a_standstill_excuses_its_own_time_only() {
    let mut standstills = Standstills::default();
    standstills.ran(1_000, 1_000 + PAUSED_MS - 1);
    standstills.ran(10_000, 10_500);
    standstills.ran(20_000, 20_100);
    assert!(!standstills.excuse(0, 9_999, PAUSED_MS), "shorter than a pause is none");
    assert!(standstills.excuse(10_400, 11_000, STOOD_STILL_MS));
    assert!(standstills.excuse(9_000, 10_000, STOOD_STILL_MS));
    assert!(!standstills.excuse(10_501, 30_000, STOOD_STILL_MS), "it was over");
    assert!(standstills.excuse(10_501, 30_000, PAUSED_MS));
    assert_eq!(standstills.polls(0, 30_000, 200), 3);
    assert_eq!(standstills.polls(0, 30_000, 7_000), 1);
    assert_eq!(standstills.polls(11_000, 30_000, 200), 0);
}
