//! A pseudo-terminal that stands for a serial port.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::bus::{Baud, Units, serve_line};

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

    /// Serves the units on it until it is closed. A fault that would end a connection ends nothing here.
    ///
    /// # Errors
    /// The line broke.
    pub async fn serve(self, units: &Units, baud: Baud) -> io::Result<()> {
        let Self { reader, writer, path: _, other_end: _kept_open } = self;
        let mut line = tokio::io::join(reader, writer);
        loop {
            serve_line(&mut line, units, &BTreeMap::new(), baud).await?;
        }
    }
}
