//! One device on OPC UA: when to read everything, what samples mean, whether its subscription lives.

mod reads;

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{Parameter, Profile};
use cellwatch_model::{Cause, Mono, NoData, Quality, Reading, Words};

use crate::acquire::DeviceSaid;
use crate::acquire::believe::Believer;
use crate::acquire::figures::{Counters, Times};
use crate::acquire::gap::{GapCause, Gaps};
use crate::acquire::histogram::Spread;
use crate::acquire::link::Link;
use crate::acquire::opcua::encode::reading;
use crate::acquire::opcua::lost::Lost;
use crate::acquire::opcua::newest::{LATE_MS, Newest, Order, time};
use crate::acquire::opcua::possible::{IMPOSSIBLE, is_possible};
use crate::acquire::opcua::said::{Slower, UaSaid};
use crate::acquire::opcua::status::lost_values;
use crate::acquire::schedule::Skipped;
use crate::acquire::sign::cause;
use crate::door::{
    DeviceId, DeviceSetup, NoReply, Output, RequestId, UaInput, UaSample, UaSetup, UaShortfall,
};

/// A subscription is given up after this beyond its keep-alive time, milliseconds.
const SILENCE_MS: u64 = 3_000;
/// A publishing interval that a server grants counts as no longer than this, the longest that may be asked for, milliseconds.
const PUBLISHING_MOST_MS: u64 = 60_000;
/// A subscription without a sign of life is given up after this at the latest, whatever keep-alive the server grants, milliseconds.
const ALIVE_MOST_MS: u64 = 600_000;

/// A device.
#[derive(Debug)]
pub(crate) struct UaDevice {
    id: DeviceId,
    name: String,
    line: usize,
    profile: Arc<Profile>,
    setup: UaSetup,
    /// As it is granted, milliseconds.
    publishing_ms: u64,
    has_session: bool,
    open: Option<(RequestId, Mono)>,
    next_check: Mono,
    /// What was read, until what was published before it is here.
    held: Option<reads::Held>,
    /// Last sign of life of the subscription, and how long it may be silent, milliseconds.
    subscription: Option<(Mono, u64)>,
    /// Least difference between the agent's and the server's time at a notification, nanoseconds.
    least_delay_ns: Option<i128>,
    unwatched_since: Option<Mono>,
    newest: Vec<Newest>,
    lost: Lost,
    /// What was told last of what the server grants less of.
    shortfalls: (Option<Slower>, Vec<UaShortfall>),
    believer: Believer,
    link: Link,
    gaps: Gaps,
    counters: Counters,
    times: Times,
    failed_at: Option<Mono>,
    said: Vec<DeviceSaid>,
    reconnect: Option<String>,
}

impl UaDevice {
    pub(crate) fn new(id: DeviceId, setup: &DeviceSetup, opcua: UaSetup, now: Mono) -> Self {
        let profile = Arc::clone(&setup.profile);
        Self {
            id,
            name: setup.id.clone(),
            line: setup.line,
            publishing_ms: opcua.publishing_ms,
            setup: opcua,
            has_session: false,
            open: None,
            next_check: now.floor_ms(),
            held: None,
            subscription: None,
            least_delay_ns: None,
            unwatched_since: None,
            newest: profile.parameters.iter().map(|_| Newest::default()).collect(),
            lost: Lost::default(),
            shortfalls: (None, Vec::new()),
            believer: Believer::new(&profile, opcua.check_ms),
            profile,
            link: Link::default(),
            gaps: Gaps::default(),
            counters: Counters::default(),
            times: Times::default(),
            failed_at: None,
            said: Vec::new(),
            reconnect: None,
        }
    }

