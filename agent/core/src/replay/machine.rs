//! Records in, judgements out.

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::Mono;
use cellwatch_record::{
    Action, AlarmChange, BatchChange, Body, Common, Datum, Event, EventKind, Hash, Record, State,
};

use super::compare::{Judgement, Replayed};
use super::inputs::{Queue, UnitInput};
use crate::agent::{restore, units};
use crate::door::Setup;
use crate::evaluate::{AgentAlarms, Request, Rules, UnitOutput, texts};

/// Why records cannot be judged again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The Master File that judged is not at hand.
    #[error(
        "seq {seq}: the Master File with SHA-256 {sha256} judged from here on; give that file, or another to rehearse with"
    )]
    NoMasterFile {
        /// The record that names it.
        seq: u64,
        /// SHA-256 of its approved text.
        sha256: Hash,
    },
    /// The records are of another installation than the site file.
    #[error(
        "seq {seq}: unit {unit} has other parameters there than in the site file; replay with the site file and the profiles of that time"
    )]
    OtherInstallation {
        /// The record that says so.
        seq: u64,
        /// The unit.
        unit: String,
    },
}

/// Judges records again, one after the other.
pub struct Replay<'a> {
    setup: &'a Setup,
    file: &'a dyn Fn(Hash) -> Option<Arc<MasterFile>>,
    queues: Vec<Queue>,
    agent: AgentAlarms,
    last_seq: Option<u64>,
    last_mono: Mono,
    /// The next state record is where judging begins.
    awaits_state: Option<Awaits>,
    outcome: Replayed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// The agent has just started.
    Start,
    /// Records are missing, or the first one is not at hand.
    Resume,
}

impl<'a> Replay<'a> {
    /// A replay at the installation of `setup`; `file` finds a Master File by the SHA-256 of its approved text, or
    /// gives another one to rehearse with.
    #[must_use]
    pub fn new(setup: &'a Setup, file: &'a dyn Fn(Hash) -> Option<Arc<MasterFile>>) -> Self {
        Self {
            setup,
            file,
            queues: units(setup).into_iter().map(Queue::new).collect(),
            agent: alarms_of(setup),
            last_seq: None,
            last_mono: Mono::default(),
            awaits_state: Some(Awaits::Resume),
            outcome: Replayed::default(),
        }
    }

    /// Takes the next record of the journal.
    ///
    /// # Errors
    /// What it needs is not at hand.
    pub fn record(&mut self, record: &Record) -> Result<(), ReplayError> {
        let Record { common, body } = record;
        let seq = common.identity.seq;
        if let Some(last) = self.last_seq.replace(seq).filter(|last| last + 1 < seq) {
            self.outcome.missing.push((last + 1, seq - 1));
            self.awaits_state = Some(Awaits::Resume);
        }
        if let Body::Event(Event { kind: EventKind::Start, .. }) = body {
            self.begin_anew(Awaits::Start);
        }
        match self.awaits_state {
            Some(Awaits::Start) => self.starting(common, body)?,
            Some(Awaits::Resume) => self.resuming(common, body)?,
            None => self.judge(common, body)?,
        }
        self.last_mono = common.mono;
        Ok(())
    }

    /// Everything has been given.
    #[must_use]
    pub fn finish(mut self) -> Replayed {
        self.let_time_pass();
        self.outcome
    }

    /// Ends the start of the agent that was judged so far, and begins another.
    fn begin_anew(&mut self, awaits: Awaits) {
        if self.awaits_state.is_none() {
            self.let_time_pass();
        }
        self.queues = units(self.setup).into_iter().map(Queue::new).collect();
        self.agent = alarms_of(self.setup);
        self.awaits_state = Some(awaits);
    }

    /// A start: what its own state record says.
    fn starting(&mut self, common: &Common, body: &Body) -> Result<(), ReplayError> {
        match body {
            Body::Event(event) => self.check_installation(common, event),
            Body::State(state) => {
                self.restore(state);
                self.awaits_state = None;
                Ok(())
            }
            Body::Telemetry(_)
            | Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::Batch(_)
            | Body::Health(_) => Ok(()),
        }
    }

