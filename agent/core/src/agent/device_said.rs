//! What devices say besides readings: their links, polls that were not made, restarts.

use cellwatch_model::{Mono, Now};
use cellwatch_record::{Datum, EventKind};

use super::Agent;
use crate::acquire::{DeviceSaid, GapSaid, LinkChange, Restarted, ScanChange};
use crate::journal::{Context, Said};

impl Agent {
    /// Records what a device says, under its unit.
    pub(super) fn say_device(&mut self, device: usize, now: Now) {
        let machine = &mut self.devices[device];
        for said in machine.take_said() {
            let machine = &self.devices[device];
            let at = now.mono.floor_ms();
            let mut link_changed = None;
            let said = match said {
                DeviceSaid::Link(change) => {
                    link_changed =
                        Some((machine.name().to_owned(), change.up, change.cause.clone()));
                    link(machine.name(), change, at)
                }
                DeviceSaid::Gap(gap) => {
                    let parameters: Vec<Datum> =
                        machine.parameters_of(&gap.blocks).into_iter().map(Datum::from).collect();
                    self::gap(machine.name(), &gap, at).with("parameters", Datum::List(parameters))
                }
                DeviceSaid::Scan(change) => {
                    let line = self.lines.get(machine.line()).map_or("", |line| line.id());
                    scan(machine.name(), line, change, at)
                }
                DeviceSaid::Restarted(restarted) => self::restarted(machine.name(), restarted, at),
                DeviceSaid::OpcUa(said) => super::opcua::said(machine, said, at),
            };
            let unit = self.places[device].map(|(unit, _)| unit);
            let id = unit.map(|unit| self.units[unit].id.clone());
            let context = Context { unit: id.as_deref(), ..Context::default() };
            self.recorder.record(said.into(), context, now);
            if let (Some(unit), Some((name, up, cause))) = (unit, link_changed) {
                let said = self.units[unit].link(&name, up, &cause, at);
                self.unit_said(unit, said, now);
            }
        }
    }
}

fn link(name: &str, change: LinkChange, at: Mono) -> Said {
    let LinkChange { up, cause, withheld } = change;
    let text = if up {
        format!("device {name} answers")
    } else {
        format!("device {name} does not answer: {cause}")
    };
    let said = Said::new(EventKind::Link, at, text)
        .with("device", name)
        .with("up", Datum::Bool(up))
        .with("cause", cause);
    if withheld == 0 { said } else { said.with("changes_withheld", withheld) }
}

fn scan(name: &str, line: &str, change: ScanChange, at: Mono) -> Said {
    let on = change == ScanChange::OnScan;
    let text = if on {
        format!("device {name} is polled at its own pace again")
    } else {
        format!("device {name} is only retried from now on, so that line {line} serves the others")
    };
    Said::new(EventKind::Link, at, text)
        .with("device", name)
        .with("line", line)
        .with("up", Datum::Bool(on))
        .with("on_scan", Datum::Bool(on))
}

fn gap(name: &str, gap: &GapSaid, at: Mono) -> Said {
    let why = gap.cause.words();
    let text = match gap.end {
        None => format!("polls of device {name} are skipped: {why}"),
        Some((_, polls)) => format!("{polls} polls of device {name} were skipped: {why}"),
    };
    let said = Said::new(EventKind::Gap, at, text)
        .with("device", name)
        .with("cause", gap.cause.word())
        .with("open", Datum::Bool(gap.end.is_none()))
        .with("from_mono_ns", gap.from.0);
    match gap.end {
        None => said,
        Some((to, polls)) => said.with("to_mono_ns", to.0).with("polls", polls),
    }
}

fn restarted(name: &str, restarted: Restarted, at: Mono) -> Said {
    let Restarted { from, to } = restarted;
    let text = format!(
        "device {name} started again without saying so: its uptime went back from {from} to {to}; compare its set-points and limits"
    );
    Said::new(EventKind::Link, at, text)
        .with("device", name)
        .with("up", Datum::Bool(true))
        .with("cause", "the device started again")
        .with("uptime_before", from)
        .with("uptime", to)
}
