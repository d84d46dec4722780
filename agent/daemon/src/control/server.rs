//! Listens on the control socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::Mode;
use rustix::process::{geteuid, umask};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::{Answer, Request, account_name, socket_path};

/// Callers at the same time; others wait.
const CALLERS_MAX: usize = 8;
/// Longest request, bytes.
const LINE_MAX: u64 = 16 * 1024;
const LINE_WITHIN: Duration = Duration::from_secs(10);
/// Shorter than the client waits, so that the client gets words.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// Why the socket cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: the control socket cannot be made: {cause}")]
pub struct ControlError {
    path: PathBuf,
    cause: io::Error,
}

/// A request and who makes it.
#[derive(Debug)]
pub struct Call {
    /// Name of the caller's account.
    pub by: String,
    /// Its uid, as the kernel says it.
    pub uid: u32,
    /// What is asked for.
    pub request: Request,
    /// Takes the answer.
    pub answer: oneshot::Sender<Answer>,
}

/// Makes the socket and listens. The caller holds the lock of the data folder, so that a socket that
/// is there already is nobody's.
///
/// # Errors
/// The operating system refuses, for instance because the path is too long for a socket.
pub fn start<T>(data_dir: &Path, calls: mpsc::Sender<T>) -> Result<(), ControlError>
where
    T: From<Call> + Send + 'static,
{
    let path = socket_path(data_dir);
    let bind = || {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        // From its first moment, nobody else may connect.
        let before = umask(Mode::from_bits_truncate(0o177));
        let listener = UnixListener::bind(&path);
        umask(before);
        listener
    };
    let listener = bind().map_err(|cause| ControlError { path: path.clone(), cause })?;
    tokio::spawn(async move {
        let callers = Arc::new(Semaphore::new(CALLERS_MAX));
        loop {
            let Ok(place) = Arc::clone(&callers).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let calls = calls.clone();
                    tokio::spawn(async move {
                        serve(stream, &calls).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::error!("the control socket cannot be listened on: {error}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(())
}

async fn serve<T: From<Call>>(stream: UnixStream, calls: &mpsc::Sender<T>) {
    let caller = caller(&stream);
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LINE_MAX));
    let mut line = String::new();
    while let Ok(Ok(1..)) = timeout(LINE_WITHIN, lines.read_line(&mut line)).await {
        let answer = match &caller {
            Ok(by) => answer(&line, by, calls).await,
            Err(reason) => Answer::Error(reason.clone()),
        };
        let Ok(mut bytes) = serde_json::to_vec(&answer) else { return };
        bytes.push(b'\n');
        if write.write_all(&bytes).await.is_err() {
            return;
        }
        line.clear();
        lines.get_mut().set_limit(LINE_MAX);
    }
}

/// The name of the caller's account, and its uid.
fn caller(stream: &UnixStream) -> Result<(String, u32), String> {
    let peer = stream.peer_cred().map_err(|error| format!("nobody says who you are: {error}"))?;
    let uid = peer.uid();
    if uid != geteuid().as_raw() && uid != 0 {
        tracing::warn!("account {uid} tried to use the control socket and was refused");
        return Err(format!("account {uid} may not use this socket"));
    }
    let name = account_name(uid).ok_or_else(|| {
        format!("account {uid} has no name in /etc/passwd: a record needs a person's name")
    })?;
    Ok((name, uid))
}

async fn answer<T: From<Call>>(
    line: &str,
    (by, uid): &(String, u32),
    calls: &mpsc::Sender<T>,
) -> Answer {
    let request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => return Answer::Error(format!("not understood: {error}")),
    };
    let (answer, answered) = oneshot::channel();
    let call = Call { by: by.clone(), uid: *uid, request, answer };
    if calls.send(call.into()).await.is_err() {
        return Answer::Error("cellwatch is ending".to_owned());
    }
    match timeout(ANSWER_WITHIN, answered).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Answer::Error("cellwatch is ending".to_owned()),
        Err(_) => Answer::Error(
            "taken, but not on disk yet: the journal cannot be written; see the log".to_owned(),
        ),
    }
}
