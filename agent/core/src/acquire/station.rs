//! A device, however it is asked.

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::{Mono, Reading};

use super::figures::Counters;
use super::histogram::Spread;
use super::line::ScanChange;
use super::opcua::UaDevice;
use super::{Device, DeviceSaid};
use crate::door::{DeviceId, DeviceSetup, NoReply, Output, RequestId, UaInput};

/// A device.
#[derive(Debug)]
pub(crate) enum Station {
    /// Over Modbus, on a line.
    Modbus(Box<Device>),
    /// Over OPC UA, in a session of its own.
    OpcUa(Box<UaDevice>),
}

impl Station {
    pub(crate) fn new(id: DeviceId, setup: &DeviceSetup, now: Mono) -> Self {
        match setup.opcua {
            Some(opcua) => Self::OpcUa(Box::new(UaDevice::new(id, setup, opcua, now))),
            None => Self::Modbus(Box::new(Device::new(id, setup, now))),
        }
    }

    /// What became of polls.
    pub(crate) const fn counters(&self) -> Counters {
        match self {
            Self::Modbus(device) => device.counters(),
            Self::OpcUa(device) => device.counters(),
        }
    }

    /// Jitter and round trip since the last call.
    pub(crate) fn take_times(&mut self) -> [(&'static str, Option<Spread>); 2] {
        match self {
            Self::Modbus(device) => device.take_times(),
            Self::OpcUa(device) => device.take_times(),
        }
    }

    /// True where it tells its time: each server on OPC UA does.
    pub(crate) const fn has_clock(&self) -> bool {
        match self {
            Self::Modbus(device) => device.has_clock(),
            Self::OpcUa(_) => true,
        }
    }

    /// By how much the monotonic time is ahead of the device's, nanoseconds; none where it said nothing since the last call.
    pub(crate) const fn take_clock(&mut self) -> Option<i128> {
        match self {
            Self::Modbus(device) => device.take_clock(),
            Self::OpcUa(device) => device.take_clock(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Modbus(device) => device.name(),
            Self::OpcUa(device) => device.name(),
        }
    }

    /// True if it answers; none while that is not known.
    pub(crate) const fn answers(&self) -> Option<bool> {
        match self {
            Self::Modbus(device) => device.answers(),
            Self::OpcUa(device) => device.answers(),
        }
    }

    /// What is for the record since the last call.
    pub(crate) fn take_said(&mut self) -> Vec<DeviceSaid> {
        match self {
            Self::Modbus(device) => device.take_said(),
            Self::OpcUa(device) => device.take_said(),
        }
    }

    /// Names of the parameters that a gap in these blocks is about.
    pub(crate) fn parameters_of<'d>(
        &'d self,
        blocks: impl IntoIterator<Item = &'d usize>,
    ) -> Vec<&'d str> {
        match self {
            Self::Modbus(device) => device.parameters_of(blocks).collect(),
            Self::OpcUa(_) => (0..).map_while(|index| self.parameter(index)).collect(),
        }
    }

    /// Name of a parameter of a device on OPC UA, by its index in the profile.
    pub(crate) fn parameter(&self, index: usize) -> Option<&str> {
        match self {
            Self::Modbus(_) => None,
            Self::OpcUa(device) => device.parameters().get(index).map(|one| one.name.as_str()),
        }
    }

    /// What the Master File in force says of the device.
    pub(crate) fn master_file(&mut self, file: &MasterFile) {
        match self {
            Self::Modbus(device) => device.master_file(file),
            Self::OpcUa(device) => device.master_file(file),
        }
    }

    /// Others are asked on its line too.
    pub(crate) const fn shares_its_line(&mut self) {
        if let Self::Modbus(device) = self {
            device.shares_its_line();
        }
    }

    /// Index of its line.
    pub(crate) const fn line(&self) -> usize {
        match self {
            Self::Modbus(device) => device.line(),
            Self::OpcUa(device) => device.line(),
        }
    }

    /// Its line only retries it, or asks it at its own pace again.
    pub(crate) fn scan(&mut self, change: ScanChange) {
        if let Self::Modbus(device) = self {
            device.scan(change);
        }
    }

    /// When its line may ask it next; none while a request is open, and for one that has no line.
    pub(crate) fn next_poll(&self) -> Option<Mono> {
        match self {
            Self::Modbus(device) => device.next_poll(),
            Self::OpcUa(_) => None,
        }
    }

    /// When [`Self::elapse`] is due.
    pub(crate) fn next_elapse(&self) -> Option<Mono> {
        match self {
            Self::Modbus(device) => device.next_elapse(),
            Self::OpcUa(device) => device.next_deadline(),
        }
    }

    /// Does what is due by itself.
    pub(crate) fn elapse(
        &mut self,
        now: Mono,
        next_request: &mut u64,
    ) -> (Option<Output>, Vec<(usize, Reading)>) {
        match self {
            Self::Modbus(device) => {
                device.elapse(now);
                (None, Vec::new())
            }
            Self::OpcUa(device) => device.elapse(now, next_request),
        }
    }

    /// Tells what is open: the agent ends.
    pub(crate) fn end(&mut self) {
        match self {
            Self::Modbus(device) => device.end(),
            Self::OpcUa(device) => device.end(),
        }
    }

    /// The request that is due, where its line asks it.
    pub(crate) fn poll(&mut self, now: Mono, next_request: &mut u64) -> Option<Output> {
        match self {
            Self::Modbus(device) => device.poll(now, next_request),
            Self::OpcUa(_) => None,
        }
    }

    /// What a reply says; one to a device that was not asked so says nothing.
    pub(crate) fn reply(
        &mut self,
        request: RequestId,
        outcome: &Result<Vec<u16>, NoReply>,
        now: Mono,
    ) -> Vec<(usize, Reading)> {
        match self {
            Self::Modbus(device) => device.reply(request, outcome, now),
            Self::OpcUa(_) => Vec::new(),
        }
    }

    /// What its session says.
    pub(crate) fn opcua(&mut self, input: UaInput, now: Mono) -> Vec<(usize, Reading)> {
        match self {
            Self::Modbus(_) => Vec::new(),
            Self::OpcUa(device) => device.handle(input, now),
        }
    }
}
