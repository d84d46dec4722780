//! One unit: a vessel with its devices, its parameters, its batch and its alarms.

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{Profile, Role};
use cellwatch_model::{Cause, Mono, NoData, Now, Quality, Reading, UnitOfMeasure, Value};
use cellwatch_record::{AlarmChange, Batch, Body, Person, SavedAlarm};

use super::alarm_point::{AlarmPoint, Request};
use super::phase::BatchState;
use super::unit_alarms::UnitAlarms;
use super::watch::Judged;
use crate::journal::FrameBuilder;

/// Without a Master File's word, a value is stale after this many of its periods.
const STALE_PERIODS: u64 = 3;

/// A unit.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) batch: BatchState,
    parameters: Vec<ParameterState>,
    alarms: UnitAlarms,
    saved: Vec<SavedAlarm>,
    frame: FrameBuilder,
}

/// A parameter of a unit with its last reading.
#[derive(Clone, Debug)]
pub(crate) struct ParameterState {
    pub(crate) name: String,
    pub(crate) unit: UnitOfMeasure,
    pub(crate) decimals: u8,
    pub(crate) role: Role,
    pub(crate) device: String,
    pub(crate) profile: Arc<Profile>,
    /// Its index in the profile.
    pub(crate) profile_index: usize,
    pub(crate) last: Option<Reading>,
    stale_after_ms: u64,
    /// When it becomes stale; none once it is, and while it never had a value.
    stale_at: Option<Mono>,
}

/// Something that a unit has to say: a record of its own, in this order.
#[derive(Debug)]
pub(crate) struct UnitOutput {
    pub(crate) body: Body,
    pub(crate) response: String,
}

impl ParameterState {
    /// A reading as alarms judge it: a number, or the word of an enumeration, a flag or a text.
    fn judged(&self, reading: &Reading) -> Judged {
        match &reading.value {
            Err(NoData(_)) => Judged::Nothing,
            Ok(Value::Number(number)) => Judged::Number(*number),
            Ok(Value::Bool(flag)) => Judged::Word(flag.to_string()),
            Ok(Value::Text(text)) => Judged::Word(text.clone()),
            Ok(Value::Integer(integer)) => {
                let known = &self.profile.parameters[self.profile_index];
                match known.values.get(integer) {
                    Some(word) => Judged::Word(word.clone()),
                    #[allow(clippy::cast_precision_loss)] // limits lie far below 2^53
                    None => Judged::Number(*integer as f64),
                }
            }
        }
    }
}

impl Unit {
    pub(crate) fn new(
        id: String,
        name: String,
        devices: &[(String, Arc<Profile>)],
        frame_ms: u64,
    ) -> Self {
        let parameters = devices.iter().flat_map(|(device, profile)| {
            profile.parameters.iter().enumerate().map(|(profile_index, parameter)| ParameterState {
                name: parameter.name.clone(),
                unit: parameter.unit,
                decimals: parameter.decimals,
                role: parameter.role,
                device: device.clone(),
                profile: Arc::clone(profile),
                profile_index,
                last: None,
                stale_after_ms: STALE_PERIODS * parameter.period_ms,
                stale_at: None,
            })
        });
        let parameters: Vec<ParameterState> = parameters.collect();
        let decimals = parameters.iter().map(|parameter| parameter.decimals).collect();
        Self {
            id,
            name,
            batch: BatchState::default(),
            parameters,
            alarms: UnitAlarms::default(),
            saved: Vec::new(),
            frame: FrameBuilder::new(decimals, frame_ms),
        }
    }

    pub(crate) fn parameters(&self) -> &[ParameterState] {
        &self.parameters
    }

    pub(crate) fn standing(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.alarms.iter().filter(|alarm| alarm.is_standing())
    }

    /// What was saved of its alarms before a restart: taken when a Master File comes into force.
    pub(crate) fn restore(&mut self, saved: Vec<SavedAlarm>) {
        self.saved = saved;
    }

    /// Judges by `file` from now on; standing alarms go on by their id. The frame is cut first.
    pub(crate) fn master_file(&mut self, file: &MasterFile, at: Mono) -> Vec<UnitOutput> {
        let mut alarms = UnitAlarms::new(file, &self.parameters);
        let mut changes = alarms.carry_over(&self.alarms, at);
        alarms.restore(&std::mem::take(&mut self.saved));
        changes.extend(alarms.phase(self.batch.phase(), at));
        self.alarms = alarms;
        for parameter in &mut self.parameters {
            let ruled = file.parameters.iter().find(|ruled| ruled.name == parameter.name);
            if let Some(ruled) = ruled {
                parameter.stale_after_ms = ruled.stale_after_ms;
            }
        }
        self.say(changes)
    }

