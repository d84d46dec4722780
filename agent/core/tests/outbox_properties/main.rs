//! The parts of delivery against plain references, and the outbox against brokers that do what they like.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test")]

mod parts;
mod rig;
mod slow;

use std::collections::BTreeSet;

use cellwatch_core::door::BrokerInput;
use cellwatch_core::publish::{Notice, QUEUE_BYTES_MAX, Receipted};
use cellwatch_record::{Kind, Receipt};
use proptest::prelude::*;

use rig::Rig;

/// What may happen: a number picks it, another one its detail.
fn happens(rig: &mut Rig, what: u8, detail: u16, old: &mut Vec<Receipt>) {
    let packet_id = rig.open.keys().nth(usize::from(detail) % rig.open.len().max(1)).copied();
    match what {
        0..=2 => rig.record(Kind::Telemetry, 100 + usize::from(detail)),
        3 => rig.record(Kind::Alarm, 150),
        4 => rig.connect(detail % 5, None),
        5 => rig.connect(detail % 70, Some(400 + u32::from(detail))),
        6 => rig.disconnect(),
        7..=9 => rig.fetched(),
        10..=12 => {
            if let Some(packet_id) = packet_id {
                rig.answer(packet_id, 0, what != 12);
            }
        }
        13 => {
            let reason = [0x80, 0x83, 0x87, 0x97, 0x99][usize::from(detail) % 5];
            if let Some(packet_id) = packet_id {
                rig.answer(packet_id, reason, false);
            }
        }
        14..=15 => {
            let receipt = rig.receipt_now();
            old.push(receipt.clone());
            rig.receipt(&receipt);
        }
        16 => {
            if let Some(receipt) = old.get(usize::from(detail) % old.len().max(1)).cloned() {
                rig.receipt(&receipt);
            }
        }
        17 => rig.elapse(u64::from(detail) * 10),
        18 => {
            rig.unreadable =
                rig.disk.keys().filter(|seq| *seq % 7 == u64::from(detail % 9)).copied().collect();
        }
        // Answers for what was never sent.
        _ => {
            rig.outbox.broker(&BrokerInput::Acknowledged { packet_id: 60_000, reason: 0 }, rig.now);
        }
    }
    for seq in rig.disk.keys() {
        assert!(rig.outbox.accounts_for(*seq), "seq {seq} is nowhere");
    }
    assert!(rig.outbox.through() <= rig.through(), "LAW-03");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    /// Req: LAW-03, LAW-10. Whatever broker, journal and receipts do, the window is kept, nothing is
    /// unaccounted for, and in the end everything is at the Control Site.
    #[test]
    fn any_broker_converges(
        before in 0u64..300,
        steps in proptest::collection::vec((0u8..20, 0u16..1_000), 0..120),
    ) {
        let mut rig = Rig::new(before);
        let mut old = Vec::new();
        for (what, detail) in steps {
            happens(&mut rig, what, detail, &mut old);
        }
        rig.unreadable.clear();
        rig.disconnect();
        prop_assert!(rig.converges(&BTreeSet::new()), "{} of {}", rig.through(), rig.disk.len());
    }
}

/// Req: LAW-10
#[test]
fn a_record_larger_than_the_broker_takes_is_said_and_stands_in_nobodys_way() {
    let mut rig = Rig::new(5);
    rig.record(Kind::Telemetry, 5_000);
    for _ in 0..300 {
        rig.record(Kind::Telemetry, 200);
    }
    rig.connect(20, Some(2_000));
    rig.record(Kind::Telemetry, 6_000);
    rig.record(Kind::Alarm, 150);
    let except = BTreeSet::from([6, 307]);
    assert!(rig.converges(&except), "{:?}", rig.stored);
    rig.fetched();
    assert_eq!(rig.outbox.undeliverable(), 2);
    let said = rig.notices.iter().filter(|one| matches!(one, Notice::TooLarge { seq: 6, .. }));
    assert_eq!((said.count(), rig.notices.len()), (1, 1), "once: {:?}", rig.notices);
    rig.connect(20, Some(10_000));
    assert!(rig.converges(&BTreeSet::new()), "a broker that takes more gets them");
    assert_eq!(rig.gave_up, 0);
    println!("too large: {} messages", rig.left.len());
}

/// Req: LAW-10
#[test]
fn a_record_that_the_broker_refuses_is_found_among_others_and_waits_alone() {
    let mut rig = Rig::new(100);
    rig.connect(20, None);
    let mut rounds = 0;
    while rig.outbox.undeliverable() == 0 {
        rounds += 1;
        assert!(rounds < 100, "{} stored", rig.stored.len());
        rig.elapse(5_000);
        rig.fetched();
        while let Some((packet_id, seqs)) = rig.open.first_key_value() {
            let (packet_id, bad) = (*packet_id, seqs.contains(&42));
            rig.answer(packet_id, if bad { 0x99 } else { 0 }, true);
        }
    }
    assert_eq!(rig.outbox.undeliverable(), 1, "only the one");
    assert!(rig.stored.len() >= 41 && rounds <= 20, "{} stored, {rounds} rounds", rig.stored.len());
    assert!(rig.converges(&BTreeSet::new()), "it is tried again");
    println!("refused: found in {rounds} rounds");
}

