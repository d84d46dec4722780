//! Journals that were set aside: what of them no receipt covers still goes out, behind everything else.
//!
//! Each has an outbox of its own, with the same rules; nothing is added to it. They share the connection with the journal
//! that is written: publishes go out in the order in which they were handed over, whoever handed them, so that order says
//! whose answer an answer is.

use std::collections::{BTreeMap, VecDeque};

use cellwatch_model::Mono;
use cellwatch_record::{Hash, Head, JournalId, Receipt};

use super::limits::Pauses;
use super::outbox::Outbox;
use super::receipts::Receipted;
use super::topics::Topics;
use crate::door::{BrokerInput, FormerJournal, Output};

/// Journals that are delivered besides the one that is written, each with one bundle in flight; more wait for the next
/// start.
pub const FORMER_JOURNALS_MAX: usize = 8;

/// What is still to be delivered of former journals.
#[derive(Clone, Debug, Default)]
pub struct Former {
    journals: Vec<One>,
    /// Whose the publishes are that were handed over and have not gone out yet; none: of the journal that is written.
    handed: VecDeque<Option<usize>>,
    /// By packet identifier, those of former journals that went out.
    sent: BTreeMap<u16, usize>,
}

#[derive(Clone, Debug)]
struct One {
    outbox: Outbox,
    last: u64,
    is_received: bool,
}

impl Former {
    /// What is to be delivered at a start.
    #[must_use]
    pub fn new(journals: &[FormerJournal], topics: &Topics, agent: &str, pauses: Pauses) -> Self {
        let open = journals.iter().filter(|one| one.through < one.last);
        let one = |former: &FormerJournal| {
            // Of a journal to which nothing is added the last hash is not asked for.
            let head = Head { journal: former.journal, seq: former.last, hash: Hash::NONE };
            let (topics, agent) = (topics.clone(), agent.to_owned());
            let outbox = Outbox::new(topics, agent, head, former.through, pauses);
            One { outbox, last: former.last, is_received: false }
        };
        let journals = open.take(FORMER_JOURNALS_MAX).map(one).collect();
        Self { journals, ..Self::default() }
    }

    /// Records that wait in journals that were set aside.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        let open = self.journals.iter().filter(|one| !one.is_received);
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

    /// The Control Site says what it has of one of them: how far that is, where it is more than before. None for a
    /// journal that is not among them.
    pub fn receipt(&mut self, receipt: &Receipt, now: Mono) -> Option<Option<u64>> {
        let one = self.journals.iter_mut().find(|one| one.outbox.journal == receipt.journal)?;
        if receipt.through >= one.last {
            // The Control Site may have more than can be read here.
            let is_news = !std::mem::replace(&mut one.is_received, true);
            return Some(is_news.then_some(receipt.through));
        }
        Some(match one.outbox.receipt(receipt, now) {
            Receipted::Through(through) => Some(through),
            Receipted::Same | Receipted::NotOurs(_) => None,
        })
    }

    /// The answer to an [`Output::FetchFormer`].
    pub fn fetched(
        &mut self,
        journal: JournalId,
        (first, through): (u64, u64),
        bundle: Vec<u8>,
        now: Mono,
    ) {
        if let Some(one) = self.journals.iter_mut().find(|one| one.outbox.journal == journal) {
            one.outbox.fetched(first, through, bundle, now);
        }
    }

    /// The next thing to do.
    pub fn next(&mut self, now: Mono) -> Option<Output> {
        for (index, one) in self.journals.iter_mut().enumerate() {
            // What cannot be read or sent stands in the journal that is set aside; nobody is told of it every time.
            while one.outbox.take_notice().is_some() {}
            if one.is_received {
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
        let open = self.journals.iter().filter(|one| !one.is_received);
        open.filter_map(|one| one.outbox.next_deadline()).min()
    }
}
