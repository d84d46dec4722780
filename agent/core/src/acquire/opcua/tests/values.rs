//! What samples mean: status, type, order, pace.

use cellwatch_model::{Cause, Quality, Reading, Utc, Value};

use super::super::status::{lost_values, quality};
use super::{Bench, CHECK_MS, PROFILE, at_server, count, qualities, temperature};
use crate::door::{NoReply, Output, UaInput, UaSample, UaValue};

// Req: LAW-02, UA-03
#[test]
fn status_codes_decide_what_may_be_believed() {
    // By the table of OPC 10000-8 §7.3.2; every code that a cause of ours has comes back as a quality of
    // the same severity.
    let table = [
        (0x0000_0000, Quality::Good),
        (0x0000_0480, Quality::Good),
        (0x0096_0000, Quality::Uncertain(Cause::LocalOverride)),
        (0x4000_0000, Quality::Uncertain(Cause::SensorFailure)),
        (0x4090_0000, Quality::Uncertain(Cause::Stale)),
        (0x4091_0000, Quality::Uncertain(Cause::LocalOverride)),
        (0x4092_0000, Quality::Uncertain(Cause::WaitingForInitialData)),
        (0x4093_0000, Quality::Uncertain(Cause::SensorFailure)),
        (0x4094_0000, Quality::Uncertain(Cause::OutOfRange)),
        (0x8000_0000, Quality::Bad(Cause::DeviceException)),
        (0x8005_0000, Quality::Bad(Cause::NoCommunication)),
        (0x800A_0000, Quality::Bad(Cause::Timeout)),
        (0x8031_0000, Quality::Bad(Cause::NoCommunication)),
        (0x8032_0000, Quality::Bad(Cause::WaitingForInitialData)),
        (0x8034_0000, Quality::Bad(Cause::Configuration)),
        (0x8089_0000, Quality::Bad(Cause::Configuration)),
        (0x808A_0000, Quality::Bad(Cause::SensorFailure)),
        (0x808B_0000, Quality::Bad(Cause::DeviceException)),
        (0x808C_0000, Quality::Bad(Cause::SensorFailure)),
        (0x808D_0000, Quality::Bad(Cause::LocalOverride)),
        (0xC000_0000, Quality::Bad(Cause::DeviceException)),
    ];
    for (status, expected) in table {
        assert_eq!(quality(status), expected, "{status:#010x}");
    }
    for cause in Cause::ALL {
        let (bad, uncertain) = (Quality::Bad(cause), Quality::Uncertain(cause));
        assert!(matches!(quality(bad.opc_ua_status()), Quality::Bad(_)), "{bad}");
        assert!(matches!(quality(uncertain.opc_ua_status()), Quality::Uncertain(_)), "{uncertain}");
    }
    assert!(lost_values(0x0000_0480) && lost_values(0x8000_0480));
    assert!(!lost_values(0x0000_0400) && !lost_values(0x0000_0080) && !lost_values(0));
    println!("status codes: {} and {} causes", table.len(), Cause::ALL.len());
}

// Req: LAW-01, UA-01
#[test]
fn only_a_value_of_the_profiles_type_is_one() {
    let mut bench = Bench::up();
    let of = |value| vec![UaSample { value, ..temperature(0.0, 1_000) }, count(5, 0)];
    let cases = [
        (UaValue::Double(37.25), Ok(Value::Number(37.25))),
        (UaValue::Float(37.25), Ok(Value::Number(37.25))),
        (UaValue::Double(f64::NAN), Err(Cause::SensorFailure)),
        (UaValue::Double(61.0), Err(Cause::OutOfRange)),
        (UaValue::Signed(37), Err(Cause::Configuration)),
        (UaValue::Text("37".to_owned()), Err(Cause::Configuration)),
        (UaValue::Null, Err(Cause::Configuration)),
        (UaValue::Other, Err(Cause::Configuration)),
    ];
    for (value, expected) in cases.clone() {
        bench.pass(CHECK_MS);
        let readings = bench.read(of(value.clone()));
        let found = readings[0].1.value.clone().map_err(|none| none.0);
        assert_eq!(found, expected, "{value:?}");
    }
    bench.pass(CHECK_MS);
    let wide = UaSample { value: UaValue::Unsigned(1 << 31), ..count(0, 2_000) };
    let readings = bench.read(vec![temperature(37.25, 1_000), wide]);
    assert_eq!(readings[1].1.quality, Quality::Bad(Cause::Configuration), "2^31 is no i32");
    println!("types: {} cases", cases.len() + 1);
}

