//! Alarms that judge a distance, a rate or a state.

use super::*;

/// A parameter with a set-point, one without, one that holds a set-point, one with states.
fn watched() -> String {
    let mut text = good();
    for (name, unit, more) in [
        ("PH", "pH", "set_point = 7\nmax_rate_per_min = 2.0\n"),
        ("R", "rpm", ""),
        ("R.SP", "rpm", ""),
        ("DOOR", "1", ""),
    ] {
        text += &format!(
            "[[parameter]]\nname = \"{name}\"\nunit = \"{unit}\"\nrange = [0, 10]\n{more}stale_after_s = 5\ninstrument_response = \"Look.\"\n"
        );
    }
    for (id, parameter, judged) in [
        ("PH.DEV", "PH", "kind = \"deviation\"\nlimit = 0.3\ndeadband = 0.05\n"),
        ("R.DEV", "R", "kind = \"deviation\"\nlimit = 2\nreference = \"R.SP\"\n"),
        ("PH.RATE", "PH", "kind = \"rate\"\nlimit = 0.2\nwindow_s = 60\n"),
        ("DOOR.OPEN", "DOOR", "kind = \"discrete\"\nstates = [\"open\"]\non_delay_s = 60\n"),
    ] {
        text += &format!(
            "[[alarm]]\nid = \"{id}\"\nparameter = \"{parameter}\"\n{judged}priority = \"low\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"d\"\nresponse = \"{id}!\"\ntime_to_respond_s = 60\n"
        );
    }
    text
}

#[test]
fn each_kind_is_in_the_model() {
    let file = parse("mf.toml", watched().as_bytes()).expect("good");
    let found = |id: &str| file.alarms.iter().find(|alarm| alarm.id == id).expect("there");
    let cases = [
        ("T.HH", LimitKind::HighHigh, Watch::Value, 38.0),
        ("PH.DEV", LimitKind::Deviation, Watch::Deviation { reference: None }, 0.3),
        (
            "R.DEV",
            LimitKind::Deviation,
            Watch::Deviation { reference: Some("R.SP".to_owned()) },
            2.0,
        ),
        ("PH.RATE", LimitKind::Rate, Watch::Rate { window_ms: 60_000 }, 0.2),
        ("DOOR.OPEN", LimitKind::Discrete, Watch::States(vec!["open".to_owned()]), 0.5),
    ];
    for (id, kind, watch, limit) in &cases {
        let alarm = found(id);
        assert_eq!((alarm.kind, &alarm.watch), (*kind, watch), "{id}");
        assert!((alarm.limit - limit).abs() < 1e-12, "{id}");
    }
    println!("kinds of alarms: {} cases", cases.len());
}

#[test]
fn what_could_never_be_judged_is_found() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        // Deviation
        case("limit = 0.3", "limit = 0 #!", &["alarm[PH.DEV].limit"], "not above 0"),
        case("limit = 0.3", "limit = -1 #!", &["alarm[PH.DEV].limit"], "not above 0"),
        case("limit = 0.3", "limit = 7 #!", &["alarm[PH.DEV].limit"], "the farthest"),
        case("limit = 2\n", "limit = 10 #!\n", &["alarm[R.DEV].limit"], "not below 10"),
        case("deadband = 0.05", "deadband = 0.3 #!", &["alarm[PH.DEV].deadband"], "could never clear"),
        case("reference = \"R.SP\"\n", "#!\n", &["@100 alarm[R.DEV].reference"], "neither"),
        case("reference = \"R.SP\"", "reference = \"R.XX\" #!", &["alarm[R.DEV].reference"], "no parameter \"R.XX\""),
        case("reference = \"R.SP\"", "reference = \"PH\" #!", &["alarm[R.DEV].reference"], "another unit of measure"),
        case("reference = \"R.SP\"", "reference = \"R\" #!", &["alarm[R.DEV].reference"], "never deviates from itself"),
        case("reference = \"R.SP\"", "reference = 5 #!", &["alarm[R.DEV].reference"], "text in quotes"),
        case("reference = \"R.SP\"", "window_s = 60 #!\nreference = \"R.SP\"", &["alarm[R.DEV].window_s"], "not a key"),
        // Rate
        case("window_s = 60\n", "#!\n", &["@112 alarm[PH.RATE].window_s"], "missing"),
        case("window_s = 60", "window_s = 0.5 #!", &["alarm[PH.RATE].window_s"], "1 to 3600"),
        case("window_s = 60", "window_s = 3601 #!", &["alarm[PH.RATE].window_s"], "1 to 3600"),
        case("limit = 0.2", "limit = 0.0 #!", &["alarm[PH.RATE].limit"], "not above 0"),
        case("limit = 0.2", "limit = 2.0 #!", &["alarm[PH.RATE].limit"], "could never be raised"),
        case("limit = 0.2\n", "limit = 0.2\ndeadband = 0.2 #!\n", &["alarm[PH.RATE].deadband"], "could never clear"),
        case("limit = 0.2\n", "limit = 0.2\nreference = \"R\" #!\n", &["alarm[PH.RATE].reference"], "not a key"),
        // States
        case("states = [\"open\"]", "states = [] #!", &["alarm[DOOR.OPEN].states"], "name the states"),
        case("states = [\"open\"]", "states = [1] #!", &["alarm[DOOR.OPEN].states[1]"], "text in quotes"),
        case("states = [\"open\"]", "states = [\"a\", \"a\"] #!", &["alarm[DOOR.OPEN].states[2]"], "twice"),
        case("states = [\"open\"]\n", "#!\n", &["@124 alarm[DOOR.OPEN].states"], "missing"),
        case("states = [\"open\"]", "limit = 1 #!\nstates = [\"open\"]", &["alarm[DOOR.OPEN].limit"], "not a key"),
        case("states = [\"open\"]", "deadband = 0.1 #!\nstates = [\"open\"]", &["alarm[DOOR.OPEN].deadband"], "no deadband"),
        // Plausible rate
        case("max_rate_per_min = 2.0", "max_rate_per_min = 0 #!", &["parameter[PH].max_rate_per_min"], "not above 0"),
        case("max_rate_per_min = 2.0", "max_rate_per_min = \"2\" #!", &["parameter[PH].max_rate_per_min"], "a number"),
        // The agent's own ids
        case("id = \"PH.DEV\"", "id = \"PH.BAD\" #!", &["alarm[PH.BAD].id"], "the agent makes itself"),
        case("id = \"PH.DEV\"", "id = \"AGENT.DISK\" #!", &["alarm[AGENT.DISK].id"], "the agent makes itself"),
        case("id = \"PH.DEV\"", "id = \"PHASE.ORDER\" #!", &["alarm[PHASE.ORDER].id"], "the agent makes itself"),
        case("id = \"PH.DEV\"", "id = \"PHASE.HOLD\" #!", &["alarm[PHASE.HOLD].id"], "the agent makes itself"),
        case("id = \"PH.DEV\"", "id = \"PH.SP.DIFFERS\" #!", &["alarm[PH.SP.DIFFERS].id"], "the agent makes itself"),
    ];
    run("kinds of alarms", &watched(), cases, |text| parse("mf.toml", text.as_bytes()));
}
