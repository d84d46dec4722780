//! CRC-16/MODBUS (Modbus over Serial Line V1.02, §6.2.2).

/// Reflected polynomial x^16 + x^15 + x^2 + 1.
const POLYNOMIAL: u16 = 0xa001;

const TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "below 256")]
        let mut crc = index as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

/// The CRC of these bytes. It is sent least significant byte first.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc: u16, byte| {
        crc >> 8 ^ TABLE[usize::from((crc ^ u16::from(*byte)) & 0xff)]
    })
}
