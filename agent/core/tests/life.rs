//! The life of Master Files on site: pending, in force unit by unit, superseded, expired.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use cellwatch_config::master_file::{Activation, MasterFile};
use cellwatch_core::door::Input;
use cellwatch_model::{AlarmTransition, Clock, ClockSync, LimitKind, Utc};
use cellwatch_record::{Body, DeviationChange, EventKind, Waits};
use harness::{Behaviour, Site, master_file, master_file_with, offer};

const HOUR_MS: u64 = 3_600_000;

fn after(hours: i64) -> Utc {
    Utc(harness::EPOCH_NS + hours * 3_600_000_000_000)
}

fn file(version: u64, change: impl FnOnce(&mut MasterFile)) -> MasterFile {
    let mut file = master_file(version);
    change(&mut file);
    file
}

/// What happened to Master Files, in words: kind, version and units.
fn life(site: &Site) -> Vec<String> {
    let said = site.records().into_iter().filter_map(|record| match record.body {
        Body::Event(event) => match event.kind {
            EventKind::MasterFileAccepted
            | EventKind::MasterFileRefused
            | EventKind::MasterFilePending
            | EventKind::MasterFileInForce
            | EventKind::MasterFileSuperseded
            | EventKind::MasterFileExpired => Some(event.text.replace("Master File MF-TEST ", "")),
            _ => None,
        },
        _ => None,
    });
    said.collect()
}

fn news(site: &Site, before: usize) -> Vec<String> {
    life(site).split_off(before)
}

/// Req: MF-04, MF-07, MF-08
#[test]
fn a_file_waits_for_its_effective_time_across_a_restart_and_carries_alarms_over() {
    let mut site = Site::judging(1);
    site.devices[0].phase(1);
    site.devices[0].temperature(39.0);
    site.run(15_000);
    site.run(10);
    let before = life(&site).len();
    let next = file(2, |file| {
        file.effective = after(2);
        file.alarms.retain(|alarm| alarm.id != "TEMP.H");
    });
    site.input(Input::MasterFile(offer(next)));
    site.run(HOUR_MS);
    let waits = "version 2 waits until 2026-01-01 02:00 UTC";
    assert_eq!(news(&site, before), ["version 2 accepted", waits]);
    site.assert_replays();

    site.restart_with_what_was_kept(true);
    site.run(1_000);
    let again = ["version 2 accepted", waits, "version 1 is in force"];
    assert_eq!(news(&site, before), again, "nothing is said twice");
    assert_eq!(site.agent.state().master_files[1].waits, Waits::Effective);
    site.run(HOUR_MS);
    let then = ["version 2 is in force", "version 1 (in-force) is superseded by version 2"];
    assert_eq!(news(&site, before + again.len()), then);
    let said = site.said();
    assert_eq!(said.iter().filter(|one| *one == "TEMP.HH raised").count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|one| *one == "TEMP.H closed").count(), 1, "{said:?}");
    assert_eq!(site.kept.len(), 1, "what is superseded is not kept");
    site.assert_replays();
}

/// Req: MF-07
#[test]
fn next_batch_is_each_units_own() {
    let mut site = Site::judging(2);
    site.devices[0].phase(1);
    site.run(5_000);
    site.run(10);
    let before = life(&site).len();
    let next = file(2, |file| file.activation = Activation::NextBatch);
    site.input(Input::MasterFile(offer(next)));
    site.run(10_000);
    let there = [
        "version 2 accepted",
        "version 2 is in force in BX-1",
        "version 2 waits until the running batch ends (BX-0)",
    ];
    assert_eq!(news(&site, before), there);
    let index = |site: &Site, unit: &str| {
        let mut of_unit = site.records().into_iter().rev();
        of_unit
            .find(|one| one.common.unit.as_deref() == Some(unit))
            .map(|one| one.common.master_file)
    };
    assert_eq!((index(&site, "BX-0"), index(&site, "BX-1")), (Some(1), Some(2)));

    // Nothing is mixed up by a restart.
    site.restart_with_what_was_kept(false);
    site.run(10_000);
    let again = ["version 1 is in force in BX-0", "version 2 is in force in BX-1"];
    assert_eq!(news(&site, before + there.len()), again);

    site.devices[0].phase(0);
    site.run(10_000);
    let then = ["version 2 is in force in BX-0", "version 1 (in-force) is superseded by version 2"];
    assert_eq!(news(&site, before + there.len() + again.len()), then);
    assert_eq!((index(&site, "BX-0"), index(&site, "BX-1")), (Some(2), Some(2)));
    site.assert_replays();
}

