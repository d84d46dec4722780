//! The key that seals records, as far as the core knows of it: whether there is one, and that it changes.

use cellwatch_model::Now;
use cellwatch_record::{Datum, EventKind};

use super::Agent;
use crate::door::KeyInput;
use crate::evaluate::UNSEALED;
use crate::journal::{Context, Said};

impl Agent {
    pub(super) fn key(&mut self, input: KeyInput, now: Now) {
        match input {
            KeyInput::Stopped { reason } => self.seal_stopped(reason, now),
            KeyInput::Resumed { key, before, late } => {
                self.seal_resumed(&key, before, late, now);
            }
            KeyInput::Rotate { old, new, succession } => {
                // What belongs before it is recorded before it: with the next record the new key begins.
                self.cut_frames(now);
                let text = "this record is the last one that the present key seals: another one follows it";
                let said = Said::new(EventKind::KeyRotated, now.mono.floor_ms(), text)
                    .with("old_key", Datum::Bytes(old.to_vec()))
                    .with("new_key", Datum::Bytes(new.to_vec()))
                    .with("succession", Datum::Bytes(succession));
                self.recorder.record(said.into(), Context::default(), now);
            }
        }
    }

    fn seal_stopped(&mut self, reason: String, now: Now) {
        self.former.hold(true);
        if !self.outbox.hold(true) {
            return;
        }
        let text = format!("records are not sealed and not sent: {reason}");
        let said = Said::new(EventKind::Sealing, now.mono.floor_ms(), text)
            .with("what", "stopped")
            .with("reason", reason.clone());
        self.recorder.record(said.into(), Context::default(), now);
        self.condition(UNSEALED, true, Some(reason), now);
    }

    fn seal_resumed(
        &mut self,
        key: &str,
        before: Option<String>,
        late: Option<(u64, u64)>,
        now: Now,
    ) {
        self.former.hold(false);
        let was_held = self.outbox.hold(false);
        if !was_held && before.is_none() && late.is_none() {
            return;
        }
        let mut text = format!("records are sealed with key {key}");
        if let Some((first, last)) = late {
            text +=
                &format!("; of seq {first} to {last}, those that were not sealed are so since now");
        }
        if let Some(before) = &before {
            text += &format!("; key {before}, which sealed before, did not seal this change");
        }
        let mut said = Said::new(EventKind::Sealing, now.mono.floor_ms(), text)
            .with("what", "resumed")
            .with("key", key);
        if let Some(before) = before {
            said = said.with("before", before);
        }
        if let Some((first, last)) = late {
            said = said.with("first_seq", first).with("last_seq", last);
        }
        self.recorder.record(said.into(), Context::default(), now);
        self.condition(UNSEALED, false, None, now);
        if was_held && self.outbox.is_up() {
            self.offer_presence(now);
            self.offer_all_alarms(now);
        }
    }
}
