//! Controllers, failures and the panel.

use std::time::Duration;

use super::super::{Culture, Heater, Signal, StartState};
use super::{culture, example, h, min};

fn expansion(age_h: f64) -> Culture {
    let mut culture = culture(1);
    culture.advance(h(age_h));
    culture
}

#[test]
fn a_warmed_culture_is_calm_in_every_phase() {
    let mut culture = culture(1);
    let mut cases = 0;
    // By the usual alert limits; pressure and flow by ±20 % around 0.1 L/min.
    let bands = [
        (Signal::Temperature, 36.7, 37.3),
        (Signal::Ph, 7.05, 7.35),
        (Signal::Oxygen, 32.0, 80.0),
        (Signal::Co2Inlet, 4.6, 5.4),
        (Signal::GasFlow, 0.09, 0.11),
        (Signal::BagPressure, 6.0, 10.0),
        (Signal::Weight, 985.0, 1025.0),
    ];
    while culture.age_h() < 190.0 {
        culture.advance(min(10.0));
        for (signal, low, high) in bands {
            let truth = culture.truth(signal);
            let at = (culture.age_h(), culture.phase());
            assert!((low..=high).contains(&truth), "{} {truth} at {at:?}", signal.name());
            cases += 1;
        }
    }
    println!("cases: {cases}");
}

#[test]
fn a_cold_reactor_warms_up_without_overshoot_of_an_alarm() {
    let mut culture = Culture::new(example(""), 1, StartState::Cold);
    assert!(culture.truth(Signal::Temperature) < 22.0);
    let mut most = 0.0_f64;
    while culture.age_h() < 4.0 {
        culture.advance(min(1.0));
        most = most.max(culture.truth(Signal::Temperature));
    }
    assert!(most < 38.0, "{most}");
    assert!((culture.truth(Signal::Temperature) - 37.0).abs() < 0.1);
}

#[test]
fn a_dead_heater_cools_with_the_time_constant_of_the_vessel() {
    let mut culture = expansion(70.0);
    culture.heater = Heater::StuckOff;
    let start = culture.truth(Signal::Temperature) - culture.truth(Signal::Room);
    culture.advance(min(22.3));
    let left = culture.truth(Signal::Temperature) - culture.truth(Signal::Room);
    // After one time constant 37 % is left, a little more because the pad cools too.
    assert!((0.34..0.42).contains(&(left / start)), "{}", left / start);
}

#[test]
fn a_heater_stuck_on_passes_38_within_three_minutes_and_the_cut_out_holds() {
    let mut culture = expansion(70.0);
    culture.heater = Heater::StuckOn;
    culture.advance(min(3.0));
    assert!(culture.truth(Signal::Temperature) > 38.0);
    let mut most = 0.0_f64;
    for _ in 0..600 {
        culture.advance(Duration::from_secs(30));
        most = most.max(culture.truth(Signal::Temperature));
    }
    assert!((41.0..43.0).contains(&most), "{most}");
    culture.heater = Heater::Controlled;
    culture.advance(h(3.0));
    assert!((culture.truth(Signal::Temperature) - 37.0).abs() < 0.1);
}

#[test]
fn a_stopped_rocker_at_high_density_costs_the_oxygen_within_minutes() {
    let mut culture = expansion(6.0 * 24.0);
    culture.agitation_stopped = true;
    culture.advance(min(15.0));
    assert!(culture.truth(Signal::Agitation) < 0.1);
    assert!(culture.truth(Signal::Oxygen) < 15.0, "{}", culture.truth(Signal::Oxygen));
}

#[test]
fn an_open_door_costs_a_degree_in_ten_minutes() {
    let mut culture = expansion(70.0);
    culture.door_open = true;
    culture.advance(min(10.0));
    let lost = 37.0 - culture.truth(Signal::Temperature);
    assert!((0.5..5.0).contains(&lost), "{lost}");
    assert!(culture.truth(Signal::Door) > 0.5);
}

#[test]
fn the_panel_moves_the_process_and_refuses_nonsense() {
    let mut culture = expansion(70.0);
    culture.set(Signal::TemperatureSetPoint, 38.6).expect("a set-point");
    culture.advance(h(1.0));
    assert!((culture.truth(Signal::Temperature) - 38.6).abs() < 0.15);
    let refused = culture.set(Signal::TemperatureSetPoint, 60.0).expect_err("too hot");
    assert!(refused.to_string().contains("4 to 42 °C"), "{refused}");
    let refused = culture.set(Signal::Temperature, 37.0).expect_err("not a set-point");
    assert!(refused.to_string().contains("TEMP.SP"), "{refused}");
    let refused = culture.enter_phase("lunch").expect_err("no phase");
    assert!(refused.to_string().contains("idle, setup, activation"), "{refused}");
}
