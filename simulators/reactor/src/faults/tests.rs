#![allow(clippy::unwrap_used)]

use std::time::Duration;

use cellwatch_config::profile::{self, Profile};
use serde_json::json;

use super::{Damage, FaultRequest, Faults, Header, Reach};
use crate::culture::Heater;
use crate::face::Sent;

fn device() -> Profile {
    let text = r#"
[profile]
id = "t"
model = "test"
version = "1"

[[parameter]]
name = "TEMP.PV"
table = "input"
address = 0
type = "i16"
scale = 0.1
decimals = 1
unit = "°C"
range = [0.0, 60.0]
sentinels = [-32768]
period_ms = 1000

[[parameter]]
name = "COUNT"
table = "input"
address = 1
type = "u16"
unit = "1"
period_ms = 1000

[[parameter]]
name = "MASS"
table = "input"
address = 2
type = "u32"
unit = "g"

[[parameter]]
name = "SERIAL"
table = "input"
address = 4
type = "text:2"
unit = "1"
role = "serial"
"#;
    profile::parse("t.toml", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn add(faults: &mut Faults, json: &serde_json::Value, words: Vec<u16>) -> u64 {
    faults.add(FaultRequest::parse(json, &device()).unwrap(), Duration::ZERO, words)
}

#[test]
fn what_is_wrong_with_a_request_is_said_with_what_is_allowed() {
    let cases = [
        (json!({"fault": "fire"}), "sensor-stuck {parameter}"),
        (json!({}), "faults are: "),
        (json!([1]), "faults are: "),
        (json!({"fault": "sensor-stuck"}), "missing field `parameter`"),
        (json!({"fault": "sensor-stuck", "parameter": "X"}), "it has TEMP.PV, COUNT, MASS, SERIAL"),
        (
            json!({"fault": "sensor-stuck", "parameter": "COUNT", "extra": 1}),
            "unknown field `extra`",
        ),
        (json!({"fault": "value-out-of-range", "parameter": "COUNT"}), "no sentinel"),
        (json!({"fault": "value-out-of-range", "parameter": "COUNT", "as": "high"}), "no range"),
        (json!({"fault": "heater-failed", "mode": "warm"}), "unknown variant `warm`"),
        (json!({"fault": "exception", "code": 0}), "1 to 11"),
        (json!({"fault": "swapped-words", "parameter": "COUNT"}), "nothing to swap"),
        (json!({"fault": "other-serial", "serial": "ABCDE"}), "longer than 4 bytes"),
        (json!({"fault": "damaged", "how": "eaten"}), "unknown variant `eaten`"),
        (json!({"fault": "device-slow", "delay_ms": 99_999_999}), "delay_ms"),
        (json!({"fault": "device-silent", "for_s": -1}), "for_s"),
        (json!({"fault": "device-silent", "for_s": "long"}), "for_s"),
    ];
    for (json, expected) in &cases {
        let refused = FaultRequest::parse(json, &device()).unwrap_err().to_string();
        assert!(refused.contains(expected), "{json}: {refused}");
    }
    println!("cases: {}", cases.len());
}

#[test]
fn faults_of_a_register_change_what_it_sends() {
    let profile = device();
    let temperature = &profile.parameters[0];
    let cases = [
        (json!({"fault": "sensor-stuck", "parameter": "TEMP.PV"}), Some(vec![99])),
        (
            json!({"fault": "sensor-offset", "parameter": "TEMP.PV", "offset": -1.5}),
            Some(vec![355]),
        ),
        (json!({"fault": "value-out-of-range", "parameter": "TEMP.PV"}), Some(vec![660])),
        (
            json!({"fault": "value-out-of-range", "parameter": "TEMP.PV", "as": "low"}),
            Some(vec![0xffc4]),
        ),
        (
            json!({"fault": "value-out-of-range", "parameter": "TEMP.PV", "as": "no-value"}),
            Some(vec![0x8000]),
        ),
        (json!({"fault": "sensor-stuck", "parameter": "COUNT"}), None),
        (json!({"fault": "door-open"}), None),
    ];
    for (json, words) in &cases {
        let mut faults = Faults::default();
        add(&mut faults, json, vec![99]);
        assert_eq!(faults.instead(temperature, &Sent::Number(37.0)), *words, "{json}");
    }
    println!("cases: {}", cases.len());
}

#[test]
fn faults_of_order_and_identity_change_only_their_own_register() {
    let profile = device();
    let [temperature, _, mass, serial] = &profile.parameters[..] else { panic!("four") };
    let mut faults = Faults::default();
    add(&mut faults, &json!({"fault": "swapped-words", "parameter": "MASS"}), vec![]);
    add(&mut faults, &json!({"fault": "other-serial", "serial": "XY-2"}), vec![]);
    assert_eq!(faults.instead(mass, &Sent::Number(65_537.0 + 5.0)), Some(vec![6, 1]));
    assert_eq!(faults.instead(serial, &Sent::Text("AB-1".to_owned())), Some(vec![0x5859, 0x2d32]));
    assert_eq!(faults.instead(temperature, &Sent::Number(37.0)), None);
}

#[test]
fn faults_end_by_their_time_or_their_id() {
    let mut faults = Faults::default();
    let timed =
        add(&mut faults, &json!({"fault": "heater-failed", "mode": "on", "for_s": 2}), vec![]);
    let later = add(&mut faults, &json!({"fault": "heater-failed", "mode": "off"}), vec![]);
    assert_eq!(faults.heater(), Heater::StuckOff, "the later one counts");
    assert!(faults.remove(later));
    assert_eq!(faults.heater(), Heater::StuckOn);
    faults.expire(Duration::from_millis(1999));
    assert_eq!(faults.active().len(), 1);
    faults.expire(Duration::from_secs(2));
    assert_eq!(faults.heater(), Heater::Controlled);
    assert!(!faults.remove(timed));
}

#[test]
fn faults_of_the_device_make_its_conduct() {
    let mut faults = Faults::default();
    for fault in [
        json!({"fault": "device-silent"}),
        json!({"fault": "device-slow", "delay_ms": 20}),
        json!({"fault": "late-reply", "delay_ms": 30}),
        json!({"fault": "connection-refused"}),
        json!({"fault": "reboot"}),
        json!({"fault": "half-open"}),
        json!({"fault": "accepts-only"}),
        json!({"fault": "wrong-length"}),
        json!({"fault": "extra-length"}),
        json!({"fault": "damaged", "how": "garbage-before"}),
        json!({"fault": "wrong-reply", "field": "transaction"}),
        json!({"fault": "wrong-reply", "field": "unit"}),
        json!({"fault": "wrong-reply", "field": "function"}),
        json!({"fault": "exception", "code": 6}),
    ] {
        add(&mut faults, &fault, vec![]);
    }
    let conduct = faults.conduct();
    assert!(conduct.silent && conduct.accepts_only);
    assert!(conduct.wrong_length && conduct.extra_length);
    assert_eq!((conduct.reach, conduct.damage), (Reach::Refused, Some(Damage::GarbageBefore)));
    assert_eq!(conduct.slow, Duration::from_millis(20));
    assert_eq!(conduct.late, Some(Duration::from_millis(30)));
    assert_eq!(conduct.exception, Some(6));
    assert_eq!(conduct.header, Header { transaction: 1, unit: 1, other_function: true });
}