/// Req: MF-09
#[test]
fn of_several_pending_files_the_highest_version_wins() {
    let mut site = Site::judging(1);
    site.run(10);
    let before = life(&site).len();
    site.input(Input::MasterFile(offer(file(2, |file| file.effective = after(1)))));
    site.input(Input::MasterFile(offer(file(3, |file| file.effective = after(2)))));
    site.run(3 * HOUR_MS);
    let said = news(&site, before);
    let expected = [
        "version 2 accepted",
        "version 2 waits until 2026-01-01 01:00 UTC",
        "version 3 accepted",
        "version 2 (pending) is superseded by version 3",
        "version 3 waits until 2026-01-01 02:00 UTC",
        "version 3 is in force",
        "version 1 (in-force) is superseded by version 3",
    ];
    assert_eq!(said, expected);
    site.input(Input::MasterFile(offer(file(2, |_| {}))));
    site.run(10);
    let refused = life(&site).pop().unwrap_or_default();
    assert!(refused.contains("version 2 is not newer than 3"), "{refused}");
    site.assert_replays();
}

/// Req: MF-08, LAW-05
#[test]
fn a_pending_file_whose_time_ends_never_judges() {
    let mut site = Site::judging(1);
    site.devices[0].phase(1);
    site.run(5_000);
    site.run(10);
    let before = life(&site).len();
    let next = file(2, |file| {
        file.activation = Activation::NextBatch;
        file.expires = after(1);
    });
    site.input(Input::MasterFile(offer(next)));
    site.run(2 * HOUR_MS);
    site.clock_is(ClockSync::Simulated);
    site.devices[0].phase(0);
    site.run(10_000);
    let expected = [
        "version 2 accepted",
        "version 2 waits until the running batch ends (BX-0)",
        "version 2 expired before it began to judge: it never will",
    ];
    assert_eq!(news(&site, before), expected);
    let state = site.agent.state().master_files;
    assert_eq!(state.len(), 1);
    assert_eq!(state[0].version, 1);
}

/// Req: LAW-05, LAW-12
#[test]
fn a_clock_that_cannot_be_trusted_lets_no_pending_file_begin() {
    let mut site = Site::judging(1);
    site.run(10);
    let before = life(&site).len();
    site.input(Input::MasterFile(offer(file(2, |file| file.effective = after(1)))));
    site.clock_is(ClockSync::Unsynchronised);
    site.run(2 * HOUR_MS);
    site.clock_is(ClockSync::Unsynchronised);
    assert_eq!(news(&site, before).len(), 2, "accepted, waits");
    site.clock_is(ClockSync::Synchronised);
    site.run(10);
    assert_eq!(news(&site, before)[2], "version 2 is in force");
    site.assert_replays();
}

/// A new journal knows nothing; what was kept beside it goes on.
/// Req: LAW-05
#[test]
fn what_was_kept_outlives_a_lost_journal() {
    for sync in [ClockSync::Synchronised, ClockSync::Unsynchronised] {
        let mut site = Site::new(1);
        site.clock_is(sync);
        let old = file(1, |file| file.expires = after(-1));
        for kept in [old, file(2, |file| file.effective = after(1))] {
            site.input(Input::MasterFile(cellwatch_core::door::MasterFileOffer {
                accepted_before: true,
                ..offer(kept)
            }));
        }
        site.run(5_000);
        let said = life(&site);
        assert_eq!(said[..2], ["version 1 accepted", "version 1 is in force"], "{sync}");
        assert!(
            said.contains(&"version 2 waits until 2026-01-01 01:00 UTC".to_owned()),
            "{said:?}"
        );
        assert!(!said.contains(&"version 2 is in force".to_owned()), "{said:?}");
    }
    println!("lost journals: 2 cases");
}

/// Req: LAW-05, SITE-03
#[test]
fn a_batch_under_an_expired_file_is_an_alarm_and_is_judged() {
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file(2, |file| file.expires = after(1)))));
    site.run(HOUR_MS + 20_000);
    site.clock_is(ClockSync::Simulated);
    site.devices[0].phase(1);
    site.devices[0].temperature(39.0);
    site.run(5_000);
    let own = site.agent_said();
    assert!(own.contains(&"AGENT.BATCH-NOT-AUTHORISED.BX-0 raised".to_owned()), "{own:?}");
    assert!(site.said().contains(&"TEMP.HH raised".to_owned()), "it is judged");
    site.assert_replays();
    site.restart_with_what_was_kept(true);
    site.run(5_000);
    site.devices[0].phase(0);
    site.run(5_000);
    let own = site.agent_said();
    let of_batch: Vec<_> = own.iter().filter(|one| one.contains("NOT-AUTHORISED")).collect();
    assert_eq!(
        of_batch,
        ["AGENT.BATCH-NOT-AUTHORISED.BX-0 raised", "AGENT.BATCH-NOT-AUTHORISED.BX-0 returned"]
    );
}

