//! Messages to people who are away, by real processes: the agent, a device that nobody here wrote, a mail server that is away at first.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use serde_json::Value;

use cellwatch_tests::{
    Cases, Device, MailAuthority, MasterFile, Pymodbus, Rig, SiteFile, Smtp, SmtpTls, await_until,
    folder,
};

/// Who is told of what.
const ROUTE: &str = "\n[[route]]\nname = \"on-call\"\nkind = \"e-mail\"\nto = [\"oncall@example.org\", \"ward@example.org\"]\npriorities = [\"high\"]\n";

/// `[mail]` of a site file.
fn mail(host: &str, port: u16, tls: &str, more: &str) -> String {
    format!(
        "\n[mail]\nhost = \"{host}\"\nport = {port}\ntls = \"{tls}\"\nfrom = \"cellwatch@example.org\"\n{more}"
    )
}

/// The mail server is away when the alarm calls, the agent is killed meanwhile: the message arrives once, when the server is back,
/// and says what somebody needs. A test message arrives; who is not configured is said.
// Req: ESC-01, ESC-03, ESC-04, LAW-06
#[test]
fn escalation() {
    let mut cases = Cases::of("escalation");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let rig = Rig::new();
    let mut device = Pymodbus::start(rig.path(), "every-type.json");
    let port = Smtp::free_port();
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 9,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    let master_file = MasterFile::version_1(&profile).text() + ROUTE;
    rig.configure(&site_file, &profile, &master_file);
    rig.write("site.toml", site_file.text() + &mail("127.0.0.1", port, "none", ""));
    let mut agent = rig.agent();

    device.set("TEMP.PV", 3905);
    agent.awaits_in_log("to on-call about Unit BX-01 TEMP.HH failed");
    // What is on disk is all that a killed agent knows.
    let status = |name: &str| {
        let answer = rig.cellwatch(&["status"]);
        let status: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        status[name].as_u64().expect("a number")
    };
    let appended = status("seq");
    await_until("the attempt on disk", Duration::from_secs(60), || {
        let durable = status("durable_seq");
        if durable >= appended { Ok(()) } else { Err(format!("{durable} of {appended}")) }
    });
    cases.tried("no server: the attempt is on record, with the reason");
    agent.kill();
    let server = Smtp::start(port, SmtpTls::None);
    let mut agent = rig.agent();
    agent.awaits_in_log("to on-call about Unit BX-01 TEMP.HH sent");
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "once: {taken:#?}");
    // Quoted-printable wraps and escapes: what is plain in it is looked for.
    for part in [
        "From: cellwatch@example.org",
        "To: oncall@example.org, ward@example.org",
        "Subject: [cellwatch] HIGH: Unit BX-01, TEMP.HH",
        "TEMP.PV is 39.05",
        "Switch the heater off at the panel.",
        "Respond by",
    ] {
        assert!(taken[0].contains(part), "{part:?} in {}", taken[0]);
    }
    cases.tried("killed with a message under way: it arrives once, whole, when the server is back");

    let tested = rig.cellwatch(&["test", "--route", "on-call"]);
    assert_eq!(tested.status, Some(0), "{tested}");
    await_until("the test message", Duration::from_secs(60), || {
        let taken = server.taken();
        let is_it = |one: &String| one.contains("Subject: [cellwatch] Test: Ulm, clean room 1");
        if taken.iter().any(is_it) { Ok(()) } else { Err(format!("{taken:#?}")) }
    });
    let unknown = rig.cellwatch(&["test", "--route", "nobody"]);
    assert_eq!(unknown.status, Some(1), "{unknown}");
    assert!(unknown.stderr.contains("there is no route nobody; there are: on-call"), "{unknown}");
    cases.tried("a route is tested");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}

/// Numbers that the foreign server serves: parameter, unit of measure, value.
const SERVED: [(&str, &str, f64); 16] = [
    ("U16", "1", 65534.0),
    ("I16", "g", -12.34),
    ("U32.WL", "1", 305_419_896.0),
    ("I32.BL", "1", -123_456.0),
    ("I32.WBL", "1", 19_088_743.0),
    ("I64.WBL", "1", -42.0),
    ("F32", "1", 37.04),
    ("F32.WL", "pH", 7.213),
    ("F32.BL", "mbar", -0.5),
    ("F32.WBL", "% air", 123.4),
    ("F64", "mbar", 1013.25),
    ("F64.WL", "1", 0.000_125),
    ("F64.WBL", "1", -2_500_000_000.0),
    ("WORD", "1", 32769.0),
    ("OFFSET", "°C", -15.0),
    ("PANEL", "°C", 37.2),
];

/// A Master File by which every number that is served is too high.
fn everything_is_too_high(profile: &str) -> String {
    let mut text = MasterFile::version_1(profile).text();
    text = text.replace("limit = 38.0", "limit = 36.5").replace("set_point = 37.0\n", "");
    for (name, unit, value) in SERVED {
        let (low, high) = (value - 1000.0, value + 1000.0);
        write!(
            text,
            r#"
[[parameter]]
name = "{name}"
unit = "{unit}"
range = [{low:?}, {high:?}]
critical = false
stale_after_s = 5.0
instrument_delay_s = 60.0
instrument_response = "Read it at the panel."
instrument_priority = "low"

[[alarm]]
id = "{name}.HH"
parameter = "{name}"
kind = "HH"
limit = {:?}
deadband = 0.1
priority = "high"
class = "equipment"
cause = "The whole room is too warm."
consequence = "Everything alarms at once."
response = "Go there."
time_to_respond_s = 600
"#,
            value - 1.0
        )
        .expect("a string takes everything");
    }
    text + ROUTE
}

