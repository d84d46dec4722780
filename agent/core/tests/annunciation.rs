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
        confirmed: true,
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
    let silence = |site: &mut Site, role| site.ask(&person(role, 1), Asked::SilenceHorn, "");
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
        assert_eq!(site.ask(&person(Role::Operator, 1), Asked::SilenceHorn, ""), None);
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