impl Site {
    fn clock_is(&mut self, sync: ClockSync) {
        self.sync = sync;
        self.input(Input::Clock(Clock { sync, error_bound_us: 0, offset_us: 0 }));
    }
}

/// Req: LAW-02, MF-07, LAW-08
#[test]
fn what_stood_for_a_device_that_left_the_site_file_is_closed_by_a_record() {
    let mut site = Site::judging(1);
    site.run(5_000);
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(60_000);
    assert!(site.said().contains(&"bx-0.LINK raised".to_owned()), "{:?}", site.said());
    let before = site.said().len();
    site.setup.devices[0].id = "bx-9".to_owned();
    let first = site.records().len();
    site.restart(true, master_file(1));
    site.run(60_000);
    assert_eq!(site.said()[before..before + 1], ["bx-0.LINK closed"]);
    assert_eq!(site.said().iter().filter(|one| one.contains("closed")).count(), 1, "once");
    let closed = site.records().into_iter().find_map(|record| match record.body {
        Body::Alarm(change) if change.transition == AlarmTransition::Closed => Some(change),
        _ => None,
    });
    let closed = closed.expect("on record");
    assert_eq!((closed.kind, closed.source.as_str()), (LimitKind::Communication, "bx-0"));
    let why = closed.comment.unwrap_or_default();
    assert!(why.contains("neither the site file nor the Master File"), "{why}");
    site.restart(true, master_file(1));
    site.run(10_000);
    assert_eq!(site.said().iter().filter(|one| one.contains("closed")).count(), 1, "and for good");
    let replayed = site.replay(&site.records()[first..]);
    assert_eq!(replayed.differences(), []);
}

const WARM: &str = r#"
[[deviation]]
id = "DEV.WARM"
when = "action-limit"
alarm = "TEMP.HH"
after_s = 10.0
description = "Too warm."
"#;

/// Req: LAW-02, LAW-08
#[test]
fn what_stood_for_a_unit_that_left_the_site_file_is_closed_by_a_record() {
    let mut site = Site::judging(2);
    site.input(Input::MasterFile(offer(master_file_with(2, WARM))));
    site.run(5_000);
    site.devices[1].temperature(39.0);
    site.run(60_000);
    let (alarms, first) = (site.alarms().len(), site.records().len());
    let published = site.published.len();
    site.setup.units.pop();
    site.setup.devices.pop();
    site.setup.lines.pop();
    site.restart(true, master_file_with(2, WARM));
    site.run(60_000);
    let closed: Vec<_> = site.alarms().split_off(alarms);
    let closed: Vec<_> = closed.iter().filter(|one| one.0 == "BX-1").collect();
    let standing = ["TEMP.HH", "TEMP.H"];
    assert_eq!(closed.len(), standing.len(), "{closed:?}");
    assert!(closed.iter().all(|one| standing.contains(&one.1.as_str()) && one.2 == "closed"));
    let candidates = site.records().into_iter().skip(first).filter_map(|record| {
        let unit = record.common.unit.clone();
        match record.body {
            Body::Deviation(deviation) => Some((unit, deviation.change)),
            _ => None,
        }
    });
    let candidates: Vec<_> = candidates.collect();
    assert_eq!(candidates, [(Some("BX-1".to_owned()), DeviationChange::Closed)]);
    let topics: Vec<&str> =
        site.published[published..].iter().map(|(_, topic, _)| topic.as_str()).collect();
    for topic in ["BX-1/alarms", "BX-1/alarms.json"] {
        let topic = format!("cellwatch/1/barcelona-1/agent-1/{topic}");
        assert!(topics.contains(&topic.as_str()), "what is retained there: {topics:?}");
    }
    let state = site.agent.state();
    assert!(state.alarms.iter().all(|one| one.unit.as_deref() != Some("BX-1")));
    assert_eq!(site.replay(&site.records()[first..]).differences(), []);
    let said = site.alarms().len();
    site.restart(true, master_file_with(2, WARM));
    site.run(60_000);
    assert!(site.alarms()[said..].iter().all(|one| one.0 != "BX-1"), "once");
}
