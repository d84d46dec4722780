//! Core, reactor, disk, broker and people in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::Problems;
use cellwatch_core::Agent;
use cellwatch_core::door::{Asked, BrokerInput, Input, OperatorAction, Output, Setup, Start};
use cellwatch_core::evaluate::NewResult;
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_reactor::culture::{Parameters, Signal, StartState};
use cellwatch_reactor::reactor::{self, Reactor};
use cellwatch_record::{
    Body, Hash, Head, JournalId, Kind, RECORD_CONTENT_TYPE, Record, SavedSite, decode,
};
use cellwatch_seal::SealingKey;

use super::control_site::{ControlSite, RECEIPT_MS};
use super::people::{People, person};
use super::{Installation, UNIT, wire};
use crate::scenario::{Course, Scenario, ScenarioProblem, Step};

/// 2026-06-08T08:00:00Z, a Monday within the dates of the example's Master File.
const EPOCH_NS: i64 = 1_780_905_600_000_000_000;
const JOURNAL: JournalId = JournalId([9; 16]);
/// The device's own time goes on in steps of so many milliseconds: those of its process model.
const TICK_MS: u64 = 500;
/// What the disk takes for a commit, ms.
const COMMIT_MS: u64 = 3;
const ACK_MS: u64 = 2;
/// A second person confirms a result so long after it was entered, ms.
const CONFIRM_MS: u64 = 300_000;
const RECEIVE_MAXIMUM: u16 = 100;

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The scenario asks for what cannot be.
    #[error(transparent)]
    Scenario(#[from] ScenarioProblem),
    /// Profile or Master File.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The reactor cannot serve the profile.
    #[error("{0}")]
    Reactor(String),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] cellwatch_seal::KeyError),
}

/// A run that is over.
#[derive(Debug)]
pub struct Ran {
    /// What the core was told.
    pub setup: Setup,
    /// Every record's payload, in order, from sequence number 1.
    pub payloads: Vec<Vec<u8>>,
    /// Bytes of all sealed records.
    pub sealed_bytes: u64,
    /// Requests to the device.
    pub requests: u64,
}

impl Ran {
    /// The records, decoded one after the other.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        // Own records decode: the core has just encoded them.
        self.payloads.iter().filter_map(|payload| decode(payload).ok())
    }
}

enum Event {
    Input(Input),
    Commit(Vec<(u64, Arc<[u8]>)>),
    Person(OperatorAction),
    Receipt,
}

struct Site<'s> {
    scenario: &'s Scenario,
    setup: Setup,
    agent: Agent,
    reactor: Reactor,
    /// Up to where the reactor's time has come, ms.
    reactor_ms: u64,
    now_ms: u64,
    key: SealingKey,
    payloads: Vec<Vec<u8>>,
    sealed_bytes: u64,
    requests: u64,
    control_site: ControlSite,
    people: People,
    packet: u16,
    events: BTreeMap<(u64, u64), Event>,
    next_event: u64,
}

/// Runs a scenario; `progress` is told the hours of the run that are over, once a virtual day.
///
/// # Errors
/// The scenario asks for what cannot be.
pub fn run(
    scenario: &Scenario,
    installation: &Installation,
    mut progress: impl FnMut(f64),
) -> Result<Ran, RunError> {
    let course = scenario.course(&installation.profile)?;
    let setup = installation.setup(scenario.frame_s);
    let mut site = Site {
        agent: Agent::new(setup.clone(), start(), now(0)),
        setup,
        reactor: reactor(scenario, installation)?,
        scenario,
        reactor_ms: 0,
        now_ms: 0,
        key: SealingKey::generate()?.0,
        payloads: Vec::new(),
        sealed_bytes: 0,
        requests: 0,
        control_site: ControlSite::default(),
        people: People::default(),
        packet: 0,
        events: BTreeMap::new(),
        next_event: 0,
    };
    site.input(Input::Clock(now(0).clock));
    site.input(Input::MasterFile(installation.offer()));
    let up = BrokerInput::Up { receive_maximum: RECEIVE_MAXIMUM, maximum_packet_size: None };
    site.input(Input::Broker(up));
    site.later(RECEIPT_MS, Event::Receipt);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked hours")]
    let end_ms = (scenario.hours * 3_600_000.0) as u64;
    site.live(&course, end_ms, &mut progress);
    site.input(Input::Stop);
    let Site { setup, payloads, sealed_bytes, requests, .. } = site;
    Ok(Ran { setup, payloads, sealed_bytes, requests })
}

