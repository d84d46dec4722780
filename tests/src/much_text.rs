//! A device that says much: a journal grows quickly.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Pymodbus;

/// Registers with text, so many and so often that a segment of 1 MiB is soon full.
const BLOCKS: usize = 10;
const REGISTERS: usize = 120;

/// A pymodbus server with much text and a temperature, `TEMP.PV`, and the text of its profile.
///
/// # Panics
/// It does not start.
#[must_use]
pub fn much_text(rig: &Path) -> (Pymodbus, String) {
    let served = rig.join("served.json");
    let mut entries = Vec::new();
    let mut profile = "[profile]\nid = \"every-type\"\nmodel = \"Much text\"\nversion = \"1.0\"\n[modbus]\ntimeout_ms = 2000\n"
        .to_owned();
    let mut add = |name: &str, table: &str, address: usize, kind: &str, more: &str| {
        writeln!(profile, "[[parameter]]\nname = \"{name}\"\ntable = \"{table}\"\naddress = {address}\ntype = \"{kind}\"\n{more}")
            .expect("a string takes everything");
    };
    for block in 0..BLOCKS {
        let (name, address) = (format!("TEXT.{block}"), block * REGISTERS);
        let kind = format!("text:{REGISTERS}");
        add(&name, "input", address, &kind, "unit = \"1\"\nperiod_ms = 50");
        let text: String =
            format!("{name} ").repeat(2 * REGISTERS).chars().take(2 * REGISTERS).collect();
        entries.push(serde_json::json!({ "name": name, "table": "input", "address": address, "type": "text", "raw": text }));
    }
    add(
        "TEMP.PV",
        "holding",
        0,
        "i16",
        "unit = \"°C\"\nscale = 0.01\ndecimals = 2\nrange = [0.0, 60.0]",
    );
    entries.push(serde_json::json!({ "name": "TEMP.PV", "table": "holding", "address": 0, "type": "i16", "raw": 3700 }));
    fs::write(&served, serde_json::json!({ "served": entries }).to_string()).expect("a file");
    let device = Pymodbus::start(rig, served.to_str().expect("a path"));
    (device, profile)
}
