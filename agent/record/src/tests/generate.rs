//! Any record that an agent may write.

use cellwatch_model::{
    AlarmTransition, Cause, Clock, ClockSync, IsaState, LimitKind, Mono, Priority, Quality, Stamp,
    UnitOfMeasure, Utc, Value, Words, from_mantissa,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{
    Action, AlarmChange, AwaitedSeal, Batch, BatchChange, BatchSeal, BatchTree, Body, Column,
    Common, Datum, Deviation, DeviationChange, DeviationRule, EnteredResult, Event, EventKind,
    Frame, Hash, Health, Identity, JournalId, Kind, Person, Record, Sample, SavedAlarm, SavedBatch,
    SavedMasterFile, SavedSeals, SavedSite, SiteStatus, State, Track, Waits,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9.-]{0,30}", "\\PC{0,12}"]
}

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO,
        (-4000_i32..4000).prop_map(|eighths| f64::from(eighths) / 8.0),
        any::<f32>().prop_filter("finite", |single| single.is_finite()).prop_map(f64::from),
    ]
}

fn quality() -> impl Strategy<Value = Quality> {
    let cause = || select(Cause::ALL.to_vec());
    prop_oneof![
        4 => Just(Quality::Good),
        1 => cause().prop_map(Quality::Uncertain),
        1 => cause().prop_map(Quality::Bad),
    ]
}

fn common() -> impl Strategy<Value = Common> {
    let sync = select(vec![
        ClockSync::Unknown,
        ClockSync::Unsynchronised,
        ClockSync::Synchronised,
        ClockSync::Simulated,
    ]);
    let identity = (text(), any::<[u8; 16]>(), any::<u64>());
    let times = (any::<u32>(), any::<i64>(), any::<u64>(), sync, any::<u32>(), any::<i32>());
    let place = (any::<u32>(), option::of(text()), option::of(text()), option::of(text()));
    (identity, any::<[u8; 32]>(), times, place).prop_map(|(identity, prev, times, place)| {
        let (agent, journal, seq) = identity;
        let (boot, utc, mono, sync, error_bound_us, offset_us) = times;
        let (master_file, unit, batch, phase) = place;
        Common {
            identity: Identity { agent, journal: JournalId(journal), seq },
            prev: Hash(prev),
            boot,
            utc: Utc(utc),
            mono: Mono(mono),
            clock: Clock { sync, error_bound_us, offset_us },
            master_file,
            unit,
            batch,
            phase,
        }
    })
}

/// Values of one type, each with its quality; every sample with words has `width` of them.
fn column(track: u16, length: usize) -> impl Strategy<Value = Column> {
    let number = (0..=9_u8, vec(-1_000_000_000_000_000_i64..1_000_000_000_000_000, length))
        .prop_map(|(decimals, mantissas)| {
            let value = |one| Value::Number(from_mantissa(one, decimals));
            (decimals, mantissas.into_iter().map(value).collect::<Vec<_>>())
        });
    let other = prop_oneof![
        vec(any::<i64>().prop_map(Value::Integer), length),
        vec(any::<bool>().prop_map(Value::Bool), length),
        vec(text().prop_map(Value::Text), length),
    ];
    let values = prop_oneof![2 => number, 1 => other.prop_map(|values| (0, values))];
    let samples = vec((quality(), any::<bool>(), any::<[u16; 4]>(), option::of(stamp())), length);
    (any::<u16>(), values, samples, 0..=4_usize).prop_map(
        move |(parameter, (decimals, values), samples, width)| {
            let all = values.into_iter().zip(samples);
            let samples: Vec<_> = all
                .map(|(value, (quality, there, words, stamp))| Sample {
                    value: (there || quality.is_good()).then_some(value),
                    quality,
                    raw: if quality.has_raw_words() { words[..width].into() } else { Words::new() },
                    stamp: stamp.map(Box::new),
                })
                .collect();
            // A column without a value is one of numbers; its decimals are kept.
            Column { parameter, decimals, track, samples }
        },
    )
}

