//! Devices with random faults, in virtual time, through the door: whatever they do, no wrong value is Good, one
//! request is open for each, and every poll is accounted for.
//! Req: LAW-01, LAW-02, LAW-07, LAW-10
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for what it looks for")]

mod harness;
mod simulation;

use simulation::{Report, Site, TEN_MINUTES_MS};

fn run(seeds: std::ops::Range<u64>) {
    let mut all = Report::default();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let report = Site::run(seed, TEN_MINUTES_MS).unwrap_or_else(|violation| {
            panic!("seed {seed}: {violation} (Site::run({seed}, …) shows it again)")
        });
        all.add(&report);
    }
    println!("acquire simulation: {count} seeds x 10 minutes: {all:?}");
    assert!(all.is_telling(), "some fault or answer never came: {all:?}");
}

#[test]
fn the_laws_hold_whatever_devices_do_first_half() {
    run(0..250);
}

#[test]
fn the_laws_hold_whatever_devices_do_second_half() {
    run(250..500);
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
