//! Each test makes its own authority in its own folder.
#![allow(clippy::unwrap_used)]

mod inspect;
mod keys;
mod sign;
mod stored;

use std::path::{Path, PathBuf};

use cellwatch_model::Utc;
use cellwatch_seal::{PublicKey, Roster, SealingKey, key_file};
use tempfile::TempDir;

use super::authority::{self, Plan};

/// 2026-01-31T00:00:00.5Z.
const NOW: Utc = Utc(1_769_817_600_500_000_000);

struct Made {
    dir: TempDir,
    roster: Roster,
}

impl Made {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let roster = authority::make(dir.path(), &plan()).unwrap();
        Self { dir, roster }
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    fn key(&self, name: &str) -> SealingKey {
        key_file::read(&self.path(name)).unwrap()
    }

    fn root(&self) -> PublicKey {
        key_file::read_public(&self.path("root.pub")).unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

fn plan() -> Plan {
    Plan {
        site: "barcelona-1".to_owned(),
        agents: vec!["agent-1".to_owned(), "agent-2".to_owned()],
        host: "broker.local".to_owned(),
        days: 30,
        now: NOW,
    }
}
