//! Devices of every kind on one line, in virtual time. Req: LAW-07

use cellwatch_model::Mono;
use proptest::prelude::*;

use super::{Asked, Line, RETRY_PART, ScanChange};
use crate::door::{LineSetup, NoReply, RequestId};

/// A device that is polled at a fixed period.
#[derive(Clone, Debug)]
struct Polled {
    period_ms: u64,
    timeout_ms: u64,
    answers_after_ms: u64,
    /// Silent in these parts of the run, in seconds.
    silent: (u64, u64),
    due: Mono,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    polls: Vec<u64>,
    answers: Vec<u64>,
    retries: Vec<u64>,
    changes: Vec<(usize, ScanChange, u64)>,
    /// All time of retries that failed, the quiet after them included, nanoseconds.
    retry_ns: u64,
    longest_retry_ns: u64,
    /// Longest wait of a device that answers, from due to asked, milliseconds.
    longest_wait_ms: Vec<u64>,
}

const LATE_MS: u64 = 700;

fn run(devices: &mut [Polled], setup: &LineSetup, seconds: u64) -> Tally {
    let count = devices.len();
    let mut line = Line::new(setup.clone(), 0..count);
    let mut tally = Tally {
        polls: vec![0; count],
        answers: vec![0; count],
        retries: vec![0; count],
        longest_wait_ms: vec![0; count],
        ..Tally::default()
    };
    let end = Mono::default().plus_ms(seconds * 1000);
    let mut now = Mono::default();
    let mut number = 0;
    loop {
        let next_poll = |device: usize| Some(devices[device].due);
        let Some(due) = line.next_deadline(next_poll) else { panic!("somebody is always due") };
        now = now.max(due);
        if now >= end {
            return tally;
        }
        let device = line.next(now, next_poll).expect("its deadline has come");
        let off_scan = line.is_off_scan(device);
        let one = &mut devices[device];
        tally.polls[device] += 1;
        tally.retries[device] += u64::from(off_scan);
        if !off_scan {
            let wait = now.ms_since(one.due);
            tally.longest_wait_ms[device] = tally.longest_wait_ms[device].max(wait);
        }
        let late = now.ms_since(one.due) / one.period_ms;
        one.due = one.due.plus_ms((late + 1) * one.period_ms);
        number += 1;
        let request = RequestId(number);
        let asked = now;
        let (timeout_ms, max_lateness_ms) = (one.timeout_ms, LATE_MS);
        line.asked(Asked { device, request, at: now, timeout_ms, max_lateness_ms });
        assert_eq!(line.next(now, |_| Some(Mono::default())), None, "one request at a time");
        assert_eq!(line.next_deadline(|_| Some(Mono::default())), None);
        let second = now.0 / 1_000_000_000;
        let silent = (one.silent.0..one.silent.1).contains(&second);
        let outcome = if silent {
            now = now.plus_ms(one.timeout_ms);
            Err(NoReply::Timeout)
        } else {
            now = now.plus_ms(one.answers_after_ms);
            tally.answers[device] += 1;
            Ok(vec![0])
        };
        assert_eq!(line.replied(RequestId(number + 1), &outcome, now), None, "nobody's");
        let change = line.replied(request, &outcome, now);
        if let Some(change) = change {
            tally.changes.push((device, change, now.0 / 1_000_000_000));
        }
        if off_scan && silent {
            let quiet_ms = if setup.without_ids { LATE_MS } else { setup.gap_ms };
            let cost_ns = now.plus_ms(quiet_ms).0 - asked.0;
            tally.retry_ns += cost_ns;
            tally.longest_retry_ns = tally.longest_retry_ns.max(cost_ns);
        }
        let next = line.next_deadline(|_| Some(now)).expect("free again");
        assert!(next >= now.plus_ms(setup.gap_ms), "the gap between two requests");
        if silent && setup.without_ids {
            assert!(next >= now.plus_ms(LATE_MS), "LAW-01: quiet after a failure");
        }
    }
}

fn rtu() -> LineSetup {
    LineSetup { id: "bus".to_owned(), gap_ms: 5, without_ids: true }
}

fn polled(period_ms: u64, answers_after_ms: u64, silent: (u64, u64)) -> Polled {
    Polled { period_ms, timeout_ms: 500, answers_after_ms, silent, due: Mono::default() }
}

#[test]
fn a_silent_unit_takes_no_more_than_its_share_and_comes_back_by_itself() {
    let mut devices = [polled(1000, 40, (0, 0)), polled(1000, 40, (100, 1900))];
    let tally = run(&mut devices, &rtu(), 3600);
    let changes: Vec<_> =
        tally.changes.iter().map(|(device, change, _)| (*device, *change)).collect();
    assert_eq!(changes, [(1, ScanChange::OffScan), (1, ScanChange::OnScan)]);
    let back_s = tally.changes[1].2;
    // At most the longest pause, or the share of one retry: 60 s, and 20 × (500 + 700) ms = 24 s.
    assert!((1900..=1961).contains(&back_s), "back after {back_s} s");
    // A retry costs 1.2 s: it may put off one poll of the neighbour, and skip one.
    let missing = 3600 - tally.polls[0];
    assert!(missing <= tally.retries[1] + 3, "{missing} missing, {} retries", tally.retries[1]);
    assert!(tally.retries[1] >= 1800 / 61, "retried for ever: {}", tally.retries[1]);
    assert!(tally.longest_wait_ms[0] <= 500 + LATE_MS, "{} ms", tally.longest_wait_ms[0]);
    println!(
        "line: {} polls, {} retries, {missing} polls put off",
        tally.polls[0], tally.retries[1]
    );
}

