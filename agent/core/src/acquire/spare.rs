//! Longer reads, for lines whose replies carry no id.
//!
//! After a failure a read of another length cannot be answered by the late reply to the first (LAW-01).
//! What is read more is thrown away, so it must be something that the device is asked for anyway.

use cellwatch_config::profile::{ModbusRules, Parameter};

use super::Block;
use super::plan::{alone, touches};

/// Bits come in bytes: a read is longer from here on.
const BITS_MORE: u16 = 8;

/// Address and count of a read that holds `block` and a little more of what `blocks` ask for, with another
/// number of data bytes; none where the map has no room.
pub(super) fn spare(
    block: &Block,
    blocks: &[&Block],
    parameters: &[Parameter],
    rules: &ModbusRules,
) -> Option<(u16, u16)> {
    let alone = alone(parameters);
    if touches(&alone, block.table, block.address, block.count) {
        return None;
    }
    let (more, most) =
        if block.table.is_bits() { (BITS_MORE, rules.max_bits) } else { (1, rules.max_registers) };
    let count = block.count.checked_add(more).filter(|count| *count <= most)?;
    let end = block.address.checked_add(block.count);
    let behind = end.map(|end| (block.address, end));
    let before = block.address.checked_sub(more).map(|address| (address, address));
    let is_asked_for = |address: u16| {
        !touches(&alone, block.table, address, 1)
            && blocks.iter().any(|other| {
                let end = u32::from(other.address) + u32::from(other.count);
                let range = u32::from(other.address)..end;
                other.table == block.table && range.contains(&u32::from(address))
            })
    };
    let found = [behind, before].into_iter().flatten().find(|(_, added)| {
        (0..more).all(|offset| added.checked_add(offset).is_some_and(is_asked_for))
    });
    found.map(|(address, _)| (address, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acquire::plan;

    #[test]
    fn what_is_read_more_is_asked_for_anyway() {
        let parameter = |name: &str, table: &str, address: u16, period_ms: u64, more: &str| {
            format!(
                "[[parameter]]\nname = \"{name}\"\ntable = \"{table}\"\naddress = {address}\ntype = \"{}\"\nunit = \"1\"\nperiod_ms = {period_ms}\n{more}\n",
                if table == "coil" { "bit" } else { "u16" }
            )
        };
        let mut text = "[profile]\nid = \"p\"\nmodel = \"m\"\nversion = \"1\"\n[modbus]\nmax_registers = 3\nmax_gap = 0\n".to_owned();
        // Two neighbours of other periods; one alone; one between that must be read alone; three at the cap.
        for one in [
            parameter("A", "input", 0, 1000, ""),
            parameter("B", "input", 1, 2000, ""),
            parameter("C", "input", 9, 1000, ""),
            parameter("D", "input", 20, 1000, ""),
            parameter("E", "input", 21, 1000, "read_alone = true"),
            parameter("F", "holding", 0, 1000, ""),
            parameter("G", "holding", 1, 1000, ""),
            parameter("H", "holding", 2, 1000, ""),
            parameter("I", "holding", 3, 1000, ""),
        ] {
            text += &one;
        }
        for bit in 0..12 {
            text +=
                &parameter(&format!("X{bit}"), "coil", bit, if bit < 4 { 500 } else { 700 }, "");
        }
        let profile = cellwatch_config::profile::parse("p.toml", &text)
            .unwrap_or_else(|problems| panic!("{problems}"));
        let blocks = plan(&profile.parameters, &profile.modbus);
        let all: Vec<&Block> = blocks.iter().collect();
        let found = |name: &str| {
            let index = profile.parameters.iter().position(|one| one.name == name);
            let index = index.expect("it is there");
            let block = blocks.iter().find(|block| block.parameters.contains(&index));
            spare(block.expect("planned"), &all, &profile.parameters, &profile.modbus)
        };
        let cases = [
            ("A", Some((0, 2))),
            ("B", Some((0, 2))),
            ("C", None),
            ("D", None),
            ("E", None),
            ("F", None),
            ("I", Some((2, 2))),
            ("X0", Some((0, 12))),
            ("X4", None),
        ];
        for (name, expected) in cases {
            assert_eq!(found(name), expected, "{name}");
        }
        println!("longer reads: {} cases", cases.len());
    }
}
