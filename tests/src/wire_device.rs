//! A device on Modbus TCP that costs next to nothing: threads that answer bytes with bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A Modbus TCP server on loopback: `answer` gives the reply to each request, from the unit on. Gives its address.
///
/// # Panics
/// No port is free.
pub fn serve(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // Ends with the client.
            thread::spawn(move || drop(serve_one(stream, &*answer)));
        }
    });
    address
}

fn serve_one(mut stream: TcpStream, answer: &dyn Fn(&[u8]) -> Vec<u8>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let mut header = [0u8; 7];
        stream.read_exact(&mut header)?;
        let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
        let mut request = vec![0u8; length.saturating_sub(1)];
        stream.read_exact(&mut request)?;
        let reply = answer(&request);
        let length = u16::try_from(reply.len() + 1).expect("a short reply").to_be_bytes();
        let frame = [&header[..4], &length, &header[6..], &reply].concat();
        stream.write_all(&frame)?;
    }
}
