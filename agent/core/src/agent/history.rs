//! The journal on disk: what may go, what was lost, and when another one must begin.

use std::collections::VecDeque;

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind, Hash, Receipt};

use super::Agent;
use crate::door::{JournalState, Output};
use crate::evaluate::DISK;
use crate::journal::{Context, Said, retention};
use crate::publish::{Lost, Ranges};

/// A journal that was made by this start is not given up for another one within this time, milliseconds: a Control
/// Site in disorder makes one journal in ten minutes at most.
const NEXT_JOURNAL_AFTER_MS: u64 = 600_000;

/// What is known of the journal on disk.
#[derive(Debug)]
pub(super) struct History {
    state: JournalState,
    /// The record that says that everything up to the second may go; the shell hears of it when it is durable.
    going: Option<(u64, u64)>,
    /// No other journal is begun before.
    not_before: Mono,
    begins_another: bool,
    /// The receipt that was last said to contradict this journal.
    contradicted: Option<(u64, Hash)>,
    /// What of this journal cannot be read any more.
    holes: Ranges,
    /// What of it was received, removed, and asked for again nevertheless.
    removed: Ranges,
    /// Losses that were said, with the records that say so: kept when these are durable.
    said_lost: VecDeque<(u64, Lost)>,
    reserve_in_use: bool,
}

impl History {
    pub(super) fn new(new_journal: bool, now: Mono) -> Self {
        let not_before = if new_journal { now.plus_ms(NEXT_JOURNAL_AFTER_MS) } else { now };
        Self {
            state: JournalState::default(),
            going: None,
            not_before,
            begins_another: false,
            contradicted: None,
            holes: Ranges::default(),
            removed: Ranges::default(),
            said_lost: VecDeque::new(),
            reserve_in_use: false,
        }
    }

    pub(super) const fn reserve_in_use(&self) -> bool {
        self.reserve_in_use
    }
}

impl Agent {
    /// The shell has looked at the journal on disk.
    pub(super) fn journal(&mut self, state: JournalState, now: Now) {
        for damage in &state.damaged {
            let durable = self.recorder.durable();
            let end = if damage.last == 0 { durable } else { damage.last.min(durable) };
            let mut first = damage.first;
            if damage.is_removed {
                let received = self.outbox.through();
                self.history.removed.insert(first.max(1), end.min(received));
                self.history.removed.bound();
                first = first.max(received.saturating_add(1));
                if first > end {
                    continue;
                }
            }
            let text =
                format!("a part of the journal is gone, see {}: {}", damage.file, damage.reason);
            let said = Said::new(EventKind::Quarantined, now.mono.floor_ms(), text)
                .with("file", damage.file.clone())
                .with("reason", damage.reason.clone())
                .with("first_seq", first)
                .with("last_seq", damage.last);
            self.recorder.record(said.into(), Context::default(), now);
            if !damage.of_former {
                self.history.holes.insert(first.max(1), end);
                self.history.holes.bound();
            }
        }
        self.begin_beyond_a_hole(now);
        self.history.state = JournalState { damaged: Vec::new(), ..state };
        self.history.going = None;
        self.let_history_go(now);
    }

    /// Receipts never pass what was not received and cannot be sent any more, and without receipts nothing may be
    /// pruned: another journal begins, and what can be read of this one is delivered beside it.
    pub(super) fn begin_beyond_a_hole(&mut self, now: Now) {
        let is_awaited = |hole: &(u64, u64)| self.outbox.awaits(hole.0, hole.1);
        let why = if let Some((first, last)) = self.history.holes.iter().find(is_awaited) {
            format!(
                "seq {first} to {last} cannot be read any more, and the Control Site does not have all of them"
            )
        } else if let Some((first, last)) = self.history.removed.iter().find(is_awaited) {
            format!(
                "seq {first} to {last} were removed here after a receipt, and the Control Site no longer has all of them"
            )
        } else {
            return;
        };
        self.begin_journal(why, None, now);
    }

