//! The unit's machine: readings and time in, records out.

use std::sync::Arc;

use cellwatch_config::master_file::{Entry, MasterFile};
use cellwatch_config::profile::{Profile, Role};
use cellwatch_model::{Cause, Mono, Now, Quality, Reading, Value, Words};
use cellwatch_record::{AlarmChange, Batch, Body, Deviation, SavedAlarm};

use super::ParameterState;
use super::links::Links;
use crate::evaluate::alarm_point::{AlarmPoint, Beside};
use crate::evaluate::batch::{BatchState, IDLE};
use crate::evaluate::deviation::Deviations;
use crate::evaluate::earliest::Earliest;
use crate::evaluate::points::Rules;
use crate::evaluate::results::Results;
use crate::evaluate::unit_alarms::{Source, UnitAlarms};
use crate::journal::FrameBuilder;

/// A unit.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) batch: BatchState,
    pub(super) parameters: Vec<ParameterState>,
    /// Parameters that people enter; their indices follow those of the devices.
    pub(super) manual: Vec<Manual>,
    pub(super) file: Option<Arc<MasterFile>>,
    /// When it began to judge, in this start.
    pub(super) file_since: Mono,
    /// What was last told of the links of its devices.
    pub(super) links: Links,
    pub(super) alarms: UnitAlarms,
    pub(super) results: Results,
    pub(super) deviations: Deviations,
    /// Alarms of before a restart that wait for a Master File.
    pub(super) saved: Vec<(SavedAlarm, Beside)>,
    /// Batch and phase come from records: the Master File's clock does not move them.
    pub(super) is_replay: bool,
    frame: FrameBuilder,
    /// When a value becomes stale.
    stale: Earliest,
    is_led_by_device: bool,
}

/// A parameter that people enter.
#[derive(Clone, Debug)]
pub(super) struct Manual {
    pub(super) name: String,
    /// A result is due this long after the one before, or after the start of the batch, milliseconds.
    pub(super) due_after_ms: u64,
    /// It was due, and none came.
    pub(super) is_overdue: bool,
}

/// Something that a unit has to say: a record of its own, in this order.
#[derive(Debug)]
pub(crate) struct UnitOutput {
    pub(crate) body: Body,
    /// What a person does, for an alarm.
    pub(crate) response: String,
    /// The batch that it belongs to.
    pub(crate) batch: Option<String>,
    /// Its phase.
    pub(crate) phase: Option<String>,
}

impl Unit {
    pub(crate) fn new(
        id: String,
        name: String,
        devices: &[(String, Arc<Profile>)],
        frame_ms: u64,
    ) -> Self {
        let parameters: Vec<ParameterState> = devices
            .iter()
            .flat_map(|(device, profile)| ParameterState::of_device(device, profile))
            .collect();
        let is_led_by_device = parameters.iter().any(|one| one.known().role == Role::Phase);
        let decimals = parameters.iter().map(|one| one.known().decimals).collect();
        Self {
            deviations: Deviations::new(id.clone()),
            id,
            name,
            batch: BatchState::default(),
            parameters,
            manual: Vec::new(),
            file: None,
            file_since: Mono::default(),
            links: Links::default(),
            alarms: UnitAlarms::default(),
            results: Results::default(),
            saved: Vec::new(),
            is_replay: false,
            frame: FrameBuilder::new(decimals, frame_ms),
            stale: Earliest::default(),
            is_led_by_device,
        }
    }

    /// Values of a device are known anew only this often, milliseconds.
    pub(crate) fn known_every(&mut self, device: &str, ms: u64) {
        for parameter in self.parameters.iter_mut().filter(|one| one.device() == device) {
            parameter.known_every(ms);
        }
    }

    pub(crate) fn parameters(&self) -> &[ParameterState] {
        &self.parameters
    }

