//! What an OPC UA server said, against what the device showed.

use std::sync::Arc;

use cellwatch_core::door::{UaSample, UaValue};
use cellwatch_reactor::live::Live;

/// 100 ns from 1601-01-01, where OPC UA counts from, to 1970-01-01 (OPC 10000-6 §5.2.2.5).
const EPOCH_TICKS: i64 = 116_444_736_000_000_000;
/// The two highest bits of a status code.
const BAD: u32 = 0x8000_0000;

/// Samples that the device did not show at their server time, or showed before `asked_ticks`.
pub(crate) fn wrong(
    live: &Arc<Live>,
    samples: &[UaSample],
    asked_ticks: Option<i64>,
) -> Vec<String> {
    let has_value = |one: &&UaSample| {
        one.status & BAD == 0 && !matches!(one.value, UaValue::Null | UaValue::Other)
    };
    let shown = |one: &&UaSample| !was_shown(live, one, asked_ticks);
    let told = |one: &UaSample| format!("{one:?}, which the device did not show then");
    samples.iter().filter(has_value).filter(shown).map(told).collect()
}

fn was_shown(live: &Arc<Live>, sample: &UaSample, asked_ticks: Option<i64>) -> bool {
    let Some(server) = sample.server else { return false };
    let ticks = server.0 / 100 + EPOCH_TICKS;
    asked_ticks.is_none_or(|asked| asked <= ticks)
        && live.with(|reactor| {
            let is_it = |words: &Vec<u16>| is_same(&sample.value, words);
            reactor.showings.at(ticks).any(|one| one.words.get(sample.parameter).is_some_and(is_it))
        })
}

/// The last server time that the device showed.
pub(crate) fn last_ticks(live: &Arc<Live>) -> Option<i64> {
    live.with(|reactor| reactor.showings.last_ticks())
}

/// Words in big order hold this value.
fn is_same(value: &UaValue, words: &[u16]) -> bool {
    let bits = words.iter().fold(0_u64, |bits, word| bits << 16 | u64::from(*word));
    let narrow = 64 - 16 * u32::try_from(words.len().min(4)).expect("at most four");
    match value {
        UaValue::Signed(whole) => (whole.cast_unsigned() << narrow) >> narrow == bits,
        UaValue::Unsigned(whole) => *whole == bits,
        UaValue::Float(float) => u64::from(float.to_bits()) == bits,
        UaValue::Double(double) => double.to_bits() == bits,
        UaValue::Bool(flag) => u64::from(*flag) == bits,
        UaValue::Text(text) => {
            let bytes = words.iter().flat_map(|word| word.to_be_bytes());
            bytes.take_while(|byte| *byte != 0).eq(text.bytes())
        }
        UaValue::Null | UaValue::Other => false,
    }
}
