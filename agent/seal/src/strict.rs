//! The one way in which a seal is written, read in place.
//!
//! A receiver reads many seals a second, each with two headers and two byte strings that are always laid out alike.
//! Reading exactly that layout needs no tree and no second encoding to be compared; whatever is laid out otherwise is
//! refused, and [`why_not`](crate::sign1) says in what. What is accepted here is what the library's reader accepts and
//! writes again byte for byte the same: a test holds the two together.

use crate::{KeyId, Sealed};

/// Major types (RFC 8949 §3.1).
const BYTES: u8 = 2;
const TEXT: u8 = 3;

/// The parts of a tagged `COSE_Sign1` with EdDSA, a content type as text and a key id of eight bytes.
pub(crate) fn parts(sealed: &[u8]) -> Option<Sealed<'_>> {
    let mut rest = sealed;
    // Tag 18, an array of four (RFC 9052 §4.2).
    literal(&mut rest, &[0xd2, 0x84])?;
    let protected = string(&mut rest, BYTES)?;
    literal(&mut rest, &[0xa0])?;
    let payload = string(&mut rest, BYTES)?;
    let signature = string(&mut rest, BYTES).filter(|signature| signature.len() == 64)?;
    let mut header = protected;
    // A map of three: alg (1) EdDSA (-8), content type (3), kid (4).
    literal(&mut header, &[0xa3, 0x01, 0x27, 0x03])?;
    let content_type = std::str::from_utf8(string(&mut header, TEXT)?).ok()?;
    // Type and subtype, as the library asks for.
    let is_media_type =
        content_type.trim() == content_type && content_type.matches('/').count() == 1;
    literal(&mut header, &[0x04]).filter(|()| is_media_type)?;
    let key_id = KeyId(string(&mut header, BYTES)?.try_into().ok()?);
    (rest.is_empty() && header.is_empty()).then_some(Sealed {
        bytes: sealed,
        protected,
        payload,
        signature,
        content_type,
        key_id,
    })
}

fn literal(rest: &mut &[u8], expected: &[u8]) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

/// A byte or text string of definite length, its length in the shortest form.
fn string<'a>(rest: &mut &'a [u8], major: u8) -> Option<&'a [u8]> {
    let (first, after) = rest.split_first()?;
    if first >> 5 != major {
        return None;
    }
    let (length, after) = match first & 0x1f {
        short @ 0..=23 => (u64::from(short), after),
        24 => number::<1>(after).filter(|(length, _)| *length >= 24)?,
        25 => number::<2>(after).filter(|(length, _)| *length > 0xff)?,
        26 => number::<4>(after).filter(|(length, _)| *length > 0xffff)?,
        27 => number::<8>(after).filter(|(length, _)| *length > 0xffff_ffff)?,
        _ => return None,
    };
    let (string, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(string)
}

fn number<const N: usize>(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, after) = bytes.split_at_checked(N)?;
    let value = number.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    Some((value, after))
}

/// What is signed: `["Signature1", protected, h'', payload]` (RFC 9052 §4.4).
pub(crate) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + protected.len() + payload.len());
    out.extend_from_slice(b"\x84\x6aSignature1");
    write_bytes(&mut out, protected);
    write_bytes(&mut out, &[]);
    write_bytes(&mut out, payload);
    out
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = bytes.len() as u64;
    let all = length.to_be_bytes();
    match length {
        0..=23 => out.push(BYTES << 5 | all[7]),
        24..=0xff => out.extend_from_slice(&[BYTES << 5 | 24, all[7]]),
        0x100..=0xffff => out.extend_from_slice(&[BYTES << 5 | 25, all[6], all[7]]),
        0x1_0000..=0xffff_ffff => {
            out.push(BYTES << 5 | 26);
            out.extend_from_slice(&all[4..]);
        }
        _ => {
            out.push(BYTES << 5 | 27);
            out.extend_from_slice(&all);
        }
    }
    out.extend_from_slice(bytes);
}
