//! What the Control Site says that it has and misses.

use cellwatch_model::Mono;
use cellwatch_record::{Missing, RECEIPT_MISSING_MAX, Receipt};

use super::book::Carried;
use super::notice::Notice;
use super::outbox::Outbox;
use super::ranges::Ranges;

/// What a receipt brought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Receipted {
    /// Everything up to here is at the Control Site, more than before.
    Through(u64),
    /// Nothing new.
    Same,
    /// It cannot be meant for this journal; why.
    NotOurs(String),
}

impl Outbox {
    /// The Control Site says what it has and what it misses.
    ///
    /// An older receipt that comes again, or late, takes nothing back and at worst makes records go
    /// out twice. A newer one that covers less (a Control Site restored from a copy) is given what it
    /// asks for, as far as the journal still has it.
    pub fn receipt(&mut self, receipt: &Receipt, now: Mono) -> Receipted {
        if receipt.agent != self.agent || receipt.journal != self.journal {
            let text = format!("it is for {} journal {}", receipt.agent, receipt.journal);
            return Receipted::NotOurs(text);
        }
        if receipt.through > self.durable {
            return Receipted::NotOurs(format!(
                "it covers seq {} but this journal ends at {}: the journal was restored from an older copy",
                receipt.through, self.durable
            ));
        }
        let before = self.through;
        self.through = before.max(receipt.through);
        self.receipts_come = true;
        let is_newest = receipt.issued >= self.issued;
        let count = |one: &Missing| one.last.saturating_sub(one.first).saturating_add(1);
        let misses = receipt.missing.iter().fold(0, |sum: u64, one| sum.saturating_add(count(one)));
        let grows = is_newest && (receipt.through > self.floor || misses < self.missed);
        if is_newest && receipt.through < self.floor {
            let (through, before) = (receipt.through, self.floor);
            self.notices.say(Notice::ReceiptWentBack { through, before });
        }
        if is_newest || receipt.through > self.floor {
            self.floor = receipt.through;
            self.forget(receipt.through);
        }
        if grows {
            self.wait_longer(now);
        }
        for missing in receipt.missing.iter().take(RECEIPT_MISSING_MAX) {
            self.ask_again(missing.first, missing.last, now);
        }
        if is_newest {
            self.issued = receipt.issued;
            self.missed = misses;
            self.watch_tail(receipt.highest, now);
        }
        if self.through > before { Receipted::Through(self.through) } else { Receipted::Same }
    }

    /// The Control Site misses less than before: it works on what the broker holds for it, and what was acknowledged may still
    /// be there. When only what was lost is missing, it misses no less.
    fn wait_longer(&mut self, now: Mono) {
        let until = now.plus_ms(self.pauses.on_its_way_ms);
        for on_its_way_until in self.acknowledged.values_mut() {
            *on_its_way_until = until.max(*on_its_way_until);
        }
    }

    fn forget(&mut self, through: u64) {
        self.backlog.remove(0, through);
        self.urgent_backlog.remove(0, through);
        self.aside.forget(through);
        self.acknowledged = self.acknowledged.split_off(&(through.saturating_add(1)));
    }

    /// What the broker forgot at the end shows in no missing range: no later record revealed it.
    fn watch_tail(&mut self, highest: u64, now: Mono) {
        let rises = highest > self.highest;
        self.highest = highest;
        let is_due = now >= self.tail_due;
        if !rises && is_due {
            let after = self.acknowledged.range(highest.saturating_add(1)..);
            let mut tail = Ranges::default();
            for (seq, _) in after {
                tail.insert(*seq, *seq);
            }
            for (first, last) in tail.iter() {
                self.ask_again(first, last, now);
            }
        }
        if rises || is_due {
            self.tail_due = now.plus_ms(self.pauses.tail_ms);
        }
    }

    /// The Control Site asks for records again, as far as the newest receipt does not cover them.
    pub fn wanted(&mut self, first: u64, last: u64, now: Mono) {
        self.ask_again(first, last, now);
    }

    fn ask_again(&mut self, first: u64, last: u64, now: Mono) {
        let (first, last) = (first.max(self.floor.saturating_add(1)), last.min(self.durable));
        if last < first {
            return;
        }
        let mut wanted = Ranges::default();
        wanted.insert(first, last);
        wanted.remove_all(&self.gone);
        for carried in self.book.iter() {
            if let Carried::Records { first, last, .. } = carried {
                wanted.remove(*first, *last);
            }
        }
        for seq in self.urgent.seqs().chain(self.live.seqs()) {
            wanted.remove(seq, seq);
        }
        let mut on_its_way = Ranges::default();
        for (seq, until) in self.acknowledged.range(first..=last) {
            if now < *until {
                on_its_way.insert(*seq, *seq);
            }
        }
        wanted.remove_all(&on_its_way);
        self.aside.subtract_from(&mut wanted);
        wanted.remove_all(&self.urgent_backlog);
        for (first, last) in wanted.iter() {
            self.put_in_backlog(first, last, false);
            // It goes again: until then nothing of it is on its way.
            let after = self.acknowledged.split_off(&last.saturating_add(1));
            drop(self.acknowledged.split_off(&first));
            self.acknowledged.extend(after);
        }
    }

    /// True if the outbox accounts for `seq`: it is covered by a receipt, waits for the disk, for its
    /// turn or for an answer, or was acknowledged and waits for a receipt.
    #[must_use]
    pub fn accounts_for(&self, seq: u64) -> bool {
        let in_flight = |one: &Carried| matches!(one, Carried::Records { first, last, .. } if (*first..=*last).contains(&seq));
        seq <= self.through
            || self.gone.contains(seq)
            || seq > self.durable
            || self.backlog.contains(seq)
            || self.urgent_backlog.contains(seq)
            || self.aside.contains(seq)
            || self.acknowledged.contains_key(&seq)
            || self.urgent.seqs().chain(self.live.seqs()).any(|one| one == seq)
            || self.book.iter().any(in_flight)
    }
}
