use std::collections::BTreeMap;

use cellwatch_config::master_file::{Route, RouteKind};
use cellwatch_model::{Mono, Priority, Utc};
use cellwatch_record::{Body, Event};

use super::machine::{ITEMS_MAX, SPACING_MS};
use super::queue::{AGE_MAX_MS, FIRST_RETRY_MS, LONGEST_RETRY_MS, QUEUE_MAX};
use super::{Call, Escalation, Item, Notification, Said, Stage, fold, fold_called};

/// An attempt: milliseconds, route, alarms with their stage.
type Attempt = (u64, String, Vec<(String, Stage)>);

fn ms(ms: u64) -> Mono {
    Mono(ms * 1_000_000)
}

fn route(name: &str, priorities: &[Priority], escalate_after_ms: Option<u64>) -> Route {
    Route {
        name: name.to_owned(),
        kind: RouteKind::EMail,
        to: vec![format!("{name}@example.org")],
        priorities: priorities.to_vec(),
        escalate_after_ms,
    }
}

fn call(alarm: &str, priority: Priority, occurrence: u32, called_ms: u64) -> Call {
    let item = Item {
        unit: Some("BX-1".to_owned()),
        name: "bag, left".to_owned(),
        alarm: alarm.to_owned(),
        occurrence,
        stage: Stage::Called,
        source: "TEMP.PV".to_owned(),
        priority,
        value: Some(38.4),
        limit: None,
        unit_of_measure: "°C".to_owned(),
        since: Utc(5),
        respond_by: Some(Utc(9)),
        response: "Look.".to_owned(),
    };
    Call { item, called: ms(called_ms), time_to_respond_ms: Some(600_000) }
}

fn event(said: &Said, at: Mono) -> Option<Event> {
    let body: Body = said.event(at)?.into();
    if let Body::Event(event) = body { Some(event) } else { panic!("{body:?}") }
}

fn machine() -> Escalation {
    let mut machine = Escalation::default();
    machine.routes(&[
        route("ward", &[Priority::Critical, Priority::High], None),
        route("on-call", &[Priority::Critical], Some(120_000)),
    ]);
    machine
}

/// Lets time pass; every attempt has this outcome at once. Gives (milliseconds, route, alarms with their stage).
fn run(machine: &mut Escalation, until_ms: u64, outcome: &Result<(), String>) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    while let Some(due) = machine.next_deadline().filter(|due| *due <= ms(until_ms)) {
        for said in machine.elapse(due) {
            if let Said::Attempt(Notification { id, route, items, .. }) = said {
                let items = items.into_iter().map(|item| (item.alarm, item.stage)).collect();
                attempts.push((due.0 / 1_000_000, route, items));
                machine.notified(id, outcome.clone(), due);
            }
        }
    }
    attempts
}

fn names(attempts: &[Attempt]) -> Vec<(u64, &str, Stage)> {
    attempts.iter().map(|(at, route, items)| (*at, route.as_str(), items[0].1)).collect()
}

// Req: ESC-01
#[test]
fn a_route_is_told_when_it_calls_and_again_when_nobody_answers() {
    let mut machine = machine();
    machine.calls(call("TEMP.HH", Priority::Critical, 1, 0), true);
    let attempts = run(&mut machine, 3_600_000, &Ok(()));
    let expected = [
        (5_000, "ward", Stage::Called),
        (125_000, "on-call", Stage::Called),
        (605_000, "on-call", Stage::Unanswered),
        (605_000, "ward", Stage::Unanswered),
    ];
    assert_eq!(names(&attempts), expected);
    machine.calls(call("PH.H", Priority::High, 1, 4_000_000), true);
    machine.calls(call("PH.L", Priority::Low, 1, 4_000_000), true);
    let attempts = run(&mut machine, 4_100_000, &Ok(()));
    assert_eq!(names(&attempts), [(4_005_000, "ward", Stage::Called)], "by priority");
    println!("routes: 2 cases");
}

// Req: ESC-01
#[test]
fn whoever_acknowledges_in_time_spares_the_others() {
    let mut machine = machine();
    machine.calls(call("TEMP.HH", Priority::Critical, 1, 0), true);
    machine.ends(Some("BX-1"), "TEMP.HH");
    assert_eq!(run(&mut machine, 3_600_000, &Ok(())), [], "acknowledged before anything went out");
    machine.calls(call("TEMP.HH", Priority::Critical, 2, 4_000_000), true);
    run(&mut machine, 4_060_000, &Ok(()));
    machine.ends(Some("BX-1"), "TEMP.HH");
    assert_eq!(run(&mut machine, 9_000_000, &Ok(())), [], "on-call sleeps on");
    // It calls anew: told anew.
    machine.calls(call("TEMP.HH", Priority::Critical, 2, 9_000_000), true);
    assert_eq!(run(&mut machine, 9_100_000, &Ok(())).len(), 1);
    println!("acknowledged: 3 cases");
}

// Req: ESC-02
#[test]
fn a_flood_is_one_message_and_what_follows_is_the_next_a_minute_later() {
    let mut machine = machine();
    for number in 0..50 {
        machine.calls(call(&format!("A-{number:02}"), Priority::High, 1, number * 50), true);
    }
    machine.calls(call("WORST", Priority::Critical, 1, 2_600), true);
    let attempts = run(&mut machine, 60_000, &Ok(()));
    assert_eq!(attempts.len(), 1, "one message: {attempts:?}");
    assert_eq!(attempts[0].2.len(), ITEMS_MAX);
    assert_eq!(attempts[0].2[0].0, "WORST", "the most urgent first");
    machine.calls(call("LATER", Priority::High, 1, 61_000), true);
    let next = run(&mut machine, 120_000, &Ok(()));
    assert_eq!(next.iter().filter(|(_, route, _)| route == "ward").count(), 1);
    assert!(next[0].0 >= attempts[0].0 + SPACING_MS, "{next:?}");
    println!("flood: 5 cases");
}

