//! One device: when to ask for what, and what came of it.
//!
//! Each block has its own drift-free schedule. One request is open at a time; while a device does not
//! answer, polls that come due are skipped and counted, never queued (LAW-07, LAW-10).

use std::sync::Arc;

use cellwatch_config::profile::Profile;
use cellwatch_model::{Cause, Mono, Reading};

use super::{Block, decode, plan};
use crate::door::{DeviceId, DeviceSetup, NoReply, Output, Read, RequestId};

/// First polls are spread over this much of their period, so that devices do not burst together.
const SPREAD: u64 = 8;

/// A device.
#[derive(Debug)]
pub(crate) struct Device {
    id: DeviceId,
    name: String,
    modbus_unit: u8,
    profile: Arc<Profile>,
    blocks: Vec<Scheduled>,
    open: Option<(RequestId, usize)>,
    answers: Option<bool>,
    counters: Counters,
}

#[derive(Debug)]
struct Scheduled {
    block: Block,
    due: Mono,
}

/// What became of polls since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) polls: u64,
    pub(crate) replies: u64,
    pub(crate) timeouts: u64,
    pub(crate) errors: u64,
    pub(crate) skipped: u64,
}

/// The device began or ceased to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkChange {
    pub(crate) device: String,
    pub(crate) up: bool,
    pub(crate) cause: String,
}

impl Device {
    pub(crate) fn new(id: DeviceId, setup: &DeviceSetup, now: Mono) -> Self {
        let blocks = plan(&setup.profile.parameters, &setup.profile.modbus);
        let spread_ms = |index: usize, period_ms: u64| {
            (u64::from(id.0) * 7 + index as u64) % SPREAD * period_ms / SPREAD / 2
        };
        let blocks = blocks.into_iter().enumerate();
        let blocks = blocks
            .map(|(index, block)| Scheduled {
                due: now.floor_ms().plus_ms(spread_ms(index, block.period_ms)),
                block,
            })
            .collect();
        Self {
            id,
            name: setup.id.clone(),
            modbus_unit: setup.modbus_unit,
            profile: Arc::clone(&setup.profile),
            blocks,
            open: None,
            answers: None,
            counters: Counters::default(),
        }
    }

    pub(crate) const fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn answers(&self) -> Option<bool> {
        self.answers
    }

    /// The next poll; none while a request is open.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        if self.open.is_some() {
            return None;
        }
        self.blocks.iter().map(|scheduled| scheduled.due).min()
    }

    /// The request that is due, the longest overdue first.
    pub(crate) fn poll(&mut self, now: Mono, next_request: &mut u64) -> Option<Output> {
        if self.open.is_some() {
            return None;
        }
        let due = self.blocks.iter_mut().enumerate().filter(|(_, one)| one.due <= now);
        let (index, scheduled) = due.min_by_key(|(index, one)| (one.due, *index))?;
        let period_ms = scheduled.block.period_ms;
        let late_periods = now.ms_since(scheduled.due) / period_ms;
        self.counters.skipped += late_periods;
        scheduled.due = scheduled.due.plus_ms((late_periods + 1) * period_ms);
        self.counters.polls += 1;
        *next_request += 1;
        let request = RequestId(*next_request);
        self.open = Some((request, index));
        let Block { table, address, count, .. } = scheduled.block;
        Some(Output::Request {
            device: self.id,
            request,
            read: Read { modbus_unit: self.modbus_unit, table, address, count },
            timeout_ms: self.profile.modbus.timeout_ms,
        })
    }

    /// What a reply says of the block's parameters, by their index in the profile. A reply to another
    /// request than the open one is nobody's (LAW-01).
    pub(crate) fn reply(
        &mut self,
        request: RequestId,
        outcome: &Result<Vec<u16>, NoReply>,
        at: Mono,
    ) -> (Vec<(usize, Reading)>, Option<LinkChange>) {
        let Some((_, index)) = self.open.take_if(|(open, _)| *open == request) else {
            self.counters.errors += 1;
            return (Vec::new(), None);
        };
        let block = &self.blocks[index].block;
        let whole = outcome.as_ref().map_err(cause_of).and_then(|words| {
            let complete = words.len() == usize::from(block.count);
            if complete { Ok(words.as_slice()) } else { Err(Cause::WrongReply) }
        });
        let readings = block.parameters.iter().map(|parameter| {
            let known = &self.profile.parameters[*parameter];
            let reading = match whole {
                Ok(words) => {
                    let from = usize::from(known.address - block.address);
                    decode(known, &words[from..from + usize::from(known.width())], at)
                }
                Err(cause) => Reading::none(cause, Vec::new(), at),
            };
            (*parameter, reading)
        });
        let readings = readings.collect();
        match whole {
            Ok(_) => self.counters.replies += 1,
            Err(Cause::Timeout) => self.counters.timeouts += 1,
            Err(_) => self.counters.errors += 1,
        }
        (readings, self.link_change(outcome))
    }

    /// A device that refuses with an exception answers all the same.
    fn link_change(&mut self, outcome: &Result<Vec<u16>, NoReply>) -> Option<LinkChange> {
        let (up, cause) = match outcome {
            Ok(_) => (true, String::new()),
            Err(NoReply::Exception(code)) => (true, format!("Modbus exception {code}")),
            Err(NoReply::Timeout) => {
                (false, format!("no answer within {} ms", self.profile.modbus.timeout_ms))
            }
            Err(NoReply::NotConnected(cause)) => (false, format!("not connected: {cause}")),
            Err(NoReply::Wrong(cause)) => (false, format!("wrong reply: {cause}")),
        };
        if self.answers.replace(up) == Some(up) {
            return None;
        }
        Some(LinkChange { device: self.name.clone(), up, cause })
    }
}

const fn cause_of(no_reply: &NoReply) -> Cause {
    match no_reply {
        NoReply::NotConnected(_) => Cause::NoCommunication,
        NoReply::Timeout => Cause::Timeout,
        NoReply::Wrong(_) => Cause::WrongReply,
        NoReply::Exception(_) => Cause::DeviceException,
    }
}
