//! Every key of a device profile.

use super::Default::{Is, Needed, Says};
use super::Takes::{Flag, Number, Other, Text, Whole, Words};
use super::key::{units, words};
use super::{Document, Key, Repeat, Table};
use crate::profile::{Access, Order, RoleWord, Table as ModbusTable};

const NAME: &str = "1 to 48 of A-Z a-z 0-9 . _ -";

/// A device profile.
pub const PROFILE: Document = Document {
    title: "Device profile reference",
    says: "A device profile says what a device's Modbus registers or OPC UA nodes hold and how it wants to be asked. The Master File approves its exact text by SHA-256. An unknown key is a problem.",
    tables: &[HEAD, MODBUS, OPCUA, PARAMETER],
};

const HEAD: Table = Table {
    name: "profile",
    repeat: Repeat::Once,
    says: "What device it is.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text(NAME),
            Needed,
            "\"rocking-bag-25\"",
            "As in the Master File's `[[equipment]]`.",
        ),
        Key::new(
            "model",
            Text("for people"),
            Needed,
            "\"Rocking bag bioreactor, 25 L class\"",
            "Maker and model.",
        ),
        Key::new("version", Text("for people"), Needed, "\"1.0\"", "Of the profile's text."),
    ],
};

const MODBUS: Table = Table {
    name: "modbus",
    repeat: Repeat::AtMostOnce,
    says: "How the device wants to be asked over Modbus.",
    chooser: "",
    keys: &[
        Key::new(
            "max_registers",
            Whole("registers", 1, 125),
            Is("125"),
            "64",
            "Most registers in one read.",
        ),
        Key::new(
            "max_bits",
            Whole("bits", 1, 2000),
            Is("2000"),
            "256",
            "Most coils or discrete inputs in one read.",
        ),
        Key::new(
            "max_gap",
            Whole("registers or bits", 0, 124),
            Is("8"),
            "4",
            "What nobody asked for but may be read to merge two reads.",
        ),
        Key::new(
            "timeout_ms",
            Whole("ms", 10, 60_000),
            Is("1000"),
            "1000",
            "How long to wait for a reply.",
        ),
        Key::new(
            "max_lateness_ms",
            Whole("ms", 0, 60_000),
            Is("3000"),
            "3000",
            "So long after that a reply may still come. On RTU, where replies carry no id, the line is quiet until then after a failure, and for this and the timeout after a start of the agent, so that a late reply is never taken for another one.",
        ),
        Key::new(
            "word_order",
            Words(words::<Order>),
            Is("\"big\""),
            "\"little\"",
            "Of values of several registers: which word comes first, the most (`big`) or least significant.",
        ),
        Key::new(
            "byte_order",
            Words(words::<Order>),
            Is("\"big\""),
            "\"big\"",
            "Within a register; `big` is the standard's.",
        ),
        Key::new(
            "torn_guard",
            Flag,
            Is("false"),
            "true",
            "For a device that changes a number between its words: every number of several registers is read several times in a row.",
        ),
        Key::new(
            "no_read",
            Other("list of [table, first, last]: addresses 0 to 65535, both included"),
            Is("[]"),
            "[[\"holding\", 100, 119]]",
            "What must never be read: no parameter lies there, and no merged read crosses it.",
        ),
    ],
};

const OPCUA: Table = Table {
    name: "opcua",
    repeat: Repeat::AtMostOnce,
    says: "How the device wants to be asked over OPC UA.",
    chooser: "",
    keys: &[
        Key::new(
            "namespace",
            Text("URI"),
            Says("each `node` names its own"),
            "\"urn:example:centrifuge\"",
            "Of nodes that name none. The agent looks its index up in the server's table at each session.",
        ),
        Key::new(
            "timeout_ms",
            Whole("ms", 10, 60_000),
            Is("2000"),
            "2000",
            "How long to wait for an answer.",
        ),
        Key::new(
            "source_time_advances",
            Flag,
            Is("false"),
            "true",
            "For a server that gives each sample a new source time, changed or not: a value whose source time stands still between two reads is frozen.",
        ),
    ],
};

/// Roles that name something of the Master File.
const COMPARED: &[&str] = &["set-point", "limit"];

