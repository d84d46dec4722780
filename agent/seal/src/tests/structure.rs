//! Well-signed COSE that cellwatch does not make: each refused for its own reason.

use coset::cbor::value::Value;
use coset::iana::{Algorithm, CoapContentFormat, HeaderParameter};
use coset::{
    CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, TaggedCborSerializable,
};

use super::people::key;
use crate::{SealError, Sealer, SealingKey, open};

fn header(key: &SealingKey) -> HeaderBuilder {
    HeaderBuilder::new()
        .algorithm(Algorithm::EdDSA)
        .content_type("text/plain".to_owned())
        .key_id(key.public().id().0.to_vec())
}

fn signed(key: &SealingKey, protected: Header, unprotected: Header) -> CoseSign1 {
    CoseSign1Builder::new()
        .protected(protected)
        .unprotected(unprotected)
        .payload(b"payload".to_vec())
        .create_signature(&[], |bytes| key.sign(bytes).to_vec())
        .build()
}

fn refused(cose: CoseSign1) -> SealError {
    open(&cose.to_tagged_vec().unwrap()).unwrap_err()
}

#[test]
fn headers_must_be_those_and_no_others() {
    let key = key();
    let good = header(&key).build();
    let empty = Header::default;
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = good.clone();
        change(&mut header);
        header
    };
    let initialisation = SealError::UnexpectedHeader { what: "an initialisation vector" };
    let unknown = SealError::UnexpectedHeader { what: "an unknown header" };
    let cases = [
        (with(&|header| header.alg = None), empty(), SealError::NoAlgorithm),
        (with(&|header| header.key_id.clear()), empty(), SealError::NoKeyId),
        (with(&|header| header.content_type = None), empty(), SealError::NoContentType),
        (
            header(&key).content_format(CoapContentFormat::Cbor).build(),
            empty(),
            SealError::NoContentType,
        ),
        (with(&|header| header.key_id = vec![1; 7]), empty(), SealError::KeyIdLength { found: 7 }),
        (
            with(&|header| header.key_id = vec![1; 32]),
            empty(),
            SealError::KeyIdLength { found: 32 },
        ),
        (header(&key).iv(vec![1]).build(), empty(), initialisation.clone()),
        (header(&key).partial_iv(vec![1]).build(), empty(), initialisation),
        (header(&key).value(99, Value::Null).build(), empty(), unknown.clone()),
        (header(&key).text_value("x".into(), Value::Null).build(), empty(), unknown),
        (
            header(&key).add_critical(HeaderParameter::Alg).build(),
            empty(),
            SealError::UnexpectedHeader { what: "critical headers" },
        ),
        // What belongs into the protected header stands outside of it.
        (empty(), good.clone(), SealError::UnprotectedHeader),
        (
            good.clone(),
            HeaderBuilder::new().key_id(vec![1; 8]).build(),
            SealError::UnprotectedHeader,
        ),
        (
            good.clone(),
            HeaderBuilder::new().value(99, Value::Null).build(),
            SealError::UnprotectedHeader,
        ),
        (empty(), empty(), SealError::NoAlgorithm),
    ];
    for (protected, unprotected, expected) in &cases {
        let error = refused(signed(&key, protected.clone(), unprotected.clone()));
        assert_eq!(&error, expected);
    }
    assert!(open(&signed(&key, good, empty()).to_tagged_vec().unwrap()).is_ok());
    println!("{} headers", cases.len());
}

#[test]
fn other_algorithms_are_refused() {
    let key = key();
    let others = [Algorithm::ES256, Algorithm::ES256K, Algorithm::HMAC_256_256, Algorithm::PS256];
    for algorithm in others {
        let header = header(&key).algorithm(algorithm).build();
        let error = refused(signed(&key, header, Header::default()));
        assert!(matches!(error, SealError::Algorithm { .. }), "{algorithm:?}: {error}");
    }
    println!("{} algorithms", others.len());
}

#[test]
fn the_payload_and_the_signature_must_be_there() {
    let key = key();
    let good = signed(&key, header(&key).build(), Header::default());
    let detached = CoseSign1 { payload: None, ..good.clone() };
    assert_eq!(refused(detached), SealError::Detached);
    for found in [0, 63, 65, 128] {
        let cut = CoseSign1 { signature: vec![1; found], ..good.clone() };
        assert_eq!(refused(cut), SealError::SignatureLength { found });
    }
}

/// The same COSE in other bytes: the signature would verify, the bytes are not those that were sent.
#[test]
fn other_encodings_of_the_same_are_refused() {
    let key = key();
    let cose = signed(&key, header(&key).build(), Header::default());
    let good = cose.clone().to_tagged_vec().unwrap();
    assert!(open(&good).is_ok());
    let (payload, body) = (b"payload", &good[2..]);
    let at = good.windows(7).position(|seven| seven == payload).unwrap();
    let splice =
        |from: usize, to: usize, bytes: &[u8]| [&good[..from], bytes, &good[to..]].concat();
    let cases = [
        ("a longer tag", splice(0, 1, &[0xd8, 18])),
        ("a longer array", splice(1, 2, &[0x98, 4])),
        ("an array without length", [&[0xd2, 0x9f], body, &[0xff]].concat()),
        ("a longer payload length", splice(at - 1, at, &[0x58, 7])),
        ("a payload in pieces", splice(at - 1, at, &[0x5f, 0x47])),
        ("an unprotected map without length", splice(at - 2, at - 1, &[0xbf, 0xff])),
    ];
    for (name, mut bytes) in cases.clone() {
        if name == "a payload in pieces" {
            bytes.insert(at + 1 + payload.len(), 0xff);
        }
        assert_eq!(open(&bytes).err(), Some(SealError::NotDeterministic), "{name}");
    }

    // A protected header in another order, signed as it stands.
    let kid = key.public().id().0;
    let reordered =
        [&[0xa3, 0x04, 0x48][..], &kid, &[0x03, 0x6a], b"text/plain", &[0x01, 0x27]].concat();
    let longer =
        [&[0xa3, 0x01, 0x27, 0x03, 0x78, 0x0a][..], b"text/plain", &[0x04, 0x48], &kid].concat();
    for protected in [reordered, longer] {
        let mut odd = cose.clone();
        odd.protected.original_data = Some(protected);
        odd.signature = key.sign(&odd.tbs_data(&[])).to_vec();
        assert_eq!(refused(odd), SealError::NotDeterministic);
    }
    println!("{} encodings", cases.len() + 2);
}

#[test]
fn other_structures_are_refused() {
    let key = key();
    let cose = signed(&key, header(&key).build(), Header::default());
    let untagged = cose.clone().to_vec().unwrap();
    let tagged = cose.to_tagged_vec().unwrap();
    let retag = |tag: &[u8]| [tag, &untagged[..]].concat();
    let document = crate::document::sign_new("text/plain", b"payload", &[&key]);
    let cases = [
        ("no tag", untagged.clone()),
        ("COSE_Mac0", retag(&[0xd1])),
        ("COSE_Sign", retag(&[0xd8, 98])),
        ("two tags", [&[0xd2], &tagged[..]].concat()),
        ("a document", document),
        ("nothing", vec![]),
        ("text", b"\x65hello".to_vec()),
        ("five items", [&[0xd2, 0x85], &untagged[1..], &[0xf6]].concat()),
    ];
    for (name, bytes) in &cases {
        assert!(matches!(open(bytes), Err(SealError::NotCose { .. })), "{name}");
    }
    println!("{} structures", cases.len());
}
