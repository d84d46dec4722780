//! Which certificates of OPC UA servers are trusted: exactly those that lie in the trust folder, because a
//! person put them there.
//!
//! One that nobody has accepted is kept aside, so that it can be looked at and accepted by its thumbprint.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// Certificates that nobody has accepted, kept for each server; one more is said but not kept (LAW-10).
const UNKNOWN_MAX: usize = 16;
/// Files of a trust folder that are looked at; those beyond trust nothing (LAW-10).
const TRUSTED_MAX: usize = 1000;
/// Longest certificate file, bytes.
const FILE_MAX: u64 = 64 * 1024;

/// SHA-256 of a certificate, 64 hexadecimal digits.
#[must_use]
pub fn thumbprint(der: &[u8]) -> String {
    hex(digest(&SHA256, der).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate in words: whose it is, until when, and its thumbprints; OPC UA itself names certificates by
/// their SHA-1 (OPC 10000-6 §6.2.2), as servers show it.
#[must_use]
pub fn describe(der: &[u8]) -> String {
    let (sha256, sha1) = (thumbprint(der), hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref()));
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => {
            let validity = certificate.validity();
            format!(
                "{}, issued by {}, valid from {} to {}, SHA-256 {sha256}, SHA-1 {sha1}",
                certificate.subject(),
                certificate.issuer(),
                validity.not_before,
                validity.not_after
            )
        }
        Err(_) => format!("something that is no X.509 certificate, SHA-256 {sha256}"),
    }
}

/// True if exactly this certificate lies in the folder, DER or PEM, whatever its name.
#[must_use]
pub fn is_trusted(folder: &Path, der: &[u8]) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let files = entries.flatten().map(|entry| entry.path()).take(TRUSTED_MAX);
    files.filter_map(|path| read(&path).ok()).any(|trusted| trusted == der)
}

/// A certificate file, DER or PEM, as DER.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > FILE_MAX {
        return Err(io::Error::other("is longer than a certificate"));
    }
    let bytes = fs::read(path)?;
    if bytes.starts_with(b"-----BEGIN") {
        let (_, pem) = x509_parser::pem::parse_x509_pem(&bytes).map_err(io::Error::other)?;
        return Ok(pem.contents);
    }
    Ok(bytes)
}

/// Where a certificate of a server waits to be accepted.
fn waiting(unknown: &Path, server: &str, thumbprint: &str) -> PathBuf {
    unknown.join(server).join(format!("{thumbprint}.der"))
}

/// Keeps a certificate that nobody has accepted.
///
/// # Errors
/// It cannot be written, or too many wait already.
pub fn keep_unknown(unknown: &Path, server: &str, der: &[u8]) -> io::Result<()> {
    let path = waiting(unknown, server, &thumbprint(der));
    if path.exists() {
        return Ok(());
    }
    let folder = unknown.join(server);
    fs::create_dir_all(&folder)?;
    if fs::read_dir(&folder)?.count() >= UNKNOWN_MAX {
        let text =
            format!("{} holds {UNKNOWN_MAX} already: remove what is not wanted", folder.display());
        return Err(io::Error::other(text));
    }
    fs::write(path, der)
}

/// The certificate of a server that waits under this thumbprint, in words.
///
/// # Errors
/// None does: which do.
pub fn find_unknown(unknown: &Path, server: &str, thumbprint: &str) -> Result<String, String> {
    // A thumbprint is no path.
    let fits = thumbprint.len() == 64 && thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = fits.then(|| read(&waiting(unknown, server, thumbprint)).ok()).flatten();
    if let Some(der) = found.filter(|der| self::thumbprint(der) == thumbprint) {
        return Ok(describe(&der));
    }
    let entries = fs::read_dir(unknown.join(server)).into_iter().flatten().flatten();
    let waiting: Vec<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".der")?.to_owned()))
        .collect();
    Err(if waiting.is_empty() {
        format!("no certificate of server {server} waits to be accepted")
    } else {
        format!(
            "no certificate of server {server} with SHA-256 {thumbprint} waits to be accepted; those that do: {}",
            waiting.join(", ")
        )
    })
}

/// Puts a certificate that waits into the trust folder.
///
/// # Errors
/// What the operating system says.
pub fn accept(unknown: &Path, server: &str, thumbprint: &str, folder: &Path) -> Result<(), String> {
    let from = waiting(unknown, server, thumbprint);
    let to = folder.join(format!("{thumbprint}.der"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(&from, &to))
        .map_err(|cause| format!("{}: {cause}", to.display()))?;
    // What is trusted waits no longer; left there, it would do no harm.
    let _ = fs::remove_file(from);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    // Req: UA-02
    #[test]
    fn only_what_a_person_accepted_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let (unknown, trusted) = (folder.path().join("unknown"), folder.path().join("trusted"));
        let made = rcgen::generate_simple_self_signed(vec!["device".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        let its = thumbprint(&der);
        assert!(!is_trusted(&trusted, &der), "nobody accepted it");
        assert!(find_unknown(&unknown, "s", &its).unwrap_err().contains("waits"));
        keep_unknown(&unknown, "s", &der).unwrap();
        keep_unknown(&unknown, "s", &der).unwrap();
        assert!(!is_trusted(&trusted, &der), "kept aside is not trusted");
        assert!(find_unknown(&unknown, "s", "../../../x").is_err());
        assert!(find_unknown(&unknown, "other", &its).is_err());
        assert!(find_unknown(&unknown, "s", &its).unwrap().contains(&its));
        accept(&unknown, "s", &its, &trusted).unwrap();
        assert!(is_trusted(&trusted, &der));
        let other = rcgen::generate_simple_self_signed(vec!["device".to_owned()]).unwrap();
        assert!(!is_trusted(&trusted, other.cert.der()), "the same name is another certificate");
        fs::write(trusted.join("other.pem"), other.cert.pem()).unwrap();
        assert!(is_trusted(&trusted, other.cert.der()), "PEM is as good");
        for number in 0..UNKNOWN_MAX {
            keep_unknown(&unknown, "full", &[u8::try_from(number).unwrap()]).unwrap();
        }
        assert!(keep_unknown(&unknown, "full", b"one more").is_err());
        println!("trust: 12 cases");
    }
}
