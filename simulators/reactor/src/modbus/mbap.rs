//! The header of a Modbus TCP frame.

/// Bytes of the header.
pub const HEADER_BYTES: usize = 7;
/// Most bytes of function code and data (Modbus Application Protocol V1.1b3, §4.1).
pub const MAX_PDU_BYTES: usize = 253;

/// Transaction and unit of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mbap {
    /// Transaction identifier.
    pub transaction: u16,
    /// Unit identifier.
    pub unit: u8,
    /// Bytes of function code and data that follow, 1 to 253.
    pub pdu_bytes: usize,
}

impl Mbap {
    /// Reads a header; `None` where it is not Modbus: the connection is then beyond help.
    #[must_use]
    pub fn parse(bytes: [u8; HEADER_BYTES]) -> Option<Self> {
        let [t1, t0, p1, p0, l1, l0, unit] = bytes;
        let length = usize::from(u16::from_be_bytes([l1, l0]));
        let pdu_bytes = length.checked_sub(1)?;
        let is_modbus = p1 == 0 && p0 == 0 && (1..=MAX_PDU_BYTES).contains(&pdu_bytes);
        is_modbus.then_some(Self { transaction: u16::from_be_bytes([t1, t0]), unit, pdu_bytes })
    }

    /// A whole frame with this header's transaction and unit.
    #[must_use]
    pub fn frame(self, pdu: &[u8]) -> Vec<u8> {
        let length = u16::try_from(pdu.len() + 1).unwrap_or(u16::MAX);
        let mut frame = Vec::with_capacity(HEADER_BYTES + pdu.len());
        frame.extend(self.transaction.to_be_bytes());
        frame.extend([0, 0]);
        frame.extend(length.to_be_bytes());
        frame.push(self.unit);
        frame.extend(pdu);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::Mbap;

    #[test]
    fn frames_and_headers_belong_together() {
        let header = Mbap { transaction: 0x1234, unit: 7, pdu_bytes: 3 };
        let frame = header.frame(&[3, 0, 1]);
        assert_eq!(frame, [0x12, 0x34, 0, 0, 0, 4, 7, 3, 0, 1]);
        let bytes = frame[..7].try_into().expect("seven bytes");
        assert_eq!(Mbap::parse(bytes), Some(header));
    }

    #[test]
    fn what_is_not_modbus_is_refused() {
        let cases = [
            [0, 1, 0, 1, 0, 6, 1],   // another protocol
            [0, 1, 0, 0, 0, 1, 1],   // no function code
            [0, 1, 0, 0, 0, 0, 1],   // not even a unit
            [0, 1, 0, 0, 0, 255, 1], // longer than the standard allows
        ];
        for bytes in cases {
            assert_eq!(Mbap::parse(bytes), None, "{bytes:?}");
        }
        println!("cases: {}", cases.len());
    }
}
