extern crate std;

use proptest::prelude::*;
use std::println;
use std::vec::Vec;

use super::*;

const HIGH: Limit = Limit {
    direction: Direction::High,
    limit: 38.0,
    deadband: 0.2,
    on_delay_ms: 60_000,
    off_delay_ms: 30_000,
};

/// A name, readings as (seconds, value), and the edges that they give.
type Course = (&'static str, &'static [(u64, Option<f64>)], &'static [(bool, u64)]);

/// Feeds (seconds, value) and gives the edges with their seconds.
fn run(limit: Limit, readings: &[(u64, Option<f64>)]) -> Vec<(bool, u64)> {
    let mut condition = Condition::default();
    let mut edges = Vec::new();
    for (at_s, value) in readings {
        let at_ms = at_s * 1000;
        let mut take = |edge| match edge {
            Some(Edge::Rose { at_ms }) => edges.push((true, at_ms / 1000)),
            Some(Edge::Fell { at_ms }) => edges.push((false, at_ms / 1000)),
            None => {}
        };
        take(condition.elapse(&limit, at_ms));
        match value {
            Some(value) => take(condition.reading(&limit, *value, at_ms)),
            None => condition.no_value(),
        }
    }
    edges
}

#[test]
fn limits_deadbands_and_delays() {
    let cases: &[Course] = &[
        ("at the limit is normal", &[(0, Some(38.0)), (100, Some(38.0))], &[]),
        ("raised when the on-delay is over", &[(0, Some(38.1)), (90, Some(38.1))], &[(true, 60)]),
        ("a short excursion is none", &[(0, Some(38.1)), (59, Some(38.0)), (90, Some(38.1))], &[]),
        (
            "back by less than the deadband does not return",
            &[(0, Some(39.0)), (60, Some(37.9)), (200, Some(37.9))],
            &[(true, 60)],
        ),
        (
            "back by the deadband returns after the off-delay",
            &[(0, Some(39.0)), (61, Some(37.8)), (200, Some(37.8))],
            &[(true, 60), (false, 91)],
        ),
        (
            "beyond again stops the off-delay",
            &[(0, Some(39.0)), (61, Some(37.8)), (80, Some(38.1)), (100, Some(37.8)), (129, None)],
            &[(true, 60)],
        ),
        (
            "silence lets the on-delay go on",
            &[(0, Some(39.0)), (10, None), (60, None)],
            &[(true, 60)],
        ),
        (
            "silence never returns an alarm; the off-delay starts again at the next value",
            &[(0, Some(39.0)), (61, Some(37.0)), (70, None), (200, Some(37.0)), (231, None)],
            &[(true, 60), (false, 230)],
        ),
    ];
    for (name, readings, expected) in cases {
        assert_eq!(run(HIGH, readings), *expected, "{name}");
    }
    let low = Limit { direction: Direction::Low, limit: 30.0, ..HIGH };
    assert_eq!(run(low, &[(0, Some(29.9)), (60, Some(30.1)), (100, Some(30.2))]), [(true, 60)]);
    let at_once = Limit { on_delay_ms: 0, off_delay_ms: 0, deadband: 0.0, ..HIGH };
    assert_eq!(run(at_once, &[(1, Some(38.1)), (2, Some(38.0))]), [(true, 1), (false, 2)]);
    println!("limits_deadbands_and_delays: {} cases", cases.len() + 2);
}

#[test]
fn exactly_back_by_the_deadband_is_clear_in_decimal() {
    let high = |limit, deadband| Limit { limit, deadband, ..HIGH };
    let low = |limit, deadband| Limit { direction: Direction::Low, limit, deadband, ..HIGH };
    let cases = [
        (high(0.12, 0.005), 0.115, 0.116),
        (high(7.4, 0.02), 7.38, 7.39),
        (high(-0.12, 0.005), -0.125, -0.124),
        (low(0.08, 0.005), 0.085, 0.084),
        (low(6.9, 0.02), 6.92, 6.91),
        (low(-0.7, 0.1), -0.6, -0.61),
        (low(0.7, 0.1), 0.8, 0.79),
        // The slack grows with limit and deadband.
        (high(1013.3, 0.1), 1013.2, 1013.21),
        (low(0.1, 0.2), 0.3, 0.29),
    ];
    for (limit, clear, not_clear) in cases {
        assert!(limit.is_clear(clear), "{limit:?} {clear}");
        assert!(!limit.is_clear(not_clear), "{limit:?} {not_clear}");
        assert!(!limit.is_beyond(limit.limit), "{limit:?}");
    }
    println!("deadbands in decimal: {} cases", cases.len());
}

#[test]
fn every_step_from_every_combination_of_regions_leads_to_a_state_of_the_table() {
    let mut cases = 0;
    let steps = [
        Step::Rise,
        Step::Fall,
        Step::Acknowledge,
        Step::Reset,
        Step::ReAlarm,
        Step::Shelve(Shelving::Timed { until_ms: 9 }),
        Step::Unshelve,
        Step::Suppress,
        Step::Unsuppress,
        Step::TakeOutOfService,
        Step::ReturnToService,
    ];
    for bits in 0..64u8 {
        let bit = |index: u8| bits >> index & 1 == 1;
        let before = Regions {
            active: bit(0),
            acknowledged: bit(1),
            latched: bit(2),
            shelving: if bit(3) { Shelving::OneShot { until_ms: 9 } } else { Shelving::Unshelved },
            suppressed: bit(4),
            out_of_service: bit(5),
        };
        for latching in [false, true] {
            for ack_required in [false, true] {
                for step in steps {
                    let mut after = before;
                    let taken = after.take(step, Policy { latching, ack_required });
                    if !taken {
                        assert_eq!(after, before, "{step:?} refused, yet changed {before:?}");
                    }
                    if matches!(step, Step::Acknowledge) && taken {
                        assert!(after.acknowledged && before.is_annunciated());
                    }
                    if !before.is_annunciated() && after.is_annunciated() && after.active {
                        assert_eq!(after.state(), State::Unacknowledged, "calls again");
                    }
                    cases += 1;
                }
            }
        }
    }
    println!("steps from every combination: {cases} cases");
}

/// A policy, and steps with the state after each.
type Walk = (Policy, &'static [(Step, State)]);

#[test]
fn the_life_of_an_alarm_walks_the_letters_of_figure_2() {
    let plain = Policy { latching: false, ack_required: true };
    let latching = Policy { latching: true, ack_required: true };
    let walks: &[Walk] = &[
        (
            plain,
            &[
                (Step::Rise, State::Unacknowledged),
                (Step::Acknowledge, State::Acknowledged),
                (Step::ReAlarm, State::Unacknowledged),
                (Step::Fall, State::ReturnedUnacknowledged),
                (Step::Rise, State::Unacknowledged),
                (Step::Fall, State::ReturnedUnacknowledged),
                (Step::Acknowledge, State::Normal),
            ],
        ),
        (
            latching,
            &[
                (Step::Rise, State::Unacknowledged),
                (Step::Fall, State::LatchedUnacknowledged),
                (Step::Acknowledge, State::LatchedAcknowledged),
                (Step::Rise, State::Unacknowledged),
                (Step::Acknowledge, State::Acknowledged),
                (Step::Fall, State::LatchedAcknowledged),
                (Step::Reset, State::Normal),
            ],
        ),
        (
            Policy { latching: false, ack_required: false },
            &[(Step::Rise, State::Unacknowledged), (Step::Fall, State::Normal)],
        ),
        (
            plain,
            &[
                (Step::Rise, State::Unacknowledged),
                (Step::Acknowledge, State::Acknowledged),
                (Step::Shelve(Shelving::Timed { until_ms: 1 }), State::Shelved),
                (Step::Suppress, State::SuppressedByDesign),
                (Step::TakeOutOfService, State::OutOfService),
                (Step::Unsuppress, State::OutOfService),
                (Step::ReturnToService, State::Shelved),
                (Step::Unshelve, State::Unacknowledged),
            ],
        ),
    ];
    let mut cases = 0;
    for (policy, walk) in walks {
        let mut regions = Regions::default();
        for (step, expected) in *walk {
            assert!(regions.take(*step, *policy), "{step:?} is possible");
            assert_eq!(regions.state(), *expected, "after {step:?}");
            cases += 1;
        }
    }
    println!("letters: {cases} cases");
}

proptest! {
    /// Req: LAW-02. Whatever comes, the alarm is raised only after the value was beyond without
    /// a normal one for the whole on-delay, and returns only after Good clear values for the off-delay.
    #[test]
    fn edges_alternate_and_never_come_early(
        readings in proptest::collection::vec((1u64..40, proptest::option::of(36.0f64..40.0)), 1..200),
    ) {
        let mut at_s = 0;
        let timed: Vec<_> = readings.iter().map(|(step, value)| { at_s += step; (at_s, *value) }).collect();
        let edges = run(HIGH, &timed);
        for (index, (rose, at)) in edges.iter().enumerate() {
            prop_assert_eq!(*rose, index % 2 == 0, "edges alternate");
            let delay_s = if *rose { 60 } else { 30 };
            let from = at - delay_s;
            let within = timed.iter().filter(|(time, _)| *time >= from && *time < *at);
            for (time, value) in within {
                match value {
                    Some(value) if *rose => prop_assert!(HIGH.is_beyond(*value), "normal at {}", time),
                    Some(value) => prop_assert!(HIGH.is_clear(*value), "not clear at {}", time),
                    None => prop_assert!(*rose, "silence at {} returned an alarm", time),
                }
            }
        }
    }
}

/// The states by the letters of Figure 2, with regions that are in them.
const STATES: [(&str, State, Regions); 9] = {
    let normal = Regions {
        active: false,
        acknowledged: true,
        latched: false,
        shelving: Shelving::Unshelved,
        suppressed: false,
        out_of_service: false,
    };
    let called = Regions { active: true, acknowledged: false, ..normal };
    let seen = Regions { active: true, ..normal };
    let back = Regions { acknowledged: false, ..normal };
    let shelved = Regions { shelving: Shelving::Timed { until_ms: 9 }, ..seen };
    [
        ("A NORM", State::Normal, normal),
        ("B UNACK", State::Unacknowledged, called),
        ("C ACKED", State::Acknowledged, seen),
        ("D RTNUN", State::ReturnedUnacknowledged, back),
        ("E LTUNK", State::LatchedUnacknowledged, Regions { latched: true, ..back }),
        ("F LTACK", State::LatchedAcknowledged, Regions { latched: true, ..normal }),
        ("G SHLVD", State::Shelved, shelved),
        ("H DSUPR", State::SuppressedByDesign, Regions { suppressed: true, ..seen }),
        ("I OOSRV", State::OutOfService, Regions { out_of_service: true, ..seen }),
    ]
};

const STEPS: [(&str, Step); 11] = [
    ("condition true", Step::Rise),
    ("condition false", Step::Fall),
    ("acknowledge", Step::Acknowledge),
    ("reset", Step::Reset),
    ("re-alarm", Step::ReAlarm),
    ("shelve", Step::Shelve(Shelving::Timed { until_ms: 9 })),
    ("unshelve", Step::Unshelve),
    ("suppress", Step::Suppress),
    ("unsuppress", Step::Unsuppress),
    ("take out of service", Step::TakeOutOfService),
    ("return to service", Step::ReturnToService),
];

/// The transition table as Markdown: for each policy each state and each step.
fn table() -> std::string::String {
    use std::fmt::Write;
    use std::string::String;

    let mut text = String::from(
        "# Alarm states\n\n\
        Printed by a test of `agent/alarm` from the code, which is the one transition table; do not edit.\n\
        States are those of ISA-18.2 / IEC 62682, Figure 2; G, H and I are shown with a condition that is true and\n\
        was acknowledged before. A dot stands where a step is not possible and nothing changes.\n",
    );
    for (policy, name) in [
        (Policy { latching: false, ack_required: true }, "Acknowledgement required, not latching"),
        (Policy { latching: true, ack_required: true }, "Acknowledgement required, latching"),
        (
            Policy { latching: false, ack_required: false },
            "No acknowledgement required, not latching",
        ),
        (Policy { latching: true, ack_required: false }, "No acknowledgement required, latching"),
    ] {
        let letters: Vec<&str> = STATES.iter().map(|(name, ..)| *name).collect();
        let _ = write!(text, "\n## {name}\n\n| step | {} |\n", letters.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(STATES.len()));
        for (what, step) in STEPS {
            let _ = write!(text, "| {what} |");
            for (_, _, before) in STATES {
                let latched = before.latched || (policy.latching && before.active);
                let mut after = Regions { latched, ..before };
                let taken = after.take(step, policy);
                let letter = |state: State| {
                    let found = STATES.iter().find(|(_, one, _)| *one == state);
                    found.map_or("?", |(name, ..)| &name[..1])
                };
                let _ = write!(text, " {} |", if taken { letter(after.state()) } else { "·" });
            }
            text.push('\n');
        }
    }
    text
}

/// Req: ALM-02
#[test]
fn the_transition_table_in_the_docs_is_the_one_of_the_code() {
    for (name, state, regions) in STATES {
        assert_eq!(regions.state(), state, "{name}");
    }
    let printed = include_str!("../../../docs/alarm-states.md");
    let table = table();
    assert!(
        printed == table,
        "docs/alarm-states.md is not the table of the code; make it this:\n{table}"
    );
    println!("transition table: {} cells", 4 * STATES.len() * STEPS.len());
}
