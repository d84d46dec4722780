//! A network between agent and server that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes connections on to a port of this machine.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    wires: Arc<Mutex<Vec<TcpStream>>>,
    is_cut: Arc<AtomicBool>,
    is_mute: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn to(port: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let proxy = Self {
            port: listener.local_addr().expect("an address").port(),
            wires: Arc::default(),
            is_cut: Arc::default(),
            is_mute: Arc::default(),
        };
        let (wires, is_cut) = (Arc::clone(&proxy.wires), Arc::clone(&proxy.is_cut));
        let is_mute = Arc::clone(&proxy.is_mute);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap_or(0)))
                else {
                    continue;
                };
                let mut known = wires.lock().expect("nobody panics");
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone(), to.try_clone());
                    let (Ok(from), Ok(to)) = (from, to) else { continue };
                    known.extend(from.try_clone());
                    let is_mute = Arc::clone(&is_mute);
                    thread::spawn(move || pass(from, to, &is_mute));
                }
            }
        });
        proxy
    }

    /// Cuts every connection; new ones are closed at once.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for wire in self.wires.lock().expect("nobody panics").drain(..) {
            let _ = wire.shutdown(Shutdown::Both);
        }
    }

    /// Connections stay open, but nothing comes through any more.
    pub(crate) fn mute(&self) {
        self.is_mute.store(true, Ordering::SeqCst);
    }

    /// As at the beginning; what was muted is lost.
    pub(crate) fn mend(&self) {
        self.cut();
        self.is_mute.store(false, Ordering::SeqCst);
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, is_mute: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !is_mute.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
