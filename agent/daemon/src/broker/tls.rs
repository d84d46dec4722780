//! TLS 1.3 from the files of the site: authority, certificate, private key.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::Settings;

/// Why the files do not make a connection.
#[derive(Debug, thiserror::Error)]
pub enum TlsFileError {
    /// Not readable, or no PEM of the kind.
    #[error("{path} ({key} of the site file): {cause}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// Its key in the site file.
        key: &'static str,
        /// What the reader says.
        cause: String,
    },
    /// Others may read the private key.
    #[error(
        "{path} (broker.private_key of the site file): others than its owner have rights on this private key (mode {mode:04o}). If nobody else can have read it, run: chmod 600 {path}"
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its mode, the permission bits.
        mode: u32,
    },
    /// Certificate and key do not fit.
    #[error(
        "{certificate} and {private_key} (broker.certificate and broker.private_key of the site file) cannot be used together: {cause}"
    )]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        private_key: PathBuf,
        /// What rustls says.
        cause: rustls::Error,
    },
}

/// Reads the files and makes the client's side of TLS: version 1.3 only, `ring`, with our
/// certificate, trusting the site's authority and no other.
///
/// # Errors
/// A file is missing, unreadable or does not fit.
pub fn client_config(settings: &Settings) -> Result<ClientConfig, TlsFileError> {
    let authority = certificates(&settings.authority, "broker.authority")?;
    let mut roots = RootCertStore::empty();
    for certificate in authority {
        roots.add(certificate).map_err(|cause| TlsFileError::Pem {
            path: settings.authority.clone(),
            key: "broker.authority",
            cause: cause.to_string(),
        })?;
    }
    let chain = certificates(&settings.certificate, "broker.certificate")?;
    let key = private_key(&settings.private_key)?;
    let pair = |cause| TlsFileError::Pair {
        certificate: settings.certificate.clone(),
        private_key: settings.private_key.clone(),
        cause,
    };
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(pair)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(pair)
}

fn certificates(
    path: &Path,
    key: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsFileError> {
    let failed = |cause: String| TlsFileError::Pem { path: path.to_owned(), key, cause };
    let found = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, pem::Error>>())
        .map_err(|cause| failed(cause.to_string()))?;
    if found.is_empty() {
        return Err(failed("holds no certificate (PEM, BEGIN CERTIFICATE)".to_owned()));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsFileError> {
    let failed = |cause: String| TlsFileError::Pem {
        path: path.to_owned(),
        key: "broker.private_key",
        cause,
    };
    let mode = fs::metadata(path).map_err(|cause| failed(cause.to_string()))?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(TlsFileError::Permissions { path: path.to_owned(), mode });
    }
    PrivateKeyDer::from_pem_file(path).map_err(|cause| failed(cause.to_string()))
}
