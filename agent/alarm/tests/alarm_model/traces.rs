//! One trace for each transition, written by hand: events from the start with the letter after each.

use cellwatch_alarm::{Policy, Regions};

use crate::reference::{Event, FlatAlarm, Letter, Rules};
use crate::sequences::{letter, step};

use Event::{
    Acknowledge as Ack, False, ReAlarm, Reset, Return, ShelveOnce, ShelveTimed, Suppress, TakeOut,
    True, Unshelve, Unsuppress,
};
use Letter::{A, B, C, D, E, F, G, H, I};

const PLAIN: Rules = Rules { latching: false, ack_required: true };
const LATCHING: Rules = Rules { latching: true, ack_required: true };
const NO_ACK: Rules = Rules { latching: false, ack_required: false };
const LATCHING_NO_ACK: Rules = Rules { latching: true, ack_required: false };

type Trace = (&'static str, Rules, &'static [(Event, Letter)]);

#[rustfmt::skip]
const TRACES: &[Trace] = &[
    ("A to B: raised",                      PLAIN,    &[(True, B)]),
    ("B to C: acknowledged",                PLAIN,    &[(True, B), (Ack, C)]),
    ("B to D: returned unseen",             PLAIN,    &[(True, B), (False, D)]),
    ("B to A: no acknowledgement needed",   NO_ACK,   &[(True, B), (False, A)]),
    ("B to E: held until reset",            LATCHING, &[(True, B), (False, E)]),
    ("B to E: latching wins",               LATCHING_NO_ACK, &[(True, B), (False, E), (Ack, F), (Reset, A)]),
    ("C to A: returned after it was seen",  PLAIN,    &[(True, B), (Ack, C), (False, A)]),
    ("C to F: held, seen",                  LATCHING, &[(True, B), (Ack, C), (False, F)]),
    ("C to B: calls again",                 PLAIN,    &[(True, B), (Ack, C), (ReAlarm, B)]),
    ("D to A: acknowledged",                PLAIN,    &[(True, B), (False, D), (Ack, A)]),
    ("D to B: true again",                  PLAIN,    &[(True, B), (False, D), (True, B)]),
    ("E to F: acknowledged",                LATCHING, &[(True, B), (False, E), (Ack, F)]),
    ("E to B: true again",                  LATCHING, &[(True, B), (False, E), (True, B)]),
    ("F to A: reset",                       LATCHING, &[(True, B), (False, E), (Ack, F), (Reset, A)]),
    ("F to B: true again",                  LATCHING, &[(True, B), (Ack, C), (False, F), (True, B)]),
    ("A to G to A: shelved",                PLAIN,    &[(ShelveTimed, G), (Unshelve, A)]),
    ("B to G to B: shelved",                PLAIN,    &[(True, B), (ShelveTimed, G), (Unshelve, B)]),
    ("C to G to B: calls again",            PLAIN,    &[(True, B), (Ack, C), (ShelveTimed, G), (Unshelve, B)]),
    ("D to G to D: still unseen",           PLAIN,    &[(True, B), (False, D), (ShelveTimed, G), (Unshelve, D)]),
    ("E to G to E: still held",             LATCHING, &[(True, B), (False, E), (ShelveTimed, G), (Unshelve, E)]),
    ("F to G to F: still held, seen",       LATCHING, &[(True, B), (Ack, C), (False, F), (ShelveOnce, G), (Unshelve, F)]),
    ("G to B: it rose meanwhile",           PLAIN,    &[(ShelveTimed, G), (True, G), (Unshelve, B)]),
    ("G to A: it came and went",            PLAIN,    &[(ShelveTimed, G), (True, G), (False, G), (Unshelve, A)]),
    ("G to A: one-shot ends by itself",     PLAIN,    &[(ShelveOnce, G), (True, G), (False, A)]),
    ("G to D: one-shot ends, unseen",       PLAIN,    &[(True, B), (ShelveOnce, G), (False, D)]),
    ("G to E: came and went, held",         LATCHING, &[(ShelveTimed, G), (True, G), (False, G), (Unshelve, E)]),
    ("A to H to A: suppressed",             PLAIN,    &[(Suppress, H), (Unsuppress, A)]),
    ("B to H to B: suppressed",             PLAIN,    &[(True, B), (Suppress, H), (Unsuppress, B)]),
    ("C to H to B: calls again",            PLAIN,    &[(True, B), (Ack, C), (Suppress, H), (Unsuppress, B)]),
    ("D to H to D: still unseen",           PLAIN,    &[(True, B), (False, D), (Suppress, H), (Unsuppress, D)]),
    ("E to H to E: still held",             LATCHING, &[(True, B), (False, E), (Suppress, H), (Unsuppress, E)]),
    ("F to H to F: still held, seen",       LATCHING, &[(True, B), (Ack, C), (False, F), (Suppress, H), (Unsuppress, F)]),
    ("H to B: it rose meanwhile",           PLAIN,    &[(Suppress, H), (True, H), (Unsuppress, B)]),
    ("H to A: it came and went",            PLAIN,    &[(Suppress, H), (True, H), (False, H), (Unsuppress, A)]),
    ("H to D: it had called before",        PLAIN,    &[(True, B), (Suppress, H), (False, H), (Unsuppress, D)]),
    ("H to A: no acknowledgement needed",   NO_ACK,   &[(True, B), (Suppress, H), (False, H), (Unsuppress, A)]),
    ("A to I to A: out of service",         PLAIN,    &[(TakeOut, I), (Return, A)]),
    ("B to I to B: out of service",         PLAIN,    &[(True, B), (TakeOut, I), (Return, B)]),
    ("C to I to B: calls again",            PLAIN,    &[(True, B), (Ack, C), (TakeOut, I), (Return, B)]),
    ("D to I to D: still unseen",           PLAIN,    &[(True, B), (False, D), (TakeOut, I), (Return, D)]),
    ("E to I to E: still held",             LATCHING, &[(True, B), (False, E), (TakeOut, I), (Return, E)]),
    ("F to I to F: still held, seen",       LATCHING, &[(True, B), (Ack, C), (False, F), (TakeOut, I), (Return, F)]),
    ("G to I to G: I lies over G",          PLAIN,    &[(ShelveTimed, G), (TakeOut, I), (Return, G), (Unshelve, A)]),
    ("H to I to H: I lies over H",          PLAIN,    &[(Suppress, H), (TakeOut, I), (Return, H), (Unsuppress, A)]),
    ("G to H to G: H lies over G",          PLAIN,    &[(ShelveTimed, G), (Suppress, H), (Unsuppress, G), (Unshelve, A)]),
    ("came and went under two",             PLAIN,    &[(Suppress, H), (TakeOut, I), (True, I), (Unsuppress, I), (False, I), (Return, A)]),
    ("no acknowledgement, latching, hidden", LATCHING_NO_ACK, &[(Suppress, H), (True, H), (False, H), (Unsuppress, E)]),
];

