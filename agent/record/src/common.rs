//! Identity and the fields that every record has.

use std::fmt;
use std::str::FromStr;

use cellwatch_model::{Clock, Mono, Utc};
use sha2::{Digest, Sha256};

use crate::Body;

/// A SHA-256.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first record of a journal names as the one before.
    pub const NONE: Self = Self([0; 32]);
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// Names a journal; made at random by the shell when the journal is made.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub [u8; 16]);

/// Text that is not the hexadecimal form of an id or a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {digits} hexadecimal digits")]
pub struct ParseIdError {
    text: String,
    digits: usize,
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], ParseIdError> {
    let wrong = || ParseIdError { text: text.to_owned(), digits: 2 * N };
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

macro_rules! hexadecimal {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                unhex(text).map(Self)
            }
        }
    };
}
hexadecimal!(Hash);
hexadecimal!(JournalId);

/// Which record it is: unique for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Id of the agent.
    pub agent: String,
    /// Id of its journal.
    pub journal: JournalId,
    /// Sequence number in that journal, from 1, without holes.
    pub seq: u64,
}

/// What every record says besides its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// Which record it is.
    pub identity: Identity,
    /// SHA-256 of the payload before; [`Hash::NONE`] for seq 1.
    pub prev: Hash,
    /// How often the agent has started on this journal's machine.
    pub boot: u32,
    /// Wall time at which it was made.
    pub utc: Utc,
    /// Monotonic time at which it was made.
    pub mono: Mono,
    /// How far `utc` can be trusted.
    pub clock: Clock,
    /// Index of the Master File in force; 0 while none is. An event binds it to id, version and hash.
    pub master_file: u32,
    /// The unit that it is about.
    pub unit: Option<String>,
    /// The unit's batch.
    pub batch: Option<String>,
    /// The batch's phase.
    pub phase: Option<String>,
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Identity, chain, times, context.
    pub common: Common,
    /// What happened.
    pub body: Body,
}
