use std::net::SocketAddr;

use cellwatch_config::site::{Annunciator, Lamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::start;

/// What the module does with a write.
#[derive(Clone, Copy)]
enum Do {
    Answer,
    OtherCoils,
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
                let mut request = [0; 14];
                if stream.read_exact(&mut request).await.is_err() {
                    break;
                }
                seen.send((number, request.to_vec())).await.expect("the test waits");
                let mut reply = [&request[..4], &[0, 6], &request[6..12]].concat();
                match script.next().unwrap_or(Do::Answer) {
                    Do::Answer => {}
                    Do::OtherCoils => reply[9] += 1,
                    Do::OtherTransaction => reply[1] ^= 1,
                    Do::Refuse => {
                        reply = [&request[..4], &[0, 3], &request[6..7], &[0x8f, 2]].concat()
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

fn light(address: SocketAddr) -> Annunciator {
    Annunciator {
        id: "light".to_owned(),
        address: address.to_string(),
        modbus_unit: 7,
        first_coil: 16,
        lamps: vec![Lamp::Red, Lamp::Green, Lamp::Horn],
        units: Vec::new(),
        timeout_ms: 300,
    }
}

// Req: LAW-09, ANN-03
#[tokio::test]
async fn only_the_declared_coils_are_written_and_only_a_true_reply_counts() {
    let cases = [
        (Do::OtherCoils, "something else"),
        (Do::OtherTransaction, "header"),
        (Do::Refuse, "refuses the coils"),
        (Do::Silent, "no answer within 300 ms"),
        (Do::Close, ""),
    ];
    for (what, why) in cases {
        let (address, mut requests) = module(vec![Do::Answer, Do::Answer, what]).await;
        let (outcomes, mut done) = mpsc::channel(8);
        let (writes, ending) = start(light(address), move |outcome| {
            let outcomes = outcomes.clone();
            async move { outcomes.send(outcome).await.expect("the test waits") }
        });
        for (write, coils) in
            [[true, false, true], [false; 3], [true; 3], [false; 3]].iter().enumerate()
        {
            writes.send(coils.to_vec()).await.expect("the task");
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
            let bits =
                coils.iter().enumerate().fold(0, |bits, (at, on)| bits | u8::from(*on) << at);
            assert_eq!(request[6..], [7, 15, 0, 16, 0, 3, 1, bits]);
        }
        drop(writes);
        ending.wait().await;
        assert!(done.recv().await.is_none());
    }
    println!("annunciator: {} cases", cases.len());
}
