//! Devices with random faults, in virtual time, through the door: whatever they do, no wrong value is Good, one
//! request is open for each, and every poll is accounted for.
//! Req: LAW-01, LAW-02, LAW-07, LAW-10
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for what it looks for")]

mod harness;
mod simulation;

use simulation::{Report, Site, TEN_MINUTES_MS};

/// Seeds of an ordinary run.
const SEEDS: u64 = 500;

/// How many seeds, and for how many minutes each: of the environment, for the long campaign.
#[expect(clippy::disallowed_methods, reason = "the bounds of a campaign are no input of the core")]
fn bounds() -> (u64, u64) {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seeds: u64 = number("CELLWATCH_SEEDS").unwrap_or(SEEDS);
    let hours: Option<u64> = number("CELLWATCH_HOURS");
    (seeds, hours.map_or(TEN_MINUTES_MS / 60_000, |hours| hours * 60))
}

/// One of two halves, so that they run side by side.
fn run_half(half: u64) {
    let (seeds, minutes) = bounds();
    run(half * seeds / 2..(half + 1) * seeds / 2, minutes);
}

fn run(seeds: std::ops::Range<u64>, minutes: u64) {
    let mut all = Report::default();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let report = Site::run(seed, minutes * 60_000).unwrap_or_else(|violation| {
            panic!("seed {seed}: {violation} (Site::run({seed}, …) shows it again)")
        });
        all.add(&report);
    }
    println!("acquire simulation: {count} seeds x {minutes} minutes: {all:?}");
    assert!(count < SEEDS / 2 || all.is_telling(), "some fault or answer never came: {all:?}");
}

#[test]
fn the_laws_hold_whatever_devices_do_first_half() {
    run_half(0);
}

#[test]
fn the_laws_hold_whatever_devices_do_second_half() {
    run_half(1);
}

/// Req: LAW-08
#[test]
fn a_seed_shows_the_same_again() {
    for seed in [3, 77, 401] {
        let once = Site::run(seed, TEN_MINUTES_MS).expect("holds");
        let again = Site::run(seed, TEN_MINUTES_MS).expect("holds");
        assert_eq!(once, again, "seed {seed}");
        assert_ne!(once.digest, [0; 32]);
    }
    println!("acquire simulation: 3 seeds twice, the same bytes");
}
