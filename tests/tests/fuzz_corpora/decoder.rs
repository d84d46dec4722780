//! Words into readings: never a panic, never a Good value that is not finite, outside the sensor's range, or a sentinel.
//!
//! Input: what the parameter is (16 bytes), then its words.

use std::collections::BTreeMap;

use cellwatch_config::profile::{Access, Belief, DataType, Order, Parameter, Role, Table};
use cellwatch_core::acquire::decode;
use cellwatch_model::{Mono, Quality, UnitOfMeasure, Value};

const SCALES: [f64; 6] = [1.0, 0.1, 0.01, -1.0, 1e9, 1e-300];
const OFFSETS: [f64; 4] = [0.0, 273.15, -1e15, 0.5];
const RANGES: [Option<(f64, f64)>; 4] =
    [None, Some((0.0, 60.0)), Some((-1e18, 1e18)), Some((5.0, 5.0))];

fn order(bit: u8) -> Order {
    if bit & 1 == 0 { Order::Big } else { Order::Little }
}

fn pick<T: Copy>(of: &[T], byte: u8) -> T {
    of[usize::from(byte) % of.len()]
}

fn parameter(head: [u8; 16]) -> Parameter {
    let [kind, bit, words, bytes, scale, offset, decimals, range, sentinel, values, ..] = head;
    let types = [
        DataType::Bit,
        DataType::RegisterBit(bit % 16),
        DataType::U16,
        DataType::I16,
        DataType::U32,
        DataType::I32,
        DataType::U64,
        DataType::I64,
        DataType::F32,
        DataType::F64,
        DataType::Text(u16::from(bit % 8) + 1),
    ];
    let data_type = pick(&types, kind);
    let word = |number: i64| (number, format!("word {number}"));
    Parameter {
        node: None,
        on_modbus: true,
        name: "X".to_owned(),
        table: if data_type == DataType::Bit { Table::Coil } else { Table::Input },
        address: 0,
        data_type,
        word_order: order(words),
        byte_order: order(bytes),
        scale: pick(&SCALES, scale),
        offset: pick(&OFFSETS, offset),
        decimals: decimals % 10,
        unit: UnitOfMeasure::One,
        range: pick(&RANGES, range),
        sentinels: if sentinel % 3 == 0 { vec![-32_768, i64::from(sentinel)] } else { Vec::new() },
        period_ms: 1000,
        values: if values % 5 == 0 { BTreeMap::from([word(0), word(1)]) } else { BTreeMap::new() },
        role: Role::Process,
        own_word: None,
        of: None,
        bits: BTreeMap::new(),
        read_alone: false,
        belief: Belief::default(),
        access: Access::Read,
    }
}

/// Tries one input.
pub(crate) fn run(data: &[u8]) {
    let Some((head, rest)) = data.split_first_chunk() else { return };
    let parameter = parameter(*head);
    let words: Vec<u16> =
        rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let reading = decode(&parameter, &words, Mono::default());
    if reading.quality != Quality::Good {
        assert!(reading.value.is_err(), "no value stands behind {:?}", reading.quality);
        return;
    }
    assert_eq!(reading.raw.as_slice(), words, "the words stand beside the value");
    assert_eq!(words.len(), usize::from(parameter.width()));
    let Ok(value) = &reading.value else { panic!("Good without a value") };
    if let Value::Integer(raw) = value {
        assert!(!parameter.sentinels.contains(raw), "a sentinel is no value");
        assert!(parameter.values.is_empty() || parameter.values.contains_key(raw));
    }
    if let Some(number) = value.as_f64() {
        assert!(number.is_finite());
        let (low, high) = parameter.range.unwrap_or((f64::MIN, f64::MAX));
        let is_measured =
            matches!(value, Value::Number(_) | Value::Integer(_)) && parameter.values.is_empty();
        assert!(!is_measured || (low..=high).contains(&number), "{number} of {low}..{high}");
    }
}
