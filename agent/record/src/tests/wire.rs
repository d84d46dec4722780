//! Receipts, summaries, bundles, and ids as text.

use cellwatch_model::{IsaState, Priority, Utc};

use super::samples::{command, completeness, manifest, receipt, sealed, succession, summary};
use crate::{
    AlarmSummary, Body, COMMAND_REASON_MAX, Command, Completeness, CompletenessReceipt,
    DecodeError, ExportManifest, Hash, JournalId, KeySuccession, Maker, Missing, Order,
    RECEIPT_MISSING_MAX, Receipt, Selection, SiteStatus, StandingAlarm, bundle, decode, encode,
};

#[test]
fn receipts_are_read_again() {
    let full = Receipt {
        missing: (0..RECEIPT_MISSING_MAX as u64)
            .map(|index| Missing { first: 100 + 2 * index, last: 100 + 2 * index })
            .collect(),
        ..receipt()
    };
    let nothing = Receipt { through: 0, hash: Hash::NONE, missing: vec![], ..receipt() };
    let whole = Receipt { missing: vec![Missing { first: 42, last: u64::MAX }], ..receipt() };
    for receipt in [receipt(), full, nothing, whole] {
        assert_eq!(Receipt::decode(&receipt.encode()).as_ref(), Ok(&receipt));
    }
}

#[test]
fn ranges_that_cannot_be_meant_are_refused() {
    let range = |first, last| Missing { first, last };
    let cases = [
        ("backwards", vec![range(50, 49)]),
        ("not after what is there", vec![range(41, 45)]),
        ("overlapping", vec![range(42, 50), range(50, 60)]),
        ("descending", vec![range(60, 70), range(42, 50)]),
        ("twice", vec![range(42, 42), range(42, 42)]),
        ("too many", (0..65).map(|one| range(100 + 2 * one, 100 + 2 * one)).collect()),
    ];
    for (name, missing) in &cases {
        let receipt = Receipt { missing: missing.clone(), ..receipt() };
        let error = Receipt::decode(&receipt.encode());
        assert!(matches!(error, Err(DecodeError::Inconsistent(_))), "{name}: {error:?}");
    }
    println!("{} receipts", cases.len());
}

#[test]
fn completeness_receipts_are_read_again() {
    let whole = |found| CompletenessReceipt { found, missing: vec![], ..completeness() };
    let all = [completeness(), whole(Completeness::Complete), whole(Completeness::Contradicts)];
    for one in &all {
        assert_eq!(CompletenessReceipt::decode(&one.encode()).as_ref(), Ok(one));
    }
    let nothing_named = whole(Completeness::Incomplete);
    let named = CompletenessReceipt { found: Completeness::Complete, ..completeness() };
    let descending = vec![Missing { first: 9, last: 9 }, Missing { first: 7, last: 7 }];
    let descending = CompletenessReceipt { missing: descending, ..completeness() };
    for wrong in [nothing_named, named, descending] {
        let error = CompletenessReceipt::decode(&wrong.encode());
        assert!(matches!(error, Err(DecodeError::Inconsistent(_))), "{error:?}");
    }
    let mut newer = completeness().encode();
    newer[2] = 2;
    let error = CompletenessReceipt::decode(&newer);
    assert_eq!(error, Err(DecodeError::UnknownCode { what: "completeness version", code: 2 }));
    println!("{} completeness receipts", all.len() + 4);
}

#[test]
fn manifests_are_read_again() {
    let agent = ExportManifest { maker: Maker::Agent, seal: None, ..manifest() };
    let range = Selection::Range { from: Utc(i64::MIN), to: Utc(i64::MAX) };
    let range = ExportManifest { selection: range, files: vec![], journals: vec![], ..manifest() };
    for one in [manifest(), agent, range] {
        assert_eq!(ExportManifest::decode(&one.encode()).as_ref(), Ok(&one));
    }
    let payload = manifest().encode();
    for at in 0..payload.len() {
        let mut changed = payload.clone();
        changed[at] ^= 1;
        let read = ExportManifest::decode(&changed);
        assert!(read.is_err() || read != Ok(manifest()), "byte {at}");
        assert!(ExportManifest::decode(&payload[..at]).is_err());
    }
    let mut newer = payload;
    newer[2] = 2;
    let error = ExportManifest::decode(&newer);
    assert_eq!(error, Err(DecodeError::UnknownCode { what: "manifest version", code: 2 }));
    println!("3 manifests");
}

#[test]
fn a_seal_stands_where_a_batch_was_sealed_and_nowhere_else() {
    let with = |change: &dyn Fn(&mut crate::Batch)| {
        let mut record = sealed();
        let Body::Batch(batch) = &mut record.body else { panic!("a batch") };
        change(batch);
        decode(&encode(&record))
    };
    assert!(with(&|_| {}).is_ok());
    let cases: [&dyn Fn(&mut crate::Batch); 4] = [
        &|batch| batch.seal = None,
        &|batch| batch.change = crate::BatchChange::Ended,
        &|batch| batch.seal.as_mut().unwrap().last = 1,
        &|batch| {
            batch.seal.as_mut().unwrap().counts.insert(crate::Kind::Alarm, 0);
        },
    ];
    for (number, change) in cases.iter().enumerate() {
        let error = with(change);
        assert!(matches!(error, Err(DecodeError::Inconsistent(_))), "case {number}: {error:?}");
    }
    println!("{} seals", cases.len() + 1);
}

