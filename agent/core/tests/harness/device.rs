//! A device as a map of registers.

use std::collections::BTreeMap;

use cellwatch_core::door::{NoReply, Read};

/// How a device behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers after so many milliseconds.
    Answers(u64),
    /// Never answers.
    Silent,
    /// Refuses with an exception.
    Refuses(u8),
    /// No connection can be made.
    Away,
}

pub struct Device {
    pub registers: BTreeMap<u16, u16>,
    pub behaviour: Behaviour,
}

impl Default for Device {
    fn default() -> Self {
        let mut device = Self { registers: BTreeMap::new(), behaviour: Behaviour::Answers(4) };
        device.temperature(37.0);
        device
    }
}

impl Device {
    pub fn temperature(&mut self, celsius: f64) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.registers.insert(0, (celsius * 100.0).round() as u16);
    }

    pub fn phase(&mut self, number: u16) {
        self.registers.insert(20, number);
    }

    pub fn answer(&self, read: Read, timeout_ms: u64) -> (u64, Result<Vec<u16>, NoReply>) {
        match self.behaviour {
            Behaviour::Silent => (timeout_ms, Err(NoReply::Timeout)),
            Behaviour::Refuses(code) => (3, Err(NoReply::Exception(code))),
            Behaviour::Away => (1, Err(NoReply::NotConnected("connection refused".to_owned()))),
            Behaviour::Answers(after_ms) if after_ms >= timeout_ms => {
                (timeout_ms, Err(NoReply::Timeout))
            }
            Behaviour::Answers(after_ms) => {
                let addresses = read.address..read.address + read.count;
                let words = addresses.map(|at| self.registers.get(&at).copied().unwrap_or(0));
                (after_ms, Ok(words.collect()))
            }
        }
    }
}
