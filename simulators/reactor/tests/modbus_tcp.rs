//! The reactor on its sockets: honest answers to a foreign client, and every fault of the wire.
#![allow(clippy::unwrap_used)]
// The client only has to be foreign; every answer is compared whole.
#![allow(clippy::disallowed_methods)]

mod common;

use common::{Process, Wire, until};
use tokio_modbus::ExceptionCode;
use tokio_modbus::client::tcp;
use tokio_modbus::prelude::{Reader, Writer};

const EXPANSION: [&str; 4] = ["--phase", "expansion", "--seed", "4"];

#[tokio::test]
async fn a_foreign_client_reads_what_is_true() {
    let reactor = Process::start(&EXPANSION);
    let mut client = tcp::connect(reactor.modbus.parse().unwrap()).await.unwrap();

    let words = client.read_input_registers(0, 48).await.unwrap().unwrap();
    let (_, state) = reactor.control("GET", "/state", "");
    let truth = |name: &str| state["truth"][name]["value"].as_f64().unwrap();
    let close = |name: &str, shown: f64, within: f64| {
        let truth = truth(name);
        assert!((shown - truth).abs() < within, "{name}: {shown} against {truth}");
    };
    let float =
        |high: u16, low: u16| f64::from(f32::from_bits(u32::from(high) << 16 | u32::from(low)));
    assert_eq!(words[1], 4, "expansion");
    close("TEMP.PV", f64::from(words[4]) / 100.0, 0.15);
    close("PH.PV", float(words[7], words[6]), 0.05);
    close("DO.PV", float(words[8], words[9]), 5.0);
    close("AGIT.PV", f64::from(words[12]) / 10.0, 0.3);
    close("ROCK.ANGLE", f64::from(words[13]) / 10.0, 0.2);
    close("WEIGHT", f64::from(u32::from(words[18]) << 16 | u32::from(words[19])) / 10.0, 8.0);
    close("GAS.FLOW", f64::from(words[24]) / 1000.0, 0.01);
    close("CO2.INLET", f64::from(words[25]) / 100.0, 0.15);
    let serial: Vec<u8> = words[40..48].iter().flat_map(|word| word.to_be_bytes()).collect();
    assert_eq!(&serial, b"RB25-0001\0\0\0\0\0\0\0");
    assert_eq!(words[2..4], [0, 0], "a gap of the map");

    assert_eq!(client.read_discrete_inputs(0, 1).await.unwrap().unwrap(), [false]);
    assert_eq!(client.read_holding_registers(0, 1).await.unwrap().unwrap(), [3700]);
    assert_eq!(state["served"]["connections"], 1);
    assert_eq!(state["served"]["by_function"]["4"], 1);
    println!("cases: 11");
}

#[tokio::test]
async fn what_the_device_does_not_take_is_refused() {
    let reactor = Process::start(&[]);
    let mut client = tcp::connect(reactor.modbus.parse().unwrap()).await.unwrap();
    let refused = [
        (
            client.read_input_registers(47, 2).await.unwrap().err(),
            ExceptionCode::IllegalDataAddress,
        ),
        (client.read_input_registers(0, 65).await.unwrap().err(), ExceptionCode::IllegalDataValue),
        (client.read_coils(0, 1).await.unwrap().err(), ExceptionCode::IllegalDataAddress),
        (
            client.write_single_register(3, 1).await.unwrap().err(),
            ExceptionCode::IllegalDataAddress,
        ),
        (
            client.write_multiple_registers(0, &[3700, 720]).await.unwrap().err(),
            ExceptionCode::IllegalDataAddress,
        ),
        (
            client.write_single_register(0, 6000).await.unwrap().err(),
            ExceptionCode::IllegalDataValue,
        ),
        (client.write_single_coil(0, true).await.unwrap().err(), ExceptionCode::IllegalFunction),
    ];
    for (index, (exception, expected)) in refused.iter().enumerate() {
        assert_eq!(exception.as_ref(), Some(expected), "case {index}");
    }
    client.write_single_register(0, 3860).await.unwrap().unwrap();
    assert_eq!(client.read_holding_registers(0, 1).await.unwrap().unwrap(), [3860]);
    let (_, state) = reactor.control("GET", "/state", "");
    assert!((state["truth"]["TEMP.SP"]["value"].as_f64().unwrap() - 38.6).abs() < 1e-9);
    assert_eq!(state["served"]["exceptions"], refused.len());
    println!("cases: {}", refused.len() + 1);
}

