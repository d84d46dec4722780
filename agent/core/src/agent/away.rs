//! The time in which nobody polled because the agent was not there (LAW-02, LAW-04).

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Now, Utc};
use cellwatch_record::{Body, Common, Datum, EventKind, Frame, Record};

use super::Agent;
use crate::door::Start;
use crate::evaluate::words;
use crate::journal::{Context, Said};

/// Up to where a unit is recorded.
#[derive(Clone, Copy)]
struct Recorded {
    at: Mono,
    utc: Utc,
    boot: u32,
}

impl Recorded {
    const fn until(at: Mono, common: &Common) -> Self {
        Self { at, utc: common.utc, boot: common.boot }
    }
}

impl Agent {
    /// Says of each unit from when to when nothing of it is recorded: since its last reading on disk, or since the last
    /// state record, before which frames are cut.
    pub(super) fn say_away(&mut self, start: &Start, now: Now) {
        let (since_state, since_frame) = recorded(&start.history);
        let stopped = was_stopped(&start.history);
        let why = if stopped { "was stopped" } else { "ended without being told to" };
        for unit in &self.units {
            let Some(last) = since_frame.get(unit.id.as_str()).copied().or(since_state) else {
                continue;
            };
            let id = &unit.id;
            let text = if start.same_machine_boot {
                let away_ms = now.mono.ms_since(last.at);
                let (s, ms) = (away_ms / 1000, away_ms % 1000);
                format!("unit {id} was not watched for {s}.{ms:03} s: the agent {why}")
            } else {
                let since = words(last.utc);
                format!(
                    "unit {id} was not watched since {since}: the agent {why}, and its machine was started anew"
                )
            };
            let said = Said::new(EventKind::Gap, now.mono.floor_ms(), text)
                .with("cause", "agent-away")
                .with("open", Datum::Bool(false))
                .with("stopped", Datum::Bool(stopped))
                .with("same_machine_boot", Datum::Bool(start.same_machine_boot))
                .with("from_boot", u64::from(last.boot))
                .with("from_mono_ns", last.at.0)
                .with("from_utc_ns", last.utc.0)
                .with("to_mono_ns", now.mono.0);
            let context = Context { unit: Some(id), ..Context::default() };
            self.recorder.record(said.into(), context, now);
        }
    }
}

/// Up to where every unit is recorded, and those units that are recorded for longer.
fn recorded(history: &[Record]) -> (Option<Recorded>, BTreeMap<&str, Recorded>) {
    let mut since_state = None;
    let mut since_frame = BTreeMap::new();
    for Record { common, body } in history {
        match (body, &common.unit) {
            (Body::State(_), _) => {
                since_state = Some(Recorded::until(common.mono, common));
                since_frame.clear();
            }
            (Body::Telemetry(frame), Some(unit)) => {
                since_frame.insert(unit.as_str(), Recorded::until(last_reading(frame), common));
            }
            _ => {}
        }
    }
    (since_state, since_frame)
}

fn last_reading(frame: &Frame) -> Mono {
    let last = frame.tracks.iter().filter_map(|track| track.0.last()).max();
    frame.from.plus_ms(last.copied().unwrap_or(0).into())
}

/// True if the last thing that the agent did was to end as it was told.
fn was_stopped(history: &[Record]) -> bool {
    let turn = history.iter().rev().find_map(|record| {
        let Body::Event(event) = &record.body else { return None };
        let stopped = event.kind == EventKind::Stop;
        (stopped || event.kind == EventKind::Start).then_some(stopped)
    });
    turn.unwrap_or(false)
}