/// Fifty-one alarms call at once while the mail server is away: when it is back, one message comes, and no other.
// Req: ESC-02, ESC-03
#[test]
fn a_flood_is_one_message() {
    let mut cases = Cases::of("escalation_flood");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let rig = Rig::new();
    let servers = [1, 2, 3].map(|_| Pymodbus::start(rig.path(), "every-type.json"));
    let port = Smtp::free_port();
    let devices = servers.iter().enumerate();
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: 9,
        devices: devices.map(|(index, one)| Device::numbered(index + 1, &one.address)).collect(),
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &everything_is_too_high(&profile));
    rig.write("site.toml", site_file.text() + &mail("127.0.0.1", port, "none", ""));
    let mut agent = rig.agent();
    // One message is tried for all of them, in vain.
    agent.awaits_in_log("to on-call about");
    agent.awaits_in_log("failed");
    let calling = agent.log().lines().filter(|line| line.contains(".HH raised")).count();
    assert_eq!(calling, 51, "{}", agent.log());
    cases.tried("51 alarms call, the server is away");

    let server = Smtp::start(port, SmtpTls::None);
    await_until("the message", Duration::from_secs(90), || {
        if server.taken().is_empty() { Err("nothing came") } else { Ok(()) }
    });
    // Whatever else waited would have been tried with it: a test message that comes after it is the second.
    let tested = rig.cellwatch(&["test", "--route", "on-call"]);
    assert_eq!(tested.status, Some(0), "{tested}");
    await_until("the test message", Duration::from_secs(60), || {
        if server.taken().len() >= 2 { Ok(()) } else { Err("one message") }
    });
    let taken = server.taken();
    assert_eq!(taken.len(), 2, "{taken:#?}");
    for part in
        ["Subject: [cellwatch] HIGH:", "and 50 more", "51 alarms call", "and 31 more, which"]
    {
        assert!(taken[0].contains(part), "{part:?} in {}", taken[0]);
    }
    assert!(taken[1].contains("Subject: [cellwatch] Test:"), "{}", taken[1]);
    let log = agent.log();
    let in_vain = |line: &&str| line.contains("to on-call about") && line.contains("failed");
    assert_eq!(log.lines().filter(in_vain).count(), 1, "one message was tried: {log}");
    cases.tried("the server is back: one message, 20 alarms listed, 31 counted");
    assert_eq!(agent.terminate(), Some(0), "a clean end");
}

/// Messages go over TLS, from the first byte or after STARTTLS, to a server that the authority of the site file has certified, and to
/// no other.
// Req: ESC-04, DEP-01
#[test]
fn messages_go_over_tls() {
    let mut cases = Cases::of("escalation_tls");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    let (ours, other) = (MailAuthority::make("ours"), MailAuthority::make("another"));
    for (word, tls) in [
        ("implicit", SmtpTls::Implicit as fn(_) -> SmtpTls),
        ("starttls", SmtpTls::StartTls as fn(_) -> SmtpTls),
    ] {
        let rig = Rig::new();
        let device = Pymodbus::start(rig.path(), "every-type.json");
        let port = Smtp::free_port();
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: 9,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        rig.configure(&site_file, &profile, &(MasterFile::version_1(&profile).text() + ROUTE));
        rig.write("mail.pem", ours.pem());
        let more = "authority = \"mail.pem\"\n";
        rig.write("site.toml", site_file.text() + &mail("localhost", port, word, more));
        let server = Smtp::start(port, tls(ours.server("localhost")));
        let agent = rig.agent();
        let test = || {
            let tested = rig.cellwatch(&["test", "--route", "on-call"]);
            assert_eq!(tested.status, Some(0), "{tested}");
        };
        test();
        await_until("the test message", Duration::from_secs(60), || {
            if server.taken().len() == 1 { Ok(()) } else { Err(agent.log()) }
        });
        assert!(server.taken()[0].contains("Subject: [cellwatch] Test:"), "{:#?}", server.taken());
        cases.tried(format_args!("{word}: a message arrives"));
        assert_eq!(agent.terminate(), Some(0), "a clean end");

        for (what, config, says) in [
            ("of another authority", other.server("localhost"), "UnknownIssuer"),
            ("for another name", ours.server("mail.elsewhere.example"), "not valid for name"),
        ] {
            let port = Smtp::free_port();
            let server = Smtp::start(port, tls(config));
            rig.write("site.toml", site_file.text() + &mail("localhost", port, word, more));
            let mut agent = rig.agent();
            test();
            agent.awaits_in_log(says);
            assert_eq!(server.taken(), Vec::<String>::new(), "{what}");
            cases.tried(format_args!("{word}: a server with a certificate {what} gets nothing"));
            assert_eq!(agent.terminate(), Some(0), "a clean end");
        }
    }
}
