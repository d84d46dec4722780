//! Devices that lie: never a wrong Good, and never again on the same connection. Req: LAW-01

use std::time::{Duration, Instant};

use cellwatch_config::profile::Table;
use cellwatch_config::site::{Line, Transport};
use cellwatch_core::door::{DeviceId, NoReply, Read, RequestId};
use tokio::sync::mpsc;

use super::server::{self, Do};
use crate::modbus::{Ask, Outcome, start};

const READ: Read = Read { modbus_unit: 3, table: Table::Input, address: 100, count: 4 };
const TIMEOUT_MS: u64 = 200;

struct Client {
    asks: mpsc::Sender<Ask>,
    replies: mpsc::Receiver<(DeviceId, RequestId, Outcome)>,
    next: u64,
}

impl Client {
    fn new(address: String) -> Self {
        Self::on(address, 0, true)
    }

    fn on(address: String, pause_after_connect_ms: u64, keep: bool) -> Self {
        let (reply, replies) = mpsc::channel(8);
        let line = Line {
            id: "bx-05".to_owned(),
            transport: Transport::Tcp { address },
            gap_ms: 0,
            pause_after_connect_ms,
            keep,
        };
        let asks = start(line, [], move |device, request, outcome| {
            let reply = reply.clone();
            async move { reply.send((device, request, outcome)).await.unwrap() }
        });
        Self { asks, replies, next: 0 }
    }

    async fn ask(&mut self, read: Read) -> Outcome {
        self.next += 1;
        let request = RequestId(self.next);
        let ask = Ask {
            device: DeviceId(5),
            request,
            read,
            instead: None,
            timeout_ms: TIMEOUT_MS,
            max_lateness_ms: 0,
        };
        self.asks.send(ask).await.unwrap();
        let (device, answered, outcome) = self.replies.recv().await.unwrap();
        assert_eq!((device, answered), (DeviceId(5), request));
        assert!(self.replies.try_recv().is_err(), "exactly one reply");
        outcome
    }
}

fn registers(read: Read) -> Outcome {
    Ok((read.address..read.address + read.count).collect())
}

