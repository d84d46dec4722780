//! A copy of journal and state while the daemon runs, and the way back.
//!
//! The state is copied before the journal, so that it never knows of a receipt that goes beyond the copy. Segments are
//! copied by SQLite in a read transaction each, oldest first: the copy is the journal as it was at some moment
//! between. Keys are not in it. `manifest.json` names every file with its SHA-256.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use cellwatch_record::{Hash, Head, JournalId, sha256};
use cellwatch_seal::AgentKeys;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::opening::Known;
use super::segment::{self, Segment};
use super::survey::payload_hash;
use super::{JournalError, Lock, verify};

const MANIFEST: &str = "manifest.json";
const STATE: &str = "state.db";
const JOURNAL: &str = "journal";
/// Version of the manifest.
const FORMAT: u32 = 1;

/// Why there is no copy, or none was taken back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The journal or the disk.
    #[error("{0}")]
    Journal(#[from] JournalError),
    /// Something stands where the copy is to go.
    #[error(
        "{path}: is not empty: a copy never overwrites anything; name another folder or move it away"
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Not a copy, or a changed one.
    #[error("{path}: {problem}; take another copy")]
    NotACopy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this manifest.
    pub format: u32,
    /// The agent.
    pub agent: String,
    /// Its journal.
    pub journal: String,
    /// First record.
    pub first_seq: u64,
    /// Last record; less than the first if there is none.
    pub last_seq: u64,
    /// Hash of the last record's payload.
    pub last_hash: String,
    /// When it was made, RFC 3339.
    pub made: String,
    /// By which version of the program.
    pub version: String,
    /// Its files.
    pub files: Vec<Copied>,
}

/// A file of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copied {
    /// Path within the copy.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

/// Copies journal and state of `data_dir` into the new folder `to`. The daemon may run.
///
/// # Errors
/// There is no journal, `to` is not empty, or the disk refuses.
pub fn back_up(data_dir: &Path, to: &Path, made: &str) -> Result<Manifest, BackupError> {
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(BackupError::NotEmpty { path: to.to_owned() });
    }
    let journal = to.join(JOURNAL);
    fs::create_dir_all(&journal).map_err(JournalError::io(&journal))?;
    let mut files = Vec::new();
    let state = data_dir.join(STATE);
    if state.exists() {
        copy_database(&state, &to.join(STATE))?;
        files.push(copied(to, STATE)?);
    }
    let from = data_dir.join(JOURNAL);
    let segments = segment::list(&from)?;
    for file in &segments {
        let name = file.path.file_name().unwrap_or_default();
        let made = Segment::open_to_read(&file.path)
            .and_then(|segment| segment.copy_to(&journal.join(name)));
        match made {
            Ok(()) => files.push(copied(to, &format!("{JOURNAL}/{}", name.to_string_lossy()))?),
            // Pruned meanwhile: then the copy begins later.
            Err(_) if !file.path.exists() && files.len() <= 1 => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (agent, first_seq, end) = extent(&journal)?;
    let manifest = Manifest {
        format: FORMAT,
        agent,
        journal: end.journal.to_string(),
        first_seq,
        last_seq: end.seq,
        last_hash: end.hash.to_string(),
        made: made.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files,
    };
    let path = to.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    let write = || {
        let mut file = File::create_new(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(JournalError::io(&path))?;
    segment::sync_folder(&journal)?;
    segment::sync_folder(to)?;
    Ok(manifest)
}

/// Takes a copy back into `data_dir`, which must hold no journal and no state. With `keys`, every record is verified first.
///
/// # Errors
/// It is no copy, a changed one, or something is there already.
pub fn restore(
    from: &Path,
    data_dir: &Path,
    keys: Option<&AgentKeys>,
    progress: &mut dyn FnMut(u64),
) -> Result<Manifest, BackupError> {
    let path = from.join(MANIFEST);
    let wrong =
        |path: &Path, problem: String| BackupError::NotACopy { path: path.to_owned(), problem };
    let text = fs::read_to_string(&path).map_err(JournalError::io(&path))?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|error| wrong(&path, error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(wrong(&path, format!("format {} instead of {FORMAT}", manifest.format)));
    }
    for file in &manifest.files {
        let is_ours = file.name == STATE
            || file.name.strip_prefix("journal/").is_some_and(|name| !name.contains(['/', '\\']));
        if !is_ours {
            return Err(wrong(&path, format!("{:?} is no file of a copy", file.name)));
        }
        if copied(from, &file.name)? != *file {
            let problem = "is not the file that the manifest names".to_owned();
            return Err(wrong(&from.join(&file.name), problem));
        }
    }
    if let Some(keys) = keys {
        let journal = from.join(JOURNAL);
        let verdict = verify(&journal, keys, Known::default(), progress)?;
        let end = verdict.pruned_through + verdict.records;
        if let Some(fault) = verdict.fault {
            return Err(wrong(
                &fault.file,
                format!("bad from seq {}: {}", fault.first_bad_seq, fault.reason),
            ));
        }
        if end != manifest.last_seq || verdict.hash.to_string() != manifest.last_hash {
            return Err(wrong(
                &journal,
                format!("ends with seq {end}, the manifest with {}", manifest.last_seq),
            ));
        }
    }
    fs::create_dir_all(data_dir).map_err(JournalError::io(data_dir))?;
    let _lock = Lock::take(data_dir)?;
    let journal = data_dir.join(JOURNAL);
    if data_dir.join(STATE).exists()
        || fs::read_dir(&journal).is_ok_and(|mut one| one.next().is_some())
    {
        return Err(BackupError::NotEmpty { path: data_dir.to_owned() });
    }
    fs::create_dir_all(&journal).map_err(JournalError::io(&journal))?;
    for file in &manifest.files {
        let to = data_dir.join(&file.name);
        fs::copy(from.join(&file.name), &to)
            .and_then(|_| File::open(&to)?.sync_all())
            .map_err(JournalError::io(&to))?;
    }
    segment::sync_folder(&journal)?;
    segment::sync_folder(data_dir)?;
    Ok(manifest)
}

/// Agent, first record and end of the journal in `folder`.
fn extent(folder: &Path) -> Result<(String, u64, Head), BackupError> {
    let files = segment::list(folder)?;
    let Some(first) = files.first() else {
        return Err(JournalError::Empty { path: folder.to_owned() }.into());
    };
    let header = Segment::open_to_read(&first.path)?.header()?;
    let mut end = Head { journal: JournalId(header.journal.0), seq: 0, hash: Hash::NONE };
    for file in files.iter().rev() {
        let segment = Segment::open_to_read(&file.path)?;
        if let Some(seq) = segment.last_seq()? {
            let sealed = segment.sealed(seq)?.unwrap_or_default();
            end = Head { seq, hash: payload_hash(&sealed), ..end };
            break;
        }
    }
    Ok((header.agent, first.first_seq, end))
}

fn copied(folder: &Path, name: &str) -> Result<Copied, BackupError> {
    let path = folder.join(name);
    let bytes = fs::read(&path).map_err(JournalError::io(&path))?;
    let hash = sha256(&bytes).to_string();
    Ok(Copied { name: name.to_owned(), bytes: bytes.len() as u64, sha256: hash })
}

fn copy_database(from: &Path, to: &Path) -> Result<(), BackupError> {
    let copy = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(from, flags)?;
        connection.execute_batch("PRAGMA busy_timeout=10000")?;
        connection.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map(drop)
    };
    copy().map_err(JournalError::sqlite(from))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(JournalError::io(to))?;
    Ok(())
}