#[test]
fn summaries_are_read_again() {
    let many = IsaState::ALL.iter().flat_map(|state| {
        Priority::ALL.iter().map(|priority| StandingAlarm {
            state: *state,
            priority: *priority,
            ..summary().standing[0].clone()
        })
    });
    let none = AlarmSummary { unit: String::new(), standing: vec![], ..summary() };
    for summary in [AlarmSummary { standing: many.collect(), ..summary() }, none, summary()] {
        assert_eq!(AlarmSummary::decode(&summary.encode()).as_ref(), Ok(&summary));
    }
}

#[test]
fn a_changed_byte_of_a_receipt_or_summary_is_refused_or_means_something_else() {
    let mut cases = 0;
    for payload in [receipt().encode(), summary().encode()] {
        for at in 0..payload.len() {
            for change in 1..=u8::MAX {
                let mut changed = payload.clone();
                changed[at] ^= change;
                if let Ok(one) = Receipt::decode(&changed) {
                    assert!(one != receipt() && one.encode() == changed, "byte {at}");
                }
                if let Ok(one) = AlarmSummary::decode(&changed) {
                    assert!(one != summary() && one.encode() == changed, "byte {at}");
                }
                cases += 1;
            }
        }
        for length in 0..payload.len() {
            assert!(Receipt::decode(&payload[..length]).is_err());
            assert!(AlarmSummary::decode(&payload[..length]).is_err());
        }
        let longer = [&payload[..], &[0]].concat();
        assert!(Receipt::decode(&longer).is_err() && AlarmSummary::decode(&longer).is_err());
    }
    println!("{cases} changed bytes");
}

type Refusal = fn(&[u8]) -> Option<DecodeError>;

// Req: SEAL-07
#[test]
fn any_other_version_is_named() {
    let known: [(&str, Vec<u8>, Refusal); 7] = [
        ("format version", encode(&sealed()), |bytes| decode(bytes).err()),
        ("receipt version", receipt().encode(), |bytes| Receipt::decode(bytes).err()),
        ("summary version", summary().encode(), |bytes| AlarmSummary::decode(bytes).err()),
        ("completeness version", completeness().encode(), |bytes| {
            CompletenessReceipt::decode(bytes).err()
        }),
        ("command version", command().encode(), |bytes| Command::decode(bytes).err()),
        ("manifest version", manifest().encode(), |bytes| ExportManifest::decode(bytes).err()),
        ("key succession version", succession().encode(), |bytes| {
            KeySuccession::decode(bytes).err()
        }),
    ];
    let mut cases = 0;
    for (what, payload, error) in known {
        assert_eq!(payload[2], 1, "{what}");
        for other in [0, 2, 23] {
            let mut changed = payload.clone();
            changed[2] = other;
            let expected = DecodeError::UnknownCode { what, code: other.into() };
            assert_eq!(error(&changed), Some(expected));
            cases += 1;
        }
    }
    println!("other versions: {cases} cases");
}

#[test]
fn bundles_hold_their_records_unchanged() {
    let long = vec![7; 70_000];
    for records in [vec![], vec![&b"a"[..]], vec![b"", &long, b"b"], vec![b"x"; 300]] {
        let bytes = bundle::encode(&records);
        assert_eq!(bundle::decode(&bytes).unwrap(), records);
        for length in [0, bytes.len() / 2, bytes.len() - 1] {
            assert!(bundle::decode(&bytes[..length]).is_err());
        }
        assert!(bundle::decode(&[&bytes[..], &[0]].concat()).is_err());
    }
    for bad in [&[0x81, 0x01][..], &[0x9f, 0x41, 0x00, 0xff], &[0xa0], &[0x81, 0x5f, 0x41, 0, 0xff]]
    {
        assert!(bundle::decode(bad).is_err(), "{bad:02x?}");
    }
}

#[test]
fn ids_are_hexadecimal_text() {
    let journal = JournalId([0xab; 16]);
    assert_eq!(journal.to_string(), "ab".repeat(16));
    assert_eq!("AB".repeat(16).parse(), Ok(journal));
    assert_eq!("5a".repeat(32).parse(), Ok(Hash([0x5a; 32])));
    for bad in ["", "ab", &"ab".repeat(17), &"ag".repeat(16), &"é".repeat(16), &"+a".repeat(16)] {
        let error = bad.parse::<JournalId>().unwrap_err();
        assert!(error.to_string().contains("32 hexadecimal digits"), "{error}");
    }
}

#[test]
fn commands_are_read_again_and_what_cannot_be_meant_is_refused() {
    for status in SiteStatus::ALL {
        let command = Command { order: Order::SiteStatus(status), ..command() };
        assert_eq!(Command::decode(&command.encode()).as_ref(), Ok(&command));
        assert_eq!(SiteStatus::from_word(status.word()), Some(status));
    }
    let wrong = [
        Command { number: 0, ..command() },
        Command { number: 1 << 63, ..command() },
        Command { reason: "x".repeat(COMMAND_REASON_MAX + 1), ..command() },
    ];
    for command in &wrong {
        let error = Command::decode(&command.encode());
        assert!(matches!(error, Err(DecodeError::Inconsistent(_))), "{error:?}");
    }
    let payload = command().encode();
    for length in 0..payload.len() {
        assert!(Command::decode(&payload[..length]).is_err(), "{length} bytes");
    }
    let longer = [&payload[..], &[0]].concat();
    assert_eq!(Command::decode(&longer), Err(DecodeError::NotDeterministic));
    let mut other = 0;
    for at in 0..payload.len() {
        for change in 1..=u8::MAX {
            let mut changed = payload.clone();
            changed[at] ^= change;
            if let Ok(decoded) = Command::decode(&changed) {
                assert_eq!(decoded.encode(), changed, "byte {at}");
                other += 1;
            }
        }
    }
    println!(
        "commands: {} cases, {other} changed ones are other commands",
        6 + payload.len() * 256
    );
}
