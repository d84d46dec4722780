//! Certificates of a test authority: ECDSA P-256, by `rcgen`.

use std::path::Path;

use cellwatch_model::Utc;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};

use super::ToolError;
use super::files::{Readers, read_text, write_new};

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// Not before.
    pub from: Utc,
    /// Not after; before `from` for one that is never valid.
    pub until: Utc,
}

/// A certificate and its private key, both in PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate_pem: String,
    /// The private key, PKCS#8.
    pub key_pem: String,
}

impl Identity {
    /// Writes both to new files, the key for its owner only.
    ///
    /// # Errors
    /// One is there already, or the operating system refuses.
    pub fn write_new(&self, certificate: &Path, key: &Path) -> Result<(), ToolError> {
        write_new(key, self.key_pem.as_bytes(), Readers::OwnerOnly)?;
        write_new(certificate, self.certificate_pem.as_bytes(), Readers::Everybody)
    }
}

/// Issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    identity: Identity,
}

impl Authority {
    /// A new authority with this common name.
    ///
    /// # Errors
    /// The library refuses.
    pub fn new(common_name: &str, validity: Validity) -> Result<Self, ToolError> {
        let refused = |cause| ToolError::Certificate { what: common_name.to_owned(), cause };
        let mut params = params(common_name, vec![], validity).map_err(refused)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(refused)?;
        let certificate = params.self_signed(&key).map_err(refused)?;
        let identity =
            Identity { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() };
        Ok(Self { issuer: Issuer::new(params, key), identity })
    }

    /// The authority in these files.
    ///
    /// # Errors
    /// A file cannot be read or holds something else.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, ToolError> {
        let refused = |path: &Path| {
            let what = path.display().to_string();
            |cause| ToolError::Certificate { what, cause }
        };
        let certificate_pem = read_text(certificate)?;
        let key_pem = read_text(key)?;
        let pair = KeyPair::from_pem(&key_pem).map_err(refused(key))?;
        let issuer =
            Issuer::from_ca_cert_pem(&certificate_pem, pair).map_err(refused(certificate))?;
        Ok(Self { issuer, identity: Identity { certificate_pem, key_pem } })
    }

    /// Its own certificate and key.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A client's certificate: `common_name` is who it is.
    ///
    /// # Errors
    /// The library refuses.
    pub fn client(&self, common_name: &str, validity: Validity) -> Result<Identity, ToolError> {
        self.issue(common_name, vec![], ExtendedKeyUsagePurpose::ClientAuth, validity)
    }

    /// A server's certificate for these host names and addresses; the first is the common name.
    ///
    /// # Errors
    /// No host, one that is no name, or the library refuses.
    pub fn server(&self, hosts: &[String], validity: Validity) -> Result<Identity, ToolError> {
        let first =
            hosts.first().ok_or_else(|| ToolError::Usage("a server needs a host".to_owned()))?;
        self.issue(first, hosts.to_vec(), ExtendedKeyUsagePurpose::ServerAuth, validity)
    }

    fn issue(
        &self,
        common_name: &str,
        hosts: Vec<String>,
        usage: ExtendedKeyUsagePurpose,
        validity: Validity,
    ) -> Result<Identity, ToolError> {
        let refused = |cause| ToolError::Certificate { what: common_name.to_owned(), cause };
        let mut params = params(common_name, hosts, validity).map_err(refused)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(refused)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(refused)?;
        Ok(Identity { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }
}

fn params(
    common_name: &str,
    hosts: Vec<String>,
    validity: Validity,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, common_name);
    let date = |utc: Utc| {
        let since_1970 = std::time::Duration::from_nanos(u64::try_from(utc.0).unwrap_or(0));
        date_time_ymd(1970, 1, 1) + since_1970
    };
    params.not_before = date(validity.from);
    params.not_after = date(validity.until);
    Ok(params)
}