    /// What of former journals the Control Site does not get is on record, once (LAW-04).
    pub(super) fn say_lost(&mut self, now: Now) {
        while let Some(lost) = self.former.take_lost() {
            let Lost { journal, first, last, why, utc } = &lost;
            let said = Said::new(EventKind::Loss, now.mono.floor_ms(), lost.text())
                .with("what", "records")
                .with("why", why.word())
                .with("journal", Datum::Bytes(journal.0.to_vec()))
                .with("first_seq", *first)
                .with("last_seq", *last);
            let said = match utc {
                Some((from, to)) => said.with("from_utc_ns", from.0).with("to_utc_ns", to.0),
                None => said,
            };
            // One that finds no room is said at the next start.
            if let Some(seq) = self.recorder.record(said.into(), Context::default(), now) {
                self.history.said_lost.push_back((seq, lost));
            }
        }
    }

    /// What is on record as lost need not be said again.
    pub(super) fn keep_what_was_lost(&mut self) {
        let durable = self.recorder.durable();
        while let Some((_, lost)) = self.history.said_lost.pop_front_if(|(seq, _)| *seq <= durable)
        {
            let done = self.former.on_record(&lost);
            let Lost { journal, first, last, .. } = lost;
            self.outputs.push_back(Output::KeepLost { journal, first, last });
            self.outputs.extend(done);
        }
    }

    /// Says that the oldest segment goes, if it may; once that is on disk, it goes. What later records need of
    /// it is said again: what the indices in frames mean, and the state with the Master Files in force.
    pub(super) fn let_history_go(&mut self, now: Now) {
        if self.history.going.is_some() {
            return;
        }
        let (through, kept_from) = (self.outbox.through(), self.recorder.keeps_from());
        let Some(oldest) = retention::goes(&self.history.state, through, kept_from) else {
            return;
        };
        let through = oldest.last;
        self.cut_frames(now);
        let text = format!(
            "records up to seq {through} are removed from the disk here: they were received"
        );
        let said = Said::new(EventKind::Pruned, now.mono.floor_ms(), text)
            .with("through", through)
            .with("hash", Datum::Bytes(oldest.hash.0.to_vec()));
        let seq = self.recorder.record(said.into(), Context::default(), now);
        let Some(seq) = seq else { return };
        for unit in 0..self.units.len() {
            self.say_configuration(unit, now);
        }
        self.say_state(now);
        self.history.going = Some((seq.max(self.recorder.head().seq), through));
    }

    /// What was said to go, goes when that is on disk.
    pub(super) fn prune_what_was_said(&mut self) {
        let durable = self.recorder.durable();
        if let Some((seq, through)) = self.history.going
            && seq <= durable
            && self.history.state.oldest.take().is_some()
        {
            self.outputs.push_back(Output::Prune { through });
        }
    }

    /// A receipt is for other records than ours: whoever has the others, this journal is at its end.
    pub(super) fn receipt_contradicts(&mut self, receipt: &Receipt, ours: Hash, now: Now) {
        if let Some(keep) = self.former.receipt_contradicts(receipt.journal) {
            self.outputs.extend(keep);
            return;
        }
        let through = receipt.through;
        let fork = Some(self.outbox.through() + 1);
        if self.history.contradicted.replace((through, receipt.hash))
            == Some((through, receipt.hash))
        {
            return self.begin_journal(format!("seq {through} contradicts a receipt"), fork, now);
        }
        let reason = format!(
            "the Control Site has another record as seq {through} of this journal: it has {}, here is {ours}",
            receipt.hash
        );
        let said = Said::new(EventKind::Security, now.mono.floor_ms(), reason.clone())
            .with("what", "receipt")
            .with("through", through)
            .with("theirs", Datum::Bytes(receipt.hash.0.to_vec()))
            .with("ours", Datum::Bytes(ours.0.to_vec()));
        self.recorder.record(said.into(), Context::default(), now);
        self.begin_journal(reason, fork, now);
    }

    /// Another journal is to begin; with `fork`, because the Control Site may have other records than this one from there on.
    pub(super) fn begin_journal(&mut self, why: String, fork: Option<u64>, now: Now) {
        if now.mono >= self.history.not_before && !self.history.begins_another {
            self.history.begins_another = true;
            self.outputs.push_back(Output::BeginJournal { why, fork });
        }
    }

    /// The reserve on the disk is used, or is whole again (LAW-10).
    pub(super) fn reserve(&mut self, in_use: bool, now: Now) {
        self.history.reserve_in_use = in_use;
        self.recorder.reserve(in_use, now);
        let note = if in_use {
            "the disk is full: readings are not recorded, the reserve holds alarms and actions"
        } else {
            "there is room again"
        };
        self.condition(DISK, in_use, Some(note.to_owned()), now);
    }
}