const PARAMETER: Table = Table {
    name: "parameter",
    repeat: Repeat::AtLeastOnce,
    says: "What the device holds.",
    chooser: "role",
    keys: &[
        Key::new(
            "name",
            Text(NAME),
            Needed,
            "\"TEMP.PV\"",
            "As in Master File, records and pages.",
        ),
        Key::new(
            "table",
            Words(words::<ModbusTable>),
            Says("needed without `node`; with it, not asked over Modbus"),
            "\"input\"",
            "The Modbus table: function 01, 02, 04 or 03.",
        ),
        Key::new(
            "address",
            Whole("no unit", 0, 65_535),
            Says("as `table`"),
            "4",
            "The protocol's, counted from 0: a manual's 30005 is input 4.",
        ),
        Key::new(
            "node",
            Text("`i=`, `s=`, `g=` or `b=` and the identifier, before it `nsu=URI;` where the namespace is not `opcua.namespace`"),
            Says("needed without `table`; with it, not asked over OPC UA"),
            "\"nsu=urn:example:centrifuge;s=ProtocolState\"",
            "The OPC UA node, by namespace URI and identifier.",
        ),
        Key::new(
            "type",
            Other(
                "`bit`, `u16` `i16` `u32` `i32` `u64` `i64` `f32` `f64`, `text:N` (N registers), `bit:K` (bit K of a register)",
            ),
            Needed,
            "\"i16\"",
            "How its words are read. `bit` for coil and discrete, the others for input and holding. Of a node: Boolean is `bit`, a whole number or enumeration `i16` to `u64` wide enough for it (SByte and Byte stand in `i16` and `u16`), Float `f32`, Double `f64`, String `text:N` with room for 2 N bytes.",
        ),
        Key::new(
            "word_order",
            Words(words::<Order>),
            Says("`modbus.word_order`"),
            "\"little\"",
            "Order of its words.",
        ),
        Key::new(
            "byte_order",
            Words(words::<Order>),
            Says("`modbus.byte_order`"),
            "\"big\"",
            "Order of the bytes in a word.",
        ),
        Key::new(
            "scale",
            Number("unit per count, not 0", None, None),
            Is("1.0"),
            "0.01",
            "Value = raw × scale + offset. Not for bits, text and enumerations.",
        ),
        Key::new(
            "offset",
            Number("the value's unit", None, None),
            Is("0.0"),
            "-40.0",
            "See `scale`.",
        ),
        Key::new(
            "decimals",
            Whole("digits", 0, 9),
            Says("0 for whole numbers, else 2"),
            "2",
            "The value is rounded so before it is judged and recorded.",
        ),
        Key::new(
            "unit",
            Words(units),
            Needed,
            "\"°C\"",
            "Unit of measure of the value; `1` for counts, states and text.",
        ),
        Key::new(
            "range",
            Other("[low, high], the value's unit"),
            Says("none"),
            "[0.0, 60.0]",
            "What the sensor can measure: beyond it the reading is bad, not high.",
        ),
        Key::new(
            "sentinels",
            Other("list of whole numbers"),
            Is("[]"),
            "[-32768]",
            "Raw numbers that this device writes for \"no value\".",
        ),
        Key::new(
            "period_ms",
            Whole("ms", 50, 3_600_000),
            Is("1000"),
            "1000",
            "How often it is polled: at least three times within the shortest delay of its alarms.",
        ),
        Key::new(
            "values",
            Other("table of words by raw number"),
            Is("{}"),
            "{ \"0\" = \"closed\", \"1\" = \"open\" }",
            "Makes it an enumeration; each word once. Needed with `role` = `phase` and `state`.",
        ),
        Key::new(
            "role",
            Words(words::<RoleWord>),
            Is("\"process\""),
            "\"heartbeat\"",
            "`phase`: the device's phase, `values` are phase ids with `idle` among them; `heartbeat`: a counter that advances while the device lives; `serial`: its serial number, text or integer; `alarm-word`: its own alarms, one a bit; `state`: its state, named by `values`; `local-mode`: not zero while it is operated locally or calibrated; `set-point`, `limit`: in force on the device, compared with the Master File; `uptime`: counts up while it runs, going back means that it started again; `clock`: its own time, seconds since 1970-01-01 UTC, ten seconds off are an alarm. `phase`, `heartbeat`, `serial`, `local-mode`, `uptime` and `clock` once each.",
        ),
        Key::new(
            "of",
            Text(NAME),
            Needed,
            "\"TEMP.PV\"",
            "What in the Master File it is compared with: for a set-point the parameter, for a limit the alarm.",
        )
        .only(COMPARED),
        Key::new(
            "bits",
            Other("table of names by bit, 0 (least significant) to the last of its type"),
            Needed,
            "{ \"0\" = \"over-temperature\" }",
            "Names of the alarms; each name once.",
        )
        .only(&["alarm-word"]),
        Key::new(
            "read_alone",
            Flag,
            Is("false"),
            "true",
            "Never read together with anything else.",
        ),
        Key::new(
            "frozen_after_s",
            Number("s", Some(1.0), Some(604_800.0)),
            Says("not judged"),
            "600.0",
            "A value that has not moved by more than `noise` for this long is frozen. At least three polls, and over OPC UA three times the server's `check_s`; only for numbers without `values`.",
        )
        .only(&["process"]),
        Key::new(
            "noise",
            Number("the value's unit", Some(0.0), None),
            Is("0.0"),
            "0.02",
            "A living sensor moves by more than this within `frozen_after_s`, which it needs.",
        )
        .only(&["process"]),
        Key::new(
            "max_rate_per_s",
            Number("the value's unit a second, above 0", None, None),
            Says("not judged"),
            "0.5",
            "A faster change is not physics and not believed. Only for numbers without `values`.",
        )
        .only(&["process"]),
        Key::new(
            "torn_guard",
            Flag,
            Says("`modbus.torn_guard` for numbers of several registers, else `false`"),
            "true",
            "Read several times in a row, because the device changes the value between its words. Only for numbers of several registers.",
        ),
        Key::new(
            "heartbeat_after_s",
            Number("s", Some(1.0), Some(3600.0)),
            Says("five polls, at least 10 s"),
            "10.0",
            "A heartbeat that has not advanced for this long has stopped. At least two polls.",
        )
        .only(&["heartbeat"]),
        Key::new(
            "access",
            Words(words::<Access>),
            Is("\"read\""),
            "\"read\"",
            "`panel`: written at the device's own panel, such as a set-point. The agent never writes.",
        ),
    ],
};
