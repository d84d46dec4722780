//! What was last told of the links of a unit's devices: a Master File that comes into force later judges it, too.

use std::collections::BTreeMap;

use cellwatch_model::Mono;
use cellwatch_record::{AlarmChange, Datum};

use super::machine::Unit;
use crate::evaluate::points::communication_id;

/// Names in the state record begin with this; the unit and the device follow.
const LINK: &str = "link.";
/// Stands there for a device that answers; for another one its cause stands there.
const ANSWERS: Datum = Datum::Bool(true);

/// By device: whether it answers, and why not.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(BTreeMap<String, Told>);

#[derive(Clone, Debug)]
struct Told {
    up: bool,
    cause: String,
}

impl Links {
    /// A device began or ceased to answer.
    pub(super) fn told(&mut self, device: &str, up: bool, cause: &str) {
        self.0.insert(device.to_owned(), Told { up, cause: cause.to_owned() });
    }
}

impl Unit {
    /// Judges what was told before this Master File, or this start's first one, came into force.
    pub(super) fn judge_links(&mut self, at: Mono) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        for (device, Told { up, cause }) in self.links.0.clone() {
            let id = communication_id(&device);
            // One that stands as it was told keeps its words.
            if self.alarms.iter().any(|alarm| alarm.id == id && alarm.is_active() == up) {
                changes.extend(self.alarms.link(&device, up, &cause, at));
            }
        }
        changes
    }

    /// For the state record: what no alarm there tells, so that records are judged the same from there on (LAW-08).
    pub(crate) fn save_links(&self) -> impl Iterator<Item = (String, Datum)> {
        let stands = |device: &str| {
            let id = communication_id(device);
            let waits = self.saved.iter().any(|(one, _)| one.alarm == id && one.regions & 1 != 0);
            waits || self.alarms.iter().any(|alarm| alarm.id == id && alarm.is_active())
        };
        let untold = self.links.0.iter().filter(move |(device, told)| stands(device) == told.up);
        untold.map(|(device, told)| {
            let said = if told.up { ANSWERS } else { told.cause.clone().into() };
            (format!("{LINK}{}/{device}", self.id), said)
        })
    }

    /// What a state record tells of them. A start asks its devices itself.
    pub(crate) fn restore_links(&mut self, counted: &BTreeMap<String, Datum>) {
        for (key, saved) in counted {
            let own = key.strip_prefix(LINK).and_then(|key| key.strip_prefix(self.id.as_str()));
            let Some(device) = own.and_then(|key| key.strip_prefix('/')) else { continue };
            match saved {
                Datum::Text(cause) => self.links.told(device, false, cause),
                Datum::Bool(up) => self.links.told(device, *up, ""),
                Datum::Integer(_) | Datum::Number(_) | Datum::Bytes(_) | Datum::List(_) => {}
            }
        }
    }
}
