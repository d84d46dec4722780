//! A device that knows the truth and has faults.

use cellwatch_core::door::{NoReply, Read};

use super::chance::Chance;
use super::{ON_THEIR_OWN, UNTOUCHED};

/// What is wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Silent,
    Away,
    Slow,
    Refuses,
    Wrong,
    Length,
    Sentinel,
    Hung,
    SensorFrozen,
    Spikes,
    Tears,
    Rebooted,
    Swapped,
    Stray,
    Twice,
}

pub const FAULTS: [Fault; 15] = [
    Fault::Silent,
    Fault::Away,
    Fault::Slow,
    Fault::Refuses,
    Fault::Wrong,
    Fault::Length,
    Fault::Sentinel,
    Fault::Hung,
    Fault::SensorFrozen,
    Fault::Spikes,
    Fault::Tears,
    Fault::Rebooted,
    Fault::Swapped,
    Fault::Stray,
    Fault::Twice,
];

/// Silent this long when it starts again or another takes its place, milliseconds.
const CHANGE_MS: u64 = 2_500;
/// The weight grows by this every 100 ms.
pub const WEIGHT_STEP: u64 = 9_001;

pub struct Device {
    pub fault: Option<Fault>,
    /// The fault's beginning and end; or the end of the pause before the next.
    pub from_ms: u64,
    pub until_ms: u64,
    /// From when on the fault could be seen: on a bus that is when the device is asked again.
    pub seen_from_ms: u64,
    pub booted_ms: u64,
    on_a_bus: bool,
    odd: bool,
    /// Steps of the weight that were made between the words of a read.
    torn_steps: u64,
    chance: Chance,
}

/// What the device holds at a moment, if it is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    pub temperature: u16,
    pub weight: u64,
    pub beat: u16,
    pub uptime: u64,
}

/// What came of a request: when, what; and a reply that nobody asked for.
pub struct Answer {
    pub after_ms: u64,
    pub outcome: Result<Vec<u16>, NoReply>,
    pub spiked: bool,
}

impl Device {
    /// The device with this number; the untouched one never has a fault.
    pub fn new(seed: u64, index: usize) -> Self {
        let mut chance = Chance(seed * 1_000 + index as u64);
        let first_ms = chance.between(5_000, 20_000);
        let until_ms = if index == UNTOUCHED { u64::MAX } else { first_ms };
        Self {
            fault: None,
            from_ms: 0,
            until_ms,
            seen_from_ms: 0,
            booted_ms: 0,
            on_a_bus: index >= ON_THEIR_OWN,
            odd: false,
            torn_steps: 0,
            chance,
        }
    }

    /// Lets time pass; gives the fault that ends or begins.
    pub fn live(&mut self, now_ms: u64, last_ms: u64) -> Option<Fault> {
        if now_ms < self.until_ms {
            return None;
        }
        self.from_ms = now_ms;
        self.seen_from_ms = if self.on_a_bus { u64::MAX } else { now_ms };
        if self.fault.take().is_some() || now_ms > last_ms {
            self.until_ms = now_ms + self.chance.between(12_000, 30_000);
            return None;
        }
        let index = usize::try_from(self.chance.between(0, 14)).expect("small");
        let fault = FAULTS[index];
        let longest = if fault == Fault::SensorFrozen { 120_000 } else { 60_000 };
        self.until_ms = now_ms + self.chance.between(1_000, longest);
        self.booted_ms = if fault == Fault::Rebooted { now_ms } else { self.booted_ms };
        self.fault = Some(fault);
        Some(fault)
    }

    pub fn truth(&self, now_ms: u64) -> Truth {
        let at_ms = if self.fault == Some(Fault::Hung) { self.from_ms } else { now_ms };
        let felt_ms = if self.fault == Some(Fault::SensorFrozen) { self.from_ms } else { at_ms };
        let wave = felt_ms / 700 % 400;
        let wave = if wave < 200 { wave } else { 400 - wave };
        let other = if self.fault == Some(Fault::Swapped) { 700 } else { 0 };
        Truth {
            temperature: u16::try_from(3_600 + wave - other).expect("small"),
            weight: 65_000 + (at_ms / 100 + self.torn_steps) * WEIGHT_STEP,
            beat: u16::try_from(at_ms / 1000 % 65_536).expect("small"),
            uptime: 1_000 * u64::from(self.booted_ms == 0) + (at_ms - self.booted_ms) / 1000,
        }
    }

    fn register(&mut self, address: u16, now_ms: u64) -> u16 {
        let truth = self.truth(now_ms);
        let word = |number: u64, index: u32| {
            u16::try_from((number >> (16 * index)) & 0xffff).expect("masked")
        };
        let serial = if self.fault == Some(Fault::Swapped) { b"XX-9" } else { b"AB-1" };
        match address {
            0 => truth.beat,
            1 if self.fault == Some(Fault::Sentinel) => 0x8000,
            1 => truth.temperature,
            4 => word(truth.weight, 1),
            5 => {
                // The upper word has been copied: the weight moves on before the lower one is.
                if self.fault == Some(Fault::Tears) && self.chance.one_in(2) {
                    self.torn_steps += 1;
                }
                word(self.truth(now_ms).weight, 0)
            }
            10 => u16::from_be_bytes([serial[0], serial[1]]),
            11 => u16::from_be_bytes([serial[2], serial[3]]),
            20 => word(truth.uptime, 1),
            21 => word(truth.uptime, 0),
            _ => 0xdead,
        }
    }

    pub fn answer(&mut self, read: Read, timeout_ms: u64, now_ms: u64) -> Answer {
        self.seen_from_ms = self.seen_from_ms.min(now_ms);
        let usual_ms = self.chance.between(2, 40);
        let good = |words| Answer { after_ms: usual_ms, outcome: Ok(words), spiked: false };
        let none = |after_ms, no_reply| Answer { after_ms, outcome: Err(no_reply), spiked: false };
        let changing = now_ms < self.from_ms + CHANGE_MS;
        let addresses = read.address..read.address + read.count;
        let mut words: Vec<u16> = Vec::new();
        for address in addresses.clone() {
            words.push(self.register(address, now_ms));
        }
        match self.fault {
            Some(Fault::Silent) => none(timeout_ms, NoReply::Timeout),
            Some(Fault::Away) => none(1, NoReply::NotConnected("refused".to_owned())),
            Some(Fault::Rebooted | Fault::Swapped) if changing => {
                none(1, NoReply::NotConnected("refused".to_owned()))
            }
            Some(Fault::Slow) => match self.chance.between(100, 1_500) {
                late if late >= timeout_ms => none(timeout_ms, NoReply::Timeout),
                after_ms => Answer { after_ms, outcome: Ok(words), spiked: false },
            },
            Some(Fault::Refuses) if self.chance.one_in(2) => none(usual_ms, NoReply::Exception(6)),
            Some(Fault::Wrong) if self.chance.one_in(2) => {
                none(usual_ms, NoReply::Wrong("another transaction".to_owned()))
            }
            Some(Fault::Length) => {
                if self.chance.one_in(2) {
                    words.push(1)
                } else {
                    words.truncate(words.len() - 1)
                }
                good(words)
            }
            Some(Fault::Spikes) if addresses.contains(&1) => {
                self.odd = !self.odd;
                let spike = u16::try_from(self.chance.between(500, 1_500)).expect("small");
                words[usize::from(1 - read.address)] =
                    if self.odd { spike } else { words[usize::from(1 - read.address)] };
                Answer { after_ms: usual_ms, outcome: Ok(words), spiked: self.odd }
            }
            Some(_) | None => good(words),
        }
    }
}
