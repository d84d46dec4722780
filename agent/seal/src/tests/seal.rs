//! Seals over payloads.

use super::people::key;
use crate::{SealError, Sealer, open, seal};

const TYPE: &str = "application/cellwatch-record";

#[test]
fn what_is_sealed_verifies_and_is_the_same() {
    let key = key();
    let lengths = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 100_000];
    for length in lengths {
        let payload = vec![0xa5; length];
        let sealed = seal(&key, TYPE, &payload);
        let opened = open(&sealed).unwrap();
        assert_eq!(opened.bytes(), sealed);
        assert_eq!(opened.content_type(), TYPE);
        assert_eq!(opened.key_id(), key.public().id());
        assert_eq!(opened.untrusted_payload(), payload);
        let verified = opened.verify(TYPE, &key.public()).unwrap();
        assert_eq!(verified.get(), &payload);
        assert_eq!(verified.signers(), [key.public().id()]);
        assert_eq!(verified.into_inner(), payload);
    }
    println!("{} payloads", lengths.len());
}

/// Ed25519 has no nonce and the encoding no choice.
#[test]
fn sealing_twice_gives_the_same_bytes() {
    let key = key();
    assert_eq!(seal(&key, TYPE, b"payload"), seal(&key, TYPE, b"payload"));
}

/// The structure of RFC 9052 §4.2, byte by byte, and what it costs.
#[test]
fn the_bytes_are_those_of_the_standard() {
    let key = key();
    let sealed = seal(&key, TYPE, &[0x42; 300]);
    let expected = [
        &[0xd2, 0x84, 0x58, 0x2c][..], // tag 18, four items, protected header of 44 bytes
        &[0xa3, 0x01, 0x27],           // a map of 3: alg: -8 (EdDSA)
        &[0x03, 0x78, 0x1c],           // content type: text of 28 bytes
        TYPE.as_bytes(),
        &[0x04, 0x48], // kid: 8 bytes
        &key.public().id().0,
        &[0xa0],             // no unprotected header
        &[0x59, 0x01, 0x2c], // the payload of 300 bytes
        &[0x42; 300],
        &[0x58, 0x40], // the signature of 64 bytes
    ]
    .concat();
    assert_eq!(sealed[..expected.len()], expected);
    assert_eq!(sealed.len(), expected.len() + 64);
    assert_eq!(sealed.len() - 300, 118, "bytes that a seal adds");

    let sig_structure = [
        &[0x84, 0x6a][..],
        b"Signature1",
        &sealed[2..48], // the protected header with its length
        &[0x40],        // no external data
        &sealed[49..352],
    ]
    .concat();
    assert_eq!(key.sign(&sig_structure), sealed[354..]);
}

/// Every single bit of a sealed record counts.
#[test]
fn a_changed_bit_is_refused() {
    let key = key();
    let sealed = seal(&key, TYPE, b"a payload of some length, to be sealed");
    let (mut taken_apart, bits) = (0, sealed.len() * 8);
    for bit in 0..bits {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(opened) = open(&changed) {
            taken_apart += 1;
            assert!(opened.verify(TYPE, &key.public()).is_err(), "bit {bit}");
        }
    }
    assert!(taken_apart > 0);
    println!("{bits} bits, of which {taken_apart} were left to the signature");
}

#[test]
fn a_cut_or_longer_seal_is_refused() {
    let key = key();
    let sealed = seal(&key, TYPE, b"payload");
    for length in 0..sealed.len() {
        assert!(open(&sealed[..length]).is_err(), "{length} bytes");
    }
    for more in [&[0][..], &[0xff], &sealed] {
        let longer = [&sealed[..], more].concat();
        assert_eq!(open(&longer).err(), Some(SealError::TrailingBytes));
    }
}

#[test]
fn another_content_type_is_no_excuse() {
    let key = key();
    let sealed = seal(&key, "application/cellwatch-receipt", b"payload");
    let error = open(&sealed).unwrap().verify(TYPE, &key.public()).unwrap_err();
    let expected = SealError::ContentType {
        expected: TYPE.to_owned(),
        found: "application/cellwatch-receipt".to_owned(),
    };
    assert_eq!(error, expected);

    // The word changed in the bytes: it is signed too.
    let at = sealed.windows(7).position(|seven| seven == b"receipt").unwrap();
    let mut renamed = sealed;
    renamed[at..at + 7].copy_from_slice(b"recordX");
    let opened = open(&renamed).unwrap();
    let error = opened.verify("application/cellwatch-recordX", &key.public()).unwrap_err();
    assert_eq!(error, SealError::BadSignature { key_id: key.public().id() });
}

#[test]
fn another_key_is_refused() {
    let (key, other) = (key(), key());
    let sealed = seal(&key, TYPE, b"payload");
    let error = open(&sealed).unwrap().verify(TYPE, &other.public()).unwrap_err();
    let (expected, found) = (other.public().id(), key.public().id());
    assert_eq!(error, SealError::OtherKey { expected, found });

    // The other's key id put in: the id finds a key, the signature judges.
    let at = sealed.windows(8).position(|eight| eight == found.0).unwrap();
    let mut claimed = sealed;
    claimed[at..at + 8].copy_from_slice(&expected.0);
    let error = open(&claimed).unwrap().verify(TYPE, &other.public()).unwrap_err();
    assert_eq!(error, SealError::BadSignature { key_id: expected });
}
