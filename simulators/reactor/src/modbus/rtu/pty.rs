//! A pseudo-terminal that stands for a serial port.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::unix::pipe::{Receiver, Sender};

/// Our end of a pair; the other end is a serial port to whoever opens [`Pty::path`].
#[derive(Debug)]
pub struct Pty {
    reader: Receiver,
    writer: Sender,
    path: PathBuf,
    /// Held open, so that our end goes on when the other program closes the port.
    other_end: File,
}

impl Pty {
    /// Makes a pair. Must be called in a tokio runtime.
    ///
    /// # Errors
    /// The system gives none.
    pub fn open() -> io::Result<Self> {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&end)?;
        unlockpt(&end)?;
        let name = ptsname(&end, Vec::new())?;
        let path = PathBuf::from(name.into_string().map_err(io::Error::other)?);
        let other_end = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut settings = tcgetattr(&other_end)?;
        settings.make_raw();
        tcsetattr(&other_end, OptionalActions::Now, &settings)?;
        // No pipe, but read, written and polled like one.
        let reader = Receiver::from_owned_fd_unchecked(end.try_clone()?)?;
        let writer = Sender::from_owned_fd_unchecked(end)?;
        Ok(Self { reader, writer, path, other_end })
    }

    /// The serial port, such as `/dev/pts/7`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Our end, and what must be kept while it is used.
    #[must_use]
    pub fn into_line(self) -> (impl AsyncRead + AsyncWrite, File) {
        (tokio::io::join(self.reader, self.writer), self.other_end)
    }
}
