//! An export is made, proven, and any change in it found.
#![allow(clippy::unwrap_used)] // tests

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use cellwatch_model::{Clock, ClockSync, Mono, Quality, Utc, Value};
use cellwatch_record::{
    Action, Batch, BatchChange, BatchTree, Body, Chain, Column, Common, Datum, Event, EventKind,
    Frame, Hash, Head, Identity, JournalId, Maker, Person, RECORD_CONTENT_TYPE, Sample, Selection,
    Track,
};
use cellwatch_seal::{Sealer, SealingKey, seal};

use crate::{
    ExportError, ExportFolder, Made, SelectError, Source, Trust, check, export_batch, export_range,
    find_batch, prove_batch,
};

const UNIT: &str = "BX-01";
const BATCH: &str = "B-1";
const NOW: Utc = Utc(1_790_000_000_000_000_000);

/// A journal in memory.
struct Journal {
    key: SealingKey,
    chain: Chain,
    tree: BatchTree,
    sealed: Vec<Vec<u8>>,
}

impl Source for Journal {
    type Error = Infallible;

    fn each(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), Infallible> {
        let numbered = (1..).zip(&self.sealed).filter(|(seq, _)| (first..=last).contains(seq));
        for (_, sealed) in numbered {
            if !sealed.is_empty() && !each(sealed) {
                break;
            }
        }
        Ok(())
    }
}

impl Journal {
    fn new() -> Self {
        let head = Head { journal: JournalId([7; 16]), seq: 0, hash: Hash::NONE };
        let mut journal = Self {
            key: SealingKey::generate().unwrap().0,
            chain: Chain::new("agent-1".to_owned(), head),
            tree: BatchTree::new(UNIT, BATCH, 3),
            sealed: Vec::new(),
        };
        journal.say(None, event(EventKind::Start, vec![]));
        let parameter = Datum::List(vec![
            Datum::Integer(0),
            Datum::from("TEMP"),
            Datum::from("°C"),
            Datum::Integer(2),
            Datum::from("reactor"),
        ]);
        let parameters = vec![("parameters", Datum::List(vec![parameter]))];
        journal.say(Some(UNIT), event(EventKind::Configuration, parameters));
        journal.say(Some(UNIT), batch(BatchChange::Started));
        for reason in ["=1+1", "-2", "fine", "@x", "a,\"b\"\nc"] {
            journal.say(Some(UNIT), frame());
            journal.say(Some("BX-02"), frame());
            journal.say(Some(UNIT), action(reason));
        }
        journal.say(Some(UNIT), batch(BatchChange::Ended));
        let mut sealing = batch(BatchChange::Sealed);
        if let Body::Batch(batch) = &mut sealing {
            batch.seal = Some(journal.tree.seal());
        }
        journal.say(Some(UNIT), sealing);
        journal.say(Some("BX-02"), frame());
        journal.say(Some(UNIT), event(EventKind::BatchComplete, vec![]));
        journal
    }

    fn say(&mut self, unit: Option<&str>, body: Body) {
        let kind = body.kind();
        let common = Common {
            identity: Identity::default(),
            prev: Hash::NONE,
            boot: 1,
            utc: Utc(NOW.0 + i64::try_from(self.sealed.len()).unwrap()),
            mono: Mono(60_000_000_000),
            clock: Clock { sync: ClockSync::Synchronised, error_bound_us: 400, offset_us: 0 },
            master_file: 1,
            unit: unit.map(str::to_owned),
            batch: (unit == Some(UNIT)).then(|| BATCH.to_owned()),
            phase: None,
        };
        let (seq, payload) = self.chain.append(common, body);
        self.tree.take(seq, kind, unit, self.chain.head().hash);
        self.sealed.push(seal(&self.key, RECORD_CONTENT_TYPE, &payload));
    }

    fn trust(&self) -> Trust {
        Trust { agent_keys: vec![self.key.public()], roster: None }
    }

