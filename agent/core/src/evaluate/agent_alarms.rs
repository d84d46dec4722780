//! The agent's own health as alarms, through the same engine.

use cellwatch_model::{Clock, ClockSync, LimitKind, Mono, Priority};
use cellwatch_record::{AlarmChange, Person, SavedAlarm};

use super::alarm_point::{AlarmPoint, Request};

/// Id of the alarm on an expired Master File (LAW-05).
pub(crate) const MASTER_FILE_EXPIRED: &str = "AGENT.MASTER-FILE-EXPIRED";
/// Id of the alarm on an agent without a Master File.
pub(crate) const NO_MASTER_FILE: &str = "AGENT.NO-MASTER-FILE";
/// Id of the alarm on a wall clock that cannot be trusted (LAW-12).
pub(crate) const CLOCK: &str = "AGENT.CLOCK";

/// A clock may be unsynchronised for this long after a start, milliseconds.
const CLOCK_ON_DELAY_MS: u64 = 60_000;
/// A Master File may be missing for this long after a start, milliseconds.
const NO_MASTER_FILE_ON_DELAY_MS: u64 = 5_000;

/// The agent's own alarms.
#[derive(Debug)]
pub(crate) struct AgentAlarms {
    points: [AlarmPoint; 3],
}

impl Default for AgentAlarms {
    fn default() -> Self {
        let point = |id: &str, source: &str, priority, on_delay_ms, response: &str| {
            let (id, source) = (id.to_owned(), source.to_owned());
            AlarmPoint::on_condition(id, source, LimitKind::Agent, priority, on_delay_ms, 0)
                .with_response(response)
        };
        Self {
            points: [
                point(
                    MASTER_FILE_EXPIRED,
                    "master file",
                    Priority::High,
                    0,
                    "Call the Control Site: the Master File has expired. It goes on judging; no new batch may start under it.",
                ),
                point(
                    NO_MASTER_FILE,
                    "master file",
                    Priority::High,
                    NO_MASTER_FILE_ON_DELAY_MS,
                    "Call the Control Site: no approved Master File is in force. Readings are recorded, nothing is judged.",
                ),
                point(
                    CLOCK,
                    "clock",
                    Priority::Low,
                    CLOCK_ON_DELAY_MS,
                    "Tell the site's IT: the clock of this machine is not synchronised. Times are marked so.",
                ),
            ],
        }
    }
}

impl AgentAlarms {
    pub(crate) fn set(
        &mut self,
        id: &str,
        is_true: bool,
        note: Option<String>,
        at: Mono,
    ) -> Option<AlarmChange> {
        self.points.iter_mut().find(|alarm| alarm.id == id)?.set(is_true, note, at)
    }

    pub(crate) fn clock(&mut self, clock: Clock, at: Mono) -> Option<AlarmChange> {
        let note = match clock.sync {
            ClockSync::Synchronised | ClockSync::Simulated => None,
            ClockSync::Unknown | ClockSync::Unsynchronised => {
                Some(format!("the clock is {}", clock.sync))
            }
        };
        self.set(CLOCK, !clock.sync.is_trusted(), note, at)
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.points.iter().filter_map(AlarmPoint::due).min()
    }

    pub(crate) fn elapse(&mut self, now: Mono) -> Vec<AlarmChange> {
        self.points.iter_mut().flat_map(|alarm| alarm.elapse(now)).collect()
    }

    pub(crate) fn request(
        &mut self,
        id: &str,
        request: Request,
        person: Person,
        comment: String,
        at: Mono,
    ) -> Result<AlarmChange, String> {
        let found = self.points.iter_mut().find(|alarm| alarm.id == id);
        let found = found.ok_or_else(|| format!("the agent has no alarm {id}"))?;
        found.request(request, person, comment, at)
    }

    pub(crate) fn save(&self) -> impl Iterator<Item = SavedAlarm> {
        self.points.iter().filter_map(|alarm| alarm.save(None))
    }

    pub(crate) fn restore(&mut self, saved: &[SavedAlarm]) {
        for alarm in &mut self.points {
            if let Some(one) = saved.iter().find(|one| one.unit.is_none() && one.alarm == alarm.id)
            {
                *alarm = alarm.clone().restored(one);
            }
        }
    }

    pub(crate) fn response_to(&self, id: &str) -> String {
        let found = self.points.iter().find(|alarm| alarm.id == id);
        found.map(|alarm| alarm.response.clone()).unwrap_or_default()
    }

    pub(crate) fn standing(&self) -> impl Iterator<Item = &AlarmPoint> {
        self.points.iter().filter(|alarm| alarm.is_standing())
    }
}
