//! Seals are answered: with what is missing, then with everything, or with a contradiction.
#![allow(clippy::unwrap_used)] // tests

use cellwatch_model::Mono;
use cellwatch_record::{
    Batch, BatchChange, BatchTree, Body, Completeness, CompletenessReceipt, Datum, EventKind, Hash,
    Missing, decode, sha256,
};

use crate::receipts::IssuedCompleteness;
use crate::testing::{AGENT, JOURNAL, Site, TestAgent, UNIT, common, event, frame, health};

const BATCH: &str = "B-17";

/// An agent that folds what it seals.
struct Culture {
    agent: TestAgent,
    tree: BatchTree,
    messages: Vec<(String, Vec<u8>)>,
}

impl Culture {
    /// A batch from its start to its end, with records of its unit, of another unit and of none.
    fn ended() -> Self {
        let tree = BatchTree::new(UNIT, BATCH, 2);
        let mut culture =
            Self { agent: TestAgent::new(AGENT, JOURNAL), tree, messages: Vec::new() };
        culture.say(None, "health", health());
        culture.say(Some(UNIT), "batch", batch(BatchChange::Started));
        for _ in 0..4 {
            culture.say(Some(UNIT), "telemetry", frame(&[]));
            culture.say(Some("BX-02"), "telemetry", frame(&[]));
            culture.say(None, "health", health());
        }
        culture.say(Some(UNIT), "batch", batch(BatchChange::Ended));
        culture
    }

    fn say(&mut self, unit: Option<&str>, leaf: &str, body: Body) -> u64 {
        let kind = body.kind();
        let sealed = self.agent.seal(common(unit), body);
        let (seq, hash) = (self.agent.chain.head().seq, self.agent.chain.head().hash);
        self.tree.take(seq, kind, unit, hash);
        let unit = unit.filter(|_| !matches!(leaf, "event" | "health"));
        let rest = unit.map_or_else(|| leaf.to_owned(), |unit| format!("{unit}/{leaf}"));
        self.messages.push((self.agent.topic(&rest), sealed));
        seq
    }

    /// The seal, with another root where `root` says so, and the root that the records make.
    fn seal(&mut self, root: Option<Hash>) -> (u64, Hash) {
        let mut seal = self.tree.seal();
        let made = seal.root;
        seal.root = root.unwrap_or(seal.root);
        let mut body = batch(BatchChange::Sealed);
        if let Body::Batch(batch) = &mut body {
            batch.seal = Some(seal);
        }
        (self.say(Some(UNIT), "batch", body), made)
    }
}

fn batch(change: BatchChange) -> Body {
    let (batch, at) = (BATCH.to_owned(), Mono(60_000_000_000));
    Body::Batch(Batch { change, batch, from: None, to: None, at, seal: None })
}

fn said(issued: &[IssuedCompleteness]) -> Vec<(Completeness, Vec<Missing>)> {
    issued.iter().map(|one| (one.receipt.found, one.receipt.missing.clone())).collect()
}

fn payload_hash(sealed: &[u8]) -> Hash {
    sha256(cellwatch_seal::open(sealed).unwrap().untrusted_payload())
}

// Req: BAT-03, LAW-03
#[test]
fn what_is_missing_is_named_and_what_is_whole_is_confirmed() {
    let mut culture = Culture::ended();
    let (seal, root) = culture.seal(None);
    let seal_hash = payload_hash(&culture.messages.last().unwrap().1);
    let site = Site::new(&[&culture.agent]);
    let withheld = 4..6;
    let mut first = culture.messages.clone();
    let late: Vec<_> = first.drain(withheld).collect();

    let seen = site.write(&first);
    let issued = seen.lock().unwrap().completeness.clone();
    let missing = vec![Missing { first: 5, last: 6 }];
    assert_eq!(said(&issued), [(Completeness::Incomplete, missing)]);
    assert_eq!(site.query::<String>("SELECT found FROM batch_completeness"), "incomplete");
    assert_eq!(site.query::<String>("SELECT missing FROM batch_completeness"), "[[5,6]]");

    // In bundles, as the agent sends what is asked for again; half of it first.
    for (number, one) in late.iter().enumerate() {
        let bundle = cellwatch_record::bundle::encode(std::slice::from_ref(&one.1));
        let seen = site.write(&[(culture.agent.topic("backfill"), bundle)]);
        let issued = seen.lock().unwrap().completeness.clone();
        let whole = number + 1 == late.len();
        let expected = if whole { Completeness::Complete } else { Completeness::Incomplete };
        assert_eq!(issued.last().unwrap().receipt.found, expected);
    }
    let seen = site.write(&[]);
    let issued = seen.lock().unwrap().completeness.clone();
    let [one] = issued.as_slice() else { panic!("said again on a new connection: {issued:?}") };
    let CompletenessReceipt { found, missing, seal_seq, seal_hash: named, .. } = &one.receipt;
    assert_eq!((*found, missing.len()), (Completeness::Complete, 0));
    assert_eq!((*seal_seq, *named, one.receipt.root), (seal, seal_hash, root));

    let details = [("seal_seq".to_owned(), Datum::from(seal))].into();
    culture.say(Some(UNIT), "event", event(EventKind::BatchComplete, details));
    let seen = site.write(&culture.messages[culture.messages.len() - 1..]);
    assert_eq!(seen.lock().unwrap().confirmed, [seal], "its topic is cleared");
    let seen = site.write(&[]);
    assert!(seen.lock().unwrap().completeness.is_empty(), "nothing more to say");
    println!("4 answers");
}

// Req: BAT-03
#[test]
fn a_seal_of_something_else_is_contradicted() {
    let mut culture = Culture::ended();
    let (_, made) = culture.seal(Some(Hash([9; 32])));
    let site = Site::new(&[&culture.agent]);
    let seen = site.write(&culture.messages);
    let issued = seen.lock().unwrap().completeness.clone();
    assert_eq!(said(&issued), [(Completeness::Contradicts, vec![])]);
    assert_eq!(issued[0].receipt.root, made, "what the records make");
}

/// Whichever record is withheld, the batch is never confirmed, and that record is asked for.
// Req: BAT-03
#[test]
fn any_record_that_is_withheld_is_found() {
    let mut culture = Culture::ended();
    let (seal, _) = culture.seal(None);
    let mut cases = 0;
    for withheld in 2..seal {
        let site = Site::new(&[&culture.agent]);
        let of = |message: &&(String, Vec<u8>)| {
            let sealed = cellwatch_seal::open(&message.1).unwrap();
            decode(sealed.untrusted_payload()).unwrap().common.identity.seq != withheld
        };
        let messages: Vec<_> = culture.messages.iter().filter(of).cloned().collect();
        let seen = site.write(&messages);
        let issued = seen.lock().unwrap().completeness.clone();
        let missing = vec![Missing { first: withheld, last: withheld }];
        assert_eq!(said(&issued), [(Completeness::Incomplete, missing)], "seq {withheld}");
        cases += 1;
    }
    println!("{cases} records withheld");
}
