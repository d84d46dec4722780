//! The engine against a reference that shares no code with it: the flat table of ISA-18.2 / IEC 62682 and a condition
//! that is worked out anew from all readings. Random sequences, and one trace for each transition.
//! Req: ALM-04

mod chance;
mod reference;
mod sequences;
mod traces;

use sequences::Tally;

/// Sequences of an ordinary run.
const SEQUENCES: u64 = 20_000;

/// How many sequences: of the environment, for the long campaign.
#[expect(clippy::disallowed_methods, reason = "the bound of a campaign is no input of the engine")]
fn sequences() -> u64 {
    let asked = std::env::var("CELLWATCH_SEQUENCES").ok();
    asked.map_or(SEQUENCES, |text| text.parse().expect("a number"))
}

#[test]
fn random_sequences_go_as_the_flat_table_says() {
    let mut tally = Tally::default();
    let count = sequences();
    for seed in 0..count {
        if let Err(difference) = sequences::run(seed, &mut tally) {
            panic!("sequence {seed}: {difference}");
        }
    }
    println!(
        "alarm model: {count} sequences; {} steps, {} rises, {} falls, {} refusals, {} of 9 states",
        tally.steps,
        tally.rises,
        tally.falls,
        tally.refusals,
        tally.states.len()
    );
    assert!(tally.states.len() == 9 && tally.refusals > 0 && tally.falls > 0, "{tally:?}");
}
