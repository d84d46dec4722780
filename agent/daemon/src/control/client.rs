//! Asks a running daemon.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Answer, Request, socket_path};

/// Longer than the slowest commit of a healthy disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No daemon, or one of another account.
    #[error("{path}: {cause}. Does cellwatch run with this site file, and under this account?")]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// It was asked but did not answer.
    #[error("{path}: cellwatch did not answer: {cause}. Whether it was recorded, the log says")]
    Answer {
        /// The socket.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
}

/// Asks the daemon of a data folder and waits for its answer.
///
/// # Errors
/// There is no daemon, or no answer.
pub fn ask(data_dir: &Path, request: &Request) -> Result<Answer, ClientError> {
    let path = socket_path(data_dir);
    let mut stream = UnixStream::connect(&path)
        .map_err(|cause| ClientError::Connect { path: path.clone(), cause })?;
    let mut talk = || -> io::Result<Answer> {
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut line = serde_json::to_string(request)?;
        line.push('\n');
        stream.write_all(line.as_bytes())?;
        let mut answer = String::new();
        BufReader::new(&stream).read_line(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    };
    talk().map_err(|cause| ClientError::Answer { path, cause })
}
