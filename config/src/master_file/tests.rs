mod equipment;
mod handling;
mod manual;
mod routes;
mod rules;
mod watched;

use super::*;
use crate::testing::{Case, case, run};
use cellwatch_model::{LimitKind, Priority, UnitOfMeasure, Utc};

fn good() -> String {
    let mut text = r#"[master_file]
id = "MF-1"
version = 3
product = "CAR-T"
effective = 2026-03-01T00:00:00+01:00
expires = 2027-03-01T00:00:00Z
sites = ["barcelona-1"]
[[equipment]]
profile = "bag"
profile_sha256 = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
[[parameter]]
name = "T"
unit = "°C"
range = [0, 50]
set_point = 37
stale_after_s = 5.0
instrument_response = "Look."
[[phase]]
id = "activation"
name = "Activation"
min_duration_h = 1.5
max_duration_h = 48
[[phase]]
id = "expansion"
name = "Expansion"
[[phase]]
id = "harvest"
name = "Harvest"
"#
    .to_owned();
    for (id, kind, limit) in [("T.HH", "HH", 38.0), ("T.H", "H", 37.5), ("T.L", "L", 36.5)] {
        text += &alarm(id, kind, limit, "");
    }
    text
}

fn alarm(id: &str, kind: &str, limit: f64, more: &str) -> String {
    format!(
        "[[alarm]]\nid = \"{id}\"\nparameter = \"T\"\nkind = \"{kind}\"\nlimit = {limit:?}\n{more}priority = \"high\"\nclass = \"equipment\"\ncause = \"c\"\nconsequence = \"d\"\nresponse = \"r {id}\"\ntime_to_respond_s = 60\n"
    )
}

#[test]
fn everything_written_is_in_the_model() {
    let file = parse("mf.toml", good().as_bytes()).expect("good");
    assert_eq!((file.id.as_str(), file.version), ("MF-1", 3));
    // 2026-02-28T23:00:00Z
    assert_eq!(file.effective, Utc(1_772_319_600_000_000_000));
    assert_eq!((file.activation, file.reason.as_str()), (Activation::NextBatch, ""));
    assert_eq!(file.equipment("bag").expect("there").profile_sha256[15..17], [0xff, 0x00]);
    let parameter = file.parameter("T").expect("there");
    assert_eq!((parameter.unit, parameter.range), (UnitOfMeasure::Celsius, (0.0, 50.0)));
    assert_eq!((parameter.stale_after_ms, parameter.instrument_delay_ms), (5000, 10_000));
    assert_eq!((parameter.set_point, parameter.critical), (Some(37.0), false));
    assert_eq!(parameter.instrument_priority, Priority::Medium);
    assert_eq!(file.phase("activation").expect("there").min_duration_ms, Some(5_400_000));
    assert_eq!(file.following("activation"), ["expansion"]);
    assert!(file.following("harvest").is_empty());
    let alarm = &file.alarms[0];
    assert_eq!((alarm.kind, alarm.priority), (LimitKind::HighHigh, Priority::High));
    assert_eq!((alarm.class.word(), alarm.deadband), ("equipment", 0.0));
    assert_eq!((alarm.on_delay_ms, alarm.off_delay_ms, alarm.latching), (0, 0, false));
    assert!(alarm.applies_in(None) && alarm.applies_in(Some("harvest")));
    println!("master file model: 1 case");
}

