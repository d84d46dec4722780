//! Documents that people sign: `COSE_Sign` (RFC 9052 §4.1), tagged, over the document's exact
//! bytes, with one signature per person.

use std::collections::BTreeSet;

use coset::{
    CoseSign, CoseSignBuilder, CoseSignature, CoseSignatureBuilder, Header, TaggedCborSerializable,
};

use crate::{KeyId, PublicKey, SealError, Sealer, header, signature};

const EXPECTED: &str = "COSE_Sign with tag 98";

/// Most signatures on one document.
pub const SIGNATURES_MAX: usize = 32;

/// Signs `bytes` as `content_type` with each of `signers`.
#[must_use]
pub fn sign_new(content_type: &str, bytes: &[u8], signers: &[&dyn Sealer]) -> Vec<u8> {
    let cose = CoseSignBuilder::new()
        .protected(header::of_body(content_type))
        .payload(bytes.to_vec())
        .build();
    encode(signers.iter().fold(cose, |cose, signer| with_signature(cose, *signer)))
}

/// Adds one more signature over the same bytes and content type. The other signatures stay as they
/// are, unverified.
///
/// # Errors
/// Not a document, or this key has signed it already.
pub fn add_signature(existing: &[u8], signer: &dyn Sealer) -> Result<Vec<u8>, SealError> {
    let document = Document::parse(existing)?;
    let key_id = signer.public().id();
    if document.signers.contains(&key_id) {
        return Err(SealError::SameKeyTwice { key_id });
    }
    let found = document.signers.len() + 1;
    if found > SIGNATURES_MAX {
        return Err(SealError::TooManySignatures { found, most: SIGNATURES_MAX });
    }
    Ok(encode(with_signature(document.cose, signer)))
}

/// Content type and bytes of a document, whoever may have signed it: for showing it, not for
/// trusting it.
///
/// # Errors
/// Not a document.
pub fn untrusted_payload(bytes: &[u8]) -> Result<(String, Vec<u8>), SealError> {
    let document = Document::parse(bytes)?;
    Ok((document.content_type, document.cose.payload.unwrap_or_default()))
}

/// The keys that a document names as its signers, whether they signed it or not.
///
/// # Errors
/// Not a document.
pub fn untrusted_signers(bytes: &[u8]) -> Result<Vec<KeyId>, SealError> {
    Document::parse(bytes).map(|document| document.signers)
}

fn with_signature(mut cose: CoseSign, signer: &dyn Sealer) -> CoseSign {
    let mut signature =
        CoseSignatureBuilder::new().protected(header::of_signature(signer.public().id())).build();
    signature.signature = signer.sign(&cose.tbs_data(&[], &signature)).to_vec();
    cose.signatures.push(signature);
    cose
}

fn encode(cose: CoseSign) -> Vec<u8> {
    cose.to_tagged_vec().expect("known headers and byte strings always encode")
}

/// CBOR tag 98, with which every `COSE_Sign` begins (RFC 9052 §2).
const TAG: [u8; 2] = [0xd8, 98];

/// A document of which only the structure has been judged.
pub(crate) struct Document {
    cose: CoseSign,
    content_type: String,
    signers: Vec<KeyId>,
}

impl Document {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        if !bytes.starts_with(&TAG) {
            // Any text is some CBOR with other bytes behind it; that would not help who forgot to sign it.
            let cause = "it does not begin with the tag: is it the unsigned text?".to_owned();
            return Err(SealError::NotCose { expected: EXPECTED, cause });
        }
        let cose = CoseSign::from_tagged_slice(bytes)
            .map_err(|error| header::not_cose(EXPECTED, error))?;
        let said = header::read(&cose.protected, &cose.unprotected)?;
        said.no_key()?;
        let content_type = said.content_type()?.to_owned();
        if cose.payload.is_none() {
            return Err(SealError::Detached);
        }
        let found = cose.signatures.len();
        if found == 0 {
            return Err(SealError::NoSignatures);
        }
        if found > SIGNATURES_MAX {
            return Err(SealError::TooManySignatures { found, most: SIGNATURES_MAX });
        }
        let signers = cose.signatures.iter().map(signer).collect::<Result<Vec<_>, _>>()?;
        if encode(again(&cose)) != bytes {
            return Err(SealError::NotDeterministic);
        }
        let mut seen = BTreeSet::new();
        if let Some(key_id) = signers.iter().find(|signer| !seen.insert(**signer)) {
            return Err(SealError::SameKeyTwice { key_id: *key_id });
        }
        Ok(Self { cose, content_type, signers })
    }

    pub(crate) fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The keys that it names, each once.
    pub(crate) fn signers(&self) -> &[KeyId] {
        &self.signers
    }

    /// Checks the signature at `index` of [`Self::signers`].
    pub(crate) fn check(&self, index: usize, key: &PublicKey) -> Result<(), SealError> {
        self.cose.verify_signature(index, &[], |signature, sig_structure| {
            signature::check(key, sig_structure, signature)
        })
    }

    /// The bytes, to be used only after the signatures have been checked.
    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.cose.payload.unwrap_or_default()
    }
}

fn signer(one: &CoseSignature) -> Result<KeyId, SealError> {
    let said = header::read(&one.protected, &one.unprotected)?;
    said.no_content_type()?;
    if one.signature.len() != 64 {
        return Err(SealError::SignatureLength { found: one.signature.len() });
    }
    said.key_id()
}

fn again(cose: &CoseSign) -> CoseSign {
    let signatures = cose.signatures.iter().map(|one| CoseSignature {
        protected: header::again(&one.protected.header),
        unprotected: Header::default(),
        signature: one.signature.clone(),
    });
    CoseSign {
        protected: header::again(&cose.protected.header),
        unprotected: Header::default(),
        payload: cose.payload.clone(),
        signatures: signatures.collect(),
    }
}
