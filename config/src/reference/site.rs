//! Every key of a site file.

use super::Default::{Is, Needed};
use super::Takes::{Other, Text, Whole, Words};
use super::key::words;
use super::{Document, Key, Repeat, Table};
use crate::site::ClockSource;

const LEVEL: &str = "1 to 32 of a-z 0-9 -";

/// A site file.
pub const SITE: Document = Document {
    title: "Site file reference",
    says: "The site file of one agent says which devices it polls, which vessels it watches, whom it trusts and where it publishes. Relative paths count from the file's folder. An unknown key is a problem.",
    tables: &[HEAD, AGENT, TRUST, BROKER, JOURNAL, FRAMES, DEVICE, UNIT],
};

const HEAD: Table = Table {
    name: "site",
    repeat: Repeat::Once,
    says: "The place.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text(LEVEL),
            Needed,
            "\"barcelona-1\"",
            "A level of every topic; as in the Master File's `sites`. Never used again for another place.",
        ),
        Key::new(
            "name",
            Text("for people"),
            Needed,
            "\"Barcelona, clean room 1\"",
            "On pages and in reports.",
        ),
        Key::new(
            "time_zone",
            Text("IANA name"),
            Needed,
            "\"Europe/Madrid\"",
            "Pages and reports use it; records are in UTC.",
        ),
    ],
};

const AGENT: Table = Table {
    name: "agent",
    repeat: Repeat::Once,
    says: "The agent itself.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text(LEVEL),
            Needed,
            "\"agent-1\"",
            "A level of every topic; one agent, one key, one journal.",
        ),
        Key::new(
            "data_dir",
            Text("path"),
            Needed,
            "\"data\"",
            "Journal and state; a file system of its own is best.",
        ),
        Key::new(
            "key",
            Text("path"),
            Needed,
            "\"keys/agent-1.pk8\"",
            "PKCS#8 file of the Ed25519 key that seals records; mode 0600.",
        ),
        Key::new(
            "clock",
            Words(words::<ClockSource>),
            Is("\"kernel\""),
            "\"kernel\"",
            "Whether the kernel says that the clock is synchronised, or it is declared simulated: for demonstrations, every record says so.",
        ),
    ],
};

const TRUST: Table = Table {
    name: "trust",
    repeat: Repeat::Once,
    says: "Whom the agent trusts.",
    chooser: "",
    keys: &[
        Key::new(
            "root_keys",
            Other("list of paths, at least one"),
            Needed,
            "[\"trust/root-1.pub\"]",
            "Public keys that sign the first roster: 64 hexadecimal digits each. Two, so that one can be lost.",
        ),
        Key::new(
            "roster",
            Text("path"),
            Needed,
            "\"trust/roster.cose\"",
            "Who may sign what; replaced by newer ones that the Control Site sends.",
        ),
        Key::new(
            "master_file",
            Text("path"),
            Needed,
            "\"trust/master-file.cose\"",
            "Signed by QA and QP; replaced by newer ones that the Control Site sends.",
        ),
    ],
};

const BROKER: Table = Table {
    name: "broker",
    repeat: Repeat::Once,
    says: "Where it publishes: MQTT 5 over TLS 1.3, outbound only.",
    chooser: "",
    keys: &[
        Key::new(
            "host",
            Text("host name or address"),
            Needed,
            "\"broker.control-site.example\"",
            "As in the broker's certificate, or the connection is refused.",
        ),
        Key::new("port", Whole("no unit", 1, 65_535), Is("8883"), "8883", "TCP port."),
        Key::new(
            "authority",
            Text("path"),
            Needed,
            "\"tls/authority.pem\"",
            "Who signed the broker's certificate; no other authority is trusted.",
        ),
        Key::new(
            "certificate",
            Text("path"),
            Needed,
            "\"tls/agent-1.pem\"",
            "Client certificate chain; replaced on disk, it is used from the next connection on.",
        ),
        Key::new(
            "private_key",
            Text("path"),
            Needed,
            "\"tls/agent-1.key\"",
            "Of the client certificate; mode 0600.",
        ),
        Key::new(
            "keep_alive_s",
            Whole("s", 5, 300),
            Is("30"),
            "30",
            "A dead link is noticed after about one and a half of these.",
        ),
    ],
};

const JOURNAL: Table = Table {
    name: "journal",
    repeat: Repeat::AtMostOnce,
    says: "How it writes.",
    chooser: "",
    keys: &[
        Key::new(
            "segment_mib",
            Whole("MiB", 1, 256),
            Is("64"),
            "64",
            "Pruning removes whole segments, damage costs one: smaller ones cost more files.",
        ),
        Key::new(
            "commit_delay_ms",
            Whole("ms", 0, 1000),
            Is("200"),
            "200",
            "Telemetry may wait this long to share a commit; alarms and actions never wait.",
        ),
    ],
};

const FRAMES: Table = Table {
    name: "frames",
    repeat: Repeat::AtMostOnce,
    says: "How it frames telemetry.",
    chooser: "",
    keys: &[Key::new(
        "seconds",
        Whole("s", 1, 60),
        Is("5"),
        "5",
        "Telemetry of a unit is one record per frame; shorter is livelier, longer costs fewer bytes.",
    )],
};

const DEVICE: Table = Table {
    name: "device",
    repeat: Repeat::AtLeastOnce,
    says: "One for each Modbus TCP server and unit identifier.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text("1 to 48 of A-Z a-z 0-9 . _ -"),
            Needed,
            "\"bx-01\"",
            "For records and messages.",
        ),
        Key::new(
            "profile",
            Text("path"),
            Needed,
            "\"profiles/rocking-bag-25.toml\"",
            "What its registers hold.",
        ),
        Key::new(
            "address",
            Text("host:port"),
            Needed,
            "\"10.0.8.21:502\"",
            "Its address in the equipment network.",
        ),
        Key::new(
            "modbus_unit",
            Whole("no unit", 0, 255),
            Is("1"),
            "1",
            "1 unless a gateway serves several devices behind one address.",
        ),
    ],
};

const UNIT: Table = Table {
    name: "unit",
    repeat: Repeat::AtLeastOnce,
    says: "One for each vessel that holds a culture.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text("1 to 32 of A-Z a-z 0-9 -"),
            Needed,
            "\"BX-01\"",
            "A level of every topic; as on the label of the vessel's place.",
        ),
        Key::new(
            "name",
            Text("for people"),
            Needed,
            "\"Rocking bag 25, bench left\"",
            "On pages and in reports.",
        ),
        Key::new(
            "devices",
            Other("list of device ids, at least one"),
            Needed,
            "[\"bx-01\"]",
            "Each device belongs to exactly one unit.",
        ),
    ],
};
