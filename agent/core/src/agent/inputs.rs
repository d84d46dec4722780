//! One function for each input that is more than a hand-over.

use std::sync::Arc;

use cellwatch_model::{Now, Reading};
use cellwatch_record::{Datum, EventKind, Receipt};

use super::Agent;
use crate::door::{BrokerInput, NoReply, Output, RequestId};
use crate::evaluate::BROKER;
use crate::journal::{Context, Said};
use crate::publish::Receipted;

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
        self.judge(device, readings, now);
    }

    /// Hands readings of a device, by index in its profile, to its unit.
    pub(super) fn judge(&mut self, device: usize, readings: Vec<(usize, Reading)>, now: Now) {
        if let Some((unit, first)) = self.places[device] {
            let readings = readings.into_iter().map(|(index, one)| (first + index, one)).collect();
            let said = self.units[unit].readings(readings, now);
            self.unit_said(unit, said, now);
            self.batches_changed(now);
        }
    }

    /// Cuts the frames of all units.
    pub(super) fn cut_frames(&mut self, now: Now) {
        for unit in 0..self.units.len() {
            let frame = self.units[unit].cut().into_iter().collect();
            self.unit_said(unit, frame, now);
        }
    }

    pub(super) fn durable(&mut self, records: Vec<(u64, Arc<[u8]>)>, now: Now) {
        let before = self.recorder.durable();
        if let Some((seq, _)) = records.last() {
            self.recorder.durable_through(*seq);
            self.progress.durable = now.mono;
            self.gone_is_durable(before, now);
        }
        self.outbox.durable(records);
        self.prune_what_was_said();
        self.keep_what_was_lost();
        self.offer_summaries(now);
    }

    pub(super) fn broker(&mut self, input: &BrokerInput, now: Now) {
        if self.former.broker(input, now.mono) {
            return;
        }
        let was_up = self.outbox.is_up();
        let came_up = match input {
            BrokerInput::Up { receive_maximum, maximum_packet_size } => {
                let receive_maximum = self.former.leaves(*receive_maximum);
                let maximum_packet_size = *maximum_packet_size;
                self.outbox
                    .broker(&BrokerInput::Up { receive_maximum, maximum_packet_size }, now.mono)
            }
            BrokerInput::Down(_) | BrokerInput::Sent(_) | BrokerInput::Acknowledged { .. } => {
                self.outbox.broker(input, now.mono)
            }
        };
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
        if let Some(keep) = self.former.receipt(receipt, now.mono) {
            self.outputs.extend(keep);
            return;
        }
        match self.outbox.receipt(receipt, now.mono) {
            Receipted::Through(through) => {
                self.progress.receipt = now.mono;
                self.progress.received = Some(now.mono);
                self.outputs.push_back(Output::KeepReceipt { through });
                self.let_history_go(now);
            }
            Receipted::Same => {}
            Receipted::NotOurs(reason) => {
                let text = format!("a receipt was refused: {reason}");
                let said = Said::new(EventKind::Security, now.mono.floor_ms(), text)
                    .with("what", "receipt")
                    .with("through", receipt.through);
                self.recorder.record(said.into(), Context::default(), now);
                if receipt.journal == self.recorder.head().journal {
                    self.begin_journal(reason, Some(self.outbox.through() + 1), now);
                }
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
        self.darken(now.mono);
        if let Some(append) = self.recorder.flush() {
            self.outbox.appended(&append);
            self.outputs.push_back(Output::Append(append));
        }
        self.outputs.push_back(Output::Stopped);
    }
}
