//! Subscriptions: whether they live, what they lost, what they were granted.

use std::collections::BTreeSet;

use cellwatch_model::{Cause, Quality};

use super::super::{Slower, UaSaid};
use super::{Bench, CHECK_MS, LATE_MS, count, qualities, temperature};
use crate::door::{Output, UaInput, UaSample, UaShort, UaShortfall};

// Req: LAW-02, UA-04
#[test]
fn a_subscription_that_is_silent_or_brings_no_changes_is_made_anew() {
    let mut bench = Bench::subscribed();
    bench.said();
    // Silent: (5 + 1) intervals, the timeout of a read, and the slack.
    let heard = bench.now;
    let silent_at = heard.plus_ms(6_000 + 2_000 + 3_000);
    while bench.now < silent_at {
        bench.pass(1_000);
        let (output, _) = bench.elapse();
        if let Some(Output::UaRead { request, .. }) = output {
            let outcome = Ok(vec![temperature(37.0, 0), count(5, 0)]);
            bench.input(UaInput::Read { request, outcome });
        } else if let Some(Output::UaReconnect { .. }) = output {
            break;
        } else {
            assert!(output.is_none(), "{output:?}");
        }
    }
    assert_eq!(bench.now, silent_at);
    let unwatched = UaSaid::Unwatched { from: heard, to: None };
    assert_eq!(bench.said(), [UaSaid::Silent { for_ms: 11_000 }, unwatched]);
    bench.input(UaInput::Down("given up".to_owned()));
    bench.input(UaInput::Up { session: "s".to_owned() });
    bench.read(vec![temperature(37.0, 0), count(5, 0)]);
    bench.subscribe(vec![]);
    let unwatched = UaSaid::Unwatched { from: heard, to: Some(bench.now) };
    assert_eq!(bench.said().last(), Some(&unwatched), "the silence is a gap");

    // Lives, but two reads find changes that it does not bring.
    let mut bench = Bench::subscribed();
    bench.said();
    let mut reconnect = None;
    for step in 1u32..=3 {
        bench.pass(CHECK_MS);
        let server_ms = u64::from(step) * CHECK_MS;
        bench.published(server_ms, vec![]);
        bench.read(vec![temperature(37.0 + f64::from(step), server_ms), count(5, 0)]);
        let readings = bench.released();
        assert_eq!(readings[0].1.quality, Quality::Good, "a read is believed all the same");
        if let (Some(Output::UaReconnect { why, .. }), _) = bench.elapse() {
            reconnect = Some((step, why));
            break;
        }
    }
    let (step, why) = reconnect.unwrap();
    assert_eq!(step, 2, "{why}");
    assert_eq!(bench.said(), [UaSaid::Unpublished { parameter: 0 }]);
    println!("subscriptions: 2 cases");
}

// Req: LAW-02, UA-04
#[test]
fn the_time_without_a_subscription_is_a_gap() {
    let mut bench = Bench::subscribed();
    let last = bench.now;
    bench.said();
    bench.pass(700);
    let readings = bench.input(UaInput::Down("cut".to_owned()));
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::NoCommunication); 2]);
    assert_eq!(bench.device.answers(), Some(false));
    assert_eq!(bench.said(), [UaSaid::Unwatched { from: last, to: None }]);
    // Nothing goes on while nobody is there: each read that is due is one that failed.
    bench.pass(CHECK_MS);
    let (output, readings) = bench.elapse();
    assert!(output.is_none());
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::NoCommunication); 2]);
    assert_eq!(bench.input(UaInput::Down("still".to_owned())), [], "said once");
    bench.input(UaInput::Up { session: "s".to_owned() });
    let readings = bench.read(vec![temperature(37.0, 0), count(5, 0)]);
    assert_eq!(qualities(&readings), [Quality::Good, Quality::Good]);
    assert_eq!(bench.device.answers(), Some(true));
    bench.pass(300);
    bench.subscribe(vec![]);
    let said = bench.said();
    assert_eq!(said.last(), Some(&UaSaid::Unwatched { from: last, to: Some(bench.now) }));
    println!("gaps: 1 case");
}

// Req: LAW-10, UA-03
#[test]
fn values_that_queues_lost_are_said_at_a_bounded_rate() {
    let mut bench = Bench::subscribed();
    bench.said();
    let mut told = Vec::new();
    let mut heard = bench.now;
    for step in 1u32..=100 {
        bench.pass(1_000);
        let server_ms = u64::from(step) * 1_000;
        let sample = temperature(30.0 + f64::from(step) * 0.1, server_ms);
        bench.published(server_ms, vec![UaSample { status: 0x480, ..sample }]);
        told.extend(bench.said());
    }
    bench.pass(10_000);
    bench.elapse();
    told.extend(bench.said());
    let samples: u64 = told
        .iter()
        .map(|said| {
            let UaSaid::ValuesLost { parameters, samples, from, to } = said else {
                panic!("{said:?}")
            };
            assert_eq!(parameters, &BTreeSet::from([0]));
            assert!(heard <= *from && from < to, "gaps follow one another: {said:?}");
            heard = *from;
            *samples
        })
        .sum();
    assert_eq!(samples, 100, "none is left out of the count");
    assert!((10..=12).contains(&told.len()), "{} events", told.len());
    println!("queues: 100 samples, {} events", told.len());
}

