//! Frames: unit, function, data, CRC.

use cellwatch_config::profile::Table;

use super::crc16;
use crate::door::Read;

/// Bytes of a request: unit, function, address, count, CRC.
pub(super) const REQUEST_BYTES: u64 = 8;
/// Bytes of a reply beside its data.
pub(super) const REPLY_FRAME_BYTES: u64 = (HEAD + TAIL) as u64;
/// Unit, function, byte count.
const HEAD: usize = 3;
/// CRC.
const TAIL: usize = 2;
/// Unit, function with its highest bit, exception code, CRC.
const EXCEPTION: usize = 5;

/// The function that reads a table (Modbus Application Protocol V1.1b3, §6.1 to §6.4).
const fn function(table: Table) -> u8 {
    match table {
        Table::Coil => 1,
        Table::Discrete => 2,
        Table::Holding => 3,
        Table::Input => 4,
    }
}

/// The frame that asks. Nothing but a read can be made here (LAW-09).
#[must_use]
pub fn request_frame(read: Read) -> Vec<u8> {
    let mut frame = vec![read.modbus_unit, function(read.table)];
    frame.extend(read.address.to_be_bytes());
    frame.extend(read.count.to_be_bytes());
    let crc = crc16(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

/// The only reply that a read admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// Unit that answers.
    pub unit: u8,
    /// Function.
    pub function: u8,
    /// Bytes of data.
    pub data_bytes: u8,
    count: u16,
}

/// What bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// The beginning of the reply; more must come.
    Part,
    /// The whole reply: registers, or bits as 0 and 1, as many as were asked for.
    Words(Vec<u16>),
    /// The device refuses with this exception code.
    Exception(u8),
}

/// Why bytes are not the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongFrame {
    /// Another unit, or noise.
    #[error("the reply begins with {found:#04x}, not with unit {expected}: another unit or noise")]
    Unit {
        /// Of the request.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// Another function.
    #[error("the reply is to function {found:#04x}, not to {expected:#04x}")]
    Function {
        /// Of the request.
        expected: u8,
        /// Of the reply.
        found: u8,
    },
    /// Another length.
    #[error("the reply announces {found} bytes of data where {expected} were asked for")]
    ByteCount {
        /// By the request.
        expected: u8,
        /// Of the reply.
        found: u8,
    },
    /// The bytes are damaged.
    #[error(
        "the reply's CRC is {found:#06x} where {computed:#06x} belongs: noise, or wrong baud rate, parity or stop bits"
    )]
    Crc {
        /// Over the bytes that came.
        computed: u16,
        /// What came.
        found: u16,
    },
    /// Something behind the reply.
    #[error("{0} bytes follow the reply")]
    Trailing(usize),
}

impl Expected {
    /// What must come back for a read.
    #[must_use]
    pub fn of(read: Read) -> Self {
        let data_bytes = if read.table.is_bits() {
            read.count.div_ceil(8)
        } else {
            read.count.saturating_mul(2)
        };
        Self {
            unit: read.modbus_unit,
            function: function(read.table),
            data_bytes: u8::try_from(data_bytes).unwrap_or(u8::MAX),
            count: read.count,
        }
    }

    /// Bytes of the whole reply if it is no exception.
    #[must_use]
    pub const fn reply_bytes(&self) -> usize {
        HEAD + self.data_bytes as usize + TAIL
    }

    /// Looks at all that has come since the request.
    ///
    /// # Errors
    /// Whatever comes, it will not be the reply.
    pub fn look(&self, received: &[u8]) -> Result<Received, WrongFrame> {
        let Some(&unit) = received.first() else { return Ok(Received::Part) };
        if unit != self.unit {
            return Err(WrongFrame::Unit { expected: self.unit, found: unit });
        }
        let Some(&function) = received.get(1) else { return Ok(Received::Part) };
        let refused = function == self.function | 0x80;
        if function != self.function && !refused {
            return Err(WrongFrame::Function { expected: self.function, found: function });
        }
        if let Some(&found) = received.get(2)
            && !refused
            && found != self.data_bytes
        {
            return Err(WrongFrame::ByteCount { expected: self.data_bytes, found });
        }
        let whole = if refused { EXCEPTION } else { self.reply_bytes() };
        if received.len() < whole {
            return Ok(Received::Part);
        }
        if received.len() > whole {
            return Err(WrongFrame::Trailing(received.len() - whole));
        }
        let (body, tail) = received.split_at(whole - TAIL);
        let (computed, found) = (crc16(body), u16::from_le_bytes([tail[0], tail[1]]));
        if computed != found {
            return Err(WrongFrame::Crc { computed, found });
        }
        if refused {
            return Ok(Received::Exception(body[2]));
        }
        Ok(Received::Words(self.words(&body[HEAD..])))
    }

    fn words(&self, data: &[u8]) -> Vec<u16> {
        if self.function <= 2 {
            let bits =
                data.iter().flat_map(|byte| (0..8).map(move |bit| u16::from(byte >> bit & 1)));
            return bits.take(usize::from(self.count)).collect();
        }
        data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }
}
