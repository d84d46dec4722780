#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio::sync::mpsc;

use super::start::{PageSettings, start};
use super::tls::TlsError;
use crate::people::{DURABLE_WITHIN, Loop, People};

/// A certificate for localhost, and its key.
fn certificate(dir: &Path) -> (rcgen::CertifiedKey<rcgen::KeyPair>, (PathBuf, PathBuf)) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files = (dir.join("page.pem"), dir.join("page.key"));
    fs::write(&files.0, made.cert.pem()).unwrap();
    fs::write(&files.1, made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&files.1, fs::Permissions::from_mode(0o600)).unwrap();
    (made, files)
}

fn page(dir: &Path, tls: (PathBuf, PathBuf)) -> Result<String, TlsError> {
    let people = People::start(dir).unwrap();
    let (acts, _taken) = mpsc::channel(8);
    let settings = PageSettings::for_tests(dir, Some(tls));
    let handle = start(settings, people, Loop::new(acts))?.unwrap();
    let address = handle.address().unwrap().to_owned();
    // The page goes on for the rest of the test.
    std::mem::forget(handle);
    Ok(address)
}

// Req: JRN-06, PAGE-52
#[test]
fn a_page_waits_longer_than_an_answer_takes() {
    let text = include_str!("assets/api.js");
    let patience = text.split_once("const PATIENCE_MS = ").unwrap().1;
    let patience_ms: u64 = patience.split_once(';').unwrap().0.parse().unwrap();
    let answer_ms = u64::try_from(DURABLE_WITHIN.as_millis()).unwrap();
    // A password is proved before, among others that wait.
    assert!(patience_ms >= answer_ms + 5_000, "{patience_ms} ms for {answer_ms} ms");
    println!("patience: 1 case");
}

// Req: PAGE-03
#[test]
fn beyond_this_machine_only_under_tls() {
    let dir = tempfile::tempdir().unwrap();
    let (made, files) = certificate(dir.path());
    let address = page(dir.path(), files.clone()).unwrap();
    let host = address.strip_prefix("https://").unwrap().to_owned();

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(&host).unwrap());
    // Any name of the certificate is right: another site has no certificate for it.
    let request =
        "GET /api/session HTTP/1.1\r\nHost: panel.site.example\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"person\":null"), "{answer}");

    let mut plain = TcpStream::connect(&host).unwrap();
    plain.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "nothing is said in the clear");

    fs::set_permissions(&files.1, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = page(dir.path(), files.clone()).unwrap_err().to_string();
    assert!(refused.contains("page.private_key") && refused.contains("chmod 600"), "{refused}");
    fs::write(&files.0, "no certificate").unwrap();
    assert!(page(dir.path(), files).is_err());
    println!("page under TLS: 6 cases");
}
