//! A line that loses, splits, merges, doubles and adds bytes, and a device that answers late.

use std::collections::BTreeMap;

use cellwatch_model::Mono;
use proptest::prelude::*;

use super::super::crc16;

/// What becomes of one answer.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    /// The device does not answer.
    pub(super) silent: bool,
    /// The device refuses.
    pub(super) refuses: bool,
    /// When the answer comes, in 1/1000 of timeout and `max_lateness` together.
    pub(super) after: u64,
    /// What happens to it on the way.
    pub(super) harm: Vec<Harm>,
}

/// Damage to an answer; places are taken modulo the number of bytes.
#[derive(Clone, Debug)]
pub(super) enum Harm {
    Lose(usize),
    Flip(usize, u8),
    Double(usize),
    /// The whole answer twice, the second at once behind the first: a longer silence between them is what
    /// the module says remains.
    Again,
    Before(Vec<u8>),
    Behind(Vec<u8>),
    Within(usize, Vec<u8>),
    /// From this byte on, so much later, in 1/1000 of what is left to the bound.
    Split(usize, u64),
}

pub(super) fn fate() -> impl Strategy<Value = Fate> {
    let noise = || prop::collection::vec(any::<u8>(), 1..6);
    let harm = prop_oneof![
        2 => any::<usize>().prop_map(Harm::Lose),
        1 => (any::<usize>(), 1u8..).prop_map(|(at, mask)| Harm::Flip(at, mask)),
        2 => any::<usize>().prop_map(Harm::Double),
        2 => Just(Harm::Again),
        2 => noise().prop_map(Harm::Before),
        2 => noise().prop_map(Harm::Behind),
        1 => (any::<usize>(), noise()).prop_map(|(at, bytes)| Harm::Within(at, bytes)),
        3 => (any::<usize>(), 0u64..=1000).prop_map(|(at, later)| Harm::Split(at, later)),
    ];
    let after = prop_oneof![3 => 0u64..150, 2 => 150u64..=1000, 1 => 990u64..=1000];
    let harms = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(harm, 1..4),
    ];
    (prop::bool::weighted(0.1), prop::bool::weighted(0.1), after, harms)
        .prop_map(|(silent, refuses, after, harm)| Fate { silent, refuses, after, harm })
}

/// Bytes on their way to the master.
#[derive(Debug, Default)]
pub(super) struct Wire {
    coming: BTreeMap<(Mono, u64), Vec<u8>>,
    number: u64,
}

impl Wire {
    pub(super) fn next_at(&self) -> Option<Mono> {
        self.coming.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        self.coming.pop_first().map(|(_, bytes)| bytes)
    }

    fn send(&mut self, at: Mono, bytes: Vec<u8>) {
        self.number += 1;
        self.coming.insert((at, self.number), bytes);
    }

    /// Sends an answer that was asked for at `asked`; all of it comes before `bound`.
    pub(super) fn answer(&mut self, frame: &[u8], fate: &Fate, asked: Mono, bound: Mono) {
        let window = bound.0 - asked.0;
        let mut at = Mono(asked.0 + window / 1000 * fate.after);
        let mut bytes = frame.to_vec();
        let mut cuts = Vec::new();
        for harm in &fate.harm {
            let length = bytes.len().max(1);
            match harm {
                Harm::Lose(place) => {
                    drop(bytes.splice(place % length..(place % length + 1).min(bytes.len()), []))
                }
                Harm::Flip(place, mask) => {
                    if let Some(byte) = bytes.get_mut(place % length) {
                        *byte ^= mask;
                    }
                }
                Harm::Double(place) => {
                    if let Some(byte) = bytes.get(place % length).copied() {
                        bytes.insert(place % length, byte);
                    }
                }
                Harm::Again => bytes.extend_from_slice(frame),
                Harm::Before(noise) => drop(bytes.splice(..0, noise.clone())),
                Harm::Behind(noise) => bytes.extend(noise),
                Harm::Within(place, noise) => {
                    let place = (place % length).min(bytes.len());
                    drop(bytes.splice(place..place, noise.clone()));
                }
                Harm::Split(place, later) => cuts.push((place % length, *later)),
            }
        }
        cuts.sort_unstable();
        let mut from = 0;
        for (cut, later) in cuts {
            let cut = cut.min(bytes.len()).max(from);
            let parts_copies = bytes[..cut] == *frame
                && bytes[cut..].windows(frame.len()).any(|window| window == frame);
            let cut = cut + usize::from(parts_copies);
            self.send(at, bytes[from..cut].to_vec());
            from = cut;
            at = Mono(at.0 + (bound.0 - at.0) / 1000 * later);
        }
        self.send(at, bytes[from..].to_vec());
    }
}

pub(super) fn with_crc(mut frame: Vec<u8>) -> Vec<u8> {
    frame.extend(crc16(&frame).to_le_bytes());
    frame
}
