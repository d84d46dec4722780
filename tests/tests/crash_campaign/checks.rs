//! What stands at the Control Site beside what stands in the agent's journal.

use std::fmt;
use std::path::Path;

use cellwatch_record::{Record, decode, sha256};
use cellwatch_tests::sealed_records;
use rusqlite::types::Value as Sql;

use crate::site::Site;
use crate::watching::{Covered, Watching};

/// Records that are looked at in one go.
const AT_ONCE: u64 = 4_096;

/// What was looked at so far.
#[derive(Default)]
pub(crate) struct Checks {
    /// Everything up to here is as it should be.
    through: u64,
    /// Hash of the payload of that record.
    hash: Vec<u8>,
    compared: u64,
    watching: Watching,
}

/// A record as the Control Site has it.
struct Stored {
    seq: u64,
    prev: Vec<u8>,
    payload_hash: Vec<u8>,
    sealed: Vec<u8>,
}

/// What was found in the end.
pub(crate) struct Found {
    records: u64,
    boots: i64,
    compared: u64,
    again: i64,
    late: i64,
    covered: Covered,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, boots, compared, again, late, covered } = self;
        write!(
            f,
            "{records} records of {boots} starts: 0 lost, 0 altered, 0 holes, 0 accepted twice; {compared} compared with the agent's disk byte for byte, {late} came as backlog, {again} came again and were not taken; {covered}"
        )
    }
}

impl Checks {
    /// Looks at everything since the last look, through `last`.
    pub(crate) fn look(&mut self, site: &Site, last: u64) {
        let (journal, _) = site.journal();
        while self.through < last {
            let through = last.min(self.through + AT_ONCE);
            self.compare(site, &journal, self.through + 1, through);
        }
        let journals = "SELECT count(*), sum(verified), sum(refused), (SELECT count(*) FROM records) FROM journal_state";
        let rows = site.control_site().rows(journals);
        let [
            Sql::Integer(journals),
            Sql::Integer(verified),
            Sql::Integer(refused),
            Sql::Integer(stored),
        ] = rows[0].as_slice()
        else {
            panic!("{rows:?}")
        };
        let state = site.control_site().state();
        assert_eq!((*journals, *refused), (1, 0), "one journal, nothing refused: {state}");
        assert_eq!(verified, stored, "each accepted record is stored once: {state}");
    }

    fn compare(&mut self, site: &Site, journal: &Path, first: u64, last: u64) {
        let stored = stored(site, first, last);
        let seqs: Vec<u64> = stored.iter().map(|one| one.seq).collect();
        let all: Vec<u64> = (first..=last).collect();
        assert_eq!(seqs, all, "every record is at the Control Site, once");
        for one in &stored {
            let Stored { seq, prev, payload_hash, sealed } = one;
            let opened = cellwatch_seal::open(sealed).expect("a seal");
            let payload = opened.untrusted_payload();
            assert_eq!(sha256(payload).0.as_slice(), payload_hash, "seq {seq}: altered");
            if *seq > 1 {
                assert_eq!(*prev, self.hash, "seq {seq} names another record as the one before");
            }
            self.hash.clone_from(payload_hash);
            let record: Record = decode(payload).expect("a record");
            self.watching.take(&record);
        }
        for (seq, sealed) in sealed_records(journal, first, last) {
            let there = stored.iter().find(|one| one.seq == seq).expect("compared above");
            assert_eq!(there.sealed, sealed, "seq {seq}: the Control Site has other bytes");
            self.compared += 1;
        }
        self.through = last;
    }

    /// Everything was looked at and the agent has ended.
    pub(crate) fn verdict(self, site: &Site) -> Found {
        let number = |query: &str| site.control_site().number(query);
        Found {
            records: self.through,
            boots: number("SELECT max(boot) FROM records"),
            compared: self.compared,
            again: number("SELECT sum(duplicates) FROM journal_state"),
            late: number("SELECT count(*) FROM records WHERE live = 0"),
            covered: self.watching.verdict(),
        }
    }
}

fn stored(site: &Site, first: u64, last: u64) -> Vec<Stored> {
    let query = format!(
        "SELECT seq, prev, payload_hash, sealed FROM records WHERE seq BETWEEN {first} AND {last} ORDER BY seq"
    );
    let rows = site.control_site().rows(&query).into_iter();
    let stored = rows.map(|row| match <[Sql; 4]>::try_from(row) {
        Ok([Sql::Integer(seq), Sql::Blob(prev), Sql::Blob(payload_hash), Sql::Blob(sealed)]) => {
            Stored { seq: seq.cast_unsigned(), prev, payload_hash, sealed }
        }
        other => panic!("{other:?}"),
    });
    stored.collect()
}
