//! Delivery explored exhaustively within small bounds: up to four records, a window of two, an agent
//! that crashes, a Control Site that crashes, a broker that loses, repeats, reorders, refuses, answers
//! late or never, and forgets what it acknowledged. The agent's steps are the shipped `publish::Outbox`; what the Control
//! Site holds, misses, takes again and says in its receipts is the shipped `intake::Progress`.
//!
//! From every state that can be reached, the fair continuation (no more faults) must bring every
//! durable record to the Control Site: stronger than asking it of end states only. Five mutants show
//! that the properties see what they are for.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test")]

mod control_site;
mod properties;
mod state;
mod steps;

use stateright::{Checker, HasDiscoveries, Model};

use properties::{COMPLETE, CONVERGES, DURABLE_FIRST, NEVER_TWICE, RECEIPT_AFTER_STORE};
use state::{Budget, Delivery, Mutant};

/// Every kind of fault; the model's bounds give how many of each.
const FAULTS: Budget = Budget {
    forget: 1,
    repeat: 1,
    refuse: 1,
    late_receipt: 1,
    disconnect: 1,
    silence: 1,
    agent_crash: 1,
    site_crash: 1,
    unreadable: 1,
};
const NONE: Budget = Budget {
    forget: 0,
    repeat: 0,
    refuse: 0,
    late_receipt: 0,
    disconnect: 0,
    silence: 0,
    agent_crash: 0,
    site_crash: 0,
    unreadable: 0,
};

fn explore(name: &str, records: usize, faults: Budget) {
    let model = Delivery { records, faults, mutant: Mutant::None };
    let checker = model.checker().threads(2).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{name}: {states} states, {depth} steps deep");
    assert!(checker.is_done(), "the whole space was seen");
    checker.assert_properties();
}

fn caught(mutant: Mutant, faults: Budget, property: &'static str) {
    let model = Delivery { records: 3, faults, mutant };
    let checker =
        model.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let path = checker.discovery(property);
    let path = path.unwrap_or_else(|| panic!("{mutant:?} goes unseen by \"{property}\""));
    let steps = path.into_actions();
    println!("{mutant:?}: caught by \"{property}\" in {} steps: {steps:?}", steps.len());
    assert_ne!(property, COMPLETE);
}

/// Req: LAW-03
#[test]
fn four_records_and_a_forgetful_broker() {
    explore("4 records, forgets", 4, Budget { forget: 1, ..NONE });
}

/// Req: LAW-03, LAW-04
#[test]
fn a_forgetful_broker_and_a_crash_of_the_agent() {
    explore("3 records, forgets, agent crashes", 3, Budget { forget: 1, agent_crash: 1, ..NONE });
}

/// Req: LAW-03
#[test]
fn a_broker_that_repeats_and_a_crash_of_the_control_site() {
    explore("3 records, repeats, site crashes", 3, Budget { repeat: 1, site_crash: 1, ..NONE });
}

/// Req: LAW-03, LAW-04
#[test]
fn a_forgetful_broker_a_late_receipt_and_a_crash_of_each_side() {
    let faults = Budget { forget: 1, agent_crash: 1, site_crash: 1, late_receipt: 1, ..NONE };
    explore("2 records, forgets, late receipt, both crash", 2, faults);
}

/// Req: LAW-03
#[test]
fn a_broker_that_refuses_and_repeats() {
    explore("3 records, refuses, repeats", 3, Budget { refuse: 1, repeat: 1, ..NONE });
}

/// Req: LAW-03
#[test]
fn a_broker_that_falls_silent_and_forgets() {
    explore("3 records, silent, forgets", 3, Budget { silence: 1, forget: 1, ..NONE });
}

/// Req: LAW-03
#[test]
fn a_connection_that_ends_and_a_late_receipt() {
    let faults = Budget { disconnect: 1, late_receipt: 1, ..NONE };
    explore("3 records, disconnects, late receipt", 3, faults);
}

/// Req: LAW-03, LAW-10
#[test]
fn a_journal_that_cannot_be_read_for_a_while() {
    explore("3 records, unreadable, forgets", 3, Budget { unreadable: 1, forget: 1, ..NONE });
}

/// Req: LAW-03, LAW-04, LAW-06
#[test]
fn all_faults() {
    explore("1 record, all faults", 1, FAULTS);
}

/// Req: LAW-03
#[test]
fn mutant_that_takes_an_acknowledgement_for_a_receipt() {
    caught(Mutant::PubackIsReceipt, FAULTS, RECEIPT_AFTER_STORE);
}

/// Req: LAW-03
#[test]
fn mutant_that_sends_before_the_record_is_on_disk() {
    caught(Mutant::SendBeforeDurable, FAULTS, DURABLE_FIRST);
}

/// Req: LAW-03
#[test]
fn mutant_that_drops_what_is_in_flight_when_the_connection_ends() {
    caught(Mutant::DropInFlight, FAULTS, CONVERGES);
}

/// Req: LAW-03, LAW-04
#[test]
fn mutant_that_accepts_a_record_twice() {
    caught(Mutant::AcceptsTwice, Budget { repeat: 1, ..NONE }, NEVER_TWICE);
}

/// Req: LAW-03
#[test]
fn mutant_that_gives_a_receipt_before_it_has_stored() {
    caught(Mutant::ReceiptBeforeStore, Budget { site_crash: 1, ..NONE }, RECEIPT_AFTER_STORE);
}
