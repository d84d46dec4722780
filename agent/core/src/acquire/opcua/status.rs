//! Status codes into quality (OPC 10000-4 §7.39.2, OPC 10000-8 §7.3.2).

use cellwatch_model::{Cause, Quality};

/// Severity, the two highest bits (OPC 10000-4 §7.39.1).
const SEVERITY: u32 = 0xC000_0000;
const GOOD: u32 = 0x0000_0000;
const UNCERTAIN: u32 = 0x4000_0000;
/// Severity and sub-code: what remains without the bits that say something of this one sample.
const CODE: u32 = 0xFFFF_0000;
/// The lower bits are of a data value …
const INFO_TYPE: u32 = 0x0000_0C00;
const INFO_DATA_VALUE: u32 = 0x0000_0400;
/// … and say that the server's queue lost values before or after this one.
const OVERFLOW: u32 = 0x0000_0080;

/// True where the server's queue lost values beside this one.
pub(super) const fn lost_values(status: u32) -> bool {
    status & INFO_TYPE == INFO_DATA_VALUE && status & OVERFLOW != 0
}

/// What may be believed by the server's own word.
pub(super) const fn quality(status: u32) -> Quality {
    match status & SEVERITY {
        GOOD => match status & CODE {
            // GoodLocalOverride: forced at the device.
            0x0096_0000 => Quality::Uncertain(Cause::LocalOverride),
            _ => Quality::Good,
        },
        UNCERTAIN => Quality::Uncertain(match status & CODE {
            // UncertainLastUsableValue: held, and never evaluated as fresh.
            0x4090_0000 => Cause::Stale,
            // UncertainSubstituteValue.
            0x4091_0000 => Cause::LocalOverride,
            // UncertainInitialValue.
            0x4092_0000 => Cause::WaitingForInitialData,
            // UncertainEngineeringUnitsExceeded.
            0x4094_0000 => Cause::OutOfRange,
            // UncertainNoCommunicationLastUsableValue.
            0x408F_0000 => Cause::Stale,
            // UncertainSensorNotAccurate, UncertainSubNormal and those that say no more.
            _ => Cause::SensorFailure,
        }),
        _ => Quality::Bad(match status & CODE {
            // BadCommunicationError, BadNoCommunication, BadServerNotConnected.
            0x8005_0000 | 0x8031_0000 | 0x800D_0000 => Cause::NoCommunication,
            // BadTimeout, BadRequestTimeout.
            0x800A_0000 | 0x8085_0000 => Cause::Timeout,
            // BadWaitingForInitialData.
            0x8032_0000 => Cause::WaitingForInitialData,
            // BadConfigurationError, BadNodeIdInvalid, BadNodeIdUnknown, BadAttributeIdInvalid, BadNotReadable,
            // BadUserAccessDenied, BadTypeMismatch: what the profile or the server's rights do not provide.
            0x8089_0000 | 0x8033_0000 | 0x8034_0000 | 0x8035_0000 | 0x803A_0000 | 0x801F_0000
            | 0x8074_0000 => Cause::Configuration,
            // BadOutOfRange.
            0x803C_0000 => Cause::OutOfRange,
            // BadNotConnected (the point is not wired), BadSensorFailure.
            0x808A_0000 | 0x808C_0000 => Cause::SensorFailure,
            // BadOutOfService.
            0x808D_0000 => Cause::LocalOverride,
            // BadDeviceFailure and every other.
            _ => Cause::DeviceException,
        }),
    }
}