#[test]
fn each_mistake_is_found_where_it_stands() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        // Head
        case("version = 3", "version = 0 #!", &["master_file.version"], "1 to"),
        case("product = \"CAR-T\"", "product = \"\" #!", &["master_file.product"], "empty"),
        case("2026-03-01T00:00:00+01:00", "2026-03-01T00:00:00 #!", &["master_file.effective"], "offset"),
        case("2026-03-01T00:00:00+01:00", "2026-03-01 #!", &["master_file.effective"], "offset"),
        case("2026-03-01T00:00:00+01:00", "\"2026-03-01\" #!", &["master_file.effective"], "date and time"),
        case("2026-03-01T00:00:00+01:00", "2026-02-30T00:00:00Z #!", &[""], "not TOML"),
        case("2027-03-01T00:00:00Z", "9999-03-01T00:00:00Z #!", &["master_file.expires"], "1678 and 2262"),
        case("2027-03-01T00:00:00Z", "2026-02-28T23:00:00Z #!", &["master_file.expires"], "not after effective"),
        case("version = 3", "version = 3\nactivation = \"now\" #!", &["master_file.activation"], "\"next-batch\", \"at-once\""),
        case("version = 3", "version = 3\nactivation = \"at-once\"", &["@1 master_file.reason"], "QA's reason"),
        case("version = 3", "activation = \"at-once\"\nversion = 3\nreason = \" \" #!", &["master_file.reason"], "QA's reason"),
        case("[\"barcelona-1\"]", "[] #!", &["master_file.sites"], "empty"),
        case("[\"barcelona-1\"]", "[\"Ulm\"] #!", &["master_file.sites[1]"], "a-z"),
        case("[\"barcelona-1\"]", "[\"a\",\n\"a\"] #!", &["master_file.sites[2]"], "twice"),
        // Equipment
        case("00112233445566778899aabb", "00112233445566778899aabg", &["@10 equipment[bag].profile_sha256"], "64 hexadecimal"),
        case("00112233445566778899aabb", "0011", &["@10 equipment[bag].profile_sha256"], "64 hexadecimal"),
        case("[[parameter]]", "serials = [1] #!\n[[parameter]]", &["equipment[bag].serials[1]"], "text"),
        // Parameters
        case("\"°C\"", "\"K\" #!", &["parameter[T].unit"], "known are"),
        case("range = [0, 50]", "range = [50, 0] #!", &["parameter[T].range"], "swap"),
        case("set_point = 37\n", "set_point = 51 #!\n", &["parameter[T].set_point", "@33 alarm[T.HH].limit", "@44 alarm[T.H].limit"], "outside the range"),
        case("stale_after_s = 5.0", "stale_after_s = 0 #!", &["parameter[T].stale_after_s"], "0.1 to"),
        case("stale_after_s = 5.0\n", "", &["@11 parameter[T].stale_after_s"], "missing"),
        case("set_point", "instrument_delay_s = 3601 #!\nset_point", &["parameter[T].instrument_delay_s"], "0 to 3600"),
        case("\"Look.\"", "\"\" #!", &["parameter[T].instrument_response"], "empty"),
        case("set_point", "instrument_priority = \"urgent\" #!\nset_point", &["parameter[T].instrument_priority"], "\"critical\""),
        case("set_point", "critical = 1 #!\nset_point", &["parameter[T].critical"], "true or false"),
        case("set_point", "setpoint", &["@15 parameter[T].setpoint"], "did you mean \"set_point\""),
        // Phases
        case("id = \"activation\"", "id = \"idle\" #!", &["phase[idle].id"], "no batch runs"),
        case("id = \"activation\"", "id = \"Activation\" #!", &["phase[Activation].id"], "a-z"),
        case("id = \"expansion\"", "id = \"activation\" #!", &["phase[2].id"], "used before"),
        case("min_duration_h = 1.5", "min_duration_h = 49 #!", &["phase[activation].min_duration_h"], "above max_duration_h"),
        case("min_duration_h = 1.5", "min_duration_h = -1 #!", &["phase[activation].min_duration_h"], "0.001 to 8760"),
        case("min_duration_h = 1.5", "next = [\"rest\"] #!", &["phase[activation].next[1]"], "no phase \"rest\""),
        case("min_duration_h = 1.5", "next = [\"harvest\"]", &["@24 phase[expansion].id"], "cannot be reached"),
        // Alarms, each by itself
        case("id = \"T.H\"", "id = \"T H\" #!", &["alarm[2].id"], "letters"),
        case("id = \"T.H\"", "id = \"T.HH\" #!", &["alarm[2].id"], "used before, in line 29"),
        case("parameter = \"T\"", "parameter = \"X\" #!", &["alarm[T.HH].parameter"], "no parameter \"X\""),
        case("kind = \"H\"", "kind = \"high\" #!", &["alarm[T.H].kind"], "\"LL\", \"L\", \"H\", \"HH\""),
        case("kind = \"H\"", "kind = \"instrument\" #!", &["alarm[T.H].kind"], "\"LL\""),
        case("limit = 37.5", "limit = \"37.5\" #!", &["alarm[T.H].limit"], "a number"),
        case("limit = 37.5", "limit = 37.5\ndeadband = -0.1 #!", &["alarm[T.H].deadband"], "below 0"),
        case("limit = 37.5", "limit = 37.5\non_delay_s = 3601 #!", &["alarm[T.H].on_delay_s"], "0 to 3600"),
        case("limit = 37.5", "limit = 37.5\noff_delay_s = -1 #!", &["alarm[T.H].off_delay_s"], "0 to 3600"),
        case("limit = 37.5", "limit = 37.5\nlatching = \"yes\" #!", &["alarm[T.H].latching"], "true or false"),
        case("limit = 37.5", "limit = 37.5\nphases = [\"rest\"] #!", &["alarm[T.H].phases[1]"], "no phase \"rest\""),
        case("limit = 37.5", "limit = 37.5\nphases = [\"harvest\", \"harvest\"] #!", &["alarm[T.H].phases[2]"], "twice"),
        case("priority = \"high\"", "priority = \"highest\" #!", &["alarm[T.HH].priority"], "\"critical\", \"high\""),
        case("class = \"equipment\"", "class = \"gmp\" #!", &["alarm[T.HH].class"], "\"gmp-critical\""),
        case("cause = \"c\"", "cause = \"\" #!", &["alarm[T.HH].cause"], "empty"),
        case("consequence = \"d\"", "consequence = \" \" #!", &["alarm[T.HH].consequence"], "empty"),
        case("response = \"r T.H\"", "response = \"\" #!", &["alarm[T.H].response"], "empty"),
        case("response = \"r T.H\"\n", "", &["@40 alarm[T.H].response"], "missing"),
        case("time_to_respond_s = 60", "time_to_respond_s = 0 #!", &["alarm[T.HH].time_to_respond_s"], "1 to 86400"),
        case("time_to_respond_s = 60", "time_to_respond_s = 86401 #!", &["alarm[T.HH].time_to_respond_s"], "1 to 86400"),
    ];
    run("master file", &good(), cases, |text| parse("mf.toml", text.as_bytes()));
}

