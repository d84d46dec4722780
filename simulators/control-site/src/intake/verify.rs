//! Opens, verifies and decodes what came, and compares it with its topic. Knows the roster, not the
//! history: it may run on a thread of its own.

use std::collections::BTreeMap;

use cellwatch_model::Utc;
use cellwatch_record::{
    AlarmSummary, RECORD_CONTENT_TYPE, Record, SUMMARY_CONTENT_TYPE, bundle, decode, sha256,
};
use cellwatch_seal::{PublicKey, Roster, rotation};

use super::{CheckedRecord, CheckedSummary, Reason, Refusal, UnsignedMessage};
use crate::topic::{About, Topic};

/// Seconds by which a record may be ahead of our own clock, so that two disciplined clocks and a
/// restart do not refuse honest records.
pub const FUTURE_TOLERANCE_S: i64 = 300;

/// What is known of the Control Site's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnClock {
    /// Disciplined: records from the future are refused, validity dates are judged.
    Trusted,
    /// Simulated: for demonstrations and rehearsals only; nothing is judged by it.
    Simulated,
}

/// A message, or one record of a bundle, after verification.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// A record, to be set beside its chain.
    Record(Box<CheckedRecord>),
    /// A summary of standing alarms.
    Summary(CheckedSummary),
    /// Plain JSON.
    Unsigned(UnsignedMessage),
    /// Refused.
    Refused(Box<Refusal>),
    /// Nothing for us.
    Ignored,
}

/// Verifies by one roster.
#[derive(Debug)]
pub(super) struct ByRoster {
    roster: Roster,
    own_clock: OwnClock,
    sites: BTreeMap<String, String>,
}

/// Where something came and when.
#[derive(Clone, Copy)]
struct Origin<'a> {
    text: &'a str,
    topic: Option<&'a Topic>,
    received: Utc,
}

/// What was wrong, before the evidence is laid beside it.
struct Wrong {
    reason: Reason,
    detail: String,
    journal: Option<String>,
    seq: Option<u64>,
}

impl Wrong {
    const fn new(reason: Reason, detail: String) -> Self {
        Self { reason, detail, journal: None, seq: None }
    }

    fn of(reason: Reason, record: &Record, detail: String) -> Self {
        let identity = &record.common.identity;
        let journal = Some(identity.journal.to_string());
        Self { reason, detail, journal, seq: Some(identity.seq) }
    }
}

impl ByRoster {
    pub(super) fn new(roster: Roster, own_clock: OwnClock) -> Self {
        let sites =
            roster.agents.iter().map(|agent| (agent.agent.clone(), agent.site.clone())).collect();
        Self { roster, own_clock, sites }
    }

    pub(super) const fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(super) const fn sites(&self) -> &BTreeMap<String, String> {
        &self.sites
    }

    /// Everything that a message holds, each part verified on its own.
    pub(super) fn check(&self, topic_text: &str, payload: &[u8], received: Utc) -> Vec<Checked> {
        let origin = Origin { text: topic_text, topic: None, received };
        let topic = match Topic::parse(topic_text) {
            Ok(topic) => topic,
            Err(unknown) => {
                let wrong = Wrong::new(Reason::UnknownTopic, unknown.to_string());
                return vec![refused(origin, wrong, payload)];
            }
        };
        let origin = Origin { topic: Some(&topic), ..origin };
        match &topic.about {
            About::Down => vec![Checked::Ignored],
            // An empty retained message only takes back the one before.
            About::Summary { .. } | About::Unsigned { .. } if payload.is_empty() => {
                vec![Checked::Ignored]
            }
            About::Record { .. } => vec![self.record(origin, &topic, payload)],
            About::Backfill => self.bundle(origin, &topic, payload),
            About::Summary { unit } => {
                let summary = self.summary(origin, &topic, unit.as_deref(), payload);
                vec![summary.map_or_else(|wrong| refused(origin, wrong, payload), Checked::Summary)]
            }
            About::Unsigned { .. } => {
                let message = self.unsigned(&topic, payload, received);
                vec![
                    message.map_or_else(|wrong| refused(origin, wrong, payload), Checked::Unsigned),
                ]
            }
        }
    }

