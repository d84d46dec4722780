//! What is watched of a device, in the order in which it decides.

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{OwnWord, Parameter, Profile, Role};
use cellwatch_model::{Cause, Mono, NoData, Quality, Reading, Utc, Value};

use super::frozen::Frozen;
use super::heartbeat::Heartbeat;
use super::identity::{Identity, Mark};
use super::rate::Rate;
pub(crate) use super::uptime::Restarted;
use super::uptime::Uptime;
use crate::acquire::device_clock::DeviceClock;

/// Gives the readings of a device their quality.
#[derive(Debug)]
pub(in crate::acquire) struct Believer {
    parameters: Vec<Watched>,
    heartbeat: Option<Heartbeat>,
    uptime: Option<Uptime>,
    clock: DeviceClock,
    /// A parameter tells the device's time.
    has_clock: bool,
    identity: Identity,
    is_local: bool,
}

/// One parameter: few have all, and a hall has a hundred thousand, so each is kept apart.
#[derive(Debug)]
struct Watched {
    rate: Option<Box<Rate>>,
    /// What the Master File lets it change within a minute.
    minute: Option<Box<Rate>>,
    /// What two readings may differ by in no time.
    slack: f64,
    frozen: Option<Box<Frozen>>,
    /// A process value, which local operation or calibration falsifies.
    is_measured: bool,
    tells: Tells,
}

/// What a parameter tells of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    Nothing,
    Heartbeat,
    Mark(Mark),
    LocalMode,
    Uptime,
    Clock,
}

impl Believer {
    /// A value that stands still is seen no more often than every `still_ms`, nor than its period: a server on OPC UA
    /// publishes changes only.
    pub(in crate::acquire) fn new(profile: &Profile, still_ms: u64) -> Self {
        let heartbeat = profile.with_role(Role::Heartbeat);
        let heartbeat = heartbeat.and_then(|one| one.belief.heartbeat_after_ms);
        let uptime = profile.parameters.iter().find(|one| one.own_word == Some(OwnWord::Uptime));
        let most = uptime.and_then(|one| one.data_type.raw_range()).map(|(_, most)| most);
        Self {
            parameters: profile.parameters.iter().map(|one| Watched::new(one, still_ms)).collect(),
            heartbeat: heartbeat.map(Heartbeat::new),
            uptime: most.map(Uptime::new),
            clock: DeviceClock::default(),
            has_clock: profile.parameters.iter().any(|one| one.own_word == Some(OwnWord::Clock)),
            identity: Identity::default(),
            is_local: false,
        }
    }

    pub(in crate::acquire) fn master_file(&mut self, file: &MasterFile, profile: &Profile) {
        self.identity.master_file(file, profile);
        for (watched, parameter) in self.parameters.iter_mut().zip(&profile.parameters) {
            let wanted = file.parameter(&parameter.name);
            watched.limit_change(wanted.and_then(|wanted| wanted.max_rate_per_min));
        }
    }