/// Events that change nothing: (how to come there, what is refused).
#[rustfmt::skip]
const REFUSED: &[(&str, Rules, &[Event], &[Event])] = &[
    ("A", PLAIN,    &[],                        &[False, Ack, Reset, ReAlarm, Unshelve, Unsuppress, Return]),
    ("B", PLAIN,    &[True],                    &[True, Reset, ReAlarm, Unshelve, Unsuppress, Return]),
    ("C", PLAIN,    &[True, Ack],               &[True, Ack, Reset]),
    ("D", PLAIN,    &[True, False],             &[False, Reset, ReAlarm]),
    ("E", LATCHING, &[True, False],             &[False, Reset, ReAlarm]),
    ("F", LATCHING, &[True, Ack, False],        &[False, Ack, ReAlarm]),
    ("G", PLAIN,    &[True, ShelveTimed],       &[True, Ack, Reset, ReAlarm, ShelveTimed, ShelveOnce, Unsuppress, Return]),
    ("H", PLAIN,    &[True, Suppress],          &[True, Ack, Reset, ReAlarm, ShelveTimed, Suppress, Unshelve, Return]),
    ("I", PLAIN,    &[True, TakeOut],           &[True, Ack, Reset, ReAlarm, ShelveTimed, TakeOut, Unshelve, Unsuppress]),
    ("latched and true", LATCHING, &[True, Ack], &[Reset]),
    ("latched and hidden", LATCHING, &[True, Ack, False, Suppress], &[Reset]),
];

fn policy(rules: Rules) -> Policy {
    Policy { latching: rules.latching, ack_required: rules.ack_required }
}

/// Req: ALM-04
#[test]
fn each_transition_goes_as_written() {
    for (name, rules, trace) in TRACES {
        let (mut regions, mut flat) = (Regions::default(), FlatAlarm::new(*rules));
        for (event, expected) in *trace {
            assert!(regions.take(step(*event, 9), policy(*rules)), "{name}: {event:?}");
            assert_eq!(letter(regions.state()), *expected, "{name}: {event:?}");
            assert!(flat.happen(*event), "{name}: {event:?} by the table");
            assert_eq!(flat.letter(), *expected, "{name}: {event:?} by the table");
        }
    }
    println!("alarm traces: {} cases", TRACES.len());
}

/// Req: ALM-04
#[test]
fn what_is_not_possible_changes_nothing() {
    let mut cases = 0;
    for (name, rules, way, refused) in REFUSED {
        let mut there = Regions::default();
        for event in *way {
            assert!(there.take(step(*event, 9), policy(*rules)), "{name}: {event:?}");
        }
        for event in *refused {
            let mut regions = there;
            assert!(!regions.take(step(*event, 9), policy(*rules)), "{name}: {event:?}");
            assert_eq!(regions, there, "{name}: {event:?}");
            cases += 1;
        }
    }
    println!("refused steps: {cases} cases");
}