    fn bundle(&self, origin: Origin<'_>, topic: &Topic, payload: &[u8]) -> Vec<Checked> {
        match bundle::decode(payload) {
            Ok(sealed) => sealed.iter().map(|one| self.record(origin, topic, one)).collect(),
            Err(error) => {
                let wrong = Wrong::new(Reason::NotABundle, error.to_string());
                vec![refused(origin, wrong, payload)]
            }
        }
    }

    fn record(&self, origin: Origin<'_>, topic: &Topic, sealed: &[u8]) -> Checked {
        match self.checked_record(origin, topic, sealed) {
            Ok(record) => Checked::Record(Box::new(record)),
            Err(wrong) => refused(origin, wrong, sealed),
        }
    }

    fn checked_record(
        &self,
        origin: Origin<'_>,
        topic: &Topic,
        sealed: &[u8],
    ) -> Result<CheckedRecord, Wrong> {
        let (payload, key) = self.open(topic, RECORD_CONTENT_TYPE, sealed)?;
        let record =
            decode(&payload).map_err(|error| Wrong::new(Reason::NotARecord, error.to_string()))?;
        self.agrees(topic, &record)?;
        let rotation = rotation(&record, &key)
            .map_err(|error| Wrong::of(Reason::BadRotation, &record, error.to_string()))?;
        let ahead_s = self.ahead_s(&record, origin.received)?;
        Ok(CheckedRecord {
            site: topic.site.clone(),
            hash: sha256(&payload),
            key: key.id(),
            rotation,
            ahead_s,
            record,
            sealed: sealed.to_vec(),
            live: topic.about != About::Backfill,
            topic: origin.text.to_owned(),
            received: origin.received,
        })
    }

    /// The payload of a seal by the topic's agent, and the key.
    fn open(
        &self,
        topic: &Topic,
        content_type: &str,
        bytes: &[u8],
    ) -> Result<(Vec<u8>, PublicKey), Wrong> {
        self.at_site(topic)?;
        let sealed = cellwatch_seal::open(bytes)
            .map_err(|error| Wrong::new(Reason::NotASeal, error.to_string()))?;
        if sealed.content_type() != content_type {
            let found = sealed.content_type();
            let detail = format!("sealed is \"{found}\", expected here is \"{content_type}\"");
            return Err(Wrong::new(Reason::ContentType, detail));
        }
        let key_id = sealed.key_id();
        let agent = &topic.agent;
        let key = self.roster.agent_key(agent, &key_id).ok_or_else(|| {
            let detail = format!(
                "the roster (version {}) lists no key {key_id} for agent \"{agent}\"; \
                 if the agent has a new key, issue a roster with it",
                self.roster.version
            );
            Wrong::new(Reason::UnknownKey, detail)
        })?;
        sealed
            .verify(content_type, key)
            .map(|verified| (verified.into_inner(), *key))
            .map_err(|error| Wrong::new(Reason::BadSignature, error.to_string()))
    }

    fn at_site(&self, topic: &Topic) -> Result<(), Wrong> {
        let Topic { site, agent, .. } = topic;
        match self.sites.get(agent) {
            None => {
                let version = self.roster.version;
                let detail = format!("the roster (version {version}) lists no agent \"{agent}\"");
                Err(Wrong::new(Reason::UnknownAgent, detail))
            }
            Some(listed) if listed != site => {
                let detail = format!(
                    "the roster lists agent \"{agent}\" at \"{listed}\", not at \"{site}\""
                );
                Err(Wrong::new(Reason::WrongSite, detail))
            }
            Some(_) => Ok(()),
        }
    }

