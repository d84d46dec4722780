//! The agent: routes inputs to the machines of devices and units, and what they say to the journal.
//!
//! Nothing is decided here. Timers are ended before the input that comes at the same time, in the
//! order in which they are due, so that a replay does the same (LAW-08).

mod annunciating;
mod away;
mod clock;
mod conditions;
mod delivery;
mod device_said;
mod due;
mod escalating;
mod gone;
mod health;
mod history;
mod inputs;
mod keys;
mod life;
mod opcua;
mod people;
mod restart;
mod said;
mod sealing;
mod site;
mod starting;
mod viewing;

pub use people::NOT_CONFIRMED;
pub(crate) use restart::restore;
pub(crate) use starting::units;

use std::collections::VecDeque;

use cellwatch_model::{Clock, Mono, Now};

use self::annunciating::Annunciation;
use self::clock::Unsynchronised;
use self::conditions::Progress;
use self::due::DueUnit;
use self::gone::Gone;
use self::history::History;
use self::viewing::Viewing;
use crate::acquire::{Asked, Line, Station};
use crate::door::{DeviceId, Input, Output, Setup, Start};
use crate::evaluate::{AgentAlarms, AlarmMetrics, MasterFiles, SiteState};
use crate::journal::{Recorder, Wall};
use crate::publish::{Former, Outbox};
use crate::serve::Remarks;
use crate::serve::escalation::Escalation;

/// A signed statement that the agent watches, this often, milliseconds (architecture.md §5).
pub const HEALTH_PERIOD_MS: u64 = 30_000;
/// Latest values are offered to dashboards this often, milliseconds.
const VALUES_PERIOD_MS: u64 = 2_000;
/// In so many parts at most, spread over the period: those of a hall are megabytes.
const VALUES_PARTS: usize = 8;

/// The agent behind its door.
#[derive(Debug)]
pub struct Agent {
    setup: Setup,
    devices: Vec<Station>,
    lines: Vec<Line>,
    /// Where a device's parameters stand: its unit, and the index of its first parameter there.
    places: Vec<Option<(usize, usize)>>,
    units: Vec<DueUnit>,
    alarms: AgentAlarms,
    metrics: AlarmMetrics,
    annunciation: Annunciation,
    escalation: Escalation,
    progress: Progress,
    master_files: MasterFiles,
    /// When a pending Master File's effective time comes.
    effective_due: Option<Mono>,
    site: SiteState,
    /// A batch began or ended: a pending Master File may begin to judge.
    batch_turned: bool,
    recorder: Recorder,
    outbox: Outbox,
    former: Former,
    outputs: VecDeque<Output>,
    /// The time of the last input.
    seen: Mono,
    next_request: u64,
    clock: Clock,
    /// UTC less monotonic time when last seen, nanoseconds: a jump is a clock step.
    offset_ns: Option<i64>,
    wall: Wall,
    /// Wall time of the present input as the clock says it, nanoseconds since 1970.
    clock_utc_ns: i64,
    /// Since when the clock has not been synchronised.
    unsynchronised: Option<Unsynchronised>,
    history: History,
    next_health: Mono,
    next_values: Mono,
    /// The unit that is next with its latest values.
    values_from: usize,
    next_state: Mono,
    /// Alarm documents to publish once this record is durable: unit index, none for the agent.
    summaries: Vec<(Option<usize>, u64)>,
    viewing: Viewing,
    remarks: Remarks,
    gone: Gone,
    stopping: bool,
}

impl Agent {
    /// An agent at its start: its first records are already on their way.
    #[must_use]
    pub fn new(setup: Setup, start: Start, now: Now) -> Self {
        let mut agent = starting::build(setup, &start, now);
        let now = agent.honest(now);
        agent.say_start(&start, now);
        agent.finish(now);
        agent
    }

    /// Takes an input. Afterwards [`Self::poll_output`] is to be drained before the next one.
    pub fn handle(&mut self, input: Input, now: Now) {
        let now = self.honest(now);
        self.seen = now.mono;
        self.elapse(now);
        match input {
            Input::Deadline => {}
            Input::Reply { device: DeviceId(device), request, outcome } => {
                self.reply(usize::from(device), request, &outcome, now);
            }
            Input::OpcUa { device: DeviceId(device), what } => {
                self.opcua(usize::from(device), what, now);
            }
            Input::Clock(clock) => self.clock(clock, now),
            Input::MasterFile(offer) => {
                self.viewing.offered(&offer);
                self.offer(offer, now);
            }
            Input::Roster(offer) => self.roster(offer, now),
            Input::Command(offer) => self.command(&offer, now),
            Input::Operator(action) => self.operator(action, now),
            Input::Disk(disk) => self.disk(disk, now),
            Input::Certificate { expires, name } => self.certificate(expires, name, now),
            Input::KeyFile(state) => self.key_file(state, now),
            Input::Key(input) => self.key(input, now),
            Input::Annunciated { annunciator, outcome } => {
                self.annunciated(annunciator, outcome, now);
            }
            Input::Notified { id, outcome } => self.notified(id, outcome, now),
            Input::Durable(records) => self.durable(records, now),
            Input::Fetched { first, through, bundle } => {
                self.outbox.fetched(first, through, bundle, now.mono);
            }
            Input::FormerFetched { journal, first, through, bundle, lost } => {
                self.former.fetched(journal, (first, through), bundle, &lost, now.mono);
            }
            Input::Broker(input) => self.broker(&input, now),
            Input::Receipt(receipt) => self.receipt(&receipt, now),
            Input::Completeness { receipt, sealed } => self.completeness(&receipt, &sealed, now),
            Input::Watched(watched) => self.viewing.watched(watched),
            Input::ReceiptContradicts { receipt, ours } => {
                self.receipt_contradicts(&receipt, ours, now);
            }
            Input::Journal(state) => self.journal(state, now),
            Input::ReserveInUse(in_use) => self.reserve(in_use, now),
            Input::Stop => self.stop(now),
        }
        self.finish(now);
    }

