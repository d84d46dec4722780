//! From the journal to the Control Site, in virtual time.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use std::collections::BTreeMap;

use cellwatch_core::door::Input;
use cellwatch_record::{AlarmSummary, Body};
use harness::{Site, master_file, offer};
use proptest::prelude::*;

fn complete(site: &Site) -> bool {
    site.control_site.through == site.durable
        && site.control_site.records.values().eq(site.payloads.values().map(|one| one.as_ref()))
}

fn there_up_to(site: &Site, seq: u64) -> bool {
    let received = site.control_site.records.range(..=seq).map(|(_, one)| one.as_slice());
    site.control_site.through >= seq
        && received.eq(site.payloads.range(..=seq).map(|(_, one)| one.as_ref()))
}

/// Req: LAW-03, LAW-04
#[test]
fn everything_durable_arrives_once_with_the_same_bytes() {
    let mut site = Site::judging(2);
    site.run(120_000);
    site.run(100);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
    assert_eq!(site.control_site.duplicates, 0);
    println!("delivered: {} records", site.durable);
}

/// Req: LAW-03
#[test]
fn an_outage_is_made_good_from_the_journal_alarms_first() {
    let mut site = Site::judging(1);
    site.run(20_000);
    site.disconnect();
    site.run(60_000);
    site.devices[0].temperature(39.0);
    site.run(40_000);
    let before = site.published.len();
    site.connect();
    site.run(30_000);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
    let after: Vec<_> =
        site.published[before..].iter().map(|(_, topic, _)| topic.clone()).collect();
    assert!(after[0].ends_with("/alarms"), "standing alarms first: {after:?}");
    let bundle = site.published[before..].iter().find(|(_, topic, _)| topic.ends_with("backfill"));
    let (_, _, seqs) = bundle.expect("backlog goes in bundles");
    let records = site.records();
    let first = &records[usize::try_from(seqs[0] - 1).expect("small")];
    assert!(matches!(first.body, Body::Alarm(_)), "of the backlog the alarms first");
    let summary = &site.control_site.documents["cellwatch/1/barcelona-1/agent-1/BX-0/alarms"];
    let summary = AlarmSummary::decode(summary).expect("a summary");
    assert_eq!(summary.standing[0].alarm, "TEMP.HH");
}

/// Req: LAW-03
#[test]
fn what_the_broker_forgot_is_sent_again_when_a_receipt_misses_it() {
    let mut site = Site::judging(1);
    site.run(10_000);
    site.control_site.forget = true;
    site.run(20_000);
    site.control_site.forget = false;
    site.run(40_000);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
}

/// Req: LAW-06
#[test]
fn a_new_alarm_goes_out_ahead_of_any_backlog_that_is_not_yet_in_flight() {
    let mut site = Site::new(1);
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(40 * 60_000);
    assert!(site.durable > 400, "a backlog of {}", site.durable);
    site.ack_ms = 700;
    site.connect();
    site.run(2_000);
    site.devices[0].temperature(39.0);
    site.run(1_500);
    let raised =
        site.alarms().iter().rfind(|(_, alarm, ..)| alarm == "TEMP.HH").map(|(.., at)| *at);
    let raised = raised.expect("raised");
    let alarm =
        site.published.iter().find(|(at, topic, _)| *at >= raised && topic.ends_with("BX-0/alarm"));
    let (alarm_at, _, seqs) = alarm.expect("the alarm left");
    assert!(*alarm_at <= raised + site.commit_ms + 5, "at once when durable");
    assert!(site.control_site.through < seqs[0] - 1, "while the backlog was still waiting");
    site.ack_ms = 2;
    site.run(30_000);
    assert!(complete(&site));
}

/// Req: LAW-03
#[test]
fn a_restart_sends_what_no_receipt_covers() {
    let mut site = Site::judging(1);
    site.control_site.mute = true;
    site.run(30_000);
    let stored = site.payloads.clone();
    let head = cellwatch_record::Head {
        journal: harness::JOURNAL,
        seq: site.durable,
        hash: cellwatch_record::sha256(&stored[&site.durable]),
    };
    let start = cellwatch_core::door::Start {
        head,
        new_journal: false,
        boot: 2,
        receipt_through: 3,
        ..harness::start()
    };
    let now = site.now();
    site.agent = cellwatch_core::Agent::new(harness::setup(1), start, now);
    site.control_site.records.clear();
    site.control_site.through = 0;
    site.control_site.take(
        "x/backfill",
        &cellwatch_record::bundle::encode(
            &stored.range(..=3).map(|(_, one)| one).collect::<Vec<_>>(),
        ),
    );
    site.control_site.mute = false;
    site.connect();
    site.run(40_000);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
}

