//! Polls that were not made, on record without a flood and without a silent loss (LAW-02, LAW-10).
//!
//! For each cause at most one gap of a device is open. Its beginning is told at the first skipped poll,
//! its exact bounds and number when no poll was skipped for [`CALM_MS`], or after [`LENGTH_MAX_MS`]; a
//! gap that lasts longer goes on as the next one.

use std::collections::BTreeSet;

use cellwatch_model::Mono;

use super::schedule::Skipped;

/// Without a skipped poll for this long a gap is over, milliseconds.
const CALM_MS: u64 = 30_000;
/// A gap is told at the latest after this, milliseconds.
const LENGTH_MAX_MS: u64 = 3_600_000;

/// Why polls were skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GapCause {
    /// The device did not answer, and waiting for it took longer than the period.
    NotAnswering,
    /// The device answered, but slower than it is asked.
    TooSlow,
    /// The device was free; its line was busy with others.
    LineBusy,
    /// The device was free; the agent itself came late.
    AgentLate,
}

impl GapCause {
    const ALL: [Self; 4] = [Self::NotAnswering, Self::TooSlow, Self::LineBusy, Self::AgentLate];

    /// The word in a record.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NotAnswering => "not-answering",
            Self::TooSlow => "too-slow",
            Self::LineBusy => "line-busy",
            Self::AgentLate => "agent-late",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NotAnswering => "it does not answer",
            Self::TooSlow => "it answers slower than it is asked",
            Self::LineBusy => "its line is busy with other devices",
            Self::AgentLate => "the agent came late",
        }
    }
}

/// A gap as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GapSaid {
    pub(crate) cause: GapCause,
    /// Due time of the first poll that was skipped.
    pub(crate) from: Mono,
    /// Due time of the last one and how many there were; none while the gap is open.
    pub(crate) end: Option<(Mono, u64)>,
    /// Blocks of which polls were skipped.
    pub(crate) blocks: BTreeSet<usize>,
}

#[derive(Debug)]
struct Open {
    from: Mono,
    to: Mono,
    polls: u64,
    blocks: BTreeSet<usize>,
    over_at: Mono,
    told_at: Mono,
}

/// The open gaps of a device.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    open: [Option<Open>; 4],
}

impl Gaps {
    /// Takes skipped polls; gives the beginning of a gap.
    pub(super) fn skip(
        &mut self,
        cause: GapCause,
        block: usize,
        skipped: Skipped,
        now: Mono,
    ) -> Option<GapSaid> {
        let slot = &mut self.open[cause as usize];
        let begins = slot.is_none();
        let open = slot.get_or_insert_with(|| Open {
            from: skipped.first,
            to: skipped.last,
            polls: 0,
            blocks: BTreeSet::new(),
            over_at: now,
            told_at: now.plus_ms(LENGTH_MAX_MS),
        });
        open.from = open.from.min(skipped.first);
        open.to = open.to.max(skipped.last);
        open.polls += skipped.polls;
        open.blocks.insert(block);
        open.over_at = now.plus_ms(CALM_MS);
        let blocks = open.blocks.clone();
        begins.then_some(GapSaid { cause, from: open.from, end: None, blocks })
    }

    /// When the next one is to be told.
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        self.open.iter().flatten().map(|open| open.over_at.min(open.told_at)).min()
    }

    /// The gaps that are over, or told because they are long.
    pub(super) fn elapse(&mut self, now: Mono) -> Vec<GapSaid> {
        self.close(|open| open.over_at.min(open.told_at) <= now)
    }

    /// All that are open: at the end of the agent.
    pub(super) fn end(&mut self) -> Vec<GapSaid> {
        self.close(|_| true)
    }

    fn close(&mut self, is_over: impl Fn(&Open) -> bool) -> Vec<GapSaid> {
        let mut said = Vec::new();
        for (cause, slot) in GapCause::ALL.into_iter().zip(&mut self.open) {
            if let Some(Open { from, to, polls, blocks, .. }) = slot.take_if(|open| is_over(open)) {
                said.push(GapSaid { cause, from, end: Some((to, polls)), blocks });
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Mono {
        Mono::default().plus_ms(ms)
    }

    #[test]
    fn a_gap_is_told_twice_with_exact_bounds_and_none_is_lost() {
        let mut gaps = Gaps::default();
        let mut told = Vec::new();
        let mut skipped = 0;
        for second in (0..7_200u64).step_by(2) {
            let one = Skipped { first: at(second * 1000), last: at(second * 1000), polls: 1 };
            told.extend(gaps.elapse(at(second * 1000)));
            told.extend(gaps.skip(GapCause::TooSlow, 1, one, at(second * 1000 + 900)));
            skipped += 1;
        }
        told.extend(gaps.elapse(at(7_198_900 + CALM_MS)));
        assert!(gaps.next_deadline().is_none());
        let recorded: u64 = told.iter().filter_map(|said| said.end).map(|(_, polls)| polls).sum();
        assert_eq!(recorded, skipped, "each skipped poll stands in one gap");
        assert_eq!(told.len(), 4, "two hours of every second poll: two gaps, each told twice");
        assert_eq!((told[0].from, told[0].end), (at(0), None));
        assert_eq!(told[3].end.map(|(to, _)| to), Some(at(7_198_000)));
        for pair in told.chunks(2) {
            assert_eq!(
                (pair[0].from, pair[0].end.is_none()),
                (pair[1].from, pair[1].end.is_some())
            );
        }
        println!("gaps: {skipped} skipped polls in {} events", told.len());
    }

    #[test]
    fn causes_have_gaps_of_their_own_and_the_end_tells_them_all() {
        let mut gaps = Gaps::default();
        let one = Skipped { first: at(5), last: at(7), polls: 3 };
        for cause in GapCause::ALL {
            assert!(gaps.skip(cause, 0, one, at(8)).is_some());
            assert!(gaps.skip(cause, 2, one, at(9)).is_none());
        }
        assert_eq!(gaps.elapse(at(9)), []);
        let ends = gaps.end();
        assert_eq!(ends.len(), GapCause::ALL.len());
        assert!(ends.iter().all(|said| said.end == Some((at(7), 6)) && said.blocks.len() == 2));
    }
}
