//! What values are worth.

use cellwatch_model::{Cause, NoData, Value};

use super::*;

fn runs(qualities: &[Quality]) -> Vec<(Quality, usize)> {
    let mut runs: Vec<(Quality, usize)> = Vec::new();
    for quality in qualities {
        match runs.last_mut() {
            Some((last, count)) if last == quality => *count += 1,
            _ => runs.push((*quality, 1)),
        }
    }
    runs
}

const FROZEN: Quality = Quality::Bad(Cause::Frozen);
const RATE: Quality = Quality::Bad(Cause::ImplausibleRate);
const GOOD: Quality = Quality::Good;

#[test]
fn a_value_that_does_not_move_within_its_noise_is_bad_until_it_moves() {
    let keys = "scale = 0.01\nnoise = 0.02\nfrozen_after_s = 60\nperiod_ms = 1000";
    let mut bench = Bench::new(0, profile("", &[("T", 0, "i16", keys)]));
    let mut second = 0u16;
    let readings = bench.serve(300, 5, |_, _, _| {
        second += 1;
        match second {
            0..=100 => 3700 + second % 2 * 5, // lives
            101..=200 => 3700 + second % 3,   // dithers within its noise
            201 => 3703,                      // one step beyond
            _ => 3703,                        // stands still
        }
    });
    let found = runs(&qualities(&readings, "T"));
    // 60 s of stillness are 60 steps after the first of them.
    assert_eq!(found, [(GOOD, 159), (FROZEN, 41), (GOOD, 60), (FROZEN, 40)]);
    let frozen = readings.iter().find(|(_, reading)| reading.quality == FROZEN).unwrap();
    assert_eq!(frozen.1.value, Err(NoData(Cause::Frozen)));
    assert_eq!(frozen.1.raw.len(), 1, "its words stay on record");
    println!("frozen: 300 readings");
}

#[test]
fn an_outage_freezes_nothing_and_lost_polls_hide_nothing() {
    let keys = "frozen_after_s = 60\nperiod_ms = 1000";
    let frozen_at = |lost: &dyn Fn(u64) -> bool| {
        let mut bench = Bench::new(0, profile("", &[("T", 0, "u16", keys)]));
        for poll in 0..1000 {
            let (request, _) = bench.next();
            let outcome = if lost(poll) { Err(NoReply::Timeout) } else { Ok(vec![7]) };
            let readings = bench.reply(request, 5, &outcome);
            if readings[0].1.quality == FROZEN {
                return poll;
            }
        }
        panic!("never");
    };
    assert_eq!(frozen_at(&|_| false), 60);
    assert_eq!(frozen_at(&|poll| poll % 2 == 0), 61, "every second poll lost");
    let after_outage = frozen_at(&|poll| (10..500).contains(&poll));
    assert_eq!(after_outage, 500 + 60 - 9 - 3, "an outage counts as three periods");
}

