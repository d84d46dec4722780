//! Counts what could not be recorded, for the loss record that says so (LAW-04, LAW-10).

use std::collections::BTreeMap;

use cellwatch_model::Mono;
use cellwatch_record::{Body, Datum, EventKind, Kind};

use super::Said;

/// What was refused since the last loss record.
#[derive(Debug, Default)]
pub(super) struct Refused {
    since: Option<Mono>,
    readings: u64,
    records: BTreeMap<Kind, u64>,
    readings_ever: u64,
}

impl Refused {
    pub(super) const fn readings_ever(&self) -> u64 {
        self.readings_ever
    }

    /// Counts a record that is not made.
    pub(super) fn note(&mut self, body: &Body, at: Mono) {
        let from = if let Body::Telemetry(frame) = body {
            self.readings += frame.readings() as u64;
            self.readings_ever += frame.readings() as u64;
            frame.from
        } else {
            at
        };
        self.since.get_or_insert(from);
        *self.records.entry(body.kind()).or_default() += 1;
    }

    /// Telemetry will be refused from now on: the disk is full.
    pub(super) fn begins(&mut self, at: Mono) -> Said {
        self.since.get_or_insert(at);
        let text = "readings are judged but no longer recorded: the disk is full; alarms, actions and events go into the reserve";
        Said::new(EventKind::Loss, at, text)
            .with("what", "telemetry")
            .with("open", Datum::Bool(true))
            .with("count", 0u64)
            .with("from_mono_ns", at.0)
    }

    /// What was refused, to be said now that there is room again; counting begins anew.
    pub(super) fn take(&mut self, at: Mono) -> Option<Said> {
        let since = self.since.take()?;
        let readings = std::mem::take(&mut self.readings);
        let records = std::mem::take(&mut self.records);
        let others: u64 =
            records.iter().filter(|(kind, _)| **kind != Kind::Telemetry).map(|(_, n)| n).sum();
        let mut text = format!("{readings} readings were not recorded: the disk did not take them");
        if others > 0 {
            text.push_str(&format!("; nor were {others} other records"));
        }
        let by_kind = records
            .iter()
            .map(|(kind, count)| Datum::List(vec![kind.word().into(), (*count).into()]));
        Some(
            Said::new(EventKind::Loss, at, text)
                .with("what", "telemetry")
                .with("open", Datum::Bool(false))
                .with("count", readings)
                .with("records", Datum::List(by_kind.collect()))
                .with("from_mono_ns", since.0)
                .with("to_mono_ns", at.0),
        )
    }
}
