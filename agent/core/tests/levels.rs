//! HH and H of one excursion do not both call for a person; what nobody is called for hides nothing.
//! Req: ALM-05
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for what it looks for")]

mod harness;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_model::IsaState;
use cellwatch_record::Body;
use harness::{Site, master_file, offer, person};

/// Beyond HH (38.0 °C); between H (37.5 °C) and HH with its deadband; normal.
const HIGH_HIGH: f64 = 38.5;
const HIGH: f64 = 37.8;
const NORMAL: f64 = 37.0;
/// Longer than the on-delay of TEMP.H, which is 10 s; TEMP.HH has none.
const LONG_MS: u64 = 15_000;

fn site(change: impl Fn(&mut MasterFile)) -> Site {
    let mut site = Site::new(1);
    site.connect();
    let mut file = master_file(1);
    change(&mut file);
    site.input(Input::MasterFile(offer(file)));
    site.run(2_000);
    site
}

fn at(site: &mut Site, celsius: f64, ms: u64) {
    site.devices[0].temperature(celsius);
    site.run(ms);
}

fn ask(site: &mut Site, role: Role, alarm: &str, request: Request) {
    let what = Asked::OfAlarm { unit: Some("BX-0".to_owned()), alarm: alarm.to_owned(), request };
    assert_eq!(site.ask(&person(role, 1), what, "seen"), None, "{alarm} {request:?}");
}

fn acknowledge(site: &mut Site, alarm: &str) {
    ask(site, Role::Operator, alarm, Request::Acknowledge);
}

/// Which alarms called for a person, in order: what people were shown, by the records.
fn calls(site: &Site) -> Vec<String> {
    let called: Vec<String> = site
        .records()
        .into_iter()
        .filter_map(|record| match record.body {
            Body::Alarm(change) if change.state == IsaState::Unacknowledged => Some(change.alarm),
            _ => None,
        })
        .collect();
    let shown = site.shown.iter().filter(|(_, shown)| shown.priority.is_some()).count();
    assert_eq!(shown, called.len(), "{called:?}: {:?}", site.shown);
    called
}

fn last_state(site: &Site, alarm: &str) -> Option<IsaState> {
    site.records().iter().rev().find_map(|record| match &record.body {
        Body::Alarm(change) if change.alarm == alarm => Some(change.state),
        _ => None,
    })
}

#[test]
fn a_higher_level_that_returns_unseen_goes_on_to_call_alone() {
    let mut site = site(|_| {});
    at(&mut site, HIGH_HIGH, LONG_MS);
    at(&mut site, HIGH, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.HH"], "the lower level stands behind it");
    acknowledge(&mut site, "TEMP.HH");
    assert_eq!(calls(&site), ["TEMP.HH"], "and has been seen with it");
    assert_eq!(last_state(&site, "TEMP.H"), Some(IsaState::Acknowledged));
    at(&mut site, NORMAL, LONG_MS);
    assert_eq!(last_state(&site, "TEMP.H"), Some(IsaState::Normal));
    assert_eq!(calls(&site), ["TEMP.HH"]);
}

#[test]
fn levels_that_rise_at_the_same_moment_call_once() {
    // By a reading, and by the end of equal delays.
    for on_delay_ms in [0, 10_000] {
        let mut site = site(|file| {
            for alarm in &mut file.alarms {
                alarm.on_delay_ms = on_delay_ms;
            }
        });
        at(&mut site, HIGH_HIGH, LONG_MS);
        assert_eq!(calls(&site), ["TEMP.HH"], "{on_delay_ms} ms");
        site.assert_replays();
    }
}

#[test]
fn a_lower_level_that_called_first_leaves_nothing_behind_when_the_higher_one_is_seen() {
    let mut site = site(|_| {});
    at(&mut site, HIGH, LONG_MS);
    at(&mut site, HIGH_HIGH, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.H", "TEMP.HH"], "another response is asked for");
    at(&mut site, NORMAL, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.H", "TEMP.HH"]);
    acknowledge(&mut site, "TEMP.HH");
    assert_eq!(last_state(&site, "TEMP.HH"), Some(IsaState::Normal));
    assert_eq!(
        last_state(&site, "TEMP.H"),
        Some(IsaState::Normal),
        "nobody has to acknowledge it, too"
    );
}

#[test]
fn another_excursion_calls_although_the_one_before_was_not_seen() {
    let mut site = site(|_| {});
    at(&mut site, HIGH_HIGH, LONG_MS);
    at(&mut site, NORMAL, LONG_MS);
    at(&mut site, HIGH, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.HH", "TEMP.H"]);
}

#[test]
fn what_was_seen_does_not_call_again_one_level_below() {
    let mut site = site(|_| {});
    at(&mut site, HIGH_HIGH, LONG_MS);
    acknowledge(&mut site, "TEMP.HH");
    at(&mut site, HIGH, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.HH"]);
    assert_eq!(last_state(&site, "TEMP.H"), Some(IsaState::Acknowledged));
}

#[test]
fn what_nobody_has_seen_calls_one_level_below() {
    let mut site = site(|file| {
        for alarm in &mut file.alarms {
            alarm.ack_required = false;
        }
    });
    at(&mut site, HIGH_HIGH, LONG_MS);
    at(&mut site, HIGH, LONG_MS);
    assert_eq!(calls(&site), ["TEMP.HH", "TEMP.H"], "the first one needs no acknowledgement");
}

#[test]
fn what_is_put_aside_or_out_of_service_hides_nothing() {
    let shelve = Request::Shelve { one_shot: false, for_ms: 600_000 };
    for (role, request) in
        [(Role::Operator, shelve), (Role::Maintenance, Request::TakeOutOfService)]
    {
        let mut site = site(|file| {
            for alarm in &mut file.alarms {
                alarm.shelve_max_ms = Some(600_000);
            }
        });
        at(&mut site, HIGH_HIGH, LONG_MS);
        ask(&mut site, role, "TEMP.HH", request);
        assert_eq!(calls(&site), ["TEMP.HH", "TEMP.H"], "{request:?}");
    }
}

#[test]
fn what_a_phase_inherits_has_its_on_delay_in_it() {
    for (warm_after_ms, expected) in [(8_000, &[][..]), (12_000, &["TEMP.L"][..])] {
        let mut site = site(|file| {
            for alarm in &mut file.alarms {
                alarm.on_delay_ms = 10_000;
            }
        });
        // TEMP.L is judged in expansion only.
        site.devices[0].phase(1);
        at(&mut site, 30.0, LONG_MS);
        site.devices[0].phase(2);
        site.run(warm_after_ms);
        at(&mut site, NORMAL, LONG_MS);
        assert_eq!(calls(&site), expected, "warm after {warm_after_ms} ms");
        site.assert_replays();
    }
}

#[test]
fn what_came_and_went_while_it_was_not_judged_asks_for_nothing() {
    let mut site = site(|_| {});
    // TEMP.L is judged in expansion only.
    site.devices[0].phase(1);
    at(&mut site, 30.0, LONG_MS);
    at(&mut site, NORMAL, LONG_MS);
    site.devices[0].phase(2);
    site.run(5_000);
    assert_eq!(calls(&site), Vec::<String>::new());
    let what = Asked::OfAlarm {
        unit: Some("BX-0".to_owned()),
        alarm: "TEMP.L".to_owned(),
        request: Request::Acknowledge,
    };
    let refusal = site.ask(&person(Role::Operator, 1), what, "seen");
    assert!(refusal.is_some(), "there is nothing to acknowledge");
}
