//! A killed agent is what it was: every ISA-18.2 state, shelving, an on-delay, a Master File that waits.

mod file;
mod scene;

use std::collections::BTreeMap;

use cellwatch_tests::Cases;
use serde_json::json;

use scene::Scene;

/// How often the agent is killed with every alarm in its state.
const KILLS: usize = 3;

/// Every state at once, and a SIGKILL; three times over. Nothing is announced twice, and each alarm goes on from
/// where it was.
// Req: LAW-08, ALM-04
#[test]
fn every_state_survives_sigkill() {
    let mut cases = Cases::of("every_state_survives_sigkill");
    let mut scene = Scene::set();
    scene.bring_each_alarm_into_its_state();
    let was = scene.stands();
    for (alarm, state) in file::STATES {
        assert_eq!(was[alarm].state, state, "{alarm}: {was:#?}");
    }
    let raised = scene.raised();

    for kill in 1..=KILLS {
        scene.kill_and_start();
        let is = scene.stands();
        for (alarm, state) in file::STATES {
            assert_eq!(is[alarm], was[alarm], "{alarm} after kill {kill}");
            cases.tried(format_args!("{state} ({alarm}) after kill {kill}"));
        }
        assert_eq!(scene.status()["master_files"][1]["waits"], "effective", "after kill {kill}");
        cases.tried(format_args!("a pending Master File after kill {kill}"));
        assert_eq!(scene.raised(), raised, "nothing is announced twice, kill {kill}");
        cases.tried(format_args!("no second annunciation after kill {kill}"));
    }
    goes_on(&scene, &mut cases);
}

/// What each alarm can do from its state, it can do after the kills.
fn goes_on(scene: &Scene, cases: &mut Cases) {
    for (alarm, path, state) in [
        ("UNACKNOWLEDGED", "acknowledge", "ACKED"),
        ("RETURNED", "acknowledge", "NORM"),
        ("LATCHED", "acknowledge", "LTACK"),
        ("LATCHED-SEEN", "reset", "NORM"),
        ("SHELVED", "unshelve", "UNACK"),
        ("OUT-OF-SERVICE", "return-to-service", "UNACK"),
    ] {
        scene.act(path, alarm, &json!({}));
        scene.await_state(alarm, state);
        cases.tried(format_args!("{alarm}: {path}"));
    }
}

/// An on-delay that runs at the kill starts again: it is over that long after the restart's first reading, once.
// Req: LAW-08, ALM-04
#[test]
fn an_on_delay_starts_again() {
    let mut cases = Cases::of("an_on_delay_starts_again");
    let mut scene = Scene::set();
    scene.set_value("DELAYED", file::BEYOND);
    scene.await_delivered();
    assert_eq!(scene.raised().get("DELAYED"), None, "its delay of {} s runs", file::ON_DELAY_S);
    scene.kill_and_start();
    let [started, raised] = scene.start_and_raise_of("DELAYED");
    let delay_us = i64::from(file::ON_DELAY_S) * 1_000_000;
    assert!(raised - started >= delay_us, "raised {} µs after the start", raised - started);
    assert_eq!(scene.raised(), BTreeMap::from([("DELAYED".to_owned(), 1)]));
    cases.tried("the delay is whole after the restart, and the alarm is raised once");

    let stand = scene.stands().remove("DELAYED").expect("it stands");
    assert_eq!(stand.state, "UNACK");
    scene.kill_and_start();
    assert_eq!(scene.stands().remove("DELAYED"), Some(stand));
    assert_eq!(scene.raised(), BTreeMap::from([("DELAYED".to_owned(), 1)]));
    cases.tried("and not again after another one");
}
