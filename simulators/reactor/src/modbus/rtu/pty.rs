//! A pseudo-terminal that stands for a serial port.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Our end of a pair; the other end is a serial port to whoever opens [`Pty::path`].
#[derive(Debug)]
pub struct Pty {
    end: AsyncFd<OwnedFd>,
    path: PathBuf,
    /// Held open, so that our end goes on when the other program closes the port.
    _other_end: File,
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
        rustix::io::ioctl_fionbio(&end, true)?;
        Ok(Self { end: AsyncFd::register(end)?, path, _other_end: other_end })
    }

    /// The serial port, such as `/dev/pts/7`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsyncRead for Pty {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.end.poll_read_ready(context))?;
            let mut chunk = [0; 256];
            let most = chunk.len().min(out.remaining());
            let read = guard.try_io(|end| Ok(rustix::io::read(end.get_ref(), &mut chunk[..most])?));
            if let Ok(read) = read {
                out.put_slice(&chunk[..read?]);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Pty {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.end.poll_write_ready(context))?;
            let written = guard.try_io(|end| Ok(rustix::io::write(end.get_ref(), bytes)?));
            if let Ok(written) = written {
                return Poll::Ready(written);
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
