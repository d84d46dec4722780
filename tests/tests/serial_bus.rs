//! Devices on a serial bus: units that share it, one of them silent, and a server that is not ours.

use std::fs;
use std::time::Duration;

use cellwatch_tests::{
    Cases, Device, MasterFile, Process, Rig, SiteFile, await_until, binary, folder, python,
    reactor_control, root,
};
use rusqlite::types::Value as Sql;
use serde_json::Value;

const LONG: Duration = Duration::from_secs(120);

/// A site file whose devices, `bx-01` and so on, are these units of one serial bus.
fn on_a_bus(broker_port: u16, port: &str, units: &[u8]) -> (SiteFile, String) {
    let numbered = units.iter().enumerate();
    let devices =
        numbered.map(|(index, unit)| Device::numbered(index + 1, &format!("unit-{unit}")));
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker_port,
        devices: devices.collect(),
        segment_mib: 64,
    };
    let mut text = site_file.text();
    for unit in units {
        let address = format!("address = \"unit-{unit}\"");
        assert!(text.contains(&address), "{text}");
        text = text.replace(&address, &format!("line = \"bus\"\nmodbus_unit = {unit}"));
    }
    text += &format!(
        "\n[[line]]\nid = \"bus\"\ntransport = \"rtu\"\nport = \"{port}\"\nbaud = 115200\nparity = \"none\"\ngap_ms = 5\n"
    );
    (site_file, text)
}

/// Requests that a unit has got, by its own count.
fn asked(control_port: &str, unit: u8) -> u64 {
    let state = reactor_control(control_port, "GET", &format!("/unit/{unit}/state"), "");
    let by_function = state["served"]["by_function"].as_object().expect("counts").clone();
    by_function.values().filter_map(Value::as_u64).sum()
}

