//! Journals that were set aside: what of them no receipt covers still goes out, behind everything else.
//!
//! Each has an outbox of its own, with the same rules; nothing is added to it. They share the connection with the journal
//! that is written: publishes go out in the order in which they were handed over, whoever handed them, so that order says
//! whose answer an answer is.
//!
//! **The end.** One is done when a receipt covers its last record, or when the Control Site misses nothing of it but what is
//! on record as gone: what cannot be read, and the end of one that was gone on with from an older copy (where the Control Site
//! has other records under the same numbers). What is gone is a `loss` record in the journal that is written; nothing asks for
//! it again. A receipt that reaches beyond an end that was whole speaks of other records than these.

use std::collections::{BTreeMap, VecDeque};

use cellwatch_model::{Mono, Utc};
use cellwatch_record::{Hash, Head, JournalId, RECEIPT_MISSING_MAX, Receipt};

use super::limits::Pauses;
use super::outbox::Outbox;
use super::ranges::Ranges;
use super::receipts::Receipted;
use super::topics::Topics;
use crate::door::{BrokerInput, Fork, FormerJournal, Output};

/// Journals that are delivered besides the one that is written, each with one bundle in flight; more wait for the next
/// start.
pub const FORMER_JOURNALS_MAX: usize = 8;

/// Ranges of a former journal that are on record as lost; what is lost beyond them is asked for again.
pub const LOST_MAX: usize = 1_024;

/// What is still to be delivered of former journals.
#[derive(Clone, Debug, Default)]
pub struct Former {
    journals: Vec<One>,
    /// Those of which nothing more goes out.
    others: Vec<JournalId>,
    /// To be said.
    lost: VecDeque<Lost>,
    /// Whose the publishes are that were handed over and have not gone out yet; none: of the journal that is written.
    handed: VecDeque<Option<usize>>,
    /// By packet identifier, those of former journals that went out.
    sent: BTreeMap<u16, usize>,
}

#[derive(Clone, Debug)]
struct One {
    outbox: Outbox,
    last: u64,
    /// Where its end was whole: nobody can have received more of it.
    end: Option<u64>,
    /// What records on this disk say to be lost.
    on_record: Ranges,
    /// What came last of the Control Site's side.
    newest: Option<Receipt>,
    /// The Control Site has all that can be had of it, or other records in its place: nothing more goes out.
    is_done: bool,
}

/// Records of a former journal that the Control Site does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The journal.
    pub journal: JournalId,
    /// First record.
    pub first: u64,
    /// Last record.
    pub last: u64,
    /// Why.
    pub why: WhyLost,
    /// Wall time of the first and of the last, where it is known.
    pub utc: Option<(Utc, Utc)>,
}

/// Why records of a former journal do not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyLost {
    /// They are not on the disk any more, or damaged.
    Unreadable,
    /// They were received, and so removed here or damaged without harm; the Control Site has lost them since.
    Removed,
    /// The Control Site has other records under their numbers: sent, they would be taken for a forgery.
    Forked,
}

impl WhyLost {
    /// The word in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Removed => "removed",
            Self::Forked => "forked",
        }
    }
}

impl Lost {
    /// In words for people.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { journal, first, last, .. } = self;
        match self.why {
            WhyLost::Unreadable => format!(
                "seq {first} to {last} of journal {journal}, which was set aside, cannot be read any more and were not received: they are lost"
            ),
            WhyLost::Removed => format!(
                "seq {first} to {last} of journal {journal}, which was set aside, were received and cannot be read here any more (what is received is removed in time), and the Control Site no longer has them"
            ),
            WhyLost::Forked => format!(
                "seq {first} to {last} of journal {journal} are not delivered: it was gone on with from an older copy, and the Control Site has other records under these numbers; they stay on this disk with the journal that was set aside"
            ),
        }
    }
}

impl One {
    /// True if the Control Site misses nothing that can be had.
    fn is_whole_by(&self, receipt: &Receipt) -> bool {
        let mut missing = Ranges::default();
        for one in &receipt.missing {
            missing.insert(one.first, one.last.min(self.last));
        }
        let stored = receipt.highest.max(receipt.through);
        missing.insert(stored.saturating_add(1), self.last);
        missing.remove_all(&self.on_record);
        missing.is_empty() && receipt.missing.len() < RECEIPT_MISSING_MAX
    }
}

