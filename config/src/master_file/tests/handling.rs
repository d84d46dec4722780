//! How people handle an alarm.

use super::*;

#[test]
fn defaults_follow_the_class() {
    let critical =
        good().replacen("class = \"equipment\"", "class = \"gmp-critical\"\nre_alarm_s = 600", 1);
    let file = parse("mf.toml", critical.as_bytes()).expect("good");
    let handled: Vec<_> = file
        .alarms
        .iter()
        .take(2)
        .map(|alarm| {
            (alarm.ack_required, alarm.comment_required, alarm.shelve_max_ms, alarm.re_alarm_ms)
        })
        .collect();
    assert_eq!(handled[0], (true, true, None, Some(600_000)), "gmp-critical");
    assert_eq!(handled[1], (true, false, Some(28_800_000), None), "equipment");
    let none = good().replacen("limit = 37.5", "limit = 37.5\nshelve_max_s = 0", 1);
    let file = parse("mf.toml", none.as_bytes()).expect("good");
    assert_eq!(file.alarms[1].shelve_max_ms, None, "0 forbids it");
    println!("handling by class: 3 cases");
}

#[test]
fn each_mistake_of_handling_is_found() {
    const AT: &str = "limit = 37.5";
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case(AT, "limit = 37.5\nack_required = \"yes\" #!", &["alarm[T.H].ack_required"], "true or false"),
        case(AT, "limit = 37.5\ncomment_required = 1 #!", &["alarm[T.H].comment_required"], "true or false"),
        case(AT, "limit = 37.5\nshelve_max_s = -1 #!", &["alarm[T.H].shelve_max_s"], "0 to 28800"),
        case(AT, "limit = 37.5\nshelve_max_s = 28801 #!", &["alarm[T.H].shelve_max_s"], "0 to 28800"),
        case("class = \"equipment\"", "class = \"gmp-critical\"\nshelve_max_s = 1 #!", &["alarm[T.HH].shelve_max_s"], "never put aside"),
        case(AT, "limit = 37.5\nre_alarm_s = 59 #!", &["alarm[T.H].re_alarm_s"], "60 to 86400"),
        case(AT, "limit = 37.5\nre_alarm_s = 86401 #!", &["alarm[T.H].re_alarm_s"], "60 to 86400"),
        case(AT, "limit = 37.5\nre_alarm_s = \"1 h\" #!", &["alarm[T.H].re_alarm_s"], "a number"),
        case(AT, "limit = 37.5\nsuppressed_by = \"T.HH\" #!", &["alarm[T.H].suppressed_by"], "array"),
        case(AT, "limit = 37.5\nsuppressed_by = [\"T.XX\"] #!", &["alarm[T.H].suppressed_by[1]"], "no alarm \"T.XX\""),
        case(AT, "limit = 37.5\nsuppressed_by = [\"T.L\",\n\"T.L\"] #!", &["alarm[T.H].suppressed_by[2]"], "twice"),
        case(AT, "limit = 37.5\nsuppressed_by = [\"T.H\"] #!", &["alarm[T.H].suppressed_by"], "suppress itself"),
    ];
    run("handling", &good(), cases, |text| parse("mf.toml", text.as_bytes()));
}

#[test]
fn alarms_that_explain_each_other_in_a_circle_are_all_named() {
    let text = good()
        .replacen("limit = 38.0", "limit = 38.0\nsuppressed_by = [\"T.L\"]", 1)
        .replacen("limit = 37.5", "limit = 37.5\nsuppressed_by = [\"T.HH\"]", 1)
        .replacen("limit = 36.5", "limit = 36.5\nsuppressed_by = [\"T.HH\"]", 1);
    let problems = parse("mf.toml", text.as_bytes()).expect_err("a circle").0;
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["alarm[T.HH].suppressed_by", "alarm[T.L].suppressed_by"], "T.H is outside");
    println!("circles: 1 case");
}

/// Req: ALM-05
#[test]
fn a_level_that_is_hidden_by_what_it_explains_itself_is_a_circle() {
    let by = |ids: &str| format!("suppressed_by = [{ids}]\n");
    let with = |hh: &str, h: &str, more: &str| {
        good().replacen("limit = 38.0\n", &format!("limit = 38.0\n{hh}"), 1).replacen(
            "limit = 37.5\n",
            &format!("limit = 37.5\n{h}"),
            1,
        ) + more
    };
    let rate = |ids: &str| alarm("T.RATE", "rate", 0.5, &(by(ids) + "window_s = 60\n"));
    let cases = [
        ("by its own lower level", with(&by("\"T.H\""), "", ""), vec!["alarm[T.HH].suppressed_by"]),
        (
            "by what its lower level suppresses",
            with(&by("\"T.RATE\""), "", &rate("\"T.H\"")),
            vec!["alarm[T.HH].suppressed_by", "alarm[T.RATE].suppressed_by"],
        ),
        (
            "in phases that never meet",
            with(
                "phases = [\"harvest\"]\nsuppressed_by = [\"T.H\"]\n",
                "phases = [\"expansion\"]\n",
                "",
            ),
            vec![],
        ),
        ("twice in one direction", with("", &by("\"T.HH\""), ""), vec![]),
        ("a chain with an end", with("", &by("\"T.RATE\""), &rate("\"T.HH\"")), vec![]),
    ];
    for (name, text, expected) in &cases {
        let problems = match parse("mf.toml", text.as_bytes()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.0,
        };
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, *expected, "{name}: {problems:?}");
        assert!(problems.iter().all(|one| one.message.contains("suppress itself")), "{problems:?}");
    }
    println!("circles by levels: {} cases", cases.len());
}

/// Req: LAW-10
#[test]
fn a_long_chain_of_explanations_is_checked_in_good_time() {
    let mut text = good();
    let length = 2000;
    for at in 0..length {
        let by =
            if at == 0 { String::new() } else { format!("suppressed_by = [\"C{}\"]\n", at - 1) };
        let more = format!("{by}phases = [\"harvest\"]\nwindow_s = 60\n");
        text += &alarm(&format!("C{at}"), "rate", 0.5, &more);
    }
    let file = parse("mf.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(file.alarms.len(), length + 3);
    println!("chain: {length} alarms");
}