    /// After missing records: from the next state record on, under the Master File in force there.
    fn resuming(&mut self, common: &Common, body: &Body) -> Result<(), ReplayError> {
        let Body::State(state) = body else {
            // Nothing is judged before the first start of a journal.
            self.outcome.skipped += u64::from(common.identity.seq > 1);
            return Ok(());
        };
        self.queues = units(self.setup).into_iter().map(Queue::new).collect();
        self.agent = alarms_of(self.setup);
        self.restore(state);
        for queue in &mut self.queues {
            queue.unit.restore_links(&state.counted);
        }
        for saved in &state.master_files {
            if saved.units.is_empty() {
                continue;
            }
            let file = self.file(common, saved.sha256)?;
            for queue in &mut self.queues {
                if saved.units.contains(&queue.unit.id) {
                    // What a restart would say stands nowhere on record here.
                    let _ = queue.unit.master_file(&Rules::new(&file), common.mono.floor_ms());
                }
            }
        }
        self.awaits_state = None;
        Ok(())
    }

    fn restore(&mut self, state: &State) {
        let mut places: Vec<_> = self.queues.iter_mut().map(|queue| &mut queue.unit).collect();
        restore(state, &mut places, &mut self.agent);
    }

    fn judge(&mut self, common: &Common, body: &Body) -> Result<(), ReplayError> {
        let unit = common.unit.as_deref();
        let place = unit.and_then(|id| self.queues.iter().position(|one| one.unit.id == id));
        match body {
            Body::Telemetry(frame) => {
                let Some(place) = place else { return Ok(()) };
                let mut said = Vec::new();
                self.outcome.readings += self.queues[place].frame(frame, &mut said);
                self.said(place, said);
            }
            Body::Alarm(_) | Body::Deviation(_) => {
                let (unit, seq) = (common.unit.clone(), Some(common.identity.seq));
                self.outcome.recorded.push(Judgement { unit, body: body.clone(), seq });
            }
            // A seal changes nothing of the unit.
            Body::Batch(change) if change.change == BatchChange::Sealed => {}
            Body::Batch(change) => {
                self.push(place, change.at, UnitInput::Batch(change.clone()));
            }
            Body::Result(result) => {
                self.push(place, result.at, UnitInput::Result(result.clone()));
            }
            Body::Action(action) => self.action(place, common, action),
            Body::Event(event) => self.event(place, common, event)?,
            Body::State(_) | Body::Health(_) => {}
        }
        Ok(())
    }

    fn push(&mut self, place: Option<usize>, at: Mono, input: UnitInput) {
        if let Some(place) = place {
            self.queues[place].push(at, input);
        }
    }

    fn action(&mut self, place: Option<usize>, common: &Common, action: &Action) {
        let request = Request::of_action(&action.what, action.new.as_deref());
        let Some(request) = request.filter(|_| action.refusal.is_none()) else { return };
        let at = common.mono.floor_ms();
        let (person, comment) = (action.person.clone(), action.reason.clone());
        let Some(unit) = &common.unit else {
            self.agent_until(at);
            let change = self.agent.request(&action.target, request, person, comment, at);
            self.agent_said(change.ok());
            return;
        };
        let alarm = action.target.strip_prefix(unit.as_str());
        let alarm = alarm.and_then(|rest| rest.strip_prefix('/')).unwrap_or_default().to_owned();
        self.push(place, at, UnitInput::Request { alarm, request, person, comment });
    }

    fn event(
        &mut self,
        place: Option<usize>,
        common: &Common,
        event: &Event,
    ) -> Result<(), ReplayError> {
        if event.kind == EventKind::Link && is_of_the_link(event) {
            let (device, cause) = (text(event, "device"), text(event, "cause"));
            let up = event.details.get("up") == Some(&Datum::Bool(true));
            self.push(place, event.at, UnitInput::Link { device, up, cause });
        }
        if event.kind == EventKind::Condition {
            let holds = event.details.get("holds") == Some(&Datum::Bool(true));
            let note = event.details.contains_key("note").then(|| text(event, "note"));
            self.agent_until(event.at);
            let change = self.agent.set(&text(event, "alarm"), holds, note, event.at);
            self.agent_said(change);
        }
        if event.kind == EventKind::MasterFileInForce {
            let (file, units) = (self.in_force(common, event)?, texts(event, "units"));
            for queue in self.queues.iter_mut().filter(|one| units.contains(&one.unit.id)) {
                queue.push(event.at, UnitInput::MasterFile(Arc::clone(&file)));
            }
        }
        self.check_installation(common, event)
    }