fn reactor(scenario: &Scenario, installation: &Installation) -> Result<Reactor, RunError> {
    let parameters = Parameters::parse("parameters.toml", Parameters::EXAMPLE);
    let mut parameters = parameters.map_err(|problems| RunError::Reactor(problems.to_string()))?;
    for (id, hours) in &scenario.phases {
        let phase = parameters.phases.iter_mut().find(|phase| phase.id == *id);
        let what = || format!("phases.{id}: the process model has no such phase");
        let phase =
            phase.ok_or_else(|| ScenarioProblem { scenario: scenario.id.clone(), what: what() })?;
        phase.duration_h = *hours;
    }
    Reactor::new(reactor::Setup {
        profile: (*installation.profile).clone(),
        parameters,
        seed: scenario.seed,
        serial: installation.serial.clone(),
        start: StartState::Warmed,
    })
    .map_err(|problems| RunError::Reactor(problems.to_string()))
}

fn start() -> Start {
    Start {
        head: Head { journal: JOURNAL, seq: 0, hash: Hash::NONE },
        new_journal: true,
        previous: None,
        former: Vec::new(),
        boot: 1,
        receipt_through: 0,
        master_file_version: 0,
        site: SavedSite::default(),
        history: Vec::new(),
        hashes: Vec::new(),
        same_machine_boot: true,
    }
}

fn now(ms: u64) -> Now {
    // A year of nanoseconds fits.
    let since_ns = i64::try_from(ms).unwrap_or(i64::MAX / 1_000_000) * 1_000_000;
    let clock = Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    Now { mono: Mono(ms * 1_000_000), utc: Utc(EPOCH_NS + since_ns), clock }
}

