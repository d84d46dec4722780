//! Walks a whole journal: every seal, every link of the chain, every sequence number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cellwatch_record::{Body, ChainCheck, Datum, EventKind, Hash, Head, JournalId};
use cellwatch_seal::{AgentKeys, KeyId, rotation};

use super::JournalError;
use super::keys::followed;
use super::opening::Known;
use super::segment::{self, Header, Row, SEQ_MAX, Segment, SegmentFile};
use super::unseal::{NotOurs, Unsealed, unseal};

/// Where a journal stops being what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// First sequence number that cannot be trusted.
    pub first_bad_seq: u64,
    /// The segment in which it was found.
    pub file: PathBuf,
    /// What is wrong, for people.
    pub reason: String,
}

/// What a journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The agent that wrote it.
    pub agent: String,
    /// The journal.
    pub journal: JournalId,
    /// Segments.
    pub segments: usize,
    /// Everything up to here was removed after it was received, as a sealed record says; 0 where nothing was.
    pub pruned_through: u64,
    /// Records that verified, from the one after [`Self::pruned_through`] on.
    pub records: u64,
    /// Hash of the last of them.
    pub hash: Hash,
    /// The keys that sealed them, in their order.
    pub keys: Vec<SealedFrom>,
    /// The first fault; none if all is as it was written.
    pub fault: Option<Fault>,
}

/// From which record on a key seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFrom {
    /// The key.
    pub key: KeyId,
    /// Its first record here.
    pub seq: u64,
    /// True if the key before sealed the change; always for the first one here.
    pub rotated: bool,
}

/// Verifies the journal in `folder` against the agent's public keys; changes from one to the next are followed by the
/// records in which both have sealed them. `known` finds an end that was
/// cut off: what the Control Site has receipted must be there. `progress` is told, now and then,
/// how many records have verified.
///
/// # Errors
/// There is no journal, or its first segment cannot be read at all.
pub fn verify(
    folder: &Path,
    keys: &AgentKeys,
    known: Known,
    progress: &mut dyn FnMut(u64),
) -> Result<Verdict, JournalError> {
    let files = segment::list(folder)?;
    let Some(first) = files.first() else {
        return Err(JournalError::Empty { path: folder.to_owned() });
    };
    let opened = Segment::open_to_read(&first.path)?;
    let header = opened.header()?;
    let keys = &followed(folder, keys)?;
    let begin = beginning(&opened, &header, first.first_seq, keys)?;
    drop(opened);
    let mut walk = Walk {
        keys,
        sealed: Vec::new(),
        retired: BTreeMap::new(),
        next: None,
        agent: header.agent,
        chain: ChainCheck::after(begin),
        begin,
        is_explained: false,
    };
    let mut fault = None;
    for file in &files {
        fault = walk.segment(file, progress);
        if fault.is_some() {
            break;
        }
    }
    if fault.is_none() && begin.seq > 0 && !walk.is_explained {
        let reason = format!(
            "seq 1 to {} are missing, and no record says that they were received and removed: a segment is missing before this one",
            begin.seq
        );
        let fault = Some(Fault { first_bad_seq: 1, file: first.path.clone(), reason });
        return Ok(Verdict {
            agent: walk.agent,
            journal: header.journal,
            segments: files.len(),
            pruned_through: 0,
            records: 0,
            hash: Hash::NONE,
            keys: walk.sealed,
            fault,
        });
    }
    let head = walk.chain.head();
    if fault.is_none() && known.journal == Some(head.journal) && known.receipt_through > head.seq {
        fault = Some(Fault {
            first_bad_seq: head.seq + 1,
            file: files.last().map(|file| file.path.clone()).unwrap_or_default(),
            reason: format!(
                "the journal ends here, but the Control Site has receipted seq {}: its end is missing",
                known.receipt_through
            ),
        });
    }
    Ok(Verdict {
        agent: walk.agent,
        journal: head.journal,
        segments: files.len(),
        pruned_through: begin.seq,
        records: head.seq - begin.seq,
        hash: head.hash,
        keys: walk.sealed,
        fault,
    })
}

/// Where a journal that was pruned begins: after the record that its first one names. Whether that was removed
/// rightly, a later record must say.
fn beginning(
    segment: &Segment,
    header: &Header,
    first_seq: u64,
    keys: &AgentKeys,
) -> Result<Head, JournalError> {
    let mut begin = Head { journal: header.journal, seq: 0, hash: Hash::NONE };
    if first_seq > 1
        && let Some(sealed) = segment.sealed(first_seq)?
        && let Ok(opened) = unseal(&sealed, keys)
    {
        begin = Head { seq: first_seq - 1, hash: opened.record.common.prev, ..begin };
    }
    Ok(begin)
}

struct Walk<'k> {
    keys: &'k AgentKeys,
    sealed: Vec<SealedFrom>,
    /// Keys that were followed by others, with the last record that each may have sealed.
    retired: BTreeMap<KeyId, u64>,
    /// The key to which the last record changed.
    next: Option<KeyId>,
    agent: String,
    chain: ChainCheck,
    begin: Head,
    /// A record says that everything up to `begin` was to be removed.
    is_explained: bool,
}

