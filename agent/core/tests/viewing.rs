//! What people see, and who may do what.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod harness;

use cellwatch_core::NOT_CONFIRMED;
use cellwatch_core::door::{AccountStep, Asked, Confirmed, Input, OperatorAction};
use cellwatch_core::evaluate::{Duty, Request, Role};
use cellwatch_core::serve::View;
use cellwatch_record::Body;
use harness::{Site, person};

fn newest(site: &Site) -> &View {
    &site.views.last().expect("somebody looks").1
}

// Req: LAW-06, PAGE-01
#[test]
fn views_come_while_somebody_looks_and_at_once_when_an_alarm_changes() {
    let mut site = Site::judging(1);
    site.run(2_000);
    assert!(site.views.is_empty(), "nobody looks");
    site.input(Input::Watched(true));
    site.run(1);
    assert_eq!(site.views.len(), 1, "the present, at once");
    let before = site.views.len();
    site.run(10_000);
    let calm = site.views.len() - before;
    assert!((18..=22).contains(&calm), "one each half second: {calm}");
    assert_eq!(newest(&site).urgent, None);
    assert_eq!(newest(&site).units[0].state, "normal");

    site.devices[0].temperature(39.0);
    let raised = loop {
        site.run(1);
        let seen = newest(&site).urgent.is_some();
        let recorded = site.said().iter().any(|said| said.starts_with("TEMP.HH raised"));
        if recorded {
            assert!(seen, "seen as soon as it is raised, before it is on disk");
            break site.now_ms;
        }
        assert!(site.now_ms < 60_000, "it is raised");
    };
    let view = newest(&site);
    assert_eq!(view.units[0].state, "unanswered");
    let alarm = &view.alarms[0];
    assert_eq!((alarm.id.as_str(), alarm.state), ("TEMP.HH", "UNACK"));
    assert!(!alarm.response.is_empty() && alarm.respond_by_ms > Some(alarm.raised_ms));
    assert!(
        alarm.can.contains(&"acknowledge") && alarm.can.contains(&"comment"),
        "{:?}",
        alarm.can
    );
    assert!(raised > 0);

    site.input(Input::Watched(false));
    let before = site.views.len();
    site.run(5_000);
    assert_eq!(site.views.len(), before, "nobody looks any more");
    println!("views: 9 cases");
}

// Req: ACC-05, LAW-11
#[test]
fn a_critical_alarm_is_acknowledged_by_someone_who_has_just_proved_who_they_are() {
    let mut site = Site::judging(1);
    site.input(Input::Watched(true));
    site.devices[0].temperature(39.0);
    site.run(5_000);
    let operator = person(Role::Operator, 1);
    let unit = newest(&site).alarms[0].unit.clone();
    let ask = |site: &mut Site, who: Role, confirmed: bool, comment: &str| {
        let what = Asked::OfAlarm {
            unit: unit.clone(),
            alarm: "TEMP.HH".to_owned(),
            request: Request::Acknowledge,
        };
        let (person, comment) = (person(who, 1), comment.to_owned());
        site.input(Input::Operator(OperatorAction {
            person,
            what,
            comment,
            confirmed: confirmed.into(),
        }));
        site.run(10);
        let last = site.records().into_iter().rev().find_map(|record| match record.body {
            Body::Action(action) => Some(action.refusal),
            _ => None,
        });
        last.unwrap()
    };
    let refusal = ask(&mut site, Role::Viewer, false, "seen").unwrap();
    assert!(refusal.contains("viewer"), "the role is asked first: {refusal}");
    let refusal = ask(&mut site, Role::Operator, true, " ").unwrap();
    assert!(refusal.contains("needs a comment"), "{refusal}");
    let refusal = ask(&mut site, Role::Operator, false, "seen").unwrap();
    assert!(refusal.ends_with(NOT_CONFIRMED), "{refusal}");
    assert!(newest(&site).alarms[0].confirm);
    assert_eq!(ask(&mut site, Role::Operator, true, "heater off"), None);
    site.run(100);
    let view = newest(&site);
    let said = view.alarms.iter().find(|one| one.id == "TEMP.HH").unwrap().said.clone().unwrap();
    assert_eq!((said.name, said.comment.as_str()), (operator.name, "heater off"));

    // The room is told of the alarm, and of nobody.
    let room = view.of_the_room();
    assert_eq!(room.alarms.len(), view.alarms.len());
    assert!(room.alarms.iter().all(|alarm| alarm.said.is_none()));
    assert!(room.units.iter().all(|unit| unit.batch.is_none() && unit.results.is_empty()));
    assert_eq!((room.system.journal, room.system.master_file), (None, None));
    println!("critical alarms: 9 cases");
}

/// The table of roles, word for word.
// Req: ACC-01
#[test]
fn who_may_do_what() {
    let shelve = Request::Shelve { one_shot: true, for_ms: 1 };
    let duties = [
        (Duty::LogIn, "vosmq"),
        (Duty::ReadTrail, "vosmq"),
        (Duty::Comment, "vosmq"),
        (Duty::LeadBatch, "os"),
        (Duty::SkipPhase, "s"),
        (Duty::EnterResults, "os"),
        (Duty::Review, "q"),
        (Duty::HandleAnnunciation, "osm"),
        (Duty::ManageAccounts, "a"),
    ];
    let requests = [
        (Request::Acknowledge, "os"),
        (Request::Reset, "os"),
        (shelve, "os"),
        (Request::Unshelve, "os"),
        (Request::TakeOutOfService, "m"),
        (Request::ReturnToService, "m"),
    ];
    let roles = Role::ALL.into_iter().chain([Role::Administrator]);
    let mut cases = 0;
    for role in roles {
        let letter = &role.word()[..1];
        for (duty, who) in duties {
            assert_eq!(role.has(duty), who.contains(letter), "{role} {duty:?}");
            cases += 1;
        }
        for (request, who) in requests {
            assert_eq!(role.may(request), who.contains(letter), "{role} {request:?}");
            cases += 1;
        }
        assert_eq!(Role::from_word(role.word()), Some(role));
    }
    assert!(Role::Administrator.may_do().is_empty());
    println!("roles: {cases} cases");
}

