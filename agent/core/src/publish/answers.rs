//! What the broker says: that it is there or away, what went out, what it took and what it refused.

use cellwatch_model::Mono;

use super::book::Carried;
use super::limits::{ACKNOWLEDGED_MAX, Limits};
use super::notice::Notice;
use super::outbox::Outbox;
use crate::door::BrokerInput;

impl Outbox {
    /// What the broker said; true if the connection came up just now.
    pub fn broker(&mut self, input: &BrokerInput, now: Mono) -> bool {
        match input {
            BrokerInput::Up { receive_maximum, maximum_packet_size } => {
                self.down();
                self.notices.begin();
                self.up = Some(Limits::new(*receive_maximum, *maximum_packet_size));
                self.hold_until = now.plus_ms(self.pauses.receipt_grace_ms);
                self.documents_hold_until = now;
                return true;
            }
            BrokerInput::Down(_) => self.down(),
            BrokerInput::Sent(packet_id) => {
                if let Some(lost) = self.book.sent(*packet_id) {
                    self.send_again(lost);
                }
            }
            BrokerInput::Acknowledged { packet_id, reason } => {
                if let Some(carried) = self.book.answered(*packet_id) {
                    self.silence.answered(!self.book.is_empty(), &self.pauses, now);
                    if *reason >= 0x80 {
                        self.refused(carried, *reason, now);
                    } else {
                        self.acknowledged(&carried, now);
                    }
                }
            }
        }
        false
    }

    fn acknowledged(&mut self, carried: &Carried, now: Mono) {
        let Carried::Records { first, last, backfill, .. } = carried else { return };
        if *backfill {
            self.bundling.grow();
        }
        if self.acknowledged.is_empty() {
            self.tail_due = now.plus_ms(self.pauses.tail_ms);
        }
        let on_its_way = now.plus_ms(self.pauses.on_its_way_ms);
        let first = (*first).max(self.floor.saturating_add(1));
        self.acknowledged.extend((first..=*last).map(|seq| (seq, on_its_way)));
        while self.acknowledged.len() > ACKNOWLEDGED_MAX {
            self.acknowledged.pop_first();
        }
    }

    fn refused(&mut self, carried: Carried, reason: u8, now: Mono) {
        self.figures.refused += 1;
        let again = now.plus_ms(self.pauses.refused_ms);
        match carried {
            Carried::Records { first, last, urgent, backfill } => {
                self.hold_until = self.hold_until.max(again);
                let topic = if backfill { self.topics.backfill() } else { "a record".to_owned() };
                self.notices.say(Notice::Refused { seq: Some(first), topic, reason });
                if backfill && is_about_the_message(reason) {
                    // One record may be what it does not like: the others find their way around it.
                    if first == last {
                        self.aside.later(first, last, now.plus_ms(self.pauses.aside_ms));
                        return;
                    }
                    self.bundling.shrink(last - first + 1);
                }
                self.put_in_backlog(first, last, urgent);
            }
            Carried::Document { topic, content } => {
                self.notices.say(Notice::Refused { seq: None, topic: topic.clone(), reason });
                let is_newer = |one: &Carried| matches!(one, Carried::Document { topic: other, .. } if *other == topic);
                let Some(content) = content else { return };
                self.documents_hold_until = again;
                if !self.book.iter().any(is_newer) {
                    self.alarm_documents.entry(topic).or_insert(content);
                }
            }
        }
    }

    fn down(&mut self) {
        self.up = None;
        self.receipts_come = false;
        self.silence.down();
        for lost in self.book.clear() {
            self.send_again(lost);
        }
        self.withdraw();
        let aside = self.aside.release_all();
        self.come_back(&aside);
    }

    /// What has not been handed over yet goes back to where it came from.
    pub(super) fn withdraw(&mut self) {
        self.bundling.down();
        while let Some(live) = self.urgent.pop() {
            self.put_in_backlog(live.seq, live.seq, true);
        }
        while let Some(live) = self.live.pop() {
            self.put_in_backlog(live.seq, live.seq, false);
        }
        self.alarm_documents.clear();
        self.documents.clear();
    }
}

/// True unless a refusal is about the agent's rights, its quota or the identifier: then another message
/// would fare no better.
const fn is_about_the_message(reason: u8) -> bool {
    !matches!(reason, 0x87 | 0x91 | 0x97)
}
