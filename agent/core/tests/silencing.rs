//! Silence holds for what calls, at one horn, and not for ever.

mod harness;

use cellwatch_config::site::Lamp;
use cellwatch_core::door::{AnnunciatorSetup, Asked, Input, Setup};
use cellwatch_core::evaluate::{Request, Role};
use cellwatch_core::serve::View;
use harness::{Site, master_file, offer, person, setup};

const HORN: usize = 1;
const LEFT: usize = 0;
const RIGHT: usize = 1;

/// Two units in two rooms, each with a light of its own.
fn site() -> Site {
    let light = |id: &str, unit: &str| AnnunciatorSetup {
        id: id.to_owned(),
        lamps: vec![Lamp::Red, Lamp::Horn],
        units: vec![unit.to_owned()],
    };
    let annunciators = vec![light("left", "BX-0"), light("right", "BX-1")];
    let mut site = Site::of(Setup { annunciators, ..setup(2) });
    site.connect();
    site.input(Input::MasterFile(offer(master_file(1))));
    site.run(20_000);
    site
}

fn sounds(site: &Site, light: usize) -> bool {
    let last = site.lights.iter().rfind(|(_, one, _)| *one == light);
    last.expect("it is written").2[HORN]
}

fn silence(site: &mut Site, annunciator: Option<&str>) -> Option<String> {
    let asked = Asked::SilenceHorn { annunciator: annunciator.map(str::to_owned) };
    let refusal = site.ask(&person(Role::Operator, 1), asked, "");
    site.run(100);
    refusal
}

fn seen(site: &mut Site) -> View {
    site.input(Input::Watched(true));
    site.run(600);
    View::clone(&site.views.last().expect("somebody looks").1)
}

/// Req: ANN-02
#[test]
fn a_press_in_one_room_leaves_the_horn_of_the_other_alone() {
    for restarts in [None, Some(true), Some(false)] {
        let mut site = site();
        site.devices[0].temperature(39.0);
        site.devices[1].temperature(39.0);
        site.run(10_000);
        assert!(sounds(&site, LEFT) && sounds(&site, RIGHT));
        assert!(silence(&mut site, Some("attic")).is_some_and(|why| why.contains("left, right")));
        assert_eq!(silence(&mut site, Some("left")), None);
        if let Some(same_machine_boot) = restarts {
            // From the records, and from the state record of the start before.
            for _ in 0..2 {
                site.restart(same_machine_boot, master_file(1));
                site.run(10_000);
            }
        }
        assert!(!sounds(&site, LEFT) && sounds(&site, RIGHT), "{restarts:?}");
        assert_eq!(seen(&mut site).annunciation.horn, "sounding");
        assert!(silence(&mut site, Some("left")).is_some_and(|why| why.contains("already")));
        assert_eq!(silence(&mut site, None), None, "all that sounds");
        assert!(!sounds(&site, LEFT) && !sounds(&site, RIGHT));
        let view = seen(&mut site);
        assert_eq!(view.annunciation.horn, "silenced");
        let again = view.annunciation.silenced.expect("somebody did").until_ms;
        let due = view.alarms.iter().filter_map(|alarm| alarm.respond_by_ms).min();
        assert_eq!(again, due, "it says when it calls again");
    }
    println!("two rooms: 27 cases");
}

/// Req: ANN-02
#[test]
fn what_nobody_acknowledged_in_time_sounds_again() {
    for restarts in [None, Some(true), Some(false)] {
        let mut site = site();
        site.devices[0].temperature(39.0);
        site.devices[1].temperature(39.0);
        site.run(10_000);
        assert_eq!(silence(&mut site, None), None);
        let respond_by = seen(&mut site).alarms[0].respond_by_ms.expect("nobody has answered");
        site.input(Input::Watched(false));
        let acknowledge = Asked::OfAlarm {
            unit: Some("BX-1".to_owned()),
            alarm: "TEMP.HH".to_owned(),
            request: Request::Acknowledge,
        };
        assert_eq!(site.ask(&person(Role::Operator, 1), acknowledge, "heater off"), None);
        if let Some(same_machine_boot) = restarts {
            for _ in 0..2 {
                site.restart(same_machine_boot, master_file(1));
                site.run(10_000);
            }
        }
        assert!(!sounds(&site, LEFT), "{restarts:?}");
        site.lights.clear();
        site.run(400_000);
        let first = site.lights.iter().find(|(_, light, coils)| *light == LEFT && coils[HORN]);
        let at = i64::try_from(first.expect("it sounds again").0).expect("a time");
        let late = at + harness::EPOCH_NS / 1_000_000 - respond_by;
        assert!((-1..1_500).contains(&late), "{restarts:?}: {late} ms after the time to respond");
        assert!(site.lights.iter().all(|(_, light, coils)| *light == LEFT || !coils[HORN]));
        // A second press gives as long again, and no longer.
        assert_eq!(silence(&mut site, None), None);
        site.run(290_000);
        assert!(!sounds(&site, LEFT));
        site.run(20_000);
        assert!(sounds(&site, LEFT), "nobody has acknowledged it");
    }
    println!("silence and the time to respond: 24 cases");
}

/// Req: ANN-02
#[test]
fn only_what_called_is_silent() {
    let mut site = site();
    site.devices[0].temperature(37.6);
    site.run(20_000);
    assert_eq!(silence(&mut site, None), None);
    site.devices[0].temperature(39.0);
    site.run(5_000);
    assert!(sounds(&site, LEFT), "a new alarm sounds");
    let acknowledge = Asked::OfAlarm {
        unit: Some("BX-0".to_owned()),
        alarm: "TEMP.HH".to_owned(),
        request: Request::Acknowledge,
    };
    assert_eq!(site.ask(&person(Role::Operator, 1), acknowledge, "heater off"), None);
    site.run(1_000);
    assert!(!sounds(&site, LEFT));
    site.assert_replays();
    println!("a new alarm: 3 cases");
}

/// Req: ANN-02
#[test]
fn it_says_when_a_horn_sounds_again_not_when_something_silent_is_late() {
    for restarts in [None, Some(true), Some(false)] {
        let mut site = site();
        site.disconnect();
        site.run(120_000);
        let broker = site.alarms().into_iter().find(|(_, alarm, ..)| alarm == "AGENT.BROKER");
        assert!(broker.is_some(), "a low alarm stands first: {:?}", site.alarms());
        site.devices[0].temperature(37.6);
        site.run(20_000);
        assert_eq!(silence(&mut site, None), None);
        if let Some(same_machine_boot) = restarts {
            for _ in 0..2 {
                site.restart(same_machine_boot, master_file(1));
                site.run(10_000);
            }
        }
        let view = seen(&mut site);
        let of_unit = view.alarms.iter().find(|alarm| alarm.unit.is_some()).expect("it stands");
        let again = view.annunciation.silenced.expect("somebody did").until_ms;
        assert_eq!(again, of_unit.respond_by_ms, "{restarts:?}");
    }
    println!("sounds again: 6 cases");
}
