//! One device: when to ask for what, and what came of it.
//!
//! One request is open at a time. While it is, polls that come due wait; those whose next one comes due
//! meanwhile are skipped, counted and told as a gap, never queued (LAW-07, LAW-10).

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{ModbusRules, Profile};
use cellwatch_model::{Cause, Mono, Reading, Words};

use smallvec::SmallVec;

use super::believe::{Believer, Mark, READS_MAX, Restarted, agreed, settled};
use super::figures::{Counters, Times};
use super::gap::{GapCause, GapSaid, Gaps};
use super::histogram::Spread;
use super::line::ScanChange;
use super::link::{Link, LinkChange};
use super::opcua::UaSaid;
use super::schedule::{Due, Schedule};
use super::sign::{Sign, cause, sign};
use super::{Block, decode, plan};
use crate::door::{DeviceId, DeviceSetup, NoReply, Output, Read, RequestId};

/// A device.
#[derive(Debug)]
pub(crate) struct Device {
    id: DeviceId,
    name: String,
    modbus_unit: u8,
    line: usize,
    /// Others are asked on its line too.
    shares: bool,
    /// Its line only retries it.
    off_scan: bool,
    profile: Arc<Profile>,
    schedule: Schedule,
    /// The blocks with what the device is known by.
    mark_blocks: Vec<(Mark, usize)>,
    open: Option<Open>,
    /// A poll that goes on with another read of the same block.
    again: Option<Poll>,
    link: Link,
    believer: Believer,
    gaps: Gaps,
    counters: Counters,
    times: Times,
    /// When the last request ended, and when the last one failed.
    free_since: Mono,
    failed_at: Option<Mono>,
    said: Vec<DeviceSaid>,
}

/// A request on its way.
#[derive(Debug)]
struct Open {
    request: RequestId,
    asked: Mono,
    poll: Poll,
}

/// A poll: one read, or several in a row of a guarded block.
#[derive(Debug)]
struct Poll {
    block: usize,
    /// The poll before which the identity is asked for: without an answer it has failed too.
    before: Option<usize>,
    reads: Vec<Vec<u16>>,
}

/// Something of a device for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeviceSaid {
    /// It began or ceased to answer.
    Link(LinkChange),
    /// Polls were not made.
    Gap(GapSaid),
    /// Its line only retries it from now on, or asks it at its own pace again.
    Scan(ScanChange),
    /// It started again without saying so.
    Restarted(Restarted),
    /// Something of its session with an OPC UA server.
    OpcUa(UaSaid),
}

impl Device {
    pub(crate) fn new(id: DeviceId, setup: &DeviceSetup, now: Mono) -> Self {
        let profile = Arc::clone(&setup.profile);
        let schedule = Schedule::new(id.0, plan(&profile.parameters, &profile.modbus), now)
            .with_spares(&profile.parameters, &profile.modbus);
        let marks = profile.parameters.iter().enumerate().filter_map(|(index, parameter)| {
            Some((Mark::told_by(parameter)?, schedule.serving(index)?))
        });
        let mark_blocks = marks.collect();
        Self {
            id,
            name: setup.id.clone(),
            modbus_unit: setup.modbus_unit,
            line: setup.line,
            shares: false,
            off_scan: false,
            mark_blocks,
            believer: Believer::new(&profile, 0),
            profile,
            schedule,
            open: None,
            again: None,
            link: Link::default(),
            gaps: Gaps::default(),
            counters: Counters::default(),
            times: Times::default(),
            free_since: now,
            failed_at: None,
            said: Vec::new(),
        }
    }

    pub(crate) const fn counters(&self) -> Counters {
        self.counters
    }

    /// Jitter and round trip since the last call.
    pub(crate) fn take_times(&mut self) -> [(&'static str, Option<Spread>); 2] {
        self.times.take()
    }

    /// True where it tells its time.
    pub(crate) const fn has_clock(&self) -> bool {
        self.believer.has_clock()
    }

    /// By how much the monotonic time is ahead of the device's, nanoseconds; none where it said nothing since the last call.
    pub(crate) const fn take_clock(&mut self) -> Option<i128> {
        self.believer.clock().take()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn answers(&self) -> Option<bool> {
        self.link.answers()
    }

    /// What is for the record since the last call.
    pub(crate) fn take_said(&mut self) -> Vec<DeviceSaid> {
        std::mem::take(&mut self.said)
    }

    /// Names of the parameters that these blocks serve.
    pub(crate) fn parameters_of<'d>(
        &'d self,
        blocks: impl IntoIterator<Item = &'d usize>,
    ) -> impl Iterator<Item = &'d str> {
        let blocks = blocks.into_iter().map(|block| self.schedule.block(*block));
        blocks.flat_map(|block| &block.parameters).map(|one| &*self.profile.parameters[*one].name)
    }

