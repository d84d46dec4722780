//! What is polled, and the Master File that approves it.

use std::sync::Arc;

use cellwatch_config::master_file::{self, MasterFile};
use cellwatch_config::profile::{self, Profile};

/// Long enough for a machine that is busy with other tests.
pub(crate) const TIMEOUT_MS: u64 = 1_000;
/// A failure on a bus costs this and the timeout.
pub(crate) const LATE_MS: u64 = 1_000;
/// The neighbour on the bus is polled less often than three failures in a row take.
pub(crate) const BUS_PERIOD_MS: u64 = 7_000;
/// Everything is read so often on OPC UA besides the subscription.
pub(crate) const CHECK_MS: u64 = 500;
/// Publishing interval of the subscription.
pub(crate) const PUBLISHING_MS: u64 = 200;
/// Serial number of every device.
pub(crate) const SERIAL: &str = "SN-0001";

const BROKEN: &str = r#"
[profile]
id = "broken"
model = "device that breaks"
version = "1"
[modbus]
timeout_ms = TIMEOUT
max_lateness_ms = LATE
[[parameter]]
name = "BEAT"
table = "input"
address = 0
type = "u16"
unit = "1"
role = "heartbeat"
period_ms = 500
[[parameter]]
name = "TEMP.PV"
table = "input"
address = 1
type = "i16"
scale = 0.01
unit = "°C"
range = [0.0, 60.0]
sentinels = [-32768]
period_ms = 500
[[parameter]]
name = "PROBE"
table = "input"
address = 2
type = "f32"
unit = "%"
range = [0.0, 100.0]
frozen_after_s = 4
period_ms = 500
[[parameter]]
name = "MASS"
table = "input"
address = 4
type = "u32"
scale = 0.01
unit = "kg"
range = [100.0, 1000.0]
period_ms = 1000
[[parameter]]
name = "UPTIME"
table = "input"
address = 6
type = "u32"
unit = "1"
role = "uptime"
period_ms = 1000
[[parameter]]
name = "SERIAL"
table = "input"
address = 8
type = "text:4"
unit = "1"
role = "serial"
period_ms = 1000
[[parameter]]
name = "TEMP.SP"
table = "holding"
address = 0
type = "i16"
scale = 0.01
unit = "°C"
role = "set-point"
of = "TEMP.PV"
period_ms = 1000
"#;

const HEALTHY: &str = r#"
[profile]
id = "healthy-PERIOD"
model = "neighbour"
version = "1"
[modbus]
timeout_ms = TIMEOUT
max_lateness_ms = LATE
[[parameter]]
name = "BEAT"
table = "input"
address = 0
type = "u16"
unit = "1"
role = "heartbeat"
heartbeat_after_s = 60
period_ms = PERIOD
[[parameter]]
name = "PROBE"
table = "input"
address = 1
type = "f32"
unit = "%"
range = [0.0, 100.0]
period_ms = PERIOD
"#;

const MASTER_FILE: &str = r#"
[master_file]
id = "MF-FAULTS"
version = 1
product = "test"
effective = 2020-01-01T00:00:00Z
expires = 2200-01-01T00:00:00Z
activation = "at-once"
reason = "test"
sites = ["bench"]

[[equipment]]
profile = "broken"
profile_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
serials = ["SN-0001"]

[[parameter]]
name = "TEMP.PV"
unit = "°C"
range = [0.0, 60.0]
set_point = 36.5
critical = true
stale_after_s = 30.0
instrument_delay_s = 30.0
instrument_response = "Check the probe."

[[phase]]
id = "expansion"
name = "Expansion"

[[alarm]]
id = "TEMP.HH"
parameter = "TEMP.PV"
kind = "HH"
limit = 45.0
deadband = 0.1
priority = "high"
class = "gmp-critical"
cause = "heater"
consequence = "cells die"
response = "Switch the heater off."
time_to_respond_s = 300
"#;

fn parse(text: &str) -> Arc<Profile> {
    let text =
        text.replace("TIMEOUT", &TIMEOUT_MS.to_string()).replace("LATE", &LATE_MS.to_string());
    Arc::new(profile::parse("profile.toml", &text).unwrap_or_else(|problems| panic!("{problems}")))
}

/// The device that breaks.
pub(crate) fn broken() -> Arc<Profile> {
    parse(BROKEN)
}

/// The same device on OPC UA: each parameter is a node of its name.
pub(crate) fn broken_on_opcua() -> Arc<Profile> {
    let opcua = "[opcua]\nnamespace = \"urn:example:broken\"\ntimeout_ms = TIMEOUT\nsource_time_advances = true\n";
    let line = |line: &str| match line.strip_prefix("name = \"") {
        Some(name) => format!("{line}\nnode = \"s={name}\n"),
        None => format!("{line}\n"),
    };
    let text: String = BROKEN.lines().map(line).collect();
    parse(&text.replacen("[[parameter]]", &format!("{opcua}[[parameter]]"), 1))
}

/// A neighbour that is read once in a period.
pub(crate) fn healthy(period_ms: u64) -> Arc<Profile> {
    parse(&HEALTHY.replace("PERIOD", &period_ms.to_string()))
}

/// Approves these profiles, and of the one that breaks one serial number.
pub(crate) fn master_file(profiles: &[Arc<Profile>]) -> MasterFile {
    let mut file = master_file::parse("master-file.toml", MASTER_FILE.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let listed = file.equipment[0].clone();
    file.equipment.clear();
    for profile in profiles {
        let mut one = listed.clone();
        one.profile.clone_from(&profile.id);
        one.profile_sha256 = profile.sha256;
        if profile.id != listed.profile {
            one.serials.clear();
        }
        file.equipment.push(one);
    }
    file
}
