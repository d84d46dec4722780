//! Journals that several keys have sealed, or none.

use std::collections::BTreeMap;

use cellwatch_record::{Datum, RECORD_CONTENT_TYPE};
use cellwatch_seal::{KeyId, seal_succession};
use rusqlite::{Connection, params};

use super::*;

fn key() -> Arc<SealingKey> {
    Arc::new(SealingKey::generate().unwrap().0)
}

fn rotation(bench: &Bench, old: &SealingKey, new: &SealingKey) -> Body {
    let journal = bench.chain.as_ref().unwrap().head().journal;
    let succession = seal_succession(new, &old.public(), "agent-1", journal);
    let details = [
        ("old_key", Datum::Bytes(old.public().0.to_vec())),
        ("new_key", Datum::Bytes(new.public().0.to_vec())),
        ("succession", Datum::Bytes(succession)),
    ];
    let details: BTreeMap<_, _> = details.map(|(name, datum)| (name.to_owned(), datum)).into();
    let (at, text) = (Mono(1), "another key".to_owned());
    Body::Event(Event { kind: EventKind::KeyRotated, at, text, details })
}

/// What seals each row, by its sequence number; none where nothing does.
fn seals(bench: &Bench) -> Vec<(u64, Option<KeyId>)> {
    let mut all = Vec::new();
    for path in bench.segments() {
        let database = Connection::open(path).unwrap();
        let mut rows = database.prepare("SELECT seq, sealed FROM records ORDER BY seq").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
        for row in rows.unwrap() {
            let (seq, stored) = row.unwrap();
            let key = cellwatch_seal::open(&stored).ok().map(|sealed| sealed.key_id());
            all.push((seq.cast_unsigned(), key));
        }
    }
    all
}

fn verified(bench: &Bench, key: &SealingKey) -> Verdict {
    verify(&bench.folder(), &key.public().into(), Known::default(), &mut |_| {}).unwrap()
}

/// Three records with the first key, the change, three with the second one.
fn changed_once() -> (Bench, Arc<SealingKey>, Arc<SealingKey>) {
    let mut bench = Bench::new();
    let (old, new) = (Arc::clone(&bench.key), key());
    let (writer, committed) = bench.start(1 << 20, Duration::ZERO);
    let before = bench.append(false, vec![event(1), event(2)]);
    assert!(writer.append(before));
    let change = rotation(&bench, &old, &new);
    // In the middle of what is committed together.
    let append = bench.append(true, vec![event(3), change, event(5)]);
    let next: SharedSealer = Arc::<SealingKey>::clone(&new);
    assert!(writer.append_and_change_key(append, 4, next));
    let after = bench.append(true, vec![event(6), event(7)]);
    assert!(writer.append(after));
    while committed.recv().unwrap().last().unwrap().0 < 7 {}
    writer.end();
    (bench, old, new)
}

// Req: SEAL-05
#[test]
fn a_change_in_the_middle_of_a_commit_is_followed_from_either_key() {
    let (bench, old, new) = changed_once();
    let (before, after) = (Some(old.public().id()), Some(new.public().id()));
    let expected: Vec<_> =
        (1..=7).map(|seq| (seq, if seq <= 4 { before } else { after })).collect();
    assert_eq!(seals(&bench), expected);
    let mut cases = 1;
    for known in [&old, &new] {
        let verdict = verified(&bench, known);
        assert_eq!(verdict.fault, None);
        assert_eq!(verdict.records, 7);
        let keys: Vec<_> = verdict.keys.iter().map(|one| (one.seq, one.rotated)).collect();
        assert_eq!(keys, [(1, true), (5, true)]);
        let opened =
            open(&bench.folder(), "agent-1", &known.public().into(), Known::default()).unwrap();
        assert_eq!((opened.head.seq, opened.new_journal), (7, false));
        assert_eq!(opened.sealed_by, after);
        cases += 2;
    }
    assert!(verified(&bench, &key()).fault.is_some(), "a key that has nothing to do with it");
    println!("a change of keys: {} cases", cases + 1);
}