#[tokio::test]
async fn replies_that_are_wrong_are_named_and_end_the_connection() {
    type Make = fn(Vec<u8>) -> Vec<Vec<u8>>;
    fn with(reply: Vec<u8>, index: usize, byte: u8) -> Vec<Vec<u8>> {
        let mut reply = reply;
        reply[index] = byte;
        vec![reply]
    }
    let cases: &[(&str, Make, &str)] = &[
        ("another transaction", |reply| with(reply, 1, 77), "transaction 77"),
        ("another protocol", |reply| with(reply, 3, 1), "protocol identifier 1"),
        ("another unit", |reply| with(reply, 6, 9), "unit 9"),
        ("another function", |reply| with(reply, 7, 3), "function 0x03"),
        ("another function's exception", |_| vec![vec![0, 1, 0, 0, 0, 3, 3, 0x83, 2]], "0x83"),
        ("byte count too small", |reply| with(reply, 8, 6), "6 bytes of data where 8"),
        ("byte count too large", |reply| with(reply, 8, 10), "10 bytes of data where 8"),
        ("byte count odd", |reply| with(reply, 8, 7), "7 bytes of data where 8"),
        ("length too small", |reply| with(reply, 5, 9), "announces 9 bytes where 11"),
        ("length too large", |reply| with(reply, 5, 40), "announces 40 bytes where 11"),
        ("length of zero", |reply| with(reply, 5, 0), "announces 0 bytes where 11"),
        (
            "shorter, and consistent in itself",
            |reply| {
                let mut short = reply[..15].to_vec();
                (short[5], short[8]) = (9, 6);
                vec![short]
            },
            "6 bytes of data where 8",
        ),
        ("bytes after the reply", |reply| vec![[&reply[..], &[0; 3]].concat()], "3 bytes follow"),
        ("two replies at once", |reply| vec![[&reply[..], &reply].concat()], "17 bytes follow"),
        ("no Modbus at all", |_| vec![b"HTTP/1.1 400 Bad Request\r\n".to_vec()], "transaction"),
    ];
    for (what, make, words) in cases {
        let device = server::start(vec![Do::Answer, Do::Send(*make)]).await;
        let mut client = Client::new(device.address);
        assert_eq!(client.ask(READ).await, registers(READ), "{what}");
        match client.ask(READ).await {
            Err(NoReply::Wrong(text)) => assert!(text.contains(words), "{what}: {text}"),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(client.ask(READ).await, registers(READ), "{what}");
        assert_eq!(*device.connections.lock().unwrap(), [1, 1, 2], "{what}");
    }
    println!("wrong replies: {} cases", cases.len());
}

#[tokio::test]
async fn bits_that_do_not_come_are_not_read() {
    // tokio-modbus would panic here: eight bits are announced and none comes.
    let lies: &[fn(Vec<u8>) -> Vec<Vec<u8>>] = &[
        |reply| vec![[&reply[..5], &[3], &reply[6..9]].concat()],
        |reply| vec![[&reply[..8], &[255], &reply[9..]].concat()],
        |reply| vec![[&reply[..5], &[5], &reply[6..8], &[2, 1, 1]].concat()],
    ];
    let read = Read { table: Table::Coil, address: 1, count: 5, ..READ };
    for lie in lies {
        let device = server::start(vec![Do::Send(*lie)]).await;
        let mut client = Client::new(device.address);
        let outcome = client.ask(read).await;
        assert!(matches!(outcome, Err(NoReply::Wrong(_))), "{outcome:?}");
        assert_eq!(client.ask(read).await, Ok(vec![1, 0, 1, 0, 1]));
    }
    println!("bits: {} cases", lies.len() * 2);
}

#[tokio::test]
async fn every_table_gives_exactly_what_was_asked_for() {
    let device = server::start(Vec::new()).await;
    let mut client = Client::new(device.address);
    let mut cases = 0;
    for table in [Table::Coil, Table::Discrete, Table::Input, Table::Holding] {
        for count in [1, 2, 7, 8, 9, 16, 17, 125] {
            for modbus_unit in [0, 1, 255] {
                let read = Read { table, count, modbus_unit, address: 40 };
                let words = (40..40 + count).map(|at| if table.is_bits() { at % 2 } else { at });
                assert_eq!(client.ask(read).await, Ok(words.collect()), "{read:?}");
                cases += 1;
            }
        }
    }
    assert!(device.connections.lock().unwrap().iter().all(|number| *number == 1));
    println!("tables: {cases} cases");
}

#[tokio::test]
async fn a_reply_in_pieces_is_a_reply() {
    let bytewise = Do::Send(|reply| reply.into_iter().map(|byte| vec![byte]).collect());
    let device = server::start(vec![bytewise, Do::Answer]).await;
    let mut client = Client::new(device.address);
    assert_eq!(client.ask(READ).await, registers(READ));
    assert_eq!(client.ask(READ).await, registers(READ));
    assert_eq!(*device.connections.lock().unwrap(), [1, 1]);
    println!("pieces: 2 cases");
}

#[tokio::test]
async fn half_a_reply_is_told_from_none() {
    let half = Do::Send(|reply| vec![reply[..9].to_vec()]);
    let none = Do::Send(|_| Vec::new());
    let device = server::start(vec![half, none, Do::Answer]).await;
    let mut client = Client::new(device.address);
    match client.ask(READ).await {
        Err(NoReply::Wrong(text)) => assert!(text.contains("9 of 17 bytes"), "{text}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(client.ask(READ).await, Err(NoReply::Timeout));
    assert_eq!(client.ask(READ).await, registers(READ));
    assert_eq!(*device.connections.lock().unwrap(), [1, 2, 3]);
    println!("half: 3 cases");
}

#[tokio::test]
async fn an_exception_keeps_the_connection() {
    let exception = Do::Send(|reply| {
        let mut bytes = reply[..9].to_vec();
        (bytes[5], bytes[7], bytes[8]) = (3, reply[7] | 0x80, 2);
        vec![bytes]
    });
    let device = server::start(vec![exception, Do::Answer]).await;
    let mut client = Client::new(device.address);
    assert_eq!(client.ask(READ).await, Err(NoReply::Exception(2)));
    assert_eq!(client.ask(READ).await, registers(READ));
    assert_eq!(*device.connections.lock().unwrap(), [1, 1]);
    println!("exception: 2 cases");
}

#[tokio::test]
async fn a_late_reply_is_nobodys() {
    let device = server::start(vec![Do::AnswerLate, Do::Answer]).await;
    let mut client = Client::new(device.address);
    assert_eq!(client.ask(READ).await, Err(NoReply::Timeout));
    // The reply to the first comes now, on the connection that was given up.
    let other = Read { address: 500, ..READ };
    assert_eq!(client.ask(other).await, registers(other));
    assert_eq!(*device.connections.lock().unwrap(), [1, 2]);
    println!("late: 2 cases");
}

#[tokio::test]
async fn a_second_reply_is_never_credited_to_the_next_request() {
    let mut device = server::start(vec![Do::AnswerAndAgain, Do::Answer]).await;
    let mut client = Client::new(device.address);
    assert_eq!(client.ask(READ).await, registers(READ));
    device.send_again.notify_one();
    device.sent_again.recv().await.unwrap();
    let other = Read { address: 500, ..READ };
    // Found before the request, and asked on a new connection; or found as the wrong transaction.
    match client.ask(other).await {
        Err(NoReply::Wrong(text)) => assert!(text.contains("transaction"), "{text}"),
        outcome => assert_eq!(outcome, registers(other)),
    }
    assert_eq!(client.ask(other).await, registers(other));
    assert_eq!(*device.connections.lock().unwrap().last().unwrap(), 2);
    println!("again: 3 cases");
}

#[tokio::test]
async fn a_closed_connection_is_named_and_made_anew() {
    let device = server::start(vec![
        Do::SendAndClose(|_| Vec::new()),
        Do::SendAndClose(|reply| reply[..10].to_vec()),
        Do::SendAndClose(|reply| reply),
        Do::Answer,
    ])
    .await;
    let mut client = Client::new(device.address);
    for bytes in ["0 of 17", "10 of 17"] {
        match client.ask(READ).await {
            Err(NoReply::Wrong(text)) => assert!(text.contains(bytes), "{text}"),
            other => panic!("{other:?}"),
        }
    }
    // Closed after a whole reply: the reply counts.
    assert_eq!(client.ask(READ).await, registers(READ));
    let again = client.ask(READ).await;
    // Found before the request, or by it; never a value that was not read.
    assert!(again == registers(READ) || matches!(again, Err(NoReply::Wrong(_))), "{again:?}");
    assert_eq!(client.ask(READ).await, registers(READ));
    println!("closed: 5 cases");
}

#[tokio::test]
async fn without_a_device_there_is_no_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let mut client = Client::new(address);
    for _ in 0..2 {
        let outcome = client.ask(READ).await;
        assert!(matches!(outcome, Err(NoReply::NotConnected(_))), "{outcome:?}");
    }
    println!("nobody there: 2 cases");
}

#[tokio::test]
async fn a_connection_is_kept_or_made_for_each_poll_as_the_site_file_says() {
    for (keep, connections) in [(true, [1, 1, 1]), (false, [1, 2, 3])] {
        let device = server::start(Vec::new()).await;
        let mut client = Client::on(device.address, 0, keep);
        for address in [100, 200, 300] {
            let read = Read { address, ..READ };
            assert_eq!(client.ask(read).await, registers(read));
        }
        assert_eq!(*device.connections.lock().unwrap(), connections, "keep = {keep}");
    }
    println!("kept: 2 cases");
}

#[tokio::test]
async fn nothing_is_asked_before_the_pause_after_each_connection_is_over() {
    // Longer than the device may take: the pause is not counted against it.
    let pause_ms = TIMEOUT_MS + 100;
    let device = server::start(Vec::new()).await;
    let mut client = Client::on(device.address, pause_ms, false);
    for connection in 1..=2 {
        let began = Instant::now();
        assert_eq!(client.ask(READ).await, registers(READ));
        let asked = device.asked.lock().unwrap().last().copied().unwrap();
        assert!(asked - began >= Duration::from_millis(pause_ms), "{:?}", asked - began);
        assert_eq!(device.connections.lock().unwrap().last(), Some(&connection));
    }
    // It is one after the connection: where there is none, nobody waits.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = Client::on(address, 3_600_000, true).ask(READ).await;
    assert!(matches!(outcome, Err(NoReply::NotConnected(_))), "{outcome:?}");
    println!("pauses: 3 cases");
}
