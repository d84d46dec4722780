//! `[[opcua]]`: how OPC UA servers are reached.

use std::collections::BTreeMap;

use super::line::address_ok;
use super::{NAME, OpcUaIdentity, OpcUaPolicy, OpcUaSecurity, OpcUaServer, name_ok};
use crate::reader::{Section, Value, Word};

/// What `security` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecurityWord {
    None,
    SignAndEncrypt,
}

impl Word for SecurityWord {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("sign-and-encrypt", Self::SignAndEncrypt)];
}

impl Word for OpcUaPolicy {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("Basic256Sha256", Self::Basic256Sha256),
        ("Aes128-Sha256-RsaOaep", Self::Aes128Sha256RsaOaep),
        ("Aes256-Sha256-RsaPss", Self::Aes256Sha256RsaPss),
    ];
}

/// `opc.tcp://host:port`, with a path or without (OPC 10000-6 §7.2).
fn endpoint_ok(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("opc.tcp://") else { return false };
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    address_ok(address) && path.len() <= 256 && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Every `[[opcua]]`; `None` where one cannot be read.
pub(super) fn servers<'a>(root: &Section<'a>) -> Option<Vec<(Section<'a>, OpcUaServer)>> {
    let mut endpoints: BTreeMap<String, usize> = BTreeMap::new();
    let sections = root.tables("opcua", "id").into_iter();
    let servers = sections.map(|section| {
        let server = server(&section)?;
        if let Some(other) = endpoints.insert(server.endpoint.clone(), section.line()) {
            section.problem(
                "endpoint",
                format!(
                    "the server in line {other} has the same: let the devices name one of them"
                ),
            );
        }
        Some((section, server))
    });
    // Each one is read before one that is wrong makes it `None`.
    let servers: Vec<_> = servers.collect();
    servers.into_iter().collect()
}

fn server(section: &Section<'_>) -> Option<OpcUaServer> {
    let id = section.must("id", |id| id.name(NAME, name_ok));
    let endpoint = section.must("endpoint", |endpoint| {
        endpoint.name("opc.tcp://host:port, such as \"opc.tcp://10.0.8.40:4840\"", endpoint_ok)
    });
    let word = section.or("security", SecurityWord::SignAndEncrypt, Value::word);
    let policy = section.maybe("policy", Value::word);
    let user = section.maybe("user", |user| user.text());
    let password_file = section.maybe("password_file", Value::path);
    let user_certificate = section.maybe("user_certificate", Value::path);
    let user_key = section.maybe("user_key", Value::path);
    let trust_dir = section.maybe("trust_dir", Value::path);
    let publishing_ms = section.or("publishing_ms", 1000, |ms| ms.integer(50..=60_000));
    let sampling_ms = section.maybe("sampling_ms", |ms| ms.integer(10..=60_000));
    let queue_size = section.or("queue_size", 16, |size| size.integer(2..=1000));
    let check_ms = section.or("check_s", 10_000, |s| s.duration_ms(1000, 1.0..=600.0));
    section.finish();
    let (policy, user, password_file) = (policy?, user?, password_file?);
    let (user_certificate, user_key) = (user_certificate?, user_key?);
    let security = match word? {
        SecurityWord::None => {
            let written = [
                ("policy", policy.is_some()),
                ("user", user.is_some()),
                ("password_file", password_file.is_some()),
                ("user_certificate", user_certificate.is_some()),
                ("user_key", user_key.is_some()),
            ];
            for (key, _) in written.iter().filter(|(_, written)| *written) {
                section.problem(
                    key,
                    "would be open to everybody in the network without security: use security = \"sign-and-encrypt\", or leave it out",
                );
            }
            OpcUaSecurity::None
        }
        SecurityWord::SignAndEncrypt => {
            OpcUaSecurity::SignAndEncrypt(policy.unwrap_or(OpcUaPolicy::Basic256Sha256))
        }
    };
    let together = |key: &str, other: &str| {
        section
            .problem(key, format!("is missing: it belongs to {other}; add it, or leave both out"));
        None
    };
    let identity = match (user, password_file, user_certificate, user_key) {
        (None, None, None, None) => Some(OpcUaIdentity::Anonymous),
        (Some(user), Some(password_file), None, None) => {
            Some(OpcUaIdentity::UserName { user, password_file })
        }
        (None, None, Some(certificate), Some(private_key)) => {
            Some(OpcUaIdentity::Certificate { certificate, private_key })
        }
        (Some(_), None, None, None) => together("password_file", "user"),
        (None, Some(_), None, None) => together("user", "password_file"),
        (None, None, Some(_), None) => together("user_key", "user_certificate"),
        (None, None, None, Some(_)) => together("user_certificate", "user_key"),
        (_, _, _, _) => {
            section.problem(
                "user",
                "a session has one user: user with password_file, or user_certificate with user_key",
            );
            None
        }
    };
    Some(OpcUaServer {
        id: id?,
        endpoint: endpoint?,
        security,
        identity: identity?,
        trust_dir: trust_dir?,
        publishing_ms: publishing_ms?,
        sampling_ms: sampling_ms?,
        queue_size: queue_size?,
        check_ms: check_ms?,
    })
}
