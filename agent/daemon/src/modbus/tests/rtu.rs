//! RTU through a TCP connection, and ports that cannot be opened. Req: LAW-01

use std::time::Duration;

use cellwatch_config::profile::{ModbusRules, Table};
use cellwatch_config::site::{Line, Parity, SerialPort, Transport};
use cellwatch_core::acquire::rtu::crc16;
use cellwatch_core::door::{DeviceId, NoReply, Read, RequestId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::modbus::{Ask, Outcome, start};

const TIMEOUT_MS: u64 = 150;
const LATE_MS: u64 = 200;

/// What the device does with a request.
#[derive(Clone, Copy, Debug)]
enum Do {
    Answer,
    Silent,
    Refuse,
    /// Answers so much later, to whoever is connected then.
    Late(Duration),
    Damage,
    Behind,
    CloseWithin,
    /// Keeps the answer until somebody connects again.
    Keep,
}

fn reply(request: &[u8]) -> Vec<u8> {
    let address = u16::from_be_bytes([request[2], request[3]]);
    let count = u16::from_be_bytes([request[4], request[5]]);
    let mut frame = vec![request[0], request[1], u8::try_from(count * 2).unwrap()];
    frame.extend((address..address + count).flat_map(u16::to_be_bytes));
    with_crc(frame)
}

fn with_crc(mut frame: Vec<u8>) -> Vec<u8> {
    frame.extend(crc16(&frame).to_le_bytes());
    frame
}

/// A serial server: whatever its bus says goes to the connection that is open.
async fn serial_server(script: Vec<Do>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut script = script.into_iter();
        let (bus, mut said) = mpsc::channel::<Vec<u8>>(8);
        let mut kept: Option<Vec<u8>> = None;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            if let Some(bytes) = kept.take() {
                stream.write_all(&bytes).await.unwrap();
            }
            loop {
                let mut request = [0; 8];
                tokio::select! {
                    Some(bytes) = said.recv() => if stream.write_all(&bytes).await.is_err() { break },
                    read = stream.read_exact(&mut request) => {
                        if read.is_err() {
                            break;
                        }
                        let whole = reply(&request);
                        let bytes = match script.next().unwrap_or(Do::Answer) {
                            Do::Answer => whole,
                            Do::Silent => continue,
                            Do::Refuse => with_crc(vec![request[0], request[1] | 0x80, 2]),
                            Do::Late(late) => {
                                let bus = bus.clone();
                                tokio::spawn(async move {
                                    tokio::time::sleep_until(tokio::time::Instant::now() + late).await;
                                    bus.send(whole).await.unwrap();
                                });
                                continue;
                            }
                            Do::Keep => {
                                kept = Some(whole);
                                continue;
                            }
                            Do::Damage => {
                                let mut damaged = whole;
                                damaged[4] ^= 1;
                                damaged
                            }
                            Do::Behind => [&whole[..], &[0]].concat(),
                            Do::CloseWithin => {
                                let _ = stream.write_all(&whole[..4]).await;
                                break;
                            }
                        };
                        if stream.write_all(&bytes).await.is_err() {
                            break;
                        }
                    }
                }
            }
        }
    });
    address
}

struct Client {
    asks: mpsc::Sender<Ask>,
    replies: mpsc::Receiver<(RequestId, Outcome)>,
    next: u64,
}

impl Client {
    fn new(transport: Transport) -> Self {
        Self::beside(transport, LATE_MS)
    }

    /// A client on whose line is another device besides, whose replies may be so late.
    fn beside(transport: Transport, max_lateness_ms: u64) -> Self {
        let devices = [LATE_MS, max_lateness_ms].map(rules);
        let (reply, replies) = mpsc::channel(8);
        let line = Line {
            id: "bus".to_owned(),
            transport,
            gap_ms: 5,
            pause_after_connect_ms: 0,
            keep: true,
        };
        let asks = start(line, &devices, move |_, request, outcome| {
            let reply = reply.clone();
            async move { reply.send((request, outcome)).await.unwrap() }
        });
        Self { asks, replies, next: 0 }
    }

