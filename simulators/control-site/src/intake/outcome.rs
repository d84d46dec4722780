//! What becomes of a message.

use cellwatch_model::Utc;
use cellwatch_record::{AlarmSummary, Hash, Identity, Record};
use cellwatch_seal::{KeyId, Rotation};

use super::{Refusal, Succession};
use crate::topic::Unsigned;

/// A record whose signature and form are right; whether it fits its chain is not yet said.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedRecord {
    /// The agent's site, from the roster.
    pub site: String,
    /// The record, decoded from the verified bytes.
    pub record: Record,
    /// SHA-256 of its payload.
    pub hash: Hash,
    /// The key that sealed it.
    pub key: KeyId,
    /// The change of keys that it says, sealed by both.
    pub rotation: Option<Rotation>,
    /// By how many seconds its wall time is ahead of ours, where that is much and its clock is not synchronised.
    pub ahead_s: Option<i64>,
    /// The sealed bytes, unchanged.
    pub sealed: Vec<u8>,
    /// True where it came on a live topic, false where in a bundle.
    pub live: bool,
    /// The topic on which it came.
    pub topic: String,
    /// When it came.
    pub received: Utc,
}

/// A verified summary of standing alarms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedSummary {
    /// The agent's site, from the roster.
    pub site: String,
    /// The summary, decoded from the verified bytes.
    pub summary: AlarmSummary,
    /// When it came.
    pub received: Utc,
}

/// Plain JSON from an agent's topic: shown, never believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedMessage {
    /// Site that the topic names.
    pub site: String,
    /// Agent that the topic names; the roster lists it.
    pub agent: String,
    /// Unit that the topic names.
    pub unit: Option<String>,
    /// What it shows.
    pub what: Unsigned,
    /// The JSON.
    pub json: serde_json::Value,
    /// When it came.
    pub received: Utc,
}

/// A record that fits its chain, or begins an island beyond a hole.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The record.
    pub checked: CheckedRecord,
    /// True where a hole has just been seen before it.
    pub opens_hole: bool,
    /// What it says of the journal before, if it begins a journal.
    pub succession: Option<Succession>,
    /// True if it says something new of the journal's keys.
    pub key_is_news: bool,
}

/// What became of a message, or of one record of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// To be stored.
    Accepted(Box<Accepted>),
    /// Held already, byte for byte: counted, nothing else.
    Duplicate(Identity),
    /// Beyond the bound of islands: not stored, so it stays missing and is asked for again.
    NoRoom(Identity),
    /// Refused; the evidence is to be stored.
    Refused(Box<Refusal>),
    /// A summary of standing alarms.
    Summary(CheckedSummary),
    /// Plain JSON.
    Unsigned(UnsignedMessage),
    /// Nothing for us.
    Ignored,
}
