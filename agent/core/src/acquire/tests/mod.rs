//! Devices in virtual time, one by one.
#![allow(clippy::unwrap_used)]

mod believing;
mod identifying;
mod scheduling;
mod torn;

use std::sync::Arc;

use cellwatch_config::profile::{self, Profile, Table};
use cellwatch_model::{Mono, Quality, Reading};

use super::{Device, DeviceSaid};
use crate::door::{DeviceId, DeviceSetup, NoReply, Output, Read, RequestId};

/// A profile with these parameters: name, type and further keys.
fn profile(modbus: &str, parameters: &[(&str, u16, &str, &str)]) -> Profile {
    let mut text = format!(
        "[profile]\nid = \"p\"\nmodel = \"p\"\nversion = \"1\"\n[modbus]\ntimeout_ms = 900\n{modbus}\n"
    );
    for (name, address, kind, keys) in parameters {
        text += &format!(
            "[[parameter]]\nname = \"{name}\"\ntable = \"input\"\naddress = {address}\ntype = \"{kind}\"\nunit = \"1\"\n{keys}\n"
        );
    }
    profile::parse("p.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn at(ms: u64) -> Mono {
    Mono::default().plus_ms(ms)
}

/// A device with a clock.
struct Bench {
    device: Device,
    profile: Arc<Profile>,
    now_ms: u64,
    next_request: u64,
    said: Vec<DeviceSaid>,
    /// When each read was asked for.
    asked: Vec<(u64, Read)>,
}

impl Bench {
    fn new(id: u16, profile: Profile) -> Self {
        let profile = Arc::new(profile);
        let setup = DeviceSetup {
            id: format!("bx-{id}"),
            line: 0,
            modbus_unit: 1,
            opcua: None,
            profile: Arc::clone(&profile),
        };
        let device = Device::new(DeviceId(id), &setup, at(0));
        Self { device, profile, now_ms: 0, next_request: 0, said: Vec::new(), asked: Vec::new() }
    }

    /// The request that is due next, at its time.
    fn next(&mut self) -> (RequestId, Read) {
        loop {
            self.device.elapse(at(self.now_ms));
            let output = self.device.poll(at(self.now_ms), &mut self.next_request);
            self.said.extend(self.device.take_said());
            if let Some(Output::Request { request, read, .. }) = output {
                self.asked.push((self.now_ms, read));
                return (request, read);
            }
            let due = self.device.next_deadline().expect("something is always due");
            self.now_ms = self.now_ms.max(due.0.div_ceil(1_000_000));
        }
    }

    fn reply(
        &mut self,
        request: RequestId,
        after_ms: u64,
        outcome: &Result<Vec<u16>, NoReply>,
    ) -> Vec<(String, Reading)> {
        self.now_ms += after_ms;
        let readings = self.device.reply(request, outcome, at(self.now_ms));
        self.said.extend(self.device.take_said());
        let name = |index: usize| self.profile.parameters[index].name.clone();
        readings.into_iter().map(|(index, reading)| (name(index), reading)).collect()
    }

    /// Serves so many requests from `registers`, each after `after_ms`.
    fn serve(
        &mut self,
        requests: usize,
        after_ms: u64,
        mut registers: impl FnMut(u64, Table, u16) -> u16,
    ) -> Vec<(String, Reading)> {
        let mut readings = Vec::new();
        for _ in 0..requests {
            let (request, read) = self.next();
            let addresses = read.address..read.address + read.count;
            let words = addresses.map(|address| registers(self.now_ms, read.table, address));
            let words = Ok(words.collect());
            readings.extend(self.reply(request, after_ms, &words));
        }
        readings
    }
}

/// The qualities of a parameter's readings.
fn qualities(readings: &[(String, Reading)], of: &str) -> Vec<Quality> {
    let of = readings.iter().filter(|(name, _)| name == of);
    of.map(|(_, reading)| reading.quality).collect()
}
