//! Devices on OPC UA: what their sessions say, and what is for the record.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind};

use super::Agent;
use crate::acquire::{Slower, Station, UaSaid};
use crate::door::{UaInput, UaShort};
use crate::journal::Said;

/// Most parameters that a text names; an event's list has all of them (LAW-10).
const NAMED_MAX: usize = 8;

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
        UaSaid::Unwatched { from, to: None } => {
            let text = format!("device {name} is not watched: it has no OPC UA subscription");
            gap(machine, text, "no-subscription", all(machine), (from, None), at)
        }
        UaSaid::Unwatched { from, to: Some(to) } => {
            let lost_ms = to.ms_since(from);
            let text = format!(
                "device {name} was not watched for {lost_ms} ms: it had no OPC UA subscription"
            );
            gap(machine, text, "no-subscription", all(machine), (from, Some(to)), at)
        }
        UaSaid::ValuesLost { parameters, samples, from, to } => {
            let of: Vec<String> = parameters.into_iter().map(parameter).collect();
            let text = format!(
                "device {name}: the server's queue lost values of {}: make queue_size larger or publishing_ms shorter",
                listed(&of, ", ")
            );
            gap(machine, text, "queue-overflow", of, (from, Some(to)), at).with("samples", samples)
        }
        UaSaid::MessagesLost { messages, from, to } => {
            let text = format!("device {name}: {messages} notifications of the server are missing");
            gap(machine, text, "notifications-missing", all(machine), (from, Some(to)), at)
                .with("messages", messages)
        }
        UaSaid::GrantsLess { slower, shortfalls } => {
            let slower = slower.map(|Slower { asked_ms, granted_ms }| {
                format!("it publishes every {granted_ms} ms instead of {asked_ms} ms")
            });
            let each = shortfalls.iter().map(|one| short(&parameter(one.parameter), one.what));
            let words: Vec<String> = slower.into_iter().chain(each).collect();
            let text = format!(
                "device {name}: the server grants less than it was asked for: {}",
                listed(&words, "; ")
            );
            let of = shortfalls.iter().map(|one| Datum::from(parameter(one.parameter)));
            opcua("grants-less", text).with("parameters", Datum::List(of.collect()))
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

/// Names of all parameters.
fn all(machine: &Station) -> Vec<String> {
    (0..).map_while(|index| machine.parameter(index)).map(str::to_owned).collect()
}

/// In one text at most [`NAMED_MAX`].
fn listed(all: &[String], between: &str) -> String {
    let text = all.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(between);
    match all.len().saturating_sub(NAMED_MAX) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// Values that nobody has, from one sign of life to the next.
fn gap(
    machine: &Station,
    text: String,
    cause: &str,
    parameters: Vec<String>,
    (from, to): (Mono, Option<Mono>),
    at: Mono,
) -> Said {
    let said = Said::new(EventKind::Gap, at, text)
        .with("device", machine.name())
        .with("cause", cause)
        .with("open", Datum::Bool(to.is_none()))
        .with("parameters", Datum::List(parameters.into_iter().map(Datum::from).collect()))
        .with("from_mono_ns", from.0);
    match to {
        None => said,
        Some(to) => said.with("to_mono_ns", to.0),
    }
}

/// A shortfall in words.
fn short(parameter: &str, what: UaShort) -> String {
    match what {
        UaShort::NotMonitored { status } => {
            format!("{parameter} is not monitored (status {status:#010X}), only read")
        }
        UaShort::Queue { asked, granted } => {
            let silently = if granted < 2 { ", and says nothing where it loses some" } else { "" };
            format!("{parameter}: of {asked} values it keeps {granted}{silently}")
        }
        UaShort::Sampling { asked_ms, granted_ms } => {
            format!("{parameter}: it looks every {granted_ms} ms instead of {asked_ms} ms")
        }
    }
}