// Req: SEAL-05
#[test]
fn what_breaks_a_change_of_keys_is_found() {
    let (mut cases, stranger) = (0, key());
    let mut attack =
        |name: &str, seq: u64, sealed_by: &dyn Fn(&SealingKey, &SealingKey) -> Vec<u8>| {
            let (bench, old, new) = changed_once();
            let database = Connection::open(&bench.segments()[0]).unwrap();
            let put = "UPDATE records SET sealed = ?2 WHERE seq = ?1";
            database.execute(put, params![seq.cast_signed(), sealed_by(&old, &new)]).unwrap();
            drop(database);
            let fault = verified(&bench, &old).fault;
            assert!(
                fault.as_ref().is_some_and(|fault| fault.first_bad_seq <= seq),
                "{name}: {fault:?}"
            );
            cases += 1;
        };
    let stored = |bench: &Bench, seq: u64| -> Vec<u8> {
        let database = Connection::open(&bench.segments()[0]).unwrap();
        let get = "SELECT sealed FROM records WHERE seq = ?1";
        database.query_row(get, [seq.cast_signed()], |row| row.get(0)).unwrap()
    };
    // The payloads are the same in each bench but for their journal; each attack takes its own.
    let again = |by: &SealingKey, bench: &Bench, seq: u64| {
        let stored = stored(bench, seq);
        let payload = cellwatch_seal::open(&stored).unwrap().untrusted_payload().to_vec();
        cellwatch_seal::seal(by, RECORD_CONTENT_TYPE, &payload)
    };
    attack("another journal's change, replayed", 4, &|_, _| stored(&changed_once().0, 4));
    for (name, seq) in [("the old key after the change", 6i64), ("the old key at once", 5)] {
        let (bench, old, _) = changed_once();
        let database = Connection::open(&bench.segments()[0]).unwrap();
        let put = "UPDATE records SET sealed = ?2 WHERE seq = ?1";
        database.execute(put, params![seq, again(&old, &bench, seq.cast_unsigned())]).unwrap();
        let fault = verified(&bench, &old).fault.unwrap();
        assert_eq!(fault.first_bad_seq, seq.cast_unsigned(), "{name}: {}", fault.reason);
        cases += 1;
    }
    for (name, by_new) in
        [("the change, sealed by the new key alone", true), ("by a foreign key", false)]
    {
        let (bench, old, new) = changed_once();
        let by = if by_new { &new } else { &stranger };
        let database = Connection::open(&bench.segments()[0]).unwrap();
        let put = "UPDATE records SET sealed = ?1 WHERE seq = 4";
        database.execute(put, params![again(by, &bench, 4)]).unwrap();
        for known in [&old, &new] {
            let fault = verified(&bench, known).fault;
            assert!(fault.is_some(), "{name}");
        }
        cases += 1;
    }
    println!("a broken change of keys: {cases} attacks");
}

// Req: LAW-04, SEAL-06
#[test]
fn what_no_key_has_sealed_is_kept_and_sealed_later() {
    let mut bench = Bench::new();
    let (writer, told) = bench.start_without_key(4_096);
    for number in 1..=40 {
        let append = bench.append(true, vec![event(number)]);
        assert!(writer.append(append));
        assert!(matches!(told.recv().unwrap(), Told::Durable(records) if records[0].0 == number));
    }
    writer.end();
    assert!(bench.segments().len() > 1, "some are in closed segments");
    assert!(seals(&bench).iter().all(|(_, key)| key.is_none()));
    let fault = bench.verify().fault.unwrap();
    assert_eq!(fault.first_bad_seq, 1);
    assert!(fault.reason.contains("not sealed yet"), "{}", fault.reason);
    let found = fetched(
        bench.public(),
        &bench.folder(),
        Fetch { first: 1, last: 40, max_bytes: 1 << 20 },
        false,
    );
    assert!(found.sealed.is_empty(), "nothing of it goes out");

    // The next start goes on with it, and a key is there.
    let opened = bench.open(Known::default()).unwrap();
    assert_eq!((opened.head.seq, opened.sealed_by, opened.new_journal), (40, None, false));
    drop(opened);
    let id = bench.public().id();
    assert!(waits_for_seals(&bench.folder(), 0, &[id]).unwrap());
    let (writer, told) = bench.start_without_key(4_096);
    let sealer: SharedSealer = Arc::<SealingKey>::clone(&bench.key);
    writer.seal_with(sealer, 0, vec![id]);
    let append = bench.append(true, vec![event(41)]);
    assert!(writer.append(append));
    let late = loop {
        if let Told::Sealed(late) = told.recv().unwrap() {
            break late;
        }
    };
    assert_eq!(late, Some((1, 40)));
    writer.end();
    let verdict = bench.verify();
    assert_eq!((verdict.fault, verdict.records), (None, 41));
    assert!(!waits_for_seals(&bench.folder(), 0, &[id]).unwrap());

    // The key is lost before all was received: what was not is sealed again with the next one, the rest stays.
    let next = key();
    let ids = [next.public().id()];
    assert!(waits_for_seals(&bench.folder(), 30, &ids).unwrap());
    assert!(!waits_for_seals(&bench.folder(), 41, &ids).unwrap(), "all was received");
    let (writer, told) = bench.start_without_key(4_096);
    let sealer: SharedSealer = Arc::<SealingKey>::clone(&next);
    writer.seal_with(sealer, 30, ids.to_vec());
    let late = loop {
        if let Told::Sealed(late) = told.recv().unwrap() {
            break late;
        }
    };
    assert_eq!(late, Some((31, 41)));
    writer.end();
    let both = [bench.public(), next.public()].into_iter().collect();
    let verdict = verify(&bench.folder(), &both, Known::default(), &mut |_| {}).unwrap();
    assert_eq!(verdict.fault, None);
    let keys: Vec<_> = verdict.keys.iter().map(|one| (one.seq, one.rotated)).collect();
    assert_eq!(keys, [(1, true), (31, false)], "the key before did not seal the change");
    println!("records without a key: 41 records, 2 keys");
}