    fn made(&self, selection: Selection, seal: Option<(u64, Hash)>) -> Made {
        Made {
            agent: "agent-1".to_owned(),
            maker: Maker::Agent,
            program: "cellwatch 0.0.0".to_owned(),
            asked_by: "uid 1000".to_owned(),
            issued: NOW,
            selection,
            seal,
        }
    }

    fn export_batch(&self, folder: &Path) {
        let trust = self.trust();
        let found = find_batch(self, &trust, BATCH).unwrap().unwrap();
        let mut out = ExportFolder::create(folder).unwrap();
        let seal = export_batch(self, &trust, (BATCH, &found), &mut out).unwrap();
        let selection = Selection::Batch { unit: UNIT.to_owned(), batch: BATCH.to_owned() };
        out.finish(self.made(selection, seal), &self.key).unwrap();
    }
}

fn event(kind: EventKind, details: Vec<(&str, Datum)>) -> Body {
    let details = details.into_iter().map(|(name, datum)| (name.to_owned(), datum)).collect();
    Body::Event(Event { kind, at: Mono(1), text: kind.word().to_owned(), details })
}

fn batch(change: BatchChange) -> Body {
    let batch = BATCH.to_owned();
    Body::Batch(Batch { change, batch, from: None, to: None, at: Mono(1), seal: None })
}

fn action(reason: &str) -> Body {
    Body::Action(Action {
        person: Person { name: "One".to_owned(), role: "operator".to_owned() },
        what: "comment".to_owned(),
        target: UNIT.to_owned(),
        reason: reason.to_owned(),
        old: None,
        new: None,
        refusal: None,
    })
}

fn frame() -> Body {
    let sample = |number: f64, word: u16| Sample {
        value: Some(Value::Number(number)),
        quality: Quality::Good,
        raw: [word].as_slice().into(),
        stamp: None,
    };
    let samples = vec![sample(-1.5, 0xff6a), sample(37.02, 0x0e76)];
    Body::Telemetry(Frame {
        from: Mono(59_000_000_000),
        tracks: vec![Track(vec![0, 500])],
        columns: vec![Column { parameter: 0, decimals: 2, track: 0, samples }],
    })
}

// Req: BAT-01
#[test]
fn a_batch_is_proven_and_whatever_is_done_to_a_record_is_found() {
    let journal = Journal::new();
    let trust = journal.trust();
    let found = find_batch(&journal, &trust, BATCH).unwrap().unwrap();
    let seal = found.seal.clone().unwrap();
    let verdict = prove_batch(&journal, &trust, &seal).unwrap();
    assert_eq!(verdict.problems, Vec::<String>::new());
    assert_eq!((verdict.records, verdict.seal.first, verdict.seal_seq), (12, 3, 20));
    assert!(find_batch(&journal, &trust, "B-2").unwrap().is_none());
    let mut cases = 0;
    for at in 2..19 {
        let changed = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut journal = Journal { sealed: journal.sealed.clone(), ..Journal::new() };
            change(&mut journal.sealed);
            prove_batch(&journal, &trust, &seal).unwrap()
        };
        let dropped = changed(&|sealed| sealed[at].clear());
        assert_eq!(dropped.missing[0].first, at as u64 + 1);
        assert!(!dropped.is_whole());
        assert!(!changed(&|sealed| sealed.swap(at, at - 1)).is_whole(), "exchanged at {at}");
        assert!(!changed(&|sealed| sealed[at] = sealed[at - 1].clone()).is_whole());
        let bit = changed(&|sealed| *sealed[at].last_mut().unwrap() ^= 1);
        assert!(!bit.is_whole(), "changed at {at}");
        cases += 4;
    }
    println!("{cases} changes");
}

