//! The faults that are active now.

use std::time::Duration;

use cellwatch_config::profile::{Parameter, Role};

use super::conduct::Conduct;
use super::fault::{Beyond, Fault, HeaterMode};
use super::request::{FaultRequest, default_beyond};
use crate::culture::Heater;
use crate::face::{Sent, encode};

/// A fault that is active.
#[derive(Clone, Debug, PartialEq)]
pub struct Active {
    /// By which it is removed.
    pub id: u64,
    /// What is broken.
    pub fault: Fault,
    /// Device time at which it ends by itself.
    pub until: Option<Duration>,
    /// Words that the register showed when the fault began: a stuck one goes on showing them.
    held: Vec<u16>,
}

/// All faults that are active. Where two speak of the same thing, the later one counts.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    active: Vec<Active>,
    last_id: u64,
}

impl Faults {
    /// Makes a fault active; `words` are what the parameter shows now. Gives its id.
    pub fn add(&mut self, request: FaultRequest, now: Duration, words: Vec<u16>) -> u64 {
        self.last_id += 1;
        self.active.push(Active {
            id: self.last_id,
            fault: request.fault,
            until: request.lasts.map(|lasts| now + lasts),
            held: words,
        });
        self.last_id
    }

    /// Ends a fault; false when there is none with this id.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|active| active.id != id);
        self.active.len() < before
    }

    /// Ends those whose time is over.
    pub fn expire(&mut self, now: Duration) {
        self.active.retain(|active| active.until.is_none_or(|until| now < until));
    }

    /// Those that are active, oldest first.
    #[must_use]
    pub fn active(&self) -> &[Active] {
        &self.active
    }

    /// The heater as it works or fails.
    #[must_use]
    pub fn heater(&self) -> Heater {
        let failed = |mode| {
            let fault = Fault::HeaterFailed { mode };
            self.active.iter().rposition(|active| active.fault == fault)
        };
        let (on, off) = (failed(HeaterMode::On), failed(HeaterMode::Off));
        if on.is_none() && off.is_none() {
            Heater::Controlled
        } else if on > off {
            Heater::StuckOn
        } else {
            Heater::StuckOff
        }
    }

    /// True where the rocking drive stands still.
    #[must_use]
    pub fn agitation_stopped(&self) -> bool {
        self.active.iter().any(|active| active.fault == Fault::AgitationStopped)
    }

    /// True where the door is open.
    #[must_use]
    pub fn door_open(&self) -> bool {
        self.active.iter().any(|active| active.fault == Fault::DoorOpen)
    }

    /// How the device answers.
    #[must_use]
    pub fn conduct(&self) -> Conduct {
        Conduct::of(self.active.iter().map(|active| &active.fault))
    }

    /// Status code of a parameter's node on OPC UA; 0 is good.
    #[must_use]
    pub fn status_of(&self, name: &str) -> u32 {
        let mut active = self.active.iter().rev();
        let status = active.find_map(|active| {
            let Fault::BadStatus { parameter, code } = &active.fault else { return None };
            (parameter == name).then_some(*code)
        });
        status.unwrap_or(0)
    }

    /// What a parameter sends instead, if a fault says so.
    #[must_use]
    pub fn instead(&self, parameter: &Parameter, sent: &Sent) -> Option<Vec<u16>> {
        let is_serial = parameter.role == Role::Serial;
        let about = |active: &&Active| {
            active.fault.parameter() == Some(parameter.name.as_str())
                && !matches!(active.fault, Fault::BadStatus { .. })
                || is_serial && matches!(active.fault, Fault::OtherSerial { .. })
        };
        let active = self.active.iter().rev().find(about)?;
        if let Fault::OtherSerial { serial } = &active.fault {
            return Some(encode(parameter, &Sent::Text(serial.clone())));
        }
        if let Fault::SwappedWords { .. } = active.fault {
            return Some(encode(parameter, sent).into_iter().rev().collect());
        }
        if let Fault::SensorOffset { offset, .. } = active.fault {
            return Some(encode(parameter, &moved(sent, offset)));
        }
        if let Fault::ValueOutOfRange { shows, .. } = active.fault {
            let shows = shows.unwrap_or_else(|| default_beyond(parameter));
            return Some(encode(parameter, &beyond(parameter, shows)));
        }
        Some(active.held.clone())
    }
}

fn moved(sent: &Sent, offset: f64) -> Sent {
    match sent {
        Sent::Number(value) => Sent::Number(value + offset),
        #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
        Sent::Raw(raw) => Sent::Raw(raw.saturating_add(offset as i64)),
        Sent::Text(_) | Sent::NoValue => sent.clone(),
    }
}

fn beyond(parameter: &Parameter, shows: Beyond) -> Sent {
    let Some((low, high)) = parameter.range else { return Sent::NoValue };
    let tenth = (high - low) / 10.0;
    match shows {
        Beyond::High => Sent::Number(high + tenth),
        Beyond::Low => Sent::Number(low - tenth),
        Beyond::NoValue => Sent::NoValue,
    }
}
