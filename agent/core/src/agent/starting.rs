//! From the installation to the machines, and the first records of a start.

use std::collections::VecDeque;
use std::sync::Arc;

use cellwatch_config::profile::{Access, Role};
use cellwatch_model::{Clock, Mono, Now};
use cellwatch_record::{Datum, EventKind, Head};

use super::annunciating::Annunciation;
use super::conditions::Progress;
use super::due::DueUnit;
use super::gone::Gone;
use super::history::History;
use super::restart::fold;
use super::viewing::Viewing;
use super::{Agent, HEALTH_PERIOD_MS};
use crate::acquire::{Line, Station};
use crate::door::{DeviceId, Setup, Start, UnitSetup};
use crate::evaluate::{
    AgentAlarms, AlarmMetrics, BROKER, MasterFiles, NO_MASTER_FILE, ParameterState, SiteState, Unit,
};
use crate::journal::{Context, Recorder, Said, Seals, Wall};
use crate::publish::{Former, Outbox, Pauses, Topics};
use crate::serve::Remarks;
use crate::serve::escalation::Escalation;

/// The first health record of a start comes after this, milliseconds.
const FIRST_HEALTH_MS: u64 = 5_000;

pub(super) fn build(setup: Setup, start: &Start, now: Now) -> Agent {
    let numbered = setup.devices.iter().enumerate();
    let devices = numbered
        .map(|(index, device)| {
            let id = DeviceId(u16::try_from(index).unwrap_or(u16::MAX));
            Station::new(id, device, now.mono)
        })
        .collect();
    let mut devices: Vec<Station> = devices;
    let lines = setup.lines.iter().enumerate().map(|(index, line)| {
        let on_it = setup.devices.iter().enumerate().filter(|(_, device)| device.line == index);
        Line::new(line.clone(), on_it.map(|(device, _)| device))
    });
    let lines: Vec<Line> = lines.collect();
    for (device, known) in devices.iter_mut().zip(&setup.devices) {
        if lines.get(known.line).is_some_and(Line::is_shared) {
            device.shares_its_line();
        }
    }
    let mut places = vec![None; setup.devices.len()];
    for (index, unit) in setup.units.iter().enumerate() {
        let mut first = 0;
        for device in &unit.devices {
            places[*device] = Some((index, first));
            first += setup.devices[*device].profile.parameters.len();
        }
    }
    let units = units(&setup).into_iter().map(DueUnit::new).collect();
    let topics = Topics::new(&setup.site, &setup.agent);
    let former = Former::new(&start.former, &topics, &setup.agent, Pauses::default());
    Agent {
        devices,
        lines,
        places,
        units,
        alarms: AgentAlarms::new(setup.units.iter().map(|unit| unit.id.as_str())),
        metrics: AlarmMetrics::default(),
        escalation: Escalation::default(),
        annunciation: Annunciation::new(&setup.annunciators, now.mono),
        progress: Progress { receipt: now.mono, durable: now.mono, ..Progress::default() },
        master_files: MasterFiles::new(
            setup.site.clone(),
            setup.units.iter().map(|unit| unit.id.clone()).collect(),
            start.master_file_version,
        ),
        effective_due: None,
        site: SiteState::new(setup.site.clone(), setup.agent.clone(), start.site.clone()),
        batch_turned: false,
        recorder: Recorder::new(setup.agent.clone(), start.head, start.boot),
        outbox: Outbox::new(
            topics,
            setup.agent.clone(),
            start.head,
            start.receipt_through,
            Pauses::default(),
        ),
        former,
        outputs: VecDeque::new(),
        seen: now.mono,
        next_request: 0,
        clock: Clock::default(),
        offset_ns: None,
        wall: Wall::new(start.history.iter().map(|record| record.common.utc).max(), now),
        clock_utc_ns: now.utc.0,
        unsynchronised: None,
        history: History::new(start.new_journal, now.mono),
        next_health: now.mono.plus_ms(FIRST_HEALTH_MS.min(HEALTH_PERIOD_MS)),
        next_values: Mono::default(),
        values_from: 0,
        next_state: now.mono,
        summaries: Vec::new(),
        viewing: Viewing::new(now),
        remarks: Remarks::default(),
        gone: Gone::default(),
        stopping: false,
        setup,
    }
}