impl Former {
    /// What is to be delivered at a start, and what is to be said of the rest.
    #[must_use]
    pub fn new(journals: &[FormerJournal], topics: &Topics, agent: &str, pauses: Pauses) -> Self {
        let mut former = Self::default();
        for one in journals {
            let is_full = former.journals.len() >= FORMER_JOURNALS_MAX;
            if let Some(fork) = one.fork {
                former.others.push(one.journal);
                former.forked(one, fork);
            } else if one.is_done || one.through >= one.last || is_full {
                former.others.push(one.journal);
            } else {
                // Of a journal to which nothing is added the last hash is not asked for.
                let head = Head { journal: one.journal, seq: one.last, hash: Hash::NONE };
                let (topics, agent) = (topics.clone(), agent.to_owned());
                let mut outbox = Outbox::new(topics, agent, head, one.through, pauses);
                let mut on_record = Ranges::default();
                for (first, last) in &one.lost {
                    outbox.give_up(*first, *last);
                    on_record.insert(*first, *last);
                }
                let (last, end, newest, is_done) = (one.last, one.end, None, false);
                former.journals.push(One { outbox, last, end, on_record, newest, is_done });
            }
        }
        former
    }

    fn forked(&mut self, former: &FormerJournal, fork: Fork) {
        let FormerJournal { journal, last, .. } = *former;
        let is_said = former.lost.iter().any(|(from, to)| *from <= fork.first && *to >= last);
        if !is_said && fork.first <= last {
            let (first, why, utc) = (fork.first, WhyLost::Forked, fork.utc);
            self.lost.push_back(Lost { journal, first, last, why, utc });
        }
    }

    /// A loss is on record, durably: what is to be kept of the end of its journal.
    pub fn on_record(&mut self, lost: &Lost) -> Option<Output> {
        let journal = lost.journal;
        let one = self.journals.iter_mut().find(|one| one.outbox.journal == journal)?;
        one.on_record.insert(lost.first, lost.last);
        let is_whole = one.newest.as_ref().is_some_and(|receipt| one.is_whole_by(receipt));
        (is_whole && !std::mem::replace(&mut one.is_done, true))
            .then_some(Output::KeepDone { journal })
    }

    /// What is to be put on record, once.
    pub fn take_lost(&mut self) -> Option<Lost> {
        self.lost.pop_front()
    }