// Req: ESC-03
#[test]
fn a_server_that_is_away_is_tried_with_growing_pauses_until_the_message_is_a_day_old() {
    let mut machine = machine();
    machine.calls(call("PH.H", Priority::High, 1, 0), true);
    let down = Err("connection refused".to_owned());
    let attempts = run(&mut machine, 500_000, &down);
    let times: Vec<u64> = attempts.iter().map(|(at, ..)| *at).collect();
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses, [FIRST_RETRY_MS, 60_000, 120_000, 240_000]);
    assert!(machine.is_failing());
    let attempts = run(&mut machine, AGE_MAX_MS - 2 * LONGEST_RETRY_MS, &down);
    let longest = attempts.windows(2).map(|pair| pair[1].0 - pair[0].0).max();
    assert!(longest.is_some_and(|longest| longest <= LONGEST_RETRY_MS));
    // Back again: both messages arrive, the unanswered one too.
    let attempts = run(&mut machine, AGE_MAX_MS, &Ok(()));
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    assert!(!machine.is_failing());
    machine.calls(call("PH.H", Priority::High, 2, AGE_MAX_MS), true);
    run(&mut machine, 3 * AGE_MAX_MS, &down);
    assert_eq!(machine.next_deadline(), None, "given up after a day");
    println!("server away: 6 cases");
}

// Req: ESC-03, LAW-10
#[test]
fn the_queue_is_bounded_and_says_what_it_gave_up() {
    let mut machine = machine();
    let mut given_up = 0;
    for _ in 0..QUEUE_MAX + 3 {
        let said = machine.test("ward", ms(0)).expect("a route");
        given_up += said.iter().filter(|one| matches!(one, Said::GivenUp(..))).count();
    }
    assert_eq!(given_up, 3);
    assert!(machine.test("nobody", ms(0)).expect_err("unknown").contains("ward, on-call"));
    println!("queue: 2 cases");
}

// Req: ESC-02, ESC-03
#[test]
fn a_flood_is_told_once_although_not_every_alarm_of_it_is_listed() {
    let mut machine = machine();
    let flood = || (0..50).map(|number| call(&format!("A-{number:02}"), Priority::High, 1, 0));
    flood().for_each(|call| machine.calls(call, true));
    let mut folded = BTreeMap::new();
    machine.save(&mut folded);
    while let Some(due) = machine.next_deadline().filter(|due| *due <= ms(10_000)) {
        for said in machine.elapse(due) {
            event(&said, due).iter().for_each(|record| fold(&mut folded, record));
            if let Said::Attempt(message) = said {
                let said = machine.notified(message.id, Ok(()), due).expect("known");
                event(&said, due).iter().for_each(|record| fold(&mut folded, record));
            }
        }
    }
    // Killed before the next state record: what it told is in its records.
    let mut again = Escalation::default();
    again.restore(&folded, ms(0));
    again.routes(&machine.routes);
    flood().for_each(|call| again.calls(call, false));
    assert_eq!(run(&mut again, 100_000, &Ok(())), [], "nobody is told twice");
    let unanswered = run(&mut again, 700_000, &Ok(()));
    assert_eq!(unanswered.len(), 1, "all of them again when nobody answers: {unanswered:?}");
    println!("a flood and a restart: 2 cases");
}

// Req: ESC-03
#[test]
fn a_restart_sends_what_waited_and_tells_nobody_twice() {
    let mut machine = machine();
    let down = Err("away".to_owned());
    machine.calls(call("TEMP.HH", Priority::Critical, 1, 0), true);
    machine.calls(call("PH.H", Priority::High, 1, 0), true);
    let mut state = BTreeMap::new();
    machine.save(&mut state);
    // What happens after the state record is folded from the records.
    let mut folded = state.clone();
    let mut records: Vec<Event> = Vec::new();
    while let Some(due) = machine.next_deadline().filter(|due| *due <= ms(10_000)) {
        for said in machine.elapse(due) {
            records.extend(event(&said, due));
            if let Said::Attempt(message) = said {
                let said = machine.notified(message.id, down.clone(), due).expect("known");
                records.extend(event(&said, due));
            }
        }
    }
    for record in &records {
        fold(&mut folded, record);
    }
    let mut saved = BTreeMap::new();
    machine.save(&mut saved);
    for details in [folded, saved] {
        let mut again = Escalation::default();
        again.restore(&details, ms(0));
        again.routes(&machine.routes);
        again.calls(call("TEMP.HH", Priority::Critical, 1, 0), false);
        again.calls(call("PH.H", Priority::High, 1, 0), false);
        let attempts = run(&mut again, 60_000, &Ok(()));
        assert_eq!(attempts.len(), 1, "what waited, once: {attempts:?}");
        assert_eq!(attempts[0].2.len(), 2);
        // The on-call route was not told yet, and still is.
        assert_eq!(
            names(&run(&mut again, 130_000, &Ok(()))),
            [(125_000, "on-call", Stage::Called)]
        );
        let mut anew = details.clone();
        fold_called(&mut anew, Some("BX-1"), "PH.H");
        assert_ne!(anew, details, "called anew is told anew");
    }
    println!("restart: 8 cases");
}