fn stamp() -> impl Strategy<Value = Stamp> {
    // To 100 ns, as OPC UA has them.
    let time = || option::of((i64::MIN / 100..i64::MAX / 100).prop_map(|ticks| Utc(ticks * 100)));
    (any::<u32>(), time(), time()).prop_map(|(status, source, server)| Stamp {
        status,
        source,
        server,
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let track = vec(0..60_000_u32, 0..8).prop_map(|mut offsets| {
        offsets.sort_unstable();
        Track(offsets)
    });
    (any::<u64>(), vec(track, 0..4)).prop_flat_map(|(from, tracks)| {
        let columns: Vec<_> = tracks
            .iter()
            .enumerate()
            .flat_map(|(index, track)| {
                let index = u16::try_from(index).unwrap();
                [column(index, track.0.len()), column(index, track.0.len())]
            })
            .collect();
        columns.prop_map(move |columns| Frame { from: Mono(from), tracks: tracks.clone(), columns })
    })
}

fn person() -> impl Strategy<Value = Person> {
    (text(), text()).prop_map(|(name, role)| Person { name, role })
}

fn alarm() -> impl Strategy<Value = AlarmChange> {
    let codes = (
        select(LimitKind::ALL),
        select(AlarmTransition::ALL),
        select(IsaState::ALL),
        select(Priority::ALL),
    );
    let said = (option::of(person()), option::of(text()));
    let values = (option::of(finite()), option::of(finite()), quality());
    let whose = (text(), text(), 0..96_u8, option::of(time()));
    (whose, codes, any::<u32>(), any::<u64>(), values, said).prop_map(
        |(whose, (kind, transition, state, priority), occurrence, at, values, said)| {
            let (alarm, source, regions, until) = whose;
            let (value, limit, quality) = values;
            let (person, comment) = said;
            AlarmChange {
                alarm,
                source,
                kind,
                transition,
                state,
                priority,
                occurrence,
                at: Mono(at),
                value,
                limit,
                quality,
                person,
                comment,
                regions,
                until,
            }
        },
    )
}

fn time() -> impl Strategy<Value = Mono> {
    any::<u64>().prop_map(Mono)
}

fn deviation() -> impl Strategy<Value = Deviation> {
    let trend = || vec((time(), finite()), 0..5);
    let rules = vec((select(DeviationRule::ALL), text()), 0..4);
    let whose = (text(), text(), any::<u32>(), text());
    let times = (time(), time(), option::of(time()));
    let number = || option::of(finite());
    let evidence = (number(), number(), number(), number());
    let told = (vec((time(), person()), 0..3), trend(), trend());
    (whose, select(DeviationChange::ALL), rules, times, evidence, told).prop_map(
        |((id, alarm, occurrence, source), change, rules, times, evidence, told)| Deviation {
            id,
            change,
            rules,
            alarm,
            occurrence,
            source,
            at: times.0,
            since: times.1,
            until: times.2,
            limit: evidence.0,
            lowest: evidence.1,
            highest: evidence.2,
            area: evidence.3,
            acknowledgements: told.0,
            before: told.1,
            after: told.2,
        },
    )
}

fn result() -> impl Strategy<Value = EnteredResult> {
    let what = (text(), text(), finite(), select(UnitOfMeasure::ALL), any::<bool>());
    let times = (time(), option::of(any::<i64>().prop_map(Utc)));
    let said = (person(), option::of(person()), option::of(finite()), text());
    (what, times, said).prop_map(|((id, parameter, value, unit, counts), times, said)| {
        EnteredResult {
            id,
            parameter,
            value,
            unit,
            counts,
            at: times.0,
            sampled: times.1,
            entered_by: said.0,
            confirmed_by: said.1,
            old: said.2,
            reason: said.3,
        }
    })
}

fn state() -> impl Strategy<Value = State> {
    let whose = (option::of(text()), text(), 0..96_u8, any::<u32>());
    let times = (time(), option::of(time()), option::of(time()));
    let alarm = (whose, times).prop_map(|((unit, alarm, regions, occurrence), times)| SavedAlarm {
        unit,
        alarm,
        regions,
        occurrence,
        raised: times.0,
        until: times.1,
        acknowledged: times.2,
    });
    let batch = (text(), text(), text(), time())
        .prop_map(|(unit, batch, phase, since)| SavedBatch { unit, batch, phase, since });
    let open = (vec((text(), deviation()), 0..3), vec((text(), result()), 0..3));
    let details = || btree_map(text(), datum(), 0..5);
    let waits = select(vec![Waits::No, Waits::Effective, Waits::Batch]);
    let file = (any::<[u8; 32]>(), text(), any::<u64>(), waits, vec(text(), 0..3)).prop_map(
        |(sha256, id, version, waits, units)| {
            let sha256 = Hash(sha256);
            SavedMasterFile { sha256, id, version, waits, units }
        },
    );
    let site = (select(SiteStatus::ALL.to_vec()), any::<u64>(), any::<[u8; 32]>())
        .prop_map(|(status, command, sha256)| SavedSite { status, command, sha256: Hash(sha256) });
    let life = (vec(file, 0..3), site, seals());
    (vec(alarm, 0..4), vec(batch, 0..3), open, (details(), details()), life).prop_map(
        |(
            alarms,
            batches,
            (deviations, results),
            (counted, calling),
            (master_files, site, seals),
        )| State {
            alarms,
            batches,
            deviations,
            results,
            counted,
            master_files,
            site,
            calling,
            seals,
        },
    )
}

fn tree() -> impl Strategy<Value = BatchTree> {
    let leaf = (select(Kind::ALL.to_vec()), any::<[u8; 32]>());
    (text(), text(), 0..1000_u64, vec(leaf, 0..20)).prop_map(|(unit, batch, first, leaves)| {
        let mut tree = BatchTree::new(unit, batch, first);
        for (seq, (kind, hash)) in (first..).zip(leaves) {
            tree.take(seq, kind, None, Hash(hash));
        }
        tree
    })
}

fn seals() -> impl Strategy<Value = SavedSeals> {
    let awaited = (text(), text(), any::<u64>(), any::<u64>(), any::<[u8; 32]>());
    let awaited = awaited.prop_map(|(unit, batch, first, seq, hash)| AwaitedSeal {
        unit,
        batch,
        first,
        seq,
        hash: Hash(hash),
    });
    (vec(tree(), 0..3), vec(awaited, 0..3)).prop_map(|(open, awaited)| SavedSeals { open, awaited })
}

fn seal() -> impl Strategy<Value = BatchSeal> {
    let counts = btree_map(select(Kind::ALL.to_vec()), 1..u64::MAX, 0..9);
    (any::<u64>(), any::<u64>(), counts, any::<[u8; 32]>()).prop_map(
        |(one, other, counts, root)| BatchSeal {
            first: one.min(other),
            last: one.max(other),
            counts,
            root: Hash(root),
        },
    )
}

fn action() -> impl Strategy<Value = Action> {
    let optional = || option::of(text());
    (person(), text(), text(), text(), optional(), optional(), optional()).prop_map(
        |(person, what, target, reason, old, new, refusal)| Action {
            person,
            what,
            target,
            reason,
            old,
            new,
            refusal,
        },
    )
}

fn batch() -> impl Strategy<Value = Batch> {
    let change = select(vec![BatchChange::Started, BatchChange::Phase, BatchChange::Ended]);
    let rest = (any::<u64>(), option::of(seal()));
    (change, text(), option::of(text()), option::of(text()), rest).prop_map(
        |(change, batch, from, to, (at, seal))| {
            let change = if seal.is_some() { BatchChange::Sealed } else { change };
            Batch { change, batch, from, to, at: Mono(at), seal }
        },
    )
}

fn datum() -> impl Strategy<Value = Datum> {
    let leaf = prop_oneof![
        text().prop_map(Datum::Text),
        any::<i64>().prop_map(Datum::Integer),
        finite().prop_map(Datum::Number),
        any::<bool>().prop_map(Datum::Bool),
        vec(any::<u8>(), 0..40).prop_map(Datum::Bytes),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| vec(inner, 0..4).prop_map(Datum::List))
}

fn event() -> impl Strategy<Value = Event> {
    (select(EventKind::ALL), any::<u64>(), text(), btree_map(text(), datum(), 0..6))
        .prop_map(|(kind, at, text, details)| Event { kind, at: Mono(at), text, details })
}

fn health() -> impl Strategy<Value = Health> {
    btree_map(text(), datum(), 0..30).prop_map(|figures| Health { figures })
}

/// Any record of a kind.
pub(super) fn record(kind: Kind) -> impl Strategy<Value = Record> {
    let body = match kind {
        Kind::Telemetry => frame().prop_map(Body::Telemetry).boxed(),
        Kind::Alarm => alarm().prop_map(Body::Alarm).boxed(),
        Kind::Deviation => deviation().prop_map(Body::Deviation).boxed(),
        Kind::Result => result().prop_map(Body::Result).boxed(),
        Kind::State => state().prop_map(Body::State).boxed(),
        Kind::Action => action().prop_map(Body::Action).boxed(),
        Kind::Batch => batch().prop_map(Body::Batch).boxed(),
        Kind::Event => event().prop_map(Body::Event).boxed(),
        Kind::Health => health().prop_map(Body::Health).boxed(),
    };
    (common(), body).prop_map(|(common, body)| Record { common, body })
}