    /// The device answers, after a silence or for the first time.
    pub(in crate::acquire) fn came_up(&mut self, at: Mono) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.came_up(at);
        }
        self.identity.came_up();
    }

    /// The device ceased to answer: when it does again, it may be another.
    pub(in crate::acquire) fn went_down(&mut self) {
        self.identity.forget();
    }

    /// True where a parameter tells the device's time.
    pub(in crate::acquire) const fn has_clock(&self) -> bool {
        self.has_clock
    }

    /// What the device says of the time.
    pub(in crate::acquire) const fn clock(&mut self) -> &mut DeviceClock {
        &mut self.clock
    }

    /// True if this mark of the device is to be read before anything else.
    pub(in crate::acquire) fn wants(&self, mark: Mark, now: Mono) -> bool {
        self.identity.is_wanted(mark, now)
    }

    /// Takes the readings of one answer, by index in the profile, and gives them their quality.
    pub(in crate::acquire) fn believe(
        &mut self,
        readings: &mut [(usize, Reading)],
        at: Mono,
    ) -> Option<Restarted> {
        let mut restarted = None;
        for (index, reading) in &mut *readings {
            self.parameters[*index].believe(reading);
            restarted = self.listen(*index, reading).or(restarted);
        }
        let stopped = self.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.has_stopped(at));
        for (index, reading) in readings.iter_mut().filter(|(_, one)| one.value.is_ok()) {
            if stopped {
                spoil(reading, Cause::HeartbeatStopped);
            } else if self.identity.is_wrong() {
                reading.quality = Quality::Uncertain(Cause::WrongDevice);
            } else if self.is_local && self.parameters[*index].is_measured {
                reading.quality = Quality::Uncertain(Cause::LocalOverride);
            }
        }
        restarted
    }

    /// Takes what the reading tells of the device itself.
    fn listen(&mut self, index: usize, reading: &Reading) -> Option<Restarted> {
        match (self.parameters[index].tells, &reading.value) {
            (Tells::Heartbeat, Ok(Value::Integer(count))) => {
                if let Some(heartbeat) = &mut self.heartbeat {
                    heartbeat.take(*count, reading.at);
                }
            }
            (Tells::Mark(mark), Ok(value)) => self.identity.take(mark, value, reading.at),
            (Tells::Mark(mark), Err(NoData(_))) => self.identity.refused(mark, reading.at),
            (Tells::LocalMode, Ok(value)) => {
                self.is_local = value.as_f64().is_some_and(|value| value.abs() > 0.0);
            }
            (Tells::Uptime, Ok(Value::Integer(count))) => {
                let restarted = self.uptime.as_mut().and_then(|uptime| uptime.take(*count));
                if restarted.is_some() {
                    self.identity.forget();
                }
                return restarted;
            }
            (Tells::Clock, Ok(Value::Integer(s))) => {
                self.clock.said(Utc(s.saturating_mul(1_000_000_000)), reading.at);
            }
            (
                Tells::Nothing | Tells::Heartbeat | Tells::LocalMode | Tells::Uptime | Tells::Clock,
                _,
            ) => {}
        }
        None
    }
}

impl Watched {
    fn new(parameter: &Parameter, still_ms: u64) -> Self {
        let seen_every_ms = parameter.period_ms.max(still_ms);
        let belief = &parameter.belief;
        let digit = 10f64.powi(-i32::from(parameter.decimals));
        let (slack, noise) = (belief.noise + digit, belief.noise + digit / 2.0);
        Self {
            rate: belief.max_rate_per_s.map(|rate| Box::new(Rate::new(rate, slack))),
            minute: None,
            slack,
            frozen: belief
                .frozen_after_ms
                .map(|after_ms| Box::new(Frozen::new(noise, after_ms, seen_every_ms))),
            is_measured: parameter.role == Role::Process && parameter.own_word.is_none(),
            tells: match (Mark::told_by(parameter), parameter.role, parameter.own_word) {
                (Some(mark), ..) => Tells::Mark(mark),
                (None, Role::Heartbeat, _) => Tells::Heartbeat,
                (None, _, Some(OwnWord::LocalMode)) => Tells::LocalMode,
                (None, _, Some(OwnWord::Uptime)) => Tells::Uptime,
                (None, _, Some(OwnWord::Clock)) => Tells::Clock,
                (None, Role::Process | Role::Phase | Role::Serial, _) => Tells::Nothing,
            },
        }
    }

    /// What the Master File in force lets a measured value change within a minute.
    fn limit_change(&mut self, max_per_min: Option<f64>) {
        match (&mut self.minute, max_per_min.filter(|_| self.is_measured)) {
            (Some(minute), Some(most)) => minute.set_per_min(most),
            (None, Some(most)) => {
                self.minute = Some(Box::new(Rate::within_a_minute(most, self.slack)));
            }
            (_, None) => self.minute = None,
        }
    }

    fn believe(&mut self, reading: &mut Reading) {
        let Some(value) = reading.value.as_ref().ok().and_then(Value::as_f64) else { return };
        let too_fast = |rate: &mut Option<Box<Rate>>| {
            rate.as_mut().is_some_and(|rate| !rate.is_plausible(value, reading.at))
        };
        let jumps = [&mut self.rate, &mut self.minute].map(too_fast).contains(&true);
        if jumps {
            spoil(reading, Cause::ImplausibleRate);
        } else if self.frozen.as_mut().is_some_and(|frozen| frozen.is_frozen(value, reading.at)) {
            spoil(reading, Cause::Frozen);
        }
    }
}

/// A Bad reading has no value; its words stay on record.
fn spoil(reading: &mut Reading, cause: Cause) {
    reading.value = Err(NoData(cause));
    reading.quality = Quality::Bad(cause);
}
