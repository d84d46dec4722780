//! One record of each kind, small enough to be read byte by byte.

use cellwatch_model::{
    AlarmTransition, Cause, Clock, ClockSync, IsaState, LimitKind, Mono, Priority, Quality,
    UnitOfMeasure, Utc, Value, Words,
};

use crate::{
    Action, AlarmChange, AlarmSummary, AwaitedSeal, Batch, BatchChange, BatchSeal, BatchTree, Body,
    Column, Command, Common, Completeness, CompletenessReceipt, Datum, Deviation, DeviationChange,
    DeviationRule, EnteredResult, Event, EventKind, ExportManifest, ExportedFile, ExportedJournal,
    Frame, Hash, Health, Identity, JournalId, KeySuccession, Kind, Maker, Missing, Order, Person,
    Receipt, Record, Sample, SavedAlarm, SavedBatch, SavedMasterFile, SavedSeals, SavedSite,
    Selection, SiteStatus, StandingAlarm, State, Track, Waits,
};

pub(super) const JOURNAL: JournalId = JournalId([0xa5; 16]);
/// 2026-01-31T00:00:00Z.
pub(super) const UTC: Utc = Utc(1_769_817_600_000_000_000);
pub(super) const MONO: Mono = Mono(3_600_000_000_000);

pub(super) fn common(seq: u64) -> Common {
    Common {
        identity: Identity { agent: "agent-1".to_owned(), journal: JOURNAL, seq },
        prev: Hash([0x5a; 32]),
        boot: 3,
        utc: UTC,
        mono: MONO,
        clock: Clock { sync: ClockSync::Synchronised, error_bound_us: 500, offset_us: -250 },
        master_file: 1,
        unit: Some("reactor-1".to_owned()),
        batch: Some("B-0001".to_owned()),
        phase: Some("expansion".to_owned()),
    }
}

/// The sample of a kind; its sequence number is the kind's code.
pub(super) fn record(kind: Kind) -> Record {
    let common = common(u64::from(kind.code()));
    match kind {
        Kind::Telemetry => Record { common, body: Body::Telemetry(frame()) },
        Kind::Alarm => Record { common, body: Body::Alarm(alarm()) },
        Kind::Deviation => Record { common, body: Body::Deviation(deviation()) },
        Kind::Result => Record { common, body: Body::Result(result()) },
        Kind::State => {
            let nowhere = Common { unit: None, batch: None, phase: None, ..common };
            Record { common: nowhere, body: Body::State(state()) }
        }
        Kind::Action => Record { common, body: Body::Action(action()) },
        Kind::Batch => Record { common, body: Body::Batch(batch()) },
        Kind::Event => {
            let nowhere = Common { unit: None, batch: None, phase: None, ..common };
            Record { common: nowhere, body: Body::Event(event()) }
        }
        Kind::Health => {
            let nowhere = Common { unit: None, batch: None, phase: None, ..common };
            Record { common: nowhere, body: Body::Health(health()) }
        }
    }
}

/// A temperature with two words a sample, of which one was not answered; a door; a counter.
fn frame() -> Frame {
    let good = |value, raw: &[u16]| Sample {
        value: Some(value),
        quality: Quality::Good,
        raw: raw.into(),
        stamp: None,
    };
    let silent = Sample {
        value: None,
        quality: Quality::Bad(Cause::Timeout),
        raw: Words::new(),
        stamp: None,
    };
    let temperature = vec![
        good(Value::Number(37.02), &[0x4214, 0x147b]),
        silent,
        good(Value::Number(37.01), &[0x4214, 0x0a3d]),
    ];
    Frame {
        from: Mono(MONO.0 - 5_000_000_000),
        tracks: vec![Track(vec![0, 1000, 2000]), Track(vec![500])],
        columns: vec![
            Column { parameter: 0, decimals: 2, track: 0, samples: temperature },
            Column {
                parameter: 1,
                decimals: 0,
                track: 1,
                samples: vec![good(Value::Bool(true), &[1])],
            },
            Column {
                parameter: 2,
                decimals: 0,
                track: 1,
                samples: vec![good(Value::Integer(-40), &[0xffd8])],
            },
        ],
    }
}

fn person() -> Person {
    Person { name: "Operator One".to_owned(), role: "operator".to_owned() }
}

