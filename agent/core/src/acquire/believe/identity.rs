//! Whether the device is one that the Master File names.
//!
//! Its data is recorded and judged all the same, marked Uncertain: the culture is in that vessel. Where
//! the Master File lists serial numbers, the serial number is read before anything else after each
//! silence, for somebody may have put another device there; until it is known, nothing is Good.

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{Profile, Role};
use cellwatch_model::{Mono, Value};

/// A serial number that could not be read is asked for again after this, milliseconds.
const RETRY_MS: u64 = 5_000;

/// Watches the identity of a device.
#[derive(Debug, Default)]
pub(super) struct Identity {
    expected: Expected,
    serial: Option<String>,
    retry_at: Mono,
}

#[derive(Debug, Default)]
enum Expected {
    /// No Master File is in force, or it allows any serial number, or the device tells none.
    #[default]
    Anything,
    /// The Master File does not approve the profile's text.
    Nothing,
    /// One of these.
    Serials(Vec<String>),
}

impl Identity {
    pub(super) fn master_file(&mut self, file: &MasterFile, profile: &Profile) {
        let approved =
            file.equipment(&profile.id).filter(|one| one.profile_sha256 == profile.sha256);
        self.expected = match approved {
            None => Expected::Nothing,
            Some(one) if one.serials.is_empty() || profile.with_role(Role::Serial).is_none() => {
                Expected::Anything
            }
            Some(one) => Expected::Serials(one.serials.clone()),
        };
    }

    /// The device was silent or started again: it may be another.
    pub(super) fn forget(&mut self) {
        self.serial = None;
    }

    pub(super) fn take(&mut self, value: &Value) {
        self.serial = match value {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Number(_) | Value::Bool(_) => None,
        };
    }

    /// The device answers again: its serial number is asked for at once.
    pub(super) const fn came_up(&mut self) {
        self.retry_at = Mono(0);
    }

    /// The serial number was asked for in vain. Others are asked meanwhile: a device may answer
    /// everything but this.
    pub(super) fn refused(&mut self, at: Mono) {
        self.serial = None;
        self.retry_at = at.plus_ms(RETRY_MS);
    }

    /// True if the serial number is to be read before anything else.
    pub(super) fn is_wanted(&self, now: Mono) -> bool {
        matches!(self.expected, Expected::Serials(_))
            && self.serial.is_none()
            && now >= self.retry_at
    }

    /// True if the device is not known to be one that the Master File names.
    pub(super) fn is_wrong(&self) -> bool {
        match &self.expected {
            Expected::Anything => false,
            Expected::Nothing => true,
            Expected::Serials(serials) => {
                !self.serial.as_ref().is_some_and(|serial| serials.contains(serial))
            }
        }
    }
}
