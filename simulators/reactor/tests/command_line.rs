//! The control port and the command line.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::{Process, until};

#[test]
fn a_stuck_heater_shows_and_speed_makes_it_quick() {
    let reactor = Process::start(&["--phase", "expansion", "--speed", "600"]);
    reactor.break_something(r#"{"fault": "heater-failed", "mode": "on"}"#);
    let temperature = || {
        let (_, state) = reactor.control("GET", "/state", "");
        state["truth"]["TEMP.PV"]["value"].as_f64().unwrap()
    };
    until("38 °C", || temperature() >= 38.0);
    let (status, answer) = reactor.control("POST", "/speed", r#"{"factor": 1}"#);
    assert_eq!((status, answer["speed"].as_f64()), (200, Some(1.0)));
}

#[test]
fn what_cannot_be_done_is_answered_with_what_can() {
    let reactor = Process::start(&[]);
    let cases = [
        ("POST", "/faults", r#"{"fault": "fire"}"#, "agitation-stopped"),
        ("POST", "/faults", r#"{"fault": "sensor-stuck", "parameter": "X"}"#, "TEMP.PV"),
        ("POST", "/faults", "fire", r#"write {"fault""#),
        ("DELETE", "/faults/7", "", "active are: none"),
        ("DELETE", "/faults/x", "", "active are: none"),
        ("POST", "/set", r#"{"parameter": "TEMP.PV", "value": 1}"#, "TEMP.SP"),
        ("POST", "/set", r#"{"parameter": "TEMP.SP", "value": 99}"#, "4 to 42 °C"),
        ("POST", "/set", "{}", "missing field"),
        ("POST", "/phase", r#"{"phase": "lunch"}"#, "idle, setup, activation"),
        ("POST", "/speed", r#"{"factor": 0}"#, "0.001 to 100000"),
    ];
    for (method, path, body, expected) in cases {
        let (status, answer) = reactor.control(method, path, body);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(expected), "{method} {path} {body}: {answer}");
    }
    let (status, _) = reactor.control("POST", "/phase", r#"{"phase": "harvest"}"#);
    assert_eq!(status, 200);
    assert_eq!(reactor.control("GET", "/state", "").1["phase"], "harvest");
    println!("cases: {}", cases.len() + 1);
}

#[test]
fn sigterm_ends_it_with_status_0() {
    let mut reactor = Process::start(&[]);
    let kill = Command::new("kill").arg(reactor.child.id().to_string()).status().unwrap();
    assert!(kill.success());
    assert_eq!(reactor.child.wait().unwrap().code(), Some(0));
}

#[test]
fn exit_statuses_tell_problems_from_failures() {
    let profile = common::profile_path();
    let folder = profile.parent().unwrap().to_str().unwrap();
    let profile = profile.to_str().unwrap();
    let parameters = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cases: [(&[&str], i32, &str); 7] = [
        (&["profiles", folder], 0, "rocking-bag-25"),
        (&["profiles", env!("CARGO_MANIFEST_DIR")], 1, "Cargo.toml:"),
        (&["profiles", "/nowhere"], 2, "cannot read /nowhere"),
        (&["serve", "--profile", "/nowhere.toml"], 2, "cannot read /nowhere.toml"),
        (&["serve", "--profile", profile, "--phase", "lunch"], 2, "known are idle, setup"),
        (&["serve", "--profile", profile, "--control", "0.0.0.0:0"], 2, "not on loopback"),
        (&["serve", "--profile", profile, "--parameters", parameters], 2, "Cargo.toml:1: package"),
    ];
    for (arguments, status, expected) in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_reactor")).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    println!("cases: {}", cases.len());
}