impl Walk<'_> {
    fn segment(&mut self, file: &SegmentFile, progress: &mut dyn FnMut(u64)) -> Option<Fault> {
        let expected = self.chain.head().seq + 1;
        let fault = |first_bad_seq: u64, reason: String| {
            Some(Fault { first_bad_seq, file: file.path.clone(), reason })
        };
        if file.first_seq > expected {
            return fault(
                expected,
                format!(
                    "seq {expected} to {} are missing: a segment is missing before this one",
                    file.first_seq - 1
                ),
            );
        }
        let opened = Segment::open_to_read(&file.path)
            .and_then(|segment| segment.header().map(|header| (segment, header)));
        let (segment, header) = match opened {
            Ok(opened) => opened,
            Err(error) => return fault(expected, error.to_string()),
        };
        if let Some(reason) = self.header(file, &header) {
            return fault(expected, reason);
        }
        let mut found = None;
        let read = segment.rows(0, SEQ_MAX, |row| {
            found = self.row(&row);
            if row.seq % 10_000 == 0 {
                progress(row.seq);
            }
            found.is_none()
        });
        match (found, read) {
            (Some((seq, reason)), _) => fault(seq, reason),
            (None, Err(error)) => {
                fault(self.chain.head().seq + 1, format!("cannot be read on: {error}"))
            }
            (None, Ok(())) => None,
        }
    }

    fn header(&self, file: &SegmentFile, header: &Header) -> Option<String> {
        let Head { journal, .. } = self.chain.head();
        if header.journal != journal {
            return Some(format!("a segment of journal {}, not of {journal}", header.journal));
        }
        if header.agent != self.agent {
            return Some(format!(
                "a segment of agent \"{}\", not of \"{}\"",
                header.agent, self.agent
            ));
        }
        (header.first_seq != file.first_seq).then(|| {
            format!("a segment that begins with seq {} under another's name", header.first_seq)
        })
    }

    /// Follows who seals.
    fn key(&mut self, opened: &Unsealed, seq: u64) -> Result<(), String> {
        let Some(key) = &opened.key else {
            return Err(format!(
                "seq {seq} is not sealed yet: no key that the roster names was at hand when it was recorded"
            ));
        };
        let id = key.id();
        if let Some(last) = self.retired.get(&id) {
            return Err(format!(
                "seq {seq} is sealed with key {id}, which another one followed at seq {last}"
            ));
        }
        let changed =
            rotation(&opened.record, key).map_err(|error| format!("seq {seq}: {error}"))?;
        let before = self.sealed.last().map(|one| one.key);
        if before != Some(id) {
            let rotated = before.is_none() || self.next == Some(id);
            self.sealed.push(SealedFrom { key: id, seq, rotated });
        }
        if let Some(changed) = changed {
            self.retired.insert(id, seq);
            self.next = Some(changed.new.id());
        }
        Ok(())
    }

    /// First bad sequence number and reason.
    fn row(&mut self, row: &Row) -> Option<(u64, String)> {
        let expected = self.chain.head().seq + 1;
        if row.seq > expected {
            let last = row.seq - 1;
            let reason = if last == expected {
                format!("seq {expected} is missing: its row was removed")
            } else {
                format!("seq {expected} to {last} are missing: their rows were removed")
            };
            return Some((expected, reason));
        }
        if row.seq < expected {
            return Some((row.seq, format!("seq {} stands twice, in two segments", row.seq)));
        }
        let opened = match unseal(&row.sealed, self.keys) {
            Ok(opened) => opened,
            Err(NotOurs::Damaged(problem)) => {
                return Some((row.seq, format!("seq {} was changed: {problem}", row.seq)));
            }
            Err(NotOurs::OtherKey(found)) => {
                let expected = self.keys.names();
                let reason =
                    format!("seq {} is sealed with key {found}, not with {expected}", row.seq);
                return Some((row.seq, reason));
            }
        };
        if let Err(reason) = self.key(&opened, row.seq) {
            return Some((row.seq, reason));
        }
        let Unsealed { record, payload, .. } = opened;
        let common = &record.common;
        let identity = &common.identity;
        if identity.seq != row.seq {
            let reason = format!(
                "seq {} holds the record of seq {}: rows were exchanged",
                row.seq, identity.seq
            );
            return Some((row.seq, reason));
        }
        if identity.agent != self.agent {
            let reason = format!("seq {} is a record of agent \"{}\"", row.seq, identity.agent);
            return Some((row.seq, reason));
        }
        if record.body.kind().code() != row.kind || common.unit != row.unit {
            let reason =
                format!("seq {}: kind or unit beside the record are not the record's", row.seq);
            return Some((row.seq, reason));
        }
        // Last: what follows counts as right.
        if let Err(fault) = self.chain.follow(identity, common.prev, &payload) {
            return Some((fault.first_bad_seq(), fault.to_string()));
        }
        self.is_explained |= explains(&record.body, &self.begin);
        None
    }
}

/// True for the record that says that everything up to `begin` may be removed.
fn explains(body: &Body, begin: &Head) -> bool {
    let Body::Event(event) = body else { return false };
    event.kind == EventKind::Pruned
        && event.details.get("through") == Some(&Datum::from(begin.seq))
        && event.details.get("hash") == Some(&Datum::Bytes(begin.hash.0.to_vec()))
}