/// Comments, reviews and accounts: what is refused, and that everything is on record.
// Req: ACC-01, ACC-06, LAW-11
#[test]
fn actions_that_judge_nothing_are_on_record() {
    let mut site = Site::judging(1);
    let account = |step, refused: Option<&str>| Asked::Account {
        step,
        account: "maria".to_owned(),
        old: None,
        new: None,
        refused: refused.map(str::to_owned),
    };
    let comment = |unit: Option<&str>, alarm: Option<&str>| Asked::Comment {
        unit: unit.map(str::to_owned),
        alarm: alarm.map(str::to_owned),
    };
    let unit = site.setup.units[0].id.clone();
    let review = |first_seq, last_seq| Asked::Review {
        unit: None,
        batch: None,
        first_seq,
        last_seq,
        only: String::new(),
    };
    let cases: [(Role, Asked, &str, bool); 15] = [
        (Role::Viewer, comment(Some(&unit), None), "quiet", true),
        (Role::Viewer, comment(Some(&unit), Some("TEMP.HH")), "quiet", true),
        (Role::Viewer, comment(None, Some("AGENT.BROKER")), "quiet", true),
        (Role::Viewer, comment(Some(&unit), None), "  ", false),
        (Role::Viewer, comment(Some("BX-99"), None), "quiet", false),
        (Role::Viewer, comment(Some(&unit), Some("NO.SUCH")), "quiet", false),
        (Role::Viewer, comment(None, None), "quiet", false),
        (Role::Quality, review(1, 2), "read", true),
        (Role::Quality, review(2, 1), "read", false),
        (Role::Quality, review(1, 1_000_000), "read", false),
        (Role::Quality, review(1, 2), "", false),
        (Role::Supervisor, review(1, 2), "read", false),
        (Role::Operator, account(AccountStep::LogIn, None), "", true),
        (Role::Operator, account(AccountStep::LogIn, Some("the password is wrong")), "", false),
        (Role::Supervisor, account(AccountStep::Add, None), "a new nurse", false),
    ];
    let count = cases.len();
    for (role, asked, words, done) in cases {
        let refusal = site.ask(&person(role, 1), asked.clone(), words);
        assert_eq!(refusal.is_none(), done, "{role} {asked:?}: {refusal:?}");
    }
    let administrator = person(Role::Administrator, 1);
    assert_eq!(site.ask(&administrator, account(AccountStep::Add, None), "a new nurse"), None);
    assert!(site.ask(&administrator, account(AccountStep::Add, None), "").is_some(), "why?");
    assert!(site.ask(&administrator, comment(Some(&unit), None), "quiet").is_some());
    println!("actions: {} cases", count + 3);
}

/// What the shell refuses is on record with why, and so is how many attempts there were before.
// Req: ACC-05, ACC-06
#[test]
fn a_wrong_password_is_on_record_as_one() {
    let mut site = Site::judging(1);
    site.devices[0].temperature(39.0);
    site.run(5_000);
    let mut ask = |role: Role, what: Asked, confirmed: Confirmed| {
        let (person, comment) = (person(role, 1), "seen".to_owned());
        site.input(Input::Operator(OperatorAction { person, what, comment, confirmed }));
        site.run(10);
        let last = site.records().into_iter().rev().find_map(|record| match record.body {
            Body::Action(action) => Some(action),
            _ => None,
        });
        last.unwrap()
    };
    let acknowledge = || Asked::OfAlarm {
        unit: Some("BX-0".to_owned()),
        alarm: "TEMP.HH".to_owned(),
        request: Request::Acknowledge,
    };
    let wrong = || Confirmed::Refused("the password is wrong".to_owned());
    let refused = ask(Role::Operator, acknowledge(), wrong());
    assert_eq!(refused.refusal.as_deref(), Some("the password is wrong"));
    let refused = ask(Role::Viewer, acknowledge(), wrong());
    assert!(refused.refusal.is_some_and(|why| why.contains("viewer")), "the role is asked first");
    // A batch that nobody knows may be anything: its name is repeated nowhere.
    let review = |batch: &str| Asked::Review {
        unit: None,
        batch: Some(batch.to_owned()),
        first_seq: 1,
        last_seq: 2,
        only: "of kind \"alarm\"".to_owned(),
    };
    let refused = ask(
        Role::Quality,
        review("Maria Gomez"),
        Confirmed::Refused("the journal knows no such batch".to_owned()),
    );
    assert_eq!((refused.target.as_str(), refused.refusal.is_some()), ("trail", true));
    let done = ask(Role::Quality, review("B-1"), Confirmed::No);
    assert_eq!(done.new.as_deref(), Some("seq 1 to 2, only of kind \"alarm\""));
    assert_eq!((done.target.as_str(), done.refusal), ("B-1", None));
    let done = ask(Role::Operator, acknowledge(), Confirmed::Yes { refused_before: 3 });
    assert_eq!(done.refusal, None);
    assert_eq!(done.old.as_deref(), Some("3 attempts were refused before while locked"));
    println!("refused outside: 6 cases");
}
