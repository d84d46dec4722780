//! A whole site in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

use crate::{AGENT, Broker, ControlSite, Finished, Keys, Process, SiteFile, binary, finish};

/// A folder with an authority and an agent's files; the processes come with it.
#[derive(Debug)]
pub struct Rig {
    folder: TempDir,
    /// The test authority.
    pub keys: Keys,
}

impl Rig {
    /// An authority, and the agent's keys where the site file names them.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("cellwatch-").tempdir().expect("a folder");
        let keys = Keys::make(folder.path().join("keys"));
        let rig = Self { folder, keys };
        fs::create_dir(rig.site()).expect("a folder");
        let agent = rig.keys.path("agents").join(AGENT);
        for (from, to) in [
            (agent.join("seal.pk8"), "seal.pk8"),
            (agent.join("client.pem"), "client.pem"),
            (agent.join("client.key"), "client.key"),
            (rig.keys.path("authority/ca.pem"), "authority.pem"),
            (rig.keys.path("root.pub"), "root.pub"),
            (rig.keys.path("roster.cose"), "roster.cose"),
        ] {
            // A copy keeps the mode: keys stay their owner's.
            fs::copy(&from, rig.site().join(to))
                .unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
        rig
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The agent's folder.
    #[must_use]
    pub fn site(&self) -> PathBuf {
        self.path().join("site")
    }

    /// Writes a file of the agent's folder, whole or not at all.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let (new, file) = (self.site().join(format!("{name}.new")), self.site().join(name));
        fs::write(&new, bytes).and_then(|()| fs::rename(&new, &file)).expect("a file");
    }

    /// Writes site file, profile and Master File text, the last signed by QA and QP.
    ///
    /// # Panics
    /// They cannot be written or signed.
    pub fn configure(&self, site_file: &SiteFile, profile: &str, master_file: &str) {
        self.write("site.toml", site_file.text());
        self.write("profile.toml", profile);
        self.write(
            "master-file.cose",
            self.keys.sign(master_file, &["people/qa.pk8", "people/qp.pk8"], &[]),
        );
    }

    /// Starts a broker with the authority's certificate.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn broker(&self) -> Broker {
        Broker::start(self.path(), &self.keys)
    }

    /// Starts a Control Site.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn control_site(&self, broker: &Broker) -> ControlSite {
        ControlSite::start(self.path(), &self.keys, broker)
    }

    /// Starts the agent and awaits that it is ready.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn agent(&self) -> Process {
        self.start_agent(self.agent_command())
    }

    /// What starts the agent.
    ///
    /// # Panics
    /// It does not build.
    #[must_use]
    pub fn agent_command(&self) -> Command {
        let mut command = binary("cellwatch");
        command.args(["run", "--json-ready", "--config"]).arg(self.site().join("site.toml"));
        command
    }

    /// Starts the agent by a command of another's and awaits that it is ready.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_agent(&self, command: Command) -> Process {
        let mut process = Process::start("agent", self.path(), command);
        let _ready = process.ready();
        process
    }

    /// Runs a command of the agent's, with its site file, to the end.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn cellwatch(&self, arguments: &[&str]) -> Finished {
        finish(self.cellwatch_command(arguments))
    }

    /// The same, to be run in another place.
    #[must_use]
    pub fn cellwatch_command(&self, arguments: &[&str]) -> Command {
        let mut command = binary("cellwatch");
        command.args(arguments).arg("--config").arg(self.site().join("site.toml"));
        command
    }

    /// Makes an account at the running agent, and gives its one-time password.
    ///
    /// # Panics
    /// It is refused.
    #[must_use]
    pub fn account(&self, name: &str, role: &str) -> String {
        let why = ["--by", "Greta Admin", "--reason", "first day", "--json"];
        let added =
            self.cellwatch(&[&["operators", "add", name, "--role", role], &why[..]].concat());
        assert_eq!(added.status, Some(0), "{added}");
        let told: Value = serde_json::from_str(added.stdout.trim()).expect("JSON");
        told["one_time_password"].as_str().expect("a password").to_owned()
    }

    /// The last sequence number in the agent's journal; 0 while there is none. The agent may run.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        last_seq(&self.journal())
    }

    /// The folder of the agent's journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.site().join("data/journal")
    }
}

/// The last sequence number in the journal in a folder; 0 while there is none. The agent may run.
fn last_seq(journal: &Path) -> i64 {
    let last = |segment: &Path| -> rusqlite::Result<Option<i64>> {
        let database = Connection::open_with_flags(segment, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        database.busy_timeout(Duration::from_secs(10))?;
        database.query_row("SELECT max(seq) FROM records", [], |row| row.get(0))
    };
    let newest = segments(journal).iter().rev().find_map(|(_, one)| last(one).ok().flatten());
    newest.unwrap_or(0)
}

/// Sealed records of the journal in a folder, numbered from `first` to `last`, ascending, those that are kept. The agent
/// may run.
///
/// # Panics
/// A segment cannot be read.
#[must_use]
pub fn sealed_records(journal: &Path, first: u64, last: u64) -> Vec<(u64, Vec<u8>)> {
    let mut records = Vec::new();
    for (_, segment) in segments(journal) {
        let read = || -> rusqlite::Result<Vec<(u64, Vec<u8>)>> {
            let database = Connection::open_with_flags(&segment, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            database.busy_timeout(Duration::from_secs(10))?;
            let mut statement = database.prepare(
                "SELECT seq, sealed FROM records WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
            )?;
            let bounds = [first.cast_signed(), last.cast_signed()];
            let row =
                |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?));
            statement.query_map(bounds, row)?.collect()
        };
        match read() {
            Ok(found) => records.extend(found),
            // Pruned since the folder was listed.
            Err(_) if !segment.exists() => {}
            Err(error) => panic!("{}: {error}", segment.display()),
        }
    }
    records
}

/// First sequence numbers and files of a journal's segments, ascending.
#[must_use]
pub fn segments(journal: &Path) -> Vec<(u64, PathBuf)> {
    let mut segments: Vec<_> = fs::read_dir(journal)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let first = name.strip_prefix("segment-")?.strip_suffix(".db")?.parse().ok()?;
            Some((first, path))
        })
        .collect();
    segments.sort();
    segments
}

impl Default for Rig {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what was there is kept in {}", self.path().display());
            self.folder.disable_cleanup(true);
        }
    }
}