    fn in_force(&self, common: &Common, event: &Event) -> Result<Arc<MasterFile>, ReplayError> {
        let sha256 = match event.details.get("sha256") {
            Some(Datum::Bytes(bytes)) => bytes.as_slice().try_into().map(Hash).unwrap_or_default(),
            Some(_) | None => Hash::NONE,
        };
        self.file(common, sha256)
    }

    fn file(&self, common: &Common, sha256: Hash) -> Result<Arc<MasterFile>, ReplayError> {
        let seq = common.identity.seq;
        (self.file)(sha256).ok_or(ReplayError::NoMasterFile { seq, sha256 })
    }

    /// Indices in frames mean what they mean here only if the parameters are the same.
    fn check_installation(&self, common: &Common, event: &Event) -> Result<(), ReplayError> {
        let Some(unit) = common.unit.as_ref().filter(|_| event.kind == EventKind::Configuration)
        else {
            return Ok(());
        };
        let queue = self.queues.iter().find(|queue| queue.unit.id == *unit);
        let known = queue.map(|queue| queue.unit.parameters());
        let recorded = match event.details.get("parameters") {
            Some(Datum::List(list)) => list.as_slice(),
            Some(_) | None => &[],
        };
        let name = |datum: &Datum| match datum {
            Datum::List(items) => items.get(1).cloned(),
            Datum::Text(_)
            | Datum::Integer(_)
            | Datum::Number(_)
            | Datum::Bool(_)
            | Datum::Bytes(_) => None,
        };
        let is_same = known.is_some_and(|known| {
            known.len() == recorded.len()
                && known
                    .iter()
                    .zip(recorded)
                    .all(|(known, recorded)| name(recorded) == Some(Datum::from(known.name())))
        });
        if is_same {
            return Ok(());
        }
        let (seq, unit) = (common.identity.seq, unit.clone());
        Err(ReplayError::OtherInstallation { seq, unit })
    }

    fn agent_until(&mut self, now: Mono) {
        while let Some(due) = self.agent.next_deadline().filter(|due| *due <= now) {
            let changes = self.agent.elapse(due);
            self.agent_said(changes);
        }
    }

    fn agent_said(&mut self, changes: impl IntoIterator<Item = AlarmChange>) {
        let judged = changes.into_iter().map(Body::Alarm);
        self.outcome.judged.extend(judged.map(|body| Judgement { unit: None, body, seq: None }));
    }

    fn said(&mut self, place: usize, said: Vec<UnitOutput>) {
        let unit = Some(self.queues[place].unit.id.clone());
        let judged = said.into_iter().map(|one| one.body);
        let judged = judged.filter(|body| matches!(body, Body::Alarm(_) | Body::Deviation(_)));
        let judged = judged.map(|body| Judgement { unit: unit.clone(), body, seq: None });
        self.outcome.judged.extend(judged);
    }

    /// Judges what waits, until the last record.
    fn let_time_pass(&mut self) {
        let end = self.last_mono;
        for place in 0..self.queues.len() {
            let mut said = Vec::new();
            self.queues[place].finish(end, &mut said);
            self.said(place, said);
        }
        self.agent_until(end);
    }
}

/// False for what else is told of a device under this kind: its pace on a shared line, and that it started again.
fn is_of_the_link(event: &Event) -> bool {
    !["on_scan", "uptime"].iter().any(|other| event.details.contains_key(*other))
}

fn alarms_of(setup: &Setup) -> AgentAlarms {
    AgentAlarms::new(setup.units.iter().map(|unit| unit.id.as_str()))
}

fn text(event: &Event, name: &str) -> String {
    match event.details.get(name) {
        Some(Datum::Text(text)) => text.clone(),
        Some(
            Datum::Integer(_)
            | Datum::Number(_)
            | Datum::Bool(_)
            | Datum::Bytes(_)
            | Datum::List(_),
        )
        | None => String::new(),
    }
}
