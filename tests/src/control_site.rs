//! The Control Site, and what its database says.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::{AGENT, Broker, Keys, Process, await_until, binary};

/// What is awaited at the Control Site has a way behind it: poll, judge, journal, publish, verify, store.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// A running Control Site.
#[derive(Debug)]
pub struct ControlSite {
    /// The program.
    pub process: Process,
    database: PathBuf,
}

impl ControlSite {
    /// Starts it; it is connected when this returns.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(rig: &Path, keys: &Keys, broker: &Broker) -> Self {
        Self::start_by(rig, keys, broker, |command| command)
    }

    /// Starts it by what `wrap` makes of its command; it is connected when this returns.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start_by(
        rig: &Path,
        keys: &Keys,
        broker: &Broker,
        wrap: impl Fn(Command) -> Command,
    ) -> Self {
        let database = rig.join("control-site.db");
        let mut command = binary("control-site");
        command.arg("run").arg("--database").arg(&database);
        command.args(["--http", "127.0.0.1:0", "--broker", &format!("localhost:{}", broker.port)]);
        for (option, file) in [
            ("--authority", "authority/ca.pem"),
            ("--certificate", "control-site/client.pem"),
            ("--private-key", "control-site/client.key"),
            ("--roster", "roster.cose"),
            ("--root", "root.pub"),
            ("--receipt-key", "control-site/receipt.pk8"),
        ] {
            command.arg(option).arg(keys.path(file));
        }
        let mut process = Process::start("control-site", rig, wrap(command));
        let _ready = process.ready();
        Self { process, database }
    }

    /// Rows of a query on its database.
    ///
    /// # Panics
    /// The query is wrong.
    #[must_use]
    pub fn rows(&self, query: &str) -> Vec<Vec<Value>> {
        let read = || -> rusqlite::Result<Vec<Vec<Value>>> {
            let database =
                Connection::open_with_flags(&self.database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            database.busy_timeout(Duration::from_secs(10))?;
            let mut statement = database.prepare(query)?;
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns).map(|column| row.get(column)).collect::<Result<_, _>>()
            })?;
            rows.collect()
        };
        read().unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The whole number that a query gives; 0 where it gives none.
    ///
    /// # Panics
    /// The query is wrong.
    #[must_use]
    pub fn number(&self, query: &str) -> i64 {
        match self.rows(query).first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => *number,
            None | Some(Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_)) => 0,
        }
    }

    /// Awaits that a query gives at least one row, and gives the rows.
    ///
    /// # Panics
    /// None comes.
    pub fn await_rows(&self, what: &str, query: &str) -> Vec<Vec<Value>> {
        await_until(what, ARRIVES_WITHIN, || {
            let rows = self.rows(query);
            if rows.is_empty() { Err(self.state()) } else { Ok(rows) }
        })
    }

    /// Awaits that the agent's newest journal is here without a hole up to at least `through`, and gives how far.
    ///
    /// # Panics
    /// It does not come.
    pub fn await_through(&self, through: i64) -> i64 {
        await_until(&format!("every record through {through}"), ARRIVES_WITHIN, || {
            let here = self.through();
            if here >= through { Ok(here) } else { Err(self.state()) }
        })
    }

    /// How far the agent's newest journal is here without a hole.
    #[must_use]
    pub fn through(&self) -> i64 {
        self.number("SELECT through FROM journal_state ORDER BY id DESC LIMIT 1")
    }

    /// The words of an event that has been stored after `seq`, and its sequence number.
    ///
    /// # Panics
    /// None comes.
    pub fn await_event(&self, kind: &str, after: i64) -> (String, i64) {
        let rows = self.await_rows(
            &format!("an event {kind} after seq {after}"),
            &format!("SELECT text, seq FROM events WHERE kind = '{kind}' AND seq > {after} ORDER BY seq LIMIT 1"),
        );
        match rows[0].as_slice() {
            [Value::Text(text), Value::Integer(seq)] => (text.clone(), *seq),
            other => panic!("an event is a text and a number, not {other:?}"),
        }
    }

    /// Where it stands, for people.
    #[must_use]
    pub fn state(&self) -> String {
        let journals = self.rows(
            "SELECT through, highest, verified, gaps, missing, duplicates, refused FROM journals",
        );
        let refusals = self.rows("SELECT reason, detail, count FROM refusals LIMIT 5");
        let events = self.rows("SELECT seq, kind, text FROM events ORDER BY seq DESC LIMIT 8");
        format!("journals of {AGENT} {journals:?}; refusals {refusals:?}; last events {events:?}")
    }
}
