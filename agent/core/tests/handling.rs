//! How people handle alarms, and what survives a restart.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use std::collections::BTreeMap;

use cellwatch_core::door::{Asked, Input, OperatorAction};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_model::{AlarmTransition, IsaState};
use cellwatch_record::{Body, Person};
use harness::{Site, master_file, offer};

const HEATED: f64 = 39.0;
const NORMAL: f64 = 37.0;

fn ask(
    site: &mut Site,
    role: Role,
    alarm: &str,
    request: Request,
    comment: &str,
) -> Option<String> {
    let person = Person { name: format!("{role}-1"), role: role.to_string() };
    site.input(Input::Operator(OperatorAction {
        person,
        what: Asked::OfAlarm { unit: Some("BX-0".to_owned()), alarm: alarm.to_owned(), request },
        comment: comment.to_owned(),
        confirmed: true.into(),
    }));
    site.run(10);
    let last = site.records().into_iter().rev().find_map(|record| match record.body {
        Body::Action(action) => Some(action.refusal),
        _ => None,
    });
    last.expect("each attempt is on record")
}

fn state_of(site: &Site, alarm: &str) -> IsaState {
    let last = site.records().into_iter().rev().find_map(|record| match record.body {
        Body::Alarm(change) if change.alarm == alarm => Some(change.state),
        _ => None,
    });
    last.unwrap_or(IsaState::Normal)
}

/// A site whose TEMP.HH latches, may be shelved and calls again.
fn site() -> Site {
    let mut file = master_file(2);
    for alarm in &mut file.alarms {
        alarm.latching = alarm.id == "TEMP.HH";
        alarm.comment_required = true;
        alarm.shelve_max_ms = Some(1_800_000);
        alarm.re_alarm_ms = Some(600_000);
    }
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file)));
    site.run(5_000);
    site
}

fn calls(site: &Site) -> usize {
    site.shown.iter().filter(|(_, shown)| shown.priority.is_some()).count()
}

/// Req: LAW-11
#[test]
fn each_role_may_do_what_the_table_says_and_refusals_are_on_record() {
    let mut cases = 0;
    let requests = [
        Request::Acknowledge,
        Request::Reset,
        Request::Shelve { one_shot: false, for_ms: 60_000 },
        Request::Unshelve,
        Request::TakeOutOfService,
        Request::ReturnToService,
    ];
    for role in Role::ALL {
        for request in requests {
            let mut site = site();
            site.devices[0].temperature(HEATED);
            site.run(2_000);
            let refusal = ask(&mut site, role, "TEMP.HH", request, "seen");
            let by_role = refusal.as_ref().is_some_and(|text| text.contains("may not"));
            assert_eq!(by_role, !role.may(request), "{role} {request:?}: {refusal:?}");
            cases += 1;
        }
    }
    println!("roles and requests: {cases} cases");
}

#[test]
fn an_acknowledgement_of_a_critical_alarm_needs_a_comment() {
    let mut site = site();
    site.devices[0].temperature(HEATED);
    site.run(2_000);
    let refusal = ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, " ");
    assert!(refusal.is_some_and(|text| text.contains("needs a comment")));
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Unacknowledged);
}

#[test]
fn a_latched_alarm_stays_until_reset() {
    let mut site = site();
    site.devices[0].temperature(HEATED);
    site.run(2_000);
    site.devices[0].temperature(NORMAL);
    site.run(2_000);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::LatchedUnacknowledged);
    let early = ask(&mut site, Role::Operator, "TEMP.HH", Request::Reset, "");
    assert!(early.is_some(), "not before it was acknowledged");
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen"), None);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::LatchedAcknowledged);
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", Request::Reset, ""), None);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Normal);
}

