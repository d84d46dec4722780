//! Every key of a site file.

use super::Default::{Is, Needed, Says};
use super::Takes::{Flag, Other, Text, Whole, Words};
use super::key::words;
use super::opcua::OPCUA;
use super::site_calling::{ANNUNCIATOR, MAIL};
use super::site_page::PAGE;
use super::{Document, Key, Repeat, Table};
use crate::site::{ClockSource, Parity, TransportWord};

const LEVEL: &str = "1 to 32 of a-z 0-9 -";

/// A site file.
pub const SITE: Document = Document {
    title: "Site file reference",
    says: "The site file of one agent says which devices it polls, which vessels it watches, whom it trusts and where it publishes. Relative paths count from the file's folder. An unknown key is a problem.",
    tables: &[
        HEAD,
        AGENT,
        TRUST,
        BROKER,
        JOURNAL,
        FRAMES,
        PAGE,
        LINE,
        OPCUA,
        DEVICE,
        UNIT,
        ANNUNCIATOR,
        MAIL,
    ],
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
        Key::new(
            "keep_days",
            Whole("days", 1, 3650),
            Is("90"),
            "90",
            "What the Control Site has received stays on this disk so long, counted while the agent watches. What it has not received, and what belongs to a batch that has not ended, always stays.",
        ),
        Key::new(
            "keep_mib",
            Whole("MiB", 1, 10_000_000),
            Is("16384"),
            "16384",
            "Above it the oldest that was received goes, however young.",
        ),
        Key::new(
            "reserve_mib",
            Whole("MiB", 1, 4096),
            Is("64"),
            "64",
            "Kept free in advance: on a full disk readings are no longer recorded, and alarms, actions and losses go here.",
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

/// Lines in the network.
const NETWORK: &[&str] = &["tcp", "rtu-over-tcp"];

const LINE: Table = Table {
    name: "line",
    repeat: Repeat::AnyTimes,
    says: "A connection or a serial port that several devices share: one request at a time, whoever waited longest first. A device that fails three times in a row is retried after growing pauses of up to a minute, within a twentieth of the line's time, and comes back at its first answer.",
    chooser: "transport",
    keys: &[
        Key::new(
            "id",
            Text("1 to 48 of A-Z a-z 0-9 . _ -"),
            Needed,
            "\"bench\"",
            "For devices and messages.",
        ),
        Key::new(
            "transport",
            Words(words::<TransportWord>),
            Needed,
            "\"rtu\"",
            "A Modbus TCP gateway, a serial server that passes RTU on, or a serial port of this machine.",
        ),
        Key::new(
            "address",
            Text("host:port"),
            Needed,
            "\"10.0.8.30:4001\"",
            "In the equipment network.",
        )
        .only(NETWORK),
        Key::new(
            "keep",
            Flag,
            Is("true"),
            "false",
            "Whether the connection is kept between requests.",
        )
        .only(NETWORK),
        Key::new(
            "port",
            Text("device file"),
            Needed,
            "\"/dev/ttyUSB0\"",
            "Names below /dev/serial/by-id survive a reboot. The agent's user is in the group dialout.",
        )
        .only(&["rtu"]),
        Key::new("baud", Whole("bit/s", 300, 921_600), Is("19200"), "9600", "As the devices have it.")
            .only(&["rtu"]),
        Key::new("parity", Words(words::<Parity>), Is("\"even\""), "\"none\"", "As the devices have it.")
            .only(&["rtu"]),
        Key::new(
            "stop_bits",
            Whole("bits", 1, 2),
            Says("1; 2 without parity, as the standard has it"),
            "1",
            "As the devices have it.",
        )
        .only(&["rtu"]),
        Key::new(
            "gap_ms",
            Whole("ms", 0, 10_000),
            Says("0 with \"tcp\"; 20 on RTU"),
            "20",
            "Silence between requests; on RTU at least 3.5 characters, and adapters on USB blur 16 ms.",
        ),
        Key::new(
            "pause_after_connect_ms",
            Whole("ms", 0, 60_000),
            Is("0"),
            "500",
            "For devices that need time after a connection or port was opened.",
        ),
    ],
};

const DEVICE: Table = Table {
    name: "device",
    repeat: Repeat::AtLeastOnce,
    says: "One for each device: with a Modbus TCP server of its own, on a line, or on an OPC UA server.",
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
            "What its registers or nodes hold.",
        ),
        Key::new(
            "address",
            Text("host:port"),
            Says("needed unless `line` or `opcua` is there"),
            "\"10.0.8.21:502\"",
            "Its address in the equipment network, where it has a Modbus TCP server of its own.",
        ),
        Key::new(
            "line",
            Text("id of a line"),
            Says("needed unless `address` or `opcua` is there"),
            "\"bench\"",
            "The line that it shares.",
        ),
        Key::new(
            "opcua",
            Text("id of an OPC UA server"),
            Says("needed unless `address` or `line` is there"),
            "\"cfc-server\"",
            "The server that has its nodes.",
        ),
        Key::new(
            "modbus_unit",
            Whole("no unit", 0, 255),
            Says("1 on Modbus"),
            "1",
            "Its unit identifier on Modbus: its own on a line, 1 to 247 on RTU.",
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
