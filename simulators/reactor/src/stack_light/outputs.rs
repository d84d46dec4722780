//! Outputs, and what requests do to them (Modbus Application Protocol V1.1b3, §6.1, §6.3, §6.5, §6.6, §6.11, §6.12).

use crate::modbus::pdu::ExceptionCode;

/// The outputs of the module, from `first` on: coils, or holding registers that are 1 where the output is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    are_registers: bool,
    first: u16,
    on: Vec<bool>,
}

impl Outputs {
    /// So many coils from `first` on, all off.
    #[must_use]
    pub fn coils(first: u16, count: usize) -> Self {
        Self { are_registers: false, first, on: vec![false; count] }
    }

    /// So many holding registers from `first` on, all 0.
    #[must_use]
    pub fn registers(first: u16, count: usize) -> Self {
        Self { are_registers: true, first, on: vec![false; count] }
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
pub fn answer(outputs: &mut Outputs, pdu: &[u8]) -> (Vec<u8>, bool) {
    let function = pdu.first().copied().unwrap_or_default();
    let data = pdu.get(1..).unwrap_or_default();
    let reply = match (outputs.are_registers, function) {
        (false, 1) | (true, 3) => read(outputs, data),
        (false, 5) | (true, 6) => write_one(outputs, data),
        (false, 15) | (true, 16) => write_all(outputs, data),
        _ => Err(ExceptionCode::IllegalFunction),
    };
    match reply {
        Ok(reply) => ([&[function], reply.as_slice()].concat(), !matches!(function, 1 | 3)),
        Err(exception) => (vec![function | 0x80, exception.code()], false),
    }
}

fn word(data: &[u8], at: usize) -> Result<u16, ExceptionCode> {
    match data.get(at..at + 2) {
        Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
        Some(_) | None => Err(ExceptionCode::IllegalDataValue),
    }
}

/// A register of an output.
const fn is_on(register: u16) -> Result<bool, ExceptionCode> {
    match register {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(ExceptionCode::IllegalDataValue),
    }
}

fn read(outputs: &mut Outputs, data: &[u8]) -> Result<Vec<u8>, ExceptionCode> {
    let count = word(data, 2)?;
    let most = if outputs.are_registers { 125 } else { 2000 };
    if !(1..=most).contains(&count) || data.len() != 4 {
        return Err(ExceptionCode::IllegalDataValue);
    }
    let are_registers = outputs.are_registers;
    let on = outputs.slice(word(data, 0)?, count)?;
    let bytes: Vec<u8> = if are_registers {
        on.iter().flat_map(|on| u16::from(*on).to_be_bytes()).collect()
    } else {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, on| byte << 1 | u8::from(*on));
        on.chunks(8).map(byte).collect()
    };
    let length = u8::try_from(bytes.len()).map_err(|_| ExceptionCode::IllegalDataValue)?;
    Ok([&[length], bytes.as_slice()].concat())
}

fn write_one(outputs: &mut Outputs, data: &[u8]) -> Result<Vec<u8>, ExceptionCode> {
    let on = match (outputs.are_registers, word(data, 2)?) {
        (true, register) => is_on(register)?,
        (false, 0xff00) => true,
        (false, 0) => false,
        (false, _) => return Err(ExceptionCode::IllegalDataValue),
    };
    outputs.slice(word(data, 0)?, 1)?.fill(on);
    Ok(data.to_vec())
}

fn write_all(outputs: &mut Outputs, data: &[u8]) -> Result<Vec<u8>, ExceptionCode> {
    let count = usize::from(word(data, 2)?);
    let bytes = data.get(5..).unwrap_or_default();
    let wanted = if outputs.are_registers { 2 * count } else { count.div_ceil(8) };
    let is_whole = wanted == bytes.len()
        && data.get(4).is_some_and(|length| usize::from(*length) == bytes.len());
    if count == 0 || !is_whole {
        return Err(ExceptionCode::IllegalDataValue);
    }
    let lit = if outputs.are_registers {
        let registers = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        registers.map(is_on).collect::<Result<Vec<bool>, _>>()?
    } else {
        (0..count).map(|index| bytes[index / 8] >> (index % 8) & 1 == 1).collect()
    };
    outputs.slice(word(data, 0)?, word(data, 2)?)?.copy_from_slice(&lit);
    Ok(data[..4].to_vec())
}
