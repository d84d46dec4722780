//! One cell: a fault comes, is named, and goes.

use cellwatch_model::{Cause, Quality};
use cellwatch_reactor::faults::FaultRequest;
use serde_json::Value as Json;

use super::fault::{Expected, Fault};
use super::plant::Plant;
use super::profiles::{BUS_PERIOD_MS, LATE_MS, TIMEOUT_MS};
use super::seen::{Gap, Reading};
use super::standstill::{PAUSED_MS, STOOD_STILL_MS};
use super::wiring::Way;

const BROKEN: usize = 0;
/// Readings that must come while nothing is wrong.
const STEADY: usize = 5;

/// Runs a fault on a transport. Gives what could not be judged, since the machine itself stood still at that time.
pub(crate) async fn run(
    way: Way,
    fault: Fault,
    expected: Expected,
    seed: u64,
) -> Result<Vec<String>, String> {
    let mut plant = Plant::start(way, seed).await;
    let devices = plant.lives.len();
    let judged = fault.parameter;
    until(&mut plant, "everything Good", |plant| {
        let good = |device| is_good(plant, device, usize::from(device == BROKEN) * judged, 0);
        (0..devices).all(good) && is_good(plant, BROKEN, SERIAL, 0)
    })
    .await?;

    let (asked, from_ms) = (plant.asked.clone(), plant.now_ms());
    let ids: Vec<u64> = fault.json.iter().map(|json| inject(&plant, json)).collect();
    until(&mut plant, expected.words, |plant| is_told(plant, judged, &expected, from_ms)).await?;
    let told_ms = plant.now_ms();
    // The neighbours get through while the fault lasts: the one on the bus has time for a poll.
    until(&mut plant, "neighbours polled beside the fault", |plant| {
        (1..devices).all(|device| plant.asked[device] > asked[device])
            && plant.asked[1] >= asked[1] + 3
    })
    .await?;
    let mended_ms = plant.now_ms();
    let mut waived = no_wrong_good(&plant, &fault, &expected, from_ms, told_ms, mended_ms)?;
    for id in ids {
        plant.lives[BROKEN].with(|reactor| reactor.mend(id));
    }
    until(&mut plant, "Good again", |plant| {
        let after = expected.afterwards;
        // What was asked before the end of the fault may answer with it.
        is_good(plant, BROKEN, judged, mended_ms + TIMEOUT_MS)
            && is_good(plant, BROKEN, SERIAL, mended_ms + TIMEOUT_MS)
            && (after.is_empty() || plant.seen.links.iter().any(|text| text.contains(after)))
    })
    .await?;
    waived.extend(neighbours(&mut plant, &fault, devices).await?);
    if plant.wrong.is_empty() { Ok(waived) } else { Err(plant.wrong.join("; ")) }
}

/// Index of the serial number in the profile of the device that breaks.
const SERIAL: usize = 5;

async fn until(
    plant: &mut Plant,
    what: &str,
    is_so: impl Fn(&Plant) -> bool,
) -> Result<(), String> {
    // Longer than the longest pause before a retry on a bus, and a heartbeat's time.
    let give_up_ms = plant.now_ms() + 100_000;
    while !is_so(plant) {
        if plant.now_ms() > give_up_ms {
            let bad = plant.seen.readings.iter().filter(|one| one.quality != Quality::Good);
            let last = bad.rev().take(12).collect::<Vec<_>>();
            let (links, gaps) = (&plant.seen.links, &plant.seen.gaps);
            return Err(format!(
                "no {what:?}; last not Good {last:?}; links {links:?}; gaps {gaps:?}"
            ));
        }
        plant.step().await;
    }
    Ok(())
}

fn is_good(plant: &Plant, device: usize, parameter: usize, from_ms: u64) -> bool {
    let readings = plant.seen.of(device, parameter, from_ms);
    readings.last().is_some_and(|last| last.quality == Quality::Good)
}

fn inject(plant: &Plant, json: &str) -> u64 {
    let json: Json = serde_json::from_str(json).expect("JSON");
    plant.lives[BROKEN].with(|reactor| {
        let request = FaultRequest::parse(&json, reactor.face().profile());
        reactor.break_something(request.unwrap_or_else(|refused| panic!("{refused}")))
    })
}

