//! The authority's folder.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use cellwatch_model::Utc;
use cellwatch_seal::{Role, Roster, Sealer};
use clap::Parser;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::{Made, NOW, plan};
use crate::tools::keys::{KeysArgs, run};
use crate::tools::tls::{Authority, Validity};
use crate::tools::{ToolError, authority};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    keys: KeysArgs,
}

fn keys(args: &[&str]) -> KeysArgs {
    Cli::try_parse_from(std::iter::once(&"keys").chain(args)).unwrap().keys
}

#[test]
fn every_file_is_there_and_private_ones_are_for_their_owner_only() {
    let made = Made::new();
    let private = [
        "root.pk8",
        "authority/ca.key",
        "broker/key.pem",
        "agents/agent-1/client.key",
        "agents/agent-1/seal.pk8",
        "agents/agent-2/client.key",
        "agents/agent-2/seal.pk8",
        "control-site/client.key",
        "control-site/receipt.pk8",
        "control-site/command.pk8",
        "dashboard/client.key",
        "people/qa.pk8",
        "people/qp.pk8",
    ];
    let public = [
        "root.pub",
        "roster.toml",
        "roster.cose",
        "authority/ca.pem",
        "broker/cert.pem",
        "agents/agent-1/client.pem",
        "agents/agent-1/seal.pub",
        "agents/agent-2/client.pem",
        "agents/agent-2/seal.pub",
        "control-site/client.pem",
        "dashboard/client.pem",
    ];
    let mode = |name: &str| {
        made.path(name).metadata().unwrap_or_else(|_| panic!("{name}")).permissions().mode() & 0o777
    };
    private.iter().for_each(|name| assert_eq!(mode(name), 0o600, "{name}"));
    public.iter().for_each(|name| assert_eq!(mode(name) & 0o444, 0o444, "{name}"));
    println!("{} files", private.len() + public.len());
}

#[test]
fn the_roster_opens_by_its_root_and_names_every_key() {
    let made = Made::new();
    let roster = Roster::open(&made.bytes("roster.cose"), &[made.root()], Some(NOW)).unwrap();
    assert_eq!(roster.get(), &made.roster);
    let roster = roster.into_inner();
    assert_eq!(roster.to_toml().as_bytes(), made.bytes("roster.toml"));
    let people: Vec<_> = roster.approvers.iter().map(|one| (one.name.as_str(), one.role)).collect();
    assert_eq!(people, [("QA One", Role::Qa), ("QP One", Role::Qp)]);
    let receipt = made.key("control-site/receipt.pk8").public();
    assert_eq!(roster.receipt_key(&receipt.id()), Some(&receipt));
    let command = made.key("control-site/command.pk8").public();
    assert_eq!(roster.command_key(&command.id()), Some(&command));
    let agent = made.key("agents/agent-2/seal.pk8").public();
    assert_eq!(roster.agent_key("agent-2", &agent.id()), Some(&agent));
    assert_eq!(roster.agent_key("agent-1", &agent.id()), None);
}

#[test]
fn nothing_is_overwritten() {
    let made = Made::new();
    let before = made.bytes("root.pk8");
    let again = authority::make(made.dir.path(), &plan());
    assert!(matches!(again, Err(ToolError::Exists { .. })), "{again:?}");
    assert_eq!(made.bytes("root.pk8"), before);
    let dir = made.dir.path().to_str().unwrap();
    let out = made.path("agents/agent-1");
    let out = out.to_str().unwrap();
    let renewed = run(keys(&["client", "--dir", dir, "--agent", "agent-1", "--out", out]));
    assert!(matches!(renewed, Err(ToolError::Exists { .. })));
}

#[test]
fn ids_that_are_no_topic_levels_are_refused() {
    let names = ["", "Agent", "a/b", "a+", "#", "../x", "a b", "control-site", "dashboard"];
    for name in names {
        let dir = tempfile::tempdir().unwrap();
        let plan = authority::Plan { agents: vec![name.to_owned()], ..plan() };
        let made = authority::make(dir.path(), &plan);
        assert!(matches!(made, Err(ToolError::Usage(_))), "{name:?}");
        assert_eq!(dir.path().read_dir().unwrap().count(), 0, "{name:?} left something");
    }
    println!("{} names", names.len());
}

/// What a broker says to a client, and a client to a broker.
struct Judge {
    roots: Arc<rustls::RootCertStore>,
    provider: Arc<rustls::crypto::CryptoProvider>,
}