#[test]
fn limits_must_make_sense_together() {
    #[rustfmt::skip] // one case a line
    let cases: &[Case] = &[
        case("limit = 38.0", "limit = 50 #!", &["alarm[T.HH].limit"], "no value could ever cross"),
        case("limit = 36.5", "limit = -1.0 #!", &["alarm[T.L].limit"], "not inside"),
        case("limit = 37.5", "limit = 38 #!", &["alarm[T.H].limit"], "H 38 must lie below HH 38 in every phase"),
        case("limit = 36.5", "limit = 37.7 #!", &["alarm[T.L].limit", "alarm[T.L].limit"], "set_point 37"),
        case("limit = 37.5", "limit = 36.9 #!", &["alarm[T.H].limit"], "set_point 37 (line 11)"),
        case("kind = \"L\"", "kind = \"H\" #!", &["alarm[T.L].kind", "@55 alarm[T.L].limit"], "also H in every phase"),
        case("limit = 37.5", "limit = 37.5\ndeadband = 1.0 #!", &["alarm[T.H].deadband"], "could never clear"),
        case("limit = 36.5", "limit = 36.5\ndeadband = 1.0 #!", &["alarm[T.L].deadband"], "could never clear"),
        case("limit = 38.0", "limit = 38.0\ndeadband = 1.5 #!", &["alarm[T.HH].deadband"], "1.5"),
    ];
    run("limits", &good(), cases, |text| parse("mf.toml", text.as_bytes()));

    // Phase by phase: (first, second, allowed, words of the message)
    let phases: &[(&str, &str, bool, &str)] = &[
        ("phases = [\"activation\"]\n", "phases = [\"expansion\"]\n", true, ""),
        (
            "phases = [\"activation\"]\n",
            "phases = [\"activation\", \"harvest\"]\n",
            false,
            "in phase activation",
        ),
        ("", "phases = [\"harvest\"]\n", false, "in phase harvest"),
        ("phases = [\"harvest\"]\n", "", false, "in phase harvest"),
    ];
    for (first, second, allowed, says) in phases {
        let text = good() + &alarm("T.1", "LL", 30.0, first) + &alarm("T.2", "LL", 31.0, second);
        match parse("mf.toml", text.as_bytes()) {
            Ok(_) => assert!(allowed, "{first}{second}"),
            Err(problems) => {
                assert!(!allowed, "{problems}");
                assert_eq!(problems.0.len(), 1, "{problems}");
                assert_eq!(problems.0[0].key, "alarm[T.2].kind");
                assert!(problems.0[0].message.contains(says), "{problems}");
            }
        }
    }
    println!("limits by phase: {} cases", phases.len());
}

#[test]
fn bytes_that_are_no_text_are_named_by_their_line() {
    let mut bytes = b"# one\n# two\n".to_vec();
    bytes.push(0xff);
    let problems = parse("mf.toml", &bytes).expect_err("no UTF-8").0;
    assert_eq!((problems.len(), problems[0].line), (1, 3));
    assert!(problems[0].to_string().starts_with("mf.toml:3: the bytes from here on are not UTF-8"));
    println!("master file bytes: 1 case");
}

#[test]
fn a_file_must_hold_something_to_judge() {
    let problems = parse("mf.toml", b"").expect_err("empty").0;
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["master_file", "phase", "parameter"]);
    println!("empty master file: 1 case");
}
