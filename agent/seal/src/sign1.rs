//! Seals: `COSE_Sign1` (RFC 9052 §4.2), tagged, with the payload embedded.

use coset::{CoseSign1, CoseSign1Builder, Header, TaggedCborSerializable};

use crate::{KeyId, PublicKey, SealError, Sealer, Verified, header, signature};

const EXPECTED: &str = "COSE_Sign1 with tag 18";

/// Seals `payload` as `content_type`. The same input gives the same bytes.
///
/// `content_type` is a media type, such as `application/cellwatch-record`; it is sealed too, so
/// that a payload of one kind can never pass for another.
#[must_use]
pub fn seal(sealer: &dyn Sealer, content_type: &str, payload: &[u8]) -> Vec<u8> {
    CoseSign1Builder::new()
        .protected(header::of_seal(content_type, sealer.public().id()))
        .payload(payload.to_vec())
        .create_signature(&[], |sig_structure| sealer.sign(sig_structure).to_vec())
        .build()
        .to_tagged_vec()
        .expect("three known headers and byte strings always encode")
}

/// Takes a seal apart. Only its structure is judged: nothing in it is to be trusted before
/// [`Sealed::verify`].
///
/// # Errors
/// Anything but the bytes that [`seal()`] makes.
pub fn open(sealed: &[u8]) -> Result<Sealed<'_>, SealError> {
    let cose =
        CoseSign1::from_tagged_slice(sealed).map_err(|error| header::not_cose(EXPECTED, error))?;
    let said = header::read(&cose.protected, &cose.unprotected)?;
    let key_id = said.key_id()?;
    let content_type = said.content_type()?.to_owned();
    if cose.payload.is_none() {
        return Err(SealError::Detached);
    }
    if cose.signature.len() != 64 {
        return Err(SealError::SignatureLength { found: cose.signature.len() });
    }
    let again = CoseSign1 {
        protected: header::again(&cose.protected.header),
        unprotected: Header::default(),
        payload: cose.payload.clone(),
        signature: cose.signature.clone(),
    };
    if again.to_tagged_vec().is_ok_and(|bytes| bytes == sealed) {
        Ok(Sealed { bytes: sealed, cose, content_type, key_id })
    } else {
        Err(SealError::NotDeterministic)
    }
}

/// A seal whose signature nobody has checked yet.
#[derive(Clone, Debug)]
pub struct Sealed<'a> {
    bytes: &'a [u8],
    cose: CoseSign1,
    content_type: String,
    key_id: KeyId,
}

impl<'a> Sealed<'a> {
    /// The whole, as it came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What it claims to be.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The key that it claims to be sealed with.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The payload, by whomever it may be.
    #[must_use]
    pub fn untrusted_payload(&self) -> &[u8] {
        self.cose.payload.as_deref().unwrap_or_default()
    }

    /// The payload, if `key` sealed it as `content_type`.
    ///
    /// # Errors
    /// It was sealed as something else, by another key, or not at all like this.
    pub fn verify(
        &self,
        content_type: &str,
        key: &PublicKey,
    ) -> Result<Verified<Vec<u8>>, SealError> {
        if self.content_type != content_type {
            let (expected, found) = (content_type.to_owned(), self.content_type.clone());
            return Err(SealError::ContentType { expected, found });
        }
        if self.key_id != key.id() {
            return Err(SealError::OtherKey { expected: key.id(), found: self.key_id });
        }
        self.cose.verify_signature(&[], |signature, sig_structure| {
            signature::check(key, sig_structure, signature)
        })?;
        Ok(Verified::new(self.untrusted_payload().to_vec(), vec![self.key_id]))
    }
}