    /// Records that wait in journals that were set aside.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        let open = self.journals.iter().filter(|one| !one.is_done);
        open.map(|one| one.outbox.backlog()).sum()
    }

    /// The journal that is written has handed a publish over.
    pub fn handed_by_another(&mut self) {
        if !self.journals.is_empty() {
            self.handed.push_back(None);
        }
    }

    /// What the broker takes of the journal that is written, so that a publish is left for each of these. Where it takes
    /// too few for that, all are left to that journal, and these wait.
    #[must_use]
    pub fn leaves(&self, receive_maximum: u16) -> u16 {
        let ours = u16::try_from(self.journals.len()).unwrap_or(u16::MAX);
        if receive_maximum > ours { receive_maximum - ours } else { receive_maximum }
    }

    /// Something about the broker; true if it concerns nothing else.
    pub fn broker(&mut self, input: &BrokerInput, now: Mono) -> bool {
        match input {
            BrokerInput::Up { receive_maximum, maximum_packet_size } => {
                (self.handed, self.sent) = Default::default();
                let maximum_packet_size = *maximum_packet_size;
                let each = if self.leaves(*receive_maximum) < *receive_maximum {
                    BrokerInput::Up { receive_maximum: 1, maximum_packet_size }
                } else {
                    BrokerInput::Down("the broker takes too few publishes".to_owned())
                };
                for one in &mut self.journals {
                    one.outbox.broker(&each, now);
                }
                false
            }
            BrokerInput::Down(_) => {
                (self.handed, self.sent) = Default::default();
                for one in &mut self.journals {
                    one.outbox.broker(input, now);
                }
                false
            }
            BrokerInput::Sent(packet_id) => {
                self.sent.remove(packet_id);
                let Some(Some(index)) = self.handed.pop_front() else { return false };
                self.sent.insert(*packet_id, index);
                self.journals[index].outbox.broker(input, now);
                true
            }
            BrokerInput::Acknowledged { packet_id, .. } => {
                let Some(index) = self.sent.remove(packet_id) else { return false };
                self.journals[index].outbox.broker(input, now);
                true
            }
        }
    }

    /// Holds everything back while no key seals, or lets it go again.
    pub fn hold(&mut self, held: bool) {
        for one in &mut self.journals {
            one.outbox.hold(held);
        }
    }

    /// The Control Site says what it has of one of them: what is to be kept of that. None for a journal that is not
    /// among them.
    pub fn receipt(&mut self, receipt: &Receipt, now: Mono) -> Option<Vec<Output>> {
        let journal = receipt.journal;
        let Some(one) = self.journals.iter_mut().find(|one| one.outbox.journal == journal) else {
            return self.others.contains(&journal).then(Vec::new);
        };
        if one.is_done {
            return Some(Vec::new());
        }
        if one.end.is_some_and(|end| receipt.through > end) {
            return self.receipt_contradicts(journal);
        }
        if receipt.through >= one.last {
            // The Control Site may have more than can be read here.
            one.is_done = true;
            return Some(vec![Output::KeepFormer { journal, through: receipt.through }]);
        }
        let mut keep = Vec::new();
        if let Receipted::Through(through) = one.outbox.receipt(receipt, now) {
            keep.push(Output::KeepFormer { journal, through });
        }
        if one.is_whole_by(receipt) {
            one.is_done = true;
            keep.push(Output::KeepDone { journal });
        }
        one.newest = Some(receipt.clone());
        Some(keep)
    }

    /// The Control Site has other records of one of them: nothing more of it goes out. What is to be kept of that; none
    /// for a journal that is not among them.
    pub fn receipt_contradicts(&mut self, journal: JournalId) -> Option<Vec<Output>> {
        let Some(one) = self.journals.iter_mut().find(|one| one.outbox.journal == journal) else {
            return self.others.contains(&journal).then(Vec::new);
        };
        if std::mem::replace(&mut one.is_done, true) {
            return Some(Vec::new());
        }
        let (first, last) = (one.outbox.through() + 1, one.last);
        if first <= last {
            self.lost.push_back(Lost { journal, first, last, why: WhyLost::Forked, utc: None });
        }
        Some(vec![Output::KeepFork { journal, first }])
    }

    /// The answer to an [`Output::FetchFormer`], and what was found to be gone for good.
    pub fn fetched(
        &mut self,
        journal: JournalId,
        (first, through): (u64, u64),
        bundle: Vec<u8>,
        lost: &[(u64, u64)],
        now: Mono,
    ) {
        let Some(one) = self.journals.iter_mut().find(|one| one.outbox.journal == journal) else {
            return;
        };
        for (first, last) in lost {
            if one.outbox.gone.iter().count() >= LOST_MAX {
                break;
            }
            let received = one.outbox.through();
            for (first, last) in one.outbox.lose(*first, *last).iter() {
                let parts = [
                    (first, last.min(received), WhyLost::Removed),
                    (first.max(received.saturating_add(1)), last, WhyLost::Unreadable),
                ];
                for (first, last, why) in parts.into_iter().filter(|part| part.0 <= part.1) {
                    self.lost.push_back(Lost { journal, first, last, why, utc: None });
                }
            }
        }
        one.outbox.fetched(first, through, bundle, now);
    }

    /// The next thing to do.
    pub fn next(&mut self, now: Mono) -> Option<Output> {
        for (index, one) in self.journals.iter_mut().enumerate() {
            // What cannot be read or sent stands in the journal that is set aside; nobody is told of it every time.
            while one.outbox.take_notice().is_some() {}
            if one.is_done {
                continue;
            }
            match one.outbox.next(now) {
                Some(Output::Fetch { first, last, max_bytes }) => {
                    let journal = one.outbox.journal;
                    return Some(Output::FetchFormer { journal, first, last, max_bytes });
                }
                Some(Output::Publish(message)) => {
                    self.handed.push_back(Some(index));
                    return Some(Output::Publish(message));
                }
                Some(other) => return Some(other),
                None => {}
            }
        }
        None
    }

    /// When [`Self::next`] has something to do that no input brings.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let open = self.journals.iter().filter(|one| !one.is_done);
        open.filter_map(|one| one.outbox.next_deadline()).min()
    }
}
