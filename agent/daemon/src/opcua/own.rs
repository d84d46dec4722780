//! The agent's own certificate as an OPC UA application: made at the first session that needs it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cellwatch_config::site::{OpcUaIdentity, OpcUaSecurity};
use opcua::client::{Client, ClientBuilder, IdentityToken};
use opcua::crypto::{CertificateStore, X509Data};

use super::Settings;

/// Largest message and array that a server may send: a device's profile is far smaller (LAW-10).
const MESSAGE_MAX: usize = 16 << 20;
const ARRAY_MAX: usize = 100_000;
/// A person accepted the agent's certificate at every server: it lasts as long as a machine does, ten years.
const VALID_DAYS: u32 = 3653;
/// Size of its RSA key, which all three policies take (OPC 10000-7 §6.6).
const KEY_BITS: u32 = 2048;

/// The certificate that the server has to accept.
pub(super) fn certificate_path(settings: &Settings) -> PathBuf {
    settings.own_dir.join("own/cert.der")
}

/// A client with the agent's certificate. Makes certificate and key when they are missing, which takes a
/// second or more: not to be called where others wait.
///
/// # Errors
/// The folder cannot be used.
pub(super) fn client(settings: &Settings) -> Result<Client, String> {
    let is_secure = settings.server.security != OpcUaSecurity::None;
    let key = settings.own_dir.join("private/private.pem");
    let folder = key.parent().unwrap_or(&settings.own_dir);
    let builder = ClientBuilder::new()
        .application_name("cellwatch")
        .application_uri(settings.application_uri.clone())
        .product_uri("urn:cellwatch")
        .session_name(format!("cellwatch {}", settings.device))
        .pki_dir(settings.own_dir.clone())
        .certificate_path("own/cert.der")
        .private_key_path("private/private.pem")
        .create_sample_keypair(false)
        // The session looks at the certificate itself before it makes a channel for it.
        .trust_server_certs(true)
        .verify_server_certs(false)
        .session_retry_limit(0)
        .recreate_subscriptions(false)
        .max_message_size(MESSAGE_MAX)
        .max_chunk_count(MESSAGE_MAX / 8192)
        .max_array_length(ARRAY_MAX)
        .max_string_length(1 << 20)
        .max_byte_string_length(1 << 20);
    if is_secure {
        fs::create_dir_all(folder)
            .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
            .map_err(|cause| format!("{}: {cause} (agent.data_dir)", folder.display()))?;
        make(settings, &key)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))
            .map_err(|cause| format!("{}: {cause} (agent.data_dir)", key.display()))?;
    }
    builder.client().map_err(|errors| errors.join("; "))
}

/// Makes certificate and key where one is missing.
fn make(settings: &Settings, key: &Path) -> Result<(), String> {
    // Several devices may want it at once.
    static MAKING: Mutex<()> = Mutex::new(());
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let certificate = certificate_path(settings);
    if certificate.exists() && key.exists() {
        return Ok(());
    }
    let data = X509Data {
        key_size: KEY_BITS,
        common_name: "cellwatch".to_owned(),
        organization: String::new(),
        organizational_unit: String::new(),
        country: String::new(),
        state: String::new(),
        alt_host_names: X509Data::alt_host_names(
            &settings.application_uri,
            None,
            false,
            true,
            false,
        ),
        certificate_duration_days: VALID_DAYS,
    };
    fs::create_dir_all(certificate.parent().unwrap_or(&settings.own_dir))
        .map_err(|cause| cause.to_string())
        .and_then(|()| CertificateStore::create_certificate_and_key(&data, true, &certificate, key))
        .map(drop)
        .map_err(|cause| format!("{}: {cause} (agent.data_dir)", certificate.display()))
}

/// Who the session is for.
///
/// # Errors
/// A file cannot be read, or others may read it.
pub(super) fn identity(settings: &Settings) -> Result<IdentityToken, String> {
    match &settings.server.identity {
        OpcUaIdentity::Anonymous => Ok(IdentityToken::new_anonymous()),
        OpcUaIdentity::UserName { user, password_file } => {
            let text = secret(password_file)?;
            let password = text.lines().next().unwrap_or_default();
            if password.is_empty() {
                return Err(format!("{}: its first line is empty", password_file.display()));
            }
            Ok(IdentityToken::new_user_name(user.clone(), password))
        }
        OpcUaIdentity::Certificate { certificate, private_key } => {
            let _: String = secret(private_key)?;
            IdentityToken::new_x509_path(certificate, private_key).map_err(|error| {
                format!("{} and {}: {error}", certificate.display(), private_key.display())
            })
        }
    }
}

/// Text that nobody else may read.
fn secret(path: &Path) -> Result<String, String> {
    let said = |cause: std::io::Error| format!("{}: {cause}", path.display());
    let mode = fs::metadata(path).map_err(said)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(format!("{0}: others may read it; chmod 600 {0}", path.display()));
    }
    fs::read_to_string(path).map_err(said)
}
