//! What the agent's own alarms judge. Each change of a condition is a record before it is judged (LAW-08).

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Now, Utc};
use cellwatch_record::{Datum, EventKind};

use super::Agent;
use crate::acquire::Station;
use crate::door::{DiskState, KeyFileState};
use crate::evaluate::{
    BACKLOG, CERTIFICATE, DEVICE_CLOCK, DISK, JOURNAL, KEY_FILE, MASTER_FILE_EXPIRES, RECEIPT,
    words,
};
use crate::journal::{Context, Said};

/// Nothing confirmed for so long while records go out, milliseconds.
const RECEIPT_OVERDUE_MS: u64 = 600_000;
/// Records that wait for the disk: above the first the journal does not keep up, below the second it does again.
const JOURNAL_WAITING: (u64, u64) = (2_000, 200);
/// Nothing became durable for so long although records wait, milliseconds.
const JOURNAL_STANDS_MS: u64 = 30_000;
/// Records that wait to be sent: above the first the backlog is large, below the second it is not.
const BACKLOG_RECORDS: (u64, u64) = (100_000, 50_000);
/// Free space, bytes: below the first the disk fills, above the second it does not.
const DISK_FREE_BYTES: (u64, u64) = (1 << 30, (1 << 30) + (1 << 28));
/// Time until the disk is full, seconds: below the first it fills, above the second it does not.
const DISK_FULL_IN_S: (u64, u64) = (7 * 86_400, 8 * 86_400);
/// A Master File or a certificate expires soon, nanoseconds: fourteen days.
const SOON_NS: i64 = 14 * 86_400 * 1_000_000_000;

/// A device's clock is off by this, milliseconds: above the first an alarm says so, below the second it returns. One that
/// tells whole seconds, asked between two health records, is well within.
const DEVICE_CLOCK_OFF_MS: (u64, u64) = (10_000, 5_000);

/// When something last went on.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Records were confirmed, or none had to be.
    pub(super) receipt: Mono,
    /// Records became durable, or none had to.
    pub(super) durable: Mono,
    /// End of the certificate that ends first, and its file, where the shell said it.
    pub(super) certificate: Option<(Utc, String)>,
    /// What devices' clocks said last, by index.
    pub(super) device_clocks: BTreeMap<usize, ClockSaid>,
    /// What a standing condition is about, where it can be about several things.
    pub(super) subjects: BTreeMap<&'static str, String>,
    /// When the last receipt came.
    pub(super) received: Option<Mono>,
}

/// A device's clock beside this machine's.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockSaid {
    /// By how much it is ahead, milliseconds.
    ahead_ms: i64,
    is_off: bool,
}

impl Agent {
    /// A condition is true or false; recorded and judged where that is news.
    pub(super) fn condition(&mut self, id: &str, holds: bool, note: Option<String>, now: Now) {
        if self.alarms.is_news(id, holds) {
            self.say_condition(id, holds, note, now);
        }
    }

    /// The same where it can be about several things: that it holds for others than before is news, too.
    fn condition_of(&mut self, id: &'static str, subjects: String, note: Option<String>, now: Now) {
        let holds = !subjects.is_empty();
        let is_same = self.progress.subjects.get(id) == Some(&subjects);
        self.progress.subjects.insert(id, subjects);
        if self.alarms.is_news(id, holds) || holds && !is_same {
            self.say_condition(id, holds, note, now);
        }
    }

    fn say_condition(&mut self, id: &str, holds: bool, note: Option<String>, now: Now) {
        let at = now.mono.floor_ms();
        let text = format!("{id} {}", if holds { "holds" } else { "no longer holds" });
        let mut said = Said::new(EventKind::Condition, at, text)
            .with("alarm", id)
            .with("holds", Datum::Bool(holds));
        if let Some(note) = &note {
            said = said.with("note", note.clone());
        }
        self.recorder.record(said.into(), Context::default(), now);
        let change = self.alarms.set(id, holds, note, at);
        self.agent_changed(change, now);
    }

    /// A condition that holds for a moment only.
    pub(super) fn momentary(&mut self, id: &str, note: String, now: Now) {
        self.condition(id, true, Some(note), now);
        self.condition(id, false, None, now);
    }

    /// Looks at everything that nobody reports: with each health record.
    pub(super) fn look(&mut self, now: Now) {
        self.look_at_receipts(now);
        self.look_at_journal(now);
        let backlog = self.outbox.backlog();
        let holds = above(backlog, BACKLOG_RECORDS, self.alarms.holds(BACKLOG));
        self.condition(BACKLOG, holds, Some(format!("{backlog} records wait to be sent")), now);
        let said: Vec<_> = self.devices.iter_mut().map(Station::take_clock).collect();
        if !now.clock.sync.is_trusted() {
            return;
        }
        self.look_at_device_clocks(&said, now);
        self.look_at_master_file(now);
        self.look_at_certificate(now);
    }

