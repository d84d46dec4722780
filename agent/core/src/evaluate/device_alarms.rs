//! Alarms on what devices say of themselves: another device than the Master File names, set-points and
//! limits in force there that are not the Master File's.
//!
//! They are judged from readings and their quality, which are on record (LAW-08).

use std::collections::BTreeMap;

use cellwatch_config::master_file::{Equipment, MasterFile};
use cellwatch_config::profile::{OwnWord, Role};
use cellwatch_model::{Cause, LimitKind, Mono, Priority, Quality, Reading, Value};
use cellwatch_record::AlarmChange;
use smallvec::SmallVec;

use super::unit_alarms::UnitAlarms;
use super::{AlarmPoint, ParameterState};

/// A serial number that a busy device does not tell at once is no reason to call people, milliseconds.
const IDENTITY_ON_DELAY_MS: u64 = 10_000;
/// A person at the panel may be on the way to the right number, milliseconds.
const DIFFERS_ON_DELAY_MS: u64 = 30_000;
/// It must be well for this long before an alarm returns, milliseconds.
const OFF_DELAY_MS: u64 = 5_000;

/// What a parameter tells of its device.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Index of the alarm.
    point: usize,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Whether the device is the Master File's; with what there is to say, if that is more than that it is or is not.
    Identity(Option<Box<Named>>),
    /// Whether a number in force on the device is the Master File's.
    Number(Box<Wanted>),
}

/// What a note on an identity says.
#[derive(Clone, Debug)]
struct Named {
    /// What the Master File names, in words.
    words: String,
    /// The parameter is a mark by which the device is known.
    is_mark: bool,
    /// The Master File approves the text of the profile.
    is_approved: bool,
}

/// A number that is to be in force on a device, within the half of its last digit.
#[derive(Clone, Debug)]
struct Wanted {
    number: f64,
    tolerance: f64,
}

impl UnitAlarms {
    /// Adds the alarms on the devices of these parameters.
    pub(super) fn watch_devices(&mut self, file: &MasterFile, parameters: &[ParameterState]) {
        self.watches = vec![SmallVec::new(); parameters.len()];
        let mut identities: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, state) in parameters.iter().enumerate() {
            let (device, profile) = (state.device(), state.profile());
            let point =
                *identities.entry(device).or_insert_with(|| self.add_point(identity(device)));
            let approved =
                file.equipment(&profile.id).filter(|one| one.profile_sha256 == profile.sha256);
            let own_word = state.known().own_word;
            let is_mark = state.known().role == Role::Serial
                || matches!(own_word, Some(OwnWord::Firmware | OwnWord::ProtocolChecksum));
            let is_approved = approved.is_some();
            // What stands in a note: that of a mark, or of a profile that nobody approved.
            let named = (is_mark || !is_approved).then(|| {
                let words = named(approved, own_word);
                Box::new(Named { words, is_mark, is_approved })
            });
            self.watches[index].push(Watch { point, what: What::Identity(named) });
            if let Some(wanted) = wanted(file, state) {
                let point = self.add_point(differs(state.name()));
                let digit = 10f64.powi(-i32::from(state.known().decimals));
                let tolerance = 0.5 * digit * (1.0 + 1e-9);
                let what = What::Number(Box::new(Wanted { number: wanted, tolerance }));
                self.watches[index].push(Watch { point, what });
            }
        }
    }

    /// Judges what a reading tells of its device. A Bad one tells nothing: it moves no alarm.
    pub(super) fn device_reading(
        &mut self,
        parameter: usize,
        reading: &Reading,
        at: Mono,
    ) -> Vec<AlarmChange> {
        let quality = reading.quality;
        let (Ok(value), Quality::Good | Quality::Uncertain(_)) = (&reading.value, quality) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for Watch { point, what } in self.watches.get(parameter).into_iter().flatten() {
            let alarm = &mut self.points[*point].alarm;
            let (is_true, note) = match what {
                What::Identity(named) => {
                    let is_wrong = quality == Quality::Uncertain(Cause::WrongDevice);
                    (is_wrong, named.as_ref().and_then(|named| named.note(value)))
                }
                What::Number(wanted) => {
                    let Some(number) = value.as_f64() else { continue };
                    let note = wanted.differs_from(number);
                    (note.is_some(), note)
                }
            };
            let change = alarm.set(is_true, note, at);
            self.due.add(alarm.due());
            changes.extend(change.map(|change| AlarmChange { quality, ..change }));
        }
        changes
    }
}

