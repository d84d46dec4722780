//! A change of keys counts only if both keys have sealed it.

use std::collections::BTreeMap;

use cellwatch_record::{
    Body, Common, Datum, Event, EventKind, Hash, Identity, JournalId, RECORD_CONTENT_TYPE, Record,
    encode,
};

use crate::{
    AgentKeys, PublicKey, RotationError, Sealer, SealingKey, rotation, seal, seal_succession,
};

const JOURNAL: JournalId = JournalId([7; 16]);

fn key() -> SealingKey {
    SealingKey::generate().unwrap().0
}

fn said(agent: &str, journal: JournalId, details: BTreeMap<String, Datum>) -> Record {
    let common = Common {
        identity: Identity { agent: agent.to_owned(), journal, seq: 12 },
        prev: Hash([1; 32]),
        boot: 1,
        utc: Default::default(),
        mono: Default::default(),
        clock: Default::default(),
        master_file: 0,
        unit: None,
        batch: None,
        phase: None,
    };
    let at = Default::default();
    let event = Event { kind: EventKind::KeyRotated, at, text: "another key".to_owned(), details };
    Record { common, body: Body::Event(event) }
}

fn details(old: PublicKey, new: PublicKey, succession: Vec<u8>) -> BTreeMap<String, Datum> {
    [
        ("old_key", Datum::Bytes(old.0.to_vec())),
        ("new_key", Datum::Bytes(new.0.to_vec())),
        ("succession", Datum::Bytes(succession)),
    ]
    .map(|(name, datum)| (name.to_owned(), datum))
    .into()
}

fn changed(old: &SealingKey, new: &SealingKey) -> Record {
    let succession = seal_succession(new, &old.public(), "agent-1", JOURNAL);
    said("agent-1", JOURNAL, details(old.public(), new.public(), succession))
}

// Req: LAW-04, SEAL-05
#[test]
fn a_change_that_not_both_keys_have_sealed_is_refused() {
    let (old, new, foreign) = (key(), key(), key());
    let good = changed(&old, &new);
    let found = rotation(&good, &old.public()).unwrap().unwrap();
    assert_eq!((found.old, found.new), (old.public(), new.public()));

    let of = |by: &SealingKey, succession| details(old.public(), by.public(), succession);
    let without = |name: &str| {
        let mut details = of(&new, seal_succession(&new, &old.public(), "agent-1", JOURNAL));
        details.remove(name);
        said("agent-1", JOURNAL, details)
    };
    let short = Datum::Bytes(vec![1; 31]);
    let mut short_key = of(&new, Vec::new());
    short_key.insert("new_key".to_owned(), short);
    let other_journal = seal_succession(&new, &old.public(), "agent-1", JournalId([8; 16]));
    let other_agent = seal_succession(&new, &old.public(), "agent-2", JOURNAL);
    let other_old = seal_succession(&new, &foreign.public(), "agent-1", JOURNAL);
    let itself = seal_succession(&old, &old.public(), "agent-1", JOURNAL);
    let by_old = seal(&old, cellwatch_record::KEY_SUCCESSION_CONTENT_TYPE, &[]);
    let as_record = seal(&new, RECORD_CONTENT_TYPE, &encode(&good));
    type Is = fn(&RotationError) -> bool;
    let not_new: Is = |error| matches!(error, RotationError::NotTheNewKey { .. });
    let not_old: Is = |error| matches!(error, RotationError::NotTheOldKey { .. });
    let of_another: Is = |error| *error == RotationError::OfAnother;
    let missing: Is = |error| matches!(error, RotationError::Missing(_));
    let attacks: Vec<(&str, Record, PublicKey, Is)> = vec![
        (
            "only the old key: the new one sealed nothing",
            without("succession"),
            old.public(),
            missing,
        ),
        (
            "only the old key: it sealed the succession itself",
            said("agent-1", JOURNAL, of(&new, by_old)),
            old.public(),
            not_new,
        ),
        ("only the new key: it sealed the record too", good.clone(), new.public(), not_old),
        ("a foreign key sealed the record", good.clone(), foreign.public(), not_old),
        (
            "a foreign key sealed the succession",
            said(
                "agent-1",
                JOURNAL,
                of(&new, seal_succession(&foreign, &old.public(), "agent-1", JOURNAL)),
            ),
            old.public(),
            not_new,
        ),
        (
            "taken from another journal",
            said("agent-1", JOURNAL, of(&new, other_journal)),
            old.public(),
            of_another,
        ),
        (
            "taken from another agent",
            said("agent-1", JOURNAL, of(&new, other_agent)),
            old.public(),
            of_another,
        ),
        (
            "taken from a change of another key",
            said("agent-1", JOURNAL, of(&new, other_old)),
            old.public(),
            of_another,
        ),
        (
            "another content type",
            said("agent-1", JOURNAL, of(&new, as_record)),
            old.public(),
            not_new,
        ),
        ("no old key", without("old_key"), old.public(), missing),
        ("no new key", without("new_key"), old.public(), missing),
        ("a short key", said("agent-1", JOURNAL, short_key), old.public(), missing),
        (
            "a key after itself",
            said("agent-1", JOURNAL, details(old.public(), old.public(), itself)),
            old.public(),
            |error| matches!(error, RotationError::Unreadable(_)),
        ),
    ];
    for (name, record, sealed_with, is) in &attacks {
        let error = rotation(record, sealed_with).unwrap_err();
        assert!(is(&error), "{name}: {error}");
    }
    println!("changes of keys: {} attacks", attacks.len());
}

// Req: SEAL-05
#[test]
fn keys_are_followed_forwards_and_backwards() {
    let keys: Vec<SealingKey> = (0..4).map(|_| key()).collect();
    let stranger = key();
    let mut sealed: Vec<Vec<u8>> = keys
        .windows(2)
        .map(|two| seal(&two[0], RECORD_CONTENT_TYPE, &encode(&changed(&two[0], &two[1]))))
        .collect();
    // Nobody who is known has anything to do with it, or one of the two seals is missing.
    sealed.push(seal(&stranger, RECORD_CONTENT_TYPE, &encode(&changed(&stranger, &key()))));
    sealed.push(seal(&stranger, RECORD_CONTENT_TYPE, &encode(&changed(&keys[3], &stranger))));
    sealed.push(b"no seal".to_vec());
    let expected: AgentKeys = keys.iter().map(Sealer::public).collect();
    let mut cases = 0;
    for known in &keys {
        for backwards in [false, true] {
            let mut found = AgentKeys::from(known.public());
            let order: Vec<&[u8]> = if backwards {
                sealed.iter().rev().map(Vec::as_slice).collect()
            } else {
                sealed.iter().map(Vec::as_slice).collect()
            };
            assert_eq!(found.follow(order).len(), 3);
            assert_eq!(found, expected);
            cases += 1;
        }
    }
    println!("followed: {cases} beginnings");
}