impl Judge {
    fn new(made: &Made) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(made.path("authority/ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self { roots: Arc::new(roots), provider }
    }

    fn client(&self, pem: &str, now: Utc) -> Result<(), rustls::Error> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        rustls::server::WebPkiClientVerifier::builder_with_provider(
            self.roots.clone(),
            self.provider.clone(),
        )
        .build()
        .unwrap()
        .verify_client_cert(&certificate, &[], unix(now))
        .map(|_| ())
    }

    fn server(&self, pem: &str, name: &str, now: Utc) -> Result<(), rustls::Error> {
        use rustls::client::danger::ServerCertVerifier;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        rustls::client::WebPkiServerVerifier::builder_with_provider(
            self.roots.clone(),
            self.provider.clone(),
        )
        .build()
        .unwrap()
        .verify_server_cert(&certificate, &[], &name, &[], unix(now))
        .map(|_| ())
    }
}

fn unix(utc: Utc) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_nanos(utc.0.try_into().unwrap()))
}

const DAY_NS: i64 = 86_400_000_000_000;

#[test]
fn certificates_do_what_they_are_for_and_nothing_else() {
    let made = Made::new();
    let judge = Judge::new(&made);
    let text = |name: &str| String::from_utf8(made.bytes(name)).unwrap();
    let (broker, client) = (text("broker/cert.pem"), text("agents/agent-1/client.pem"));
    for host in ["broker.local", "localhost", "127.0.0.1", "::1"] {
        judge.server(&broker, host, NOW).unwrap();
    }
    judge.server(&broker, "elsewhere.local", NOW).unwrap_err();
    judge.server(&broker, "localhost", Utc(NOW.0 + 31 * DAY_NS)).unwrap_err();
    judge.server(&client, "localhost", NOW).unwrap_err();
    for owner in ["agents/agent-1", "agents/agent-2", "control-site", "dashboard"] {
        judge.client(&text(&format!("{owner}/client.pem")), NOW).unwrap();
    }
    judge.client(&broker, NOW).unwrap_err();
    let key = PrivateKeyDer::from_pem_file(made.path("agents/agent-1/client.key")).unwrap();
    rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
}

#[test]
fn odd_certificates_are_odd_in_one_way() {
    let made = Made::new();
    let judge = Judge::new(&made);
    let folder = made.path("authority");
    let authority = Authority::read(&folder.join("ca.pem"), &folder.join("ca.key")).unwrap();
    let validity = Validity { from: Utc(NOW.0 - DAY_NS / 24), until: Utc(NOW.0 + DAY_NS) };
    let good = authority.client("agent-1", validity).unwrap();
    judge.client(&good.certificate_pem, NOW).unwrap();

    let expired = Validity { from: Utc(NOW.0 - 2 * DAY_NS), until: Utc(NOW.0 - DAY_NS) };
    let expired = authority.client("agent-1", expired).unwrap();
    let error = judge.client(&expired.certificate_pem, NOW).unwrap_err();
    assert!(format!("{error:?}").contains("Expired"), "{error:?}");

    let stranger = Authority::new(authority::AUTHORITY_NAME, validity).unwrap();
    let stranger = stranger.client("agent-1", validity).unwrap();
    let error = judge.client(&stranger.certificate_pem, NOW).unwrap_err();
    assert!(matches!(error, rustls::Error::InvalidCertificate(_)), "{error:?}");
}

#[test]
fn the_command_line_makes_an_authority_and_renews_a_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("made");
    let root_text = root.to_str().unwrap();
    let made = ["--dir", root_text, "--site", "barcelona-1", "--agent", "agent-1"];
    run(keys(&[&made[..], &["--agent", "agent-2", "--now", "2026-01-31T00:00:00Z"]].concat()))
        .unwrap();
    let out = dir.path().join("renewed");
    let renew = ["client", "--dir", root_text, "--agent", "agent-1"];
    let odd = ["--out", out.to_str().unwrap(), "--not-after", "2020-01-01T00:00:00Z"];
    run(keys(&[&renew[..], &odd[..]].concat())).unwrap();
    assert!(out.join("client.pem").exists() && out.join("client.key").exists());
    assert!(Cli::try_parse_from(["keys"]).is_err());
    assert!(Cli::try_parse_from(["keys", "--dir", "x"]).is_err());
}
