use std::path::Path;

use super::{Places, alarm_line, layout};
use crate::watch::AlarmChange;

fn change() -> AlarmChange {
    AlarmChange {
        identity: ("00".to_owned(), 7),
        unit: "BX-01".to_owned(),
        alarm: "TEMP.HH".to_owned(),
        source: "TEMP.PV".to_owned(),
        transition: "raised".to_owned(),
        state: "UNACK".to_owned(),
        value: Some(38.12),
        limit: Some(38.0),
        unit_of_measure: "°C".to_owned(),
        quality: "good".to_owned(),
        at_utc: "2026-06-01T12:34:56.789Z".to_owned(),
        latency_ms: 41.6,
    }
}

#[test]
fn an_alarm_fits_on_a_line() {
    assert_eq!(
        alarm_line(&change()),
        "BX-01  TEMP.HH        raised        38.12 °C, limit 38 °C              at 12:34:56 UTC, here 42 ms later"
    );
    let silent = AlarmChange {
        unit: String::new(),
        alarm: "LINK.DOWN".to_owned(),
        source: "bx-01".to_owned(),
        value: None,
        limit: None,
        quality: "bad: timeout".to_owned(),
        ..change()
    };
    assert!(
        alarm_line(&silent).contains("agent  LINK.DOWN      raised        bx-01: bad: timeout ")
    );
    println!("alarm lines: 2 cases");
}

#[test]
fn nobody_is_told_of_what_a_rule_keeps_back() {
    let cases = [
        ("raised", "UNACK", true),
        ("returned", "RTNUN", true),
        ("acknowledged", "ACKED", true),
        ("shelved", "SHLVD", true),
        ("unsuppressed", "UNACK", true),
        ("unsuppressed", "NORM", false),
        ("suppressed", "DSUPR", false),
        ("raised", "DSUPR", false),
        ("returned", "SHLVD", false),
    ];
    for (transition, state, told) in cases {
        let (transition, state) = (transition.to_owned(), state.to_owned());
        let change = AlarmChange { transition, state, ..change() };
        assert_eq!(change.is_for_people(), told, "{change:?}");
    }
    println!("told or not: {} cases", cases.len());
}

#[test]
fn the_layout_names_every_place() {
    let places = Places {
        page: "127.0.0.1:1001",
        mqtt: "127.0.0.1:1002",
        reactors: vec![
            ("BX-01", "127.0.0.1:1003", "127.0.0.1:1004"),
            ("BX-02", "127.0.0.1:1005", "127.0.0.1:1006"),
        ],
        folder: Path::new("/data"),
        stays: false,
        agent: Path::new("/bin/cellwatch"),
    };
    let text = layout(&places);
    let words = [
        "Clock: simulated",
        "http://127.0.0.1:1001/ ",
        "127.0.0.1:1002 ",
        "127.0.0.1:1003 ",
        "http://127.0.0.1:1004\n",
        "127.0.0.1:1005 ",
        "http://127.0.0.1:1006/faults",
        "/data/control-site/control-site.db",
        "MF-DEMO-001",
        "removed at the end",
    ];
    for word in words {
        assert!(text.contains(word), "{word} in {text}");
    }
    println!("layout: {} cases", words.len());
}