/// Req: LAW-10
#[test]
fn a_record_that_cannot_be_read_stands_in_nobodys_way() {
    let mut rig = Rig::new(50);
    rig.unreadable = BTreeSet::from([1, 2, 30]);
    rig.connect(20, None);
    for _ in 0..10 {
        rig.elapse(1_000);
        rig.fetched();
        while let Some((packet_id, _)) = rig.open.first_key_value() {
            rig.answer(*packet_id, 0, true);
        }
    }
    assert_eq!(rig.stored.len(), 47);
    assert_eq!(rig.notices, [Notice::Unreadable { seq: 1 }], "said once");
    rig.unreadable.clear();
    assert!(rig.converges(&BTreeSet::new()));
    println!("unreadable: 3 of 50");
}

/// Req: LAW-10
#[test]
fn a_silent_broker_is_given_up_with_growing_patience() {
    let mut rig = Rig::new(0);
    let mut waits = Vec::new();
    for _ in 0..7 {
        rig.connect(2, None);
        rig.record(Kind::Telemetry, 200);
        let began = rig.now;
        let gave_up = rig.gave_up;
        while rig.gave_up == gave_up {
            rig.now = rig.outbox.next_deadline().expect("a deadline");
            rig.drain();
            rig.fetched();
        }
        waits.push(rig.now.ms_since(began) / 1_000);
    }
    assert_eq!(waits, [30, 60, 120, 240, 300, 300, 300], "seconds");
    assert!(rig.converges(&BTreeSet::new()));
    println!("silent: {waits:?} s");
}

/// Req: LAW-03
#[test]
fn the_tail_that_the_broker_forgot_goes_out_again_without_a_later_record() {
    let mut rig = Rig::new(0);
    rig.connect(20, None);
    for seq in 1..=3 {
        rig.record(Kind::Telemetry, 200);
        let packet_id = *rig.open.keys().next().unwrap();
        rig.answer(packet_id, 0, seq == 1);
    }
    let before = rig.left.len();
    for _ in 0..8 {
        rig.elapse(10_000);
        let receipt = rig.receipt_now();
        rig.receipt(&receipt);
        rig.fetched();
        if let Some((packet_id, _)) = rig.open.first_key_value() {
            rig.answer(*packet_id, 0, true);
        }
    }
    assert_eq!(rig.left[before..], [[2, 3]], "one bundle, once");
    assert_eq!(rig.outbox.through(), 3);
    println!("tail: 2 records");
}

/// Req: LAW-03
#[test]
fn a_control_site_that_went_back_gets_what_it_asks_for_and_nothing_is_unreceipted() {
    let mut rig = Rig::new(20);
    rig.connect(20, None);
    assert!(rig.converges(&BTreeSet::new()));
    let old = rig.receipt_now();
    rig.stored.retain(|seq| *seq <= 5);
    rig.record(Kind::Telemetry, 200);
    let packet_id = *rig.open.keys().next().unwrap();
    rig.answer(packet_id, 0, true);
    let restored = rig.receipt_now();
    rig.elapse(5_000);
    assert_eq!(rig.receipt(&restored), Receipted::Same);
    assert_eq!(rig.outbox.through(), 20, "what was confirmed stays confirmed");
    assert_eq!(rig.notices, [Notice::ReceiptWentBack { through: 5, before: 20 }]);
    assert_eq!(rig.receipt(&old), Receipted::Same, "an old one changes nothing");
    assert!(rig.converges(&BTreeSet::new()));
    println!("went back: 15 records");
}

/// Req: LAW-10
#[test]
fn what_waits_for_the_window_is_bounded_by_bytes() {
    let mut rig = Rig::new(0);
    rig.connect(1, None);
    for _ in 0..10 {
        rig.record(Kind::Telemetry, QUEUE_BYTES_MAX / 4);
    }
    assert_eq!(rig.outbox.backlog(), 5, "one in flight, four wait, the others are in the journal");
    assert!(rig.converges(&BTreeSet::new()));
    println!("bytes: 10 records");
}

/// Req: LAW-06
#[test]
fn an_alarm_overtakes_bundles_and_live_records_in_the_smallest_window() {
    let mut rig = Rig::new(600);
    rig.connect(1, None);
    rig.elapse(1_000);
    rig.fetched();
    for _ in 0..5 {
        rig.record(Kind::Telemetry, 200);
    }
    rig.record(Kind::Alarm, 200);
    let in_flight = rig.left.len();
    let packet_id = *rig.open.keys().next().unwrap();
    rig.answer(packet_id, 0, true);
    assert_eq!(rig.left[in_flight], [606], "the alarm is next");
    assert!(rig.converges(&BTreeSet::new()));
    println!("overtaken: {} messages", rig.left.len());
}
