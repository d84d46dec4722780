//! One device's trouble is its own: what a device on the same line, and devices on lines of their own, had of it.
//! Req: LAW-07, ACQ-06

use std::collections::BTreeMap;

use cellwatch_record::{Body, Datum, Event, EventKind, Record};

use super::{BUS_GAP_MS, LATE_MS, QUIET_ONE, TIMEOUT_MS, TROUBLED, UNTOUCHED_PERIOD_MS};

/// A failure takes the bus for the timeout and the quiet: nothing may be sent before nothing can come any more.
const FAILURE_MS: u64 = TIMEOUT_MS + LATE_MS;
/// The untouched device waits for one request of the other, and the gap; a millisecond for the simulation's steps.
const WAIT_MAX_MS: u64 = FAILURE_MS + BUS_GAP_MS + 1;
/// Retries take one part in so many of the line's time.
const RETRY_PART: u64 = 20;
/// The longest pause between retries, and the retry before it.
const RETRIED_WITHIN_MS: u64 = 60_000 + WAIT_MAX_MS + 1_000;

/// What went over the bus.
#[derive(Debug, Default)]
pub struct Bus {
    /// When the untouched device was asked.
    pub untouched: Vec<u64>,
    /// When the other one was asked, and whether it failed, so that the line had to be quiet.
    pub troubled: Vec<(u64, bool)>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Times that the line went on without the device in trouble.
    pub off_scans: u64,
    /// Requests to it meanwhile that failed.
    pub retries: u64,
    /// Polls of the untouched one that were skipped.
    pub skipped: u64,
}

pub fn judge(records: &[Record], bus: &Bus, length_ms: u64) -> Result<Shared, String> {
    let skipped = gaps_have_their_own_cause(records, bus)?;
    for pair in bus.untouched.windows(2) {
        if pair[1] - pair[0] > UNTOUCHED_PERIOD_MS + WAIT_MAX_MS {
            return Err(format!(
                "the untouched device was not asked from {} to {}",
                pair[0], pair[1]
            ));
        }
    }
    let due = length_ms / UNTOUCHED_PERIOD_MS;
    let asked = bus.untouched.len() as u64;
    if asked + skipped + 2 < due {
        return Err(format!(
            "it was asked {asked} times and skipped {skipped} times, due were {due}"
        ));
    }
    let off_scan = off_scan_spans(records, length_ms)?;
    let retries = retries(bus, &off_scan)?;
    let took_ms = retries * (FAILURE_MS + BUS_GAP_MS);
    if took_ms > length_ms / RETRY_PART + FAILURE_MS + BUS_GAP_MS {
        return Err(format!("{retries} retries took {took_ms} ms of {length_ms} ms"));
    }
    Ok(Shared { off_scans: off_scan.len() as u64, retries, skipped })
}

fn of_events(records: &[Record]) -> impl Iterator<Item = (&Record, &Event)> {
    records.iter().filter_map(|record| match &record.body {
        Body::Event(event) => Some((record, event)),
        Body::Telemetry(_)
        | Body::Alarm(_)
        | Body::Deviation(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Batch(_)
        | Body::State(_)
        | Body::Health(_) => None,
    })
}

fn text<'e>(details: &'e BTreeMap<String, Datum>, name: &str) -> &'e str {
    match details.get(name) {
        Some(Datum::Text(text)) => text,
        _ => "",
    }
}

/// Time stands still while the agent works: it is never late. A device on a line of its own is skipped for its own
/// trouble only, the untouched one because its line is busy, never because it does not answer. Gives how often that was.
fn gaps_have_their_own_cause(records: &[Record], bus: &Bus) -> Result<u64, String> {
    let mut skipped = 0;
    for (_, event) in of_events(records) {
        let (device, cause) = (text(&event.details, "device"), text(&event.details, "cause"));
        let untouched = device == QUIET_ONE;
        let up = event.details.get("up") == Some(&Datum::Bool(true));
        if event.kind == EventKind::Link && untouched && !up {
            return Err(format!("the untouched device: {}", event.text));
        }
        if event.kind != EventKind::Gap {
            continue;
        }
        let own = match cause {
            "not-answering" => !untouched,
            // Its answer may come only after the next poll was due, since it was asked late.
            "too-slow" => true,
            "line-busy" => untouched || device == TROUBLED,
            _ => false,
        };
        if !own {
            return Err(format!("{device} has a gap with the cause {cause}: {}", event.text));
        }
        if let (true, Some(Datum::Integer(polls))) = (untouched, event.details.get("polls")) {
            skipped += u64::try_from(*polls).map_err(|_| "a negative number of polls")?;
        }
    }
    // A failure is shorter than two periods: it costs one poll at most.
    let failures = bus.troubled.iter().filter(|(_, failed)| *failed).count() as u64;
    if skipped > failures {
        return Err(format!("{skipped} polls of the untouched device for {failures} failures"));
    }
    Ok(skipped)
}

/// From when to when the line only retried the device in trouble.
fn off_scan_spans(records: &[Record], length_ms: u64) -> Result<Vec<(u64, u64)>, String> {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    let mut off = None;
    for (record, event) in of_events(records) {
        let Some(Datum::Bool(on)) = event.details.get("on_scan") else { continue };
        let at_ms = record.common.mono.0 / 1_000_000;
        match (on, off.take()) {
            (true, Some(since)) => spans.push((since, at_ms)),
            (false, None) => off = Some(at_ms),
            (_, _) => return Err(format!("twice in a row: {}", event.text)),
        }
    }
    match off {
        Some(since) => Err(format!("off-scan from {since} to the end, {length_ms}")),
        None => Ok(spans),
    }
}

/// Requests that failed while the line only retried; it is retried for ever.
fn retries(bus: &Bus, off_scan: &[(u64, u64)]) -> Result<u64, String> {
    let mut count = 0;
    for (off, on) in off_scan {
        let from = bus.troubled.partition_point(|(asked, _)| asked < off);
        let mut last = *off;
        for (asked, failed) in bus.troubled[from..].iter().take_while(|(asked, _)| asked <= on) {
            if asked - last > RETRIED_WITHIN_MS {
                return Err(format!("nobody asked from {last} to {asked}"));
            }
            last = *asked;
            count += u64::from(*failed);
        }
    }
    Ok(count)
}
