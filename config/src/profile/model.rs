//! The profile as the agent and the simulator use it.

use std::collections::BTreeMap;

use cellwatch_model::UnitOfMeasure;

use super::Node;
use crate::Lines;

/// A device profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Stable id, such as `rocking-bag-25`.
    pub id: String,
    /// Maker and model, for people.
    pub model: String,
    /// Version of the profile text.
    pub version: String,
    /// SHA-256 of the profile's exact text: a Master File names it.
    pub sha256: [u8; 32],
    /// How the device wants to be asked over Modbus.
    pub modbus: ModbusRules,
    /// How it wants to be asked over OPC UA.
    pub opcua: OpcUaRules,
    /// What it holds, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// Where its keys stand in the text: for messages only, no part of equality; `Lines::default()` where there is no text.
    pub lines: Lines,
}

/// Modbus habits of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusRules {
    /// Most registers in one read, 1 to 125 (Modbus Application Protocol V1.1b3, §6.3).
    pub max_registers: u16,
    /// Most bits in one read, 1 to 2000 (§6.1).
    pub max_bits: u16,
    /// Registers (or bits) that nobody asked for but that may be read to merge two reads.
    pub max_gap: u16,
    /// How long to wait for a reply, milliseconds.
    pub timeout_ms: u64,
    /// So long after that a reply may still come, milliseconds: matters where replies carry no id (Modbus RTU).
    pub max_lateness_ms: u64,
    /// Addresses that no read may touch, not even to bridge a gap.
    pub no_read: Vec<NoRead>,
}

/// OPC UA habits of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcUaRules {
    /// Namespace of nodes that name none.
    pub namespace: Option<String>,
    /// How long to wait for an answer, milliseconds.
    pub timeout_ms: u64,
    /// The server gives each sample a new source time, changed or not: one that stands still is frozen.
    pub source_time_advances: bool,
}

/// Addresses that no read may touch: the device hangs, refuses or changes something when they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoRead {
    /// The table.
    pub table: Table,
    /// First address.
    pub first: u16,
    /// Last address; not below `first`.
    pub last: u16,
}

impl NoRead {
    /// True where a read of `width` registers (or bits) from `address` touches it.
    #[must_use]
    pub const fn touches(&self, address: u16, width: u16) -> bool {
        let end = address as u32 + width as u32;
        address <= self.last && (self.first as u32) < end
    }
}

/// One parameter of the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name, such as `TEMP.PV`: the same in profile, Master File, records and pages.
    pub name: String,
    /// The node that holds it, where it is asked over OPC UA.
    pub node: Option<Node>,
    /// True where `table` and `address` are the device's. Otherwise it has nodes only; then they number the
    /// words of all such parameters one after the other.
    pub on_modbus: bool,
    /// The Modbus table.
    pub table: Table,
    /// Zero-based protocol address of its first register or bit.
    pub address: u16,
    /// How its words are to be read.
    pub data_type: DataType,
    /// Order of the words: `Big` is most significant word first.
    pub word_order: Order,
    /// Order of the bytes within a word: `Big` is the standard's.
    pub byte_order: Order,
    /// Value = raw × scale + offset.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
    /// Decimals to which the value is rounded before it is judged and recorded, 0 to 9.
    pub decimals: u8,
    /// Unit of measure of the value.
    pub unit: UnitOfMeasure,
    /// What the sensor can measure, in `unit`, both ends included.
    pub range: Option<(f64, f64)>,
    /// Raw numbers that mean "no value".
    pub sentinels: Vec<i64>,
    /// Polled this often, milliseconds.
    pub period_ms: u64,
    /// Words of an enumeration, by raw number.
    pub values: BTreeMap<i64, String>,
    /// What the parameter tells besides a process value.
    pub role: Role,
    /// What the device says of itself here; none for everything else. Written as a `role` too.
    pub own_word: Option<OwnWord>,
    /// For a set-point, the Master File's parameter; for a limit, the Master File's alarm that it is compared with.
    pub of: Option<String>,
    /// Names of the bits of an alarm word, 0 the least significant.
    pub bits: BTreeMap<u8, String>,
    /// Never read together with anything else.
    pub read_alone: bool,
    /// What it takes to believe a value.
    pub belief: Belief,
    /// Whether the simulator may be written to here; the agent never writes (LAW-09).
    pub access: Access,
}

