//! What is sent for a frame, by what is broken.

use std::time::Duration;

use crate::faults::Damage;

/// Between the pieces of a split reply: longer than any silence between frames, shorter than what a master bears.
const SPLIT_PAUSE: Duration = Duration::from_millis(20);
/// No unit, no function, no transaction that a master uses.
const GARBAGE: [u8; 3] = [0xff, 0x55, 0xaa];

/// What is sent for a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Bytes, each after a pause.
    pub pieces: Vec<(Duration, Vec<u8>)>,
    /// What becomes of the connection then.
    pub then: Then,
}

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It goes on.
    GoOn,
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
}

impl Sending {
    /// What is sent for `frame`, whose last two bytes are its CRC where `has_crc`.
    #[must_use]
    pub fn of(mut frame: Vec<u8>, damage: Option<Damage>, has_crc: bool) -> Self {
        let one = |bytes| vec![(Duration::ZERO, bytes)];
        let half = frame.len() / 2;
        let then = match damage {
            Some(Damage::Closed) => Then::Close,
            Some(Damage::Reset) => Then::Reset,
            Some(
                Damage::Split
                | Damage::Merged
                | Damage::GarbageBefore
                | Damage::GarbageAfter
                | Damage::Crc
                | Damage::Cut,
            )
            | None => Then::GoOn,
        };
        let pieces = match damage {
            None => one(frame),
            Some(Damage::Split) => {
                let third = frame.len().div_ceil(3).max(1);
                let pieces = frame.chunks(third).enumerate();
                let pause = |index| if index == 0 { Duration::ZERO } else { SPLIT_PAUSE };
                pieces.map(|(index, piece)| (pause(index), piece.to_vec())).collect()
            }
            Some(Damage::Merged) => one([&frame[..], &frame].concat()),
            Some(Damage::GarbageBefore) => one([&GARBAGE, &frame[..]].concat()),
            Some(Damage::GarbageAfter) => one([&frame, &GARBAGE[..]].concat()),
            Some(Damage::Crc) => {
                if let Some(last) = frame.last_mut().filter(|_| has_crc) {
                    *last ^= 0x55;
                }
                one(frame)
            }
            Some(Damage::Cut | Damage::Closed) => one(frame[..half].to_vec()),
            Some(Damage::Reset) => Vec::new(),
        };
        Self { pieces, then }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_damage_is_what_its_name_says() {
        let frame = vec![1, 3, 2, 0, 7, 8, 9];
        let whole = |bytes: &[u8]| vec![bytes.to_vec()];
        let cases = [
            (None, whole(&frame), Then::GoOn),
            (Some(Damage::Split), vec![vec![1, 3, 2], vec![0, 7, 8], vec![9]], Then::GoOn),
            (Some(Damage::Merged), whole(&[1, 3, 2, 0, 7, 8, 9, 1, 3, 2, 0, 7, 8, 9]), Then::GoOn),
            (Some(Damage::GarbageBefore), whole(&[255, 85, 170, 1, 3, 2, 0, 7, 8, 9]), Then::GoOn),
            (Some(Damage::GarbageAfter), whole(&[1, 3, 2, 0, 7, 8, 9, 255, 85, 170]), Then::GoOn),
            (Some(Damage::Crc), whole(&[1, 3, 2, 0, 7, 8, 92]), Then::GoOn),
            (Some(Damage::Cut), whole(&[1, 3, 2]), Then::GoOn),
            (Some(Damage::Closed), whole(&[1, 3, 2]), Then::Close),
            (Some(Damage::Reset), vec![], Then::Reset),
        ];
        for (damage, expected, then) in &cases {
            let sending = Sending::of(frame.clone(), *damage, true);
            let bytes: Vec<Vec<u8>> = sending.pieces.into_iter().map(|(_, bytes)| bytes).collect();
            assert_eq!((&bytes, sending.then), (expected, *then), "{damage:?}");
        }
        let without = Sending::of(frame.clone(), Some(Damage::Crc), false);
        assert_eq!(without.pieces, [(Duration::ZERO, frame)], "Modbus TCP has no CRC");
        println!("damage: {} cases", cases.len() + 1);
    }
}
