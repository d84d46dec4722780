//! What the records say, against what was true.

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::profile::Profile;
use cellwatch_model::{Cause, Quality, Value, from_mantissa};
use cellwatch_record::{Body, Datum, EventKind, Frame, Record};

use super::device::{FAULTS, Fault, WEIGHT_STEP};
use super::neighbours::Shared;
use super::{Behind, DEVICES, TEN_MINUTES_MS, UNTOUCHED};

/// A stopped heartbeat is known after its 5 s, one period and an answer.
const HUNG_KNOWN_MS: u64 = 6_500;
/// A frozen value after its 60 s, counted from its last movement.
const FROZEN_KNOWN_MS: u64 = 61_500;
/// A weight that was read over three reads of at most so long.
const POLL_MS: u64 = 5_000;
/// The last answer may be so much older than a period: it came to wait for others.
const LAST_MS: u64 = 5_000;

/// What happened in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub asked: u64,
    pub good: u64,
    /// Readings that were not Good, by cause.
    pub others: BTreeMap<Cause, u64>,
    pub faults: BTreeMap<Fault, u64>,
    pub skipped: u64,
    pub gap_events: u64,
    pub link_events: u64,
    pub restarts: u64,
    pub identity_alarms: u64,
    pub records: u64,
    /// On the bus.
    pub shared: Shared,
    pub digest: [u8; 32],
}

impl Report {
    pub fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.good += other.good;
        for (cause, count) in &other.others {
            *self.others.entry(*cause).or_default() += count;
        }
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        self.skipped += other.skipped;
        self.gap_events += other.gap_events;
        self.link_events += other.link_events;
        self.restarts += other.restarts;
        self.identity_alarms += other.identity_alarms;
        self.records += other.records;
        self.shared.off_scans += other.shared.off_scans;
        self.shared.retries += other.shared.retries;
        self.shared.skipped += other.shared.skipped;
    }

    /// True if everything that can happen did.
    pub fn is_telling(&self) -> bool {
        let causes = [
            Cause::Timeout,
            Cause::NoCommunication,
            Cause::WrongReply,
            Cause::DeviceException,
            Cause::SensorFailure,
            Cause::Frozen,
            Cause::HeartbeatStopped,
            Cause::Torn,
            Cause::ImplausibleRate,
            Cause::WrongDevice,
        ];
        causes.iter().all(|cause| self.others.contains_key(cause))
            && FAULTS.iter().all(|fault| self.faults.contains_key(fault))
            && [self.good, self.skipped, self.restarts, self.identity_alarms].iter().all(|n| *n > 0)
            && [self.shared.off_scans, self.shared.retries, self.shared.skipped]
                .iter()
                .all(|n| *n > 0)
    }
}

pub fn judge(
    records: &[Record],
    behind: &BTreeMap<(usize, u64), Behind>,
    length_ms: u64,
) -> Result<Report, String> {
    let mut report = Report { records: records.len() as u64, ..Report::default() };
    let mut last_health = None;
    let mut in_gaps = 0;
    for record in records {
        match &record.body {
            Body::Telemetry(frame) => {
                judge_frame(frame, device_of(record), behind, &mut report)?;
            }
            Body::Health(health) => {
                judge_polls(&health.figures)?;
                last_health = Some(&health.figures);
            }
            Body::Event(event) if event.kind == EventKind::Gap => {
                report.gap_events += 1;
                in_gaps += number(&event.details, "polls").unwrap_or(0);
            }
            Body::Event(event) if event.kind == EventKind::Link => {
                report.link_events += 1;
                report.restarts += u64::from(event.details.contains_key("uptime"));
            }
            Body::Alarm(change) if change.alarm.ends_with(".IDENTITY") => {
                report.identity_alarms += 1
            }
            Body::Alarm(_)
            | Body::Action(_)
            | Body::Batch(_)
            | Body::Event(_)
            | Body::Deviation(_)
            | Body::Result(_)
            | Body::State(_) => {}
        }
    }
    let figures = last_health.ok_or("no health record")?;
    report.skipped =
        (0..DEVICES).filter_map(|index| number(figures, &format!("bx-{index}.skipped"))).sum();
    if report.skipped != in_gaps {
        return Err(format!("{} polls were skipped, {in_gaps} stand in gaps", report.skipped));
    }
    let spans = length_ms.div_ceil(TEN_MINUTES_MS);
    if report.link_events > spans * 3 * (6 + 60) || report.gap_events > spans * 200 {
        return Err(format!("a flood: {report:?}"));
    }
    Ok(report)
}

