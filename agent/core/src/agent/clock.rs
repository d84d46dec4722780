//! The wall clock: its state, its steps, and what the records said while nobody vouched for it (LAW-12).

use cellwatch_model::{Clock, Now};
use cellwatch_record::EventKind;

use super::Agent;
use crate::evaluate::{CLOCK, CLOCK_STEP};
use crate::journal::{Context, Said};

/// The wall clock has stepped if it moved against the monotonic clock by more than this between two looks, nanoseconds.
const CLOCK_STEP_NS: u64 = 500_000_000;

/// Records are made with a clock that nobody vouches for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsynchronised {
    first_seq: u64,
}

impl Agent {
    /// The time of an input as it is recorded.
    pub(super) fn honest(&mut self, now: Now) -> Now {
        self.clock_utc_ns = now.utc.0;
        if now.clock.sync.is_trusted() {
            if let Some(since) = self.unsynchronised.take() {
                self.correct(since, now);
            }
        } else if self.unsynchronised.is_none() {
            let first_seq = self.recorder.head().seq + 1;
            self.unsynchronised = Some(Unsynchronised { first_seq });
        }
        self.wall.honest(now)
    }

    /// The clock is synchronised: says by how much the wall times before were wrong.
    fn correct(&mut self, since: Unsynchronised, now: Now) {
        let last_seq = self.recorder.head().seq;
        let Some(before_ns) = self.wall.offset_ns().filter(|_| last_seq >= since.first_seq) else {
            return;
        };
        let offset_ns = now.utc.0.saturating_sub_unsigned(now.mono.0);
        let correction_us = offset_ns.saturating_sub(before_ns) / 1_000;
        let text = format!(
            "the clock is synchronised: wall times of seq {} to {last_seq} were off; correct by {} ms",
            since.first_seq,
            correction_us / 1_000
        );
        let said = Said::new(EventKind::ClockCorrected, now.mono.floor_ms(), text)
            .with("correction_us", correction_us)
            .with("offset_ns", offset_ns)
            .with("first_seq", since.first_seq)
            .with("last_seq", last_seq)
            .with("error_bound_us", u64::from(now.clock.error_bound_us));
        self.recorder.record(said.into(), Context::default(), now);
    }

    pub(super) fn clock(&mut self, clock: Clock, now: Now) {
        let at = now.mono.floor_ms();
        let offset_ns = self.clock_utc_ns.saturating_sub_unsigned(now.mono.0);
        let step_ns = self.offset_ns.replace(offset_ns).map(|before| offset_ns - before);
        if let Some(step_ns) = step_ns.filter(|step_ns| step_ns.unsigned_abs() > CLOCK_STEP_NS) {
            let text = format!("the wall clock stepped by {} ms", step_ns / 1_000_000);
            let said = Said::new(EventKind::ClockStep, at, text).with("step_us", step_ns / 1000);
            self.cut_frames(now);
            self.recorder.record(said.into(), Context::default(), now);
            self.momentary(CLOCK_STEP, format!("by {} ms", step_ns / 1_000_000), now);
        }
        if clock.sync != self.clock.sync {
            let text = format!("the clock was {}, is {}", self.clock.sync, clock.sync);
            let said = Said::new(EventKind::ClockState, at, text)
                .with("from", self.clock.sync.to_string())
                .with("to", clock.sync.to_string());
            self.recorder.record(said.into(), Context::default(), now);
        }
        self.clock = clock;
        self.condition(
            CLOCK,
            !clock.sync.is_trusted(),
            Some(format!("the clock is {}", clock.sync)),
            now,
        );
        self.activate(now);
        self.judge_expiry(now);
    }
}
