//! Values that the server's queues lost, told at a bounded rate (LAW-10).

use std::collections::BTreeSet;

use cellwatch_model::Mono;

use super::said::UaSaid;

/// They are told once in this time, milliseconds.
const EVERY_MS: u64 = 10_000;

/// What was lost and is not told yet.
#[derive(Debug, Default)]
pub(super) struct Lost {
    untold: Option<Untold>,
    told: Option<Mono>,
}

#[derive(Debug)]
struct Untold {
    parameters: BTreeSet<usize>,
    samples: u64,
    from: Mono,
    to: Mono,
}

impl Lost {
    /// A sample of a parameter says that values beside it were lost, after `heard`.
    pub(super) fn saw(&mut self, parameter: usize, heard: Mono, now: Mono) {
        let untold = self.untold.get_or_insert_with(|| Untold {
            parameters: BTreeSet::new(),
            samples: 0,
            from: heard,
            to: now,
        });
        untold.parameters.insert(parameter);
        untold.samples += 1;
        untold.to = now;
    }

    /// When [`Self::tell`] is due.
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        self.untold.as_ref().and(self.told).map(|told| told.plus_ms(EVERY_MS))
    }

    /// Tells: at once, then at a bounded rate.
    pub(super) fn tell(&mut self, now: Mono) -> Option<UaSaid> {
        if self.next_deadline().is_some_and(|due| now < due) {
            return None;
        }
        let Untold { parameters, samples, from, to } = self.untold.take()?;
        self.told = Some(now);
        Some(UaSaid::ValuesLost { parameters, samples, from, to })
    }
}
