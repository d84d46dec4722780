//! A reactor as a process of its own, and two small clients.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The profile that comes with the project.
pub fn profile_path() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("../../config/examples/profiles/rocking-bag-25.toml")
}

/// A running reactor; ends with its owner.
pub struct Process {
    pub child: Child,
    pub modbus: String,
    pub control: String,
    /// What it said when it was ready.
    pub ready: Value,
}

impl Process {
    /// Starts `reactor serve` on free ports with these further arguments.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reactor"))
            .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--profile"])
            .arg(profile_path())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["ready"], true, "{line}");
        let word = |key: &str| ready[key].as_str().unwrap().to_owned();
        Self { modbus: word("modbus"), control: word("control"), child, ready }
    }

    /// One request to the control port: status and JSON.
    pub fn control(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.control).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: reactor\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, json) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(json).unwrap())
    }

    /// Breaks something; gives its id.
    pub fn break_something(&self, fault: &str) -> u64 {
        let (status, answer) = self.control("POST", "/faults", fault);
        assert_eq!(status, 200, "{answer}");
        answer["id"].as_u64().unwrap()
    }

    pub fn mend(&self, id: u64) {
        let (status, answer) = self.control("DELETE", &format!("/faults/{id}"), "");
        assert_eq!(status, 200, "{answer}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already ended where a test ended it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks again until it is so; gives up after so many times that it never will be.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    assert!((0..20_000).any(|_| is_so()), "{what}: asked 20000 times");
}

/// A Modbus TCP client that hides nothing.
pub struct Wire(pub TcpStream);

impl Wire {
    pub fn connect(address: &str) -> Self {
        Self(TcpStream::connect(address).unwrap())
    }

    /// Asks to read; does not wait for the answer.
    pub fn ask(&mut self, transaction: u16, function: u8, address: u16, count: u16) {
        let mut frame = Vec::new();
        frame.extend(transaction.to_be_bytes());
        frame.extend([0, 0, 0, 6, 1, function]);
        frame.extend(address.to_be_bytes());
        frame.extend(count.to_be_bytes());
        self.0.write_all(&frame).unwrap();
    }

    /// The next frame: transaction, unit, function code and data. `None` when the connection is closed.
    pub fn next(&mut self) -> Option<(u16, u8, Vec<u8>)> {
        let mut header = [0; 7];
        self.0.read_exact(&mut header).ok()?;
        let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
        let mut pdu = vec![0; length - 1];
        self.0.read_exact(&mut pdu).ok()?;
        Some((u16::from_be_bytes([header[0], header[1]]), header[6], pdu))
    }
}
