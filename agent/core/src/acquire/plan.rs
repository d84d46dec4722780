//! The planner: parameters into reads.
//!
//! Parameters of one table and one period are read together where they neighbour each other or where
//! the gap is small enough; no read is longer than the device takes. Going up the addresses and
//! extending the open read as far as it goes gives the fewest reads.

use std::collections::BTreeMap;

use cellwatch_config::profile::{ModbusRules, Parameter, Table};

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
    /// Indices of the parameters that it serves, ascending by address.
    pub parameters: Vec<usize>,
}

/// The reads that serve every parameter exactly once.
#[must_use]
pub fn plan(parameters: &[Parameter], rules: &ModbusRules) -> Vec<Block> {
    let mut groups: BTreeMap<(Table, u64), Vec<usize>> = BTreeMap::new();
    for (index, parameter) in parameters.iter().enumerate() {
        groups.entry((parameter.table, parameter.period_ms)).or_default().push(index);
    }
    let mut blocks = Vec::new();
    for ((table, period_ms), mut indices) in groups {
        indices.sort_by_key(|index| (parameters[*index].address, *index));
        let most = u32::from(if table.is_bits() { rules.max_bits } else { rules.max_registers });
        let mut open: Option<Block> = None;
        for index in indices {
            let parameter = &parameters[index];
            let fits = open.as_mut().is_some_and(|block| extend(block, parameter, rules, most));
            match (&mut open, fits) {
                (Some(block), true) => block.parameters.push(index),
                _ => blocks.extend(open.replace(Block {
                    table,
                    address: parameter.address,
                    count: parameter.width(),
                    period_ms,
                    parameters: vec![index],
                })),
            }
        }
        blocks.extend(open);
    }
    blocks
}

/// Extends the block to hold the parameter; false if it would be too long or the gap too wide.
fn extend(block: &mut Block, parameter: &Parameter, rules: &ModbusRules, most: u32) -> bool {
    let start = u32::from(block.address);
    let end = start + u32::from(block.count);
    let from = u32::from(parameter.address);
    let to = end.max(from + u32::from(parameter.width()));
    let fits = from <= end + u32::from(rules.max_gap) && to - start <= most;
    match u16::try_from(to - start) {
        Ok(count) if fits => {
            block.count = count;
            true
        }
        _ => false,
    }
}
