//! Words of a parameter as a value of OPC UA.

use std::str::FromStr;

use cellwatch_config::profile::{DataType, Identifier, Order, Parameter};
use opcua_types::{ByteString, DataTypeId, Guid, NodeId, Variant};

use super::OWN_NAMESPACE;

/// The namespace of a parameter's node.
pub(super) fn namespace(parameter: &Parameter) -> &str {
    parameter.node.as_ref().map_or(OWN_NAMESPACE, |node| &node.namespace)
}

/// The node of a parameter in the namespace with this index.
pub(super) fn node_id(parameter: &Parameter, index: u16) -> NodeId {
    let Some(node) = &parameter.node else {
        return NodeId::new(index, parameter.name.clone());
    };
    match &node.identifier {
        Identifier::Numeric(number) => NodeId::new(index, *number),
        Identifier::Text(text) => NodeId::new(index, text.clone()),
        Identifier::Guid(guid) => {
            NodeId::new(index, Guid::from_str(guid).unwrap_or_else(|_| Guid::null()))
        }
        Identifier::Opaque(bytes) => {
            NodeId::new(index, ByteString::from_base64(bytes).unwrap_or_default())
        }
    }
}

/// The type of a parameter's values.
pub(super) const fn type_of(parameter: &Parameter) -> DataTypeId {
    match parameter.data_type {
        DataType::Bit => DataTypeId::Boolean,
        DataType::U16 | DataType::RegisterBit(_) => DataTypeId::UInt16,
        DataType::I16 => DataTypeId::Int16,
        DataType::U32 => DataTypeId::UInt32,
        DataType::I32 => DataTypeId::Int32,
        DataType::U64 => DataTypeId::UInt64,
        DataType::I64 => DataTypeId::Int64,
        DataType::F32 => DataTypeId::Float,
        DataType::F64 => DataTypeId::Double,
        DataType::Text(_) => DataTypeId::String,
    }
}

/// The value of words in the parameter's orders.
pub(super) fn variant(parameter: &Parameter, words: &[u16]) -> Variant {
    let mut words = words.to_vec();
    if parameter.word_order == Order::Little {
        words.reverse();
    }
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| match parameter.byte_order {
            Order::Big => word.to_be_bytes(),
            Order::Little => word.to_le_bytes(),
        })
        .collect();
    fn of<const N: usize>(bytes: &[u8]) -> [u8; N] {
        let mut whole = [0; N];
        let length = bytes.len().min(N);
        whole[..length].copy_from_slice(&bytes[..length]);
        whole
    }
    match parameter.data_type {
        DataType::Bit => Variant::from(bytes.last().is_some_and(|bit| *bit != 0)),
        DataType::U16 | DataType::RegisterBit(_) => Variant::from(u16::from_be_bytes(of(&bytes))),
        DataType::I16 => Variant::from(i16::from_be_bytes(of(&bytes))),
        DataType::U32 => Variant::from(u32::from_be_bytes(of(&bytes))),
        DataType::I32 => Variant::from(i32::from_be_bytes(of(&bytes))),
        DataType::U64 => Variant::from(u64::from_be_bytes(of(&bytes))),
        DataType::I64 => Variant::from(i64::from_be_bytes(of(&bytes))),
        DataType::F32 => Variant::from(f32::from_be_bytes(of(&bytes))),
        DataType::F64 => Variant::from(f64::from_be_bytes(of(&bytes))),
        DataType::Text(_) => {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            Variant::from(String::from_utf8_lossy(&bytes[..end]).into_owned())
        }
    }
}
