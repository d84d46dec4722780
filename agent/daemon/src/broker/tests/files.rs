use std::fs;
use std::os::unix::fs::PermissionsExt;

use cellwatch_model::Utc;

use super::pki::{authority, issue};
use super::settings;
use crate::broker::{Certificate, client_config};

#[test]
fn files_that_cannot_be_used_are_named_with_key_and_mend() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ca = authority("Authority");
    fs::write(dir.join("ca.pem"), ca.pem()).unwrap();
    issue(dir, "agent", "agent-1", &ca, 2040);
    issue(dir, "other", "agent-2", &ca, 2040);
    let settings = settings(dir, 8883);
    client_config(&settings).unwrap();

    let refused = |words: &[&str]| {
        let text = client_config(&settings).unwrap_err().to_string();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    fs::set_permissions(dir.join("agent.key"), fs::Permissions::from_mode(0o644)).unwrap();
    refused(&["agent.key", "broker.private_key", "0644", "chmod 600"]);
    fs::set_permissions(dir.join("agent.key"), fs::Permissions::from_mode(0o600)).unwrap();

    fs::copy(dir.join("other.pem"), dir.join("agent.pem")).unwrap();
    refused(&["agent.pem", "agent.key", "cannot be used together"]);

    fs::write(dir.join("agent.pem"), "no certificate").unwrap();
    refused(&["agent.pem", "broker.certificate"]);
    fs::remove_file(dir.join("agent.pem")).unwrap();
    refused(&["agent.pem", "broker.certificate"]);
    fs::write(dir.join("ca.pem"), "").unwrap();
    refused(&["ca.pem", "broker.authority"]);
    println!("tls files: 6 cases");
}

#[test]
fn certificates_say_their_names_and_dates() {
    let dir = tempfile::tempdir().unwrap();
    issue(dir.path(), "agent", "agent-1.example", &authority("Authority"), 2025);
    let certificate = Certificate::read(&dir.path().join("agent.pem")).unwrap();
    assert_eq!(certificate.names, ["agent-1.example"]);
    assert!(certificate.subject.contains("CN=agent"), "{certificate:?}");
    let at = |seconds: i64| certificate.out_of_date(Utc(seconds * 1_000_000_000));
    assert!(at(1_500_000_000).unwrap().contains("valid only from 2020-01-01"));
    assert_eq!(at(1_600_000_000), None);
    assert!(at(1_800_000_000).unwrap().contains("expired at 2025-01-01"));
    Certificate::read(&dir.path().join("agent.key")).unwrap_err();
    println!("certificates: 6 cases");
}