#[test]
fn every_fault_of_the_wire_does_what_it_says() {
    let reactor = Process::start(&[]);
    let mut wire = Wire::connect(&reactor.modbus);
    let mut one = |transaction: u16| {
        wire.ask(transaction, 3, 0, 3);
        wire.next().unwrap()
    };
    let honest = vec![3, 6, 0x0e, 0x74, 0x02, 0xd0, 0x01, 0xf4];
    let cases = [
        (r#"{"fault": "wrong-length"}"#, (9, 1, vec![3, 4, 0x0e, 0x74, 0x02, 0xd0])),
        (r#"{"fault": "wrong-reply", "field": "transaction"}"#, (10, 1, honest.clone())),
        (r#"{"fault": "wrong-reply", "field": "unit"}"#, (9, 2, honest.clone())),
        (r#"{"fault": "exception", "code": 6}"#, (9, 1, vec![0x83, 6])),
        (r#"{"fault": "device-slow", "delay_ms": 30}"#, (9, 1, honest.clone())),
        (r#"{"fault": "sensor-stuck", "parameter": "TEMP.SP"}"#, (9, 1, honest.clone())),
    ];
    for (fault, expected) in &cases {
        let id = reactor.break_something(fault);
        assert_eq!(one(9), *expected, "{fault}");
        reactor.mend(id);
        assert_eq!(one(9), (9, 1, honest.clone()), "after {fault}");
    }
    let id = reactor.break_something(r#"{"fault": "wrong-reply", "field": "function"}"#);
    assert_eq!(one(9).2[0], 4);
    reactor.mend(id);
    println!("cases: {}", cases.len() + 1);
}

#[test]
fn a_late_reply_comes_behind_the_next_one() {
    let reactor = Process::start(&[]);
    let mut wire = Wire::connect(&reactor.modbus);
    let id = reactor.break_something(r#"{"fault": "late-reply", "delay_ms": 300}"#);
    wire.ask(1, 3, 0, 1);
    // The request must have been taken before the fault ends; the counter says so.
    until("the request is taken", || {
        reactor.control("GET", "/state", "").1["served"]["by_function"]["3"] == 1
    });
    reactor.mend(id);
    wire.ask(2, 3, 1, 1);
    assert_eq!(wire.next().unwrap().0, 2);
    assert_eq!(wire.next().unwrap().0, 1);
}

#[test]
fn a_silent_device_takes_requests_and_answers_none() {
    let reactor = Process::start(&[]);
    let mut wire = Wire::connect(&reactor.modbus);
    let id = reactor.break_something(r#"{"fault": "device-silent"}"#);
    for transaction in 1..=3 {
        wire.ask(transaction, 3, 0, 1);
    }
    until("three requests are taken", || {
        reactor.control("GET", "/state", "").1["served"]["unanswered"] == 3
    });
    reactor.mend(id);
    wire.ask(4, 3, 0, 1);
    assert_eq!(wire.next().unwrap().0, 4, "the first answer is to the request after the silence");
}

#[test]
fn a_refused_connection_closes_the_port_and_it_comes_back() {
    let reactor = Process::start(&[]);
    let mut wire = Wire::connect(&reactor.modbus);
    let id = reactor.break_something(r#"{"fault": "connection-refused"}"#);
    assert_eq!(wire.next(), None, "open connections are closed");
    until("the port is closed", || std::net::TcpStream::connect(&reactor.modbus).is_err());
    reactor.mend(id);
    let mut stream = None;
    until("the port is open", || {
        stream = std::net::TcpStream::connect(&reactor.modbus).ok();
        stream.is_some()
    });
    let mut wire = Wire(stream.unwrap());
    wire.ask(7, 3, 0, 1);
    assert_eq!(wire.next().unwrap().0, 7);
}

#[test]
fn what_is_no_modbus_ends_the_connection() {
    use std::io::Write;
    let reactor = Process::start(&[]);
    let mut wire = Wire::connect(&reactor.modbus);
    wire.0.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(wire.next(), None);
}
