//! Bundles: unchanged sealed records sent together on `backfill`, so that old data never looks live.
//! A CBOR array of byte strings, each the bytes of a sealed record.

use crate::cbor::{DecodeError, Reader, Writer};

/// Bytes that an item's head takes at most.
const HEAD_MAX: usize = 5;

/// The bytes of a bundle.
#[must_use]
pub fn encode<T: AsRef<[u8]>>(sealed: &[T]) -> Vec<u8> {
    let size: usize = sealed.iter().map(|one| one.as_ref().len() + HEAD_MAX).sum();
    let mut out = Vec::with_capacity(size + HEAD_MAX);
    let mut writer = Writer(&mut out);
    writer.array(sealed.len() as u64);
    for one in sealed {
        writer.bytes(one.as_ref());
    }
    out
}

/// The sealed records of a bundle.
///
/// # Errors
/// Not an array of byte strings, or other bytes follow.
pub fn decode(bundle: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let mut reader = Reader::new(bundle);
    let length = reader.array()?;
    let sealed = (0..length).map(|_| reader.bytes()).collect::<Result<_, _>>()?;
    reader.end(bundle.len())?;
    Ok(sealed)
}