/// After the calm at the end every parameter of every device is Good, and was asked for just now: whatever was wrong with
/// a device, it is believed again by itself.
pub fn all_is_well_again(
    records: &[Record],
    profiles: &[Arc<Profile>; 2],
    length_ms: u64,
) -> Result<(), String> {
    let mut last: BTreeMap<(usize, u16), (u64, Quality)> = BTreeMap::new();
    for record in records {
        let Body::Telemetry(frame) = &record.body else { continue };
        let device = device_of(record);
        for column in &frame.columns {
            let Some(index) = column.samples.len().checked_sub(1) else { continue };
            let at_ms = frame.time_of(column, index).expect("a time").0 / 1_000_000;
            last.insert((device, column.parameter), (at_ms, column.samples[index].quality));
        }
    }
    for device in 0..DEVICES {
        let profile = &profiles[usize::from(device == UNTOUCHED)];
        for (parameter, known) in (0..).zip(&profile.parameters) {
            let name = &known.name;
            match last.get(&(device, parameter)) {
                Some((at_ms, Quality::Good)) if at_ms + known.period_ms + LAST_MS > length_ms => {}
                other => return Err(format!("device {device}, {name}: at the end {other:?}")),
            }
        }
    }
    Ok(())
}

fn device_of(record: &Record) -> usize {
    let unit = record.common.unit.as_deref().unwrap_or_default();
    unit.strip_prefix("BX-").and_then(|number| number.parse().ok()).expect("BX-n")
}

/// What a register pair that wraps stands for: the number nearest below `truth`'s next steps.
const fn unwrapped(read: u64, truth: u64) -> u64 {
    let turns = (truth + 2 * WEIGHT_STEP).saturating_sub(read) >> 32;
    read + (turns << 32)
}

fn number(details: &BTreeMap<String, Datum>, name: &str) -> Option<u64> {
    match details.get(name)? {
        Datum::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// Each poll that was made ended in one way, or is open.
fn judge_polls(figures: &BTreeMap<String, Datum>) -> Result<(), String> {
    for index in 0..DEVICES {
        let of = |what: &str| number(figures, &format!("bx-{index}.{what}")).unwrap_or(0);
        let ended = of("replies") + of("timeouts") + of("errors");
        if of("polls") < ended || of("polls") > ended + 1 {
            return Err(format!("{} polls, {ended} ended", of("polls")));
        }
    }
    Ok(())
}

fn judge_frame(
    frame: &Frame,
    device: usize,
    behind: &BTreeMap<(usize, u64), Behind>,
    report: &mut Report,
) -> Result<(), String> {
    for column in &frame.columns {
        for (index, sample) in column.samples.iter().enumerate() {
            let at_ms = frame.time_of(column, index).expect("a time").0 / 1_000_000;
            match sample.quality {
                Quality::Good => report.good += 1,
                Quality::Uncertain(cause) | Quality::Bad(cause) => {
                    *report.others.entry(cause).or_default() += 1;
                }
            }
            if let Quality::Bad(_) = sample.quality
                && sample.value.is_some()
            {
                return Err(format!("a bad value at {at_ms} ms"));
            }
            if sample.quality != Quality::Good {
                continue;
            }
            let value = sample.value.as_ref().ok_or("good without a value")?;
            let behind = behind
                .get(&(device, at_ms))
                .ok_or_else(|| format!("good at {at_ms} ms without an answer"))?;
            is_true(column.parameter, value, behind).map_err(|why| {
                format!("wrong Good: device {device}, parameter {}, {at_ms} ms, {value:?}: {why}; {behind:?}", column.parameter)
            })?;
        }
    }
    Ok(())
}

fn is_true(parameter: u16, value: &Value, behind: &Behind) -> Result<(), &'static str> {
    let Behind { truth, fault, for_ms, spiked } = *behind;
    match fault {
        Some(Fault::Swapped) => return Err("another device"),
        Some(Fault::Hung) if for_ms > HUNG_KNOWN_MS => return Err("the device hangs"),
        Some(Fault::SensorFrozen) if parameter == 1 && for_ms > FROZEN_KNOWN_MS => {
            return Err("the sensor is frozen");
        }
        Some(Fault::Silent | Fault::Away | Fault::Length) => return Err("there was no answer"),
        Some(_) | None => {}
    }
    let same = match (parameter, value) {
        (0, Value::Integer(beat)) => *beat == i64::from(truth.beat),
        (1, Value::Number(celsius)) => {
            let expected = from_mantissa(i64::from(truth.temperature), 2);
            !spiked && (celsius - expected).abs() < 1e-9
        }
        (2, Value::Integer(weight)) => {
            let weight = unwrapped(u64::try_from(*weight).unwrap_or(0), truth.weight);
            let on_course = weight >= 65_000 && (weight - 65_000).is_multiple_of(WEIGHT_STEP);
            let earliest = truth.weight.saturating_sub(POLL_MS / 100 * WEIGHT_STEP);
            on_course && (earliest..=truth.weight + WEIGHT_STEP).contains(&weight)
        }
        (3, Value::Text(serial)) => serial == "AB-1",
        (4, Value::Integer(uptime)) => u64::try_from(*uptime) == Ok(truth.uptime),
        _ => false,
    };
    if same { Ok(()) } else { Err("not what the device held") }
}
