//! The examples are an installation that works.

use std::fs;
use std::path::Path;

use cellwatch_tests::{Cases, MasterFile, binary, finish, root};

const SITE: &str = "barcelona-1";
const AGENT: &str = "agent-1";

/// The example site file, its profiles and its Master File, with keys where they name them, are found right by
/// `cellwatch check`; and a mistake in them is found with its file, line and key.
#[test]
fn examples_are_an_installation() {
    let mut cases = Cases::of("examples_are_an_installation");
    let rig = tempfile::tempdir().expect("a folder");
    let (keys, site) = (rig.path().join("keys"), rig.path().join("site"));
    let mut make = binary("control-site");
    make.args(["keys", "--site", SITE, "--agent", AGENT, "--dir"]).arg(&keys);
    done(make);
    copy(&root().join("config/examples"), &site);
    for folder in ["keys", "trust", "tls"] {
        fs::create_dir_all(site.join(folder)).expect("a folder");
    }
    let agent = keys.join("agents").join(AGENT);
    for (from, to) in [
        (agent.join("seal.pk8"), "keys/agent-1.pk8"),
        (agent.join("client.pem"), "tls/agent-1.pem"),
        (agent.join("client.key"), "tls/agent-1.key"),
        (keys.join("authority/ca.pem"), "tls/authority.pem"),
        (keys.join("root.pub"), "trust/root-1.pub"),
        (keys.join("roster.cose"), "trust/roster.cose"),
    ] {
        fs::copy(&from, site.join(to))
            .unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
    let mut second_root = binary("cellwatch");
    second_root.arg("keygen").arg("--out").arg(rig.path().join("root-2.pk8"));
    done({
        second_root.arg("--public-out").arg(site.join("trust/root-2.pub"));
        second_root
    });
    let text = rig.path().join("master-file.toml");
    fs::write(&text, MasterFile::of_the_example(SITE)).expect("a file");
    let mut sign = binary("control-site");
    sign.args(["sign", "master-file"]).arg(&text);
    sign.arg("--key").arg(keys.join("people/qa.pk8")).arg("--key").arg(keys.join("people/qp.pk8"));
    done({
        sign.arg("--out").arg(site.join("trust/master-file.cose"));
        sign
    });

    let check = || {
        let mut check = binary("cellwatch");
        check.args(["check", "--config"]).arg(site.join("site.toml"));
        finish(check)
    };
    let checked = check();
    assert_eq!(checked.status, Some(0), "{checked}");
    assert!(checked.stdout.contains("2 units, 2 devices"), "{checked}");
    cases.tried("site.toml, its profiles, master-file.toml");

    let site_file = site.join("site.toml");
    let good = fs::read_to_string(&site_file).expect("the site file");
    fs::write(&site_file, good.replace("port = 8883", "prot = 8883")).expect("a file");
    let checked = check();
    assert_ne!(checked.status, Some(0), "{checked}");
    let line = 1 + good.lines().position(|line| line.starts_with("port = 8883")).expect("the port");
    let says = format!("{}{}", checked.stdout, checked.stderr);
    assert!(
        says.contains(&format!("site.toml:{line}")) && says.contains("broker.prot"),
        "{checked}"
    );
    cases.tried("a key that is not known, with its line");
}

fn done(command: std::process::Command) {
    let words = format!("{command:?}");
    let finished = finish(command);
    assert_eq!(finished.status, Some(0), "{words}: {finished}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let there = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, there).expect("a copy");
        }
    }
}
