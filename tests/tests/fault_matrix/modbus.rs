//! Faults of Modbus devices: the simulated reactor breaks, by the same requests that its control port takes.

use crate::site::{Expected, Fault, MASS, PROBE, TEMP, Way, run, words};
use crate::table::{Cell, Row, Section};

type Line = (&'static str, Fault, [Option<Expected>; 3]);

/// In words, the fault, and what is said on Modbus TCP, RTU on a serial port, RTU over TCP.
fn lines() -> Vec<Line> {
    use cellwatch_model::Cause::{
        DeviceException, Frozen, NoCommunication, OutOfRange, SensorFailure, Timeout, WrongDevice,
        WrongReply,
    };
    const GOOD: Option<Expected> = Expected::GOOD;
    let (says, then) = (Expected::says, Expected::then);
    let (wire, connection, value) = (Fault::wire, Fault::connection, Fault::value);
    let same = |expected| [expected; 3];
    let silent = says(Timeout, "no answer within 1000 ms");
    let dead = Expected::heals(Timeout, "");
    vec![
        ("silent", wire(&[r#"{"fault": "device-silent"}"#]), same(silent)),
        (
            "slow, within the timeout",
            wire(&[r#"{"fault": "device-slow", "delay_ms": 250}"#]),
            same(GOOD),
        ),
        (
            "late, beyond the timeout",
            wire(&[r#"{"fault": "late-reply", "delay_ms": 1500}"#]),
            same(silent),
        ),
        (
            "exception: busy",
            wire(&[r#"{"fault": "exception", "code": 6}"#]),
            same(says(DeviceException, "")),
        ),
        (
            "exception: illegal address",
            wire(&[r#"{"fault": "exception", "code": 2}"#]),
            same(says(DeviceException, "")),
        ),
        (
            "exception: gateway target failed",
            wire(&[r#"{"fault": "exception", "code": 11}"#]),
            same(says(Timeout, "the gateway says that its target does not answer")),
        ),
        (
            "another unit answers",
            wire(&[r#"{"fault": "wrong-reply", "field": "unit"}"#]),
            [
                says(WrongReply, "the reply is of unit 8, not of 7"),
                says(WrongReply, "begins with 0x08, not with unit 7"),
                says(WrongReply, "begins with 0x08, not with unit 7"),
            ],
        ),
        (
            "another function",
            wire(&[r#"{"fault": "wrong-reply", "field": "function"}"#]),
            same(says(WrongReply, "the reply is to function")),
        ),
        (
            "another transaction",
            wire(&[r#"{"fault": "wrong-reply", "field": "transaction"}"#]),
            [says(WrongReply, "it answers another request"), None, None],
        ),
        (
            "short reply",
            wire(&[r#"{"fault": "wrong-length"}"#]),
            same(says(WrongReply, "bytes of data where")),
        ),
        (
            "long reply",
            wire(&[r#"{"fault": "extra-length"}"#]),
            same(says(WrongReply, "bytes of data where")),
        ),
        ("reply in pieces", wire(&[r#"{"fault": "damaged", "how": "split"}"#]), same(GOOD)),
        (
            "two replies in one piece",
            wire(&[r#"{"fault": "damaged", "how": "merged"}"#]),
            [
                says(WrongReply, "bytes follow the reply"),
                says(WrongReply, ""),
                says(WrongReply, ""),
            ],
        ),
        (
            "garbage before the reply",
            wire(&[r#"{"fault": "damaged", "how": "garbage-before"}"#]),
            [
                says(WrongReply, "it answers another request"),
                says(WrongReply, "another unit or noise"),
                says(WrongReply, "another unit or noise"),
            ],
        ),
        (
            "garbage after the reply",
            wire(&[r#"{"fault": "damaged", "how": "garbage-after"}"#]),
            [
                says(WrongReply, "3 bytes follow the reply"),
                says(WrongReply, ""),
                says(WrongReply, ""),
            ],
        ),
        (
            "CRC error",
            wire(&[r#"{"fault": "damaged", "how": "crc"}"#]),
            [None, says(WrongReply, "the reply's CRC is"), says(WrongReply, "the reply's CRC is")],
        ),
        (
            "half of the reply",
            wire(&[r#"{"fault": "damaged", "how": "cut"}"#]),
            same(says(WrongReply, "bytes of the reply came")),
        ),
        (
            "connection closed within the reply",
            connection(&[r#"{"fault": "damaged", "how": "closed"}"#]),
            [says(WrongReply, "closed the connection after"), None, says(WrongReply, "closed")],
        ),
        (
            "connection reset",
            connection(&[r#"{"fault": "damaged", "how": "reset"}"#]),
            [says(WrongReply, "reset"), None, says(WrongReply, "reset")],
        ),
        ("half-open connection", connection(&[r#"{"fault": "half-open"}"#]), [dead, None, dead]),
        (
            "accepts and says nothing",
            connection(&[r#"{"fault": "accepts-only"}"#, r#"{"fault": "half-open"}"#]),
            [silent, None, silent],
        ),
        (
            "refuses connections",
            connection(&[r#"{"fault": "connection-refused"}"#]),
            [says(NoCommunication, "refused"), None, says(NoCommunication, "refused")],
        ),
        (
            "NaN",
            value(
                &[r#"{"fault": "value-out-of-range", "parameter": "PROBE", "as": "no-value"}"#],
                PROBE,
                0,
            ),
            same(says(SensorFailure, "")),
        ),
        (
            "sentinel",
            value(
                &[r#"{"fault": "value-out-of-range", "parameter": "TEMP.PV", "as": "no-value"}"#],
                TEMP,
                0,
            ),
            same(says(SensorFailure, "")),
        ),
        (
            "frozen value",
            value(&[r#"{"fault": "sensor-stuck", "parameter": "PROBE"}"#], PROBE, 5_500),
            same(says(Frozen, "")),
        ),
        (
            "swapped words",
            value(&[r#"{"fault": "swapped-words", "parameter": "MASS"}"#], MASS, 0),
            same(says(OutOfRange, "")),
        ),
        (
            "reboot with defaults",
            wire(&[r#"{"fault": "reboot"}"#]),
            [
                then(NoCommunication, "refused", "started again without saying so"),
                then(Timeout, "no answer", "started again without saying so"),
                then(Timeout, "no answer", "started again without saying so"),
            ],
        ),
        (
            "another serial number",
            value(&[r#"{"fault": "other-serial", "serial": "SN-0002"}"#], PROBE, 2_500),
            same(says(WrongDevice, "")),
        ),
    ]
}

/// All cells.
pub(crate) fn section() -> Section {
    const WAYS: [Way; 3] = [Way::Tcp, Way::RtuSerial, Way::RtuOverTcp];
    let rows = lines().into_iter().zip(1..).map(|((name, fault, expected), row)| {
        let cells = expected.into_iter().zip(WAYS).zip(0..).map(|((expected, way), column)| {
            expected.map_or_else(Cell::none, |expected| {
                let seed = row * 100 + column * 10;
                Cell::new(words(&expected), move || run(way, fault, expected, seed))
            })
        });
        Row { fault: name, cells: cells.collect() }
    });
    Section {
        title: "Modbus",
        columns: vec!["Modbus TCP", "RTU on a serial port", "RTU over TCP"],
        rows: rows.collect(),
    }
}
