//! Devices to poll: a server that is not ours, and the simulated reactor.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::{Process, binary, finish, folder, python};

/// A Modbus TCP server of pymodbus, told what to serve by a file of `foreign/`.
#[derive(Debug)]
pub struct Pymodbus {
    /// Its address.
    pub address: String,
    process: Process,
}

impl Pymodbus {
    /// Starts it with `served`, a file of `foreign/`.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(rig: &Path, served: &str) -> Self {
        let mut command = python("modbus_server.py");
        command.arg(folder("foreign").join(served));
        let mut process = Process::start("pymodbus", rig, command);
        let address = process.ready()["address"].as_str().expect("an address").to_owned();
        Self { address, process }
    }

    /// Serves another raw number under a name from now on.
    ///
    /// # Panics
    /// It refuses.
    pub fn set(&mut self, name: &str, raw: i64) {
        self.process.tell(&json!({ "set": name, "raw": raw }).to_string());
        self.process
            .answer("the new number", |answer| answer["set"] == name && answer["raw"] == raw);
    }

    /// How many requests it has answered: reads, and anything else.
    ///
    /// # Panics
    /// It does not say.
    #[must_use]
    pub fn requests(&mut self, question: u32) -> (u64, u64) {
        self.process.tell(&json!({ "count": question }).to_string());
        let answer: Value = self.process.answer("the counts", |answer| answer["count"] == question);
        let number = |key: &str| answer[key].as_u64().expect("a number");
        (number("reads"), number("others"))
    }
}

/// A server of libmodbus, compiled from `foreign/libmodbus_server.c` into `folder`.
///
/// # Panics
/// It does not compile: `tests/run` installs libmodbus-dev.
#[must_use]
pub fn libmodbus(into: &Path) -> std::path::PathBuf {
    let program = into.join("libmodbus_server");
    let mut compile = std::process::Command::new("cc");
    compile.args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program);
    compile.arg(folder("foreign/libmodbus_server.c")).arg("-lmodbus");
    let compiled = finish(compile);
    assert_eq!(compiled.status, Some(0), "{compiled}\n`tests/run` installs libmodbus-dev");
    program
}

/// A simulated reactor of the example profile, warm and in expansion, with its address.
///
/// # Panics
/// It does not start.
#[must_use]
pub fn reactor(rig: &Path, profile: &Path, seed: u32) -> (Process, String) {
    let mut command = binary("reactor");
    command.args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
    command
        .args(["--phase", "expansion", "--seed", &seed.to_string()])
        .arg("--profile")
        .arg(profile);
    let mut process = Process::start(&format!("reactor-{seed}"), rig, command);
    let address = process.ready()["modbus"].as_str().expect("an address").to_owned();
    (process, address)
}

/// A request to a reactor's control port.
///
/// # Panics
/// It is refused.
#[must_use]
pub fn reactor_control(address: &str, method: &str, path: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(address).expect("the control port");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: reactor\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, json) = answer.split_once("\r\n\r\n").expect("HTTP");
    assert!(head.contains(" 200 "), "{answer}");
    serde_json::from_str(json).expect("JSON")
}
