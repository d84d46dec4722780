//! Quality of a reading, and why it is not Good.
//!
//! Causes map onto OPC UA status codes (OPC 10000-4 §7.39). Modbus carries no
//! quality, so the agent makes it (LAW-02).

use std::fmt;

/// How far a reading may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quality {
    /// A complete, fresh, plausible reply to the request that asked for it (LAW-01).
    Good,
    /// A value is there, to be used with care.
    Uncertain(Cause),
    /// Not to be used.
    Bad(Cause),
}

/// Why a reading is not Good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// No poll has been answered yet.
    WaitingForInitialData,
    /// The device did not answer within its timeout.
    Timeout,
    /// There is no connection to the device.
    NoCommunication,
    /// Something else than a complete reply to this request came back.
    WrongReply,
    /// The device answered with a Modbus exception.
    DeviceException,
    /// Not a number, or the profile's sentinel for "no value".
    SensorFailure,
    /// The registers do not hold what the profile says (an enumeration without this number, text that is no text).
    Configuration,
    /// Beyond the range that the sensor can measure.
    OutOfRange,
    /// Older than the parameter's `stale_after`.
    Stale,
    /// Not moved within the sensor's own noise for longer than plausible.
    Frozen,
    /// The device's heartbeat register does not advance.
    HeartbeatStopped,
    /// The device changed the value between its two words.
    Torn,
    /// Changed faster than physics allows.
    ImplausibleRate,
    /// The device is not the one that the Master File names.
    WrongDevice,
    /// The device is operated locally or calibrated.
    LocalOverride,
    /// Came later than live data may (a shim's history, an OPC UA queue).
    Late,
}

/// A quality code that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("quality code {0} is not known to this version")]
pub struct UnknownQualityCode(pub u8);

const CAUSES: [Cause; 16] = [
    Cause::WaitingForInitialData,
    Cause::Timeout,
    Cause::NoCommunication,
    Cause::WrongReply,
    Cause::DeviceException,
    Cause::SensorFailure,
    Cause::Configuration,
    Cause::OutOfRange,
    Cause::Stale,
    Cause::Frozen,
    Cause::HeartbeatStopped,
    Cause::Torn,
    Cause::ImplausibleRate,
    Cause::WrongDevice,
    Cause::LocalOverride,
    Cause::Late,
];

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 16] = CAUSES;

    /// True where the device's words stand behind the reading (they are then recorded with it).
    #[must_use]
    pub const fn has_raw_words(self) -> bool {
        !matches!(
            self,
            Self::WaitingForInitialData
                | Self::Timeout
                | Self::NoCommunication
                | Self::WrongReply
                | Self::DeviceException
                | Self::Stale
        )
    }

    const fn number(self) -> u8 {
        match self {
            Self::WaitingForInitialData => 1,
            Self::Timeout => 2,
            Self::NoCommunication => 3,
            Self::WrongReply => 4,
            Self::DeviceException => 5,
            Self::SensorFailure => 6,
            Self::Configuration => 7,
            Self::OutOfRange => 8,
            Self::Stale => 9,
            Self::Frozen => 10,
            Self::HeartbeatStopped => 11,
            Self::Torn => 12,
            Self::ImplausibleRate => 13,
            Self::WrongDevice => 14,
            Self::LocalOverride => 15,
            Self::Late => 16,
        }
    }

    /// A word or two for pages and messages.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::WaitingForInitialData => "waiting for first reply",
            Self::Timeout => "no answer",
            Self::NoCommunication => "not connected",
            Self::WrongReply => "wrong reply",
            Self::DeviceException => "device refused",
            Self::SensorFailure => "sensor failure",
            Self::Configuration => "does not fit the profile",
            Self::OutOfRange => "out of sensor range",
            Self::Stale => "stale",
            Self::Frozen => "frozen",
            Self::HeartbeatStopped => "device heartbeat stopped",
            Self::Torn => "torn between words",
            Self::ImplausibleRate => "implausible rate of change",
            Self::WrongDevice => "not the listed device",
            Self::LocalOverride => "local override",
            Self::Late => "late",
        }
    }
}

impl Quality {
    /// True for [`Quality::Good`].
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Good)
    }

    /// False for a value of another time: held by the device since it lost its sensor, an initial one, or one
    /// that came late. Nothing is judged by it.
    #[must_use]
    pub const fn is_of_now(self) -> bool {
        !matches!(self, Self::Uncertain(Cause::Stale | Cause::Late | Cause::WaitingForInitialData))
    }

    /// Number in a record: 0 Good, 1–63 Uncertain, 65–127 Bad (`record.cddl`, `quality`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Uncertain(cause) => cause.number(),
            Self::Bad(cause) => 64 + cause.number(),
        }
    }

    /// The reverse of [`Self::code`].
    ///
    /// # Errors
    /// A code that no cause of this version has: the record comes from a newer agent.
    pub fn from_code(code: u8) -> Result<Self, UnknownQualityCode> {
        if code == 0 {
            return Ok(Self::Good);
        }
        let cause = CAUSES
            .into_iter()
            .find(|cause| cause.number() == code & 0x3f)
            .ok_or(UnknownQualityCode(code))?;
        match code & 0xc0 {
            0x00 => Ok(Self::Uncertain(cause)),
            0x40 => Ok(Self::Bad(cause)),
            _ => Err(UnknownQualityCode(code)),
        }
    }

    /// True where the device's words stand behind the reading.
    #[must_use]
    pub const fn has_raw_words(self) -> bool {
        match self {
            Self::Good => true,
            Self::Uncertain(cause) | Self::Bad(cause) => cause.has_raw_words(),
        }
    }

    /// OPC UA status code (OPC 10000-4 §7.39.2 and OPC 10000-8 §7.3.2).
    #[must_use]
    pub const fn opc_ua_status(self) -> u32 {
        match self {
            Self::Good => 0x0000_0000,
            Self::Uncertain(cause) => match cause {
                Cause::Stale | Cause::Late => 0x4090_0000,
                Cause::OutOfRange => 0x4094_0000,
                Cause::Frozen | Cause::ImplausibleRate | Cause::SensorFailure => 0x4093_0000,
                Cause::LocalOverride => 0x4091_0000,
                Cause::WaitingForInitialData
                | Cause::Timeout
                | Cause::NoCommunication
                | Cause::WrongReply
                | Cause::DeviceException
                | Cause::Configuration
                | Cause::HeartbeatStopped
                | Cause::Torn
                | Cause::WrongDevice => 0x4000_0000,
            },
            Self::Bad(cause) => match cause {
                Cause::WaitingForInitialData => 0x8032_0000,
                Cause::Timeout => 0x800A_0000,
                Cause::NoCommunication => 0x8031_0000,
                Cause::WrongReply => 0x8005_0000,
                Cause::DeviceException | Cause::HeartbeatStopped => 0x808B_0000,
                Cause::SensorFailure => 0x808C_0000,
                Cause::Configuration => 0x8089_0000,
                Cause::LocalOverride => 0x808D_0000,
                Cause::OutOfRange
                | Cause::Stale
                | Cause::Frozen
                | Cause::Torn
                | Cause::ImplausibleRate
                | Cause::WrongDevice
                | Cause::Late => 0x8000_0000,
            },
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Uncertain(cause) => write!(f, "uncertain: {}", cause.words()),
            Self::Bad(cause) => write!(f, "bad: {}", cause.words()),
        }
    }
}
