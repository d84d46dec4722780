//! TLS with the broker: what does not fit is refused, and the message says what to do.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use cellwatch_tests::{
    AGENT, Broker, Cases, Device, MasterFile, Process, Pymodbus, Rig, SiteFile, await_until,
    finish, folder, mosquitto,
};

/// A certificate that is refused: what is issued, how, and what the agent must say.
struct Refusal {
    name: &'static str,
    issue: &'static [&'static str],
    says: &'static [&'static str],
}

/// Certificates of a broker.
const BROKERS: [Refusal; 4] = [
    Refusal {
        name: "of a wrong authority",
        issue: &["--host", "localhost", "--wrong-authority"],
        says: &[
            "is not signed by the authority in",
            "authority.pem",
            "broker.authority of the site file",
        ],
    },
    Refusal {
        name: "that has expired",
        issue: &["--host", "localhost", "--not-after", "2025-01-01T00:00:00Z"],
        says: &["it has expired. Renew the broker's certificate"],
    },
    Refusal {
        name: "not valid yet",
        issue: &[
            "--host",
            "localhost",
            "--not-before",
            "2190-01-01T00:00:00Z",
            "--not-after",
            "2199-01-01T00:00:00Z",
        ],
        says: &["it is not valid yet. Set this machine's clock"],
    },
    Refusal {
        name: "for another name",
        issue: &["--host", "broker.elsewhere.example"],
        says: &["it is for another name than \"localhost\"", "broker.host of the site file"],
    },
];

/// Certificates of the agent.
const CLIENTS: [Refusal; 2] = [
    Refusal {
        name: "of a wrong authority",
        issue: &["--agent", AGENT, "--wrong-authority"],
        says: &[
            "refused our certificate",
            "issued by the broker's authority",
            "broker.certificate of the site file",
        ],
    },
    Refusal {
        name: "that has expired",
        issue: &["--agent", AGENT, "--not-after", "2025-01-01T00:00:00Z"],
        says: &[
            "refused our certificate: it has expired. Put a renewed one in",
            "it is used without a restart",
        ],
    },
];

/// Each wrong certificate of the broker or of the agent is refused with what to do, and polling goes on. A renewed one
/// is used without a restart.
// Req: TLS-01, TLS-02, TLS-03
#[test]
fn transport_security() {
    let mut cases = Cases::of("transport_security");
    let rig = Rig::new();
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let device = Pymodbus::start(rig.path(), "every-type.json");
    let configure = |port: u16| {
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    };

    for (index, Refusal { name, issue, says }) in BROKERS.iter().enumerate() {
        let identity = issued(&rig, "broker", issue, index);
        let broker = Broker::with_certificate(rig.path(), &rig.keys, &identity);
        configure(broker.port);
        says_and_records(&rig, rig.agent(), says);
        cases.tried(format_args!("a broker's certificate {name}"));
    }

    // From here on the broker is the right one.
    let broker = rig.broker();
    configure(broker.port);
    for (index, Refusal { name, issue, says }) in CLIENTS.iter().enumerate() {
        present(&rig, &issued(&rig, "client", issue, index));
        says_and_records(&rig, rig.agent(), says);
        cases.tried(format_args!("an agent's certificate {name}"));
    }

    fs::remove_file(rig.site().join("client.pem")).expect("the certificate");
    says_and_records(&rig, rig.agent(), &["client.pem", "broker.certificate of the site file"]);
    cases.tried("no client certificate to present");
    let mut nobody = mosquitto("mosquitto_sub");
    nobody.args(["-V", "mqttv5", "-h", "localhost", "-p", &broker.port.to_string()]);
    nobody.args(["-t", "#", "-W", "30", "--cafile"]).arg(rig.keys.path("authority/ca.pem"));
    let refused = finish(nobody);
    assert!(!matches!(refused.status, Some(0 | 27)), "a client without a certificate: {refused}");
    cases.tried("a client without a certificate");

    // Refused, then renewed: the same process goes on.
    let expired = CLIENTS[1].issue;
    present(&rig, &issued(&rig, "client", expired, CLIENTS.len()));
    let control_site = rig.control_site(&broker);
    let mut agent = rig.agent();
    for text in CLIENTS[1].says {
        agent.awaits_in_log(text);
    }
    assert_eq!(control_site.through(), 0, "nothing came before: {}", control_site.state());
    present(&rig, &issued(&rig, "client", &["--agent", AGENT], CLIENTS.len() + 1));
    let through = control_site.await_through(1);
    cases.tried(format_args!("a renewed certificate after an expired one, through seq {through}"));

    present(&rig, &issued(&rig, "client", &["--agent", AGENT], CLIENTS.len() + 2));
    agent.awaits_in_log("the certificate files have changed: connecting anew with them");
    let after = control_site.through();
    let connected_again = format!(
        "SELECT seq FROM events WHERE kind = 'broker' AND seq > {after} AND json_extract(details, '$.up') = 1"
    );
    control_site.await_rows("the new connection", &connected_again);
    control_site.await_through(after + 5);
    assert_eq!(
        control_site.number("SELECT gaps + refused FROM journals"),
        0,
        "{}",
        control_site.state()
    );
    cases.tried("a certificate renewed while connected");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}

/// The folder of a newly issued certificate.
fn issued(rig: &Rig, what: &str, how: &[&str], number: usize) -> PathBuf {
    let out = rig.path().join(format!("issued-{what}-{number}"));
    rig.keys.issue(what, how, &out);
    out
}

/// Puts a client certificate and its key where the site file names them: the certificate last, as it is what is looked at.
fn present(rig: &Rig, identity: &std::path::Path) {
    for name in ["client.key", "client.pem"] {
        let (new, file) = (rig.site().join("new"), rig.site().join(name));
        // A copy keeps the mode; the rename is whole or not at all.
        fs::copy(identity.join(name), &new).and_then(|_| fs::rename(&new, &file)).expect("a file");
    }
}

/// The agent says all of `says`, goes on recording, and ends cleanly.
fn says_and_records(rig: &Rig, mut agent: Process, says: &[&str]) {
    for text in says {
        agent.awaits_in_log(text);
    }
    let before = rig.last_seq();
    await_until("records in the journal", Duration::from_secs(60), || {
        let last = rig.last_seq();
        if last > before { Ok(()) } else { Err(format!("seq {last}: {}", agent.log())) }
    });
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    fs::remove_file(rig.path().join("agent.log"))
        .expect("the log, so that the next agent speaks for itself");
}