fn alarm() -> AlarmChange {
    AlarmChange {
        alarm: "TEMP.HH".to_owned(),
        source: "TEMP.PV".to_owned(),
        kind: LimitKind::HighHigh,
        transition: AlarmTransition::Acknowledged,
        state: IsaState::Acknowledged,
        priority: Priority::High,
        occurrence: 2,
        at: Mono(MONO.0 - 1_000_000),
        value: Some(38.1),
        limit: Some(37.5),
        quality: Quality::Good,
        person: Some(person()),
        comment: Some("probe checked".to_owned()),
        regions: 3,
        until: None,
    }
}

fn deviation() -> Deviation {
    Deviation {
        id: "reactor-1/TEMP.HH/2".to_owned(),
        change: DeviationChange::Closed,
        rules: vec![(DeviationRule::ActionLimit, "above 37.5 for 60 s".to_owned())],
        alarm: "TEMP.HH".to_owned(),
        occurrence: 2,
        source: "TEMP.PV".to_owned(),
        at: MONO,
        since: Mono(MONO.0 - 600_000_000_000),
        until: Some(Mono(MONO.0 - 300_000_000_000)),
        limit: Some(37.5),
        lowest: Some(37.0),
        highest: Some(38.5),
        area: Some(150.25),
        acknowledgements: vec![(Mono(MONO.0 - 500_000_000_000), person())],
        before: vec![(Mono(MONO.0 - 610_000_000_000), 37.25)],
        after: vec![],
    }
}

fn result() -> EnteredResult {
    EnteredResult {
        id: "reactor-1/VIABILITY/3".to_owned(),
        parameter: "VIABILITY".to_owned(),
        value: 92.5,
        unit: UnitOfMeasure::Percent,
        counts: true,
        at: MONO,
        sampled: Some(UTC),
        entered_by: person(),
        confirmed_by: Some(Person { name: "Operator Two".to_owned(), role: "operator".to_owned() }),
        old: Some(29.5),
        reason: "digits swapped".to_owned(),
    }
}

fn state() -> State {
    State {
        alarms: vec![SavedAlarm {
            unit: Some("reactor-1".to_owned()),
            alarm: "TEMP.HH".to_owned(),
            regions: 65,
            occurrence: 2,
            raised: Mono(1_000_000),
            until: Some(Mono(3_000_000)),
            acknowledged: None,
        }],
        batches: vec![SavedBatch {
            unit: "reactor-1".to_owned(),
            batch: "B-0001".to_owned(),
            phase: "expansion".to_owned(),
            since: Mono(2_000_000),
        }],
        deviations: vec![],
        results: vec![("reactor-1".to_owned(), result())],
        counted: [("alarms".to_owned(), Datum::Integer(7))].into(),
        master_files: vec![SavedMasterFile {
            sha256: Hash([0x3c; 32]),
            id: "MF-1".to_owned(),
            version: 4,
            waits: Waits::Batch,
            units: vec!["reactor-2".to_owned()],
        }],
        site: SavedSite { status: SiteStatus::Paused, command: 12, sha256: Hash([0x1d; 32]) },
        calling: [("silenced".to_owned(), Datum::Bool(true))].into(),
        seals: seals(),
    }
}

/// A tree of three leaves, and a seal that waits.
fn seals() -> SavedSeals {
    let mut tree = BatchTree::new("reactor-1", "B-0001", 5);
    tree.take(5, Kind::Batch, Some("reactor-1"), Hash([1; 32]));
    tree.take(6, Kind::Telemetry, Some("reactor-1"), Hash([2; 32]));
    tree.take(7, Kind::Event, None, Hash([3; 32]));
    let awaited = AwaitedSeal {
        unit: "reactor-1".to_owned(),
        batch: "B-0000".to_owned(),
        first: 2,
        seq: 4,
        hash: Hash([0x5a; 32]),
    };
    SavedSeals { open: vec![tree], awaited: vec![awaited] }
}

/// The record that seals a batch.
pub(super) fn sealed() -> Record {
    let seal = BatchSeal {
        first: 5,
        last: 41,
        counts: [(Kind::Batch, 3), (Kind::Telemetry, 33)].into(),
        root: Hash([0x5a; 32]),
    };
    let batch = Batch {
        change: BatchChange::Sealed,
        batch: "B-0001".to_owned(),
        from: None,
        to: None,
        at: MONO,
        seal: Some(seal),
    };
    Record { common: common(42), body: Body::Batch(batch) }
}

