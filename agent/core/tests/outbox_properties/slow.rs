//! A Control Site that is slower than the broker takes what the agent has.

use std::collections::{BTreeSet, VecDeque};

use cellwatch_core::publish::{BUNDLE_RECORDS_MAX, BUNDLES_MAX, UNCOVERED_MAX};
use cellwatch_record::Kind;

use super::rig::Rig;

/// Records that wait when the broker comes.
const BACKLOG: u64 = 40_000;
/// The Control Site stores so many each second.
const STORED_EACH_S: usize = 1_000;
/// The broker takes everything at once and keeps it in its order.
fn broker(rig: &mut Rig, held: &mut VecDeque<u64>) {
    loop {
        rig.fetched();
        let Some((packet_id, seqs)) = rig.open.first_key_value() else { break };
        let packet_id = *packet_id;
        // What is live overtakes the backlog.
        let is_live = seqs[0] > BACKLOG;
        if !is_live {
            held.extend(seqs);
        }
        rig.answer(packet_id, 0, is_live);
    }
}

/// Req: LAW-03, LAW-10. What is on its way is waited for as long as anything of it arrives, and little is on its way.
#[test]
fn a_slow_control_site_gets_nothing_twice_and_in_order() {
    let mut rig = Rig::new(BACKLOG);
    rig.connect(20, None);
    let mut held = VecDeque::new();
    let mut most = 0;
    let mut seconds = 0u64;
    while rig.through() < BACKLOG {
        rig.record(Kind::Telemetry, 200);
        let receipt = rig.receipt_now();
        rig.receipt(&receipt);
        for _ in 0..10 {
            rig.elapse(100);
            broker(&mut rig, &mut held);
        }
        most = most.max(held.len());
        let stored = held.drain(..STORED_EACH_S.min(held.len()));
        rig.stored.extend(stored);
        seconds += 1;
        assert!(
            seconds < 3 * BACKLOG / STORED_EACH_S as u64,
            "it stands still at {}",
            rig.through()
        );
    }
    let left: Vec<u64> = rig.left.iter().flatten().copied().collect();
    let each: BTreeSet<u64> = left.iter().copied().collect();
    assert_eq!(left.len(), each.len(), "nothing leaves twice");
    let backlog: Vec<u64> = left.into_iter().filter(|seq| *seq <= BACKLOG).collect();
    assert!(backlog.is_sorted(), "in its order");
    // What is in flight when the outbox begins to wait comes to it.
    let in_flight = BUNDLES_MAX * usize::try_from(BUNDLE_RECORDS_MAX).unwrap();
    assert!(most <= UNCOVERED_MAX + in_flight, "{most} records at the broker");
    println!("slow Control Site: {BACKLOG} records in {seconds} s, {most} at the broker at most");
}

/// Req: LAW-03. What the broker forgot goes out again when nothing else is missing, and little else with it.
#[test]
fn what_is_lost_in_the_middle_goes_out_again() {
    let mut rig = Rig::new(BACKLOG);
    rig.connect(20, None);
    let mut held = VecDeque::new();
    let mut seconds = 0u64;
    while rig.through() < BACKLOG {
        rig.record(Kind::Telemetry, 200);
        let receipt = rig.receipt_now();
        rig.receipt(&receipt);
        for _ in 0..10 {
            rig.elapse(100);
            broker(&mut rig, &mut held);
        }
        if seconds == 3 {
            held.drain(2_000..4_000);
        }
        let stored = held.drain(..STORED_EACH_S.min(held.len()));
        rig.stored.extend(stored);
        seconds += 1;
        assert!(
            seconds < 3 * BACKLOG / STORED_EACH_S as u64,
            "it stands still at {}",
            rig.through()
        );
    }
    let left: usize = rig.left.iter().map(Vec::len).sum();
    let twice = left - rig.disk.len();
    assert!(twice < 4_000, "{twice} records left twice");
    println!("lost in the middle: {BACKLOG} records in {seconds} s, {twice} of them twice");
}
