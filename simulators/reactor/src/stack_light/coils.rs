//! Coils, and what requests do to them (Modbus Application Protocol V1.1b3, §6.1, §6.5, §6.11).

use crate::modbus::pdu::ExceptionCode;

/// The coils of the module, from `first` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coils {
    first: u16,
    on: Vec<bool>,
}

impl Coils {
    /// So many coils from `first` on, all off.
    #[must_use]
    pub fn new(first: u16, count: usize) -> Self {
        Self { first, on: vec![false; count] }
    }

    /// On or off, each.
    #[must_use]
    pub fn on(&self) -> &[bool] {
        &self.on
    }

    /// All off: what the output watchdog does.
    pub fn clear(&mut self) {
        self.on.fill(false);
    }

    fn slice(&mut self, address: u16, count: u16) -> Result<&mut [bool], ExceptionCode> {
        let from = address.checked_sub(self.first).ok_or(ExceptionCode::IllegalDataAddress)?;
        let range = usize::from(from)..usize::from(from) + usize::from(count);
        self.on.get_mut(range).ok_or(ExceptionCode::IllegalDataAddress)
    }
}

/// The reply to a request; true where it wrote.
#[must_use]
pub fn answer(coils: &mut Coils, pdu: &[u8]) -> (Vec<u8>, bool) {
    let function = pdu.first().copied().unwrap_or_default();
    match carry_out(coils, function, pdu.get(1..).unwrap_or_default()) {
        Ok(reply) => ([&[function], reply.as_slice()].concat(), function != 1),
        Err(exception) => (vec![function | 0x80, exception.code()], false),
    }
}

fn carry_out(coils: &mut Coils, function: u8, data: &[u8]) -> Result<Vec<u8>, ExceptionCode> {
    let word = |at: usize| match data.get(at..at + 2) {
        Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
        Some(_) | None => Err(ExceptionCode::IllegalDataValue),
    };
    match function {
        1 => {
            let count = word(2)?;
            if !(1..=2000).contains(&count) || data.len() != 4 {
                return Err(ExceptionCode::IllegalDataValue);
            }
            let bits = coils.slice(word(0)?, count)?;
            let mut bytes = vec![0u8; bits.len().div_ceil(8)];
            for (index, on) in bits.iter().enumerate() {
                bytes[index / 8] |= u8::from(*on) << (index % 8);
            }
            let length = u8::try_from(bytes.len()).map_err(|_| ExceptionCode::IllegalDataValue)?;
            Ok([&[length], bytes.as_slice()].concat())
        }
        5 => {
            let on = match word(2)? {
                0xff00 => true,
                0 => false,
                _ => return Err(ExceptionCode::IllegalDataValue),
            };
            coils.slice(word(0)?, 1)?.fill(on);
            Ok(data.to_vec())
        }
        15 => {
            let count = word(2)?;
            let bytes = data.get(5..).unwrap_or_default();
            let is_whole = usize::from(count).div_ceil(8) == bytes.len()
                && data.get(4).is_some_and(|length| usize::from(*length) == bytes.len());
            if count == 0 || !is_whole {
                return Err(ExceptionCode::IllegalDataValue);
            }
            for (index, on) in coils.slice(word(0)?, count)?.iter_mut().enumerate() {
                *on = bytes[index / 8] >> (index % 8) & 1 == 1;
            }
            Ok(data[..4].to_vec())
        }
        _ => Err(ExceptionCode::IllegalFunction),
    }
}
