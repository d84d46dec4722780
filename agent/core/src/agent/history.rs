//! The journal on disk: what may go, what was lost, and when another one must begin.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind, Hash, Receipt};

use super::Agent;
use crate::door::{JournalState, Output};
use crate::evaluate::DISK;
use crate::journal::{Context, Said, retention};

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
            let text = format!(
                "a part of the journal was set aside as {}: {}",
                damage.file, damage.reason
            );
            let said = Said::new(EventKind::Quarantined, now.mono.floor_ms(), text)
                .with("file", damage.file.clone())
                .with("reason", damage.reason.clone())
                .with("first_seq", damage.first)
                .with("last_seq", damage.last);
            self.recorder.record(said.into(), Context::default(), now);
        }
        self.history.state = JournalState { damaged: Vec::new(), ..state };
        self.history.going = None;
        self.let_history_go(now);
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
        let through = receipt.through;
        if self.history.contradicted.replace((through, receipt.hash))
            == Some((through, receipt.hash))
        {
            return self.begin_journal(format!("seq {through} contradicts a receipt"), now);
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
        self.begin_journal(reason, now);
    }

    /// Another journal is to begin.
    pub(super) fn begin_journal(&mut self, why: String, now: Now) {
        if now.mono >= self.history.not_before && !self.history.begins_another {
            self.history.begins_another = true;
            self.outputs.push_back(Output::BeginJournal { why });
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