// Req: LAW-02, UA-03
#[test]
fn notifications_that_are_missing_are_a_gap() {
    let mut bench = Bench::subscribed();
    bench.pass(1_000);
    bench.published(1_000, vec![]);
    let heard = bench.now;
    bench.said();
    bench.pass(3_000);
    bench.input(UaInput::Missing { messages: 2 });
    let expected = UaSaid::MessagesLost { messages: 2, from: heard, to: bench.now };
    assert_eq!(bench.said(), [expected]);
    println!("missing: 1 case");
}

// Req: LAW-02, UA-03
#[test]
fn what_a_server_grants_less_of_is_said_once() {
    let mut bench = Bench::up();
    let one = UaShortfall { parameter: 0, what: UaShort::Queue { asked: 16, granted: 1 } };
    let other = UaShortfall { parameter: 1, what: UaShort::NotMonitored { status: 0x8034_0000 } };
    let mut cases = 0;
    for (shortfalls, is_said) in [
        (vec![], false),
        (vec![one], true),
        (vec![one], false),
        (vec![one, other], true),
        (vec![], false),
        (vec![one], true),
    ] {
        bench.said();
        bench.subscribe(shortfalls.clone());
        let said = bench.said();
        let expected = is_said.then_some(UaSaid::GrantsLess { slower: None, shortfalls });
        assert_eq!(said, expected.into_iter().collect::<Vec<_>>());
        cases += 1;
    }
    println!("grants: {cases} subscriptions");
}

// Req: LAW-10, UA-03
#[test]
fn a_subscription_that_is_granted_slower_is_said_and_waited_for_within_bounds() {
    let cases = [
        // Granted interval and keep-alive count; whether it is said; given up after so long.
        (1_000, 5, false, 6_000),
        (900, 5, false, 5_400),
        (2_000, 5, true, 12_000),
        (3_600_000, 10, true, 600_000),
        (1_000, u64::MAX, false, 600_000),
        (u64::MAX, u64::MAX, true, 600_000),
    ];
    for (publishing_ms, keep_alive_count, is_said, alive_ms) in cases {
        let mut bench = Bench::up();
        bench.said();
        let subscribed =
            UaInput::Subscribed { publishing_ms, keep_alive_count, shortfalls: vec![] };
        bench.input(subscribed.clone());
        let slower = Slower { asked_ms: 1_000, granted_ms: publishing_ms };
        let less = UaSaid::GrantsLess { slower: Some(slower), shortfalls: vec![] };
        assert_eq!(bench.said(), is_said.then_some(less).into_iter().collect::<Vec<_>>());
        bench.input(subscribed);
        assert_eq!(bench.said(), [], "said once");
        // A sample that its queue kept for a minute is of now; one that it kept for an hour is not.
        bench.pass(CHECK_MS);
        bench.published(CHECK_MS, vec![temperature(37.0, CHECK_MS - 1)]);
        let old = 4_000_000;
        bench.pass(old);
        let readings = bench.published(CHECK_MS + old, vec![temperature(37.1, 2 * CHECK_MS)]);
        assert_eq!(qualities(&readings), [Quality::Uncertain(Cause::Late)], "{publishing_ms}");
        // What is read waits no longer than that either.
        bench.read(vec![temperature(37.1, 2 * CHECK_MS), count(5, 0)]);
        bench.pass(publishing_ms.min(60_000) + LATE_MS);
        assert_eq!(qualities(&bench.elapse().1), [Quality::Good; 2], "{publishing_ms}");
        // Nor is silence: the timeout of a read and the slack come on top.
        let mut bench = Bench::up();
        bench.input(UaInput::Subscribed { publishing_ms, keep_alive_count, shortfalls: vec![] });
        bench.said();
        let silence_ms = alive_ms + 2_000 + 3_000;
        bench.pass(silence_ms - 1);
        bench.elapse();
        assert_eq!(bench.said(), []);
        bench.pass(1);
        bench.elapse();
        assert_eq!(bench.said()[0], UaSaid::Silent { for_ms: silence_ms }, "{publishing_ms}");
    }
    println!("granted intervals: {} cases", cases.len());
}
