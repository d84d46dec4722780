//! What the records of a unit say that it was given.

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::{Cause, Mono, NoData, Quality, Reading};
use cellwatch_record::{Batch, EnteredResult, Frame, Person, Sample};

use crate::evaluate::{Request, Rules, Unit, UnitOutput};

/// Something that a unit was given.
#[derive(Clone, Debug)]
pub(super) enum UnitInput {
    Reading(usize, Reading),
    Link { device: String, up: bool, cause: String },
    Batch(Batch),
    Result(EnteredResult),
    Request { alarm: String, request: Request, person: Person, comment: String },
    MasterFile(Arc<MasterFile>),
}

/// A unit with what it was given and has not judged yet: by time, then by the order of the records.
///
/// A frame comes after the events of its time. What is not later than the last reading of a unit's latest frame
/// is complete: later frames hold later readings.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) unit: Unit,
    waiting: BTreeMap<(Mono, u64), UnitInput>,
    next: u64,
}

impl Queue {
    pub(super) fn new(unit: Unit) -> Self {
        Self { unit: unit.for_replay(), waiting: BTreeMap::new(), next: 0 }
    }

    pub(super) fn push(&mut self, at: Mono, input: UnitInput) {
        self.next += 1;
        self.waiting.insert((at, self.next), input);
    }

    /// Takes a frame, and judges what is complete by it. Gives the number of readings.
    pub(super) fn frame(&mut self, frame: &Frame, said: &mut Vec<UnitOutput>) -> u64 {
        let mut readings = Vec::new();
        for column in &frame.columns {
            for (index, sample) in column.samples.iter().enumerate() {
                let Some(at) = frame.time_of(column, index) else { continue };
                readings.push((at, usize::from(column.parameter), reading(sample, at)));
            }
        }
        // As they were pushed into the frame.
        readings.sort_by_key(|(at, parameter, _)| (*at, *parameter));
        let count = readings.len() as u64;
        let last = readings.last().map(|(at, ..)| *at);
        for (at, parameter, reading) in readings {
            if parameter < self.unit.parameters().len() {
                self.push(at, UnitInput::Reading(parameter, reading));
            }
        }
        if let Some(last) = last {
            self.judge(last, said);
        }
        count
    }

    /// Judges what waits up to this time.
    pub(super) fn judge(&mut self, through: Mono, said: &mut Vec<UnitOutput>) {
        while let Some(entry) = self.waiting.first_entry() {
            if entry.key().0 > through {
                return;
            }
            let ((at, _), input) = entry.remove_entry();
            self.elapse(at, said);
            said.extend(self.take(input, at));
        }
    }

    /// Judges everything, and lets time pass until `end`.
    pub(super) fn finish(&mut self, end: Mono, said: &mut Vec<UnitOutput>) {
        self.judge(Mono(u64::MAX), said);
        self.elapse(end, said);
    }

    fn elapse(&mut self, now: Mono, said: &mut Vec<UnitOutput>) {
        while let Some(due) = self.unit.next_deadline().filter(|due| *due <= now) {
            said.extend(self.unit.elapse(due));
        }
    }

    fn take(&mut self, input: UnitInput, at: Mono) -> Vec<UnitOutput> {
        match input {
            UnitInput::Reading(parameter, reading) => self.unit.judge_again(parameter, &reading),
            UnitInput::Link { device, up, cause } => self.unit.link(&device, up, &cause, at),
            UnitInput::Batch(change) => self.unit.turn(change),
            UnitInput::Result(result) => self.unit.result_again(&result),
            // What cannot be done is a difference, and shows as one.
            UnitInput::Request { alarm, request, person, comment } => {
                self.unit.request(&alarm, request, person, comment, at).unwrap_or_default()
            }
            UnitInput::MasterFile(file) => self.unit.master_file(&Rules::new(&file), at),
        }
    }
}

fn reading(sample: &Sample, at: Mono) -> Reading {
    let cause = match sample.quality {
        Quality::Good => Cause::Configuration,
        Quality::Uncertain(cause) | Quality::Bad(cause) => cause,
    };
    let value = sample.value.clone().ok_or(NoData(cause));
    Reading {
        value,
        quality: sample.quality,
        raw: sample.raw.clone(),
        at,
        stamp: sample.stamp.clone(),
    }
}
