//! Every key of a device profile.

use super::Default::{Is, Needed, Says};
use super::Takes::{Number, Other, Text, Whole, Words};
use super::key::{units, words};
use super::{Document, Key, Repeat, Table};
use crate::profile::{Access, Order, Role, Table as ModbusTable};

const NAME: &str = "1 to 48 of A-Z a-z 0-9 . _ -";

/// A device profile.
pub const PROFILE: Document = Document {
    title: "Device profile reference",
    says: "A device profile says what a device's Modbus registers hold and how it wants to be asked. The Master File approves its exact text by SHA-256. An unknown key is a problem.",
    tables: &[HEAD, MODBUS, PARAMETER],
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
    says: "How the device wants to be asked.",
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
    ],
};

const PARAMETER: Table = Table {
    name: "parameter",
    repeat: Repeat::AtLeastOnce,
    says: "What the device holds.",
    chooser: "",
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
            Needed,
            "\"input\"",
            "The Modbus table: function 01, 02, 04 or 03.",
        ),
        Key::new(
            "address",
            Whole("no unit", 0, 65_535),
            Needed,
            "4",
            "The protocol's, counted from 0: a manual's 30005 is input 4.",
        ),
        Key::new(
            "type",
            Other(
                "`bit`, `u16` `i16` `u32` `i32` `u64` `i64` `f32` `f64`, `text:N` (N registers), `bit:K` (bit K of a register)",
            ),
            Needed,
            "\"i16\"",
            "How its words are read. `bit` for coil and discrete, the others for input and holding.",
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
            "Makes it an enumeration; each word once.",
        ),
        Key::new(
            "role",
            Words(words::<Role>),
            Is("\"process\""),
            "\"process\"",
            "`phase`: the device's phase, words are phase ids with `idle` among them; `heartbeat`: a counter that advances while the device lives; `serial`: its serial number. Each but `process` once.",
        ),
        Key::new(
            "access",
            Words(words::<Access>),
            Is("\"read\""),
            "\"read\"",
            "`panel`: written at the device's own panel, such as a set-point. The agent never writes.",
        ),
    ],
};
