//! Function codes (Modbus Application Protocol V1.1b3, §6): reads of the four tables, writes of set-points.

use cellwatch_config::profile::Table;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Functions 1 to 4.
    Read {
        /// The table.
        table: Table,
        /// First register or bit.
        address: u16,
        /// How many.
        count: u16,
    },
    /// Functions 6 and 16.
    Write {
        /// First register.
        address: u16,
        /// What to write.
        words: Vec<u16>,
    },
}

/// Exceptions that the device raises by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionCode {
    /// The device does not know this function.
    IllegalFunction,
    /// Beyond the map, or not to be written.
    IllegalDataAddress,
    /// A count, a length or a value that the device does not take.
    IllegalDataValue,
}

impl ExceptionCode {
    /// Number of the exception (§7).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::IllegalFunction => 1,
            Self::IllegalDataAddress => 2,
            Self::IllegalDataValue => 3,
        }
    }
}

/// Reads a request.
///
/// # Errors
/// The exception with which the device refuses it.
pub fn parse(pdu: &[u8]) -> Result<Request, ExceptionCode> {
    let (&function, data) = pdu.split_first().ok_or(ExceptionCode::IllegalFunction)?;
    let table = match function {
        1 => Table::Coil,
        2 => Table::Discrete,
        3 => Table::Holding,
        4 => Table::Input,
        6 | 16 => return parse_write(function, data),
        _ => return Err(ExceptionCode::IllegalFunction),
    };
    let &[a1, a0, c1, c0] = data else { return Err(ExceptionCode::IllegalDataValue) };
    let count = u16::from_be_bytes([c1, c0]);
    let most = if table.is_bits() { 2000 } else { 125 };
    if !(1..=most).contains(&count) {
        return Err(ExceptionCode::IllegalDataValue);
    }
    Ok(Request::Read { table, address: u16::from_be_bytes([a1, a0]), count })
}

fn parse_write(function: u8, data: &[u8]) -> Result<Request, ExceptionCode> {
    let words = |bytes: &[u8]| -> Vec<u16> {
        bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    };
    match (function, data) {
        (6, &[a1, a0, v1, v0]) => Ok(Request::Write {
            address: u16::from_be_bytes([a1, a0]),
            words: vec![u16::from_be_bytes([v1, v0])],
        }),
        (16, &[a1, a0, c1, c0, bytes, ref values @ ..]) => {
            let count = u16::from_be_bytes([c1, c0]);
            let fits = (1..=123).contains(&count)
                && usize::from(bytes) == values.len()
                && usize::from(count) * 2 == values.len();
            if !fits {
                return Err(ExceptionCode::IllegalDataValue);
            }
            let address = u16::from_be_bytes([a1, a0]);
            Ok(Request::Write { address, words: words(values) })
        }
        _ => Err(ExceptionCode::IllegalDataValue),
    }
}

/// What a read wants of a table.
///
/// # Errors
/// A part of it lies beyond the map.
pub fn within(words: &[u16], address: u16, count: u16) -> Result<&[u16], ExceptionCode> {
    let start = usize::from(address);
    words.get(start..start + usize::from(count)).ok_or(ExceptionCode::IllegalDataAddress)
}

/// The reply to a read; bits come as 0 and 1.
#[must_use]
pub fn read_reply(table: Table, words: &[u16]) -> Vec<u8> {
    let (function, data): (u8, Vec<u8>) = match table {
        Table::Coil => (1, packed(words)),
        Table::Discrete => (2, packed(words)),
        Table::Holding => (3, words.iter().flat_map(|word| word.to_be_bytes()).collect()),
        Table::Input => (4, words.iter().flat_map(|word| word.to_be_bytes()).collect()),
    };
    let mut pdu = vec![function, u8::try_from(data.len()).unwrap_or(u8::MAX)];
    pdu.extend(data);
    pdu
}

/// The reply to a write: address and value, or address and count, as asked.
#[must_use]
pub fn write_reply(request: &[u8]) -> Vec<u8> {
    request.iter().copied().take(5).collect()
}

/// The reply that refuses a request.
#[must_use]
pub fn exception(function: u8, code: u8) -> Vec<u8> {
    vec![function | 0x80, code]
}

/// The same reply under the function code of another table.
#[must_use]
pub fn other_function(mut pdu: Vec<u8>) -> Vec<u8> {
    if let Some(function) = pdu.first_mut() {
        *function = match *function {
            1 => 2,
            2 => 1,
            3 => 4,
            4 => 3,
            other => other ^ 1,
        };
    }
    pdu
}

/// Bits, the first in the least significant place of the first byte (§6.1).
fn packed(bits: &[u16]) -> Vec<u8> {
    bits.chunks(8)
        .map(|eight| {
            let set = eight.iter().enumerate().filter(|(_, bit)| **bit != 0);
            set.fold(0, |byte, (place, _)| byte | 1 << place)
        })
        .collect()
}

#[cfg(test)]
mod tests;
