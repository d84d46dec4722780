//! Chains: no hole, no other journal, every record named by the next (LAW-04).

use super::samples::{JOURNAL, common, record};
use crate::{
    Chain, ChainCheck, ChainFault, Hash, Head, JournalId, Kind, decode, peek_identity, sha256,
};

const EMPTY: Head = Head { journal: JOURNAL, seq: 0, hash: Hash::NONE };

fn written(count: usize) -> Vec<Vec<u8>> {
    let mut chain = Chain::new("agent-1".to_owned(), EMPTY);
    let kinds = Kind::ALL.into_iter().cycle().take(count);
    kinds.map(|kind| chain.append(common(999), record(kind).body).1).collect()
}

fn follow(check: &mut ChainCheck, payload: &[u8]) -> Result<(), ChainFault> {
    let (identity, prev, _) = peek_identity(payload).unwrap();
    check.follow(&identity, prev, payload)
}

#[test]
fn a_chain_numbers_and_links_what_it_writes() {
    let payloads = written(20);
    let mut prev = Hash::NONE;
    for (seq, payload) in (1..).zip(&payloads) {
        let record = decode(payload).unwrap();
        let identity = &record.common.identity;
        assert_eq!((identity.agent.as_str(), identity.journal), ("agent-1", JOURNAL));
        assert_eq!((identity.seq, record.common.prev), (seq, prev));
        prev = sha256(payload);
    }
    let mut check = ChainCheck::after(EMPTY);
    payloads.iter().for_each(|payload| follow(&mut check, payload).unwrap());
    assert_eq!(check.head(), Head { journal: JOURNAL, seq: 20, hash: prev });
}

#[test]
fn a_chain_goes_on_where_it_was() {
    let mut whole = Chain::new("agent-1".to_owned(), EMPTY);
    whole.append(common(0), record(Kind::Event).body);
    let mut later = Chain::new("agent-1".to_owned(), whole.head());
    let (seq, payload) = later.append(common(0), record(Kind::Health).body);
    assert_eq!((seq, payload), whole.append(common(0), record(Kind::Health).body));
}

#[test]
fn faults_are_named_and_leave_the_check_where_it_was() {
    let payloads = written(4);
    let mut check = ChainCheck::after(EMPTY);
    follow(&mut check, &payloads[0]).unwrap();
    let before = check.head();

    let hole = follow(&mut check, &payloads[2]).unwrap_err();
    assert_eq!(hole, ChainFault::Hole { expected: 2, found: 3 });
    assert_eq!(hole.first_bad_seq(), 2);
    let again = follow(&mut check, &payloads[0]).unwrap_err();
    assert_eq!(again, ChainFault::Hole { expected: 2, found: 1 });

    let (identity, prev, _) = peek_identity(&payloads[1]).unwrap();
    let named = Hash([9; 32]);
    let fault = check.follow(&identity, named, &payloads[1]).unwrap_err();
    assert_eq!(fault, ChainFault::Prev { seq: 2, named, actual: sha256(&payloads[0]) });
    assert_eq!(fault.first_bad_seq(), 2);

    let found = JournalId([1; 16]);
    let mut other = identity.clone();
    other.journal = found;
    let fault = check.follow(&other, prev, &payloads[1]).unwrap_err();
    assert_eq!(fault, ChainFault::Journal { seq: 2, expected: JOURNAL, found });
    assert_eq!(fault.first_bad_seq(), 2);

    assert_eq!(check.head(), before);
    follow(&mut check, &payloads[1]).unwrap();
    follow(&mut check, &payloads[2]).unwrap();
}

/// Every bit of a record counts: the next one names another hash.
#[test]
fn a_changed_record_breaks_the_chain_at_the_next() {
    let payloads = written(2);
    let (identity, prev, _) = peek_identity(&payloads[0]).unwrap();
    for bit in 0..payloads[0].len() * 8 {
        let mut changed = payloads[0].clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut check = ChainCheck::after(EMPTY);
        check.follow(&identity, prev, &changed).unwrap();
        let fault = follow(&mut check, &payloads[1]).unwrap_err();
        assert!(matches!(fault, ChainFault::Prev { seq: 2, .. }), "bit {bit}: {fault}");
    }
    println!("{} bits", payloads[0].len() * 8);
}

#[test]
fn the_last_sequence_number_has_no_next() {
    let end = Head { journal: JOURNAL, seq: u64::MAX, hash: Hash::NONE };
    let mut identity = common(u64::MAX).identity;
    let mut check = ChainCheck::after(end);
    assert!(matches!(check.follow(&identity, Hash::NONE, b""), Err(ChainFault::Hole { .. })));
    identity.seq = 0;
    assert!(matches!(check.follow(&identity, Hash::NONE, b""), Err(ChainFault::Hole { .. })));
}