#[test]
fn shelving_is_limited_ends_by_itself_and_calls_again() {
    let mut site = site();
    site.devices[0].temperature(HEATED);
    site.run(2_000);
    let shelve = |for_ms| Request::Shelve { one_shot: false, for_ms };
    let refused = [(shelve(1_800_001), "too long"), (shelve(0), "none"), (shelve(60_000), "")];
    for (request, reason) in refused {
        assert!(
            ask(&mut site, Role::Operator, "TEMP.HH", request, reason).is_some(),
            "{request:?}"
        );
    }
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", shelve(60_000), "probe out"), None);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Shelved);
    let before = calls(&site);
    site.run(59_000);
    assert_eq!(calls(&site), before + 1, "what it would hide calls: TEMP.H");
    site.run(2_000);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Unacknowledged);
    assert_eq!(calls(&site), before + 2, "back from the shelf it calls");
    let one_shot = Request::Shelve { one_shot: true, for_ms: 600_000 };
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", one_shot, "again"), None);
    site.devices[0].temperature(NORMAL);
    site.run(5_000);
    assert_eq!(
        state_of(&site, "TEMP.HH"),
        IsaState::LatchedUnacknowledged,
        "one-shot ended with it"
    );
}

#[test]
fn an_acknowledged_alarm_that_still_stands_calls_again() {
    let mut site = site();
    site.devices[0].temperature(HEATED);
    site.run(2_000);
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen"), None);
    let before = calls(&site);
    site.run(590_000);
    assert_eq!(calls(&site), before);
    site.run(20_000);
    assert_eq!(calls(&site), before + 1);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Unacknowledged);
}

#[test]
fn out_of_service_is_maintenance_and_judges_on() {
    let mut site = site();
    let take = Request::TakeOutOfService;
    assert!(ask(&mut site, Role::Maintenance, "TEMP.HH", take, "").is_some(), "needs a reason");
    assert_eq!(ask(&mut site, Role::Maintenance, "TEMP.HH", take, "probe changed"), None);
    let before = calls(&site);
    site.devices[0].temperature(HEATED);
    site.run(5_000);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::OutOfService, "it would have alarmed");
    assert_eq!(calls(&site), before);
    let back = Request::ReturnToService;
    assert_eq!(ask(&mut site, Role::Maintenance, "TEMP.HH", back, ""), None);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Unacknowledged);
}

fn restart(site: &mut Site, same_machine_boot: bool) {
    site.restart(same_machine_boot, again_file());
}

fn again_file() -> cellwatch_config::master_file::MasterFile {
    let mut file = master_file(2);
    for alarm in &mut file.alarms {
        alarm.latching = alarm.id == "TEMP.HH";
        alarm.comment_required = true;
        alarm.shelve_max_ms = Some(1_800_000);
        alarm.re_alarm_ms = Some(600_000);
    }
    file
}