impl Named {
    /// What to say of a device that tells this.
    fn note(&self, value: &Value) -> Option<String> {
        let said = match value {
            Value::Text(mark) if self.is_mark => Some(mark.clone()),
            Value::Integer(mark) if self.is_mark => Some(mark.to_string()),
            Value::Number(_) | Value::Integer(_) | Value::Bool(_) | Value::Text(_) => None,
        };
        let note = said.map(|mark| format!("it says {mark}; {}", self.words));
        note.or_else(|| (!self.is_approved).then(|| self.words.clone()))
    }
}

impl Wanted {
    /// What to say where another number is in force on the device.
    fn differs_from(&self, number: f64) -> Option<String> {
        let wanted = self.number;
        let differs = (number - wanted).abs() > self.tolerance;
        differs.then(|| format!("{number} on the device, {wanted} in the Master File"))
    }
}

/// The Master File's number for a set-point or limit of the device.
fn wanted(file: &MasterFile, state: &ParameterState) -> Option<f64> {
    let known = state.known();
    let of = known.of.as_deref()?;
    match known.own_word? {
        OwnWord::SetPoint => file.parameter(of)?.set_point,
        OwnWord::Limit => Some(file.alarms.iter().find(|alarm| alarm.id == of)?.limit),
        OwnWord::AlarmWord
        | OwnWord::State
        | OwnWord::LocalMode
        | OwnWord::Uptime
        | OwnWord::Clock
        | OwnWord::Firmware
        | OwnWord::ProtocolChecksum => None,
    }
}

fn named(approved: Option<&Equipment>, own_word: Option<OwnWord>) -> String {
    let Some(one) = approved else {
        return "the Master File does not approve the text of its profile".to_owned();
    };
    let (what, listed) = match own_word {
        Some(OwnWord::Firmware) => ("firmware", &one.firmware),
        Some(OwnWord::ProtocolChecksum) => ("protocol checksum", &one.protocol_checksum),
        Some(
            OwnWord::AlarmWord
            | OwnWord::State
            | OwnWord::LocalMode
            | OwnWord::SetPoint
            | OwnWord::Limit
            | OwnWord::Uptime
            | OwnWord::Clock,
        )
        | None => ("serial number", &one.serials),
    };
    match (listed.as_slice(), own_word) {
        ([], _) => format!("the Master File names no {what}"),
        (_, Some(OwnWord::Firmware | OwnWord::ProtocolChecksum)) => {
            format!("the Master File names {what} {}", listed.join(", "))
        }
        _ => format!("the Master File names {}", listed.join(", ")),
    }
}

fn identity(device: &str) -> AlarmPoint {
    AlarmPoint::on_condition(
        format!("{device}.IDENTITY"),
        device.to_owned(),
        LimitKind::Instrument,
        Priority::High,
        IDENTITY_ON_DELAY_MS,
        OFF_DELAY_MS,
    )
    .with_response(
        "Compare the device's serial number, firmware and protocol with the batch record. If another device stands here, call the supervisor and QA: its readings are recorded and marked.",
    )
}

fn differs(parameter: &str) -> AlarmPoint {
    AlarmPoint::on_condition(
        format!("{parameter}.DIFFERS"),
        parameter.to_owned(),
        LimitKind::Instrument,
        Priority::Medium,
        DIFFERS_ON_DELAY_MS,
        OFF_DELAY_MS,
    )
    .with_response(
        "The device works with another number than the Master File. Compare it with the recipe at the device's panel and call the supervisor.",
    )
}