#[test]
fn a_receipt_for_another_journal_or_beyond_the_head_forgets_nothing() {
    let mut site = Site::judging(1);
    site.control_site.mute = true;
    site.run(10_000);
    let mut receipt = {
        site.control_site.mute = false;
        let receipt = site.control_site.receipt(site.now().utc).expect("one");
        site.control_site.mute = true;
        receipt
    };
    receipt.through = site.durable + 50;
    receipt.missing.clear();
    site.input(Input::Receipt(receipt.clone()));
    receipt.journal = cellwatch_record::JournalId([9; 16]);
    site.input(Input::Receipt(receipt));
    site.run(1_000);
    let refused = site.records().into_iter().filter(|record| match &record.body {
        Body::Event(event) => event.kind.word() == "security",
        _ => false,
    });
    assert_eq!(refused.count(), 2, "both are on record");
    site.control_site.mute = false;
    site.run(40_000);
    assert!(complete(&site));
}

/// Req: LAW-10
#[test]
fn a_broker_with_small_packets_gets_what_fits_and_the_rest_is_said_and_kept() {
    let mut site = Site::new(1);
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(60_000);
    let largest = site.payloads.values().map(|one| one.len()).max().expect("records");
    site.maximum_packet_size = Some(u32::try_from(largest).expect("small"));
    site.connect();
    site.run(20_000);
    let said = site.records().into_iter().filter(|record| match &record.body {
        Body::Event(event) => event.details.get("what") == Some(&"too-large".into()),
        _ => false,
    });
    assert_eq!(said.count(), 1, "said once on this connection");
    let (there, all) = (site.control_site.records.len() as u64, site.durable);
    assert!(there < all && there + 20 > all, "{there} of {all}");
    site.disconnect();
    site.maximum_packet_size = None;
    site.connect();
    site.run(20_000);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
    println!("small packets: {} of {all} records were too large", all - there);
}

/// Req: LAW-03, LAW-10
#[test]
fn a_broker_that_answers_nothing_is_given_up() {
    let mut site = Site::judging(1);
    site.ack_ms = 3_600_000;
    site.run(31_000);
    assert_eq!(site.reconnects.len(), 1, "{:?}", site.reconnects);
    site.disconnect();
    site.ack_ms = 2;
    site.connect();
    site.run(40_000);
    assert!(complete(&site), "{} of {}", site.control_site.through, site.durable);
    println!("given up: {}", site.reconnects[0].1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Req: LAW-03, LAW-04. Whatever the broker does, in the end everything is there, with the same bytes.
    #[test]
    fn any_outages_and_forgetting_converge(
        steps in proptest::collection::vec((0u8..5, 100u64..20_000), 1..25),
    ) {
        let mut site = Site::judging(1);
        for (what, ms) in steps {
            match what {
                0 if site.broker_up => site.disconnect(),
                1 if !site.broker_up => site.connect(),
                2 => site.control_site.forget = !site.control_site.forget,
                3 => site.control_site.mute = !site.control_site.mute,
                4 => { let warm = if site.devices[0].registers[&0] > 3_800 { 37.0 } else { 39.0 }; site.devices[0].temperature(warm); }
                _ => {}
            }
            site.run(ms);
        }
        site.control_site.forget = false;
        site.control_site.mute = false;
        if !site.broker_up { site.connect(); }
        site.run(90_000);
        // A record that became durable in the last millisecond is still on its way; by the ack it is there.
        let owed = site.durable;
        site.run(10 * site.ack_ms);
        prop_assert!(there_up_to(&site, owed), "{} of {owed}", site.control_site.through);
    }
}

/// Those of a hall are megabytes: all at once they would fill the memory and hold up polls.
#[test]
fn latest_values_of_many_units_go_out_spread_over_their_period() {
    const UNITS: usize = 20;
    let mut site = Site::judging(UNITS);
    let from = site.now().mono.0 / 1_000_000 + 2_000;
    site.run(12_000);
    let mut at_once = BTreeMap::new();
    for unit in 0..UNITS {
        let topic = format!("/BX-{unit}/values");
        let of_unit =
            site.published.iter().filter(|(at, on, _)| *at >= from && on.ends_with(&topic));
        let times: Vec<u64> = of_unit.map(|(at, ..)| *at).collect();
        assert_eq!(times.len(), 5, "BX-{unit}: {times:?}");
        for at in times {
            *at_once.entry(at).or_insert(0) += 1;
        }
    }
    let most = at_once.values().max();
    assert_eq!(most, Some(&UNITS.div_ceil(8)), "{at_once:?}");
    println!("latest values: {UNITS} units, at most {most:?} at once");
}
