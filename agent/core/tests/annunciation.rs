//! Stack lights and horns through the core's door, in virtual time.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of record")]

mod harness;

use cellwatch_config::site::Lamp;
use cellwatch_core::door::{AnnunciatorSetup, Asked, Input, Setup};
use cellwatch_core::evaluate::{Request, Role};
use harness::people::person;
use harness::{Behaviour, Site, master_file, offer, setup};

const RED: usize = 0;
const GREEN: usize = 1;
const HORN: usize = 2;

fn light(id: &str, units: &[&str]) -> AnnunciatorSetup {
    AnnunciatorSetup {
        id: id.to_owned(),
        lamps: vec![Lamp::Red, Lamp::Green, Lamp::Horn],
        units: units.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn silence_all() -> Asked {
    Asked::SilenceHorn { annunciator: None }
}

/// One light for all units, one for the second unit only.
fn site() -> Site {
    let lights = vec![light("all", &[]), light("second", &["BX-1"])];
    let mut site = Site::of(Setup { annunciators: lights, ..setup(2) });
    site.connect();
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(20_000);
    site
}

fn lit(site: &Site, light: usize) -> Vec<bool> {
    let last = site.lights.iter().rfind(|(_, one, _)| *one == light);
    last.expect("it is written").2.clone()
}

fn acknowledge(site: &mut Site, alarm: &str) -> Option<String> {
    let (unit, alarm) = (Some("BX-0".to_owned()), alarm.to_owned());
    let asked = Asked::OfAlarm { unit, alarm, request: Request::Acknowledge };
    site.ask(&person(Role::Operator, 1), asked, "seen")
}

/// Req: ANN-01, LAW-06
#[test]
fn an_alarm_sounds_with_no_network_and_no_disk_until_somebody_acknowledges_it() {
    let mut site = site();
    assert_eq!(lit(&site, 0), [false, true, false], "calm is green");
    site.disconnect();
    site.commit_ms = 3_600_000;
    site.devices[0].temperature(39.0);
    site.run(20_000);
    let raised = site.shown.iter().find(|(_, shown)| shown.text.contains("TEMP.HH raised"));
    let raised = raised.expect("people see it").0;
    let first =
        site.lights.iter().find(|(at, one, coils)| *at >= raised && *one == 0 && coils[HORN]);
    assert_eq!(first.expect("it sounds").0, raised, "at once");
    assert!(!lit(&site, 0)[GREEN]);
    // The broker that is away is the agent's own trouble and is shown everywhere; the unit's alarm is not.
    assert!(!lit(&site, 1)[HORN] && !lit(&site, 1)[RED]);
    site.commit_ms = 3;
    let unit = Some("BX-0".to_owned());
    let asked = Asked::OfAlarm { unit, alarm: "TEMP.HH".to_owned(), request: Request::Acknowledge };
    let action = cellwatch_core::door::OperatorAction {
        person: person(Role::Operator, 1),
        what: asked,
        comment: "seen".to_owned(),
        confirmed: true.into(),
    };
    site.input(Input::Operator(action));
    site.run(600);
    let shown = lit(&site, 0);
    assert!(shown[RED] && !shown[HORN], "seen and still standing: {shown:?}");
    println!("annunciation: 7 cases");
}

/// Req: ANN-02, LAW-11
#[test]
fn silence_lasts_until_something_calls_again_and_acknowledges_nothing() {
    let mut site = site();
    let silence = |site: &mut Site, role| site.ask(&person(role, 1), silence_all(), "");
    assert!(silence(&mut site, Role::Operator).is_some(), "nothing sounds");
    site.devices[0].temperature(37.6);
    site.run(40_000);
    assert!(lit(&site, 0)[HORN]);
    assert!(silence(&mut site, Role::Viewer).is_some_and(|reason| reason.contains("viewer")));
    assert_eq!(silence(&mut site, Role::Operator), None);
    site.run(5_000);
    assert!(!lit(&site, 0)[HORN], "silent");
    assert!(site.agent_said().iter().all(|said| !said.contains("acknowledged")));
    site.devices[0].temperature(39.0);
    site.run(10_000);
    assert!(lit(&site, 0)[HORN], "something new calls");
    assert_eq!(acknowledge(&mut site, "TEMP.HH"), None);
    site.run(1_000);
    assert!(!lit(&site, 0)[HORN]);
    site.assert_replays();
    println!("silence: 7 cases");
}

/// Req: ANN-02
#[test]
fn a_restart_neither_forgets_the_silence_nor_the_alarm() {
    for same_machine_boot in [true, false] {
        let mut site = site();
        site.devices[0].temperature(39.0);
        site.run(20_000);
        assert_eq!(site.ask(&person(Role::Operator, 1), silence_all(), ""), None);
        site.run(1_000);
        site.lights.clear();
        site.restart(same_machine_boot, master_file(1));
        site.run(30_000);
        assert!(site.lights.iter().all(|(_, _, coils)| !coils[HORN]), "silent still");
        let seen: Vec<_> = site.lights.iter().filter(|(_, one, _)| *one == 0).collect();
        assert!(seen.iter().any(|(_, _, coils)| coils[RED] && !coils[GREEN]), "{seen:?}");
        // And from the state record that the restart wrote.
        site.restart(same_machine_boot, master_file(1));
        site.run(5_000);
        assert!(site.lights.iter().all(|(_, _, coils)| !coils[HORN]), "silent still");
    }
    println!("annunciation after a restart: 6 cases");
}

/// Req: ANN-03
#[test]
fn a_lost_annunciator_is_an_alarm_and_comes_back_by_itself() {
    let mut site = site();
    site.light_fails = Some("no answer within 1000 ms".to_owned());
    site.run(20_000);
    assert!(site.agent_said().contains(&"AGENT.ANNUNCIATOR raised".to_owned()));
    let tries = site.lights.len();
    site.light_fails = None;
    site.run(20_000);
    assert!(site.lights.len() > tries);
    assert!(site.agent_said().contains(&"AGENT.ANNUNCIATOR returned".to_owned()));
    println!("lost annunciator: 3 cases");
}

/// Req: ANN-01, LAW-02
#[test]
fn a_silent_device_is_not_green() {
    let mut site = site();
    site.devices[0].behaviour = Behaviour::Silent;
    site.run(60_000);
    assert!(!lit(&site, 0)[GREEN]);
    site.input(Input::Stop);
    assert_eq!(lit(&site, 0), [false; 3], "nobody watches any more");
    assert_eq!(lit(&site, 1), [false; 3]);
    println!("silence and the end: 3 cases");
}

/// Req: ANN-04, LAW-11
#[test]
fn the_page_sees_what_the_light_shows_and_who_silenced_the_horn() {
    let mut site = site();
    let seen = |site: &mut Site| {
        site.input(Input::Watched(true));
        site.run(600);
        site.views.last().expect("somebody looks").1.clone()
    };
    let words = |view: &cellwatch_core::serve::View| {
        let lights = view.annunciation.lights.iter();
        lights
            .map(|light| light.lamps.iter().map(|one| one.lit).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let calm = seen(&mut site);
    assert_eq!((calm.annunciation.horn, calm.annunciation.silenced.as_ref()), ("silent", None));
    assert_eq!(words(&calm)[0], ["off", "on", "off"]);
    assert_eq!(calm.annunciation.lights[1].units, ["BX-1"]);
    assert!(calm.annunciation.lights.iter().all(|light| light.answers == Some(true)));

    site.devices[0].temperature(39.0);
    site.run(20_000);
    let called = seen(&mut site);
    assert_eq!(called.annunciation.horn, "sounding");
    assert_eq!(words(&called), [["flashing", "off", "on"], ["off", "on", "off"]]);

    let operator = person(Role::Operator, 1);
    assert_eq!(site.ask(&operator, silence_all(), ""), None);
    for same_machine_boot in [true, false] {
        let silenced = seen(&mut site);
        assert_eq!(silenced.annunciation.horn, "silenced");
        let by = silenced.annunciation.silenced.clone().expect("somebody did").by;
        assert_eq!((by.name, by.role), (operator.name.clone(), operator.role.clone()));
        let room = silenced.of_the_room().annunciation;
        assert_eq!((room.horn, room.silenced), ("silenced", None), "the room is told of nobody");
        site.restart(same_machine_boot, master_file(1));
        site.run(5_000);
    }

    assert_eq!(site.ask(&operator, Asked::TestAnnunciators, ""), None);
    let tested = seen(&mut site);
    assert_eq!(tested.annunciation.horn, "tested");
    assert!(tested.annunciation.lights.iter().all(|light| light.tested));
    site.light_fails = Some("no answer within 1000 ms".to_owned());
    site.run(20_000);
    let lost = seen(&mut site);
    assert_eq!(lost.annunciation.lights[0].answers, Some(false));
    assert_eq!(lost.annunciation.lights[0].trouble.as_deref(), Some("no answer within 1000 ms"));
    let words = "A stack light or horn does not answer";
    assert!(lost.system.problems.iter().any(|one| one.text.starts_with(words)));

    // A light without a horn can be silenced by nobody.
    let lights = vec![AnnunciatorSetup { lamps: vec![Lamp::Red], ..light("mute", &[]) }];
    let mut mute = Site::of(Setup { annunciators: lights, ..setup(1) });
    mute.run(1_000);
    assert_eq!(seen(&mut mute).annunciation.horn, "none");
    let refused = mute.ask(&operator, silence_all(), "").expect("refused");
    assert!(refused.contains("has a horn"), "{refused}");
    println!("annunciation on the page: 17 cases");
}
