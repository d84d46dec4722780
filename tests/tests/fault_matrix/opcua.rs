//! Faults of OPC UA devices: the simulated reactor breaks, its server behind the same faults.

use cellwatch_model::Cause;

use crate::site::{Expected, Fault, PROBE, TEMP, Way, run, words};
use crate::table::{Cell, Row, Section};

/// In words, the fault, and what is said.
fn lines() -> Vec<(&'static str, Fault, Option<Expected>)> {
    use cellwatch_model::Cause::{
        Configuration, Frozen, Late, LocalOverride, NoCommunication, SensorFailure, Stale, Timeout,
        WrongDevice, WrongReply,
    };
    let (says, heals, then) = (Expected::says, Expected::heals, Expected::then);
    let (wire, value) = (Fault::wire, Fault::value);
    let besides = |besides: &'static [Cause], expected: Option<Expected>| {
        expected.map(|one| Expected { besides, ..one })
    };
    // Who is silent fails a read or the session, whichever is seen first; a read that fails ends the session.
    let silent = besides(&[Timeout], says(NoCommunication, "does not answer"));
    let broken = besides(&[WrongReply, Timeout], says(NoCommunication, ""));
    let forgotten = heals(NoCommunication, "");
    vec![
        ("silent", wire(&[r#"{"fault": "device-silent"}"#]), silent),
        (
            "slow, within the timeout",
            wire(&[r#"{"fault": "device-slow", "delay_ms": 250}"#]),
            Expected::GOOD,
        ),
        (
            "late, beyond the timeout",
            wire(&[r#"{"fault": "late-reply", "delay_ms": 1500}"#]),
            silent,
        ),
        (
            "garbage before a message",
            wire(&[r#"{"fault": "damaged", "how": "garbage-before"}"#]),
            broken,
        ),
        (
            "garbage after a message",
            wire(&[r#"{"fault": "damaged", "how": "garbage-after"}"#]),
            broken,
        ),
        (
            "half of a message",
            wire(&[r#"{"fault": "damaged", "how": "cut"}"#]),
            // Without security what follows is taken for the other half, which may look like an answer without values.
            besides(&[WrongReply, Timeout, Configuration], says(NoCommunication, "")),
        ),
        (
            "connection closed within a message",
            wire(&[r#"{"fault": "damaged", "how": "closed"}"#]),
            broken,
        ),
        ("connection reset", wire(&[r#"{"fault": "damaged", "how": "reset"}"#]), broken),
        (
            "half-open connection",
            wire(&[r#"{"fault": "half-open"}"#]),
            besides(&[Timeout], heals(NoCommunication, "does not answer")),
        ),
        (
            "accepts and says nothing",
            wire(&[r#"{"fault": "accepts-only"}"#, r#"{"fault": "half-open"}"#]),
            silent,
        ),
        ("refuses connections", wire(&[r#"{"fault": "connection-refused"}"#]), broken),
        ("session dropped by the server", wire(&[r#"{"fault": "sessions-dropped"}"#]), forgotten),
        (
            "subscription brings no changes",
            wire(&[r#"{"fault": "subscription-stalls"}"#]),
            heals(NoCommunication, "that its subscription does not bring"),
        ),
        ("namespaces in another order", wire(&[r#"{"fault": "namespaces-reordered"}"#]), forgotten),
        (
            "status BadSensorFailure",
            value(
                &[r#"{"fault": "bad-status", "parameter": "PROBE", "code": 2156658688}"#],
                PROBE,
                0,
            ),
            says(SensorFailure, ""),
        ),
        (
            "status BadNoCommunication",
            value(
                &[r#"{"fault": "bad-status", "parameter": "PROBE", "code": 2150694912}"#],
                PROBE,
                0,
            ),
            says(NoCommunication, ""),
        ),
        (
            "status BadOutOfService",
            value(
                &[r#"{"fault": "bad-status", "parameter": "PROBE", "code": 2156724224}"#],
                PROBE,
                0,
            ),
            says(LocalOverride, ""),
        ),
        (
            "status UncertainLastUsableValue",
            value(
                &[r#"{"fault": "bad-status", "parameter": "PROBE", "code": 1083179008}"#],
                PROBE,
                0,
            ),
            says(Stale, ""),
        ),
        (
            "NaN",
            value(
                &[r#"{"fault": "value-out-of-range", "parameter": "PROBE", "as": "no-value"}"#],
                PROBE,
                0,
            ),
            says(SensorFailure, ""),
        ),
        (
            "sentinel",
            value(
                &[r#"{"fault": "value-out-of-range", "parameter": "TEMP.PV", "as": "no-value"}"#],
                TEMP,
                0,
            ),
            says(SensorFailure, ""),
        ),
        (
            "frozen value",
            value(&[r#"{"fault": "sensor-stuck", "parameter": "PROBE"}"#], PROBE, 5_500),
            says(Frozen, ""),
        ),
        (
            "source times stand still",
            value(&[r#"{"fault": "source-time-stands"}"#], PROBE, 2_500),
            // So does the serial number's: nobody knows which device it is; and what is published looks old.
            besides(&[WrongDevice, Late], says(Frozen, "")),
        ),
        (
            "reboot with defaults",
            wire(&[r#"{"fault": "reboot"}"#]),
            besides(
                &[WrongReply, Timeout],
                then(NoCommunication, "", "started again without saying so"),
            ),
        ),
        (
            "another serial number",
            value(&[r#"{"fault": "other-serial", "serial": "SN-0002"}"#], PROBE, 2_500),
            says(WrongDevice, ""),
        ),
    ]
}

/// All cells.
pub(crate) fn section() -> Section {
    let rows = lines().into_iter().zip(100..).map(|((name, fault, expected), row)| {
        let cell = expected.map_or_else(Cell::none, |expected| {
            Cell::new(words(&expected), move || run(Way::OpcUa, fault, expected, row * 100))
        });
        Row { fault: name, cells: vec![cell] }
    });
    Section { title: "OPC UA", columns: vec!["OPC UA"], rows: rows.collect() }
}
