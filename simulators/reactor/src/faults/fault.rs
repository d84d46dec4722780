//! The faults.

use serde::{Deserialize, Serialize};

/// Something that is broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The register stays as it is.
    SensorStuck {
        /// Name of the parameter.
        parameter: String,
    },
    /// The register shows the value and this.
    SensorOffset {
        /// Name of the parameter.
        parameter: String,
        /// In the parameter's unit.
        offset: f64,
    },
    /// The register shows what cannot be.
    ValueOutOfRange {
        /// Name of the parameter.
        parameter: String,
        /// What it shows.
        #[serde(default, rename = "as")]
        shows: Option<Beyond>,
    },
    /// The register sends its words in the opposite order.
    SwappedWords {
        /// Name of the parameter, of two registers or more.
        parameter: String,
    },
    /// Another device of the same kind stands there.
    OtherSerial {
        /// Its serial number.
        serial: String,
    },
    /// It is starting: not there until the fault ends, and then with counters from 0 and its set-points at the
    /// defaults.
    Reboot,
    /// The heater.
    HeaterFailed {
        /// How.
        mode: HeaterMode,
    },
    /// The rocking drive stands still.
    AgitationStopped,
    /// The door is open.
    DoorOpen,
    /// Requests are taken and never answered.
    DeviceSilent,
    /// Every request is answered this much later, one after the other.
    DeviceSlow {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// Every reply is held back this long while later requests are taken: replies to requests long given up.
    LateReply {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// No connection is taken, and those that are open are closed.
    ConnectionRefused,
    /// Connections that are open now are dead without anybody saying so; new ones live.
    HalfOpen,
    /// Connections are taken, and nothing is ever said on them.
    AcceptsOnly,
    /// Replies to reads hold one register, or eight bits, fewer than asked for.
    WrongLength,
    /// Replies to reads hold one register, or eight bits, more than asked for.
    ExtraLength,
    /// Replies come as other bytes than they are.
    Damaged {
        /// How.
        how: Damage,
    },
    /// Replies carry another header or function than their request.
    WrongReply {
        /// What is wrong.
        field: HeaderField,
    },
    /// Every request gets this exception.
    Exception {
        /// Modbus exception code, 1 to 11.
        code: u8,
    },
    /// On OPC UA the node comes with this status code.
    BadStatus {
        /// Name of the parameter.
        parameter: String,
        /// Status code (OPC 10000-4 §7.39).
        code: u32,
    },
    /// On OPC UA source times stand still, whatever the values do.
    SourceTimeStands,
    /// On OPC UA subscriptions live, and bring no changes.
    SubscriptionStalls,
    /// The OPC UA server ends all sessions.
    SessionsDropped,
    /// The OPC UA server starts again with its namespaces in another order.
    NamespacesReordered,
}

impl Fault {
    /// The parameter whose register or node it changes; `None` where it breaks something else.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::SensorStuck { parameter }
            | Self::BadStatus { parameter, .. }
            | Self::SensorOffset { parameter, .. }
            | Self::ValueOutOfRange { parameter, .. }
            | Self::SwappedWords { parameter } => Some(parameter),
            Self::OtherSerial { .. }
            | Self::Reboot
            | Self::HalfOpen
            | Self::AcceptsOnly
            | Self::ExtraLength
            | Self::Damaged { .. }
            | Self::HeaterFailed { .. }
            | Self::AgitationStopped
            | Self::DoorOpen
            | Self::DeviceSilent
            | Self::DeviceSlow { .. }
            | Self::LateReply { .. }
            | Self::ConnectionRefused
            | Self::WrongLength
            | Self::WrongReply { .. }
            | Self::SourceTimeStands
            | Self::SubscriptionStalls
            | Self::SessionsDropped
            | Self::NamespacesReordered
            | Self::Exception { .. } => None,
        }
    }
}

/// What cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beyond {
    /// Above the sensor's range by a tenth of it.
    High,
    /// Below the sensor's range by a tenth of it.
    Low,
    /// The sentinel, or NaN.
    NoValue,
}

/// How a heater fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaterMode {
    /// It heats with all it has.
    On,
    /// It does not heat.
    Off,
}

/// A part of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderField {
    /// Transaction identifier: one more than the request's.
    Transaction,
    /// Unit identifier: one more than the request's.
    Unit,
    /// Function code: that of another read.
    Function,
}

/// What becomes of a reply's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// They come in three pieces, with pauses.
    Split,
    /// The reply comes twice, in one piece.
    Merged,
    /// Three bytes before it.
    GarbageBefore,
    /// Three bytes behind it.
    GarbageAfter,
    /// The CRC is another; on Modbus TCP, which has none, nothing changes.
    Crc,
    /// Only the first half comes.
    Cut,
    /// Only the first half comes, then the connection is closed; on a serial line, which has none, as `cut`.
    Closed,
    /// Nothing comes, and the connection is reset; on a serial line, which has none, nothing comes.
    Reset,
}
