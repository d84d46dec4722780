//! When a receipt is due.

use cellwatch_model::Mono;
use cellwatch_record::JournalId;

use super::{RECEIPT_REPEAT_MS, Schedule};
use crate::intake::JournalKey;

const T0: Mono = Mono(1_000_000_000);

fn key() -> JournalKey {
    ("cw-01".to_owned(), JournalId([7; 16]))
}

fn is_due(schedule: &Schedule, ms: u64) -> bool {
    !schedule.due(T0.plus_ms(ms)).is_empty()
}

#[test]
fn every_known_journal_once_at_the_start_and_nothing_without_a_connection() {
    let mut schedule = Schedule::new(1_000, [key()]);
    assert!(!is_due(&schedule, 0) && schedule.next_deadline().is_none());
    schedule.connection(true);
    assert!(is_due(&schedule, 0));
    schedule.issued(&key(), false, T0);
    assert!(!is_due(&schedule, 100_000), "nothing changed, nothing missing");
    schedule.committed(&key(), true, false);
    schedule.connection(false);
    assert!(!is_due(&schedule, 100_000));
    schedule.connection(true);
    assert!(is_due(&schedule, 100_000));
}

#[test]
fn at_most_one_an_interval_unless_a_hole_is_seen() {
    let mut schedule = Schedule::new(1_000, []);
    schedule.connection(true);
    schedule.committed(&key(), false, false);
    assert!(is_due(&schedule, 0), "the first one at once");
    schedule.issued(&key(), false, T0);
    schedule.committed(&key(), false, false);
    assert!(!is_due(&schedule, 999) && is_due(&schedule, 1_000));
    assert_eq!(schedule.next_deadline(), Some(T0.plus_ms(1_000)));
    schedule.committed(&key(), true, true);
    assert!(is_due(&schedule, 1), "a hole is said at once");
}

#[test]
fn what_is_missing_is_asked_for_again_and_what_could_not_be_sent_is_made_again() {
    let mut schedule = Schedule::new(1_000, [key()]);
    schedule.connection(true);
    schedule.issued(&key(), true, T0);
    assert!(!is_due(&schedule, RECEIPT_REPEAT_MS - 1) && is_due(&schedule, RECEIPT_REPEAT_MS));
    schedule.postponed(&key(), T0);
    assert!(!is_due(&schedule, 999) && is_due(&schedule, 1_000));
}
