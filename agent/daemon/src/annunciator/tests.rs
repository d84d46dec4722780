use std::net::SocketAddr;

use cellwatch_config::site::{Annunciator, Lamp, Outputs};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::start;

/// What the module does with a write.
#[derive(Clone, Copy)]
enum Do {
    Answer,
    OtherOutputs,
    OtherTransaction,
    Refuse,
    Silent,
    Close,
}

/// A module that does what the script says; gives each request with the number of its connection.
async fn module(script: Vec<Do>) -> (SocketAddr, mpsc::Receiver<(usize, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (seen, requests) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut script = script.into_iter();
        let mut silent = Vec::new();
        for number in 1.. {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            loop {
                let mut request = vec![0; 6];
                if stream.read_exact(&mut request).await.is_err() {
                    break;
                }
                request.resize(6 + usize::from(request[5]), 0);
                stream.read_exact(&mut request[6..]).await.expect("a whole request");
                seen.send((number, request.clone())).await.expect("the test waits");
                let mut reply = [&request[..4], &[0, 6], &request[6..12]].concat();
                match script.next().unwrap_or(Do::Answer) {
                    Do::Answer => {}
                    Do::OtherOutputs => reply[9] += 1,
                    Do::OtherTransaction => reply[1] ^= 1,
                    Do::Refuse => {
                        reply = [&request[..4], &[0, 3], &request[6..7], &[request[7] | 0x80, 2]]
                            .concat()
                    }
                    Do::Silent => {
                        silent.push(stream);
                        break;
                    }
                    Do::Close => break,
                }
                stream.write_all(&reply).await.expect("the agent listens");
            }
        }
    });
    (address, requests)
}

fn light(address: SocketAddr, outputs: Outputs) -> Annunciator {
    Annunciator {
        id: "light".to_owned(),
        address: address.to_string(),
        modbus_unit: 7,
        outputs,
        lamps: vec![Lamp::Red, Lamp::Green, Lamp::Horn],
        units: Vec::new(),
        timeout_ms: 300,
    }
}

/// What a write of these lamps is on the wire, from the unit on.
fn wanted(outputs: Outputs, lamps: [bool; 3]) -> Vec<u8> {
    match outputs {
        Outputs::Coils(_) => {
            let bits =
                lamps.iter().enumerate().fold(0, |bits, (at, on)| bits | u8::from(*on) << at);
            vec![7, 15, 0, 16, 0, 3, 1, bits]
        }
        Outputs::Registers(_) => {
            let words = lamps.iter().flat_map(|on| u16::from(*on).to_be_bytes());
            [7, 16, 2, 0, 0, 3, 6].into_iter().chain(words).collect()
        }
    }
}

// Req: LAW-09, ANN-03
#[tokio::test]
async fn only_the_declared_outputs_are_written_and_only_a_true_reply_counts() {
    let cases = [
        (Do::OtherOutputs, "something else"),
        (Do::OtherTransaction, "header"),
        (Do::Refuse, "refuses the "),
        (Do::Silent, "no answer within 300 ms"),
        (Do::Close, ""),
    ];
    for outputs in [Outputs::Coils(16), Outputs::Registers(512)] {
        for (what, why) in cases {
            writes_and_fails(outputs, what, why).await;
        }
    }
    println!("annunciator: {} cases", 2 * cases.len());
}

async fn writes_and_fails(outputs: Outputs, what: Do, why: &str) {
    let (address, mut requests) = module(vec![Do::Answer, Do::Answer, what]).await;
    let (outcomes, mut done) = mpsc::channel(8);
    let (writes, ending) = start(light(address, outputs), move |outcome| {
        let outcomes = outcomes.clone();
        async move { outcomes.send(outcome).await.expect("the test waits") }
    });
    for (write, lamps) in
        [[true, false, true], [false; 3], [true; 3], [false; 3]].into_iter().enumerate()
    {
        writes.send(lamps.to_vec()).await.expect("the task");
        let outcome = done.recv().await.expect("exactly one");
        if write == 2 {
            let error = outcome.expect_err("not what was asked for");
            assert!(error.contains(why) && error.contains(&address.to_string()), "{error}");
        } else {
            assert_eq!(outcome, Ok(()));
        }
        let (connection, request) = requests.recv().await.expect("a request");
        // After a failure the connection is never used again.
        assert_eq!(connection, if write == 3 { 2 } else { 1 });
        assert_eq!(request[6..], wanted(outputs, lamps), "{outputs:?}");
    }
    drop(writes);
    ending.wait().await;
    assert!(done.recv().await.is_none());
}