/// Two units on a bus, one silent: every poll of the other is made but for those that a failure of the silent
/// one is in the way of, and it knows no trouble. The silent one goes off-scan, and comes back by itself.
// Req: LAW-01, LAW-02, LAW-07
#[test]
fn a_silent_unit_on_the_bus() {
    let mut cases = Cases::of("serial_bus: a silent unit");
    let profile = root().join("config/examples/profiles/rocking-bag-25.toml");
    let profile = fs::read_to_string(profile).expect("the example profile");
    // Timeout and lateness together are shorter than every period: a failure puts off one poll of a block at most.
    let profile =
        profile.replacen("timeout_ms = 1000 ", "timeout_ms = 300\nmax_lateness_ms = 400 ", 1);
    assert!(profile.contains("max_lateness_ms = 400"));

    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    rig.write("profile.toml", &profile);
    let mut command = binary("reactor");
    command.args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--rtu-pty"]);
    command.args(["--bus-unit", "7", "--bus-unit", "8", "--baud", "115200"]);
    command.args(["--phase", "expansion", "--profile"]).arg(rig.site().join("profile.toml"));
    let mut reactors = Process::start("reactors", rig.path(), command);
    let ready = reactors.ready();
    let port = ready["rtu_pty"].as_str().expect("a pty").to_owned();
    let control_port = ready["control"].as_str().expect("a control port").to_owned();
    let fault =
        reactor_control(&control_port, "POST", "/unit/8/faults", r#"{"fault": "device-silent"}"#);

    let (site_file, text) = on_a_bus(broker.port, &port, &[7, 8]);
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    rig.write("site.toml", text);
    let agent = rig.agent();

    let link = |device: &str, words: &str| {
        format!(
            "SELECT text FROM events WHERE kind = 'link' AND text LIKE 'device {device} {words}%'"
        )
    };
    let _up = control_site.await_rows("the living unit", &link("bx-01", "answers"));
    let _down =
        control_site.await_rows("the silent unit", &link("bx-02", "does not answer: no answer"));
    let _off = control_site.await_rows("off-scan", &link("bx-02", "is only retried"));
    cases.tried("the silent unit goes off-scan");

    let before = asked(&control_port, 7);
    await_until("a hundred polls of the living unit", LONG, || {
        let polls = asked(&control_port, 7) - before;
        if polls >= 100 { Ok(()) } else { Err(format!("{polls} polls")) }
    });
    let failures = asked(&control_port, 8);
    let id = &fault["id"];
    let _mended = reactor_control(&control_port, "DELETE", &format!("/unit/8/faults/{id}"), "");
    await_until("the unit back on scan", LONG, || {
        let back = control_site.rows(&link("bx-02", "is polled at its own pace again"));
        if back.is_empty() { Err(control_site.state()) } else { Ok(()) }
    });
    cases.tried("it comes back by itself");

    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let through = control_site.await_through(rig.last_seq());
    let gaps = control_site.rows("SELECT text FROM events WHERE kind = 'gap'");
    let skipped: u64 = gaps
        .iter()
        .filter_map(|row| match row.first() {
            Some(Sql::Text(text)) => {
                text.split_once(" polls of device bx-01 were skipped")?.0.parse::<u64>().ok()
            }
            _ => None,
        })
        .sum();
    let polls = asked(&control_port, 7);
    let failures = failures.max(3);
    // A failure lasts shorter than any period, so it makes each block late once at most.
    let blocks = 4;
    assert!(skipped <= failures * blocks, "{skipped} skipped at {failures} failures: {gaps:?}");
    assert!(skipped * 20 <= polls + failures * blocks * 20, "{skipped} of {polls}");
    let down = control_site.rows(&link("bx-01", "does not answer"));
    assert!(down.is_empty(), "{down:?}");
    cases.tried(format_args!(
        "{polls} polls of the neighbour, {skipped} skipped, {failures} failures of the silent one, {through} records"
    ));
}

/// Every type and order as pymodbus serves it on a serial line.
// Req: LAW-01, LAW-09
#[test]
fn a_foreign_server() {
    let mut cases = Cases::of("serial_bus: a foreign server");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let served = fs::read_to_string(folder("foreign/every-type.json")).expect("what is served");
    let served: Value = serde_json::from_str(&served).expect("JSON");
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let mut command = python("modbus_server.py");
    command.arg(folder("foreign/every-type.json")).arg("--serial");
    let mut device = Process::start("pymodbus", rig.path(), command);
    let port = device.ready()["port"].as_str().expect("a port").to_owned();

    let (site_file, text) = on_a_bus(broker.port, &port, &[1]);
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    rig.write("site.toml", text);
    let agent = rig.agent();
    for one in served["served"].as_array().expect("a list") {
        let name = one["name"].as_str().expect("a name");
        let quality = one["quality"].as_str().expect("a quality");
        await_until(&format!("{name} as served"), LONG, || {
            let rows = control_site.rows(&format!(
                "SELECT quality_words, value, text FROM latest_values WHERE parameter = '{name}'"
            ));
            let [Sql::Text(found), value, text] = rows.first().map_or(&[][..], Vec::as_slice)
            else {
                return Err(control_site.state());
            };
            let same = match (&one["expect"], value, text) {
                (Value::Null, Sql::Null, Sql::Null) => true,
                (Value::String(expected), _, Sql::Text(text)) => expected == text,
                (Value::Number(expected), Sql::Integer(value), _) => {
                    expected.as_i64() == Some(*value)
                        || expected
                            .as_f64()
                            .is_some_and(|one| format!("{one:.0}") == value.to_string())
                }
                (Value::Number(expected), Sql::Real(value), _) => {
                    expected.as_f64().map(f64::to_bits) == Some(value.to_bits())
                }
                _ => false,
            };
            if same && found == quality {
                Ok(())
            } else {
                Err(format!("{rows:?} instead of {one}"))
            }
        });
        cases.tried(format_args!("{name}: {}", one["type"]));
    }
    device.tell(r#"{"count": 1}"#);
    let counts = device.answer("the counts", |answer| answer["count"] == 1);
    assert!(counts["reads"].as_u64().is_some_and(|reads| reads > 0), "{counts}");
    assert_eq!(counts["others"], 0, "the agent only reads (LAW-09)");
    cases.tried("nothing but reads");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