fn is_told(plant: &Plant, judged: usize, expected: &Expected, from_ms: u64) -> bool {
    let readings = plant.seen.of(BROKEN, judged, from_ms);
    let named = match expected.cause {
        None => readings.len() >= STEADY,
        Some(cause) => {
            // A connection that has died is replaced at the first request, whatever that was for.
            let told = |one: &&Reading| {
                one.device == BROKEN
                    && one.at_ms >= from_ms
                    && (expected.heals || one.parameter == judged)
            };
            let mut told = plant.seen.readings.iter().filter(told);
            let found = told.any(|one| cause_of(one.quality) == Some(cause));
            found
                && (!expected.heals
                    || readings.last().is_some_and(|one| one.quality == Quality::Good))
        }
    };
    named
        && (expected.words.is_empty()
            || plant.seen.links.iter().any(|text| text.contains(expected.words)))
}

const fn cause_of(quality: Quality) -> Option<Cause> {
    match quality {
        Quality::Good => None,
        Quality::Uncertain(cause) | Quality::Bad(cause) => Some(cause),
    }
}

fn no_wrong_good(
    plant: &Plant,
    fault: &Fault,
    expected: &Expected,
    from_ms: u64,
    told_ms: u64,
    mended_ms: u64,
) -> Result<Vec<String>, String> {
    let mut waived = Vec::new();
    // What was asked before the fault began may still answer well.
    let known_ms = from_ms + fault.known_after_ms + TIMEOUT_MS + plant.held_ms;
    for reading in plant.seen.of(BROKEN, fault.parameter, from_ms) {
        if reading.at_ms > mended_ms {
            continue;
        }
        let cause = cause_of(reading.quality);
        let allowed = match (cause, expected.cause) {
            (None, None) => true,
            (None, Some(_)) => expected.heals || reading.at_ms <= known_ms.min(told_ms),
            // What has no value for long is stale, too.
            (Some(Cause::Stale), _) => expected.cause.is_some(),
            (Some(found), Some(cause)) => found == cause || expected.besides.contains(&found),
            (Some(_), None) => false,
        };
        if allowed {
            continue;
        }
        // A reply in pieces is given up on a serial line when the machine adds a pause of its own.
        let least_ms = if expected.cause.is_none() { PAUSED_MS } else { STOOD_STILL_MS };
        // The request that it answers, and the quiet before that.
        let asked_ms = reading.at_ms.saturating_sub(TIMEOUT_MS + LATE_MS + plant.held_ms);
        let what = format!("{reading:?} at a fault since {from_ms} ms, told {told_ms} ms");
        if !plant.standstills.excuse(asked_ms, reading.at_ms, least_ms) {
            return Err(what);
        }
        waived.push(what);
    }
    Ok(waived)
}

/// Every poll of the neighbours was made and reached them, by their own logs.
async fn neighbours(
    plant: &mut Plant,
    fault: &Fault,
    devices: usize,
) -> Result<Vec<String>, String> {
    let judged = if fault.shared_fate { 1..2 } else { 1..devices };
    for device in judged.clone() {
        until(plant, "an answer of the neighbour", |plant| plant.open(device) == 0).await?;
        let (asked, served) = (plant.asked[device], plant.served(device));
        if asked != served {
            return Err(format!("neighbour {device} was asked {asked} times and served {served}"));
        }
    }
    let mut waived = Vec::new();
    // Gaps that are open are told with their number of polls.
    plant.stop();
    for device in judged {
        let period_ms = if device == 1 { 1_000 } else { BUS_PERIOD_MS };
        let name = format!("dev-{device}");
        let mut skipped = 0;
        for gap in plant.seen.gaps.iter().filter(|gap| gap.device == name) {
            skipped += gap.polls;
            let (from_ms, to_ms) = (gap.from_ms.saturating_sub(TIMEOUT_MS), gap.to_ms + period_ms);
            let Gap { text, polls, .. } = gap;
            let what =
                format!("neighbour {device}: {text}, due from {} to {} ms", gap.from_ms, gap.to_ms);
            if *polls > plant.standstills.polls(from_ms, to_ms, period_ms) {
                return Err(what);
            }
            waived.push(what);
        }
        let asked = plant.asked[device];
        let due = plant.now_ms().saturating_sub(5_000) / period_ms;
        if asked + skipped + 1 < due {
            return Err(format!(
                "neighbour {device} was asked {asked} times, {skipped} are in gaps, due were {due}"
            ));
        }
    }
    Ok(waived)
}
