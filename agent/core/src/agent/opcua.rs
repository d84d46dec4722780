//! Devices on OPC UA: what their sessions say, and what is for the record.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind};

use super::Agent;
use crate::acquire::{Station, UaSaid};
use crate::door::UaInput;
use crate::journal::Said;

impl Agent {
    pub(super) fn opcua(&mut self, device: usize, what: UaInput, now: Now) {
        let Some(machine) = self.devices.get_mut(device) else { return };
        let readings = machine.opcua(what, now.mono);
        self.say_device(device, now);
        if !readings.is_empty() {
            self.judge(device, readings, now);
        }
    }

    /// Does what is due of a device by itself.
    pub(super) fn device_elapse(&mut self, device: usize, now: Now) {
        let (output, readings) = self.devices[device].elapse(now.mono, &mut self.next_request);
        self.outputs.extend(output);
        self.say_device(device, now);
        if !readings.is_empty() {
            self.judge(device, readings, now);
        }
    }
}

/// What is said of a session, for the record.
pub(super) fn said(machine: &Station, said: UaSaid, at: Mono) -> Said {
    let name = machine.name();
    let parameter = |index: usize| machine.parameter(index).unwrap_or_default().to_owned();
    let opcua = |what: &str, text: String| {
        Said::new(EventKind::OpcUa, at, text).with("device", name).with("what", what)
    };
    match said {
        UaSaid::Session { session } => {
            let text = format!("device {name}: OPC UA session made: {session}");
            opcua("session", text).with("session", session)
        }
        UaSaid::Untrusted { text, thumbprint } => {
            let text = format!("device {name}: {text}");
            Said::new(EventKind::Security, at, text)
                .with("what", "opcua-certificate")
                .with("device", name)
                .with("thumbprint", thumbprint)
        }
        UaSaid::Unwatched { from, to } => {
            let text = match to {
                None => format!("device {name} is not watched: it has no OPC UA subscription"),
                Some(to) => {
                    let lost_ms = to.ms_since(from);
                    format!(
                        "device {name} was not watched for {lost_ms} ms: it had no OPC UA subscription"
                    )
                }
            };
            let said = Said::new(EventKind::Gap, at, text)
                .with("device", name)
                .with("cause", "no-subscription")
                .with("open", Datum::Bool(to.is_none()))
                .with("from_mono_ns", from.0);
            match to {
                None => said,
                Some(to) => said.with("to_mono_ns", to.0),
            }
        }
        UaSaid::ValuesLost { parameter: index, samples } => {
            let of = parameter(index);
            let text = format!(
                "device {name}: the server's queue lost values of {of}: make queue_size larger or publishing_ms shorter"
            );
            opcua("values-lost", text).with("parameter", of).with("samples", samples)
        }
        UaSaid::MessagesLost { messages } => {
            let text = format!("device {name}: {messages} notifications of the server are missing");
            opcua("messages-lost", text).with("messages", messages)
        }
        UaSaid::Unpublished { parameter: index } => {
            let of = parameter(index);
            let text = format!(
                "device {name}: reads find changes of {of} that its subscription does not bring; it is made anew"
            );
            opcua("not-published", text).with("parameter", of)
        }
        UaSaid::Silent { for_ms } => {
            let text = format!(
                "device {name}: its subscription gave no sign of life for {for_ms} ms; it is made anew"
            );
            opcua("silent", text).with("for_ms", for_ms)
        }
    }
}