/// Req: ALM-02
#[test]
fn each_isa_state_survives_a_restart_and_nothing_is_announced_twice() {
    type Prepare = fn(&mut Site);
    let cases: [(IsaState, Prepare); 8] = [
        (IsaState::Normal, |_| {}),
        (IsaState::Unacknowledged, |site| {
            site.devices[0].temperature(HEATED);
            site.run(2_000);
        }),
        (IsaState::Acknowledged, |site| {
            site.devices[0].temperature(HEATED);
            site.run(2_000);
            ask(site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen");
        }),
        (IsaState::LatchedUnacknowledged, |site| {
            site.devices[0].temperature(HEATED);
            site.run(2_000);
            site.devices[0].temperature(NORMAL);
            site.run(2_000);
        }),
        (IsaState::LatchedAcknowledged, |site| {
            site.devices[0].temperature(HEATED);
            site.run(2_000);
            site.devices[0].temperature(NORMAL);
            site.run(2_000);
            ask(site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen");
        }),
        (IsaState::Shelved, |site| {
            site.devices[0].temperature(HEATED);
            site.run(2_000);
            let shelve = Request::Shelve { one_shot: false, for_ms: 900_000 };
            ask(site, Role::Operator, "TEMP.HH", shelve, "probe out");
        }),
        (IsaState::OutOfService, |site| {
            ask(site, Role::Maintenance, "TEMP.HH", Request::TakeOutOfService, "probe changed");
        }),
        (IsaState::Normal, |site| {
            // An on-delay that runs starts again.
            site.devices[0].temperature(37.7);
            site.run(8_000);
        }),
    ];
    let mut count = 0;
    for (state, prepare) in cases {
        for same_machine_boot in [true, false] {
            let mut site = site();
            prepare(&mut site);
            assert_eq!(state_of(&site, "TEMP.HH"), state);
            restart(&mut site, same_machine_boot);
            site.run(5_000);
            assert_eq!(calls(&site), 0, "{state}: {:?}", site.shown);
            let saved = saved_state(&mut site);
            assert_eq!(saved, state, "same machine boot: {same_machine_boot}");
            site.assert_replays();
            count += 1;
        }
    }
    println!("restart in each state: {count} cases");
}

/// The state as the state record of another start has it.
fn saved_state(site: &mut Site) -> IsaState {
    restart(site, true);
    site.run(100);
    let record = site.records().into_iter().rev().find_map(|record| match record.body {
        Body::State(state) => Some(state),
        _ => None,
    });
    let saved = record.expect("hourly").alarms.into_iter().find(|one| one.alarm == "TEMP.HH");
    let Some(saved) = saved else { return IsaState::Normal };
    let regions = cellwatch_alarm::Regions::from_bits(saved.regions, 0).expect("regions");
    IsaState::ALL[regions.state() as usize]
}

#[test]
fn a_shelving_keeps_the_time_that_was_left() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        site.devices[0].temperature(HEATED);
        site.run(2_000);
        let shelve = Request::Shelve { one_shot: false, for_ms: 600_000 };
        ask(&mut site, Role::Operator, "TEMP.HH", shelve, "probe out");
        site.run(200_000);
        restart(&mut site, same_machine_boot);
        site.run(390_000);
        assert_eq!(calls(&site), 0);
        site.run(20_000);
        assert_eq!(calls(&site), 1, "after the ten minutes in all");
    }
}

/// Req: ALM-02
#[test]
fn what_explains_an_alarm_goes_on_explaining_it_after_a_restart() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        site.devices[0].temperature(HEATED);
        site.run(15_000);
        assert_eq!(state_of(&site, "TEMP.H"), IsaState::SuppressedByDesign);
        let before = site.alarms().len();
        restart(&mut site, same_machine_boot);
        site.run(15_000);
        assert_eq!(site.alarms().len(), before, "nothing is said twice");
        site.devices[0].temperature(37.8);
        site.run(10_000);
        let last = |site: &Site| site.alarms().pop().map(|(_, alarm, what, _)| (alarm, what));
        assert_eq!(last(&site), Some(("TEMP.HH".to_owned(), "returned".to_owned())));
        ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen");
        assert_eq!(last(&site), Some(("TEMP.H".to_owned(), "unsuppressed".to_owned())));
        assert_eq!(calls(&site), 0, "it was seen with the higher level");
        site.assert_replays();
    }
}

#[test]
fn an_explanation_ends_with_the_alarm_that_gave_it() {
    let mut site = site();
    site.devices[0].temperature(HEATED);
    site.run(15_000);
    assert_eq!(state_of(&site, "TEMP.H"), IsaState::SuppressedByDesign);
    let mut without = master_file(3);
    without.alarms.retain(|alarm| alarm.id != "TEMP.HH");
    site.input(Input::MasterFile(offer(without)));
    site.run(1_000);
    assert_eq!(state_of(&site, "TEMP.HH"), IsaState::Normal, "closed");
    assert_eq!(state_of(&site, "TEMP.H"), IsaState::Unacknowledged, "it calls now");
    site.assert_replays();
}

