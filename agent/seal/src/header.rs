//! What stands in protected headers, and nothing else.

use coset::iana::Algorithm;
use coset::{
    ContentType, CoseError, Header, HeaderBuilder, ProtectedHeader, RegisteredLabelWithPrivate,
};

use crate::{KeyId, SealError};

/// Says that COSE is not what `expected` names.
pub(crate) fn not_cose(expected: &'static str, error: CoseError) -> SealError {
    if matches!(error, CoseError::ExtraneousData) {
        SealError::TrailingBytes
    } else {
        SealError::NotCose { expected, cause: error.to_string() }
    }
}

/// The protected header of a `COSE_Sign1`.
pub(crate) fn of_seal(content_type: &str, key_id: KeyId) -> Header {
    let mut header = of_signature(key_id);
    header.content_type = Some(ContentType::Text(content_type.to_owned()));
    header
}

/// The protected header of one signature of a `COSE_Sign`.
pub(crate) fn of_signature(key_id: KeyId) -> Header {
    HeaderBuilder::new().algorithm(Algorithm::EdDSA).key_id(key_id.0.to_vec()).build()
}

/// The protected header of a `COSE_Sign`'s body.
pub(crate) fn of_body(content_type: &str) -> Header {
    HeaderBuilder::new().content_type(content_type.to_owned()).build()
}

/// What a protected header says.
pub(crate) struct Said {
    pub(crate) algorithm: Option<RegisteredLabelWithPrivate<Algorithm>>,
    pub(crate) key_id: Vec<u8>,
    pub(crate) content_type: Option<ContentType>,
}

/// Reads a pair of headers; refuses unprotected ones, and protected ones that nobody asks for.
pub(crate) fn read(protected: &ProtectedHeader, unprotected: &Header) -> Result<Said, SealError> {
    if !unprotected.is_empty() {
        return Err(SealError::UnprotectedHeader);
    }
    let Header { alg, crit, content_type, key_id, iv, partial_iv, counter_signatures, rest } =
        protected.header.clone();
    let unexpected = [
        (!crit.is_empty(), "critical headers"),
        (!iv.is_empty() || !partial_iv.is_empty(), "an initialisation vector"),
        (!counter_signatures.is_empty(), "counter-signatures"),
        (!rest.is_empty(), "an unknown header"),
    ];
    match unexpected.into_iter().find(|(there, _)| *there) {
        Some((_, what)) => Err(SealError::UnexpectedHeader { what }),
        None => Ok(Said { algorithm: alg, key_id, content_type }),
    }
}

impl Said {
    /// The key, whose algorithm must be EdDSA.
    pub(crate) fn key_id(&self) -> Result<KeyId, SealError> {
        match &self.algorithm {
            None => return Err(SealError::NoAlgorithm),
            Some(RegisteredLabelWithPrivate::Assigned(Algorithm::EdDSA)) => {}
            Some(other) => return Err(SealError::Algorithm { found: format!("{other:?}") }),
        }
        if self.key_id.is_empty() {
            return Err(SealError::NoKeyId);
        }
        self.key_id
            .as_slice()
            .try_into()
            .map(KeyId)
            .map_err(|_| SealError::KeyIdLength { found: self.key_id.len() })
    }

    /// The content type.
    pub(crate) fn content_type(&self) -> Result<&str, SealError> {
        match &self.content_type {
            Some(ContentType::Text(text)) => Ok(text),
            Some(ContentType::Assigned(_)) | None => Err(SealError::NoContentType),
        }
    }

    /// Refuses an algorithm or a key where none belongs.
    pub(crate) fn no_key(&self) -> Result<(), SealError> {
        if self.algorithm.is_some() || !self.key_id.is_empty() {
            return Err(SealError::UnexpectedHeader { what: "an algorithm or a key id" });
        }
        Ok(())
    }

    /// Refuses a content type where none belongs.
    pub(crate) fn no_content_type(&self) -> Result<(), SealError> {
        if self.content_type.is_some() {
            return Err(SealError::UnexpectedHeader { what: "a content type" });
        }
        Ok(())
    }
}

/// The same header, to be encoded anew.
pub(crate) fn again(header: &Header) -> ProtectedHeader {
    ProtectedHeader { original_data: None, header: header.clone() }
}