    pub(crate) const fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn take_times(&mut self) -> [(&'static str, Option<Spread>); 2] {
        self.times.take()
    }

    /// By how much the monotonic time is ahead of the server's, nanoseconds; none where it said nothing since the last call.
    pub(crate) const fn take_clock(&mut self) -> Option<i128> {
        self.believer.clock().take()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    pub(crate) const fn answers(&self) -> Option<bool> {
        self.link.answers()
    }

    pub(crate) fn take_said(&mut self) -> Vec<DeviceSaid> {
        std::mem::take(&mut self.said)
    }

    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.profile.parameters
    }

    pub(crate) fn master_file(&mut self, file: &MasterFile) {
        self.believer.master_file(file, &self.profile);
    }

    /// When [`Self::elapse`] is due: a read, what was read, the end of a gap, a subscription that is silent for too long.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let all = [
            self.reconnect.as_ref().map(|_| Mono::default()),
            self.open.is_none().then_some(self.next_check),
            self.held.as_ref().map(|held| held.until),
            self.gaps.next_deadline(),
            self.silent_at(),
            self.lost.next_deadline(),
        ];
        all.into_iter().flatten().min()
    }

    fn silent_at(&self) -> Option<Mono> {
        self.subscription.map(|(heard, silence_ms)| heard.plus_ms(silence_ms))
    }

    /// Does what is due: gives a read to ask for, and readings of one that cannot be.
    pub(crate) fn elapse(
        &mut self,
        now: Mono,
        next_request: &mut u64,
    ) -> (Option<Output>, Vec<(usize, Reading)>) {
        self.said.extend(self.gaps.elapse(now).into_iter().map(DeviceSaid::Gap));
        if self.held.as_ref().is_some_and(|held| held.until <= now) {
            return (None, self.release(now));
        }
        if self.silent_at().is_some_and(|due| due <= now)
            && let Some((heard, for_ms)) = self.subscription.take()
        {
            self.say(UaSaid::Silent { for_ms });
            self.unwatched(heard);
            self.reconnect = Some(format!("its subscription was silent for {for_ms} ms"));
        }
        self.tell_lost(now);
        if let Some(why) = self.reconnect.take() {
            return (Some(Output::UaReconnect { device: self.id, why }), Vec::new());
        }
        if self.open.is_some() || self.next_check > now {
            return (None, Vec::new());
        }
        self.take_due(now);
        if !self.has_session {
            self.counters.errors += 1;
            self.failed_at = Some(now);
            return (None, self.nothing(Cause::NoCommunication, now));
        }
        *next_request += 1;
        let request = RequestId(*next_request);
        self.open = Some((request, now));
        let timeout_ms = self.profile.opcua.timeout_ms;
        (Some(Output::UaRead { device: self.id, request, timeout_ms }), Vec::new())
    }

    /// The next read stands at its own time; those that were due meanwhile are skipped.
    fn take_due(&mut self, now: Mono) {
        let first = self.next_check;
        let late = now.ms_since(first) / self.setup.check_ms;
        let due = first.plus_ms(late * self.setup.check_ms);
        self.next_check = due.plus_ms(self.setup.check_ms);
        self.counters.polls += 1;
        self.times.asked(due, now);
        if late == 0 {
            return;
        }
        self.counters.skipped += late;
        let last = first.plus_ms((late - 1) * self.setup.check_ms);
        let failed = self.failed_at.is_some_and(|failed| failed >= first);
        let cause = if failed { GapCause::NotAnswering } else { GapCause::TooSlow };
        let told = self.gaps.skip(cause, 0, Skipped { first, last, polls: late }, now);
        self.said.extend(told.map(DeviceSaid::Gap));
    }

    /// Tells what is open: the agent ends.
    pub(crate) fn end(&mut self) {
        self.said.extend(self.gaps.end().into_iter().map(DeviceSaid::Gap));
    }

    /// Takes something of the session; gives readings by index in the profile.
    pub(crate) fn handle(&mut self, input: UaInput, now: Mono) -> Vec<(usize, Reading)> {
        match input {
            UaInput::Up { session } => {
                self.has_session = true;
                self.next_check = now.floor_ms();
                self.say(UaSaid::Session { session });
                Vec::new()
            }
            UaInput::Down(why) => self.down(why, now),
            UaInput::Read { request, outcome } => self.read(request, outcome, now),
            UaInput::Subscribed { publishing_ms, keep_alive_count, shortfalls } => {
                self.newest.iter_mut().for_each(Newest::begin);
                self.least_delay_ns = None;
                self.publishing_ms = publishing_ms.min(PUBLISHING_MOST_MS);
                let alive_ms = publishing_ms.saturating_mul(keep_alive_count.saturating_add(1));
                let silence_ms =
                    alive_ms.min(ALIVE_MOST_MS) + self.profile.opcua.timeout_ms + SILENCE_MS;
                self.subscription = Some((now, silence_ms));
                if let Some(from) = self.unwatched_since.take() {
                    self.say(UaSaid::Unwatched { from, to: Some(now) });
                }
                self.grants(publishing_ms, shortfalls);
                Vec::new()
            }
            UaInput::Published { samples, .. } if !samples.iter().all(is_possible) => {
                self.reconnect = Some(IMPOSSIBLE.to_owned());
                Vec::new()
            }
            UaInput::Published { at_server, samples } => {
                let delay_ms = at_server.map_or(0, |at| self.delay_ms(at, now));
                let readings = self.published(at_server, delay_ms, &samples, now);
                if let Some((heard, _)) = &mut self.subscription {
                    *heard = now;
                }
                readings
            }
            UaInput::Missing { messages } => {
                let from = self.heard(now);
                self.say(UaSaid::MessagesLost { messages, from, to: now });
                Vec::new()
            }
            UaInput::Untrusted { text, thumbprint } => {
                self.say(UaSaid::Untrusted { text, thumbprint });
                Vec::new()
            }
        }
    }

    fn down(&mut self, why: String, now: Mono) -> Vec<(usize, Reading)> {
        let mut readings = self.release(now);
        let had_session = std::mem::replace(&mut self.has_session, false);
        self.fail(&Err(NoReply::NotConnected(why)), now);
        self.newest.iter_mut().for_each(Newest::begin);
        if let Some((heard, _)) = self.subscription.take() {
            self.unwatched(heard);
        }
        if had_session {
            readings.extend(self.nothing(Cause::NoCommunication, now));
        }
        readings
    }

    /// How much longer than the fastest the notification travelled, milliseconds.
    fn delay_ms(&mut self, at_server: cellwatch_model::Utc, now: Mono) -> u64 {
        if !self.believer.has_clock() {
            self.believer.clock().said(at_server, now);
        }
        let delay_ns = i128::from(now.0) - i128::from(at_server.0);
        let least = self.least_delay_ns.map_or(delay_ns, |least| least.min(delay_ns));
        self.least_delay_ns = Some(least);
        u64::try_from((delay_ns - least) / 1_000_000).unwrap_or(u64::MAX)
    }

    fn published(
        &mut self,
        at_server: Option<cellwatch_model::Utc>,
        delay_ms: u64,
        samples: &[UaSample],
        now: Mono,
    ) -> Vec<(usize, Reading)> {
        let at = now.floor_ms();
        let late_ms = 2 * self.publishing_ms + LATE_MS;
        let mut readings = Vec::new();
        for sample in samples {
            let profile = Arc::clone(&self.profile);
            let Some(parameter) = profile.parameters.get(sample.parameter) else { continue };
            readings.extend(self.read_before(sample));
            if lost_values(sample.status) {
                let heard = self.heard(now);
                self.lost.saw(sample.parameter, heard, now);
            }
            let age_ms = at_server.zip(time(sample)).map_or(0, |(at_server, time)| {
                u64::try_from(at_server.0.saturating_sub(time.0) / 1_000_000).unwrap_or(0)
            });
            let kept_ms = age_ms.saturating_add(delay_ms);
            let order = self.newest[sample.parameter].published(sample, kept_ms, late_ms, at);
            if order == Order::Same {
                continue;
            }
            // Rates and standing still are judged by when the value came about, not by when a queue was emptied.
            let came_about = Mono(at.0.saturating_sub(age_ms.min(late_ms) * 1_000_000));
            let mut reading = reading(parameter, sample, came_about);
            if self.profile.opcua.source_time_advances
                && self.newest[sample.parameter].has_stood(sample)
            {
                freeze(&mut reading);
            }
            readings.push((sample.parameter, reading, order == Order::Late));
        }
        readings.extend(self.read_until(at_server, now));
        self.tell_lost(now);
        self.believe(readings, at)
    }

    /// Late ones are recorded as they are; the others have to be believed.
    fn believe(
        &mut self,
        readings: Vec<(usize, Reading, bool)>,
        at: Mono,
    ) -> Vec<(usize, Reading)> {
        let (late, live): (Vec<_>, Vec<_>) = readings.into_iter().partition(|(.., late)| *late);
        let mut all: Vec<(usize, Reading)> =
            late.into_iter().map(|(index, reading, _)| (index, mark_late(reading))).collect();
        let mut live: Vec<(usize, Reading)> =
            live.into_iter().map(|(index, reading, _)| (index, reading)).collect();
        if !live.is_empty() {
            let restarted = self.believer.believe(&mut live, at);
            self.said.extend(restarted.map(DeviceSaid::Restarted));
        }
        // A late one came about before those that are live.
        all.extend(live);
        for (_, reading) in &mut all {
            reading.at = at;
        }
        all
    }

    fn failed(&mut self, no_reply: NoReply, now: Mono) -> Vec<(usize, Reading)> {
        let cause = cause(&no_reply);
        if cause == Cause::Timeout {
            self.counters.timeouts += 1;
        } else {
            self.counters.errors += 1;
        }
        let mut readings = self.release(now);
        self.fail(&Err(no_reply), now);
        readings.extend(self.nothing(cause, now));
        readings
    }

    fn fail(&mut self, outcome: &Result<Vec<u16>, NoReply>, now: Mono) {
        self.failed_at = Some(now);
        let seen = self.link.outcome(outcome, self.profile.opcua.timeout_ms, now);
        if seen.went_down {
            self.believer.went_down();
        }
        self.said.extend(seen.change.map(DeviceSaid::Link));
    }

    fn nothing(&self, cause: Cause, now: Mono) -> Vec<(usize, Reading)> {
        let none = Reading::none(cause, Words::new(), now.floor_ms());
        (0..self.profile.parameters.len()).map(|index| (index, none.clone())).collect()
    }

    fn tell_lost(&mut self, now: Mono) {
        self.said.extend(self.lost.tell(now).map(DeviceSaid::OpcUa));
    }

    /// What the server grants less of; said where it is another than before.
    fn grants(&mut self, granted_ms: u64, shortfalls: Vec<UaShortfall>) {
        let asked_ms = self.setup.publishing_ms;
        let slower = (granted_ms > asked_ms).then_some(Slower { asked_ms, granted_ms });
        let is_less = slower.is_some() || !shortfalls.is_empty();
        let granted = (slower, shortfalls);
        if self.shortfalls != granted && is_less {
            self.say(UaSaid::GrantsLess { slower, shortfalls: granted.1.clone() });
        }
        self.shortfalls = granted;
    }

    /// Nothing is watched since the subscription was heard last.
    fn unwatched(&mut self, heard: Mono) {
        self.unwatched_since = Some(heard);
        self.say(UaSaid::Unwatched { from: heard, to: None });
    }

    /// The subscription's last sign of life.
    fn heard(&self, now: Mono) -> Mono {
        self.subscription.map_or(now, |(heard, _)| heard)
    }

    fn say(&mut self, said: UaSaid) {
        self.said.push(DeviceSaid::OpcUa(said));
    }
}

/// A value whose source time stands still is none.
fn freeze(reading: &mut Reading) {
    if reading.value.is_ok() {
        reading.value = Err(NoData(Cause::Frozen));
        reading.quality = Quality::Bad(Cause::Frozen);
    }
}

/// What has no value keeps its cause.
fn mark_late(reading: Reading) -> Reading {
    let quality = match &reading.value {
        Ok(_) => Quality::Uncertain(Cause::Late),
        Err(NoData(_)) => reading.quality,
    };
    Reading { quality, ..reading }
}