// Req: LAW-02, LAW-12, UA-03
#[test]
fn what_comes_late_is_recorded_and_not_live() {
    let mut bench = Bench::subscribed();
    bench.pass(1_000);
    let first = bench.published(1_000, vec![temperature(37.0, 0), temperature(37.1, 900)]);
    assert_eq!(qualities(&first), [Quality::Good], "what the read said is not said again");
    // A queue of three, of which the server kept the first for too long.
    bench.pass(9_000);
    let queue = vec![temperature(37.2, 2_000), temperature(37.3, 8_000), temperature(37.4, 9_900)];
    let readings = bench.published(10_000, queue);
    let late = Quality::Uncertain(Cause::Late);
    assert_eq!(qualities(&readings), [late, Quality::Good, Quality::Good]);
    assert!(readings.iter().all(|(_, one)| one.at == bench.now.floor_ms()));
    assert_eq!(readings[0].1.stamp.as_ref().unwrap().source, Some(at_server(2_000)));
    // The network kept a whole notification.
    bench.pass(11_000);
    let readings = bench.published(11_000, vec![temperature(37.5, 10_900)]);
    assert_eq!(qualities(&readings), [late]);
    // An older one than the newest.
    bench.pass(1);
    let readings = bench.published(21_001, vec![temperature(38.0, 10_000)]);
    assert_eq!(qualities(&readings), [late]);
    assert!(!late.is_of_now(), "nothing is judged by it");
    println!("late: 7 samples");
}

// Req: LAW-01
#[test]
fn a_read_is_live_unless_a_newer_sample_overtook_it() {
    let mut bench = Bench::subscribed();
    bench.pass(CHECK_MS);
    let request = bench.asked();
    bench.pass(100);
    assert_eq!(bench.published(5_100, vec![temperature(37.4, 5_050)]).len(), 1);
    let samples = vec![temperature(37.2, 4_900), count(5, 0)];
    let outcome = Ok(samples);
    assert_eq!(
        bench.input(UaInput::Read { request, outcome }),
        [],
        "it waits for what it overtook"
    );
    let readings = bench.released();
    assert_eq!(qualities(&readings), [Quality::Uncertain(Cause::Late), Quality::Good]);
    // A second answer to the same request is nobody's.
    let outcome = Ok(vec![temperature(39.0, 9_000), count(9, 9_000)]);
    assert_eq!(bench.input(UaInput::Read { request, outcome }), []);
    assert_eq!(bench.device.counters().strays, 1);
    // The device's clock was set back: its reads stay live.
    bench.pass(CHECK_MS);
    bench.read(vec![temperature(37.5, 1_000), count(5, 0)]);
    assert_eq!(qualities(&bench.released()), [Quality::Good, Quality::Good]);
    println!("reads: 3 cases");
}

// Req: LAW-01, LAW-02, UA-03
#[test]
fn a_read_makes_nothing_late_of_what_was_published_before_it() {
    let mut bench = Bench::subscribed();
    bench.pass(CHECK_MS);
    let request = bench.asked();
    let outcome = Ok(vec![temperature(37.2, 4_950), count(5, 4_950)]);
    assert_eq!(bench.input(UaInput::Read { request, outcome }), []);
    bench.pass(200);
    let queue = vec![temperature(37.0, 4_700), temperature(37.1, 4_800), temperature(37.3, 5_100)];
    let readings = bench.published(5_200, queue);
    let celsius = |one: &(usize, Reading)| match one.1.value {
        Ok(Value::Number(value)) => value,
        _ => panic!("{one:?}"),
    };
    let in_order: Vec<f64> =
        readings.iter().filter(|(index, _)| *index == 0).map(celsius).collect();
    assert_eq!(in_order, [37.0, 37.1, 37.2, 37.3], "each in its place");
    assert_eq!(readings.len(), 5, "and what is not published");
    assert!(readings.iter().all(|(_, one)| one.quality == Quality::Good), "{readings:?}");

    // The session ends before anything is published: what was read is taken first.
    bench.pass(CHECK_MS);
    bench.read(vec![temperature(37.4, 9_950), count(5, 9_950)]);
    let readings = bench.input(UaInput::Down("cut".to_owned()));
    let (good, bad) = (Quality::Good, Quality::Bad(Cause::NoCommunication));
    assert_eq!(qualities(&readings), [good, good, bad, bad]);
    println!("reads beside a subscription: 2 cases");
}

// Req: LAW-02, UA-03
#[test]
fn a_source_time_that_stands_still_is_frozen_where_the_profile_says_so() {
    let advancing = PROFILE.replace("[opcua]", "[opcua]\nsource_time_advances = true");
    for (profile, expected) in
        [(PROFILE, Quality::Good), (advancing.as_str(), Quality::Bad(Cause::Frozen))]
    {
        let mut bench = Bench::with(profile);
        bench.input(UaInput::Up { session: "s".to_owned() });
        let first = bench.read(vec![temperature(37.0, 0), count(5, 0)]);
        assert_eq!(qualities(&first), [Quality::Good, Quality::Good]);
        bench.pass(CHECK_MS);
        let readings = bench.read(vec![temperature(37.0, 0), count(5, 1)]);
        assert_eq!(qualities(&readings), [expected, Quality::Good]);
        bench.pass(500);
        let readings = bench.published(0, vec![temperature(37.1, 0)]);
        assert_eq!(qualities(&readings), [expected], "a change at a time that stands still");
        bench.pass(CHECK_MS);
        let readings = bench.read(vec![temperature(37.0, 2), count(5, 2)]);
        assert_eq!(qualities(&readings), [Quality::Good, Quality::Good], "it moves again");
    }
    println!("source times: 2 cases");
}

