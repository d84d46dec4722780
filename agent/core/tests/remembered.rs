//! Who acknowledged an alarm, what was said of it and since when it calls: over restarts, and whatever is said later.

mod harness;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::door::{Asked, Input};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_core::serve::{AlarmView, View};
use harness::{Site, master_file_with, offer, person};

const ROUTE: &str = r#"
[[route]]
name = "ward"
kind = "e-mail"
to = ["ward@site.example"]
priorities = ["critical", "high", "medium"]
"#;

fn file() -> MasterFile {
    let mut file = master_file_with(1, ROUTE);
    for alarm in &mut file.alarms {
        alarm.shelve_max_ms = Some(7_200_000);
    }
    file
}

fn site() -> Site {
    let mut site = Site::new(1);
    site.connect();
    site.input(Input::MasterFile(offer(file())));
    site.run(5_000);
    site
}

fn seen(site: &mut Site) -> View {
    site.input(Input::Watched(true));
    site.run(600);
    let view = View::clone(&site.views.last().expect("somebody looks").1);
    site.input(Input::Watched(false));
    view
}

fn alarm(site: &mut Site, id: &str) -> AlarmView {
    let view = seen(site);
    let found = view.alarms.into_iter().find(|one| one.id == id);
    found.unwrap_or_else(|| panic!("{id} is seen"))
}

fn of(alarm: &str, request: Request) -> Asked {
    Asked::OfAlarm { unit: Some("BX-0".to_owned()), alarm: alarm.to_owned(), request }
}

/// Req: LAW-11, PAGE-54
#[test]
fn who_acknowledged_stays_known_whatever_is_said_later_and_over_restarts() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        site.devices[0].temperature(39.0);
        site.run(5_000);
        let operator = person(Role::Operator, 1);
        assert_eq!(site.ask(&operator, of("TEMP.HH", Request::Acknowledge), "heater off"), None);
        let first = alarm(&mut site, "TEMP.HH");
        let by = first.acknowledged_by.clone().expect("somebody did");
        assert_eq!((&by.name, &by.role), (&operator.name, &operator.role));
        assert_eq!(first.said.as_ref().map(|said| said.what.as_str()), Some("acknowledge"));
        let mut cases = 2;
        // Through the records since the state record, through the state record of that start, and after hours.
        for hours in [0, 0, 3] {
            site.run(hours * 3_600_000 + 10_000);
            site.restart(same_machine_boot, file());
            site.run(5_000);
            let now = alarm(&mut site, "TEMP.HH");
            assert_eq!(now.acknowledged_by.as_ref(), Some(&by), "{same_machine_boot}");
            assert_eq!(now.said, first.said, "the same word as before the restart");
            cases += 2;
        }
        let viewer = person(Role::Viewer, 2);
        let comment =
            Asked::Comment { unit: Some("BX-0".to_owned()), alarm: Some("TEMP.HH".to_owned()) };
        assert_eq!(site.ask(&viewer, comment, "still warm"), None);
        for _ in 0..3 {
            let now = alarm(&mut site, "TEMP.HH");
            assert_eq!(now.acknowledged_by.as_ref(), Some(&by));
            let said = now.said.expect("the viewer's");
            assert_eq!((said.name.as_str(), said.comment.as_str()), ("viewer-2", "still warm"));
            cases += 2;
            site.restart(same_machine_boot, file());
            site.run(5_000);
        }
        let room = seen(&mut site).of_the_room();
        assert!(room.alarms.iter().all(|one| one.said.is_none() && one.acknowledged_by.is_none()));
        // Another excursion is acknowledged by nobody yet.
        site.devices[0].temperature(37.0);
        site.run(30_000);
        site.devices[0].temperature(39.0);
        site.run(5_000);
        let again = alarm(&mut site, "TEMP.HH");
        assert_eq!((again.acknowledged_by, again.said), (None, None));
        println!("who acknowledged: {} cases", cases + 2);
    }
}

/// Req: PAGE-51, ESC-01
#[test]
fn page_and_message_name_one_deadline_when_an_alarm_calls_again() {
    for restarts in [false, true] {
        let mut site = site();
        site.devices[0].temperature(39.0);
        site.run(5_000);
        let raised = alarm(&mut site, "TEMP.HH");
        assert_eq!(raised.called_ms, raised.raised_ms);
        let operator = person(Role::Operator, 1);
        let shelve = Request::Shelve { one_shot: false, for_ms: 3_600_000 };
        assert_eq!(site.ask(&operator, of("TEMP.HH", shelve), "being looked at"), None);
        site.run(3_700_000);
        if restarts {
            site.restart(true, file());
            site.run(5_000);
        }
        let called = alarm(&mut site, "TEMP.HH");
        assert_eq!(called.state, "UNACK");
        assert_eq!(called.raised_ms, raised.raised_ms);
        let on_the_shelf = called.called_ms - called.raised_ms;
        assert!((3_600_000..3_700_000).contains(&on_the_shelf), "{on_the_shelf}");
        assert_eq!(called.respond_by_ms, Some(called.called_ms + 300_000));
        site.run(400_000);
        let told = site.mails.iter().flat_map(|(_, mail)| &mail.items);
        let mut told =
            told.filter(|item| item.alarm == "TEMP.HH").filter_map(|item| item.respond_by);
        let last = told.next_back().expect("told again").0 / 1_000_000;
        assert!((last - called.called_ms - 300_000).abs() <= 1, "restarts: {restarts}");
    }
    println!("one deadline: 12 cases");
}