    fn look_at_receipts(&mut self, now: Now) {
        if self.recorder.durable() <= self.outbox.through() {
            self.progress.receipt = now.mono;
        }
        if self.outbox.is_up() {
            let waits_ms = now.mono.ms_since(self.progress.receipt);
            let note = format!("nothing was confirmed for {} min", waits_ms / 60_000);
            self.condition(RECEIPT, waits_ms >= RECEIPT_OVERDUE_MS, Some(note), now);
        }
    }

    fn look_at_journal(&mut self, now: Now) {
        let waiting = self.recorder.head().seq - self.recorder.durable();
        if waiting == 0 {
            self.progress.durable = now.mono;
        }
        let stands = now.mono.ms_since(self.progress.durable) >= JOURNAL_STANDS_MS;
        let holds = stands || above(waiting, JOURNAL_WAITING, self.alarms.holds(JOURNAL));
        self.condition(JOURNAL, holds, Some(format!("{waiting} records wait for the disk")), now);
    }

    /// A device whose clock is off writes other times into its own log than stand in the records (LAW-12). What a device did not say
    /// again stays as it was; after a start nothing is over before all have spoken.
    fn look_at_device_clocks(&mut self, said: &[Option<i128>], now: Now) {
        for (index, mono_ahead_ns) in said.iter().enumerate() {
            let Some(mono_ahead_ns) = mono_ahead_ns else { continue };
            let ahead_ns = i128::from(now.mono.0) - i128::from(now.utc.0) - mono_ahead_ns;
            let ahead_ms = i64::try_from(ahead_ns / 1_000_000).unwrap_or(i64::MAX);
            let was = self.progress.device_clocks.get(&index).is_some_and(|said| said.is_off);
            let is_off = above(ahead_ms.unsigned_abs(), DEVICE_CLOCK_OFF_MS, was);
            self.progress.device_clocks.insert(index, ClockSaid { ahead_ms, is_off });
        }
        let off = self.progress.device_clocks.iter().filter(|(_, said)| said.is_off);
        let (names, words): (Vec<&str>, Vec<String>) = off
            .map(|(index, said)| {
                let name = self.devices[*index].name();
                let side = if said.ahead_ms > 0 { "ahead" } else { "behind" };
                let s = (said.ahead_ms.unsigned_abs() + 500) / 1_000;
                (name, format!("{name} is {s} s {side}"))
            })
            .unzip();
        let names = names.join(" ");
        let has_spoken = |index| self.progress.device_clocks.contains_key(&index);
        let devices = self.devices.iter().enumerate();
        let waits = !self.alarms.was_judged(DEVICE_CLOCK)
            && devices.into_iter().any(|(index, one)| one.has_clock() && !has_spoken(index));
        if !names.is_empty() || !waits {
            self.condition_of(DEVICE_CLOCK, names, Some(words.join(", ")), now);
        }
    }

    /// A Master File ends soon; that it has ended is another alarm's.
    fn look_at_master_file(&mut self, now: Now) {
        let end = self.master_files.earliest_end().filter(|end| end.0 > now.utc.0);
        let note = end.map(|end| format!("valid until {}", words(end)));
        let holds = end.is_some_and(|end| is_soon(end, now));
        self.condition(MASTER_FILE_EXPIRES, holds, note, now);
    }

    fn look_at_certificate(&mut self, now: Now) {
        let Some((end, name)) = &self.progress.certificate else { return };
        let note = format!("{name}: valid until {}", words(*end));
        let subject = if is_soon(*end, now) { note.clone() } else { String::new() };
        self.condition_of(CERTIFICATE, subject, Some(note), now);
    }

    pub(super) fn disk(&mut self, disk: DiskState, now: Now) {
        let was = self.alarms.holds(DISK);
        let is_little = below(disk.free_bytes, DISK_FREE_BYTES, was);
        let is_soon = disk.full_in_s.is_some_and(|full_in_s| below(full_in_s, DISK_FULL_IN_S, was));
        let hours = disk.full_in_s.map(|full_in_s| format!(", full in {} h", full_in_s / 3600));
        let note = format!("{} MiB are free{}", disk.free_bytes >> 20, hours.unwrap_or_default());
        let is_full = self.history.reserve_in_use();
        self.condition(DISK, is_full || is_little || is_soon, Some(note), now);
    }

    pub(super) fn certificate(&mut self, expires: Utc, name: String, now: Now) {
        self.progress.certificate = Some((expires, name));
        if now.clock.sync.is_trusted() {
            self.look_at_certificate(now);
        }
    }

    pub(super) fn key_file(&mut self, state: KeyFileState, now: Now) {
        self.condition(KEY_FILE, state.is_exposed, Some(state.note), now);
    }
}

/// Within [`SOON_NS`], or over.
const fn is_soon(end: Utc, now: Now) -> bool {
    end.0.saturating_sub(now.utc.0) < SOON_NS
}

/// Above the first number, or not yet below the second.
const fn above(number: u64, (more, less): (u64, u64), was: bool) -> bool {
    number > if was { less } else { more }
}

/// Below the first number, or not yet above the second.
const fn below(number: u64, (less, more): (u64, u64), was: bool) -> bool {
    number < if was { more } else { less }
}
