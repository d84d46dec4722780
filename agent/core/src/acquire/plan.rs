//! The planner: parameters into reads.
//!
//! Parameters of one table and one period are read together where they neighbour each other or where
//! the gap is small enough; no read is longer than the device takes, and none touches a forbidden
//! address, nor one that must be read alone. What is read several times in a row (`torn_guard`) has reads of its own,
//! and so has what must be read alone, or lies in the same registers. Going up the addresses and extending the open read as far as it goes gives the
//! fewest reads: whatever may stand in one read, any stretch of it may too.

use std::collections::BTreeMap;

use cellwatch_config::profile::{ModbusRules, NoRead, Parameter, Table};

/// One read that serves several parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The table.
    pub table: Table,
    /// Zero-based address of the first register or bit.
    pub address: u16,
    /// How many registers or bits.
    pub count: u16,
    /// Read this often, milliseconds.
    pub period_ms: u64,
    /// Read several times in a row, and believed where the reads agree.
    pub guarded: bool,
    /// Indices of the parameters that it serves, ascending by address.
    pub parameters: Vec<usize>,
}

/// The reads that serve every parameter exactly once.
#[must_use]
pub fn plan(parameters: &[Parameter], rules: &ModbusRules) -> Vec<Block> {
    let alone = alone(parameters);
    let forbidden = [&rules.no_read[..], &alone].concat();
    let mut groups: BTreeMap<(Table, u64, bool), Vec<usize>> = BTreeMap::new();
    for (index, parameter) in parameters.iter().enumerate() {
        let key = (parameter.table, parameter.period_ms, parameter.belief.torn_guard);
        groups.entry(key).or_default().push(index);
    }
    let mut blocks = Vec::new();
    for ((table, period_ms, guarded), mut indices) in groups {
        indices.sort_by_key(|index| (parameters[*index].address, *index));
        let most = u32::from(if table.is_bits() { rules.max_bits } else { rules.max_registers });
        let mut open: Option<Block> = None;
        for index in indices {
            let parameter = &parameters[index];
            let single = |index: usize| Block {
                table,
                address: parameter.address,
                count: parameter.width(),
                period_ms,
                guarded,
                parameters: vec![index],
            };
            if touches(&alone, table, parameter.address, parameter.width()) {
                blocks.push(single(index));
                continue;
            }
            let fits = open.as_mut().is_some_and(|block| {
                extend(block, parameter, u32::from(rules.max_gap), most, &forbidden)
            });
            match (&mut open, fits) {
                (Some(block), true) => block.parameters.push(index),
                _ => blocks.extend(open.replace(single(index))),
            }
        }
        blocks.extend(open);
    }
    blocks
}

/// Where no read of anything else may go: what must be read alone.
pub(super) fn alone(parameters: &[Parameter]) -> Vec<NoRead> {
    let alone = parameters.iter().filter(|one| one.read_alone);
    alone
        .map(|one| NoRead {
            table: one.table,
            first: one.address,
            last: one.address.saturating_add(one.width().saturating_sub(1)),
        })
        .collect()
}

/// True where the read touches one of the ranges.
pub(super) fn touches(ranges: &[NoRead], table: Table, address: u16, count: u16) -> bool {
    ranges.iter().any(|range| range.table == table && range.touches(address, count))
}

/// Extends the block to hold the parameter; false if it would be too long, the gap too wide, or an
/// address between them forbidden.
fn extend(
    block: &mut Block,
    parameter: &Parameter,
    max_gap: u32,
    most: u32,
    forbidden: &[NoRead],
) -> bool {
    let start = u32::from(block.address);
    let end = start + u32::from(block.count);
    let from = u32::from(parameter.address);
    let to = end.max(from + u32::from(parameter.width()));
    let fits = from <= end + max_gap && to - start <= most;
    match u16::try_from(to - start) {
        Ok(count) if fits && !touches(forbidden, block.table, block.address, count) => {
            block.count = count;
            true
        }
        _ => false,
    }
}