// Req: LAW-01, LAW-02, UA-03
#[test]
fn a_value_that_stands_still_is_frozen_in_its_time_however_rarely_it_is_read() {
    let frozen = PROFILE.replacen("[[parameter]]", "[[parameter]]\nfrozen_after_s = 60", 1);
    // Standing still it is never published: only the reads see it.
    for check_ms in [1_000, 10_000, 20_000] {
        let mut bench = Bench::checked_every(&frozen, check_ms);
        bench.input(UaInput::Up { session: "s".to_owned() });
        bench.read(vec![temperature(37.0, 0), count(5, 0)]);
        bench.subscribe(vec![]);
        let began = bench.now;
        let frozen_after_s = loop {
            bench.pass(check_ms);
            bench.published(bench.now.ms_since(began) - 1, vec![]);
            bench.read(vec![temperature(37.0, 0), count(5, 0)]);
            let readings = bench.published(bench.now.ms_since(began) + 1, vec![]);
            let quality = readings[0].1.quality;
            if quality == Quality::Bad(Cause::Frozen) {
                break bench.now.ms_since(began) / 1000;
            }
            assert_eq!(quality, Quality::Good);
        };
        assert_eq!(frozen_after_s, 60, "read every {check_ms} ms");
        bench.published(bench.now.ms_since(began) + 2, vec![temperature(37.2, 60_001)]);
    }
    println!("frozen on a server: 3 cases");
}

// Req: LAW-01
#[test]
fn an_answer_that_is_not_whole_is_no_answer() {
    let mut bench = Bench::up();
    let wrong = [
        vec![],
        vec![temperature(37.0, 0)],
        vec![count(5, 0), temperature(37.0, 0)],
        vec![temperature(37.0, 0), count(5, 0), count(5, 0)],
    ];
    for samples in wrong.clone() {
        bench.pass(CHECK_MS);
        let readings = bench.read(samples);
        assert_eq!(qualities(&readings), [Quality::Bad(Cause::WrongReply); 2]);
    }
    bench.pass(CHECK_MS);
    let request = bench.asked();
    let readings = bench.input(UaInput::Read { request, outcome: Err(NoReply::Timeout) });
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::Timeout); 2]);
    let counters = bench.device.counters();
    assert_eq!(counters.polls, counters.replies + counters.timeouts + counters.errors);
    println!("answers: {} cases", wrong.len() + 1);
}

// Req: LAW-02
#[test]
fn a_queue_that_is_emptied_at_once_changes_at_the_pace_of_its_source_times() {
    let mut bench = Bench::subscribed();
    bench.pass(2_000);
    // Half a degree in half a second, five times: physics; that they come at once is the queue's doing.
    let queue = (1..=4u32)
        .map(|step| temperature(37.0 + 0.4 * f64::from(step), u64::from(step) * 500))
        .collect();
    let readings = bench.published(2_000, queue);
    assert_eq!(qualities(&readings), [Quality::Good; 4]);
    // Three degrees in a tenth of a second are not.
    bench.pass(1_000);
    let readings = bench.published(3_000, vec![temperature(39.0, 2_800), temperature(42.0, 2_900)]);
    assert_eq!(qualities(&readings), [Quality::Good, Quality::Bad(Cause::ImplausibleRate)]);
    println!("rates: 6 samples");
}

// Req: LAW-01, LAW-02
#[test]
fn a_message_with_times_that_no_clock_shows_is_no_answer() {
    let mut cases = 0;
    for (source, server) in [
        (Some(Utc(-1)), None),
        (None, Some(Utc(i64::MAX))),
        (Some(Utc(i64::MIN)), Some(at_server(100))),
        (Some(at_server(100)), Some(Utc(4_102_444_800_000_000_001))),
    ] {
        let odd = UaSample { source, server, ..temperature(37.0, 0) };
        let mut bench = Bench::subscribed();
        bench.pass(CHECK_MS);
        let readings = bench.read(vec![odd.clone(), count(5, 0)]);
        assert_eq!(qualities(&readings), [Quality::Bad(Cause::WrongReply); 2]);
        assert_eq!(
            bench.published(5_100, vec![count(6, 5_050), odd]),
            [],
            "nothing of it is taken"
        );
        assert!(matches!(bench.elapse().0, Some(Output::UaReconnect { .. })));
        cases += 2;
    }
    println!("impossible times: {cases} cases");
}

/// Req: LAW-12
#[test]
fn the_server_s_clock_is_what_its_messages_say_at_their_fastest() {
    let mut bench = Bench::subscribed();
    assert_eq!(bench.device.take_clock(), None, "it has said nothing");
    let delays_ms = [40, 15, 900];
    let ahead: Vec<i128> = delays_ms
        .iter()
        .map(|delay_ms| {
            bench.pass(1_000);
            bench.published(bench.now.0 / 1_000_000 - delay_ms, Vec::new());
            i128::from(bench.now.0) - i128::from(at_server(bench.now.0 / 1_000_000 - delay_ms).0)
        })
        .collect();
    assert_eq!(bench.device.take_clock(), ahead.iter().min().copied());
    assert_eq!(bench.device.take_clock(), None, "and nothing since");
}
