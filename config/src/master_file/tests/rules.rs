//! When a deviation candidate is opened.

use super::*;

fn ruled() -> String {
    let mut text = good().replacen("set_point = 37", "set_point = 37\ncritical = true", 1)
        + "[[parameter]]\nname = \"P\"\nunit = \"mbar\"\nrange = [0, 10]\nstale_after_s = 5\ninstrument_response = \"Look.\"\n";
    for (id, more) in [
        ("GAP", "when = \"data-gap\"\nafter_s = 900\n"),
        ("T.ACTION", "when = \"action-limit\"\nparameter = \"T\"\nafter_s = 300\n"),
        ("LATE", "when = \"late-acknowledgement\"\nalarm = \"T.H\"\n"),
    ] {
        text += &format!("[[deviation]]\nid = \"{id}\"\n{more}description = \"for QA\"\n");
    }
    text
}

#[test]
fn a_rule_says_which_alarms_it_means() {
    let all = ruled()
        + "[[deviation]]\nid = \"ALL\"\nwhen = \"action-limit\"\nafter_s = 0\ndescription = \"x\"\n";
    let file = parse("mf.toml", all.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    let meant: Vec<(&str, Vec<&str>)> = file
        .deviations
        .iter()
        .map(|rule| {
            let its = file.alarms.iter().filter(|alarm| rule.means(alarm, &file));
            (rule.id.as_str(), its.map(|alarm| alarm.id.as_str()).collect())
        })
        .collect();
    assert_eq!(
        meant,
        [("GAP", vec![]), ("T.ACTION", vec!["T.HH"]), ("LATE", vec!["T.H"]), ("ALL", vec!["T.HH"])]
    );
    assert_eq!(
        file.deviations[0].when,
        DeviationWhen::DataGap { parameter: None, after_ms: 900_000 }
    );
    let late = DeviationWhen::LateAcknowledgement {
        of: AlarmsMeant::Alarm("T.H".to_owned()),
        after_ms: None,
    };
    assert_eq!(file.deviations[2].when, late);
    println!("deviation rules: {} cases", meant.len());
}

#[test]
fn a_rule_may_name_any_alarm_that_is_no_alert_limit() {
    let rate = alarm("T.RATE", "rate", 0.5, "window_s = 60\n");
    for id in ["T.HH", "T.RATE", "PHASE.ORDER", "PHASE.OVERRUN"] {
        let rule = format!(
            "[[deviation]]\nid = \"ONE\"\nwhen = \"action-limit\"\nalarm = \"{id}\"\nafter_s = 60\ndescription = \"x\"\n"
        );
        let text = ruled() + &rate + &rule;
        let file =
            parse("mf.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
        let of = AlarmsMeant::Alarm(id.to_owned());
        assert_eq!(file.deviations[3].when, DeviationWhen::ActionLimit { of, after_ms: 60_000 });
    }
    println!("rules that name an alarm: 4 cases");
}

#[test]
fn each_mistake_is_found() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case("id = \"GAP\"", "id = \"a gap\" #!", &["deviation[1].id"], "letters"),
        case("when = \"data-gap\"", "when = \"gap\" #!", &["deviation[GAP].when"], "\"action-limit\", \"data-gap\""),
        case("when = \"data-gap\"\n", "#!\n", &["@69 deviation[GAP].when"], "missing"),
        case("after_s = 900\n", "#!\n", &["@69 deviation[GAP].after_s"], "missing"),
        case("after_s = 300\n", "#!\n", &["@74 deviation[T.ACTION].after_s"], "missing"),
        case("after_s = 900", "after_s = -1 #!", &["deviation[GAP].after_s"], "0 to 604800"),
        case("after_s = 900", "after_s = 604801 #!", &["deviation[GAP].after_s"], "0 to 604800"),
        case("after_s = 900", "after_s = 900\nalarm = \"T.H\" #!", &["deviation[GAP].alarm"], "not a key"),
        case("after_s = 900", "after_s = 900\nparameter = \"X\" #!", &["deviation[GAP].parameter"], "no parameter \"X\""),
        case("parameter = \"T\"\nafter_s", "parameter = \"P\" #!\nafter_s", &["@76 deviation[T.ACTION].when"], "P has no action limit"),
        case("parameter = \"T\"\nafter_s", "parameter = \"T\"\nalarm = \"T.HH\" #!\nafter_s", &["deviation[T.ACTION].alarm"], "one of the two"),
        case("parameter = \"T\"\nafter_s", "alarm = \"T.H\" #!\nafter_s", &["deviation[T.ACTION].alarm"], "no action limit"),
        case("parameter = \"T\"\nafter_s", "alarm = \"PHASE.UNDERRUN\" #!\nafter_s", &["deviation[T.ACTION].alarm"], "for a moment only"),
        case("alarm = \"T.H\"", "alarm = \"PHASE.ORDER\" #!", &["@80 deviation[LATE].after_s"], "no time to respond of its own"),
        case("alarm = \"T.H\"", "alarm = \"PHASE.END\" #!", &["deviation[LATE].alarm"], "no alarm \"PHASE.END\""),
        case("alarm = \"T.H\"", "alarm = \"T.X\" #!", &["deviation[LATE].alarm"], "no alarm \"T.X\""),
        case("alarm = \"T.H\"", "alarm = 1 #!", &["deviation[LATE].alarm"], "text in quotes"),
        case("critical = true", "critical = false", &["@71 deviation[GAP].when"], "no critical parameter"),
        case("description = \"for QA\"", "description = \"\" #!", &["deviation[GAP].description"], "empty"),
        case("description = \"for QA\"\n", "#!\n", &["@69 deviation[GAP].description"], "missing"),
        case("id = \"T.ACTION\"", "id = \"GAP\" #!", &["deviation[2].id"], "used before"),
    ];
    run("deviation rules", &ruled(), cases, |text| parse("mf.toml", text.as_bytes()));
}
