//! Who uses whom.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use cellwatch_tests::{Cases, finish, root};

use crate::assert_none;

/// Crates of this workspace that a crate may use (docs/architecture.md, "Who may use whom").
const MAY_USE: [(&str, &[&str]); 13] = [
    ("cellwatch-model", &[]),
    ("cellwatch-alarm", &[]),
    ("cellwatch-record", &["cellwatch-model"]),
    ("cellwatch-seal", &["cellwatch-model", "cellwatch-record"]),
    ("cellwatch-export", &["cellwatch-model", "cellwatch-record", "cellwatch-seal"]),
    ("cellwatch-config", &["cellwatch-model", "cellwatch-alarm"]),
    (
        "cellwatch-core",
        &["cellwatch-model", "cellwatch-alarm", "cellwatch-record", "cellwatch-config"],
    ),
    (
        "cellwatch-daemon",
        &[
            "cellwatch-model",
            "cellwatch-record",
            "cellwatch-seal",
            "cellwatch-export",
            "cellwatch-config",
            "cellwatch-core",
        ],
    ),
    ("cellwatch-reactor", &["cellwatch-model", "cellwatch-config"]),
    (
        "cellwatch-control-site",
        &[
            "cellwatch-model",
            "cellwatch-record",
            "cellwatch-seal",
            "cellwatch-export",
            "cellwatch-config",
        ],
    ),
    (
        "cellwatch-rehearsal",
        &[
            "cellwatch-model",
            "cellwatch-record",
            "cellwatch-seal",
            "cellwatch-config",
            "cellwatch-core",
            "cellwatch-reactor",
        ],
    ),
    ("cellwatch-demo", &[]),
    ("cellwatch-tests", &[]),
];
const FORBIDDEN: [&str; 5] = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];

fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(arguments).args(["--locked"]);
    let finished = finish(command);
    assert_eq!(finished.status, Some(0), "cargo {arguments:?}: {finished}");
    finished.stdout
}

/// Names in `cargo tree`.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let mut all = vec!["tree", "--prefix", "none", "--format", "{p}", "-e"];
    all.extend(arguments);
    let names = cargo(&all);
    names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// No runtime, no keys, no disk and no network below the core.
// Req: LAW-08
#[test]
fn the_core_stands_on_nothing_from_outside() {
    let mut cases = Cases::of("the_core_stands_on_nothing_from_outside");
    let outside =
        ["tokio", "ring", "rusqlite", "rumqttc", "rustls", "mio", "rand", "cellwatch-seal"];
    let mut wrong = Vec::new();
    for package in ["cellwatch-model", "cellwatch-alarm", "cellwatch-record", "cellwatch-core"] {
        let below = tree(&["normal", "--package", package]);
        for name in outside {
            cases.tried(format_args!("{package} without {name}"));
            if below.contains(name) {
                wrong.push(format!("{package} stands on {name}"));
            }
        }
    }
    assert_none("dependencies of the pure crates", &wrong);
}

/// Cryptography that is not ring's: OPC UA sessions need it, and nothing else does.
const OF_OPC_UA: [&str; 4] = ["rsa", "cbc", "aes", "x509-cert"];

/// One TLS and one cryptography: what `deny.toml` forbids is not there, and what OPC UA sessions need beside is below
/// their adapter only.
// Req: DEP-01
#[test]
fn there_is_one_tls() {
    let mut cases = Cases::of("there_is_one_tls");
    let all = tree(&["normal,build,dev", "--workspace", "--all-features", "--target", "all"]);
    let deny = fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let deny: toml::Table = deny.parse().expect("TOML");
    let denied: Vec<&toml::Value> =
        deny["bans"]["deny"].as_array().expect("a list").iter().collect();
    for name in FORBIDDEN {
        let entry = denied.iter().find(|entry| entry["crate"].as_str() == Some(name));
        let reason = entry.and_then(|entry| entry.get("reason")).and_then(toml::Value::as_str);
        assert!(
            reason.is_some_and(|reason| !reason.is_empty()),
            "deny.toml forbids {name} with a reason"
        );
        assert!(!all.contains(name), "{name} is in the tree");
        cases.tried(name);
    }
    for name in ["cellwatch-daemon", "cellwatch-control-site"] {
        let below = tree(&["normal", "--package", name]);
        assert!(below.contains("ring") && below.contains("rustls"), "{name} uses rustls over ring");
        cases.tried(name);
    }
    let without = ["--package", "cellwatch-daemon", "--no-default-features"];
    let without = tree(&[&["normal"], &without[..]].concat());
    let control_site = tree(&["normal", "--package", "cellwatch-control-site"]);
    for name in OF_OPC_UA {
        assert!(all.contains(name), "{name} has gone: strike it from this test");
        for (who, below) in
            [("the agent without OPC UA", &without), ("the Control Site", &control_site)]
        {
            assert!(!below.contains(name), "{who} stands on {name}");
        }
        cases.tried(format_args!("{name} for OPC UA alone"));
    }
}

/// Crates use each other in the direction of the architecture.
#[test]
fn crates_use_whom_they_may() {
    let mut cases = Cases::of("crates_use_whom_they_may");
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let Some((_, may)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!(
                "{name}: say in this test and in docs/architecture.md whom it may use"
            ));
            continue;
        };
        let used = package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .filter(|used| used["kind"].is_null() && used["path"].is_string());
        for used in used.filter_map(|used| used["name"].as_str()) {
            cases.tried(format_args!("{name} uses {used}"));
            if !may.contains(&used) {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
    }
    assert_eq!(packages.len(), MAY_USE.len(), "a crate has gone: strike it from this test");
    assert_none("who uses whom", &wrong);
}

/// Every member of the workspace says what it is.
#[test]
fn members_have_a_comment() {
    let mut cases = Cases::of("members_have_a_comment");
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let (_, members) = text.split_once("members = [").expect("members");
    let (members, _) = members.split_once("\n]").expect("an end of members");
    for line in members.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (member, comment) = line.split_once('#').unwrap_or((line, ""));
        assert!(comment.trim().len() > 10, "{member} has no comment");
        cases.tried(member.trim());
    }
}