    async fn ask(&mut self, address: u16) -> Outcome {
        self.next += 1;
        let request = RequestId(self.next);
        let read = Read { modbus_unit: 3, table: Table::Input, address, count: 2 };
        let ask = Ask {
            device: DeviceId(0),
            request,
            read,
            instead: None,
            timeout_ms: TIMEOUT_MS,
            max_lateness_ms: LATE_MS,
        };
        self.asks.send(ask).await.unwrap();
        let (answered, outcome) = self.replies.recv().await.unwrap();
        assert_eq!(answered, request);
        outcome
    }
}

fn rules(max_lateness_ms: u64) -> ModbusRules {
    ModbusRules {
        max_registers: 125,
        max_bits: 2000,
        max_gap: 0,
        timeout_ms: TIMEOUT_MS,
        max_lateness_ms,
        no_read: Vec::new(),
    }
}

fn registers(address: u16) -> Outcome {
    Ok(vec![address, address + 1])
}

#[tokio::test]
async fn whatever_the_bus_says_the_next_request_has_its_own_answer() {
    let late = Duration::from_millis(TIMEOUT_MS + LATE_MS / 2);
    let cases: &[(Do, &str)] = &[
        (Do::Answer, ""),
        (Do::Silent, "timeout"),
        (Do::Late(late), "timeout"),
        (Do::Damage, "CRC"),
        (Do::Behind, "1 bytes follow"),
        (Do::Refuse, "exception"),
        (Do::CloseWithin, "closed"),
        (Do::Keep, "timeout"),
    ];
    for (what, words) in cases {
        let address = serial_server(vec![Do::Answer, *what]).await;
        let mut client = Client::new(Transport::RtuOverTcp { address });
        assert_eq!(client.ask(10).await, registers(10), "{what:?}");
        match client.ask(20).await {
            Ok(words) => assert_eq!((Ok(words), matches!(what, Do::Answer)), (registers(20), true)),
            Err(NoReply::Timeout) => assert_eq!(*words, "timeout", "{what:?}"),
            Err(NoReply::Exception(2)) => assert_eq!(*words, "exception", "{what:?}"),
            Err(NoReply::Wrong(text)) => assert!(text.contains(words), "{what:?}: {text}"),
            other => panic!("{what:?}: {other:?}"),
        }
        for address in [30, 40] {
            assert_eq!(client.ask(address).await, registers(address), "after {what:?}");
        }
    }
    println!("rtu over tcp: {} cases", cases.len());
}

/// The agent's process before may have asked any device on the line just before this one opened it.
#[tokio::test]
async fn before_its_first_request_a_line_is_quiet_for_the_latest_device_on_it() {
    let address = serial_server(Vec::new()).await;
    let began = tokio::time::Instant::now();
    let mut client = Client::beside(Transport::RtuOverTcp { address }, 4 * LATE_MS);
    assert_eq!(client.ask(10).await, registers(10));
    let quiet = began.elapsed();
    assert!(quiet >= Duration::from_millis(TIMEOUT_MS + 4 * LATE_MS), "{quiet:?}");
    println!("quiet at the opening: {quiet:?}");
}

#[tokio::test]
async fn a_connection_that_only_takes_is_found_by_the_timeout() {
    // It accepts, and never says a word: half open, for all that the agent can see.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut client = Client::new(Transport::RtuOverTcp { address });
    assert_eq!(client.ask(1).await, Err(NoReply::Timeout));
    assert_eq!(client.ask(2).await, Err(NoReply::Timeout));
    println!("half open: 2 cases");
}

#[tokio::test]
async fn ports_that_cannot_be_opened_are_named_with_the_mend() {
    let missing = "/dev/cellwatch-no-such-port";
    for (port, mend) in [(missing, "plugged in"), ("/dev/null", "serial port")] {
        let serial =
            SerialPort { port: port.into(), baud: 9_600, parity: Parity::Even, stop_bits: 1 };
        match Client::new(Transport::Rtu(serial)).ask(1).await {
            Err(NoReply::NotConnected(text)) => {
                assert!(text.contains("line bus") && text.contains(port), "{text}");
                assert!(text.contains(mend), "{text}");
            }
            other => panic!("{port}: {other:?}"),
        }
    }
    println!("ports: 2 cases");
}
