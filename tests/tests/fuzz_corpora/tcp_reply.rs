//! Replies of Modbus TCP: whatever comes, only the reply to this request is one.
//!
//! Input: transaction (2), unit, function, count (2), then the bytes that come.

use cellwatch_daemon::modbus::Expectation;

/// Tries one input.
pub(crate) fn run(data: &[u8]) {
    let Some((&[t1, t0, unit, function, c1, c0], bytes)) = data.split_first_chunk() else { return };
    let function = 1 + function % 4;
    let request = [t1, t0, 0, 0, 0, 6, unit, function, 0, 0, c1, c0];
    let Ok(expectation) = Expectation::of(&request) else { return };
    let count = u16::from_be_bytes([c1, c0]);
    let data_bytes = if function <= 2 { count.div_ceil(8) } else { count * 2 };
    let mut refused = false;
    for end in 0..=bytes.len() {
        let came = &bytes[..end];
        match expectation.complete(came) {
            Ok(true) => {
                assert!(!refused, "what is wrong does not become right");
                assert!(is_reply(came, [t1, t0], unit, function, data_bytes), "{came:?}");
            }
            Ok(false) => {
                assert!(!refused, "what is wrong does not become right");
                assert!(!is_reply(came, [t1, t0], unit, function, data_bytes), "{came:?}");
            }
            Err(_) => {
                refused = true;
                assert!(!is_reply(came, [t1, t0], unit, function, data_bytes), "{came:?}");
            }
        }
    }
}

/// The standard's reply, written down once more (Messaging on TCP/IP V1.0b, §3.1.3; Application Protocol V1.1b3, §6).
fn is_reply(frame: &[u8], transaction: [u8; 2], unit: u8, function: u8, data_bytes: u16) -> bool {
    let announced =
        |from: usize| Some(u16::from_be_bytes([*frame.get(from)?, *frame.get(from + 1)?]));
    let head = frame.get(..2) == Some(&transaction)
        && announced(2) == Some(0)
        && announced(4).map(usize::from) == frame.len().checked_sub(6)
        && frame.get(6) == Some(&unit);
    let whole = frame.get(7) == Some(&function)
        && frame.get(8).copied().map(u16::from) == Some(data_bytes)
        && frame.len() == 9 + usize::from(data_bytes);
    let exception = frame.get(7) == Some(&(function | 0x80)) && frame.len() == 9;
    head && (whole || exception)
}
