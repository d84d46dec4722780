//! What a certificate says: whom it names and how long it is valid.

use std::path::{Path, PathBuf};

use cellwatch_model::Utc;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// What a certificate in DER begins with (X.690 §8.9.1), and no text does.
const SEQUENCE: u8 = 0x30;

/// A certificate in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The file.
    pub path: PathBuf,
    /// Its subject.
    pub subject: String,
    /// DNS names that it is for.
    pub names: Vec<String>,
    /// Valid from.
    pub from: Utc,
    /// Valid until.
    pub until: Utc,
}

/// Why no certificate can be read.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file.
    #[error("{path}: {cause}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        cause: pem::Error,
    },
    /// The certificate.
    #[error("{path}: not an X.509 certificate: {cause}")]
    X509 {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        cause: String,
    },
}

impl Certificate {
    /// Reads the first certificate of a PEM file, or the one of a DER file.
    ///
    /// # Errors
    /// There is none, or it cannot be understood.
    pub fn read(path: &Path) -> Result<Self, CertificateError> {
        let refused = |cause| CertificateError::Pem { path: path.to_owned(), cause };
        let bytes = std::fs::read(path).map_err(|cause| refused(pem::Error::Io(cause)))?;
        let der = if bytes.first() == Some(&SEQUENCE) {
            CertificateDer::from(bytes)
        } else {
            CertificateDer::from_pem_slice(&bytes).map_err(refused)?
        };
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|cause| {
            CertificateError::X509 { path: path.to_owned(), cause: cause.to_string() }
        })?;
        let utc = |seconds: i64| Utc(seconds.saturating_mul(1_000_000_000));
        let names = match parsed.subject_alternative_name() {
            Ok(Some(names)) => names.value.general_names.iter().filter_map(dns).collect(),
            Ok(None) | Err(_) => Vec::new(),
        };
        Ok(Self {
            path: path.to_owned(),
            subject: parsed.subject().to_string(),
            names,
            from: utc(parsed.validity().not_before.timestamp()),
            until: utc(parsed.validity().not_after.timestamp()),
        })
    }

    /// What is wrong with its dates, in words; none if it is valid at `now`.
    #[must_use]
    pub fn out_of_date(&self, now: Utc) -> Option<String> {
        let path = self.path.display();
        if now > self.until {
            Some(format!("{path}: expired at {}", date(self.until)))
        } else if now < self.from {
            Some(format!(
                "{path}: is valid only from {}: is this machine's clock right?",
                date(self.from)
            ))
        } else {
            None
        }
    }
}

fn dns(name: &GeneralName<'_>) -> Option<String> {
    #[allow(clippy::wildcard_enum_match_arm)] // the other kinds of names name no host
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    }
}

/// RFC 3339.
pub(crate) fn date(utc: Utc) -> String {
    jiff::Timestamp::from_nanosecond(utc.0.into()).unwrap_or_default().to_string()
}