    /// What the Master File in force says of the device.
    pub(crate) fn master_file(&mut self, file: &MasterFile) {
        self.believer.master_file(file, &self.profile);
    }

    /// Others are asked on its line too.
    pub(crate) const fn shares_its_line(&mut self) {
        self.shares = true;
    }

    /// Index of its line.
    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    /// Its line only retries it, or asks it at its own pace again.
    pub(crate) fn scan(&mut self, change: ScanChange) {
        self.off_scan = change == ScanChange::OffScan;
        self.said.push(DeviceSaid::Scan(change));
    }

    /// The next poll; none while a request is open.
    pub(crate) fn next_poll(&self) -> Option<Mono> {
        match (&self.open, &self.again) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(self.free_since),
            (None, None) => self.schedule.next(),
        }
    }

    /// When [`Self::elapse`] is due: the end of a gap.
    pub(crate) fn next_elapse(&self) -> Option<Mono> {
        self.gaps.next_deadline()
    }

    /// The next poll, none while a request is open; or the end of a gap.
    #[cfg(test)]
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.next_poll().into_iter().chain(self.next_elapse()).min()
    }

    /// Ends gaps that are over.
    pub(crate) fn elapse(&mut self, now: Mono) {
        if self.gaps.next_deadline().is_some_and(|due| due <= now) {
            self.said.extend(self.gaps.elapse(now).into_iter().map(DeviceSaid::Gap));
        }
    }

    /// Tells what is open: the agent ends.
    pub(crate) fn end(&mut self) {
        self.said.extend(self.gaps.end().into_iter().map(DeviceSaid::Gap));
    }

    /// The request that is due, the longest overdue first.
    pub(crate) fn poll(&mut self, now: Mono, next_request: &mut u64) -> Option<Output> {
        if self.open.is_some() {
            return None;
        }
        let poll = match self.again.take() {
            Some(poll) => {
                self.counters.rereads += 1;
                poll
            }
            None => self.begin(now)?,
        };
        *next_request += 1;
        let request = RequestId(*next_request);
        let block = self.schedule.block(poll.block);
        let Block { table, address, count, .. } = *block;
        let modbus_unit = self.modbus_unit;
        let instead = self.schedule.spare(poll.block).map(|(address, count)| Read {
            modbus_unit,
            table,
            address,
            count,
        });
        self.open = Some(Open { request, asked: now, poll });
        let ModbusRules { timeout_ms, max_lateness_ms, .. } = self.profile.modbus;
        let (line, device) = (self.line, self.id);
        let read = Read { modbus_unit, table, address, count };
        Some(Output::Request { line, device, request, read, instead, timeout_ms, max_lateness_ms })
    }

    /// Begins the poll that is due; that of the identity comes before it where that must be known.
    fn begin(&mut self, now: Mono) -> Option<Poll> {
        let block = self.schedule.first_due(now)?;
        let mut wanted =
            self.mark_blocks.iter().filter(|(mark, _)| self.believer.wants(*mark, now));
        if let Some((_, first)) = wanted.find(|(_, first)| *first != block) {
            let first = *first;
            self.counters.polls += 1;
            return Some(Poll { block: first, before: Some(block), reads: Vec::new() });
        }
        self.take_due(block, now);
        Some(Poll { block, before: None, reads: Vec::new() })
    }

    /// Counts a poll that is made now, and tells those that were skipped.
    fn take_due(&mut self, block: usize, now: Mono) {
        let Due { block, due, skipped } = self.schedule.take(block, now);
        self.counters.polls += 1;
        self.times.asked(due, now);
        let Some(skipped) = skipped else { return };
        self.counters.skipped += skipped.polls;
        let failed = self.failed_at.is_some_and(|failed| failed >= skipped.first);
        let cause = if failed || self.off_scan {
            GapCause::NotAnswering
        } else if self.free_since > skipped.first {
            GapCause::TooSlow
        } else if self.shares {
            GapCause::LineBusy
        } else {
            GapCause::AgentLate
        };
        let told = self.gaps.skip(cause, block, skipped, now);
        self.said.extend(told.map(DeviceSaid::Gap));
    }

    /// What a reply says of the block's parameters, by their index in the profile. A reply to another
    /// request than the open one is nobody's (LAW-01).
    pub(crate) fn reply(
        &mut self,
        request: RequestId,
        outcome: &Result<Vec<u16>, NoReply>,
        now: Mono,
    ) -> Vec<(usize, Reading)> {
        let Some(open) = self.open.take_if(|open| open.request == request) else {
            self.counters.strays += 1;
            return Vec::new();
        };
        self.free_since = now;
        let at = now.floor_ms();
        let expected = usize::from(self.schedule.block(open.poll.block).count);
        let checked = match outcome {
            Ok(words) if words.len() != expected => {
                let text = format!("{} registers came, {expected} were asked for", words.len());
                &Err(NoReply::Wrong(text))
            }
            Ok(_) | Err(_) => outcome,
        };
        let seen = self.link.outcome(checked, self.profile.modbus.timeout_ms, now);
        if seen.came_up {
            self.believer.came_up(at);
        }
        if seen.went_down {
            self.believer.went_down();
        }
        self.said.extend(seen.change.map(DeviceSaid::Link));
        if sign(checked) == Sign::Answers {
            self.times.answered(open.asked, now);
        }
        let mut readings = match checked {
            Ok(words) => match self.complete(open.poll, words, at) {
                Some(readings) => readings,
                None => return Vec::new(),
            },
            Err(no_reply) => {
                let answered = sign(checked) == Sign::Answers;
                self.failed(&open.poll, cause(no_reply), answered, now)
            }
        };
        let restarted = self.believer.believe(&mut readings, at);
        self.said.extend(restarted.map(DeviceSaid::Restarted));
        readings
    }

    /// Readings of a poll that was answered; none if it goes on with another read.
    fn complete(
        &mut self,
        mut poll: Poll,
        words: &[u16],
        at: Mono,
    ) -> Option<Vec<(usize, Reading)>> {
        poll.reads.push(words.to_vec());
        let block = self.schedule.block(poll.block);
        let of = |parameter: usize| {
            let known = &self.profile.parameters[parameter];
            let from = usize::from(known.address - block.address);
            let range = from..from + usize::from(known.width());
            let reads = poll.reads.iter().map(|read| &read[range.clone()]);
            (known, reads.collect::<SmallVec<[&[u16]; READS_MAX]>>())
        };
        let is_settled = |parameter: &usize| {
            let (known, reads) = of(*parameter);
            settled(known, &reads)
        };
        let goes_on = block.guarded && poll.reads.len() < READS_MAX;
        if goes_on && !block.parameters.iter().all(is_settled) {
            self.again = Some(poll);
            return None;
        }
        let read = |parameter: &usize| {
            let (known, reads) = of(*parameter);
            let last = *reads.last()?;
            let reading = match agreed(known, &reads) {
                _ if !block.guarded => decode(known, last, at),
                Some(words) => decode(known, words, at),
                None => Reading::none(Cause::Torn, last.into(), at),
            };
            Some((*parameter, reading))
        };
        let readings = block.parameters.iter().filter_map(read).collect();
        self.counters.replies += 1;
        Some(readings)
    }

    /// Readings of a poll that failed; with no answer at all, so has the poll that waited for it.
    fn failed(
        &mut self,
        poll: &Poll,
        cause: Cause,
        answered: bool,
        now: Mono,
    ) -> Vec<(usize, Reading)> {
        let mut blocks = vec![poll.block];
        if !answered {
            self.failed_at = Some(now);
            if let Some(before) = poll.before {
                self.take_due(before, now);
                blocks.push(before);
            }
        }
        let polls = blocks.len() as u64;
        if cause == Cause::Timeout {
            self.counters.timeouts += polls;
        } else {
            self.counters.errors += polls;
        }
        let parameters = blocks.iter().flat_map(|block| &self.schedule.block(*block).parameters);
        let none = Reading::none(cause, Words::new(), now.floor_ms());
        parameters.map(|parameter| (*parameter, none.clone())).collect()
    }
}
