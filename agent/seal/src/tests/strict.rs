//! The reader in place accepts what the library accepts and writes again the same, and nothing else.

use coset::{CoseSign1, Header, ProtectedHeader, TaggedCborSerializable};
use proptest::prelude::*;

use crate::{Sealer, SealingKey, header, open, seal, strict};

/// The reader of the library, with the second encoding that is compared.
fn by_the_library(sealed: &[u8]) -> Option<(Vec<u8>, Vec<u8>, String)> {
    let cose = CoseSign1::from_tagged_slice(sealed).ok()?;
    let said = header::read(&cose.protected, &cose.unprotected).ok()?;
    let (_, content_type) = (said.key_id().ok()?, said.content_type().ok()?.to_owned());
    let payload = cose.payload.clone()?;
    let again = CoseSign1 {
        protected: ProtectedHeader { original_data: None, header: cose.protected.header.clone() },
        unprotected: Header::default(),
        payload: cose.payload.clone(),
        signature: cose.signature.clone(),
    };
    let same = cose.signature.len() == 64 && again.to_tagged_vec().ok()? == sealed;
    let signed = cose.tbs_data(&[]);
    same.then_some((payload, signed, content_type))
}

fn agree(sealed: &[u8]) -> bool {
    let ours = strict::parts(sealed).map(|parts| {
        let signed = strict::sig_structure(parts.protected, parts.payload);
        (parts.payload.to_vec(), signed, parts.content_type.to_owned())
    });
    let theirs = by_the_library(sealed);
    assert_eq!(ours, theirs, "{sealed:02x?}");
    assert_eq!(open(sealed).is_ok(), ours.is_some());
    ours.is_some()
}

// Req: SEAL-03
#[test]
fn every_length_and_every_changed_byte() {
    let (key, _) = SealingKey::generate().unwrap();
    let mut cases = 0;
    for length in [0, 1, 23, 24, 255, 256, 65_535, 65_536] {
        for content_type in
            ["a/b", "application/cellwatch-record", &format!("x/{}", "y".repeat(300))]
        {
            let sealed = seal(&key, content_type, &vec![7; length]);
            assert!(agree(&sealed), "{length} bytes as {content_type}");
            let opened = open(&sealed).unwrap();
            assert!(opened.verify(content_type, &key.public()).is_ok());
            cases += 1;
        }
    }
    for no_media_type in ["", "a", " a/b", "a/b ", "a/b/c", "\u{a0}a/b"] {
        assert!(!agree(&seal(&key, no_media_type, b"payload")), "{no_media_type:?}");
        cases += 1;
    }
    let sealed = seal(&key, "application/cellwatch-record", b"payload");
    for at in 0..sealed.len() {
        for change in 1..=u8::MAX {
            let mut changed = sealed.clone();
            changed[at] ^= change;
            agree(&changed);
            cases += 1;
        }
        assert!(!agree(&sealed[..at]));
    }
    assert!(!agree(&[&sealed[..], &[0]].concat()));
    println!("{cases} seals");
}

proptest! {
    #[test]
    fn whatever_comes(
        payload in proptest::collection::vec(any::<u8>(), 0..80),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..4),
    ) {
        let (key, _) = SealingKey::generate().unwrap();
        let mut bytes = seal(&key, "application/cellwatch-record", &payload);
        for (at, byte, what) in cuts {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        agree(&bytes);
    }
}
