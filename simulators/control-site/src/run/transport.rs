//! TLS 1.3 with a client certificate, by rustls over ring.

use std::path::Path;
use std::sync::Arc;

use rumqttc::{TlsConfiguration, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::RunError;
use super::setup::read_file;

/// The files that a connection to the broker needs, PEM.
pub(crate) struct Link<'a> {
    /// Certificate of the authority that issued the broker's.
    pub(crate) authority: &'a Path,
    /// Our certificate.
    pub(crate) certificate: &'a Path,
    /// Its private key.
    pub(crate) private_key: &'a Path,
}

/// TLS to the broker, with the certificates that the options name.
pub(crate) fn tls(args: &Link<'_>) -> Result<Transport, RunError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("--authority", args.authority)? {
        roots
            .add(certificate)
            .map_err(|error| wrong("--authority", args.authority, error.to_string()))?;
    }
    let chain = certificates("--certificate", args.certificate)?;
    let pem = read_file("--private-key", args.private_key)?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let cause = format!("no private key in PEM: {error}");
        wrong("--private-key", args.private_key, cause)
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| wrong("--authority", args.authority, error.to_string()))?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|error| {
            let cause = format!("does not fit the private key: {error}");
            wrong("--certificate", args.certificate, cause)
        })?;
    Ok(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))))
}

fn certificates(
    option: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, RunError> {
    let pem = read_file(option, path)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(option, path, format!("not certificates in PEM: {error}")))?;
    if found.is_empty() {
        return Err(wrong(option, path, "holds no certificate in PEM".to_owned()));
    }
    Ok(found)
}

fn wrong(option: &'static str, path: &Path, cause: String) -> RunError {
    RunError::Certificate { option, path: path.to_owned(), cause }
}

/// What a person should do about an error of the connection, where its text tells.
pub(super) fn advice(error: &str) -> &'static str {
    const KNOWN: [(&str, &str); 8] = [
        ("UnknownIssuer", "the broker's certificate is of another authority: check --authority"),
        ("NotValidForName", "the broker's certificate is for another host: check --broker"),
        ("not valid for name", "the broker's certificate is for another host: check --broker"),
        ("xpired", "a certificate has expired: renew it, or check the clocks"),
        ("NotValidYet", "a certificate is not valid yet: check the clocks"),
        ("UnknownCA", "the broker does not know our certificate's authority: check --certificate"),
        ("ertificateRequired", "the broker asks for a client certificate: check --certificate"),
        ("NotAuthorized", "the broker does not allow us in: check its access list"),
    ];
    KNOWN
        .iter()
        .find(|(sign, _)| error.contains(sign))
        .map_or("check that the broker runs and can be reached", |(_, advice)| advice)
}
