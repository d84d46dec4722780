//! Seals: `COSE_Sign1` (RFC 9052 §4.2), tagged, with the payload embedded.

use coset::{CoseSign1, CoseSign1Builder, TaggedCborSerializable};

use crate::{KeyId, PublicKey, SealError, Sealer, Verified, header, signature, strict};

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
    strict::parts(sealed).ok_or_else(|| why_not(sealed))
}

/// Why bytes are not what [`seal()`] makes: the reader of a library says it in its words.
fn why_not(sealed: &[u8]) -> SealError {
    let parse = || {
        let cose = CoseSign1::from_tagged_slice(sealed)
            .map_err(|error| header::not_cose(EXPECTED, error))?;
        let said = header::read(&cose.protected, &cose.unprotected)?;
        said.key_id()?;
        said.content_type()?;
        if cose.payload.is_none() {
            return Err(SealError::Detached);
        }
        if cose.signature.len() != 64 {
            return Err(SealError::SignatureLength { found: cose.signature.len() });
        }
        Ok(())
    };
    // What the library reads, and we would have written otherwise, was written by somebody else.
    parse().err().unwrap_or(SealError::NotDeterministic)
}

/// A seal whose signature nobody has checked yet.
#[derive(Clone, Debug)]
pub struct Sealed<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) protected: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) content_type: &'a str,
    pub(crate) key_id: KeyId,
}

impl<'a> Sealed<'a> {
    /// The whole, as it came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What it claims to be.
    #[must_use]
    pub const fn content_type(&self) -> &'a str {
        self.content_type
    }

    /// The key that it claims to be sealed with.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The payload, by whomever it may be.
    #[must_use]
    pub const fn untrusted_payload(&self) -> &'a [u8] {
        self.payload
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
            let (expected, found) = (content_type.to_owned(), self.content_type.to_owned());
            return Err(SealError::ContentType { expected, found });
        }
        if self.key_id != key.id() {
            return Err(SealError::OtherKey { expected: key.id(), found: self.key_id });
        }
        let sig_structure = strict::sig_structure(self.protected, self.payload);
        signature::check(key, &sig_structure, self.signature)?;
        Ok(Verified::new(self.payload.to_vec(), vec![self.key_id]))
    }
}
