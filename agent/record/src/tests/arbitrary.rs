//! Whatever comes in, nothing panics, and what is accepted is written the same again.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::samples;
use crate::{AlarmSummary, Kind, Receipt, bundle, decode, encode, peek_identity};

fn all(bytes: &[u8]) {
    if let Ok(record) = decode(bytes) {
        assert_eq!(encode(&record), bytes);
    }
    if let Ok(receipt) = Receipt::decode(bytes) {
        assert_eq!(receipt.encode(), bytes);
    }
    if let Ok(summary) = AlarmSummary::decode(bytes) {
        assert_eq!(summary.encode(), bytes);
    }
    let _ = bundle::decode(bytes);
    let _ = peek_identity(bytes);
}

fn payloads() -> Vec<Vec<u8>> {
    let records = Kind::ALL.into_iter().map(|kind| encode(&samples::record(kind)));
    records.chain([samples::receipt().encode(), samples::summary().encode()]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        all(&bytes);
    }

    /// Real payloads with a few bytes changed, removed or put in: they get further in.
    #[test]
    fn damaged_payloads(
        which in any::<Index>(),
        edits in vec((any::<Index>(), 0..3_u8, any::<u8>()), 1..6),
    ) {
        let payloads = payloads();
        let mut bytes = which.get(&payloads).clone();
        for (at, edit, byte) in edits {
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        all(&bytes);
    }
}
