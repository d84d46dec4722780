//! Registers that two parameters claim.

use super::{DataType, Parameter};

/// Pairs of indices, smaller first, whose registers or bits overlap although they are not read the same way.
pub(super) fn overlaps(parameters: &[&Parameter]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..parameters.len()).collect();
    order.sort_by_key(|index| (parameters[*index].table, parameters[*index].address, *index));
    let end =
        |index: usize| u32::from(parameters[index].address) + u32::from(parameters[index].width());
    let mut pairs = Vec::new();
    for (at, &first) in order.iter().enumerate() {
        let beside = order[at + 1..].iter().take_while(|&&next| {
            parameters[next].table == parameters[first].table
                && u32::from(parameters[next].address) < end(first)
        });
        for &next in beside {
            if !read_alike(parameters[first], parameters[next]) {
                pairs.push((first.min(next), first.max(next)));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// The same words read as the same type, however scaled; or bits of one register.
fn read_alike(one: &Parameter, other: &Parameter) -> bool {
    let bits = matches!(
        (one.data_type, other.data_type),
        (DataType::RegisterBit(_), DataType::RegisterBit(_))
    );
    one.address == other.address
        && (bits || one.data_type == other.data_type)
        && one.word_order == other.word_order
        && one.byte_order == other.byte_order
}