    fn agrees(&self, topic: &Topic, record: &Record) -> Result<(), Wrong> {
        let found = &record.common.identity.agent;
        if *found != topic.agent {
            let detail =
                format!("the record is of agent \"{found}\", the topic of \"{}\"", topic.agent);
            return Err(Wrong::of(Reason::WrongAgent, record, detail));
        }
        let About::Record { unit, kind } = &topic.about else { return Ok(()) };
        let found = record.body.kind();
        if found != *kind {
            let detail = format!("the record is of kind {found}, the topic of {kind}");
            return Err(Wrong::of(Reason::WrongKind, record, detail));
        }
        // Events and actions go out on the agent's topic and may still concern one unit.
        let unit_is_in_topic =
            !matches!(kind, cellwatch_record::Kind::Event | cellwatch_record::Kind::Action);
        if unit_is_in_topic && record.common.unit != *unit {
            let name = |unit: &Option<String>| unit.clone().unwrap_or_else(|| "none".to_owned());
            let (found, expected) = (name(&record.common.unit), name(unit));
            let detail = format!("the record is of unit {found}, the topic of {expected}");
            return Err(Wrong::of(Reason::WrongUnit, record, detail));
        }
        Ok(())
    }

    /// By how much the record's wall time is ahead of ours, where that is much. A clock that says itself that nobody
    /// vouches for it makes no false record; one that says that it is synchronised does.
    fn ahead_s(&self, record: &Record, received: Utc) -> Result<Option<i64>, Wrong> {
        let ahead_s = record.common.utc.0.saturating_sub(received.0) / 1_000_000_000;
        if self.own_clock != OwnClock::Trusted || ahead_s <= FUTURE_TOLERANCE_S {
            return Ok(None);
        }
        let sync = record.common.clock.sync;
        if !sync.is_trusted() {
            return Ok(Some(ahead_s));
        }
        let detail = format!(
            "the record says that it was made {ahead_s} s from now (clock {sync}); \
             compare the agent's clock and ours with a time server"
        );
        Err(Wrong::of(Reason::FromTheFuture, record, detail))
    }

    fn summary(
        &self,
        origin: Origin<'_>,
        topic: &Topic,
        unit: Option<&str>,
        bytes: &[u8],
    ) -> Result<CheckedSummary, Wrong> {
        let (payload, _) = self.open(topic, SUMMARY_CONTENT_TYPE, bytes)?;
        let summary = AlarmSummary::decode(&payload)
            .map_err(|error| Wrong::new(Reason::NotASummary, error.to_string()))?;
        if summary.agent != topic.agent {
            let detail = format!(
                "the summary is of agent \"{}\", the topic of \"{}\"",
                summary.agent, topic.agent
            );
            return Err(Wrong::new(Reason::WrongAgent, detail));
        }
        if summary.unit != unit.unwrap_or_default() {
            let detail = format!(
                "the summary is of unit \"{}\", the topic of \"{}\"",
                summary.unit,
                unit.unwrap_or_default()
            );
            return Err(Wrong::new(Reason::WrongUnit, detail));
        }
        Ok(CheckedSummary { site: topic.site.clone(), summary, received: origin.received })
    }

    fn unsigned(
        &self,
        topic: &Topic,
        payload: &[u8],
        received: Utc,
    ) -> Result<UnsignedMessage, Wrong> {
        self.at_site(topic)?;
        let About::Unsigned { unit, what } = &topic.about else {
            let detail = "not a topic of plain JSON".to_owned();
            return Err(Wrong::new(Reason::UnknownTopic, detail));
        };
        let json = serde_json::from_slice(payload)
            .map_err(|error| Wrong::new(Reason::NotJson, error.to_string()))?;
        let (site, agent) = (topic.site.clone(), topic.agent.clone());
        Ok(UnsignedMessage { site, agent, unit: unit.clone(), what: *what, json, received })
    }
}

fn refused(origin: Origin<'_>, wrong: Wrong, evidence: &[u8]) -> Checked {
    Checked::Refused(Box::new(Refusal {
        reason: wrong.reason,
        detail: wrong.detail,
        topic: origin.text.to_owned(),
        agent: origin.topic.map(|topic| topic.agent.clone()),
        journal: wrong.journal,
        seq: wrong.seq,
        received: origin.received,
        evidence: evidence.to_vec(),
    }))
}