// Req: EXP-01
#[test]
fn an_export_holds_the_batch_its_context_and_what_came_later() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new();
    let export = folder.path().join("export");
    journal.export_batch(&export);
    let verdict = check(&export, &journal.trust()).unwrap();
    assert_eq!(verdict.problems, Vec::<String>::new());
    assert!(verdict.is_good() && verdict.batch.is_some_and(|batch| batch.is_whole()));
    let text = |name: &str| fs::read_to_string(export.join(name)).unwrap();
    let lines = text("records.jsonl");
    let parts: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["part"].as_str().unwrap().to_owned())
        .collect();
    let count = |part: &str| parts.iter().filter(|one| *one == part).count();
    assert_eq!((count("context"), count("selected"), count("later")), (2, 13, 1));
    assert_eq!(text("actions.csv").matches("operator").count(), 5);
    let readings = text("readings.csv");
    assert_eq!(readings.lines().count(), 1 + 10, "those of the other unit are not in it");
    assert!(readings.contains(",TEMP,°C,reactor,-1.50,"), "{readings}");
    assert!(text("batches.csv").contains("sealed"));
    let again = ExportFolder::create(&export);
    assert!(matches!(again, Err(ExportError::Exists { .. })), "nothing is written over");
    println!("{} records exported", parts.len());
}

// Req: EXP-03
#[test]
fn no_field_begins_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new();
    let export = folder.path().join("export");
    journal.export_batch(&export);
    let text = fs::read_to_string(export.join("actions.csv")).unwrap();
    for guarded in ["\"'=1+1\"", "\"'-2\"", ",fine,", "\"'@x\"", "\"a,\"\"b\"\"\nc\""] {
        assert!(text.contains(guarded), "{guarded} in {text}");
    }
    println!("5 fields");
}

// Req: EXP-02
#[test]
fn any_changed_byte_and_any_other_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new();
    let export = folder.path().join("export");
    journal.export_batch(&export);
    let trust = journal.trust();
    let mut cases = 0;
    for entry in fs::read_dir(&export).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 40) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            let verdict = check(&export, &trust).unwrap();
            assert!(!verdict.is_good(), "byte {at} of {}", path.display());
            cases += 1;
        }
        for other in [&bytes[..bytes.len() - 1], &[&bytes[..], b"\n"].concat()] {
            fs::write(&path, other).unwrap();
            assert!(!check(&export, &trust).unwrap().is_good(), "{}", path.display());
            cases += 1;
        }
        fs::remove_file(&path).unwrap();
        assert!(!check(&export, &trust).unwrap().is_good(), "without {}", path.display());
        fs::write(&path, &bytes).unwrap();
    }
    fs::write(export.join("more.csv"), "x").unwrap();
    assert!(!check(&export, &trust).unwrap().is_good(), "a file that nobody exported");
    fs::remove_file(export.join("more.csv")).unwrap();
    assert!(check(&export, &trust).unwrap().is_good());
    let (other, _) = SealingKey::generate().unwrap();
    let stranger = Trust { agent_keys: vec![other.public()], roster: None };
    assert!(!check(&export, &stranger).unwrap().is_good(), "another key vouches for nothing");
    println!("{cases} changed files");
}

// Req: EXP-01
#[test]
fn a_range_holds_every_unit_and_what_cannot_be_verified_is_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::new();
    let trust = journal.trust();
    let range = (Utc(NOW.0 + 5), Utc(NOW.0 + 9));
    let export = folder.path().join("export");
    let mut out = ExportFolder::create(&export).unwrap();
    assert_eq!(export_range(&journal, &trust, range, &mut out).unwrap(), 4);
    let selection = Selection::Range { from: range.0, to: range.1 };
    let manifest = out.finish(journal.made(selection, None), &journal.key).unwrap();
    assert_eq!((manifest.journals[0].records, manifest.journals[0].last), (6, 9));
    assert!(check(&export, &trust).unwrap().is_good());

    *journal.sealed[6].last_mut().unwrap() ^= 1;
    let mut out = ExportFolder::create(&folder.path().join("other")).unwrap();
    let refused = export_range(&journal, &trust, range, &mut out);
    assert!(matches!(refused, Err(SelectError::Record(_))), "{refused:?}");
}