#[test]
fn a_spike_is_bad_and_a_real_step_is_believed_at_its_third_reading() {
    let keys = "max_rate_per_s = 2\nscale = 0.1\ndecimals = 1\nperiod_ms = 1000";
    type Course = (&'static str, Vec<u16>, Vec<(Quality, usize)>);
    let cases: [Course; 6] = [
        ("slow", (0..20).map(|n| 100 + n * 20).collect(), vec![(GOOD, 20)]),
        ("spike", vec![100, 100, 900, 101, 100], vec![(GOOD, 2), (RATE, 1), (GOOD, 2)]),
        (
            "two spikes",
            vec![100, 900, 100, 900, 100],
            vec![(GOOD, 1), (RATE, 1), (GOOD, 1), (RATE, 1), (GOOD, 1)],
        ),
        ("step", vec![100, 900, 905, 910, 900], vec![(GOOD, 1), (RATE, 2), (GOOD, 2)]),
        ("chaos", vec![100, 900, 300, 700, 1500, 500], vec![(GOOD, 1), (RATE, 5)]),
        ("wrong at first", vec![900, 100, 101, 102, 103], vec![(GOOD, 1), (RATE, 2), (GOOD, 2)]),
    ];
    for (name, words, expected) in &cases {
        let mut bench = Bench::new(0, profile("", &[("P", 0, "u16", keys)]));
        let mut next = words.iter();
        let readings = bench.serve(words.len(), 5, |_, _, _| *next.next().unwrap());
        assert_eq!(&runs(&qualities(&readings, "P")), expected, "{name}");
    }
    println!("rates: {} courses", cases.len());
}

#[test]
fn with_time_without_a_believed_value_the_reach_grows() {
    let keys = "max_rate_per_s = 2\nperiod_ms = 1000";
    let mut bench = Bench::new(0, profile("", &[("P", 0, "u16", keys)]));
    bench.serve(1, 5, |_, _, _| 100);
    for _ in 0..60 {
        let (request, _) = bench.next();
        bench.reply(request, 5, &Err(NoReply::Timeout));
    }
    let readings = bench.serve(1, 5, |_, _, _| 200);
    assert_eq!(qualities(&readings, "P"), [GOOD], "100 in a minute is 2 a second");
}

#[test]
fn with_a_heartbeat_that_stands_still_nothing_of_the_device_is_believed() {
    let beat = "role = \"heartbeat\"\nheartbeat_after_s = 5\nperiod_ms = 1000";
    let parameters =
        [("BEAT", 0, "u16", beat), ("T", 1, "u16", ""), ("FAST", 2, "u16", "period_ms = 500")];
    let mut bench = Bench::new(0, profile("", &parameters));
    let stands = 20_000..40_000;
    let readings = bench.serve(200, 5, |ms, _, address| match address {
        0 if stands.contains(&ms) => 20,
        0 => u16::try_from(ms / 1000).unwrap(),
        _ => 7,
    });
    let stopped = Quality::Bad(Cause::HeartbeatStopped);
    for name in ["BEAT", "T", "FAST"] {
        let found: Vec<Quality> =
            runs(&qualities(&readings, name)).into_iter().map(|(q, _)| q).collect();
        assert_eq!(found, [GOOD, stopped, GOOD], "{name}");
    }
    let bad = readings.iter().filter(|(_, one)| one.quality == stopped);
    let (first, last) = bad.fold((u64::MAX, 0), |(first, last), (_, one)| {
        (first.min(one.at.0 / 1_000_000), last.max(one.at.0 / 1_000_000))
    });
    assert!((25_000..27_000).contains(&first), "{first}");
    assert!((39_000..41_500).contains(&last), "{last}");
    println!("heartbeat: {} readings", readings.len());
}

#[test]
fn after_a_silence_the_heartbeat_has_its_time_again() {
    let beat = "role = \"heartbeat\"\nheartbeat_after_s = 5\nperiod_ms = 1000";
    let mut bench = Bench::new(0, profile("", &[("BEAT", 0, "u16", beat)]));
    bench.serve(10, 5, |_, _, _| 9);
    for _ in 0..30 {
        let (request, _) = bench.next();
        bench.reply(request, 5, &Err(NoReply::NotConnected("refused".to_owned())));
    }
    let readings = bench.serve(10, 5, |_, _, _| 9);
    let found = runs(&qualities(&readings, "BEAT"));
    assert_eq!(found, [(GOOD, 5), (Quality::Bad(Cause::HeartbeatStopped), 5)]);
}

#[test]
fn a_counter_that_goes_back_is_a_restart_and_a_wrap_is_none() {
    let cases: [(&[u16], usize); 6] = [
        (&[1, 2, 3, 4], 0),
        (&[500, 501, 3, 4], 1),
        (&[65_530, 65_535, 4, 9], 0),
        (&[65_530, 20_000], 1),
        (&[40_000, 1, 2, 0], 2),
        (&[7, 7, 7], 0),
    ];
    for (counts, expected) in cases {
        let keys = "role = \"uptime\"";
        let mut bench = Bench::new(0, profile("", &[("UP", 0, "u16", keys)]));
        let mut next = counts.iter();
        bench.serve(counts.len(), 5, |_, _, _| *next.next().unwrap());
        let restarts = bench.said.iter().filter(|said| matches!(said, DeviceSaid::Restarted(_)));
        assert_eq!(restarts.count(), expected, "{counts:?}");
    }
    println!("restarts: {} courses", cases.len());
}

#[test]
fn local_operation_makes_measured_values_uncertain_and_nothing_else() {
    let parameters = [
        ("T", 0, "u16", ""),
        ("LOCAL", 1, "u16", "role = \"local-mode\""),
        ("PHASE", 2, "u16", "role = \"phase\"\nvalues = { \"0\" = \"idle\" }"),
    ];
    let mut bench = Bench::new(0, profile("", &parameters));
    let readings = bench.serve(9, 5, |ms, _, address| u16::from(address == 1 && ms / 1000 >= 4));
    let local = Quality::Uncertain(Cause::LocalOverride);
    let found = runs(&qualities(&readings, "T"));
    assert_eq!(found.iter().map(|(q, _)| *q).collect::<Vec<_>>(), [GOOD, local]);
    assert_eq!(runs(&qualities(&readings, "PHASE")), [(GOOD, 9)]);
    let last = &readings.iter().rfind(|(name, _)| name == "T").unwrap().1;
    assert_eq!(last.value, Ok(Value::Integer(0)), "an uncertain reading has its value");
}
