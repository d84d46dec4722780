//! A stream between tokio-modbus and the socket that lets only true replies through.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::{Expectation, WrongReply};

/// Longer than any frame of Modbus TCP, 260 bytes.
const CHUNK: usize = 512;

/// Holds a reply back until it is whole and answers the request.
#[derive(Debug)]
pub struct GuardedStream {
    socket: Arc<TcpStream>,
    request: Vec<u8>,
    expected: Option<Expectation>,
    received: Vec<u8>,
    /// Bytes of a checked reply that were handed on.
    handed: usize,
    progress: Arc<Progress>,
}

/// How much of a reply has come: what a timeout can say.
#[derive(Debug, Default)]
pub(super) struct Progress {
    found: AtomicUsize,
    expected: AtomicUsize,
}

impl Progress {
    /// Bytes that came, of so many; none where nothing came.
    pub(super) fn part(&self) -> Option<(usize, usize)> {
        let found = self.found.load(Ordering::Relaxed);
        (found > 0).then(|| (found, self.expected.load(Ordering::Relaxed)))
    }

    fn set(&self, found: usize, expected: usize) {
        self.found.store(found, Ordering::Relaxed);
        self.expected.store(expected, Ordering::Relaxed);
    }
}

impl GuardedStream {
    /// Guards `socket`.
    #[must_use]
    pub fn new(socket: Arc<TcpStream>) -> Self {
        Self {
            socket,
            request: Vec::new(),
            expected: None,
            received: Vec::new(),
            handed: 0,
            progress: Arc::default(),
        }
    }

    /// How much of the reply has come, to be asked while the stream is used.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    fn wrong(reason: WrongReply) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, reason)
    }

    fn receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_read_ready(context))?;
            let mut chunk = [0; CHUNK];
            match self.socket.try_read(&mut chunk) {
                Ok(count) => {
                    self.received.extend_from_slice(&chunk[..count]);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let Some(expected) = this.expected.clone() else {
                let count = ready!(this.receive(context))?;
                return Poll::Ready(Err(Self::wrong(WrongReply::Unasked(count))));
            };
            if expected.complete(&this.received).map_err(Self::wrong)? {
                let rest = &this.received[this.handed..];
                let count = rest.len().min(out.remaining());
                out.put_slice(&rest[..count]);
                this.handed += count;
                if this.handed == this.received.len() {
                    this.expected = None;
                    this.received.clear();
                    this.handed = 0;
                }
                return Poll::Ready(Ok(()));
            }
            this.progress.set(this.received.len(), expected.reply_bytes());
            if ready!(this.receive(context))? == 0 {
                let (found, expected) = (this.received.len(), expected.reply_bytes());
                return Poll::Ready(Err(Self::wrong(WrongReply::Closed { found, expected })));
            }
        }
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        // tokio-modbus hands over a request whole; what is left of a partial write comes again.
        let resumed = this.request.ends_with(bytes) && this.request.len() > bytes.len();
        if !resumed {
            this.expected = Some(Expectation::of(bytes).map_err(Self::wrong)?);
            this.request = bytes.to_vec();
            this.received.clear();
            this.handed = 0;
            this.progress.set(0, 0);
        }
        loop {
            ready!(this.socket.poll_write_ready(context))?;
            match this.socket.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Dropping the socket closes it.
        Poll::Ready(Ok(()))
    }
}