    /// The next thing to do outside.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Deadline`] is to come at the latest, and what is due then.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Mono, &'static str)> {
        if self.stopping {
            return None;
        }
        let next_poll = |device: usize| self.devices[device].next_poll();
        let lines = self.lines.iter();
        let polls = lines.filter_map(|line| Some((line.next_deadline(next_poll)?, "poll")));
        let gaps = self.devices.iter().filter_map(|device| Some((device.next_elapse()?, "gap")));
        let units = self.units.iter().filter_map(|unit| Some((unit.next_deadline()?, "unit")));
        let others = [
            self.alarms.next_deadline().map(|due| (due, "agent alarm")),
            self.metrics.next_deadline().map(|due| (due, "alarm flood")),
            self.outbox.next_deadline().map(|due| (due, "backlog")),
            self.former.next_deadline().map(|due| (due, "former journal")),
            self.effective_due.map(|due| (due, "Master File")),
            self.annunciation.next_deadline(self.seen).map(|due| (due, "annunciation")),
            self.escalation.next_deadline().map(|due| (due, "message")),
            Some((self.next_health, "health")),
            Some((self.next_state, "state")),
            self.outbox.is_up().then_some((self.next_values, "values")),
            self.viewing.next_deadline().map(|due| (due, "view")),
        ];
        polls.chain(gaps).chain(units).chain(others.into_iter().flatten()).min()
    }

    /// Ends what is due at `now`, earliest first.
    fn elapse(&mut self, now: Now) {
        if self.stopping {
            return;
        }
        for unit in 0..self.units.len() {
            while let Some(due) = self.units[unit].next_deadline().filter(|due| *due <= now.mono) {
                let said = self.units[unit].elapse(due);
                self.unit_said(unit, said, now);
            }
        }
        while let Some(due) = self.alarms.next_deadline().filter(|due| *due <= now.mono) {
            let changes = self.alarms.elapse(due);
            self.agent_changed(changes, now);
        }
        if let Some(flood) = self.metrics.elapse(now.mono) {
            self.say_flood(flood, now);
        }
        if self.effective_due.is_some_and(|due| due <= now.mono) {
            self.activate(now);
        }
        if self.next_health <= now.mono {
            self.look(now);
            self.begin_beyond_a_hole(now);
            self.say_health(now);
        }
        if self.next_state <= now.mono {
            self.cut_frames(now);
            self.say_state(now);
        }
    }

    /// Asks the device whose turn it is on a line that is free.
    fn ask(&mut self, line: usize, now: Now) {
        let devices = &self.devices;
        let next = self.lines[line].next(now.mono, |device| devices[device].next_poll());
        let Some(device) = next else { return };
        let asked = self.devices[device].poll(now.mono, &mut self.next_request);
        if let Some(Output::Request { request, timeout_ms, max_lateness_ms, .. }) = &asked {
            self.lines[line].asked(Asked {
                device,
                request: *request,
                at: now.mono,
                timeout_ms: *timeout_ms,
                max_lateness_ms: *max_lateness_ms,
            });
        }
        self.outputs.extend(asked);
    }

    /// After each input: polls that are due, the group to append, what may go out.
    fn finish(&mut self, now: Now) {
        self.show(now);
        if !self.stopping {
            for line in 0..self.lines.len() {
                self.ask(line, now);
            }
            for device in 0..self.devices.len() {
                self.device_elapse(device, now);
            }
        }
        if !self.stopping {
            self.say_notices(now);
            self.say_lost(now);
        }
        self.effective_due = self.master_files.effective_due(now);
        if !self.stopping {
            self.annunciate(now.mono);
            self.notify(now);
        }
        if let Some(append) = self.recorder.flush() {
            self.outbox.appended(&append);
            self.outputs.push_back(Output::Append(append));
        }
        if self.outbox.is_up() && self.next_values <= now.mono {
            self.offer_values(now);
        }
        while let Some(output) = self.outbox.next(now.mono) {
            if matches!(output, Output::Publish(_)) {
                self.former.handed_by_another();
            }
            self.outputs.push_back(output);
        }
        while let Some(output) = self.former.next(now.mono) {
            self.outputs.push_back(output);
        }
    }
}
