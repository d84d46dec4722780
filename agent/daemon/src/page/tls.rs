//! TLS of the page from the files of the site, read anew when they change.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Why the files make no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
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
        "{path} (page.private_key of the site file): others than its owner have rights on this private key (mode {mode:04o}). If nobody else can have read it, run: chmod 600 {path}"
    )]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its mode, the permission bits.
        mode: u32,
    },
    /// Certificate and key do not fit.
    #[error("page.certificate and page.private_key of the site file cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// The two files, with what was last made of them.
#[derive(Debug)]
pub(super) struct TlsFiles {
    certificate: PathBuf,
    private_key: PathBuf,
    current: Mutex<(Option<SystemTime>, Arc<ServerConfig>)>,
}

impl TlsFiles {
    /// Reads them.
    pub(super) fn read(certificate: PathBuf, private_key: PathBuf) -> Result<Self, TlsError> {
        let config = Arc::new(server_config(&certificate, &private_key)?);
        let current = Mutex::new((modified(&certificate), config));
        Ok(Self { certificate, private_key, current })
    }

    /// With the files as they are now; a renewed certificate that cannot be used leaves the one before.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let modified = modified(&self.certificate);
        if modified != current.0 {
            current.0 = modified;
            match server_config(&self.certificate, &self.private_key) {
                Ok(config) => current.1 = Arc::new(config),
                Err(error) => tracing::error!("{error}; the page keeps the certificate before"),
            }
        }
        TlsAcceptor::from(Arc::clone(&current.1))
    }
}

/// Whether the page could be served with these files.
///
/// # Errors
/// What is wrong with them.
pub fn check_tls(certificate: &Path, private_key: &Path) -> Result<(), TlsError> {
    server_config(certificate, private_key).map(drop)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn server_config(certificate: &Path, private_key: &Path) -> Result<ServerConfig, TlsError> {
    let failed =
        |path: &Path, key, cause: String| TlsError::Pem { path: path.to_owned(), key, cause };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, pem::Error>>())
        .map_err(|cause| failed(certificate, "page.certificate", cause.to_string()))?;
    let key_failed = |cause: String| failed(private_key, "page.private_key", cause);
    let mode = fs::metadata(private_key).map_err(|cause| key_failed(cause.to_string()))?.mode();
    if mode & 0o077 != 0 {
        let (path, mode) = (private_key.to_owned(), mode & 0o7777);
        return Err(TlsError::Permissions { path, mode });
    }
    let key =
        PrivateKeyDer::from_pem_file(private_key).map_err(|cause| key_failed(cause.to_string()))?;
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