    /// Every alarm.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.alarms.iter()
    }

    /// What judges it.
    pub(crate) fn file(&self) -> Option<&MasterFile> {
        self.file.as_deref()
    }

    /// The same, to be kept.
    pub(crate) const fn shared_file(&self) -> Option<&Arc<MasterFile>> {
        self.file.as_ref()
    }

    pub(crate) fn standing(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.alarms.iter().filter(|alarm| alarm.is_standing())
    }

    /// What to do on an alarm; empty where it is not known.
    pub(crate) fn response_to(&self, alarm: &str) -> String {
        let found = self.alarms.iter().find(|one| one.id == alarm);
        found.map(|one| one.response.clone()).unwrap_or_default()
    }

    /// True where a device of the unit says its phase.
    pub(crate) const fn is_led_by_device(&self) -> bool {
        self.is_led_by_device
    }

    /// Judges by this Master File from now on; standing alarms go on by their id. The frame is cut first.
    pub(crate) fn master_file(&mut self, rules: &Rules, at: Mono) -> Vec<UnitOutput> {
        let file = &rules.file;
        self.manual = manual(file, &self.parameters);
        let devices = self.parameters.iter().map(|one| Source::Device(one.origin().clone()));
        let manual = self.manual.iter().map(|one| Source::Entered(one.name.clone()));
        let mut alarms = UnitAlarms::new(rules, devices.chain(manual).collect());
        alarms.watch_devices(file, &self.parameters);
        let mut changes = alarms.carry_over(&self.alarms, at);
        changes.extend(alarms.restore(&std::mem::take(&mut self.saved), rules, at));
        changes.extend(alarms.reconcile(self.batch.phase(), at));
        self.alarms = alarms;
        let before = self.file.replace(Arc::clone(file));
        self.file_since = at;
        changes.extend(self.judge_links(at));
        changes.extend(self.judge_phase_known(before.as_deref(), at));
        for parameter in &mut self.parameters {
            if let Some(ruled) = file.parameter(parameter.name()) {
                parameter.stale_after_ms = ruled.stale_after_ms;
            }
        }
        let names = self.parameters.iter().map(ParameterState::name);
        let names = names.chain(self.manual.iter().map(|one| one.name.as_str()));
        self.deviations.master_file(file, names, self.alarms.iter(), at);
        changes.extend(self.overrun(at));
        self.say(changes, at)
    }

    /// Takes the readings of one reply: `(parameter index, reading)`.
    pub(crate) fn readings(
        &mut self,
        mut readings: Vec<(usize, Reading)>,
        now: Now,
    ) -> Vec<UnitOutput> {
        // In the order in which a frame gives them back (LAW-08).
        readings.sort_by_key(|(index, _)| *index);
        let mut output = Vec::new();
        let mut judged = Vec::new();
        let mut batch_change = None;
        for (index, reading) in readings {
            if !self.frame.follows(reading.at, index) {
                output.extend(self.cut());
            }
            self.frame.push(index, &reading);
            batch_change = self.device_says(index, &reading, now).or(batch_change);
            judged.extend(self.judged_by(index, &reading));
            self.parameters[index].take(reading);
            self.stale.add(self.parameters[index].stale_at);
        }
        output.extend(self.say_judged(judged, now.mono.floor_ms()));
        if let Some(change) = batch_change {
            output.extend(self.turn(change));
        }
        output
    }

    /// The same unit, for a replay.
    pub(crate) fn for_replay(self) -> Self {
        Self { is_replay: true, ..self }
    }

    /// Judges a recorded reading again: no frame, no staleness, no phase of the device.
    pub(crate) fn judge_again(&mut self, index: usize, reading: &Reading) -> Vec<UnitOutput> {
        let changes = self.judge(index, reading);
        self.say(changes, reading.at)
    }

    /// When something is due: a delay, a stale value, a result, a phase, the end of the frame.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let each = self.parameters.iter();
        let stale = self.stale.get(|| each.filter_map(|one| one.stale_at).min());
        let due = [
            self.alarms.next_due(),
            stale,
            self.result_due(),
            self.overrun_due(),
            self.phase_due(),
            self.deviations.next_due(),
            self.frame.due(),
        ];
        due.into_iter().flatten().min()
    }

    /// Does what is due at `now`, which is not later than its deadline.
    pub(crate) fn elapse(&mut self, now: Mono) -> Vec<UnitOutput> {
        let at = now.floor_ms();
        let mut changes = self.alarms.elapse(now);
        changes.extend(self.results_overdue(at));
        if self.overrun_due().is_some_and(|due| due <= at) {
            changes.extend(self.overrun(at));
        }
        let mut output = self.say(changes, at);
        // After what time alone ends, as a replay finds it.
        let mut judged = Vec::new();
        self.stale.forget();
        for index in 0..self.parameters.len() {
            let parameter = &mut self.parameters[index];
            if parameter.stale_at.take_if(|stale_at| *stale_at <= now).is_some() {
                let reading = Reading::none(Cause::Stale, Words::new(), at);
                parameter.last = Some(reading.clone());
                if !self.frame.follows(at, index) {
                    output.extend(self.cut());
                }
                self.frame.push(index, &reading);
                judged.extend(self.judged_by(index, &reading));
            }
        }
        let frame_is_full = self.frame.due().is_some_and(|due| due <= now);
        output.extend(self.say_judged(judged, at));
        if frame_is_full {
            output.extend(self.cut());
        }
        output.extend(self.next_phase(at));
        output
    }

    /// A device of the unit began or ceased to answer.
    pub(crate) fn link(
        &mut self,
        device: &str,
        up: bool,
        cause: &str,
        at: Mono,
    ) -> Vec<UnitOutput> {
        self.links.told(device, up, cause);
        let changes = self.alarms.link(device, up, cause, at);
        self.say(changes, at)
    }

    /// The frame so far, as a record; none if it is empty.
    pub(crate) fn cut(&mut self) -> Option<UnitOutput> {
        let frame = self.frame.cut()?;
        Some(self.output(Body::Telemetry(frame)))
    }

    /// Something to say under the batch and phase of now.
    pub(super) fn output(&self, body: Body) -> UnitOutput {
        let batch = self.batch.batch().map(str::to_owned);
        let phase = self.batch.phase().map(str::to_owned);
        UnitOutput { body, response: String::new(), batch, phase }
    }

    fn judge(&mut self, index: usize, reading: &Reading) -> Vec<AlarmChange> {
        if !reading.quality.is_of_now() {
            return Vec::new();
        }
        self.batch.saw_idle |= self.phase_said(index, reading) == Some(IDLE);
        let parameter = &self.parameters[index];
        let judged = parameter.judged(reading);
        let value = reading.value.as_ref().ok().and_then(Value::as_f64);
        self.deviations.reading(index, parameter.name(), value, reading.at);
        let mut changes = self.alarms.reading(index, judged, reading.quality, reading.at);
        changes.extend(self.alarms.device_reading(index, reading, reading.at));
        changes
    }

    fn device_says(&self, index: usize, reading: &Reading, now: Now) -> Option<Batch> {
        self.batch.device_says(&self.id, self.phase_said(index, reading)?, reading.at, now)
    }

    /// The phase that a Good reading of the device's phase says.
    fn phase_said(&self, index: usize, reading: &Reading) -> Option<&str> {
        let parameter = &self.parameters[index];
        let Ok(Value::Integer(number)) = reading.value else { return None };
        let says = parameter.known().role == Role::Phase && reading.quality == Quality::Good;
        parameter.word(number).filter(|_| says)
    }

    /// A frame and the alarms that its samples caused stand together, the frame first.
    pub(super) fn say(&mut self, changes: Vec<AlarmChange>, at: Mono) -> Vec<UnitOutput> {
        let judged = self.judged(changes);
        self.say_judged(judged, at)
    }

    /// Alarms, each followed by what it means for deviation candidates: after each reading, so that the evidence is the
    /// same when records are judged again reading by reading.
    fn judged(&mut self, changes: Vec<AlarmChange>) -> Vec<UnitOutput> {
        let mut output = Vec::new();
        for change in changes {
            let point = self.alarms.find(&change.alarm);
            let is_judged = point.as_ref().is_none_or(|point| !point.is_out_of_phase());
            let response = point.map(|point| point.response.clone()).unwrap_or_default();
            let deviations = self.deviations.alarm(&change, is_judged);
            output.push(UnitOutput { response, ..self.output(Body::Alarm(change)) });
            output.extend(self.candidates(deviations));
        }
        output
    }

    /// What one reading of several means. A rule whose time is over with it counts before the next one, as where records
    /// are judged again.
    fn judged_by(&mut self, index: usize, reading: &Reading) -> Vec<UnitOutput> {
        let changes = self.judge(index, reading);
        let mut output = self.judged(changes);
        let due = self.deviations.elapse(reading.at);
        output.extend(self.candidates(due));
        output
    }

    fn say_judged(&mut self, judged: Vec<UnitOutput>, at: Mono) -> Vec<UnitOutput> {
        let mut output = Vec::new();
        if !judged.is_empty() {
            output.extend(self.cut());
        }
        output.extend(judged);
        let due = self.deviations.elapse(at);
        if !due.is_empty() {
            // What its evidence came from is on record before it.
            output.extend(self.cut());
        }
        output.extend(self.candidates(due));
        output
    }

    fn candidates(&self, deviations: Vec<Deviation>) -> impl Iterator<Item = UnitOutput> {
        deviations.into_iter().map(|deviation| self.output(Body::Deviation(deviation)))
    }
}

/// The parameters that people enter; one of the same name that a device gives goes first.
fn manual(file: &MasterFile, parameters: &[ParameterState]) -> Vec<Manual> {
    let by_hand = file.parameters.iter().filter(|one| {
        one.entry == Entry::Manual && !parameters.iter().any(|known| known.name() == one.name)
    });
    by_hand
        .map(|one| Manual {
            name: one.name.clone(),
            due_after_ms: one.sampling_ms.unwrap_or(one.stale_after_ms),
            is_overdue: false,
        })
        .collect()
}
