//! Whether a device answers.
//!
//! Down after [`FAILURES`] failures in a row, or at once when no connection can be made; up at the first
//! answer. Changes are told at a bounded rate, so that a flapping link does not fill the journal: what
//! was withheld is counted in the next one told.

use cellwatch_model::Mono;

use super::sign::{Sign, sign, words};
use crate::door::NoReply;

/// So many failures in a row and the device does not answer.
const FAILURES: u32 = 3;
/// Changes that may be told in a row …
const BURST: u64 = 6;
/// … and after that one in so many milliseconds.
const REFILL_MS: u64 = 10_000;

/// The device began or ceased to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkChange {
    pub(crate) up: bool,
    pub(crate) cause: String,
    /// Changes before this one that were not told.
    pub(crate) withheld: u64,
}

/// The link to a device.
#[derive(Debug, Default)]
pub(super) struct Link {
    answers: Option<bool>,
    told: Option<bool>,
    failures: u32,
    withheld: u64,
    /// When the bucket of changes is full again.
    full_at: Mono,
}

/// What an outcome meant for the link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// It came up with this one.
    pub(super) came_up: bool,
    /// It went down with this one.
    pub(super) went_down: bool,
    /// To be recorded.
    pub(super) change: Option<LinkChange>,
}

impl Link {
    pub(super) const fn answers(&self) -> Option<bool> {
        self.answers
    }

    /// Takes an outcome. A device that refuses with an exception answers all the same; one whose gateway answers for
    /// it does not.
    pub(super) fn outcome(
        &mut self,
        outcome: &Result<Vec<u16>, NoReply>,
        timeout_ms: u64,
        now: Mono,
    ) -> Outcome {
        let before = self.answers;
        match sign(outcome) {
            Sign::Answers => {
                self.failures = 0;
                self.answers = Some(true);
            }
            Sign::Fails => self.failed(1),
            Sign::NotAsked => self.failed(FAILURES),
        }
        if self.answers != before && before.is_some() {
            self.withheld += 1;
        }
        let came_up = self.answers == Some(true) && before != Some(true);
        let went_down = self.answers == Some(false) && before != Some(false);
        let change = self.tell(|| words(outcome, timeout_ms), now);
        Outcome { came_up, went_down, change }
    }

    fn failed(&mut self, weight: u32) {
        self.failures = self.failures.saturating_add(weight);
        if self.failures >= FAILURES {
            self.answers = Some(false);
        }
    }

    fn tell(&mut self, cause: impl FnOnce() -> String, now: Mono) -> Option<LinkChange> {
        let up = self.answers?;
        if self.told == Some(up) || self.full_at > now.plus_ms((BURST - 1) * REFILL_MS) {
            return None;
        }
        self.full_at = self.full_at.max(now).plus_ms(REFILL_MS);
        self.told = Some(up);
        let withheld = std::mem::take(&mut self.withheld).saturating_sub(1);
        Some(LinkChange { up, cause: cause(), withheld })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(link: &mut Link, outcome: &Result<Vec<u16>, NoReply>, second: u64) -> Option<bool> {
        let now = Mono::default().plus_ms(second * 1000);
        link.outcome(outcome, 900, now).change.map(|change| change.up)
    }

    #[test]
    fn three_failures_are_down_and_one_answer_is_up() {
        let (ok, late) = (Ok(vec![1]), Err(NoReply::Timeout));
        let refused = Err(NoReply::NotConnected("refused".to_owned()));
        let busy = Err(NoReply::Exception(6));
        // Their gateway answers, not they.
        let (no_way, no_target) = (Err(NoReply::Exception(0x0a)), Err(NoReply::Exception(0x0b)));
        let mut link = Link::default();
        let steps = [
            (&late, None),
            (&late, None),
            (&late, Some(false)),
            (&late, None),
            (&busy, Some(true)),
            (&late, None),
            (&late, None),
            (&ok, None),
            (&late, None),
            (&late, None),
            (&refused, Some(false)),
            (&ok, Some(true)),
            (&refused, Some(false)),
            (&busy, Some(true)),
            (&no_target, None),
            (&no_way, None),
            (&no_target, Some(false)),
            (&busy, Some(true)),
        ];
        for (second, (outcome, expected)) in (0u64..).zip(&steps) {
            assert_eq!(told(&mut link, outcome, second * 20), *expected, "step {second}");
        }
        println!("link: {} steps", steps.len());
    }

    #[test]
    fn a_flapping_link_is_told_at_a_bounded_rate_and_nothing_is_lost_from_the_count() {
        let refused = Err(NoReply::NotConnected("refused".to_owned()));
        let mut link = Link::default();
        let (mut events, mut withheld) = (0, 0);
        for second in 0..600u64 {
            let outcome = if second % 2 == 0 { Ok(vec![]) } else { refused.clone() };
            let now = Mono::default().plus_ms(second * 1000);
            if let Some(change) = link.outcome(&outcome, 900, now).change {
                events += 1;
                withheld += change.withheld;
            }
        }
        assert!((60..=66).contains(&events), "{events} events in ten minutes");
        assert_eq!(events + withheld + link.withheld, 600, "600 changes in all");
        assert!(link.answers().is_some());
        println!("flapping link: 600 changes, {events} told");
    }
}
