//! Which Master File judges.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_core::door::{Input, MasterFileOffer, Offered};
use cellwatch_model::{ClockSync, Utc};
use cellwatch_record::{Body, EventKind};
use harness::{Site, master_file, offer};

fn events(site: &Site, kind: EventKind) -> Vec<String> {
    let said = site.records().into_iter().filter_map(|record| match record.body {
        Body::Event(event) if event.kind == kind => Some(event.text),
        _ => None,
    });
    said.collect()
}

/// Req: LAW-05
#[test]
fn each_unfit_master_file_is_refused_for_its_own_reason_and_polling_goes_on() {
    let unfit = |change: fn(&mut cellwatch_config::master_file::MasterFile)| {
        let mut file = master_file(5);
        change(&mut file);
        offer(file)
    };
    let cases: [(MasterFileOffer, &str); 5] = [
        (unfit(|file| file.sites = vec!["madrid-2".to_owned()]), "not for this site barcelona-1"),
        (offer(master_file(1)), "not newer than 2"),
        (offer(master_file(2)), "not newer than 2"),
        (unfit(|file| file.expires = Utc(harness::EPOCH_NS - 1)), "expired at"),
        (
            MasterFileOffer {
                offered: Offered::Refused("no QP approved it".to_owned()),
                ..offer(master_file(5))
            },
            "no QP approved it",
        ),
    ];
    let count = cases.len();
    for (offer_it, reason) in cases {
        let mut site = Site::judging(1);
        site.input(Input::MasterFile(offer(master_file(2))));
        site.run(5_000);
        let polls = site.requests.len();
        site.input(Input::MasterFile(offer_it));
        site.run(5_000);
        let refused = events(&site, EventKind::MasterFileRefused);
        assert_eq!(refused.len(), 1, "{reason}");
        assert!(refused[0].contains(reason), "{} does not say: {reason}", refused[0]);
        assert!(site.requests.len() > polls + 3, "polling goes on");
        let in_force = events(&site, EventKind::MasterFileInForce);
        assert!(in_force.last().is_some_and(|text| text.contains("version 2 ")), "{in_force:?}");
    }
    println!("unfit master files: {count} cases");
}

/// Req: LAW-05
#[test]
fn an_expired_file_goes_on_judging_with_an_alarm() {
    let mut site = Site::judging(1);
    let mut file = master_file(2);
    file.expires = Utc(harness::EPOCH_NS + 3_600_000_000_000);
    site.input(Input::MasterFile(offer(file)));
    site.run(3_590_000);
    let clock =
        cellwatch_model::Clock { sync: ClockSync::Simulated, error_bound_us: 0, offset_us: 0 };
    site.run(20_000);
    site.input(Input::Clock(clock));
    site.devices[0].temperature(39.0);
    site.run(3_000);
    let alarms: Vec<_> =
        site.alarms().into_iter().map(|(_, alarm, what, _)| format!("{alarm} {what}")).collect();
    assert!(alarms.contains(&"AGENT.MASTER-FILE-EXPIRED raised".to_owned()), "{alarms:?}");
    assert!(alarms.contains(&"TEMP.HH raised".to_owned()), "it still judges: {alarms:?}");
    assert_eq!(events(&site, EventKind::MasterFileExpired).len(), 1);
}

/// Req: LAW-05, LAW-12
#[test]
fn an_untrusted_clock_lets_no_new_file_in_but_stops_none_that_judged() {
    let mut site = Site::new(1);
    site.sync = ClockSync::Unsynchronised;
    site.input(Input::MasterFile(offer(master_file(1))));
    site.input(Input::MasterFile(MasterFileOffer {
        accepted_before: true,
        ..offer(master_file(1))
    }));
    site.devices[0].temperature(39.0);
    site.run(5_000);
    let refused = events(&site, EventKind::MasterFileRefused);
    assert!(refused[0].contains("the clock is unsynchronised"), "{refused:?}");
    assert_eq!(events(&site, EventKind::MasterFileInForce).len(), 1);
    assert!(site.alarms().iter().any(|(_, alarm, ..)| alarm == "TEMP.HH"));
}

/// Req: LAW-05
#[test]
fn without_a_master_file_it_records_says_so_and_judges_nothing() {
    let mut site = Site::new(1);
    site.devices[0].temperature(50.0);
    site.run(20_000);
    let alarms: Vec<_> =
        site.alarms().into_iter().map(|(_, alarm, what, _)| (alarm, what)).collect();
    assert_eq!(alarms, [("AGENT.NO-MASTER-FILE".to_owned(), "raised".to_owned())]);
    let frames = site.records().into_iter().filter(|one| matches!(one.body, Body::Telemetry(_)));
    assert!(frames.count() >= 3, "readings are recorded");
}

/// Req: LAW-05
#[test]
fn a_new_file_for_the_next_batch_waits_and_standing_alarms_carry_over() {
    let mut site = Site::judging(1);
    site.devices[0].phase(1);
    site.devices[0].temperature(39.0);
    site.run(15_000);
    let mut next = master_file(2);
    next.activation = cellwatch_config::master_file::Activation::NextBatch;
    next.alarms.retain(|alarm| alarm.id != "TEMP.H");
    site.input(Input::MasterFile(offer(next)));
    site.run(5_000);
    assert_eq!(
        events(&site, EventKind::MasterFileInForce).len(),
        1,
        "the batch goes on under its own"
    );
    site.devices[0].phase(0);
    site.run(5_000);
    assert_eq!(events(&site, EventKind::MasterFileInForce).len(), 2);
    let after: Vec<_> =
        site.alarms().into_iter().map(|(_, alarm, what, _)| format!("{alarm} {what}")).collect();
    assert!(after.contains(&"TEMP.H closed".to_owned()), "no counterpart: {after:?}");
    let raised = after.iter().filter(|one| *one == "TEMP.HH raised").count();
    assert_eq!(raised, 1, "it carried over without a second announcement: {after:?}");
}
