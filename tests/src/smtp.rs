//! A mail server that takes every message and keeps it (RFC 5321, as far as a client on loopback needs it).

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    /// Its port.
    pub port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Smtp {
    /// A port on which nobody listens yet.
    ///
    /// # Panics
    /// The system gives none.
    #[must_use]
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    }

    /// Starts it on this port.
    ///
    /// # Panics
    /// The port is taken.
    #[must_use]
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away has lost its message; the test sees that it is missing.
                let _ = session(stream, &keeps);
            }
        });
        Self { port, taken }
    }

    /// The messages that it took, headers and text, in their order.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn session(mut stream: TcpStream, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    stream.write_all(b"220 test ESMTP\r\n")?;
    while let Some(line) = lines.next() {
        let verb = line?.to_ascii_uppercase();
        let answer = match verb.split_whitespace().next() {
            Some("EHLO") => "250-test\r\n250 8BITMIME\r\n",
            Some("DATA") => {
                stream.write_all(b"354 go on\r\n")?;
                let mut message = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push('\n');
                }
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                "250 taken\r\n"
            }
            Some("QUIT") => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            Some("HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP") => "250 ok\r\n",
            Some(_) | None => "500 not known\r\n",
        };
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}
