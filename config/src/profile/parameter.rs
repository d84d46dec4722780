//! Reads one `[[parameter]]` of a profile.

use std::collections::BTreeMap;

use cellwatch_model::{MAX_DECIMALS, UnitOfMeasure};

use super::belief::{belief, check_belief};
use super::data_type::data_type;
use super::fits::check;
use super::node::node;
use super::own_word::{bits, check_own_word, of, role};
use super::parse::Defaults;
use super::{Access, DataType, ModbusRules, OpcUaRules, Parameter, Table};
use crate::reader::{Section, Value};
use crate::site::{NAME, name_ok};

/// The parameter, checked by itself.
pub(super) fn parameter(
    section: &Section<'_>,
    rules: &ModbusRules,
    opcua: Option<&OpcUaRules>,
    defaults: &Defaults,
) -> Option<Parameter> {
    let name = section.must("name", |name| name.name(NAME, name_ok));
    let node = section.maybe("node", |value| node(value, opcua));
    let table = section.maybe("table", Value::word);
    let address = section.maybe("address", |address| address.integer(0..=65535));
    let data_type = section.must("type", data_type);
    let word_order = section.or("word_order", defaults.word, Value::word);
    let byte_order = section.or("byte_order", defaults.byte, Value::word);
    let scale = section.or("scale", 1.0, |scale| {
        let number = scale.number()?;
        if number == 0.0 {
            return scale.problem("is 0: every value would be the offset");
        }
        Some(number)
    });
    let offset = section.or("offset", 0.0, Value::number);
    let decimals = section.maybe("decimals", |d| d.integer(0..=i64::from(MAX_DECIMALS)));
    let unit = section.must("unit", Value::parsed::<UnitOfMeasure>);
    let range = section.maybe("range", Value::range);
    let sentinels = section.or("sentinels", Vec::new(), |list| list.set(Value::any_integer));
    let period_ms = section.or("period_ms", 1000, |period| period.integer(50..=3_600_000));
    let values = values(section);
    let role = role(section);
    let of = of(section);
    let bits = bits(section);
    let read_alone = section.or("read_alone", false, Value::boolean);
    let belief = belief(section);
    let access = section.or("access", Access::default(), Value::word);
    section.finish();
    let (role, own_word) = role?;
    // A node that cannot be read is a problem of its own.
    let place = place(section, table, address, node.as_ref().is_none_or(Option::is_some));
    let (on_modbus, table, address) = match place? {
        Some((table, address)) => (true, table, address),
        None if data_type == Some(DataType::Bit) => (false, Table::Coil, 0),
        None => (false, Table::Holding, 0),
    };
    let parameter = Parameter {
        name: name?,
        node: node?,
        on_modbus,
        table,
        address,
        data_type: data_type?,
        word_order: word_order?,
        byte_order: byte_order?,
        scale: scale?,
        offset: offset?,
        decimals: match decimals? {
            Some(decimals) => decimals,
            None => default_decimals(data_type?, scale?),
        },
        unit: unit?,
        range: range?,
        sentinels: sentinels?,
        period_ms: period_ms?,
        values: values?,
        role,
        own_word,
        of: of?,
        bits: bits?,
        read_alone: read_alone?,
        belief: belief?.of(role, data_type?, period_ms?, defaults.torn_guard),
        access: access?,
    };
    check(section, &parameter, rules);
    check_own_word(section, &parameter);
    check_belief(section, &parameter);
    Some(parameter)
}

/// Table and address; none where only a node is named.
#[expect(clippy::option_option, reason = "outer: readable; inner: written at all")]
fn place(
    section: &Section<'_>,
    table: Option<Option<Table>>,
    address: Option<Option<u16>>,
    has_node: bool,
) -> Option<Option<(Table, u16)>> {
    let missing = [("table", table == Some(None)), ("address", address == Some(None))];
    if has_node && missing.iter().all(|(_, is_missing)| *is_missing) {
        return Some(None);
    }
    for (key, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
        let text = "is missing: add table and address for Modbus, or node = … for OPC UA";
        section.problem(key, text);
    }
    Some(Some((table??, address??)))
}

/// Two where the value is a fraction, none where it is a whole number.
fn default_decimals(data_type: DataType, scale: f64) -> u8 {
    let whole = (scale - 1.0).abs() == 0.0 && !data_type.is_float();
    if whole { 0 } else { 2 }
}

fn values(section: &Section<'_>) -> Option<BTreeMap<i64, String>> {
    let table = section.table_or_empty("values")?;
    let mut values = BTreeMap::new();
    let mut whole = true;
    for (key, value) in table.entries() {
        let Ok(number) = key.parse::<i64>() else {
            whole = false;
            let _: Option<()> = value.problem(format!(
                "{key:?} is no whole number: write the raw number in quotes, \"0\" = …"
            ));
            continue;
        };
        let Some(word) = value.text() else {
            whole = false;
            continue;
        };
        if values.values().any(|other| *other == word) {
            whole = false;
            let _: Option<()> = value
                .problem(format!("{word:?} stands for another number too: give each its own word"));
        } else if values.insert(number, word).is_some() {
            whole = false;
            let _: Option<()> = value.problem(format!("the number {number} is there twice"));
        }
    }
    whole.then_some(values)
}