    /// Takes the readings of one reply: `(parameter index, reading)`.
    pub(crate) fn readings(
        &mut self,
        readings: Vec<(usize, Reading)>,
        now: Now,
    ) -> Vec<UnitOutput> {
        let mut changes = Vec::new();
        let mut batch_change = None;
        for (index, reading) in readings {
            let at = reading.at;
            self.frame.push(index, &reading);
            batch_change = self.batch_change(index, &reading, now).or(batch_change);
            changes.extend(self.judge(index, &reading, at));
            let parameter = &mut self.parameters[index];
            if reading.value.is_ok() {
                parameter.stale_at = Some(at.plus_ms(parameter.stale_after_ms));
            }
            parameter.last = Some(reading);
        }
        let mut output = self.say(changes);
        if let Some(change) = batch_change {
            output.extend(self.turn(change));
        }
        output
    }

    /// When something is due: a delay, a stale value, the end of the frame.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let stale = self.parameters.iter().filter_map(|parameter| parameter.stale_at).min();
        [self.alarms.next_due(), stale, self.frame.due()].into_iter().flatten().min()
    }

    /// Does what is due at `now`, which is not later than its deadline.
    pub(crate) fn elapse(&mut self, now: Mono) -> Vec<UnitOutput> {
        let mut changes = self.alarms.elapse(now);
        for index in 0..self.parameters.len() {
            let parameter = &mut self.parameters[index];
            if parameter.stale_at.take_if(|at| *at <= now).is_some() {
                let reading = Reading::none(Cause::Stale, Vec::new(), now.floor_ms());
                parameter.last = Some(reading.clone());
                self.frame.push(index, &reading);
                changes.extend(self.judge(index, &reading, now.floor_ms()));
            }
        }
        let frame_is_full = self.frame.due().is_some_and(|due| due <= now);
        let mut output = self.say(changes);
        if frame_is_full {
            output.extend(self.cut());
        }
        output
    }

    /// Does what a person asks of an alarm.
    pub(crate) fn request(
        &mut self,
        alarm: &str,
        request: Request,
        person: Person,
        comment: String,
        at: Mono,
    ) -> Result<Vec<UnitOutput>, String> {
        let found = self.alarms.find(alarm);
        let found = found.ok_or_else(|| format!("unit {} has no alarm {alarm}", self.id))?;
        let change = found.request(request, person, comment, at)?;
        Ok(self.say(vec![change]))
    }

    /// A device of the unit began or ceased to answer.
    pub(crate) fn link(
        &mut self,
        device: &str,
        up: bool,
        cause: &str,
        at: Mono,
    ) -> Vec<UnitOutput> {
        let changes = self.alarms.link(device, up, cause, at);
        self.say(changes)
    }

    /// Its alarms for the state record.
    pub(crate) fn save(&self) -> Vec<SavedAlarm> {
        // What waits for a Master File since the start is not lost by a second start.
        let waiting = self.saved.iter().cloned();
        waiting.chain(self.alarms.iter().filter_map(|alarm| alarm.save(Some(&self.id)))).collect()
    }

    /// The frame so far, as a record; none if it is empty.
    pub(crate) fn cut(&mut self) -> Option<UnitOutput> {
        let frame = self.frame.cut()?;
        Some(UnitOutput { body: Body::Telemetry(frame), response: String::new() })
    }

    fn judge(&mut self, index: usize, reading: &Reading, at: Mono) -> Vec<AlarmChange> {
        let judged = self.parameters[index].judged(reading);
        self.alarms.reading(index, judged, reading.quality, at)
    }

    fn batch_change(&self, index: usize, reading: &Reading, now: Now) -> Option<Batch> {
        let parameter = &self.parameters[index];
        let Ok(Value::Integer(number)) = reading.value else { return None };
        if parameter.role != Role::Phase || reading.quality != Quality::Good {
            return None;
        }
        let known = &parameter.profile.parameters[parameter.profile_index];
        let phase = known.values.get(&number)?;
        self.batch.change(&self.id, phase, reading.at, now)
    }

    /// Takes a batch change: the frame is cut first, under the batch and phase that it belongs to.
    fn turn(&mut self, change: Batch) -> Vec<UnitOutput> {
        let at = change.at;
        let mut output: Vec<UnitOutput> = self.cut().into_iter().collect();
        self.batch.take(&change);
        output.push(UnitOutput { body: Body::Batch(change), response: String::new() });
        let changes = self.alarms.phase(self.batch.phase(), at);
        output.extend(self.say(changes));
        output
    }

    /// A frame and the alarms that its samples caused stand together, the frame first.
    fn say(&mut self, changes: Vec<AlarmChange>) -> Vec<UnitOutput> {
        let mut output = Vec::new();
        if !changes.is_empty() {
            output.extend(self.cut());
        }
        for change in changes {
            let response = self.alarms.find(&change.alarm).map(|alarm| alarm.response.clone());
            let response = response.unwrap_or_default();
            output.push(UnitOutput { body: Body::Alarm(change), response });
        }
        output
    }
}
