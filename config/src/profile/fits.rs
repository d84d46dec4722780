//! Whether what a parameter says about itself fits together.

use cellwatch_model::UnitOfMeasure;

use super::{Access, DataType, ModbusRules, Order, Parameter, Role, Table};
use crate::reader::Section;
use crate::site::{LOWER_TOPIC_LEVEL, lower_topic_level_ok};

/// Notes what does not fit.
pub(super) fn check(section: &Section<'_>, parameter: &Parameter, rules: &ModbusRules) {
    if parameter.on_modbus {
        check_place(section, parameter, rules);
    } else {
        check_node_only(section, parameter);
    }
    check_numbers(section, parameter);
    check_words(section, parameter);
    check_role(section, parameter);
}

fn check_place(section: &Section<'_>, parameter: &Parameter, rules: &ModbusRules) {
    let Parameter { table, address, data_type, .. } = *parameter;
    let width = data_type.width();
    if table.is_bits() != (data_type == DataType::Bit) {
        let mend = if table.is_bits() {
            "this table holds bits: use type \"bit\""
        } else {
            "this table holds registers: use \"bit:K\" for bit K of a register, or a number or text"
        };
        section.problem("type", format!("{data_type} does not fit the table {table}: {mend}"));
    } else if !table.is_bits() && width > rules.max_registers {
        section.problem(
            "type",
            format!(
                "takes {width} registers, but the device answers at most {} in one read (modbus.max_registers): shorten it",
                rules.max_registers
            ),
        );
    }
    if u32::from(address) + u32::from(width) > 65536 {
        section.problem(
            "address",
            format!(
                "{address} and the {width} registers of {data_type} reach beyond address 65535"
            ),
        );
    }
    for range in rules.no_read.iter().filter(|range| range.table == table) {
        if range.touches(address, width) {
            section.problem(
                "address",
                format!(
                    "{address} lies in {} to {} of the {table} table, which modbus.no_read forbids to read: mend one of them",
                    range.first, range.last
                ),
            );
        }
    }
    if parameter.access == Access::Panel && matches!(table, Table::Discrete | Table::Input) {
        section.problem(
            "access",
            format!(
                "nothing can write to the table {table}: use \"read\", or a coil or holding table"
            ),
        );
    }
}

/// What is meant for registers says nothing about a node.
fn check_node_only(section: &Section<'_>, parameter: &Parameter) {
    let nothing = |key: &str, why: &str| {
        section.problem(key, format!("{why}: leave it out, or add table and address"));
    };
    if parameter.data_type != DataType::Bit && parameter.width() > 125 {
        section.problem("type", "takes more than 125 words: shorten it");
    }
    if matches!(parameter.data_type, DataType::RegisterBit(_)) {
        section.problem(
            "type",
            "is a bit of a register; a node has \"bit\", or an alarm word with bits",
        );
    }
    if parameter.word_order != Order::Big {
        nothing("word_order", "a node has no words");
    }
    if parameter.byte_order != Order::Big {
        nothing("byte_order", "a node has no words");
    }
    if parameter.read_alone {
        nothing("read_alone", "nodes are read one by one");
    }
    if parameter.belief.torn_guard {
        nothing("torn_guard", "a node's value is never torn");
    }
}

fn check_numbers(section: &Section<'_>, parameter: &Parameter) {
    let Parameter { data_type, .. } = *parameter;
    let is_number = data_type.is_integer() || data_type.is_float();
    let is_scaled = (parameter.scale - 1.0).abs() != 0.0 || parameter.offset != 0.0;
    if is_scaled && (!is_number || !parameter.values.is_empty()) {
        let key = if parameter.offset == 0.0 { "scale" } else { "offset" };
        section
            .problem(key, "bits, text and enumerations are not scaled: leave scale and offset out");
    }
    if !is_number && parameter.range.is_some() {
        section.problem("range", format!("{data_type} has no range: leave it out"));
    }
    if !is_number && parameter.decimals != 0 {
        section.problem("decimals", format!("{data_type} has no decimals: leave them out"));
    }
    for (index, sentinel) in parameter.sentinels.iter().enumerate() {
        match data_type.raw_range() {
            Some((low, high)) if is_number && (low..=high).contains(sentinel) => {}
            Some((low, high)) if is_number => section.problem_in(
                "sentinels",
                index,
                format!("{sentinel} cannot stand in {data_type}, which holds {low} to {high}"),
            ),
            Some(_) | None => section.problem_in(
                "sentinels",
                index,
                format!("{data_type} has no number that means \"no value\": leave sentinels out"),
            ),
        }
    }
}

fn check_words(section: &Section<'_>, parameter: &Parameter) {
    let Parameter { data_type, .. } = *parameter;
    let is_text = matches!(data_type, DataType::Text(_));
    let wordy = is_text || !parameter.values.is_empty();
    if wordy && parameter.unit != UnitOfMeasure::One {
        section.problem("unit", "text and enumerations have no unit of measure: use \"1\"");
    }
    if parameter.values.is_empty() {
        return;
    }
    if is_text || data_type.is_float() {
        section.problem(
            "values",
            format!("{data_type} cannot be an enumeration: use an integer type"),
        );
        return;
    }
    let Some((low, high)) = data_type.raw_range() else {
        return;
    };
    for number in parameter.values.keys().filter(|number| !(low..=high).contains(*number)) {
        section.problem(
            "values",
            format!("{number} cannot stand in {data_type}, which holds {low} to {high}"),
        );
    }
}

fn check_role(section: &Section<'_>, parameter: &Parameter) {
    let Parameter { data_type, role, .. } = *parameter;
    match role {
        Role::Process => {}
        Role::Phase => {
            if !parameter.values.values().any(|word| word == "idle") {
                section.problem(
                    "values",
                    "a phase needs words for its numbers, \"idle\" among them: values = { \"0\" = \"idle\", … }",
                );
            }
            for word in parameter.values.values().filter(|word| !lower_topic_level_ok(word)) {
                section.problem(
                    "values",
                    format!("{word:?} is no id of a phase: use {LOWER_TOPIC_LEVEL}"),
                );
            }
        }
        Role::Heartbeat => {
            if !data_type.is_integer() || !parameter.is_plain() || !parameter.values.is_empty() {
                section.problem(
                    "role",
                    "a heartbeat is a plain counter: use an integer type without scale, offset, decimals or values",
                );
            }
        }
        Role::Serial => {
            let is_whole = data_type.is_integer() && parameter.is_plain();
            if !matches!(data_type, DataType::Text(_)) && !is_whole {
                section.problem(
                    "role",
                    "a serial number is text:N or a plain integer, without scale, offset or decimals",
                );
            }
        }
    }
}