impl Site<'_> {
    fn live(&mut self, course: &Course, end_ms: u64, progress: &mut impl FnMut(f64)) {
        let mut course = course.iter().peekable();
        let mut next_day_ms = 86_400_000;
        loop {
            let event = self.events.first_key_value().map(|((at, _), _)| *at);
            let deadline = self.agent.next_deadline().map(|(at, _)| at.0.div_ceil(1_000_000));
            let step = course.peek().map(|(at, _)| *at);
            let next = [event, deadline, step].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end_ms) else { break };
            self.now_ms = self.now_ms.max(next);
            if self.now_ms >= next_day_ms {
                progress(next_day_ms as f64 / 3_600_000.0);
                next_day_ms += 86_400_000;
            }
            if let Some((_, step)) = course.next_if(|(at, _)| *at <= self.now_ms) {
                self.step(step);
            } else if event.is_some_and(|at| at <= self.now_ms) {
                if let Some((_, event)) = self.events.pop_first() {
                    self.event(event);
                }
            } else {
                self.input(Input::Deadline);
            }
        }
        self.now_ms = end_ms;
    }

    /// Brings the reactor's time to now, in whole ticks.
    fn advance(&mut self) {
        let ticks = (self.now_ms - self.reactor_ms) / TICK_MS;
        if ticks > 0 {
            self.reactor.advance(Duration::from_millis(ticks * TICK_MS));
            self.reactor_ms += ticks * TICK_MS;
        }
    }

    fn step(&mut self, step: &Step) {
        self.advance();
        match step {
            Step::Break(fault) => drop(self.reactor.break_something(fault.clone())),
            Step::Set(signal, value) => {
                // The panel refuses what is beyond its range, as it does to people.
                let _ = self.reactor.set(*signal, *value);
            }
            Step::Sample { parameter, signal, confirmed } => {
                self.sample(parameter, *signal, *confirmed);
            }
        }
    }

    /// An analyser shows one decimal.
    fn sample(&mut self, parameter: &str, signal: Signal, confirmed: bool) {
        let value = (self.reactor.culture().truth(signal) * 10.0).round() / 10.0;
        let result = NewResult {
            parameter: parameter.to_owned(),
            value,
            unit: signal.unit(),
            sampled: None,
        };
        let enter = Asked::EnterResult { unit: UNIT.to_owned(), result };
        let comment = "daily sample".to_owned();
        self.input(Input::Operator(OperatorAction {
            person: person(1),
            what: enter,
            comment,
            confirmed: true.into(),
        }));
        if let Some(id) = self.last_result().filter(|_| confirmed) {
            let what = Asked::ConfirmResult { unit: UNIT.to_owned(), result: id };
            let comment = "counted again".to_owned();
            let confirm =
                OperatorAction { person: person(2), what, comment, confirmed: true.into() };
            self.later(CONFIRM_MS, Event::Person(confirm));
        }
    }

    /// The id of the result that was entered just now.
    fn last_result(&self) -> Option<String> {
        let recent = self.payloads.iter().rev().take(8);
        recent.filter_map(|payload| decode(payload).ok()).find_map(|record| match record.body {
            Body::Result(result) => Some(result.id),
            Body::Telemetry(_)
            | Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Batch(_)
            | Body::Event(_)
            | Body::State(_)
            | Body::Health(_) => None,
        })
    }

    fn later(&mut self, ms: u64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now_ms + ms, self.next_event), event);
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Input(input) => self.input(input),
            Event::Commit(sealed) => self.input(Input::Durable(sealed)),
            Event::Person(action) => {
                self.people.arrive(&action);
                self.input(Input::Operator(action));
            }
            Event::Receipt => {
                let payload = |seq: u64| {
                    let index = usize::try_from(seq.checked_sub(1)?).ok()?;
                    self.payloads.get(index).cloned()
                };
                let issued = now(self.now_ms).utc;
                let agent = &self.setup.agent;
                let receipt = self.control_site.receipt(agent, JOURNAL, issued, payload);
                if let Some(receipt) = receipt {
                    self.input(Input::Receipt(receipt));
                }
                self.later(RECEIPT_MS, Event::Receipt);
            }
        }
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(input, now(self.now_ms));
        let mut outputs = Vec::new();
        while let Some(output) = self.agent.poll_output() {
            outputs.push(output);
        }
        for output in outputs {
            self.output(output);
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Request { device, request, read, timeout_ms, .. } => {
                self.requests += 1;
                self.advance();
                let (after_ms, outcome) = wire::ask(&mut self.reactor, read, timeout_ms);
                self.later(after_ms, Event::Input(Input::Reply { device, request, outcome }));
            }
            Output::Append(append) => {
                let mut sealed = Vec::with_capacity(append.records.len());
                for (seq, (kind, unit, payload)) in (append.first_seq..).zip(append.records) {
                    if kind == Kind::Alarm {
                        self.called(unit.as_deref(), &payload);
                    }
                    let bytes = cellwatch_seal::seal(&self.key, RECORD_CONTENT_TYPE, &payload);
                    self.sealed_bytes += bytes.len() as u64;
                    self.payloads.push(payload);
                    sealed.push((seq, Arc::from(bytes)));
                }
                self.later(COMMIT_MS, Event::Commit(sealed));
            }
            Output::Publish(message) => {
                self.control_site.take(&message);
                self.packet = self.packet.checked_add(1).unwrap_or(1);
                let packet_id = self.packet;
                let sent = Input::Broker(BrokerInput::Sent(packet_id));
                self.agent.handle(sent, now(self.now_ms));
                let taken = BrokerInput::Acknowledged { packet_id, reason: 0 };
                self.later(ACK_MS, Event::Input(Input::Broker(taken)));
            }
            // The mail server takes everything.
            Output::Notify(message) => {
                let taken = Input::Notified { id: message.id, outcome: Ok(()) };
                self.later(ACK_MS, Event::Input(taken));
            }
            Output::Annunciate { annunciator, .. } => {
                let written = Input::Annunciated { annunciator, outcome: Ok(()) };
                self.later(ACK_MS, Event::Input(written));
            }
            // The broker is never away, so that nothing is fetched; people see the records.
            Output::Fetch { .. }
            | Output::FetchFormer { .. }
            | Output::KeepFormer { .. }
            | Output::KeepLost { .. }
            | Output::KeepFork { .. }
            | Output::KeepDone { .. }
            | Output::Reconnect { .. }
            | Output::KeepMasterFiles { .. }
            | Output::KeepSite(_)
            | Output::KeepReceipt { .. }
            | Output::Show(_)
            | Output::View(_)
            | Output::Metrics(_)
            | Output::Prune { .. }
            | Output::BeginJournal { .. }
            | Output::UaRead { .. }
            | Output::UaReconnect { .. }
            | Output::TrustCertificate { .. }
            | Output::Stopped => {}
        }
    }

    fn called(&mut self, unit: Option<&str>, payload: &[u8]) {
        let Ok(Record { body: Body::Alarm(change), .. }) = decode(payload) else { return };
        if let Some((after_ms, action)) = self.people.see(self.scenario, unit, &change) {
            self.later(after_ms, Event::Person(action));
        }
    }
}
