#![allow(clippy::unwrap_used)]

mod former;
mod keeping;
mod keys;
mod opening;
mod reading;
mod tamper;
mod torn;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use cellwatch_core::door::{Append, Input, KeepHistory};
use cellwatch_model::Mono;
use cellwatch_record::{
    Batch, BatchChange, Body, Chain, Common, Event, EventKind, Hash, Identity, Kind,
};
use cellwatch_seal::{AgentKeys, PublicKey, Sealer, SealingKey};

use super::*;

/// A journal in a folder of its own, and the chain that goes on in it.
struct Bench {
    dir: tempfile::TempDir,
    key: Arc<SealingKey>,
    chain: Option<Chain>,
}

impl Bench {
    fn new() -> Self {
        let (key, _) = SealingKey::generate().unwrap();
        Self { dir: tempfile::tempdir().unwrap(), key: Arc::new(key), chain: None }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    fn public(&self) -> PublicKey {
        self.key.public()
    }

    fn open(&self, known: Known) -> Result<Opened, JournalError> {
        open(&self.folder(), "agent-1", &self.public().into(), known)
    }

    /// Opens and starts to write; the chain goes on from what was opened.
    fn start(&mut self, segment_bytes: u64, delay: Duration) -> (Writer, Receiver<Committed>) {
        let opened = self.open(Known::default()).unwrap();
        self.chain = Some(Chain::new("agent-1".to_owned(), opened.head));
        let settings = WriterSettings {
            folder: self.folder(),
            agent: "agent-1".to_owned(),
            segment_bytes,
            commit_delay: delay,
        };
        let (durable, committed) = channel();
        let tell = move |told| {
            if let Told::Durable(records) = told {
                durable.send(records).unwrap();
            }
        };
        let key = Arc::<SealingKey>::clone(&self.key);
        let reserve = Reserve::of(self.dir.path(), 1 << 20);
        (Writer::start(settings, opened, Some(key), reserve, tell).unwrap(), committed)
    }

    /// The same while no key seals; everything that the writer tells.
    fn start_without_key(&mut self, segment_bytes: u64) -> (Writer, Receiver<Told>) {
        let opened = self.open(Known::default()).unwrap();
        self.chain = Some(Chain::new("agent-1".to_owned(), opened.head));
        let settings = WriterSettings {
            folder: self.folder(),
            agent: "agent-1".to_owned(),
            segment_bytes,
            commit_delay: Duration::ZERO,
        };
        let (all, told) = channel();
        let tell = move |one| {
            if !matches!(one, Told::NextSegment) {
                all.send(one).unwrap();
            }
        };
        let reserve = Reserve::of(self.dir.path(), 1 << 20);
        (Writer::start(settings, opened, None, reserve, tell).unwrap(), told)
    }

    fn append(&mut self, urgent: bool, bodies: Vec<Body>) -> Append {
        let chain = self.chain.as_mut().unwrap();
        let first_seq = chain.head().seq + 1;
        let records = bodies
            .into_iter()
            .map(|body| {
                let unit = matches!(body, Body::Batch(_)).then(|| "BX-01".to_owned());
                let kind = body.kind();
                (kind, unit.clone(), chain.append(common(unit), body).1)
            })
            .collect();
        Append { first_seq, records, urgent }
    }

    /// A journal of `count` records in segments of about `segment_bytes`.
    fn written(count: u64, segment_bytes: u64) -> Self {
        let mut bench = Self::new();
        let (writer, committed) = bench.start(segment_bytes, Duration::ZERO);
        for number in 1..=count {
            let append = bench.append(true, vec![event(number)]);
            assert!(writer.append(append));
            assert_eq!(committed.recv().unwrap().last().unwrap().0, number);
        }
        writer.end();
        bench
    }

    fn verify(&self) -> Verdict {
        self.verify_knowing(Known::default())
    }

    fn verify_knowing(&self, known: Known) -> Verdict {
        verify(&self.folder(), &self.public().into(), known, &mut |_| {}).unwrap()
    }

    fn segments(&self) -> Vec<PathBuf> {
        segment_files(&self.folder())
    }
}

/// As the backlog reads it.
fn fetched(keys: impl Into<AgentKeys>, folder: &Path, wanted: Fetch, seals: bool) -> Found {
    let keys = keys.into();
    fetch(folder, wanted, Judge { keys: &keys, seals, knows_all_keys: true }).unwrap()
}

fn reader(bench: &Bench, tell: impl Fn(Input) + Send + 'static) -> Reader {
    let (keep, keys) = (KeepHistory::default(), bench.public().into());
    Reader::start(bench.folder(), keep, keys, Vec::new(), tell).unwrap()
}

fn segment_files(folder: &Path) -> Vec<PathBuf> {
    let found = super::segment::list(folder).unwrap();
    found.into_iter().map(|file| file.path).collect()
}

fn common(unit: Option<String>) -> Common {
    Common {
        identity: Identity { agent: String::new(), journal: Default::default(), seq: 0 },
        prev: Hash::NONE,
        boot: 1,
        utc: Default::default(),
        mono: Mono(1),
        clock: Default::default(),
        master_file: 0,
        unit,
        batch: None,
        phase: None,
    }
}

fn event(number: u64) -> Body {
    Body::Event(Event {
        kind: EventKind::Gap,
        at: Mono(number),
        text: format!("event {number} {}", "x".repeat(200)),
        details: Default::default(),
    })
}

fn batch(change: BatchChange, batch: &str, to: Option<&str>) -> Body {
    Body::Batch(Batch {
        change,
        batch: batch.to_owned(),
        from: None,
        to: to.map(str::to_owned),
        at: Mono(1),
        seal: None,
    })
}

fn seqs(committed: &Committed) -> Vec<u64> {
    committed.iter().map(|(seq, _)| *seq).collect()
}

#[test]
fn batch_records_are_found_by_their_kind() {
    // The index in the segments names it by number.
    assert_eq!(Kind::Batch.code(), 6);
    println!("kind: 1 case");
}
