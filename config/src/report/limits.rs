//! The limits of each parameter, phase by phase.

use cellwatch_model::LimitKind;

use super::columns::columns;
use crate::master_file::{MasterFile, Parameter, Watch};

/// Tables of the parameters that have absolute limits.
pub(super) fn told(file: &MasterFile) -> String {
    let mut text = String::from("\nLimits\n");
    for parameter in &file.parameters {
        let limited = file
            .alarms
            .iter()
            .any(|alarm| alarm.parameter == parameter.name && alarm.watch == Watch::Value);
        if limited {
            text += &format!("\n{}\n{}", heading(parameter), columns(&rows(file, parameter)));
        }
    }
    text
}

fn heading(parameter: &Parameter) -> String {
    let critical = if parameter.critical { ", critical" } else { "" };
    format!("{}, {}{critical}", parameter.name, parameter.unit)
}

fn rows(file: &MasterFile, parameter: &Parameter) -> Vec<Vec<String>> {
    let mut header = vec!["phase".to_owned()];
    header.extend(["LL", "L", "set-point", "H", "HH"].map(str::to_owned));
    let mut rows = vec![header];
    let phases = file.phases.iter().map(|phase| Some(phase.id.as_str()));
    // Neighbours that are judged alike share a row.
    let mut last: Option<Vec<String>> = None;
    for phase in std::iter::once(None).chain(phases) {
        let cells = limits(file, parameter, phase);
        let name = phase.unwrap_or("outside a batch");
        match (&last, rows.last_mut()) {
            (Some(before), Some(row)) if *before == cells => {
                row[0] = format!("{}, {name}", row[0]);
            }
            _ => {
                let row = std::iter::once(name.to_owned()).chain(cells.iter().cloned());
                rows.push(row.collect());
                last = Some(cells);
            }
        }
    }
    rows
}

/// LL, L, set-point, H, HH in a phase.
fn limits(file: &MasterFile, parameter: &Parameter, phase: Option<&str>) -> Vec<String> {
    let limit = |kind: LimitKind| {
        let mut alarms = file.alarms.iter().filter(|alarm| {
            alarm.parameter == parameter.name && alarm.kind == kind && alarm.applies_in(phase)
        });
        alarms.next().map_or_else(|| "–".to_owned(), |alarm| alarm.limit.to_string())
    };
    let set_point = parameter.set_point.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let high = [limit(LimitKind::High), limit(LimitKind::HighHigh)];
    [limit(LimitKind::LowLow), limit(LimitKind::Low), set_point].into_iter().chain(high).collect()
}
