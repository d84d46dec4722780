//! RTU on a bus with several units: over TCP and on a pty.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cellwatch_reactor::modbus::rtu::framed;
use common::Process;

const BUS: [&str; 6] =
    ["--rtu-pty", "--rtu-over-tcp", "127.0.0.1:0", "--bus-unit", "7", "--bus-unit"];

/// Asks a unit for its heartbeat and phase; gives what comes back.
fn ask(line: &mut (impl Read + Write), unit: u8) -> Vec<u8> {
    line.write_all(&framed(unit, &[4, 0, 0, 0, 2])).unwrap();
    let mut reply = vec![0; 9];
    line.read_exact(&mut reply).unwrap();
    reply
}

#[test]
fn units_answer_for_themselves_and_the_silent_one_does_not() {
    let reactor = Process::start(&[&BUS[..], &["8"]].concat());
    let mut line = TcpStream::connect(reactor.ready["rtu_over_tcp"].as_str().unwrap()).unwrap();
    for unit in [7, 8] {
        let reply = ask(&mut line, unit);
        assert_eq!((reply[0], reply[1], reply[2]), (unit, 4, 4));
        assert_eq!(framed(unit, &reply[1..7]), reply, "its CRC");
    }
    let (status, _) = reactor.control("POST", "/unit/8/faults", r#"{"fault": "device-silent"}"#);
    assert_eq!(status, 200);
    line.write_all(&framed(8, &[4, 0, 0, 0, 2])).unwrap();
    line.write_all(&framed(9, &[4, 0, 0, 0, 2])).unwrap();
    // The next byte on the line is the living unit's.
    assert_eq!(ask(&mut line, 7)[0], 7);
    let (_, state) = reactor.control("GET", "/unit/8/state", "");
    assert_eq!(state["served"]["unanswered"], 1);
    // The pty is the same bus.
    let port = reactor.ready["rtu_pty"].as_str().unwrap();
    let mut port = OpenOptions::new().read(true).write(true).open(port).unwrap();
    assert_eq!(ask(&mut port, 7)[..3], [7, 4, 4]);
    line.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    assert!(line.read(&mut [0]).is_err(), "each face has its own replies");
    println!("bus: 6 cases");
}