/// Each change of an alarm of the unit as words, with its time in seconds; none of them lies before its excursion began.
fn told(site: &Site, alarm: &str) -> Vec<(String, u64)> {
    let mut told = Vec::new();
    let mut raised = BTreeMap::new();
    for record in site.records() {
        let Body::Alarm(change) = record.body else { continue };
        if change.transition == AlarmTransition::Raised {
            raised.insert(change.alarm.clone(), change.at);
        }
        let began = raised.get(&change.alarm).copied().unwrap_or_default();
        assert!(change.at >= began, "{} {} before it was raised", change.alarm, change.transition);
        if change.alarm == alarm {
            told.push((change.transition.to_string(), change.at.0 / 1_000_000_000));
        }
    }
    told
}

/// Req: ALM-02, ALM-05
#[test]
fn what_was_seen_with_a_higher_level_calls_again_after_its_own_time() {
    for (seen_before, same_machine_boot) in
        [(false, None), (true, None), (false, Some(true)), (true, Some(false))]
    {
        let mut site = site();
        if seen_before {
            // In an excursion before, longer ago than the time to call again.
            site.devices[0].temperature(37.8);
            site.run(15_000);
            assert_eq!(
                ask(&mut site, Role::Operator, "TEMP.H", Request::Acknowledge, "seen"),
                None
            );
            site.devices[0].temperature(NORMAL);
            site.run(700_000);
        }
        site.devices[0].temperature(HEATED);
        site.run(15_000);
        assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen"), None);
        site.devices[0].temperature(37.8);
        site.run(5_000);
        let (last, back) = told(&site, "TEMP.H").pop().expect("it stands");
        assert_eq!(
            (last.as_str(), state_of(&site, "TEMP.H")),
            ("unsuppressed", IsaState::Acknowledged)
        );
        site.run(300_000);
        if let Some(same_machine_boot) = same_machine_boot {
            restart(&mut site, same_machine_boot);
        }
        site.run(290_000);
        assert_eq!(told(&site, "TEMP.H").pop().expect("it stands").0, "unsuppressed", "not yet");
        site.run(10_000);
        assert_eq!(told(&site, "TEMP.H").pop(), Some(("re-alarmed".to_owned(), back + 600)));
        site.assert_replays();
    }
}

#[test]
fn a_time_to_call_again_that_a_new_file_brings_moves_no_phase_alarm() {
    let mut site = Site::judging(1);
    let mut file = master_file(2);
    file.phases[0].max_duration_ms = Some(300_000);
    site.input(Input::MasterFile(offer(file.clone())));
    site.devices[0].phase(1);
    site.devices[0].temperature(HEATED);
    site.run(5_000);
    assert_eq!(ask(&mut site, Role::Operator, "TEMP.HH", Request::Acknowledge, "seen"), None);
    site.run(400_000);
    assert_eq!(told(&site, "PHASE.OVERRUN").len(), 1);
    file.version = 3;
    for alarm in &mut file.alarms {
        alarm.re_alarm_ms = Some(60_000);
    }
    site.input(Input::MasterFile(offer(file)));
    site.run(10_000);
    assert_eq!(told(&site, "TEMP.HH").pop().expect("it stands").0, "re-alarmed");
    assert_eq!(told(&site, "PHASE.OVERRUN").len(), 1, "the phase still lasts too long");
    site.assert_replays();
}

/// Req: ALM-05
#[test]
fn in_a_chain_of_explanations_its_beginning_calls() {
    let mut file = master_file(2);
    for alarm in &mut file.alarms {
        alarm.on_delay_ms = 0;
    }
    // TEMP.HH explains TEMP.H by itself, and that another alarm.
    let mut third = file.alarms[0].clone();
    third.id = "PRESS.H".to_owned();
    third.suppressed_by = vec!["TEMP.H".to_owned()];
    file.alarms.push(third);
    let mut site = Site::judging(1);
    site.input(Input::MasterFile(offer(file)));
    site.run(5_000);
    site.devices[0].temperature(HEATED);
    site.run(30_000);
    let states = ["TEMP.HH", "TEMP.H", "PRESS.H"].map(|alarm| state_of(&site, alarm));
    let suppressed = IsaState::SuppressedByDesign;
    assert_eq!(states, [IsaState::Unacknowledged, suppressed, suppressed]);
    site.assert_replays();
}
