//! What goes through the door for devices that are asked over OPC UA.

use cellwatch_model::Utc;

use super::{NoReply, RequestId};

/// Something of a device's session.
#[derive(Clone, Debug, PartialEq)]
pub enum UaInput {
    /// A session was made and its nodes were found: the device may be read.
    Up {
        /// Endpoint, security and user in words, for the record.
        session: String,
    },
    /// There is no session, or none any more; why.
    Down(String),
    /// The outcome of an [`super::Output::UaRead`]: exactly one for each.
    Read {
        /// The request that this answers.
        request: RequestId,
        /// One sample for each parameter, in their order; or why there are none.
        outcome: Result<Vec<UaSample>, NoReply>,
    },
    /// Everything is subscribed to from now on, as the server grants it.
    Subscribed {
        /// Publishing interval, milliseconds.
        publishing_ms: u64,
        /// Without a change the server says that it lives after so many publishing intervals.
        keep_alive_count: u64,
        /// What it grants less of than it was asked for, in the profile's order.
        shortfalls: Vec<UaShortfall>,
    },
    /// A notification, or a sign of life of the subscription without samples.
    Published {
        /// When the server made it, by its clock (OPC 10000-4 §7.26, `publishTime`).
        at_server: Option<Utc>,
        /// In the order in which the server gives them.
        samples: Vec<UaSample>,
    },
    /// Notifications are missing: their sequence numbers have a hole.
    Missing {
        /// How many.
        messages: u64,
    },
    /// The server shows a certificate that nobody has accepted; said once for each certificate.
    Untrusted {
        /// What it is, and how it is accepted, in words.
        text: String,
        /// Its SHA-256, hexadecimal.
        thumbprint: String,
    },
}

/// What a subscription does not give of a parameter although it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UaShortfall {
    /// Index of the parameter in the device's profile.
    pub parameter: usize,
    /// What.
    pub what: UaShort,
}

/// What the server grants instead (OPC 10000-4 §5.13.2, `revisedQueueSize`, `revisedSamplingInterval`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UaShort {
    /// It does not monitor the node.
    NotMonitored {
        /// The status code with which it refuses.
        status: u32,
    },
    /// It keeps fewer values between two publishes.
    Queue {
        /// Values that were asked for.
        asked: u32,
        /// Values that it keeps.
        granted: u32,
    },
    /// It looks at the value less often.
    Sampling {
        /// Interval that was asked for, milliseconds.
        asked_ms: u64,
        /// Its interval, milliseconds.
        granted_ms: u64,
    },
}

/// A value of a node with what the server says of it (OPC 10000-4 §7.11).
#[derive(Clone, Debug, PartialEq)]
pub struct UaSample {
    /// Index of the parameter in the device's profile.
    pub parameter: usize,
    /// The value.
    pub value: UaValue,
    /// Status code with its information bits (OPC 10000-4 §7.39).
    pub status: u32,
    /// When the value came about, by the device's clock.
    pub source: Option<Utc>,
    /// When the server got it, by the server's clock.
    pub server: Option<Utc>,
}

/// A scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum UaValue {
    /// None.
    Null,
    /// Boolean.
    Bool(bool),
    /// SByte, Int16, Int32, Int64, and enumerations.
    Signed(i64),
    /// Byte, UInt16, UInt32, UInt64.
    Unsigned(u64),
    /// Float.
    Float(f32),
    /// Double.
    Double(f64),
    /// String.
    Text(String),
    /// An array or a structure, which no parameter is.
    Other,
}

impl UaValue {
    /// The same value, bit for bit: not a number is the same as itself.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(one), Self::Float(other)) => one.to_bits() == other.to_bits(),
            (Self::Double(one), Self::Double(other)) => one.to_bits() == other.to_bits(),
            (one, other) => one == other,
        }
    }
}
