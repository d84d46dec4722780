//! `[[annunciator]]`: stack lights and horns.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::line::address;
use super::{Annunciator, Device, Lamp, Line, NAME, Outputs, Reach, Transport, Unit, name_ok};
use crate::reader::{Section, Value, Word};

impl Word for Lamp {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Red.word(), Self::Red),
        (Self::Amber.word(), Self::Amber),
        (Self::Green.word(), Self::Green),
        (Self::Blue.word(), Self::Blue),
        (Self::Horn.word(), Self::Horn),
    ];
}

/// Every `[[annunciator]]`; `None` where one cannot be read.
pub(super) fn annunciators<'a>(root: &Section<'a>) -> Option<Vec<(Section<'a>, Annunciator)>> {
    let mut places: BTreeMap<(String, u8), usize> = BTreeMap::new();
    let sections = root.tables("annunciator", "id").into_iter();
    let annunciators = sections.map(|section| {
        let one = annunciator(&section)?;
        let place = (one.address.clone(), one.modbus_unit);
        if let Some(other) = places.insert(place, section.line()) {
            section.problem(
                "address",
                format!("the annunciator in line {other} has the same address and modbus_unit: each would switch the other's lamps"),
            );
        }
        Some((section, one))
    });
    // Each one is read before one that is wrong makes it `None`.
    let annunciators: Vec<_> = annunciators.collect();
    annunciators.into_iter().collect()
}

fn annunciator(section: &Section<'_>) -> Option<Annunciator> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let on_a_line = section.refuses("line", "an annunciator is a Modbus TCP server of its own: on a line that devices share, its horn would wait for their polls. Take a module with Modbus TCP, or a gateway that is on no [[line]], and give its address");
    let place = section.must("address", address);
    let modbus_unit = section.or("modbus_unit", 1, |unit| unit.integer(0..=255));
    let outputs = outputs(section);
    let lamps = section.must("lamps", |list| {
        let lamps: Vec<Lamp> = list.set(Value::word)?;
        if !lamps.iter().any(|lamp| matches!(lamp, Lamp::Red | Lamp::Horn)) {
            return list.problem("has neither \"red\" nor \"horn\": nobody would be called");
        }
        Some(lamps)
    });
    let units = section.maybe("units", |units| {
        let units = units.set(|id| id.text())?;
        if units.is_empty() {
            return units_empty(section);
        }
        Some(units)
    });
    let timeout_ms = section.or("timeout_ms", 1000, |time| time.integer(100..=10_000));
    section.finish();
    let (outputs, lamps) = (outputs?, lamps?);
    let (key, first, what) = match outputs {
        Outputs::Coils(first) => ("first_coil", first, "coil"),
        Outputs::Registers(first) => ("first_register", first, "register"),
    };
    if usize::from(first) + lamps.len() > 65_536 {
        section.problem(key, format!("leaves no room for all lamps: the last {what} is 65535"));
        return None;
    }
    if on_a_line {
        return None;
    }
    Some(Annunciator {
        id: id?,
        address: place?,
        modbus_unit: modbus_unit?,
        outputs,
        lamps,
        units: units?.unwrap_or_default(),
        timeout_ms: timeout_ms?,
    })
}

/// Coils from 0 on where nothing is written.
fn outputs(section: &Section<'_>) -> Option<Outputs> {
    let coil = section.maybe("first_coil", |coil| coil.integer(0..=65_535));
    let register = section.maybe("first_register", |register| register.integer(0..=65_535));
    match (coil?, register?) {
        (Some(_), Some(_)) => {
            let text =
                "its lamps are switched by coils or by registers: leave this out, or first_coil";
            section.problem("first_register", text);
            None
        }
        (coil, None) => Some(Outputs::Coils(coil.unwrap_or(0))),
        (None, Some(register)) => Some(Outputs::Registers(register)),
    }
}

fn units_empty<T>(section: &Section<'_>) -> Option<T> {
    section.problem("units", "is empty: name units, or leave it out for all of them");
    None
}

/// What annunciators say of units, lines and devices.
pub(super) fn check(
    annunciators: &[(Section<'_>, Annunciator)],
    units: &[(Section<'_>, Unit)],
    lines: &[(Section<'_>, Line)],
    devices: &[(Section<'_>, Device)],
) {
    for (section, annunciator) in annunciators {
        for (entry, id) in annunciator.units.iter().enumerate() {
            if !units.iter().any(|(_, unit)| unit.id == *id) {
                section.problem_in("units", entry, format!("there is no unit {id:?}"));
            }
        }
        let shared = lines.iter().find(|(_, line)| match &line.transport {
            Transport::Tcp { address } | Transport::RtuOverTcp { address } => {
                *address == annunciator.address
            }
            Transport::Rtu(_) => false,
        });
        if let Some((_, line)) = shared {
            section.problem(
                "address",
                format!("is that of line {:?}, which devices share: the horn would wait for their polls. Give the annunciator a Modbus TCP server of its own", line.id),
            );
        }
        let same = devices.iter().find(|(_, device)| {
            matches!(&device.reach, Reach::Address(address) if *address == annunciator.address)
                && device.modbus_unit == annunciator.modbus_unit
        });
        if let Some((_, device)) = same {
            section.problem(
                "address",
                format!("is that of device {:?} with the same modbus_unit: the agent writes to no device that it watches", device.id),
            );
        }
    }
}