impl Parameter {
    /// Registers (or bits) that it takes.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.data_type.width()
    }

    /// True where its raw number is its value: neither scaled nor shifted nor given decimals.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        (self.scale - 1.0).abs() == 0.0 && self.offset == 0.0 && self.decimals == 0
    }
}

/// Modbus tables (Modbus Application Protocol V1.1b3, §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Function 01, read coils.
    Coil,
    /// Function 02, read discrete inputs.
    Discrete,
    /// Function 04, read input registers.
    Input,
    /// Function 03, read holding registers.
    Holding,
}

impl Table {
    /// True where the table holds bits, not registers.
    #[must_use]
    pub const fn is_bits(self) -> bool {
        matches!(self, Self::Coil | Self::Discrete)
    }
}

/// How words become a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    /// One bit of a coil or discrete input.
    Bit,
    /// One bit of a register, 0 the least significant.
    RegisterBit(u8),
    /// Unsigned, one register.
    U16,
    /// Two's complement, one register.
    I16,
    /// Unsigned, two registers.
    U32,
    /// Two's complement, two registers.
    I32,
    /// Unsigned, four registers.
    U64,
    /// Two's complement, four registers.
    I64,
    /// IEEE 754 binary32, two registers.
    F32,
    /// IEEE 754 binary64, four registers.
    F64,
    /// Text of this many registers, two bytes each, padded with NUL or blanks.
    Text(u16),
}

impl DataType {
    /// Registers (or bits) that it takes.
    #[must_use]
    pub const fn width(self) -> u16 {
        match self {
            Self::Bit | Self::RegisterBit(_) | Self::U16 | Self::I16 => 1,
            Self::U32 | Self::I32 | Self::F32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
            Self::Text(registers) => registers,
        }
    }
}

/// Most or least significant first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Most significant first.
    #[default]
    Big,
    /// Least significant first.
    Little,
}

/// What a parameter is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// A process value.
    #[default]
    Process,
    /// The phase of the process as the device says it; its `values` are phase ids of the Master File, `idle` among them.
    Phase,
    /// A counter that advances while the device lives.
    Heartbeat,
    /// The device's serial number.
    Serial,
}

/// What a device says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnWord {
    /// Its alarms, one a bit, named by `bits`.
    AlarmWord,
    /// Its state, named by `values`.
    State,
    /// Anything but zero while it is operated locally or calibrated.
    LocalMode,
    /// A set-point in force on the device; compared with the Master File.
    SetPoint,
    /// An alarm limit in force on the device; compared with the Master File.
    Limit,
    /// Counts up while it runs: going back means that it started again.
    Uptime,
    /// Its own time, seconds since 1970-01-01 UTC; compared with the agent's (LAW-12).
    Clock,
    /// The version of its program; compared with the Master File.
    Firmware,
    /// The checksum of the protocol or method that is loaded; compared with the Master File.
    ProtocolChecksum,
}

/// What it takes to believe a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Belief {
    /// A living sensor moves by more than this within `frozen_after_ms`, in the parameter's unit.
    pub noise: f64,
    /// Not moved by more than `noise` for this long is frozen, milliseconds; `None` is not judged.
    pub frozen_after_ms: Option<u64>,
    /// Faster is not physics, in the parameter's unit a second; `None` is not judged.
    pub max_rate_per_s: Option<f64>,
    /// Read several times in a row, because the device changes the value between its words.
    pub torn_guard: bool,
    /// A heartbeat that has not advanced for this long has stopped, milliseconds; `None` where the role is another.
    pub heartbeat_after_ms: Option<u64>,
}

/// What the simulator's control side may do with a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read only.
    #[default]
    Read,
    /// Written by the device's own panel: a set-point.
    Panel,
}

impl Profile {
    /// The parameter with this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The parameter with this role; a profile has each but [`Role::Process`] at most once.
    #[must_use]
    pub fn with_role(&self, role: Role) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.role == role)
    }
}
