//! Devices that nobody here wrote, pymodbus and libmodbus, on Modbus TCP and on serial lines, at once: every type and
//! order; silent, late and refusing for a while; and each of them restarted in the middle. Whatever is Good on record is
//! what they served.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cellwatch_model::{Cause, Quality};
use cellwatch_tests::{
    Cases, ControlSite, Device, Healths, MasterFile, Process, Rig, SiteFile, as_served,
    await_until, finish, folder, libmodbus, only_served, python,
};
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(180);
/// Every place that the profile names but the one that must be refused.
const TABLE_SIZE: &str = "100";
const TIMEOUT_MS: u64 = 1_500;
const LATE_MS: u64 = 500;

/// What pymodbus does for a while, what is then on record of its values, and the counter that tells it.
const TROUBLES: [(&str, Cause, &str); 3] = [
    ("silent", Cause::Timeout, "timeouts"),
    ("late", Cause::Timeout, "timeouts"),
    ("busy", Cause::DeviceException, "errors"),
];
/// A late reply comes after the timeout, and before nothing is expected any more.
const LATE_AFTER_S: f64 = 1.8;
/// So many requests must have been in trouble between two health records.
const TROUBLED: u64 = 3;
/// So many health records in a row may tell of a skipped poll of an untouched device: a machine that stands still makes
/// the agent late, but not for minutes.
const DIRTY_MAX: usize = 8;

/// A kind of server on a kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    name: &'static str,
    is_pymodbus: bool,
    is_serial: bool,
}

const KINDS: [Kind; 4] = [
    Kind { name: "pymodbus on TCP", is_pymodbus: true, is_serial: false },
    Kind { name: "libmodbus on TCP", is_pymodbus: false, is_serial: false },
    Kind { name: "pymodbus on a serial line", is_pymodbus: true, is_serial: true },
    Kind { name: "libmodbus on a serial line", is_pymodbus: false, is_serial: true },
];

/// A server, and where it is: an address, or the port on its side of the cable.
struct Server {
    kind: Kind,
    place: String,
    process: Process,
}

/// What they are started from.
struct Shelf {
    folder: PathBuf,
    libmodbus: PathBuf,
    /// What libmodbus serves: as pymodbus encodes it, line by line.
    words: String,
}

impl Shelf {
    fn start(&self, kind: Kind, place: &str) -> Server {
        let served = folder("foreign/every-type.json");
        let mut command = if kind.is_pymodbus {
            let mut command = python("modbus_server.py");
            command.arg(served).args(["--at", place]);
            if kind.is_serial {
                command.arg("--serial");
            }
            command
        } else {
            let mut command = Command::new(&self.libmodbus);
            command.args([if kind.is_serial { "rtu" } else { "tcp" }, place, TABLE_SIZE]);
            command
        };
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let name = kind.name.replace(' ', "-");
        let mut process = Process::start(&name, &self.folder, command);
        if !kind.is_pymodbus {
            for line in self.words.lines() {
                process.tell(line);
            }
            process.tell("serve");
        }
        let ready = process.ready();
        let place = ready["address"].as_str().map_or_else(|| place.to_owned(), str::to_owned);
        Server { kind, place, process }
    }
}

impl Server {
    /// Kills it, and gives where it was.
    fn kill(self) -> (Kind, String) {
        let Self { kind, place, process } = self;
        process.kill();
        let port = place.rsplit_once(':').map_or(&*place, |(_, port)| port).to_owned();
        (kind, if kind.is_serial { place } else { port })
    }
}

/// A cable for each serial server: the agent's end and the server's.
fn cable(folder: &Path, number: usize) -> (Process, String, String) {
    let end = |side: &str| folder.join(format!("cable-{number}-{side}")).display().to_string();
    let (ours, theirs) = (end("agent"), end("server"));
    let mut command = python("serial_cable.py");
    command.args([&ours, &theirs]);
    let mut process = Process::start(&format!("cable-{number}"), folder, command);
    let _ready = process.ready();
    (process, ours, theirs)
}

fn site_file(broker_port: u16, places: &[(Kind, String)]) -> (SiteFile, String) {
    let numbered = places.iter().enumerate();
    let devices = numbered.map(|(index, (_, place))| Device::numbered(index + 1, place));
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port: broker_port,
        devices: devices.collect(),
        segment_mib: 64,
    };
    let mut text = site_file.text();
    for (index, (_, port)) in places.iter().enumerate().filter(|(_, (kind, _))| kind.is_serial) {
        text = text.replace(&format!("address = \"{port}\""), &format!("line = \"cable-{index}\""));
        text += &format!(
            "\n[[line]]\nid = \"cable-{index}\"\ntransport = \"rtu\"\nport = \"{port}\"\nbaud = 115200\nparity = \"none\"\n"
        );
    }
    (site_file, text)
}

