//! What alarms a unit has, from what the Master File says.

use std::sync::Arc;

use cellwatch_alarm::{Direction, Limit, Policy};
use cellwatch_config::master_file::{Alarm, MasterFile, Parameter};
pub(super) use cellwatch_config::master_file::{PHASE_ORDER, PHASE_OVERRUN, PHASE_UNDERRUN};
use cellwatch_model::{LimitKind, Priority};
use cellwatch_record::SavedAlarm;

use super::alarm_point::{AlarmPoint, Beside, Definition};
use super::handling::Handling;

/// Ending of the id of the alarm on a device that does not answer.
const LINK: &str = ".LINK";

/// A believable value must be back for this long before an instrument alarm returns, milliseconds.
const INSTRUMENT_OFF_DELAY_MS: u64 = 5_000;
/// A device may be silent for this long before its alarm is raised, milliseconds.
const COMMUNICATION_ON_DELAY_MS: u64 = 10_000;
/// The alarms on order and duration of phases.
pub(super) fn phase_points() -> [AlarmPoint; 3] {
    let point = |id: &str, priority, response: &str| {
        let (id, source) = (id.to_owned(), "phase".to_owned());
        AlarmPoint::on_condition(id, source, LimitKind::Phase, priority, 0, 0)
            .with_response(response)
    };
    [
        point(
            PHASE_ORDER,
            Priority::High,
            "Compare the run with the Master File: this phase does not follow the one before. Tell quality assurance.",
        ),
        point(
            PHASE_OVERRUN,
            Priority::High,
            "The phase lasts longer than the Master File allows: look whether the run is on hold, and go on or tell quality assurance.",
        ),
        point(
            PHASE_UNDERRUN,
            Priority::Medium,
            "The phase was shorter than the Master File allows: tell quality assurance.",
        ),
    ]
}

/// A Master File with the alarms that follow from it, the same for every unit that it judges.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) file: Arc<MasterFile>,
    /// The alarm on the instrument of each parameter of the file.
    pub(super) instruments: Vec<Arc<Definition>>,
    /// The alarms of the file.
    pub(super) alarms: Vec<Arc<Definition>>,
}

impl Rules {
    pub(crate) fn new(file: &Arc<MasterFile>) -> Self {
        Self {
            file: Arc::clone(file),
            instruments: file.parameters.iter().map(instrument).collect(),
            alarms: file.alarms.iter().map(|alarm| Arc::new(limit_alarm(alarm))).collect(),
        }
    }
}

impl Rules {
    /// An alarm of this id that nothing raises any more, to be closed: as far as the Master File or its name still tell
    /// what it was.
    pub(super) fn without_counterpart(&self, id: &str) -> AlarmPoint {
        let known = self.alarms.iter().chain(&self.instruments).find(|known| known.id == id);
        let point = match known {
            Some(known) => AlarmPoint::of(Arc::clone(known)),
            None => by_name(id),
        };
        point.with_note("neither the site file nor the Master File has it any more")
    }
}

/// A saved alarm of a unit that the site file no longer has, or of the agent itself that this version no longer has.
pub(crate) fn without_place(saved: &SavedAlarm) -> AlarmPoint {
    let id = saved.alarm.as_str();
    let (point, note) = match &saved.unit {
        Some(_) => (by_name(id), "the site file no longer has this unit"),
        None => (of_name(id, LimitKind::Agent), "this agent no longer has it"),
    };
    point.with_note(note).restored(saved, &Beside::default())
}

/// As far as its name alone tells what it was.
fn by_name(id: &str) -> AlarmPoint {
    match id.strip_suffix(LINK) {
        Some(device) => communication(device),
        None => phase_points()
            .into_iter()
            .find(|point| point.id == id)
            .unwrap_or_else(|| of_name(id, LimitKind::Instrument)),
    }
}

fn of_name(id: &str, kind: LimitKind) -> AlarmPoint {
    let source = id.rsplit_once('.').map_or(id, |(source, _)| source);
    let (id, source) = (id.to_owned(), source.to_owned());
    AlarmPoint::on_condition(id, source, kind, Priority::Medium, 0, 0)
}

fn instrument(parameter: &Parameter) -> Arc<Definition> {
    AlarmPoint::on_condition(
        format!("{}.BAD", parameter.name),
        parameter.name.clone(),
        LimitKind::Instrument,
        parameter.instrument_priority,
        parameter.instrument_delay_ms,
        INSTRUMENT_OFF_DELAY_MS,
    )
    .with_response(&parameter.instrument_response)
    .into_definition()
}

pub(super) fn communication_id(device: &str) -> String {
    format!("{device}{LINK}")
}

pub(super) fn communication(device: &str) -> AlarmPoint {
    AlarmPoint::on_condition(
        communication_id(device),
        device.to_owned(),
        LimitKind::Communication,
        Priority::High,
        COMMUNICATION_ON_DELAY_MS,
        INSTRUMENT_OFF_DELAY_MS,
    )
    .with_response("The device does not answer: look at it, then at its cable and its network.")
}

fn limit_alarm(alarm: &Alarm) -> Definition {
    let direction = match alarm.kind {
        LimitKind::LowLow | LimitKind::Low => Direction::Low,
        LimitKind::High
        | LimitKind::HighHigh
        | LimitKind::Instrument
        | LimitKind::Agent
        | LimitKind::Deviation
        | LimitKind::Rate
        | LimitKind::Discrete
        | LimitKind::Communication
        | LimitKind::Phase => Direction::High,
    };
    let limit = Limit {
        direction,
        limit: alarm.limit,
        deadband: alarm.deadband,
        on_delay_ms: alarm.on_delay_ms,
        off_delay_ms: alarm.off_delay_ms,
    };
    let handling = Handling {
        policy: Policy { latching: alarm.latching, ack_required: alarm.ack_required },
        comment_required: alarm.comment_required,
        shelve_max_ms: alarm.shelve_max_ms,
        re_alarm_ms: alarm.re_alarm_ms,
    };
    Definition {
        id: alarm.id.clone(),
        source: alarm.parameter.clone(),
        kind: alarm.kind,
        priority: alarm.priority,
        response: alarm.response.clone(),
        limit,
        handling,
        phases: alarm.phases.clone(),
    }
}
