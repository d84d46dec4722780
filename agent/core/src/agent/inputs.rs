//! One function for each input that is more than a hand-over.

use std::sync::Arc;

use cellwatch_model::{Clock, Now};
use cellwatch_record::{Datum, EventKind, Receipt};

use super::Agent;
use crate::door::{BrokerInput, NoReply, Output, RequestId};
use crate::evaluate::{BROKER, CLOCK, CLOCK_STEP};
use crate::journal::{Context, Said};
use crate::publish::Receipted;

/// The wall clock has stepped if it moved against the monotonic clock by more than this between two looks, nanoseconds.
const CLOCK_STEP_NS: u64 = 500_000_000;

impl Agent {
    pub(super) fn reply(
        &mut self,
        device: usize,
        request: RequestId,
        outcome: &Result<Vec<u16>, NoReply>,
        now: Now,
    ) {
        let Some(machine) = self.devices.get_mut(device) else { return };
        let readings = machine.reply(request, outcome, now.mono);
        if let Some(line) = self.lines.get_mut(machine.line())
            && let Some(change) = line.replied(request, outcome, now.mono)
        {
            machine.scan(change);
        }
        self.say_device(device, now);
        if let Some((unit, first)) = self.places[device] {
            let readings = readings.into_iter().map(|(index, one)| (first + index, one)).collect();
            let said = self.units[unit].readings(readings, now);
            self.unit_said(unit, said, now);
            self.batches_changed(now);
        }
    }

    pub(super) fn clock(&mut self, clock: Clock, now: Now) {
        let at = now.mono.floor_ms();
        let offset_ns = now.utc.0.saturating_sub_unsigned(now.mono.0);
        let step_ns = self.offset_ns.replace(offset_ns).map(|before| offset_ns - before);
        if let Some(step_ns) = step_ns.filter(|step_ns| step_ns.unsigned_abs() > CLOCK_STEP_NS) {
            let text = format!("the wall clock stepped by {} ms", step_ns / 1_000_000);
            let said = Said::new(EventKind::ClockStep, at, text).with("step_us", step_ns / 1000);
            self.cut_frames(now);
            self.recorder.record(said.into(), Context::default(), now);
            self.momentary(CLOCK_STEP, format!("by {} ms", step_ns / 1_000_000), now);
        }
        if clock.sync != self.clock.sync {
            let text = format!("the clock was {}, is {}", self.clock.sync, clock.sync);
            let said = Said::new(EventKind::ClockState, at, text)
                .with("from", self.clock.sync.to_string())
                .with("to", clock.sync.to_string());
            self.recorder.record(said.into(), Context::default(), now);
        }
        self.clock = clock;
        self.condition(
            CLOCK,
            !clock.sync.is_trusted(),
            Some(format!("the clock is {}", clock.sync)),
            now,
        );
        self.activate(now);
        self.judge_expiry(now);
    }

    /// Cuts the frames of all units.
    pub(super) fn cut_frames(&mut self, now: Now) {
        for unit in 0..self.units.len() {
            let frame = self.units[unit].cut().into_iter().collect();
            self.unit_said(unit, frame, now);
        }
    }

    pub(super) fn durable(&mut self, records: Vec<(u64, Arc<[u8]>)>, now: Now) {
        if let Some((seq, _)) = records.last() {
            self.recorder.durable_through(*seq);
            self.progress.durable = now.mono;
        }
        self.outbox.durable(records);
        self.offer_summaries(now);
    }

    pub(super) fn broker(&mut self, input: &BrokerInput, now: Now) {
        let was_up = self.outbox.is_up();
        let came_up = self.outbox.broker(input, now.mono);
        let at = now.mono.floor_ms();
        if came_up {
            self.offer_presence(now);
            self.offer_all_alarms(now);
            self.next_values = now.mono;
            self.progress.receipt = now.mono;
        }
        let said = match input {
            BrokerInput::Up { .. } => Said::new(EventKind::Broker, at, "connected to the broker")
                .with("up", Datum::Bool(true)),
            BrokerInput::Down(cause) if was_up => {
                let text = format!("the broker is away: {cause}");
                Said::new(EventKind::Broker, at, text)
                    .with("up", Datum::Bool(false))
                    .with("cause", cause.clone())
            }
            BrokerInput::Down(_) | BrokerInput::Sent(_) | BrokerInput::Acknowledged { .. } => {
                return;
            }
        };
        self.recorder.record(said.into(), Context::default(), now);
        let note = match input {
            BrokerInput::Down(cause) => Some(cause.clone()),
            BrokerInput::Up { .. } | BrokerInput::Sent(_) | BrokerInput::Acknowledged { .. } => {
                None
            }
        };
        self.condition(BROKER, note.is_some(), note, now);
    }

    pub(super) fn receipt(&mut self, receipt: &Receipt, now: Now) {
        match self.outbox.receipt(receipt, now.mono) {
            Receipted::Through(through) => {
                self.progress.receipt = now.mono;
                self.progress.received = Some(now.mono);
                self.outputs.push_back(Output::KeepReceipt { through });
            }
            Receipted::Same => {}
            Receipted::NotOurs(reason) => {
                let text = format!("a receipt was refused: {reason}");
                let said = Said::new(EventKind::Security, now.mono.floor_ms(), text)
                    .with("what", "receipt")
                    .with("through", receipt.through);
                self.recorder.record(said.into(), Context::default(), now);
            }
        }
    }

    pub(super) fn stop(&mut self, now: Now) {
        self.cut_frames(now);
        for device in 0..self.devices.len() {
            self.devices[device].end();
            self.say_device(device, now);
        }
        let said = Said::new(EventKind::Stop, now.mono.floor_ms(), "cellwatch ended");
        self.recorder.record(said.into(), Context::default(), now);
        self.stopping = true;
        if let Some(append) = self.recorder.flush() {
            self.outbox.appended(&append);
            self.outputs.push_back(Output::Append(append));
        }
        self.outputs.push_back(Output::Stopped);
    }
}
