//! What `inspect` says.

use std::path::Path;

use cellwatch_model::{Clock, ClockSync, Mono, Quality, Utc, Value as Reading};
use cellwatch_record::{
    Body, Chain, Column, Common, Frame, Hash, Head, Health, Identity, JournalId,
    RECEIPT_CONTENT_TYPE, RECORD_CONTENT_TYPE, Receipt, Sample, Track, bundle,
};
use cellwatch_seal::{MASTER_FILE_CONTENT_TYPE, Sealer, SealingKey, document, seal};
use serde_json::{Value, json};

use super::{Made, NOW};
use crate::tools::inspect::{Trust, inspect};

fn common() -> Common {
    Common {
        identity: Identity { agent: String::new(), journal: JournalId([7; 16]), seq: 0 },
        prev: Hash::NONE,
        boot: 3,
        utc: NOW,
        mono: Mono(10_000_000_000),
        clock: Clock { sync: ClockSync::Synchronised, error_bound_us: 500, offset_us: 0 },
        master_file: 1,
        unit: Some("reactor-1".to_owned()),
        batch: None,
        phase: None,
    }
}

fn frame() -> Body {
    let sample = Sample {
        value: Some(Reading::Number(37.02)),
        quality: Quality::Good,
        raw: [0x4214, 0x147b].as_slice().into(),
        stamp: None,
    };
    Body::Telemetry(Frame {
        from: Mono(9_000_000_000),
        tracks: vec![Track(vec![250])],
        columns: vec![Column { parameter: 4, decimals: 2, track: 0, samples: vec![sample] }],
    })
}

/// Two records of agent-1, sealed.
fn records(made: &Made) -> Vec<Vec<u8>> {
    let key = made.key("agents/agent-1/seal.pk8");
    let head = Head { journal: JournalId([7; 16]), seq: 0, hash: Hash::NONE };
    let mut chain = Chain::new("agent-1".to_owned(), head);
    let health = Body::Health(Health { figures: [("up_s".to_owned(), 9_u64.into())].into() });
    [frame(), health]
        .into_iter()
        .map(|body| seal(&key, RECORD_CONTENT_TYPE, &chain.append(common(), body).1))
        .collect()
}

fn trust(made: &Made) -> Trust {
    Trust { root: Some(made.root()), roster: Some(made.roster.clone()) }
}

fn look(bytes: &[u8], trust: &Trust) -> Vec<(bool, Value)> {
    inspect(Path::new("f"), bytes, trust)
}

#[test]
fn a_record_is_shown_whole() {
    let made = Made::new();
    let said = look(&records(&made)[0], &trust(&made));
    let [(true, item)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(item["seal"], "verified");
    assert_eq!(item["key_id"], made.key("agents/agent-1/seal.pk8").public().id().to_string());
    let record = &item["record"];
    assert_eq!(record["agent"], "agent-1");
    assert_eq!(record["journal"], "07".repeat(16));
    assert_eq!(record["utc"], "2026-01-31T00:00:00.5Z");
    assert_eq!(
        record["clock"],
        json!({ "sync": "synchronised", "error_bound_us": 500, "offset_us": 0 })
    );
    let sample = &record["body"]["columns"][0]["samples"][0];
    // 750 ms before the record was made.
    let expected = json!({
        "mono_ns": 9_250_000_000_u64,
        "utc": "2026-01-30T23:59:59.75Z",
        "value": 37.02,
        "quality": "good",
        "raw": ["4214", "147b"],
    });
    assert_eq!(sample, &expected);
}

#[test]
fn sequences_and_bundles_give_one_line_each() {
    let made = Made::new();
    let records = records(&made);
    let receipt = Receipt {
        agent: "agent-1".to_owned(),
        journal: JournalId([7; 16]),
        through: 2,
        hash: Hash([1; 32]),
        missing: vec![],
        highest: 2,
        issued: Utc(0),
    };
    let receipt =
        seal(&made.key("control-site/receipt.pk8"), RECEIPT_CONTENT_TYPE, &receipt.encode());
    let file = [bundle::encode(&records), receipt, records[1].clone()].concat();
    let said = look(&file, &trust(&made));
    assert_eq!(said.iter().map(|(good, _)| *good).collect::<Vec<_>>(), [true; 4]);
    assert_eq!(said[1].1["record"]["seq"], 2);
    assert_eq!(said[2].1["receipt"]["issued"], "1970-01-01T00:00:00Z");
    let unverified = look(&file, &Trust { root: None, roster: None });
    assert!(unverified.iter().all(|(good, item)| *good && item["seal"] != "verified"));
}

#[test]
fn what_does_not_verify_is_said() {
    let made = Made::new();
    let record = &records(&made)[0];
    let payload = cellwatch_seal::open(record).unwrap().untrusted_payload().to_vec();
    let other = made.key("agents/agent-2/seal.pk8");
    let mut changed = record.clone();
    *changed.last_mut().unwrap() ^= 1;
    let cases = [
        ("another agent's key", seal(&other, RECORD_CONTENT_TYPE, &payload)),
        (
            "the receipt key",
            seal(&made.key("control-site/receipt.pk8"), RECORD_CONTENT_TYPE, &payload),
        ),
        ("a changed seal", changed),
        (
            "another content type",
            seal(&made.key("agents/agent-1/seal.pk8"), RECEIPT_CONTENT_TYPE, &payload),
        ),
        ("an unknown content type", seal(&other, "text/plain", &payload)),
        ("a cut record", record[..record.len() - 1].to_vec()),
        ("nothing", vec![]),
        ("no CBOR", b"\xff\xff".to_vec()),
        ("a bundle of numbers", vec![0x81, 0x01]),
        (
            "half an approval",
            document::sign_new(MASTER_FILE_CONTENT_TYPE, b"x", &[&made.key("people/qa.pk8")]),
        ),
    ];
    for (name, bytes) in &cases {
        let said = look(bytes, &trust(&made));
        assert!(said.len() == 1 && !said[0].0, "{name}: {said:?}");
    }
    println!("{} bad items", cases.len());
}

#[test]
fn documents_name_their_signers() {
    let made = Made::new();
    let (qa, qp) = (made.key("people/qa.pk8"), made.key("people/qp.pk8"));
    let signed = document::sign_new(MASTER_FILE_CONTENT_TYPE, b"id = 1", &[&qa, &qp]);
    let said = look(&signed, &trust(&made));
    assert!(said[0].0);
    let by = |name, role: &str, key: &SealingKey| json!({ "name": name, "role": role, "key_id": key.public().id().to_string() });
    let expected = json!([by("QA One", "QA", &qa), by("QP One", "QP", &qp)]);
    assert_eq!(said[0].1["signed_by"], expected);
    assert_eq!(said[0].1["text"], "id = 1");
    let roster = look(&made.bytes("roster.cose"), &trust(&made));
    assert_eq!(roster[0].1["signatures"], "verified");
}
