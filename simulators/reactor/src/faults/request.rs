//! A fault as somebody asks for it, in JSON.

use std::time::Duration;

use cellwatch_config::profile::{DataType, Parameter, Profile, Role};
use serde_json::Value;

use super::fault::{Beyond, Fault};
use crate::face::can_say_no_value;

/// A fault, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRequest {
    /// What shall be broken.
    pub fault: Fault,
    /// For how long, in device time; until it is removed otherwise.
    pub lasts: Option<Duration>,
}

/// A fault that cannot be had. The message says what can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultRefused(pub String);

/// What can be asked for.
const ALLOWED: &str = "sensor-stuck {parameter}, sensor-offset {parameter, offset}, \
    value-out-of-range {parameter, as: high|low|no-value}, heater-failed {mode: on|off}, \
    agitation-stopped, door-open, swapped-words {parameter}, other-serial {serial}, reboot, \
    device-silent, device-slow {delay_ms}, late-reply {delay_ms}, connection-refused, half-open, \
    accepts-only, wrong-length, extra-length, wrong-reply {field: transaction|unit|function}, \
    damaged {how: split|merged|garbage-before|garbage-after|crc|cut|closed|reset}, \
    exception {code}; on OPC UA bad-status {parameter, code}, source-time-stands, \
    subscription-stalls, sessions-dropped, namespaces-reordered; each may have for_s, seconds";
/// Longest delay, ms: an hour.
const MAX_DELAY_MS: u64 = 3_600_000;
/// Longest `for_s`: ten years, in seconds.
const MAX_FOR_S: f64 = 315_360_000.0;

impl FaultRequest {
    /// Reads a request such as `{"fault": "sensor-stuck", "parameter": "TEMP.PV", "for_s": 30}`.
    ///
    /// # Errors
    /// Not a fault, or one that this profile cannot have; the message lists what is allowed.
    pub fn parse(json: &Value, profile: &Profile) -> Result<Self, FaultRefused> {
        let mut json = json.clone();
        let for_s = json.as_object_mut().and_then(|object| object.remove("for_s"));
        let fault: Fault = serde_json::from_value(json)
            .map_err(|error| FaultRefused(format!("{error}; faults are: {ALLOWED}")))?;
        let lasts = match for_s.map(|for_s| for_s.as_f64()) {
            None => None,
            Some(Some(seconds)) if seconds > 0.0 && seconds <= MAX_FOR_S => {
                Some(Duration::from_secs_f64(seconds))
            }
            Some(_) => {
                return Err(FaultRefused(format!("for_s must be seconds, 0 to {MAX_FOR_S}")));
            }
        };
        check(&fault, profile)?;
        Ok(Self { fault, lasts })
    }
}

fn check(fault: &Fault, profile: &Profile) -> Result<(), FaultRefused> {
    let refuse = |what: String| Err(FaultRefused(what));
    match fault {
        Fault::SensorStuck { parameter } | Fault::BadStatus { parameter, .. } => {
            named(profile, parameter).map(|_| ())
        }
        Fault::SensorOffset { parameter, offset } => {
            let found = named(profile, parameter)?;
            if !is_number(found) {
                return refuse(format!("{parameter} is no number: it has no offset"));
            }
            if !offset.is_finite() {
                return refuse("offset must be a number".to_owned());
            }
            Ok(())
        }
        Fault::ValueOutOfRange { parameter, shows } => {
            let found = named(profile, parameter)?;
            match shows.unwrap_or_else(|| default_beyond(found)) {
                Beyond::NoValue if !can_say_no_value(found) => {
                    refuse(format!("{parameter} has no sentinel and no NaN: use high or low"))
                }
                Beyond::High | Beyond::Low if found.range.is_none() || !is_number(found) => {
                    refuse(format!("{parameter} has no range in the profile: use no-value"))
                }
                Beyond::High | Beyond::Low | Beyond::NoValue => Ok(()),
            }
        }
        Fault::DeviceSlow { delay_ms } | Fault::LateReply { delay_ms } => {
            if *delay_ms > MAX_DELAY_MS {
                return refuse(format!("delay_ms must be 0 to {MAX_DELAY_MS}"));
            }
            Ok(())
        }
        Fault::Exception { code } if !(1..=11).contains(code) => {
            refuse(format!("code {code} is no Modbus exception: 1 to 11"))
        }
        Fault::SwappedWords { parameter } => {
            if named(profile, parameter)?.width() < 2 {
                return refuse(format!("{parameter} has one word: there is nothing to swap"));
            }
            Ok(())
        }
        Fault::OtherSerial { serial } => {
            let Some(own) = profile.with_role(Role::Serial) else {
                return refuse("the profile has no parameter with the role serial".to_owned());
            };
            let room = usize::from(own.width()) * 2;
            if serial.len() > room {
                return refuse(format!("the serial number is longer than {room} bytes"));
            }
            Ok(())
        }
        Fault::HeaterFailed { .. }
        | Fault::Reboot
        | Fault::HalfOpen
        | Fault::AcceptsOnly
        | Fault::ExtraLength
        | Fault::Damaged { .. }
        | Fault::AgitationStopped
        | Fault::DoorOpen
        | Fault::DeviceSilent
        | Fault::ConnectionRefused
        | Fault::WrongLength
        | Fault::WrongReply { .. }
        | Fault::SourceTimeStands
        | Fault::SubscriptionStalls
        | Fault::SessionsDropped
        | Fault::NamespacesReordered
        | Fault::Exception { .. } => Ok(()),
    }
}

pub(super) fn default_beyond(parameter: &Parameter) -> Beyond {
    if parameter.range.is_some() { Beyond::High } else { Beyond::NoValue }
}

fn is_number(parameter: &Parameter) -> bool {
    !matches!(parameter.data_type, DataType::Bit | DataType::RegisterBit(_) | DataType::Text(_))
}

fn named<'a>(profile: &'a Profile, name: &str) -> Result<&'a Parameter, FaultRefused> {
    profile.parameters.iter().find(|parameter| parameter.name == name).ok_or_else(|| {
        let names: Vec<&str> = profile.parameters.iter().map(|one| one.name.as_str()).collect();
        FaultRefused(format!("{name} is not in the profile; it has {}", names.join(", ")))
    })
}
