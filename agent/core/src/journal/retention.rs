//! Which part of the journal on disk may go (LAW-03).
//!
//! Whole closed segments, oldest first, one after the other. A segment goes when it is older than the site
//! wants or the journal larger, and only if a receipt covers all of it and no batch that has not ended, or that the
//! Control Site has not confirmed, began in it or before it.

use crate::door::{ClosedSegment, JournalState};

/// The segment that is to go now.
///
/// `kept_from` is the first record that a batch keeps that runs, or that the Control Site has not confirmed.
pub(crate) fn goes(
    state: &JournalState,
    receipt_through: u64,
    kept_from: Option<u64>,
) -> Option<ClosedSegment> {
    let oldest = state.oldest?;
    let is_old = oldest.age_s > state.keep.age_s || state.bytes > state.keep.bytes;
    let is_received = oldest.last <= receipt_through;
    let kept = [state.open_batch_since, kept_from].into_iter().flatten().min();
    let is_of_an_open_batch = kept.is_some_and(|since| since <= oldest.last);
    (is_old && is_received && !is_of_an_open_batch).then_some(oldest)
}

#[cfg(test)]
mod tests {
    use cellwatch_record::Hash;

    use super::*;
    use crate::door::KeepHistory;

    // Req: LAW-03, JRN-01
    #[test]
    fn only_what_is_old_received_and_of_no_open_batch_goes() {
        let keep = KeepHistory { age_s: 100, bytes: 1_000 };
        // (age, bytes, receipt, open batch since, goes)
        let cases = [
            (101, 500, 50, None, true),
            (100, 500, 50, None, false),
            (1, 1_001, 50, None, true),
            (1, 1_000, 50, None, false),
            (101, 500, 49, None, false),
            (101, 5_000, 0, None, false),
            (101, 500, 50, Some(50), false),
            (101, 5_000, 50, Some(1), false),
            (101, 500, 50, Some(51), true),
        ];
        for (age_s, bytes, receipt, open_batch_since, expected) in cases {
            let oldest = Some(ClosedSegment { last: 50, hash: Hash::NONE, age_s });
            let state = JournalState { bytes, oldest, open_batch_since, keep, damaged: Vec::new() };
            assert_eq!(goes(&state, receipt, None).is_some(), expected, "{state:?} {receipt}");
            let unconfirmed = goes(&state, receipt, Some(50));
            assert_eq!(unconfirmed, None, "a batch that nobody has confirmed");
        }
        let nothing = JournalState { bytes: 5_000, keep, ..JournalState::default() };
        assert_eq!(goes(&nothing, 50, None), None);
        println!("retention: {} cases", 2 * cases.len() + 1);
    }
}