fn device(index: usize) -> String {
    format!("bx-{:02}", index + 1)
}

/// Asserts that a server serves every type in every order that it has.
fn every_type_and_order(served: &[Value]) {
    let is_served = |kind: &str, word_order: &str, byte_order: &str| {
        let order = |one: &Value, which: &str| one[which].as_str().unwrap_or("big").to_owned();
        served.iter().any(|one| {
            one["type"] == kind
                && one["quality"] == "good"
                && (order(one, "word_order"), order(one, "byte_order"))
                    == (word_order.to_owned(), byte_order.to_owned())
        })
    };
    for kind in ["u16", "i16", "text", "u32", "i32", "u64", "i64", "f32", "f64"] {
        // One word has no order of words, and text is in reading order.
        let words: &[&str] = match kind {
            "u16" | "i16" | "text" => &["big"],
            _ => &["big", "little"],
        };
        for (words, bytes) in words.iter().flat_map(|one| [(one, "big"), (one, "little")]) {
            assert!(is_served(kind, words, bytes), "{kind}, words {words}, bytes {bytes}");
        }
    }
}

/// Readings of a parameter of a device that are on record with this quality.
fn readings(control_site: &ControlSite, device: &str, name: &str, quality: Quality) -> i64 {
    control_site.number(&format!(
        "SELECT count(*) FROM readings JOIN parameters USING (journal_id, unit_id, parameter)
           WHERE device = '{device}' AND name = '{name}' AND quality = {}",
        quality.code()
    ))
}

/// Events that say that each of the others does not answer: on their links, and gaps that begin.
fn of_the_others(control_site: &ControlSite, touched: usize) -> Vec<(usize, usize)> {
    let others = (0..KINDS.len()).filter(|other| *other != touched);
    let count = |other: usize| {
        let gaps = control_site.rows(&format!(
            "SELECT text FROM events WHERE kind = 'gap'
               AND text LIKE 'polls of device {} are skipped: it does not answer%'",
            device(other)
        ));
        (links(control_site, other + 1, "does not answer"), gaps.len())
    };
    others.map(count).collect()
}

/// Both servers of pymodbus are in trouble for a while: it is named, those of libmodbus have nothing of it, and afterwards
/// they are believed again.
fn troubles(control_site: &ControlSite, servers: &mut [Option<Server>], served: &[Value]) {
    let of = |is_pymodbus: bool| {
        let chosen = (0..KINDS.len()).filter(|index| KINDS[*index].is_pymodbus == is_pymodbus);
        chosen.map(device).collect::<Vec<String>>()
    };
    let (troubled, untouched) = (of(true), of(false));
    let judged = served.iter().find(|one| one["name"] == "TEMP.PV").expect("it is served");
    let mut healths = Healths::of(control_site);
    for (what, cause, counter) in TROUBLES {
        let count =
            |device: &String| readings(control_site, device, "TEMP.PV", Quality::Bad(cause));
        let before: Vec<i64> = troubled.iter().map(count).collect();
        tell(servers, Some(what));
        for (device, before) in troubled.iter().zip(before) {
            await_until(&format!("{device} is {what}"), LONG, || match count(device) {
                now if now > before => Ok(()),
                _ => Err(control_site.state()),
            });
        }
        let mut dirty = Vec::new();
        loop {
            let before = healths.advance();
            let troubles = healths.since(&before, &troubled, counter);
            if troubles.iter().any(|count| *count < TROUBLED) {
                continue;
            }
            let skipped: u64 = healths.since(&before, &untouched, "skipped").iter().sum();
            if skipped == 0 {
                break;
            }
            dirty.push(skipped);
            assert!(dirty.len() < DIRTY_MAX, "{what}: polls of {untouched:?} skipped: {dirty:?}");
        }
        tell(servers, None);
        for index in (0..KINDS.len()).filter(|index| KINDS[*index].is_pymodbus) {
            await_until(&format!("{} is believed again after {what}", device(index)), LONG, || {
                as_served(control_site, &format!("BX-{:02}", index + 1), judged)
            });
        }
        println!(
            "  {what}: health records with a skipped poll of others before a clean one: {dirty:?}"
        );
    }
}

/// Tells the servers of pymodbus what they are to be from now on.
fn tell(servers: &mut [Option<Server>], trouble: Option<&str>) {
    let line = json!({ "trouble": trouble, "after_s": LATE_AFTER_S });
    for server in servers.iter_mut().flatten().filter(|server| server.kind.is_pymodbus) {
        server.process.tell(&line.to_string());
        server.process.answer("its trouble", |answer| answer["trouble"] == line["trouble"]);
    }
}

