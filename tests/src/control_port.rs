//! A simulated reactor with its control port.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Process, binary};

/// Longest time for an answer of the control port.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// A simulated reactor whose faults the test makes.
#[derive(Debug)]
pub struct Culture {
    /// Where its Modbus TCP server listens.
    pub modbus: String,
    control: String,
    _process: Process,
}

impl Culture {
    /// Starts one of the profile, warm and in expansion.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(rig: &Path, profile: &Path, seed: u32) -> Self {
        let mut command = binary("reactor");
        command.args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
        command.args(["--phase", "expansion", "--seed", &seed.to_string()]);
        command.arg("--profile").arg(profile);
        let mut process = Process::start(&format!("culture-{seed}"), rig, command);
        let ready = process.ready();
        let address = |key: &str| ready[key].as_str().expect("an address").to_owned();
        Self { modbus: address("modbus"), control: address("control"), _process: process }
    }

    /// The heater's relay sticks on and the process runs faster; gives the fault's id.
    #[must_use]
    pub fn break_heater(&self, speed: u32) -> u64 {
        self.ask("POST", "/speed", &json!({ "factor": speed }));
        let fault = self.ask("POST", "/faults", &json!({ "fault": "heater-failed", "mode": "on" }));
        fault["id"].as_u64().expect("an id")
    }

    /// Any other fault, as the control port takes it.
    pub fn fault(&self, fault: &Value) -> u64 {
        self.ask("POST", "/faults", fault)["id"].as_u64().expect("an id")
    }

    /// Mends a fault; the process runs at `speed` from now on.
    pub fn mend(&self, fault: u64, speed: u32) {
        self.ask("DELETE", &format!("/faults/{fault}"), &Value::Null);
        self.ask("POST", "/speed", &json!({ "factor": speed }));
    }

    /// Turns a set-point at the panel, such as `AGIT.SP`.
    pub fn set(&self, parameter: &str, value: f64) {
        self.ask("POST", "/set", &json!({ "parameter": parameter, "value": value }));
    }

    /// The process runs so many times as fast as the clock.
    pub fn speed(&self, factor: u32) {
        self.ask("POST", "/speed", &json!({ "factor": factor }));
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = exchange(&self.control, method, path, &body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or(Value::Null)
    }
}

fn exchange(host: &str, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
