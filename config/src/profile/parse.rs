//! Reads a device profile.

use sha2::{Digest, Sha256};

use super::no_read::no_read;
use super::node::opcua;
use super::overlap::overlaps;
use super::parameter::parameter;
use super::{ModbusRules, Order, OwnWord, Parameter, Profile, Role, Table};
use crate::Problems;
use crate::reader::{Section, Value, read};
use crate::site::{NAME, name_ok};

/// What a parameter has unless it says otherwise.
pub(super) struct Defaults {
    /// Of the words.
    pub(super) word: Order,
    /// Of the bytes in a word.
    pub(super) byte: Order,
    /// Guard of numbers of several registers against being torn between them.
    pub(super) torn_guard: bool,
}

/// Reads a device profile; `sha256` of the result is that of the text's exact bytes. `file_name` is only for messages.
///
/// # Errors
/// Every problem of the text.
pub fn parse(file_name: &str, text: &str) -> Result<Profile, Problems> {
    let (mut profile, lines) = read(file_name, text, profile)?;
    profile.sha256 = Sha256::digest(text.as_bytes()).into();
    profile.lines = lines;
    Ok(profile)
}

fn profile(root: &Section<'_>) -> Option<Profile> {
    let head = root.table("profile").map(|section| {
        let id = section.must("id", |id| id.name(NAME, name_ok));
        let model = section.must("model", Value::text);
        let version = section.must("version", Value::text);
        section.finish();
        (id, model, version)
    });
    let modbus = root.table_or_empty("modbus").and_then(|section| modbus(&section));
    // Wrong rules must not hide what is wrong with the parameters: those are then read by the defaults.
    let standard =
        (STANDARD_RULES, Defaults { word: Order::Big, byte: Order::Big, torn_guard: false });
    let (rules, defaults) = modbus.as_ref().unwrap_or(&standard);
    let opcua = root.table_or_empty("opcua").and_then(|section| opcua(&section));
    let sections = root.tables("parameter", "name");
    if sections.is_empty() {
        root.problem("parameter", "there is no [[parameter]]: add what the device holds");
    }
    let parameters: Vec<Option<(Section<'_>, Parameter)>> = sections
        .into_iter()
        .map(|section| {
            parameter(&section, rules, opcua.as_ref(), defaults)
                .map(|parameter| (section, parameter))
        })
        .collect();
    let readable: Vec<&(Section<'_>, Parameter)> = parameters.iter().flatten().collect();
    check_overlaps(&readable);
    check_roles(&readable);
    let parameters: Option<Vec<Parameter>> =
        parameters.into_iter().map(|read| read.map(|(_, parameter)| parameter)).collect();
    let parameters = parameters.and_then(|parameters| numbered(root, parameters));
    let (id, model, version) = head?;
    Some(Profile {
        id: id?,
        model: model?,
        version: version?,
        sha256: [0; 32], // of the text, which only `parse` has
        modbus: modbus?.0,
        opcua: opcua?,
        parameters: parameters?,
        lines: crate::Lines::default(),
    })
}

/// Limits of Modbus Application Protocol V1.1b3, §6.1 and §6.3.
const STANDARD_RULES: ModbusRules = ModbusRules {
    max_registers: 125,
    max_bits: 2000,
    max_gap: 8,
    timeout_ms: 1000,
    max_lateness_ms: 3000,
    no_read: Vec::new(),
};

fn modbus(section: &Section<'_>) -> Option<(ModbusRules, Defaults)> {
    let standard = STANDARD_RULES;
    let max_registers =
        section.or("max_registers", standard.max_registers, |most| most.integer(1..=125));
    let max_bits = section.or("max_bits", standard.max_bits, |most| most.integer(1..=2000));
    let max_gap = section.or("max_gap", standard.max_gap, |gap| gap.integer(0..=124));
    let timeout_ms = section.or("timeout_ms", standard.timeout_ms, |t| t.integer(10..=60_000));
    let max_lateness_ms =
        section.or("max_lateness_ms", standard.max_lateness_ms, |late| late.integer(0..=60_000));
    let word = section.or("word_order", Order::Big, Value::word);
    let byte = section.or("byte_order", Order::Big, Value::word);
    let torn_guard = section.or("torn_guard", false, Value::boolean);
    let no_read = section.or("no_read", Vec::new(), |list| list.set(no_read));
    section.finish();
    let rules = ModbusRules {
        max_registers: max_registers?,
        max_bits: max_bits?,
        max_gap: max_gap?,
        timeout_ms: timeout_ms?,
        max_lateness_ms: max_lateness_ms?,
        no_read: no_read?,
    };
    Some((rules, Defaults { word: word?, byte: byte?, torn_guard: torn_guard? }))
}

/// Numbers the words of parameters that have nodes only, after the registers of the others.
fn numbered(root: &Section<'_>, mut parameters: Vec<Parameter>) -> Option<Vec<Parameter>> {
    let end = |table: Table| {
        let there = parameters.iter().filter(|one| one.on_modbus && one.table == table);
        there.map(|one| u32::from(one.address) + u32::from(one.width())).max().unwrap_or(0)
    };
    let (mut bits, mut words) = (end(Table::Coil), end(Table::Holding));
    for parameter in parameters.iter_mut().filter(|one| !one.on_modbus) {
        let next = if parameter.table.is_bits() { &mut bits } else { &mut words };
        let Ok(address) = u16::try_from(*next) else {
            root.problem("parameter", "hold more than 65536 words together: divide the profile");
            return None;
        };
        parameter.address = address;
        *next += u32::from(parameter.data_type.width());
    }
    Some(parameters)
}

fn check_overlaps(parameters: &[&(Section<'_>, Parameter)]) {
    let parameters: Vec<_> =
        parameters.iter().filter(|(_, parameter)| parameter.on_modbus).collect();
    let models: Vec<&Parameter> = parameters.iter().map(|(_, parameter)| parameter).collect();
    for (first, second) in overlaps(&models) {
        let other = models[first];
        parameters[second].0.problem(
            "address",
            format!(
                "overlaps {} ({} at {} of the {} table, line {}) with another type or order: mend one address, or give both the same type and order",
                other.name,
                other.data_type,
                other.address,
                other.table,
                parameters[first].0.line()
            ),
        );
    }
}

fn check_roles(parameters: &[&(Section<'_>, Parameter)]) {
    type Has = fn(&Parameter) -> bool;
    let once: [Has; 8] = [
        |parameter| parameter.role == Role::Phase,
        |parameter| parameter.role == Role::Heartbeat,
        |parameter| parameter.role == Role::Serial,
        |parameter| parameter.own_word == Some(OwnWord::Uptime),
        |parameter| parameter.own_word == Some(OwnWord::Clock),
        |parameter| parameter.own_word == Some(OwnWord::LocalMode),
        |parameter| parameter.own_word == Some(OwnWord::Firmware),
        |parameter| parameter.own_word == Some(OwnWord::ProtocolChecksum),
    ];
    for has in once {
        let mut with = parameters.iter().filter(|(_, parameter)| has(parameter));
        let Some((_, first)) = with.next() else {
            continue;
        };
        for (section, _) in with {
            section.problem(
                "role",
                format!("{} has this role already: a profile has it once", first.name),
            );
        }
    }
}
