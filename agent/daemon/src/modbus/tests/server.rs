//! A device that does what a script says.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

/// What the device does with a request.
#[derive(Clone, Debug)]
pub(super) enum Do {
    /// Answers as it should.
    Answer,
    /// Sends these bytes, made from the true reply, each in a segment of its own.
    Send(fn(Vec<u8>) -> Vec<Vec<u8>>),
    /// Answers, and later sends another whole reply that nobody asked for.
    AnswerAndAgain,
    /// Keeps silent, and sends the reply when the next connection comes.
    AnswerLate,
    /// Sends these bytes and closes.
    SendAndClose(fn(Vec<u8>) -> Vec<u8>),
}

/// The device: its address, and for each request the number of its connection and when it came.
pub(super) struct Device {
    pub(super) address: String,
    pub(super) connections: Arc<Mutex<Vec<usize>>>,
    pub(super) asked: Arc<Mutex<Vec<Instant>>>,
    /// Lets the bytes go out that nobody asked for.
    pub(super) send_again: Arc<Notify>,
    /// Told when bytes that nobody asked for are out.
    pub(super) sent_again: mpsc::Receiver<()>,
}

/// The register at an address holds its address; bits are 1 where the address is odd.
fn reply(request: &[u8]) -> Vec<u8> {
    let address = u16::from_be_bytes([request[8], request[9]]);
    let count = u16::from_be_bytes([request[10], request[11]]);
    let data: Vec<u8> = if request[7] <= 2 {
        let mut bytes = vec![0; usize::from(count.div_ceil(8))];
        for bit in 0..count {
            let odd = u8::try_from((address + bit) % 2).unwrap();
            bytes[usize::from(bit / 8)] |= odd << (bit % 8);
        }
        bytes
    } else {
        (address..address + count).flat_map(u16::to_be_bytes).collect()
    };
    let length = u16::try_from(data.len() + 3).unwrap().to_be_bytes();
    let head = [request[0], request[1], 0, 0, length[0], length[1], request[6], request[7]];
    [&head[..], &[u8::try_from(data.len()).unwrap()], &data].concat()
}

pub(super) async fn start(script: Vec<Do>) -> Device {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&connections);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let came = Arc::clone(&asked);
    let (again, sent_again) = mpsc::channel(1);
    let send_again = Arc::new(Notify::new());
    let told = Arc::clone(&send_again);
    tokio::spawn(async move {
        let mut script = script.into_iter();
        // Connections are kept: closing would tell the client by itself.
        let mut kept: Vec<(TcpStream, Option<Vec<u8>>)> = Vec::new();
        for number in 1.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            for (old, late) in &mut kept {
                if let Some(late) = late.take() {
                    let _ = old.write_all(&late).await;
                }
            }
            let mut late = None;
            loop {
                let mut request = [0; 12];
                if stream.read_exact(&mut request).await.is_err() {
                    break;
                }
                came.lock().unwrap().push(Instant::now());
                seen.lock().unwrap().push(number);
                let answer = reply(&request);
                match script.next().unwrap_or(Do::Answer) {
                    Do::Answer => stream.write_all(&answer).await.unwrap(),
                    Do::Send(make) => {
                        for part in make(answer) {
                            let _ = stream.write_all(&part).await;
                            tokio::task::yield_now().await;
                        }
                    }
                    Do::AnswerAndAgain => {
                        stream.write_all(&answer).await.unwrap();
                        told.notified().await;
                        let _ = stream.write_all(&answer).await;
                        again.send(()).await.unwrap();
                    }
                    Do::AnswerLate => late = Some(answer),
                    Do::SendAndClose(make) => {
                        let _ = stream.write_all(&make(answer)).await;
                        break;
                    }
                }
            }
            if late.is_some() {
                kept.push((stream, late));
            }
        }
    });
    Device { address, connections, asked, send_again, sent_again }
}
