//! `[[device]]`.

use std::collections::{BTreeMap, BTreeSet};

use super::line::address;
use super::{Device, Line, NAME, OpcUaServer, Reach, Transport, name_ok};
use crate::reader::{Section, Value};

/// Units that a serial line can address (Modbus over Serial Line V1.02, §2.2): 0 is broadcast, which nobody answers.
const SERIAL_UNITS: std::ops::RangeInclusive<u8> = 1..=247;

/// Every `[[device]]`; `None` where one cannot be read. Without `lines` or `servers`, which could not be read,
/// what devices say of them is not judged.
pub(super) fn devices<'a>(
    root: &Section<'a>,
    lines: Option<&[(Section<'a>, Line)]>,
    servers: Option<&[(Section<'a>, OpcUaServer)]>,
) -> Option<Vec<(Section<'a>, Device)>> {
    let sections = root.tables("device", "id");
    if sections.is_empty() {
        root.problem("device", "there is no [[device]]: add at least one to poll");
        return None;
    }
    let mut devices = Vec::new();
    let mut taken: BTreeMap<(String, u8), usize> = BTreeMap::new();
    for section in sections {
        let device = device(&section);
        if let Some(device) = &device {
            check_alone(&section, device, &mut taken);
            if let Some(lines) = lines {
                check_line(&section, device, lines);
            }
            if let (Some(servers), Reach::OpcUa(id)) = (servers, &device.reach)
                && !servers.iter().any(|(_, server)| server.id == *id)
            {
                section.problem(
                    "opcua",
                    format!("there is no OPC UA server {id:?}: add an [[opcua]] or mend the id"),
                );
            }
        }
        devices.push(device.map(|device| (section, device)));
    }
    let devices: Vec<(Section<'a>, Device)> = devices.into_iter().collect::<Option<_>>()?;
    let used: BTreeSet<&str> = devices
        .iter()
        .filter_map(|(_, device)| match &device.reach {
            Reach::Line(line) => Some(line.as_str()),
            Reach::Address(_) | Reach::OpcUa(_) => None,
        })
        .collect();
    for (section, line) in lines.into_iter().flatten() {
        if !used.contains(line.id.as_str()) {
            section.problem(
                "id",
                "no device is on this line: add line = … to a [[device]], or leave the line out",
            );
        }
    }
    let named = |id: &str| {
        devices
            .iter()
            .any(|(_, device)| matches!(&device.reach, Reach::OpcUa(server) if server == id))
    };
    for (section, server) in servers.into_iter().flatten() {
        if !named(&server.id) {
            section.problem(
                "id",
                "no device is on this server: add opcua = … to a [[device]], or leave the server out",
            );
        }
    }
    Some(devices)
}

fn device(section: &Section<'_>) -> Option<Device> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let profile = section.must("profile", Value::path);
    let network = section.maybe("address", address);
    let line = section.maybe("line", |line| line.text());
    let server = section.maybe("opcua", |server| server.text());
    let modbus_unit = section.maybe("modbus_unit", |unit| unit.integer(0..=255));
    section.finish();
    let modbus_unit: Option<u8> = modbus_unit?;
    let reach = match (network?, line?, server?) {
        (Some(address), None, None) => Some(Reach::Address(address)),
        (None, Some(line), None) => Some(Reach::Line(line)),
        (None, None, Some(server)) => {
            if modbus_unit.is_some() {
                section.problem("modbus_unit", "is for Modbus only: leave it out beside opcua");
            }
            Some(Reach::OpcUa(server))
        }
        (None, None, None) => {
            section.problem(
                "address",
                "is missing: add it, line = … for a device that shares a [[line]], or opcua = … for one that an [[opcua]] server has",
            );
            None
        }
        (address, line, _) => {
            let (key, beside) = match (address, line) {
                (Some(_), Some(_)) => ("line", "address"),
                (Some(_), None) => ("opcua", "address"),
                (None, _) => ("opcua", "line"),
            };
            section.problem(key, format!("stands beside {beside}: a device is on a line, on an OPC UA server, or has an address of its own; leave one out"));
            None
        }
    };
    let modbus_unit = modbus_unit.unwrap_or(1);
    Some(Device { id: id?, profile: profile?, reach: reach?, modbus_unit })
}

/// Nobody else is read at the same place.
fn check_alone(section: &Section<'_>, device: &Device, taken: &mut BTreeMap<(String, u8), usize>) {
    let (key, what, place) = match &device.reach {
        Reach::Address(address) => ("address", "address", address.clone()),
        // No address is written like this.
        Reach::Line(line) => ("modbus_unit", "line", format!("[[{line}]]")),
        // Devices behind one server differ by the nodes of their profiles.
        Reach::OpcUa(_) => return,
    };
    match taken.get(&(place.clone(), device.modbus_unit)) {
        Some(other) => section.problem(
            key,
            format!("the device in line {other} has the same {what} and modbus_unit: one would be read twice and one never"),
        ),
        None => {
            taken.insert((place, device.modbus_unit), section.line());
        }
    }
}

fn check_line(section: &Section<'_>, device: &Device, lines: &[(Section<'_>, Line)]) {
    match &device.reach {
        Reach::OpcUa(_) => {}
        Reach::Line(id) => match lines.iter().find(|(_, line)| line.id == *id) {
            None => section
                .problem("line", format!("there is no line {id:?}: add a [[line]] or mend the id")),
            Some((_, line)) => {
                if line.transport.is_rtu() && !SERIAL_UNITS.contains(&device.modbus_unit) {
                    section.problem(
                        "modbus_unit",
                        format!("{} is no unit of a serial line: use 1 to 247", device.modbus_unit),
                    );
                }
            }
        },
        Reach::Address(address) => {
            let same = lines.iter().find(|(_, line)| match &line.transport {
                Transport::Tcp { address: other } | Transport::RtuOverTcp { address: other } => {
                    other == address
                }
                Transport::Rtu(_) => false,
            });
            if let Some((_, line)) = same {
                section.problem(
                    "address",
                    format!("is that of line {0:?}: write line = {0:?} instead, so that one request is open there at a time", line.id),
                );
            }
        }
    }
}
