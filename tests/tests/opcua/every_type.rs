//! Every type and every kind of status code arrives as the foreign server serves it.

use cellwatch_tests::{Cases, await_until, folder};
use rusqlite::types::Value as Sql;
use serde_json::Value;

use crate::bench::{Asyncua, Bench, LONG};

// Req: LAW-01, LAW-02, LAW-09, UA-01, UA-03
#[test]
fn every_type_and_status() {
    let mut cases = Cases::of("opcua: every type and status");
    let served = std::fs::read_to_string(folder("foreign/opcua-every-type.json")).expect("a file");
    let served: Value = serde_json::from_str(&served).expect("JSON");
    let bench = Bench::new();
    let mut device = Asyncua::start(&bench.rig, &[]);
    bench.configure(&device.endpoint, "security = \"none\"");
    let agent = bench.rig.agent();
    for one in ["served", "absent"].iter().flat_map(|key| served[key].as_array().expect("a list")) {
        let name = one["name"].as_str().expect("a name");
        await_until(&format!("{name} as served"), LONG, || as_served(&bench, one));
        cases.tried(format_args!("{name}: {} is {}", one["type"], one["quality"]));
    }

    // A change that the subscription brings is judged.
    device.set("TEMP.PV", 39.05);
    let alarm = bench.control_site.await_rows(
        "the temperature alarm",
        "SELECT value, \"limit\" FROM alarm_log WHERE alarm = 'TEMP.HH' AND transition = 'raised'",
    );
    assert_eq!(alarm[0], [Sql::Real(39.05), Sql::Real(38.0)], "{alarm:?}");
    cases.tried("an alarm by a change that was published");

    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let verified = bench.control_site.number("SELECT verified FROM journals");
    let wrong = bench.control_site.number("SELECT gaps + refused FROM journals");
    assert!(verified > 0 && wrong == 0, "{}", bench.control_site.state());
    cases.tried(format_args!("{verified} records verified, nothing refused"));

    let services = device.services(1);
    let services = services.as_object().expect("counts");
    const READING: [&str; 11] = [
        "GetEndpoints",
        "CreateSession",
        "ActivateSession",
        "Read",
        "CreateSubscription",
        "CreateMonitoredItems",
        "Publish",
        "DeleteSubscriptions",
        "CloseSession",
        "OpenSecureChannel",
        "CloseSecureChannel",
    ];
    let others: Vec<_> = services.keys().filter(|name| !READING.contains(&name.as_str())).collect();
    assert!(others.is_empty(), "the agent only reads and subscribes (LAW-09): {services:?}");
    for needed in ["Read", "CreateSubscription", "Publish"] {
        assert!(services.contains_key(needed), "{services:?}");
    }
    cases.tried(format_args!("only services that read: {services:?}"));
}

/// Whether the newest value at the Control Site is the one that asyncua serves.
fn as_served(bench: &Bench, one: &Value) -> Result<(), String> {
    let name = one["name"].as_str().expect("a name");
    let rows = bench.control_site.rows(&format!(
        "SELECT quality_words, unit_of_measure, value, text FROM latest_values WHERE parameter = '{name}'"
    ));
    let Some([Sql::Text(quality), Sql::Text(unit), value, text]) = rows.first().map(Vec::as_slice)
    else {
        return Err(format!("{name}: {rows:?}; {}", bench.control_site.state()));
    };
    let same = match (&one["expect"], value, text) {
        (Value::Null, Sql::Null, Sql::Null) => true,
        (Value::String(expected), Sql::Null, Sql::Text(text)) => expected == text,
        (Value::Number(expected), Sql::Integer(value), Sql::Null) => {
            expected.as_i64() == Some(*value)
                || expected.as_f64().is_some_and(|one| format!("{one:.0}") == value.to_string())
        }
        (Value::Number(expected), Sql::Real(value), Sql::Null) => {
            expected.as_f64().map(f64::to_bits) == Some(value.to_bits())
        }
        _ => false,
    };
    if same && one["quality"] == quality.as_str() && one["unit"] == unit.as_str() {
        Ok(())
    } else {
        Err(format!("{name}: {value:?} {text:?} {unit}, {quality}, instead of {one}"))
    }
}