fn links(control_site: &ControlSite, device: usize, words: &str) -> usize {
    control_site
        .rows(&format!(
            "SELECT text FROM events WHERE kind = 'link' AND text LIKE 'device bx-{device:02} {words}%'"
        ))
        .len()
}

// Req: LAW-01, LAW-02, LAW-07, LAW-09, ACQ-01, ACQ-03, ACQ-06
#[test]
fn foreign_devices() {
    let mut cases = Cases::of("foreign_devices");
    let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
    // A silent server on a serial line is to be known soon.
    let quick = format!("max_lateness_ms = {LATE_MS}\ntimeout_ms = {TIMEOUT_MS}");
    let profile = profile.replacen("timeout_ms = 2000", &quick, 1);
    assert!(profile.contains(&quick));
    // Python on a busy machine is to keep up.
    let profile = profile.replace("period_ms = 500", "period_ms = 1000");
    let served = fs::read_to_string(folder("foreign/every-type.json")).expect("what is served");
    let served: Value = serde_json::from_str(&served).expect("JSON");
    let served = served["served"].as_array().expect("a list");
    every_type_and_order(served);

    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let mut encoder = python("words.py");
    encoder.arg(folder("foreign/every-type.json")).env("PYTHONDONTWRITEBYTECODE", "1");
    let words = finish(encoder);
    assert_eq!(words.status, Some(0), "{words}");
    let shelf = Shelf {
        folder: rig.path().to_owned(),
        libmodbus: libmodbus(rig.path()),
        words: words.stdout,
    };
    let mut cables = Vec::new();
    let mut servers = Vec::new();
    let mut places = Vec::new();
    for (number, kind) in KINDS.into_iter().enumerate() {
        if kind.is_serial {
            let (process, ours, theirs) = cable(rig.path(), number);
            cables.push(process);
            servers.push(Some(shelf.start(kind, &theirs)));
            places.push((kind, ours));
        } else {
            let server = shelf.start(kind, "0");
            places.push((kind, server.place.clone()));
            servers.push(Some(server));
        }
    }
    let (site_file, text) = site_file(broker.port, &places);
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    rig.write("site.toml", text);
    let agent = rig.agent();

    for (index, kind) in KINDS.into_iter().enumerate() {
        let unit = format!("BX-{:02}", index + 1);
        for one in served {
            let name = one["name"].as_str().expect("a name");
            await_until(&format!("{name} of {}", kind.name), LONG, || {
                as_served(&control_site, &unit, one)
            });
        }
        cases.tried_many(served.len(), format_args!("a value of {}", kind.name));
    }

    troubles(&control_site, &mut servers, served);
    cases.tried_many(TROUBLES.len() * 2, "a server in trouble for a while");

    let judged = served.iter().find(|one| one["name"] == "TEMP.PV").expect("it is served");
    for (index, server) in servers.iter_mut().enumerate() {
        let before = of_the_others(&control_site, index);
        let (number, unit) = (index + 1, format!("BX-{:02}", index + 1));
        let answered = links(&control_site, number, "answers");
        let missing = links(&control_site, number, "does not answer");
        let (kind, place) = server.take().expect("it runs").kill();
        await_until(&format!("{} is missed", kind.name), LONG, || {
            let missed = links(&control_site, number, "does not answer") > missing;
            let wrong = as_served(&control_site, &unit, judged).is_err();
            if missed && wrong { Ok(()) } else { Err(control_site.state()) }
        });
        *server = Some(shelf.start(kind, &place));
        await_until(&format!("{} is believed again", kind.name), LONG, || {
            if links(&control_site, number, "answers") <= answered {
                return Err(control_site.state());
            }
            as_served(&control_site, &unit, judged)
        });
        let after = of_the_others(&control_site, index);
        assert_eq!(after, before, "nobody but {} was touched", kind.name);
        cases.tried(format_args!("{} was restarted", kind.name));
    }
    for (server, question) in servers.iter_mut().flatten().zip(1..) {
        server.process.tell(&if server.kind.is_pymodbus {
            format!("{{\"count\": {question}}}")
        } else {
            format!("count {question}")
        });
        let counts = server.process.answer("the counts", |answer| answer["count"] == question);
        assert!(counts["reads"].as_u64().is_some_and(|reads| reads > 0), "{counts}");
        assert_eq!(counts["others"], 0, "the agent only reads (LAW-09)");
        cases.tried(format_args!("{}: nothing but reads", server.kind.name));
    }
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    control_site.await_through(rig.last_seq());
    for (index, kind) in KINDS.into_iter().enumerate() {
        let good = served.iter().map(|one| only_served(&control_site, &device(index), one));
        let good: u64 = good.sum();
        cases.tried_many(served.len(), format_args!("{}: {good} Good, all as served", kind.name));
    }
}
