//! The profile and the Master File of the tests.

use std::sync::Arc;

use cellwatch_config::master_file::{self, MasterFile};
use cellwatch_config::profile::{self, Profile};
use cellwatch_core::door::{MasterFileOffer, Offered};
use cellwatch_record::{Hash, Person};

pub const PROFILE: &str = r#"
[profile]
id = "test-bag"
model = "test bag"
version = "1"

[modbus]
timeout_ms = 900

[[parameter]]
name = "TEMP.PV"
table = "input"
address = 0
type = "i16"
scale = 0.01
decimals = 2
unit = "°C"
range = [0.0, 60.0]
sentinels = [-32768]

[[parameter]]
name = "PRESS.BAG"
table = "input"
address = 1
type = "u16"
unit = "mbar"

[[parameter]]
name = "PHASE"
table = "input"
address = 20
type = "u16"
unit = "1"
role = "phase"
values = { "0" = "idle", "1" = "activation", "2" = "expansion" }
"#;

const MASTER_FILE: &str = r#"
[master_file]
id = "MF-TEST"
version = VERSION
product = "test"
effective = 2025-06-01T00:00:00Z
expires = 2027-01-01T00:00:00Z
activation = "at-once"
reason = "test"
sites = ["barcelona-1"]

[[equipment]]
profile = "test-bag"
profile_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"

[[parameter]]
name = "TEMP.PV"
unit = "°C"
range = [0.0, 60.0]
set_point = 37.0
critical = true
stale_after_s = 5.0
instrument_delay_s = 3.0
instrument_response = "Check the probe."

[[phase]]
id = "activation"
name = "Activation"

[[phase]]
id = "expansion"
name = "Expansion"

[[alarm]]
id = "TEMP.H"
parameter = "TEMP.PV"
kind = "H"
limit = 37.5
deadband = 0.1
on_delay_s = 10.0
off_delay_s = 5.0
priority = "medium"
class = "product-quality"
cause = "heater"
consequence = "growth slows"
response = "Check the heater."
time_to_respond_s = 600

[[alarm]]
id = "TEMP.HH"
parameter = "TEMP.PV"
kind = "HH"
limit = 38.0
deadband = 0.1
priority = "high"
class = "gmp-critical"
cause = "heater"
consequence = "cells die"
response = "Switch the heater off."
time_to_respond_s = 300

[[alarm]]
id = "TEMP.L"
parameter = "TEMP.PV"
kind = "L"
limit = 36.5
deadband = 0.1
priority = "medium"
class = "product-quality"
phases = ["expansion"]
cause = "door"
consequence = "growth slows"
response = "Close the door."
time_to_respond_s = 600
"#;

/// Two bags whose pressures are compared.
pub const PAIR: &str = r#"
[[parameter]]
name = "PRESS.BAG"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."

[[parameter]]
name = "PRESS.BAG_2"
unit = "mbar"
range = [0.0, 1000.0]
stale_after_s = 5.0
instrument_response = "Look at the bag."

[[alarm]]
id = "PRESS.PAIR"
parameter = "PRESS.BAG_2"
kind = "deviation"
reference = "PRESS.BAG"
limit = 40.0
priority = "medium"
class = "equipment"
cause = "filter"
consequence = "bag bursts"
response = "Open the vent."
time_to_respond_s = 60
"#;

pub fn profile() -> Profile {
    profile::parse("test.toml", PROFILE).unwrap_or_else(|problems| panic!("{problems}"))
}

pub fn master_file(version: u64) -> MasterFile {
    master_file_with(version, "")
}

/// The Master File of the tests with more text at its end.
pub fn master_file_with(version: u64, more: &str) -> MasterFile {
    let text = MASTER_FILE.replace("VERSION", &version.to_string()) + more;
    let mut file = master_file::parse("master.toml", text.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems}"));
    file.equipment[0].profile_sha256 = profile().sha256;
    file
}

pub fn offer(file: MasterFile) -> MasterFileOffer {
    let person = |name: &str, role: &str| Person { name: name.to_owned(), role: role.to_owned() };
    MasterFileOffer {
        origin: "test".to_owned(),
        sha256: Hash([u8::try_from(file.version).expect("small"); 32]),
        offered: Offered::Approved {
            file: Arc::new(file),
            approvers: vec![person("QA One", "QA"), person("QP One", "QP")],
        },
        accepted_before: false,
    }
}
