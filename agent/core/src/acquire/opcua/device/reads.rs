//! Reads beside a subscription: what was published before a read is taken before it.
//!
//! A subscription publishes together what changed within an interval; a read of the same moment overtakes it. Taken as it
//! comes, the read would make older ones of samples that are in time. So it waits for the notification that leaves the
//! server after it, or as long as that may take.

use std::collections::BTreeMap;

use cellwatch_model::{Mono, Reading, Utc};

use super::{UaDevice, freeze};
use crate::acquire::DeviceSaid;
use crate::acquire::opcua::encode::reading;
use crate::acquire::opcua::newest::{LATE_MS, ReadOrder, time};
use crate::acquire::opcua::possible::{IMPOSSIBLE, is_possible};
use crate::acquire::opcua::said::UaSaid;
use crate::door::{NoReply, RequestId, UaSample};

/// What was read and waits.
#[derive(Debug)]
pub(super) struct Held {
    /// By index in the profile.
    samples: BTreeMap<usize, UaSample>,
    asked: Mono,
    at: Mono,
    /// No longer than this.
    pub(super) until: Mono,
}

impl UaDevice {
    pub(super) fn read(
        &mut self,
        request: RequestId,
        outcome: Result<Vec<UaSample>, NoReply>,
        now: Mono,
    ) -> Vec<(usize, Reading)> {
        let Some((_, asked)) = self.open.take_if(|(open, _)| *open == request) else {
            self.counters.strays += 1;
            return Vec::new();
        };
        let at = now.floor_ms();
        let parameters = self.profile.parameters.len();
        let samples = match outcome {
            Ok(samples) if !samples.iter().all(is_possible) => {
                return self.failed(NoReply::Wrong(IMPOSSIBLE.to_owned()), now);
            }
            Ok(samples) if is_whole(&samples, parameters) => samples,
            Ok(samples) => {
                let text = format!("{} values came, {parameters} were asked for", samples.len());
                return self.failed(NoReply::Wrong(text), now);
            }
            Err(no_reply) => return self.failed(no_reply, now),
        };
        let mut readings = self.release(now);
        let seen = self.link.outcome(&Ok(Vec::new()), self.profile.opcua.timeout_ms, now);
        if seen.came_up {
            self.believer.came_up(at);
        }
        self.said.extend(seen.change.map(DeviceSaid::Link));
        self.times.answered(asked, now);
        self.counters.replies += 1;
        let until = now.plus_ms(self.publishing_ms + LATE_MS);
        let samples = samples.into_iter().map(|sample| (sample.parameter, sample)).collect();
        self.held = Some(Held { samples, asked, at, until });
        if self.subscription.is_none() {
            readings.extend(self.release(now));
        }
        readings
    }

    /// What waits is taken now.
    pub(super) fn release(&mut self, now: Mono) -> Vec<(usize, Reading)> {
        let readings = self.read_where(|_| true);
        if readings.is_empty() {
            return Vec::new();
        }
        self.see_unpublished(now);
        self.believe(readings, now.floor_ms())
    }

    /// What was read of the parameter before this sample came about.
    pub(super) fn read_before(&mut self, published: &UaSample) -> Vec<(usize, Reading, bool)> {
        self.read_where(|sample| {
            sample.parameter == published.parameter && time(sample) < time(published)
        })
    }

    /// What was read before a notification left the server; all where the server does not say when.
    pub(super) fn read_until(
        &mut self,
        at_server: Option<Utc>,
        now: Mono,
    ) -> Vec<(usize, Reading, bool)> {
        let readings = self.read_where(|sample| {
            at_server.is_none() || sample.server.or(sample.source) <= at_server
        });
        self.see_unpublished(now);
        readings
    }

    /// Reads that find what is not published for too long: the session is made anew.
    fn see_unpublished(&mut self, now: Mono) {
        let for_ms = 2 * self.publishing_ms + LATE_MS;
        let unpublished = self.newest.iter().position(|one| one.is_unpublished(for_ms, now));
        if let Some(parameter) = unpublished.filter(|_| self.subscription.is_some()) {
            let name = &self.profile.parameters[parameter].name;
            self.reconnect =
                Some(format!("reads find changes of {name} that its subscription does not bring"));
            self.say(UaSaid::Unpublished { parameter });
        }
    }

    fn read_where(&mut self, is_due: impl Fn(&UaSample) -> bool) -> Vec<(usize, Reading, bool)> {
        let Some(mut held) = self.held.take() else { return Vec::new() };
        let due = held.samples.extract_if(.., |_, sample| is_due(sample));
        let due: Vec<UaSample> = due.map(|(_, sample)| sample).collect();
        let readings = due.iter().map(|sample| self.take_read(sample, held.asked, held.at));
        let readings = readings.collect();
        if !held.samples.is_empty() {
            self.held = Some(held);
        }
        readings
    }

    fn take_read(&mut self, sample: &UaSample, asked: Mono, at: Mono) -> (usize, Reading, bool) {
        let newest = &mut self.newest[sample.parameter];
        let is_late = newest.read(sample, asked, at) == ReadOrder::Overtaken;
        let mut reading = reading(&self.profile.parameters[sample.parameter], sample, at);
        let stands_still = newest.stands_still(sample);
        if self.profile.opcua.source_time_advances && stands_still {
            freeze(&mut reading);
        }
        (sample.parameter, reading, is_late)
    }
}

/// One sample for each parameter, in their order.
fn is_whole(samples: &[UaSample], parameters: usize) -> bool {
    samples.len() == parameters
        && samples.iter().enumerate().all(|(index, sample)| sample.parameter == index)
}
