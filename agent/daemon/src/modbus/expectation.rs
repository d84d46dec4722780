//! What the reply to a request must look like (Modbus Application Protocol V1.1b3, §6; Messaging on
//! TCP/IP V1.0b, §3.1.3).

/// MBAP header: transaction, protocol, length, unit.
const HEADER: usize = 7;
/// Header, function 01 to 04, address, count.
const READ_REQUEST: usize = HEADER + 5;

/// Why bytes are not the reply to the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongReply {
    /// Nothing was asked.
    #[error("the device sent {0} bytes that nobody asked for")]
    Unasked(usize),
    /// A reply to another request.
    #[error("the reply is to transaction {found}, not to {expected}: it answers another request")]
    Transaction {
        /// Of the request.
        expected: u16,
        /// Of the reply.
        found: u16,
    },
    /// Not Modbus.
    #[error("the reply has protocol identifier {0}, not 0: the device does not speak Modbus TCP")]
    Protocol(u16),
    /// Another unit answers.
    #[error("the reply is of unit {found}, not of {expected}: see modbus_unit of the device")]
    Unit {
        /// Of the request.
        expected: u8,
        /// Of the reply.
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
    /// A length that does not fit what was asked for.
    #[error("the reply's header announces {found} bytes where {expected} belong")]
    Length {
        /// By the request.
        expected: u16,
        /// Of the reply.
        found: u16,
    },
    /// A byte count that does not fit what was asked for.
    #[error("the reply holds {found} bytes of data where {expected} were asked for")]
    ByteCount {
        /// By the request.
        expected: u8,
        /// Of the reply.
        found: u8,
    },
    /// Something follows the reply.
    #[error("{0} bytes follow the reply")]
    Trailing(usize),
    /// The end before the reply was whole.
    #[error("the device closed the connection after {found} of {expected} bytes of the reply")]
    Closed {
        /// Bytes that had come.
        found: usize,
        /// Bytes of the whole reply.
        expected: usize,
    },
    /// What was to be sent is no read request: nothing else may go to a device (LAW-09).
    #[error("what was to be sent is no read request")]
    NotARead,
}

/// The only reply that a request admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    transaction: u16,
    unit: u8,
    function: u8,
    data_bytes: u8,
}

impl Expectation {
    /// What must come back for the bytes of a request.
    ///
    /// # Errors
    /// Anything but a whole read request (functions 01 to 04) within the standard's counts.
    pub fn of(request: &[u8]) -> Result<Self, WrongReply> {
        let &[t0, t1, 0, 0, 0, 6, unit, function, _, _, c0, c1] = request else {
            return Err(WrongReply::NotARead);
        };
        debug_assert_eq!(request.len(), READ_REQUEST);
        let count = u16::from_be_bytes([c0, c1]);
        let data_bytes = match (function, count) {
            (1 | 2, 1..=2000) => count.div_ceil(8),
            (3 | 4, 1..=125) => count * 2,
            _ => return Err(WrongReply::NotARead),
        };
        let data_bytes = u8::try_from(data_bytes).map_err(|_| WrongReply::NotARead)?;
        Ok(Self { transaction: u16::from_be_bytes([t0, t1]), unit, function, data_bytes })
    }

    /// True if `received` is the whole reply, or an exception to the request; false while bytes are missing.
    ///
    /// # Errors
    /// Whatever comes, it will not be the reply.
    pub fn complete(&self, received: &[u8]) -> Result<bool, WrongReply> {
        if let Some(&[a, b]) = received.first_chunk() {
            let found = u16::from_be_bytes([a, b]);
            if found != self.transaction {
                return Err(WrongReply::Transaction { expected: self.transaction, found });
            }
        }
        if let Some(&[_, _, a, b]) = received.first_chunk() {
            let found = u16::from_be_bytes([a, b]);
            if found != 0 {
                return Err(WrongReply::Protocol(found));
            }
        }
        if let Some(&unit) = received.get(6)
            && unit != self.unit
        {
            return Err(WrongReply::Unit { expected: self.unit, found: unit });
        }
        let Some(&function) = received.get(HEADER) else { return Ok(false) };
        let exception = function == self.function | 0x80;
        if function != self.function && !exception {
            return Err(WrongReply::Function { expected: self.function, found: function });
        }
        let length = if exception { 3 } else { 3 + u16::from(self.data_bytes) };
        let found = u16::from_be_bytes([received[4], received[5]]);
        if let Some(&count) = received.get(HEADER + 1)
            && !exception
            && count != self.data_bytes
        {
            return Err(WrongReply::ByteCount { expected: self.data_bytes, found: count });
        }
        if found != length {
            return Err(WrongReply::Length { expected: length, found });
        }
        let whole = HEADER - 1 + usize::from(length);
        match received.len() {
            have if have > whole => Err(WrongReply::Trailing(have - whole)),
            have => Ok(have == whole),
        }
    }

    /// Bytes of the whole reply if it is no exception.
    #[must_use]
    pub fn reply_bytes(&self) -> usize {
        HEADER + 2 + usize::from(self.data_bytes)
    }
}
