//! The view without login: the room at a glance, no batch, no person.

use super::system::plain_words;
use super::{AnnunciationView, DeliveryView, LightView, ProblemView, SystemView, UnitView, View};

impl View {
    /// The same moment without what only people who are logged in may see: batches, people, what they said and
    /// entered, and the agent's inside. What the agent found out about its own troubles names batches, mail
    /// addresses and files: the room is told which trouble it is.
    #[must_use]
    pub fn of_the_room(&self) -> Self {
        let unit = |unit: &UnitView| {
            let mut unit = unit.clone();
            unit.batch = None;
            unit.deviations.clear();
            unit.results.clear();
            for manual in &mut unit.manual {
                manual.latest = None;
            }
            unit
        };
        let mut alarms = self.alarms.clone();
        for alarm in &mut alarms {
            alarm.said = None;
            alarm.acknowledged_by = None;
            if alarm.unit.is_none() {
                alarm.note = plain_words(&alarm.id).map(str::to_owned);
            }
        }
        let problem = |problem: &ProblemView| {
            let text = problem.room_text.clone();
            ProblemView { text, ..problem.clone() }
        };
        let light = |light: &LightView| {
            let trouble = light.trouble.as_ref().map(|_| "it does not answer".to_owned());
            LightView { trouble, ..light.clone() }
        };
        let SystemView { problems, delivery, clock, version, started_ms, .. } = &self.system;
        Self {
            room: true,
            units: self.units.iter().map(unit).collect(),
            alarms,
            annunciation: AnnunciationView {
                silenced: None,
                lights: self.annunciation.lights.iter().map(light).collect(),
                horn: self.annunciation.horn,
            },
            system: SystemView {
                problems: problems.iter().map(problem).collect(),
                devices: Vec::new(),
                journal: None,
                delivery: DeliveryView {
                    broker_up: delivery.broker_up,
                    receipt_through: None,
                    backlog: None,
                    last_receipt_ms: None,
                    undeliverable: None,
                },
                clock: clock.clone(),
                master_file: None,
                certificate: None,
                version: version.clone(),
                started_ms: *started_ms,
            },
            ..self.clone()
        }
    }
}
