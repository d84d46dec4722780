//! A device that counts how often it is read.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering::SeqCst};
use std::thread;

/// Its input registers: the count, high word first, and a temperature, 0.01 °C.
const REGISTERS: u16 = 3;
/// Read Input Registers (Modbus Application Protocol V1.1b3, §6.4).
const READ_INPUT: u8 = 4;
/// ILLEGAL DATA ADDRESS (§7).
const NO_SUCH_ADDRESS: u8 = 2;

/// A Modbus TCP server whose first two registers hold how often they were read: each answer holds the next number. So
/// what arrives tells which answers did.
#[derive(Debug)]
pub struct Counter {
    /// Its address.
    pub address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    reads: AtomicU32,
    temperature: AtomicU16,
    is_cut: AtomicBool,
}

impl Counter {
    /// Starts it, at 37.00 °C.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        let (temperature, is_cut) = (AtomicU16::new(3_700), AtomicBool::new(false));
        let shared = Arc::new(Shared { reads: AtomicU32::new(0), temperature, is_cut });
        let serving = Arc::clone(&shared);
        // Both end with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    /// The text of its profile; it is polled every `period_ms` milliseconds.
    ///
    /// # Panics
    /// Never: writing to a string does not fail.
    #[must_use]
    pub fn profile(period_ms: u32) -> String {
        let mut text = "[profile]\nid = \"every-type\"\nmodel = \"A counter\"\nversion = \"1.0\"\n\n[modbus]\ntimeout_ms = 1000\n".to_owned();
        for (name, address, kind, more) in [
            ("COUNT", 0, "u32", "unit = \"1\""),
            ("TEMP.PV", 2, "i16", "unit = \"°C\"\nscale = 0.01\ndecimals = 2\nrange = [0.0, 60.0]"),
        ] {
            write!(text, "\n[[parameter]]\nname = \"{name}\"\ntable = \"input\"\naddress = {address}\ntype = \"{kind}\"\nperiod_ms = {period_ms}\n{more}\n")
                .expect("a string takes everything");
        }
        text
    }

    /// The last number that was given.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.shared.reads.load(SeqCst)
    }

    /// Measures another temperature from now on, 0.01 °C.
    pub fn set_temperature(&self, raw: u16) {
        self.shared.temperature.store(raw, SeqCst);
    }

    /// The link is cut, or whole again: what is asked meanwhile does not arrive, and is not counted.
    pub fn cut(&self, is_cut: bool) {
        self.shared.is_cut.store(is_cut, SeqCst);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let mut request = [0; 12];
        while stream.read_exact(&mut request).is_ok() {
            if self.is_cut.load(SeqCst) {
                continue;
            }
            let answer = self.answer(&request);
            if stream.write_all(&answer).is_err() {
                break;
            }
        }
    }

    /// Transaction, protocol, length and unit (Modbus Messaging on TCP/IP V1.0b, §3.1.3), then function, address, count.
    fn answer(&self, request: &[u8; 12]) -> Vec<u8> {
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (function, first, count) = (request[7], word(8), word(10));
        let pdu = if function == READ_INPUT && first.saturating_add(count) <= REGISTERS {
            let reads = if first == 0 {
                self.reads.fetch_add(1, SeqCst) + 1
            } else {
                self.reads.load(SeqCst)
            };
            let [a, b, c, d] = reads.to_be_bytes();
            let [e, f] = self.temperature.load(SeqCst).to_be_bytes();
            let (from, to) = (usize::from(first) * 2, usize::from(first + count) * 2);
            let mut pdu = vec![function, u8::try_from(to - from).unwrap_or(u8::MAX)];
            pdu.extend_from_slice(&[a, b, c, d, e, f][from..to]);
            pdu
        } else {
            vec![function | 0x80, NO_SUCH_ADDRESS]
        };
        let length = u16::try_from(pdu.len() + 1).unwrap_or(u16::MAX).to_be_bytes();
        let mut answer = vec![request[0], request[1], 0, 0, length[0], length[1], request[6]];
        answer.extend(pdu);
        answer
    }
}
