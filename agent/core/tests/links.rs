//! Links of devices before a Master File judges.
//!
//! Req: LAW-02, LAW-08
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use cellwatch_core::door::{Input, MasterFileOffer};
use cellwatch_record::Body;
use harness::{Behaviour, Site, master_file, offer};

const HOUR_MS: u64 = 3_600_000;

fn of_link(site: &Site) -> Vec<String> {
    site.said().into_iter().filter(|one| one.starts_with("bx-0.LINK")).collect()
}

#[test]
fn a_device_that_was_silent_before_the_file_judges_calls() {
    let mut site = Site::new(1);
    site.connect();
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(HOUR_MS + 60_000);
    let in_force_ms = site.now_ms;
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(60_000);
    assert_eq!(of_link(&site), ["bx-0.LINK raised"]);
    let raised = site.alarms().into_iter().find(|one| one.1 == "bx-0.LINK");
    assert_eq!(raised.map(|one| one.3), Some(in_force_ms + 10_000), "its delay runs from there");
    site.devices[0].behaviour = Behaviour::Answers(4);
    site.run(60_000);
    assert_eq!(of_link(&site), ["bx-0.LINK raised", "bx-0.LINK returned"]);
    site.assert_replays();
    // From the state record of the hour on, before which nothing is at hand.
    let records = site.records();
    let states = records.iter().filter(|one| matches!(one.body, Body::State(_))).count();
    assert_eq!(states, 2);
    let replayed = site.replay(&records[20..]);
    assert_eq!(replayed.differences(), []);
    let judged = replayed.judged.iter().filter(|one| one.unit.is_some());
    assert!(judged.count() >= 2, "it raises and returns there as well");
}

#[test]
fn a_device_that_answers_again_before_the_file_judges_calls_no_longer() {
    let mut site = Site::judging(1);
    site.run(5_000);
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(60_000);
    assert_eq!(of_link(&site), ["bx-0.LINK raised"]);
    site.kept.clear();
    site.restart_with_what_was_kept(true);
    site.devices[0].behaviour = Behaviour::Answers(4);
    site.run(HOUR_MS + 60_000);
    assert_eq!(of_link(&site), ["bx-0.LINK raised"], "nothing judges");
    let again = MasterFileOffer { accepted_before: true, ..offer(master_file(1)) };
    site.input(Input::MasterFile(again));
    site.run(60_000);
    assert_eq!(of_link(&site), ["bx-0.LINK raised", "bx-0.LINK returned"]);
    site.assert_replays();
}