pub(super) fn completeness() -> CompletenessReceipt {
    CompletenessReceipt {
        agent: "agent-1".to_owned(),
        journal: JOURNAL,
        unit: "reactor-1".to_owned(),
        batch: "B-0001".to_owned(),
        seal_seq: 42,
        seal_hash: Hash([0x5a; 32]),
        found: Completeness::Incomplete,
        missing: vec![Missing { first: 7, last: 9 }],
        root: Hash::NONE,
        issued: UTC,
    }
}

pub(super) fn manifest() -> ExportManifest {
    let (unit, batch) = ("reactor-1".to_owned(), "B-0001".to_owned());
    let hash = Hash([0x5a; 32]);
    ExportManifest {
        agent: "agent-1".to_owned(),
        maker: Maker::ControlSite,
        program: "control-site 0.1.0".to_owned(),
        asked_by: "Quality One".to_owned(),
        issued: UTC,
        selection: Selection::Batch { unit, batch },
        files: vec![ExportedFile { name: "records.cose".to_owned(), bytes: 41, sha256: hash }],
        journals: vec![ExportedJournal {
            journal: JOURNAL,
            first: 5,
            last: 41,
            records: 36,
            head: hash,
        }],
        seal: Some((42, hash)),
    }
}

fn action() -> Action {
    Action {
        person: person(),
        what: "acknowledge".to_owned(),
        target: "TEMP.HH".to_owned(),
        reason: "probe checked".to_owned(),
        old: Some("UNACK".to_owned()),
        new: Some("ACKED".to_owned()),
        refusal: None,
    }
}

fn batch() -> Batch {
    Batch {
        change: BatchChange::Phase,
        batch: "B-0001".to_owned(),
        from: Some("activation".to_owned()),
        to: Some("expansion".to_owned()),
        at: MONO,
        seal: None,
    }
}

fn event() -> Event {
    let details = [
        ("up", Datum::Bool(false)),
        ("cause", Datum::from("no answer")),
        ("device", Datum::from("reactor-1")),
        ("attempts", Datum::Integer(3)),
        ("hash", Datum::Bytes(vec![1, 2, 3])),
        ("list", Datum::List(vec![Datum::Number(0.5), Datum::Integer(-1)])),
    ];
    Event {
        kind: EventKind::Link,
        at: MONO,
        text: "reactor-1 does not answer".to_owned(),
        details: details.map(|(name, datum)| (name.to_owned(), datum)).into(),
    }
}

fn health() -> Health {
    let figures = [("up_s", Datum::Integer(3600)), ("disk_free_bytes", Datum::Integer(1 << 32))];
    Health { figures: figures.map(|(name, datum)| (name.to_owned(), datum)).into() }
}

pub(super) fn receipt() -> Receipt {
    Receipt {
        agent: "agent-1".to_owned(),
        journal: JOURNAL,
        through: 41,
        hash: Hash([0x5a; 32]),
        missing: vec![Missing { first: 42, last: 42 }, Missing { first: 50, last: 59 }],
        highest: 99,
        issued: UTC,
    }
}

pub(super) fn summary() -> AlarmSummary {
    AlarmSummary {
        agent: "agent-1".to_owned(),
        journal: JOURNAL,
        unit: "reactor-1".to_owned(),
        as_of_seq: 99,
        utc: UTC,
        mono: MONO,
        standing: vec![StandingAlarm {
            alarm: "TEMP.HH".to_owned(),
            source: "TEMP.PV".to_owned(),
            state: IsaState::Unacknowledged,
            priority: Priority::High,
            raised: Mono(MONO.0 - 1_000_000),
        }],
    }
}

pub(super) fn succession() -> KeySuccession {
    KeySuccession {
        agent: "agent-1".to_owned(),
        journal: JournalId([0xa5; 16]),
        old: [1; 32],
        new: [2; 32],
    }
}

pub(super) fn command() -> Command {
    Command {
        site: "ulm-1".to_owned(),
        agent: "agent-1".to_owned(),
        number: 12,
        issued: UTC,
        expires: Utc(UTC.0 + 3_600_000_000_000),
        order: Order::SiteStatus(SiteStatus::Paused),
        reason: "audit".to_owned(),
    }
}
