//! Frames (Modbus over Serial Line V1.02, §2.5.1 and §6.2.2).

/// The CRC, bit by bit as the standard draws it.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0xffff_u16;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1 != 0;
            crc >>= 1;
            if carry {
                crc ^= 0xa001;
            }
        }
    }
    crc
}

/// A frame: unit, function and data, CRC.
#[must_use]
pub fn framed(unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut frame = vec![unit];
    frame.extend(pdu);
    let crc = crc16(&frame);
    frame.extend(crc.to_le_bytes());
    frame
}

/// Takes the first request out of what has come: its unit, and function with data. `None` while bytes are
/// missing; what is no request is thrown away, all of it, as a slave does that waits for silence.
#[must_use]
pub fn request(received: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let length = match received.get(1)? {
        15 | 16 => 9 + usize::from(*received.get(6)?),
        _ => 8,
    };
    if received.len() < length {
        return None;
    }
    let frame: Vec<u8> = received.drain(..length).collect();
    let (body, tail) = frame.split_at(length - 2);
    if crc16(body).to_le_bytes() != *tail {
        received.clear();
        return None;
    }
    Some((body[0], body[1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_taken_one_by_one_and_damage_is_thrown_away() {
        // The check value of CRC-16/MODBUS.
        assert_eq!(crc16(b"123456789"), 0x4b37);
        let read = framed(7, &[3, 0, 1, 0, 2]);
        let write = framed(7, &[16, 0, 9, 0, 1, 2, 1, 2]);
        let mut received = [&read[..], &write, &read[..5]].concat();
        assert_eq!(request(&mut received), Some((7, vec![3, 0, 1, 0, 2])));
        assert_eq!(request(&mut received), Some((7, vec![16, 0, 9, 0, 1, 2, 1, 2])));
        assert_eq!(request(&mut received), None);
        assert_eq!(received, read[..5], "the rest may come");
        let mut damaged = [&[0x55], &read[..]].concat();
        assert_eq!(request(&mut damaged), None);
        assert!(damaged.is_empty());
        println!("cases: 6");
    }
}
