//! When devices are asked.

use std::collections::BTreeMap;

use super::*;
use crate::acquire::gap::GapCause;

fn three_periods() -> Profile {
    let parameters = [
        ("FAST", 0, "u16", "period_ms = 200"),
        ("MIDDLE", 10, "u16", "period_ms = 1000"),
        ("SLOW", 20, "u16", "period_ms = 7000"),
    ];
    profile("max_gap = 0", &parameters)
}

#[test]
fn each_block_is_asked_at_its_own_period_without_drift() {
    let mut bench = Bench::new(3, three_periods());
    bench.serve(10_000, 7, |_, _, _| 1);
    let mut asked: BTreeMap<u16, Vec<u64>> = BTreeMap::new();
    for (ms, read) in &bench.asked {
        asked.entry(read.address).or_default().push(*ms);
    }
    for (address, period_ms) in [(0, 200), (10, 1000), (20, 7000)] {
        let times = &asked[&address];
        let first = times[0];
        for (polls, ms) in (0u64..).zip(times) {
            // Late by two answers of others at most, and never by more with time.
            let late = ms - (first - first.min(14)) - polls * period_ms;
            assert!(late <= 28, "poll {polls} of {address} at {ms} ms, {late} ms late");
        }
    }
    let counters = bench.device.counters();
    assert_eq!((counters.polls, counters.replies, counters.skipped), (10_000, 10_000, 0));
    assert_eq!(bench.said.len(), 1, "it answers, and nothing else: {:?}", bench.said);
    println!("schedule: 10000 polls");
}

#[test]
fn devices_do_not_burst_together() {
    // A hundred devices at one second: no twentieth of it has more than twice its share of first polls.
    let mut shares = [0u32; 20];
    for id in 0..100 {
        let bench = Bench::new(id, profile("", &[("P", 0, "u16", "period_ms = 1000")]));
        let first = bench.device.next_deadline().unwrap().0 / 1_000_000;
        assert!(first < 1000);
        shares[usize::try_from(first / 50).unwrap()] += 1;
    }
    assert!(shares.iter().all(|share| (2..=10).contains(share)), "{shares:?}");
    println!("phases: 100 devices, {shares:?}");
}

#[test]
fn what_a_slow_device_misses_is_counted_and_stands_in_one_gap() {
    let mut bench = Bench::new(0, profile("", &[("P", 0, "u16", "period_ms = 200")]));
    bench.serve(100, 10, |_, _, _| 1);
    assert_eq!(bench.device.counters().skipped, 0);
    bench.serve(50, 700, |_, _, _| 1);
    bench.serve(400, 10, |_, _, _| 1);
    let counters = bench.device.counters();
    assert!(counters.skipped >= 100, "{counters:?}");
    assert_eq!(counters.polls, counters.replies);
    let gaps: Vec<_> = bench
        .said
        .iter()
        .filter_map(|said| match said {
            DeviceSaid::Gap(gap) => Some(gap.clone()),
            DeviceSaid::Link(_)
            | DeviceSaid::Scan(_)
            | DeviceSaid::Restarted(_)
            | DeviceSaid::OpcUa(_) => None,
        })
        .collect();
    assert_eq!(gaps.len(), 2, "one gap, told at its beginning and its end: {gaps:?}");
    assert_eq!(gaps[0].cause, GapCause::TooSlow);
    let (to, polls) = gaps[1].end.expect("it is over");
    assert_eq!(polls, counters.skipped, "every skipped poll is on record");
    // The bounds are due times of polls, and every poll from the first to the last asked is accounted.
    let due_between = (to.0 - gaps[1].from.0) / 200_000_000 + 1;
    let asked_between = bench
        .asked
        .iter()
        .filter(|(ms, _)| at(*ms) >= gaps[1].from && at(*ms) <= to.plus_ms(199))
        .count() as u64;
    assert_eq!(due_between, polls + asked_between, "due = skipped + asked");
    assert_eq!(bench.device.parameters_of(&gaps[1].blocks).collect::<Vec<_>>(), ["P"]);
}

#[test]
fn what_is_missed_for_want_of_an_answer_has_its_own_cause() {
    let mut bench = Bench::new(0, three_periods());
    for _ in 0..60 {
        let (request, _) = bench.next();
        bench.reply(request, 900, &Err(NoReply::Timeout));
    }
    let counters = bench.device.counters();
    assert_eq!((counters.polls, counters.timeouts), (60, 60));
    assert!(counters.skipped > 0);
    let causes: Vec<_> = bench
        .said
        .iter()
        .filter_map(|said| match said {
            DeviceSaid::Gap(gap) => Some(gap.cause),
            DeviceSaid::Link(_)
            | DeviceSaid::Scan(_)
            | DeviceSaid::Restarted(_)
            | DeviceSaid::OpcUa(_) => None,
        })
        .collect();
    assert_eq!(causes, [GapCause::NotAnswering], "one open gap, no flood");
    bench.device.end();
    let skipped = bench.device.take_said().into_iter().find_map(|said| match said {
        DeviceSaid::Gap(gap) => gap.end.map(|(_, polls)| polls),
        DeviceSaid::Link(_)
        | DeviceSaid::Scan(_)
        | DeviceSaid::Restarted(_)
        | DeviceSaid::OpcUa(_) => None,
    });
    assert_eq!(skipped, Some(counters.skipped), "the end of the agent closes it");
}

#[test]
fn replies_to_other_requests_are_nobodys() {
    let mut bench = Bench::new(0, three_periods());
    let (request, read) = bench.next();
    let words = vec![9; usize::from(read.count)];
    let other = RequestId(request.0 + 1);
    assert!(bench.reply(other, 1, &Ok(words.clone())).is_empty());
    assert_eq!(bench.reply(request, 1, &Ok(words.clone())).len(), 1);
    assert!(bench.reply(request, 1, &Ok(words)).is_empty(), "not twice");
    let (request, _) = bench.next();
    let long = bench.reply(request, 1, &Ok(vec![9; 7]));
    assert!(long.iter().all(|(_, reading)| reading.raw.is_empty() && !reading.quality.is_good()));
    let counters = bench.device.counters();
    assert_eq!((counters.strays, counters.replies, counters.errors), (2, 1, 1));
    println!("strays: 4 replies");
}

#[test]
fn figures_tell_jitter_and_round_trip_of_their_period_only() {
    let mut bench = Bench::new(0, profile("", &[("P", 0, "u16", "period_ms = 200")]));
    bench.serve(99, 10, |_, _, _| 1);
    bench.serve(1, 100, |_, _, _| 1);
    let [(_, jitter), (name, round_trip)] = bench.device.take_times();
    assert_eq!((name, jitter.map(|spread| spread.max_us)), ("round_trip", Some(0)));
    let spread = round_trip.expect("a hundred");
    assert_eq!(spread.max_us, 100_000);
    assert!((10_000..12_500).contains(&spread.p99_us), "{spread:?}");
    assert!(bench.device.take_times().iter().all(|(_, spread)| spread.is_none()));
}
