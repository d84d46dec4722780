//! Whether the device is one that the Master File names.
//!
//! Its data is recorded and judged all the same, marked Uncertain: the culture is in that vessel. Where the Master File
//! lists serial numbers, firmware or protocol checksums, these marks are read before anything else after each
//! silence, for somebody may have put another device there, or another program into it; until they are known, nothing
//! is Good.

use cellwatch_config::master_file::MasterFile;
use cellwatch_config::profile::{OwnWord, Parameter, Profile, Role};
use cellwatch_model::{Mono, Value};

/// A mark that could not be read is asked for again after this, milliseconds.
const RETRY_MS: u64 = 5_000;

/// By what a device is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acquire) enum Mark {
    Serial,
    Firmware,
    ProtocolChecksum,
}

impl Mark {
    pub(in crate::acquire) const ALL: [Self; 3] =
        [Self::Serial, Self::Firmware, Self::ProtocolChecksum];

    /// The mark that a parameter tells.
    pub(in crate::acquire) fn told_by(parameter: &Parameter) -> Option<Self> {
        match (parameter.role, parameter.own_word) {
            (Role::Serial, _) => Some(Self::Serial),
            (_, Some(OwnWord::Firmware)) => Some(Self::Firmware),
            (_, Some(OwnWord::ProtocolChecksum)) => Some(Self::ProtocolChecksum),
            (Role::Process | Role::Phase | Role::Heartbeat, _) => None,
        }
    }
}

/// Watches the identity of a device.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The Master File in force does not approve the profile's text.
    unapproved: bool,
    known: [Known; 3],
}

/// What is known of a mark.
#[derive(Debug, Default)]
struct Known {
    /// What it may be; empty where it may be anything, or the device does not tell.
    allowed: Vec<String>,
    said: Option<String>,
    retry_at: Mono,
}

impl Identity {
    pub(super) fn master_file(&mut self, file: &MasterFile, profile: &Profile) {
        let approved =
            file.equipment(&profile.id).filter(|one| one.profile_sha256 == profile.sha256);
        self.unapproved = approved.is_none();
        for (mark, known) in Mark::ALL.into_iter().zip(&mut self.known) {
            let tells = |one: &Parameter| Mark::told_by(one) == Some(mark);
            let listed = approved.map(|one| match mark {
                Mark::Serial => &one.serials,
                Mark::Firmware => &one.firmware,
                Mark::ProtocolChecksum => &one.protocol_checksum,
            });
            let listed = listed.filter(|_| profile.parameters.iter().any(tells));
            known.allowed = listed.cloned().unwrap_or_default();
        }
    }

    /// The device was silent or started again: it may be another.
    pub(super) fn forget(&mut self) {
        for known in &mut self.known {
            known.said = None;
        }
    }

    /// The device says a mark. What is neither text nor a whole number says nothing.
    pub(super) fn take(&mut self, mark: Mark, value: &Value, at: Mono) {
        let said = match value {
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Number(_) | Value::Bool(_) => return self.refused(mark, at),
        };
        self.known[mark as usize].said = Some(said);
    }

    /// The device answers again: its marks are asked for at once.
    pub(super) fn came_up(&mut self) {
        for known in &mut self.known {
            known.retry_at = Mono(0);
        }
    }

    /// A mark was asked for in vain. Others are asked meanwhile: a device may answer everything but this.
    pub(super) fn refused(&mut self, mark: Mark, at: Mono) {
        let known = &mut self.known[mark as usize];
        known.said = None;
        known.retry_at = at.plus_ms(RETRY_MS);
    }

    /// True if the mark is to be read before anything else.
    pub(super) fn is_wanted(&self, mark: Mark, now: Mono) -> bool {
        let Known { allowed, said, retry_at } = &self.known[mark as usize];
        !allowed.is_empty() && said.is_none() && now >= *retry_at
    }

    /// True if the device is not known to be one that the Master File names.
    pub(super) fn is_wrong(&self) -> bool {
        let differs = |known: &Known| {
            !known.allowed.is_empty()
                && !known.said.as_ref().is_some_and(|said| known.allowed.contains(said))
        };
        self.unapproved || self.known.iter().any(differs)
    }
}
