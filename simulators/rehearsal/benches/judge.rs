//! What judging costs: `tests/bench judge`.
//!
//! Prints a table in Markdown. Rates are of one core, the best of several rounds taken in turns.
#![allow(clippy::expect_used, missing_docs, reason = "a benchmark")]

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use cellwatch_alarm::{Condition, Direction, Limit};
use cellwatch_core::evaluate::{AlarmPoint, Handling};
use cellwatch_model::{LimitKind, Mono, Priority, Quality};

const READINGS: u32 = 1_000_000;
const ROUNDS: usize = 7;
const ALARMS: usize = 10_000;
const PERIOD_MS: u64 = 1_000;

/// LL, L, H and HH of a temperature, with deadband and a minute's delays.
fn limits() -> [(LimitKind, Limit); 4] {
    let limit = |direction, limit| Limit {
        direction,
        limit,
        deadband: 0.1,
        on_delay_ms: 60_000,
        off_delay_ms: 60_000,
    };
    [
        (LimitKind::LowLow, limit(Direction::Low, 36.0)),
        (LimitKind::Low, limit(Direction::Low, 36.5)),
        (LimitKind::High, limit(Direction::High, 37.5)),
        (LimitKind::HighHigh, limit(Direction::High, 38.0)),
    ]
}

/// A value that stays within its limits, and one that crosses two of them every twenty readings.
fn value(reading: u32, crosses: bool) -> f64 {
    let noise = f64::from(reading % 7) * 0.02;
    if crosses && (reading / 20) % 2 == 1 { 38.2 + noise } else { 37.0 + noise }
}

/// Nanoseconds for a reading with four limits: the bare conditions.
fn conditions(crosses: bool) -> f64 {
    let mut limits = limits().map(|(_, limit)| (limit, Condition::default()));
    let start = Instant::now();
    for reading in 0..READINGS {
        let (value, at_ms) = (value(reading, crosses), u64::from(reading) * PERIOD_MS);
        for (limit, condition) in &mut limits {
            black_box(condition.elapse(limit, at_ms));
            black_box(condition.reading(limit, black_box(value), at_ms));
        }
    }
    ns_each(start)
}

/// The same with everything that an alarm is: regions, handling, the record of what changed.
fn alarms(crosses: bool) -> f64 {
    let mut points: Vec<AlarmPoint> =
        limits().iter().map(|(kind, limit)| point("TEMP", *kind, *limit)).collect();
    let start = Instant::now();
    for reading in 0..READINGS {
        let value = value(reading, crosses);
        let at = Mono(u64::from(reading) * PERIOD_MS * 1_000_000);
        for point in &mut points {
            if point.due().is_some_and(|due| due <= at) {
                black_box(point.elapse(at));
            }
            black_box(point.reading(black_box(value), Quality::Good, at));
        }
    }
    ns_each(start)
}

fn point(parameter: &str, kind: LimitKind, limit: Limit) -> AlarmPoint {
    let (id, source) = (format!("{parameter}.{kind}"), format!("{parameter}.PV"));
    AlarmPoint::new(id, source, kind, Priority::High, limit)
        .with_response("Switch the heater off at the panel; measure with the hand probe.")
        .with_handling(Handling::default())
}

fn ns_each(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e9 / f64::from(READINGS)
}

/// What the system has given this process, bytes: VmRSS of proc(5).
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("proc(5)");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).map_or(0, |kib: u64| kib * 1024)
}

fn main() {
    let before = resident();
    let points: Vec<AlarmPoint> = (0..ALARMS / 4)
        .flat_map(|parameter| {
            limits().map(|(kind, limit)| point(&format!("PARAMETER-{parameter:05}"), kind, limit))
        })
        .collect();
    let kib = resident().saturating_sub(before) / 1024;
    black_box(&points);

    let mut best = [f64::INFINITY; 4];
    for _ in 0..ROUNDS {
        let taken = [conditions(false), conditions(true), alarms(false), alarms(true)];
        for (best, taken) in best.iter_mut().zip(taken) {
            *best = best.min(taken);
        }
    }
    println!(
        "| a reading with four limits | within them, ns | crossing two of them every 20 s, ns |"
    );
    println!("|---|---:|---:|");
    println!("| the conditions alone (`agent/alarm`) | {:.0} | {:.0} |", best[0], best[1]);
    println!(
        "| with regions, handling and the changes for the record | {:.0} | {:.0} |",
        best[2], best[3]
    );
    println!();
    println!(
        "{} alarms take {kib} KiB resident, {} bytes each.",
        points.len(),
        kib * 1024 / points.len() as u64
    );
}
