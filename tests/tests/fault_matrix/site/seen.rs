//! What the agent's records say.

use cellwatch_model::Quality;
use cellwatch_record::{Body, Datum, Event, EventKind, Frame, Record};

/// A reading on record.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Number of the device.
    pub(crate) device: usize,
    /// Index of the parameter in its profile.
    pub(crate) parameter: usize,
    /// Milliseconds of the agent's time.
    pub(crate) at_ms: u64,
    pub(crate) quality: Quality,
}

/// What stands in the records so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) readings: Vec<Reading>,
    /// Texts of links, restarts and OPC UA sessions.
    pub(crate) links: Vec<String>,
    /// Polls that were not made, as far as the gaps are over.
    pub(crate) gaps: Vec<Gap>,
}

/// Polls that were not made.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) device: String,
    pub(crate) text: String,
    /// When the first and the last of them were due, milliseconds of the agent's time.
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) polls: u64,
}

impl Seen {
    /// Takes a record.
    pub(crate) fn record(&mut self, record: &Record) {
        let unit = record.common.unit.as_deref().unwrap_or_default();
        match &record.body {
            Body::Telemetry(frame) => {
                let device = unit.strip_prefix("U-").and_then(|number| number.parse().ok());
                self.frame(device.expect("units are U-n"), frame);
            }
            Body::Event(event) if matches!(event.kind, EventKind::Link | EventKind::OpcUa) => {
                self.links.push(event.text.clone());
            }
            Body::Event(event) if event.kind == EventKind::Gap => {
                // The beginning is told, too.
                let Some(polls) = number(event, "polls") else { return };
                let ms =
                    |name| number(event, name).expect("a closed gap has its times") / 1_000_000;
                self.gaps.push(Gap {
                    device: detail(event, "device"),
                    text: event.text.clone(),
                    from_ms: ms("from_mono_ns"),
                    to_ms: ms("to_mono_ns"),
                    polls,
                });
            }
            Body::Alarm(_)
            | Body::Deviation(_)
            | Body::Action(_)
            | Body::Result(_)
            | Body::Batch(_)
            | Body::Event(_)
            | Body::State(_)
            | Body::Health(_) => {}
        }
    }

    fn frame(&mut self, device: usize, frame: &Frame) {
        for column in &frame.columns {
            for (index, sample) in column.samples.iter().enumerate() {
                let at = frame.time_of(column, index).expect("a sample has its time");
                self.readings.push(Reading {
                    device,
                    parameter: usize::from(column.parameter),
                    at_ms: at.0 / 1_000_000,
                    quality: sample.quality,
                });
            }
        }
    }

    /// Readings of a parameter from this time on.
    pub(crate) fn of(&self, device: usize, parameter: usize, from_ms: u64) -> Vec<&Reading> {
        let all = self.readings.iter();
        all.filter(|one| (one.device, one.parameter) == (device, parameter) && one.at_ms >= from_ms)
            .collect()
    }
}

fn number(event: &Event, name: &str) -> Option<u64> {
    let found = event.details.get(name)?;
    let Datum::Integer(number) = found else { panic!("{name} is a number, not {found:?}") };
    u64::try_from(*number).ok()
}

fn detail(event: &Event, name: &str) -> String {
    match event.details.get(name) {
        Some(Datum::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}
