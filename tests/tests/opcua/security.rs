//! Security, users, and certificates that nobody has accepted.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cellwatch_tests::Cases;
use sha2::{Digest, Sha256};

use crate::bench::{Asyncua, Bench};

/// A certificate that nobody has accepted is said with its thumbprint, and nothing is asked of that server; a
/// command accepts it, and leaves a record of who did. A wrong password is said; the right one lets in.
// Req: LAW-11, UA-02
#[test]
fn an_unknown_certificate_and_a_user() {
    let mut cases = Cases::of("opcua: certificates");
    let bench = Bench::new();
    let folder = bench.rig.path().join("server");
    let secure = ["--secure", folder.to_str().expect("a path"), "--user", "observer:not a secret"];
    let mut device = Asyncua::start(&bench.rig, &secure);
    bench.rig.write("password", "wrong\n");
    let password = bench.rig.site().join("password");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).expect("a mode");
    bench.configure(&device.endpoint, "user = \"observer\"\npassword_file = \"password\"");
    let mut agent = bench.rig.agent();
    bench.event("the refusal", "device bx-01:%shows a certificate that nobody has accepted%");
    let certificate = device.certificate.as_ref().expect("a certificate");
    let certificate = fs::read(certificate).expect("a certificate");
    let thumbprint: String =
        Sha256::digest(&certificate).iter().map(|byte| format!("{byte:02x}")).collect();
    bench.event("its thumbprint", &format!("%--thumbprint {thumbprint}%"));
    let services = device.services(1);
    assert!(services.get("CreateSession").is_none(), "nobody was asked: {services}");
    cases.tried("an unknown certificate");

    let trust = |thumbprint: &str| {
        let comment = "compared with the server's own page";
        let arguments = ["opcua", "trust", "--server", "server", "--thumbprint", thumbprint];
        let words = ["--by", "maria", "--comment", comment];
        bench.rig.cellwatch(&[&arguments[..], &words].concat())
    };
    let other = "00".repeat(32);
    let refused = trust(&other);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains(&thumbprint), "it says which wait: {}", refused.stderr);
    let accepted = trust(&thumbprint);
    assert_eq!(accepted.status, Some(0), "{}", accepted.stderr);
    assert!(accepted.stdout.contains("recorded as seq"), "{}", accepted.stdout);
    cases.tried("accepted by its thumbprint");

    agent.awaits_in_log("others may read it; chmod 600");
    cases.tried("a password that others may read");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("a mode");
    agent.awaits_in_log("does not accept the user");
    cases.tried("a wrong password");
    bench.rig.write("password", "not a secret\n");
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("a mode");
    bench.temperature(36.99, "good");
    bench.event("the session", "device bx-01: OPC UA session made%SignAndEncrypt, Basic256Sha256%");
    device.set("TEMP.PV", 37.2);
    bench.temperature(37.2, "good");
    cases.tried("Basic256Sha256, SignAndEncrypt, user name");

    assert_eq!(agent.terminate(), Some(0), "a clean end");
    bench.control_site.await_through(bench.rig.last_seq());
    let actions = bench.control_site.number("SELECT count(*) FROM records WHERE kind = 'action'");
    assert_eq!(actions, 1, "who accepted the certificate is on record");
}

/// A user's certificate, and another policy.
// Req: UA-02
#[test]
fn a_certificate_as_the_user() {
    let mut cases = Cases::of("opcua: a user's certificate");
    let bench = Bench::new();
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=observer"])
        .args(["-days", "2", "-keyout"])
        .arg(bench.rig.site().join("observer-key.pem"))
        .arg("-out")
        .arg(bench.rig.site().join("observer.pem"))
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = bench.rig.path().join("server");
    let observer = bench.rig.site().join("observer.pem");
    let mut device = Asyncua::start(
        &bench.rig,
        &[
            "--secure",
            folder.to_str().expect("a path"),
            "--user-certificate",
            observer.to_str().expect("a path"),
        ],
    );
    // Accepted before the first session, by putting it there.
    let trusted = bench.rig.site().join("trusted");
    fs::create_dir(&trusted).expect("a folder");
    let certificate = device.certificate.as_ref().expect("a certificate");
    fs::copy(certificate, trusted.join("server.der")).expect("a certificate");
    bench.configure(
        &device.endpoint,
        "policy = \"Aes256-Sha256-RsaPss\"\ntrust_dir = \"trusted\"\nuser_certificate = \"observer.pem\"\nuser_key = \"observer-key.pem\"",
    );
    let agent = bench.rig.agent();
    bench.temperature(36.99, "good");
    device.set("TEMP.PV", 37.2);
    bench.temperature(37.2, "good");
    cases.tried("Aes256_Sha256_RsaPss, SignAndEncrypt, a user's certificate");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}
