//! Documents with several signatures.

use coset::{CoseSign, Header, HeaderBuilder, TaggedCborSerializable};

use super::people::key;
use crate::document::{
    SIGNATURES_MAX, add_signature, sign_new, untrusted_payload, untrusted_signers,
};
use crate::{SealError, Sealer, SealingKey};

const TYPE: &str = "text/plain";

#[test]
fn signatures_at_once_and_one_after_the_other_are_the_same() {
    let (one, two, three) = (key(), key(), key());
    let at_once = sign_new(TYPE, b"text", &[&one, &two, &three]);
    let after = add_signature(&sign_new(TYPE, b"text", &[&one]), &two).unwrap();
    assert_eq!(add_signature(&after, &three).unwrap(), at_once);
    assert_eq!(untrusted_payload(&at_once).unwrap(), (TYPE.to_owned(), b"text".to_vec()));
    let ids = [&one, &two, &three].map(|key| key.public().id());
    assert_eq!(untrusted_signers(&at_once).unwrap(), ids);
}

#[test]
fn nobody_signs_twice_and_not_everybody_may() {
    let (one, two) = (key(), key());
    let signed = sign_new(TYPE, b"text", &[&one, &two]);
    let same = SealError::SameKeyTwice { key_id: two.public().id() };
    assert_eq!(add_signature(&signed, &two), Err(same.clone()));
    assert_eq!(untrusted_payload(&sign_new(TYPE, b"", &[&one, &two, &two])), Err(same));
    assert_eq!(untrusted_payload(&sign_new(TYPE, b"", &[])), Err(SealError::NoSignatures));

    let keys: Vec<_> = (0..=SIGNATURES_MAX).map(|_| key()).collect();
    let signers: Vec<&dyn Sealer> = keys.iter().map(|key| key as &dyn Sealer).collect();
    let most = sign_new(TYPE, b"", &signers[1..]);
    assert_eq!(untrusted_signers(&most).unwrap().len(), SIGNATURES_MAX);
    let (found, most_allowed) = (SIGNATURES_MAX + 1, SIGNATURES_MAX);
    let too_many = SealError::TooManySignatures { found, most: most_allowed };
    assert_eq!(add_signature(&most, &keys[0]), Err(too_many.clone()));
    assert_eq!(untrusted_payload(&sign_new(TYPE, b"", &signers)), Err(too_many));
}

/// A document whose parts were changed and which was then signed again, so that only its structure
/// is wrong.
fn changed(key: &SealingKey, change: impl Fn(&mut CoseSign)) -> SealError {
    let mut cose = CoseSign::from_tagged_slice(&sign_new(TYPE, b"text", &[key])).unwrap();
    cose.protected.original_data = None;
    cose.signatures[0].protected.original_data = None;
    let length = cose.signatures[0].signature.len();
    change(&mut cose);
    if let Some(signature) = cose.signatures.first().cloned()
        && signature.signature.len() == length
    {
        cose.signatures[0].signature = key.sign(&cose.tbs_data(&[], &signature)).to_vec();
    }
    untrusted_payload(&cose.to_tagged_vec().unwrap()).unwrap_err()
}

#[test]
fn the_structure_is_that_and_no_other() {
    let key = key();
    let id = || HeaderBuilder::new().key_id(vec![1; 8]).build();
    let unexpected = |what| SealError::UnexpectedHeader { what };
    let body = |header: Header| move |cose: &mut CoseSign| cose.protected.header = header.clone();
    let keyed = HeaderBuilder::new().content_type(TYPE.to_owned()).key_id(vec![1; 8]).build();
    assert_eq!(changed(&key, body(keyed)), unexpected("an algorithm or a key id"));
    assert_eq!(changed(&key, body(Header::default())), SealError::NoContentType);
    assert_eq!(changed(&key, |cose| cose.payload = None), SealError::Detached);
    assert_eq!(changed(&key, |cose| cose.unprotected = id()), SealError::UnprotectedHeader);
    assert_eq!(changed(&key, |cose| cose.signatures.clear()), SealError::NoSignatures);

    let first = |change: fn(&mut coset::CoseSignature)| {
        changed(&key, move |cose| change(&mut cose.signatures[0]))
    };
    assert_eq!(
        first(|one| one.unprotected = HeaderBuilder::new().key_id(vec![1; 8]).build()),
        SealError::UnprotectedHeader
    );
    assert_eq!(first(|one| one.protected.header.alg = None), SealError::NoAlgorithm);
    assert_eq!(first(|one| one.protected.header.key_id.clear()), SealError::NoKeyId);
    assert_eq!(
        first(|one| one.protected.header.key_id = vec![1; 4]),
        SealError::KeyIdLength { found: 4 }
    );
    assert_eq!(
        first(|one| one.protected.header.content_type =
            Some(coset::ContentType::Text("text/plain".to_owned()))),
        unexpected("a content type")
    );
    assert_eq!(first(|one| one.signature.truncate(63)), SealError::SignatureLength { found: 63 });
    println!("11 structures");
}