/// What a parameter is to people: dashboards show process values first.
fn part(parameter: &ParameterState) -> &'static str {
    let known = parameter.known();
    match known.role {
        Role::Process if known.access == Access::Panel => "set-point",
        Role::Process => "process",
        Role::Phase => "phase",
        Role::Heartbeat => "heartbeat",
        Role::Serial => "serial",
    }
}

/// The words of an enumeration as [number, word].
fn words(parameter: &ParameterState) -> Vec<Datum> {
    let known = parameter.known();
    let word =
        |(number, word): (&i64, &String)| Datum::List(vec![(*number).into(), word.clone().into()]);
    known.values.iter().map(word).collect()
}

/// The units of an installation at their first state.
pub(crate) fn units(setup: &Setup) -> Vec<Unit> {
    let unit = |unit: &UnitSetup| {
        let known = unit.devices.iter().map(|device| &setup.devices[*device]);
        let profiles: Vec<_> =
            known.map(|known| (known.id.clone(), Arc::clone(&known.profile))).collect();
        let mut made = Unit::new(unit.id.clone(), unit.name.clone(), &profiles, setup.frame_ms);
        for known in unit.devices.iter().map(|device| &setup.devices[*device]) {
            if let Some(opcua) = known.opcua {
                made.known_every(&known.id, opcua.check_ms);
            }
        }
        made
    };
    setup.units.iter().map(unit).collect()
}

impl Agent {
    /// Seq 1 of a new journal, the start, and what the indices in frames mean.
    pub(super) fn say_start(&mut self, start: &Start, now: Now) {
        let at = now.mono.floor_ms();
        let before = fold(&start.history, start.same_machine_boot, now);
        self.recorder.resume_seals(Seals::resume(start, &before.batches));
        if start.new_journal {
            let said = match start.previous {
                None => Said::new(EventKind::JournalBegun, at, "a journal begins; none was before"),
                Some(Head { journal, seq, hash }) => {
                    let text = format!(
                        "a journal begins in the place of {journal}, known up to seq {seq}"
                    );
                    Said::new(EventKind::JournalBegun, at, text)
                        .with("previous", Datum::Bytes(journal.0.to_vec()))
                        .with("previous_seq", seq)
                        .with("previous_hash", Datum::Bytes(hash.0.to_vec()))
                }
            };
            self.recorder.record(said.into(), Context::default(), now);
        }
        let text = format!("cellwatch {} started", self.setup.version);
        let said = Said::new(EventKind::Start, at, text)
            .with("version", self.setup.version.clone())
            .with("site", self.setup.site.clone());
        self.recorder.record(said.into(), Context::default(), now);
        self.say_away(start, now);
        for unit in 0..self.units.len() {
            self.say_configuration(unit, now);
        }
        self.restore(&before, now);
        self.recount(&start.history, start.same_machine_boot, now);
        self.close_what_has_no_place(&before, now);
        self.seal_what_ended(now);
        self.say_state(now);
        self.condition(NO_MASTER_FILE, true, None, now);
        self.judge_site(now);
        self.condition(BROKER, true, Some("not connected since the start".to_owned()), now);
    }

    pub(super) fn say_configuration(&mut self, unit: usize, now: Now) {
        let unit = &self.units[unit];
        let parameters = unit.parameters().iter().zip(0u64..).map(|(parameter, index)| {
            Datum::List(vec![
                index.into(),
                parameter.name().to_owned().into(),
                parameter.known().unit.symbol().into(),
                u64::from(parameter.known().decimals).into(),
                parameter.device().to_owned().into(),
                Datum::Bytes(parameter.profile().sha256.to_vec()),
                part(parameter).into(),
                Datum::List(words(parameter)),
            ])
        });
        let text = format!("unit {} has {} parameters", unit.id, unit.parameters().len());
        let said = Said::new(EventKind::Configuration, now.mono.floor_ms(), text)
            .with("name", unit.name.clone())
            .with("parameters", Datum::List(parameters.collect()));
        let context = Context { unit: Some(&unit.id), ..Context::default() };
        self.recorder.record(said.into(), context, now);
    }
}
