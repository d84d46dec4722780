//! Commands of the Control Site to one agent. Sealed by a command key of the roster.
//!
//! Each has a number, which only rises, and a time until which it may be obeyed: an old one that is
//! sent again is refused.

use std::fmt;

use cellwatch_model::Utc;

use crate::cbor::{DecodeError, MapWriter, Reader};

/// Longest reason in a command, bytes; the Control Site's tool signs no longer one, and nobody reads one.
pub const COMMAND_REASON_MAX: usize = 1_000;

/// Whether the Control Site lets a site manufacture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteStatus {
    /// Batches may be started.
    #[default]
    Active,
    /// No batch may be started for now; what runs goes on.
    Paused,
    /// The site no longer manufactures.
    Ceased,
}

impl SiteStatus {
    /// Every one, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Ceased];

    /// Number in a payload (`record.cddl`, `site-status`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Paused => 2,
            Self::Ceased => 3,
        }
    }

    /// The reverse of [`Self::code`].
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The word in details, JSON and commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ceased => "ceased",
        }
    }

    /// The reverse of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

impl fmt::Display for SiteStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is commanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The site's status from now on.
    SiteStatus(SiteStatus),
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Id of the site.
    pub site: String,
    /// Id of the agent.
    pub agent: String,
    /// Higher than that of every command before to this agent.
    pub number: u64,
    /// When it was issued.
    pub issued: Utc,
    /// Not to be obeyed from then on.
    pub expires: Utc,
    /// What is commanded.
    pub order: Order,
    /// Why, in words for the people on site.
    pub reason: String,
}

impl Command {
    /// The payload of its seal (`record.cddl`, `command`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.site);
        map.key(2).str(&self.agent);
        map.key(3).u64(self.number);
        map.key(4).i64(self.issued.0);
        map.key(5).i64(self.expires.0);
        match self.order {
            Order::SiteStatus(status) => {
                map.key(6).u64(1);
                map.key(7).u64(u64::from(status.code()));
            }
        }
        map.key(8).str(&self.reason);
        map.end();
        out
    }

    /// The command that a payload holds.
    ///
    /// # Errors
    /// Not a command of this version, one without a number, or one with too long a reason.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("command")?;
        map.version("command version")?;
        let site = map.required(1)?.string()?;
        let agent = map.required(2)?.string()?;
        let number = map.required(3)?.u64()?;
        let issued = Utc(map.required(4)?.i64()?);
        let expires = Utc(map.required(5)?.i64()?);
        let what = map.required(6)?.u64()?;
        if what != 1 {
            return Err(DecodeError::UnknownCode { what: "order", code: what });
        }
        let status = map.required(7)?.code("site status", SiteStatus::from_code)?;
        let reason = map.required(8)?.string()?;
        map.end()?;
        reader.end(payload.len())?;
        // Events hold numbers as signed ones.
        if number == 0 || i64::try_from(number).is_err() {
            return Err(DecodeError::Inconsistent("the numbers of commands go from 1 to 2^63 - 1"));
        }
        if reason.len() > COMMAND_REASON_MAX {
            return Err(DecodeError::Inconsistent("a command's reason is too long"));
        }
        let order = Order::SiteStatus(status);
        let command = Self { site, agent, number, issued, expires, order, reason };
        if command.encode() == payload { Ok(command) } else { Err(DecodeError::NotDeterministic) }
    }
}
