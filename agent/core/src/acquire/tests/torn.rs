//! A device that changes a number between its words.

use std::collections::BTreeSet;

use cellwatch_model::{Cause, NoData};

use super::*;
use crate::acquire::decode;

const READS: usize = 100_000;

/// SplitMix64: a seed gives the same course everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// How a number moves, as the bits that the device holds.
type Moves = fn(u64, &mut Chance) -> u64;

struct Case {
    name: &'static str,
    kind: &'static str,
    begin: u64,
    moves: Moves,
    /// Updates may come several within one read: only for numbers that never turn back.
    often: bool,
}

#[allow(clippy::cast_possible_truncation)]
fn f32_near(centre: f32, spread: f32, chance: &mut Chance) -> u64 {
    #[allow(clippy::cast_precision_loss)]
    let part = chance.below(2001) as f32 / 1000.0 - 1.0;
    u64::from((centre + spread * part).to_bits())
}

const CASES: &[Case] = &[
    Case {
        name: "counter",
        kind: "u32",
        begin: 0xfff0,
        moves: |n, c| n + 1 + c.below(300),
        often: true,
    },
    Case {
        name: "counter in leaps",
        kind: "u32",
        begin: 5,
        moves: |n, c| (n + c.below(0x3_0000)) & 0xffff_ffff,
        often: false,
    },
    Case {
        name: "one up, one down at the edge",
        kind: "u32",
        begin: 0x1_ffff,
        moves: |n, _| n ^ 0x1_ffff ^ 0x2_0000,
        often: false,
    },
    Case {
        name: "noise at the edge",
        kind: "i32",
        begin: 0x1_0000,
        moves: |_, c| 0xff00 + c.below(0x200),
        often: false,
    },
    Case {
        name: "noise about zero",
        kind: "i32",
        begin: 0,
        moves: |_, c| c.below(21).wrapping_sub(10) & 0xffff_ffff,
        often: false,
    },
    Case {
        name: "walk",
        kind: "i32",
        begin: 0x8_0000,
        moves: |n, c| (n + c.below(0x3fff) - 0x1fff) & 0xffff_ffff,
        often: false,
    },
    Case {
        name: "37 °C",
        kind: "f32",
        begin: 0x4214_0000,
        moves: |_, c| f32_near(37.0, 0.03, c),
        often: false,
    },
    Case {
        name: "pH 7.19",
        kind: "f32",
        begin: 0x40e6_0000,
        moves: |_, c| f32_near(7.1875, 0.005, c),
        often: false,
    },
    Case {
        name: "energy",
        kind: "u64",
        begin: 0xffff_fff0,
        moves: |n, c| n + c.below(50),
        often: true,
    },
    Case {
        name: "binary64 rising",
        kind: "f64",
        begin: 0x4042_8000_0000_0000,
        moves: |n, c| n + c.below(0x4000_0000),
        often: true,
    },
];

struct Register<'c> {
    case: &'c Case,
    bits: u64,
    /// Every number that it was since the poll began.
    was: BTreeSet<u64>,
    torn: usize,
}

impl Register<'_> {
    fn moves(&mut self, chance: &mut Chance) {
        self.bits = (self.case.moves)(self.bits, chance);
        self.was.insert(self.bits);
    }

    fn word(&self, index: u32) -> u16 {
        u16::try_from((self.bits >> (16 * index)) & 0xffff).unwrap()
    }

    /// Copies the words, the most significant first or last, and changes in the middle of it.
    fn read(&mut self, words: u32, upwards: bool, chance: &mut Chance) -> Vec<u16> {
        let mut copied = vec![0; usize::try_from(words).unwrap()];
        let before = self.bits;
        let update_before = 1 + chance.below(u64::from(words) - 1);
        let mut may = chance.below(2) == 0;
        for step in 0..words {
            if self.case.often && chance.below(3) == 0 || u64::from(step) == update_before && may {
                may = false;
                self.moves(chance);
            }
            let index = if upwards { step } else { words - 1 - step };
            copied[usize::try_from(words - 1 - index).unwrap()] = self.word(index);
        }
        let came = copied.iter().fold(0u64, |bits, word| (bits << 16) | u64::from(*word));
        self.torn += usize::from(came != before && came != self.bits && !self.was.contains(&came));
        // At most one update for each read, unless the number never turns back.
        if !self.case.often && self.bits == before && chance.below(2) == 0 {
            self.moves(chance);
        }
        copied
    }
}

struct Found {
    good: usize,
    wrong: usize,
    bad: usize,
    torn: usize,
    reads: usize,
}

fn run(case: &Case, guard: bool, little: bool, upwards: bool, reads_wanted: usize) -> Found {
    let order = if little { "little" } else { "big" };
    let keys = format!("torn_guard = {guard}\nword_order = \"{order}\"\ndecimals = 4\nscale = 1");
    let keys = if case.kind.starts_with('f') { keys } else { keys.replace("decimals = 4", "") };
    let profile = profile("", &[("P", 0, case.kind, &keys)]);
    let parameter = profile.parameters[0].clone();
    let words = u32::from(parameter.width());
    let mut bench = Bench::new(0, profile);
    let mut chance = Chance(7);
    let mut register = Register { case, bits: case.begin, was: BTreeSet::new(), torn: 0 };
    let mut found = Found { good: 0, wrong: 0, bad: 0, torn: 0, reads: 0 };
    register.was.insert(case.begin);
    while found.reads < reads_wanted {
        let (request, _) = bench.next();
        let mut copied = register.read(words, upwards, &mut chance);
        if little {
            copied.reverse();
        }
        found.reads += 1;
        let readings = bench.reply(request, 5, &Ok(copied));
        let Some((_, reading)) = readings.first() else { continue };
        match &reading.value {
            Ok(value) => {
                let truths = register.was.iter().map(|bits| {
                    let all = (0..words)
                        .rev()
                        .map(|index| u16::try_from((bits >> (16 * index)) & 0xffff).unwrap());
                    let mut all: Vec<u16> = all.collect();
                    if little {
                        all.reverse();
                    }
                    decode(&parameter, &all, at(0)).value.unwrap()
                });
                let is_true = truths.into_iter().any(|truth| truth == *value);
                found.good += 1;
                found.wrong += usize::from(!is_true);
            }
            Err(NoData(cause)) => {
                assert_eq!(*cause, Cause::Torn);
                found.bad += 1;
            }
        }
        register.was = BTreeSet::from([register.bits]);
    }
    found.torn = register.torn;
    found
}

#[test]
fn no_torn_number_is_good_in_a_hundred_thousand_reads_of_each_kind() {
    let mut courses = 0;
    for case in CASES {
        let (mut torn, mut good, mut bad, mut unguarded) = (0, 0, 0, 0);
        for (little, upwards) in [(false, false), (false, true), (true, false), (true, true)] {
            let found = run(case, true, little, upwards, READS / 4);
            assert_eq!(found.wrong, 0, "{}: wrong numbers among {} good", case.name, found.good);
            torn += found.torn;
            good += found.good;
            bad += found.bad;
            unguarded += run(case, false, little, upwards, READS / 40).wrong;
            courses += 1;
        }
        println!(
            "torn, {}: {READS} reads, {torn} of them torn, {good} good, {bad} refused; unguarded {unguarded} wrong in {}",
            case.name,
            READS / 10
        );
        assert!(good > 0, "{}: nothing was ever believed", case.name);
        assert!(torn > 0 && unguarded > 0, "{}: the device must tear to test anything", case.name);
    }
    println!("torn: {courses} courses");
}