#[test]
fn a_slow_neighbour_is_answered_and_nobody_starves() {
    let mut devices = [polled(100, 90, (0, 0)), polled(50, 90, (0, 0)), polled(10_000, 5, (0, 0))];
    let tally = run(&mut devices, &rtu(), 600);
    assert_eq!(tally.polls[2], 60, "every poll of the modest one");
    let (first, second) = (tally.polls[0], tally.polls[1]);
    assert!(first.abs_diff(second) <= 100, "fair: {first} and {second}");
    println!("fair line: {:?} polls", tally.polls);
}

#[test]
fn the_gap_is_kept_after_every_reply_whatever_the_transport() {
    for without_ids in [false, true] {
        let setup = LineSetup { gap_ms: 30, without_ids, ..rtu() };
        // Both are always due: the next request waits for the gap, and for nothing else.
        let mut devices = [polled(50, 20, (0, 0)), polled(50, 20, (0, 0))];
        let tally = run(&mut devices, &setup, 60);
        assert_eq!(tally.polls, [600, 600], "one request in each 20 + 30 ms");
        let mut line = Line::new(setup, 0..1);
        for (number, outcome) in [Ok(vec![1]), Err(NoReply::Exception(2))].iter().enumerate() {
            let (request, at) = (RequestId(number as u64), Mono::default().plus_ms(1000));
            let asked = Asked { device: 0, request, at, timeout_ms: 500, max_lateness_ms: LATE_MS };
            line.asked(asked);
            line.replied(request, outcome, at.plus_ms(20));
            assert_eq!(line.next_deadline(|_| Some(at)), Some(at.plus_ms(50)), "{outcome:?}");
        }
    }
    println!("gaps: 2 transports");
}

#[test]
fn nobody_goes_off_scan_alone_or_when_no_connection_can_be_made() {
    let mut alone = [polled(1000, 40, (0, 600))];
    let tally = run(&mut alone, &LineSetup { without_ids: false, ..rtu() }, 600);
    assert_eq!((tally.changes.len(), tally.polls[0]), (0, 600));

    let mut line = Line::new(rtu(), 0..2);
    let mut now = Mono::default();
    for number in 0..20 {
        let asked = Asked {
            device: 0,
            request: RequestId(number),
            at: now,
            timeout_ms: 500,
            max_lateness_ms: 0,
        };
        line.asked(asked);
        now = now.plus_ms(100);
        let refused = Err(NoReply::NotConnected("refused".to_owned()));
        assert_eq!(line.replied(RequestId(number), &refused, now), None);
    }
    // A gateway that answers for a silent unit says what it is.
    let outcomes = [0x0a, 0x0b, 0x0b, 2].map(|code| Err(NoReply::Exception(code)));
    let mut changes = Vec::new();
    for (number, outcome) in (20..).zip(&outcomes) {
        let asked = Asked {
            device: 1,
            request: RequestId(number),
            at: now,
            timeout_ms: 500,
            max_lateness_ms: 0,
        };
        line.asked(asked);
        changes.extend(line.replied(RequestId(number), outcome, now));
    }
    assert_eq!(changes, [ScanChange::OffScan, ScanChange::OnScan]);
    println!("scan: 25 outcomes");
}

fn any_polled() -> impl Strategy<Value = Polled> {
    let silent = prop_oneof![Just((0, 0)), Just((0, 10_000)), (0u64..900, 0u64..900)];
    (prop_oneof![Just(200u64), Just(1000), Just(5000)], 1u64..150, silent, 100u64..2000).prop_map(
        |(period_ms, answers_after_ms, (from, lasts), timeout_ms)| Polled {
            period_ms,
            timeout_ms,
            answers_after_ms,
            silent: (from, from + lasts),
            due: Mono::default(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn retries_never_take_more_than_their_share(
        mut devices in prop::collection::vec(any_polled(), 2..8),
        without_ids in any::<bool>(),
        gap_ms in 0u64..50,
    ) {
        const SECONDS: u64 = 1200;
        let setup = LineSetup { id: "bus".to_owned(), gap_ms, without_ids };
        let kept = devices.clone();
        let tally = run(&mut devices, &setup, SECONDS);
        // The last retry has its free time still before it.
        let bound = SECONDS * 1_000_000_000 / RETRY_PART + tally.longest_retry_ns;
        prop_assert!(tally.retry_ns <= bound, "{} of {bound} ns", tally.retry_ns);
        for (index, device) in kept.iter().enumerate() {
            let silent = device.silent.0 < device.silent.1;
            prop_assert!(silent || tally.answers[index] == tally.polls[index]);
            if !silent {
                let off = tally.changes.iter().any(|(one, ..)| *one == index);
                prop_assert!(!off, "a device that answers stays on scan");
            } else if device.silent.1 < SECONDS / 3 {
                let last = tally.changes.iter().rev().find(|(one, ..)| *one == index);
                let on = last.is_none_or(|(_, change, _)| *change == ScanChange::OnScan);
                prop_assert!(on, "it came back by itself");
            }
            // Round robin: at most one request of each neighbour before it, and what one of them costs.
            if !silent {
                let each = kept.iter().map(|one| one.timeout_ms + LATE_MS + gap_ms);
                prop_assert!(tally.longest_wait_ms[index] <= each.sum::<u64>());
            }
        }
    }
}
