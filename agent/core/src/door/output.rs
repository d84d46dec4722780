//! What is to be done outside. Outputs are drained before the next input.

use std::sync::Arc;

use cellwatch_config::profile::Table;
use cellwatch_model::Priority;
use cellwatch_record::{Hash, JournalId, Kind, SavedSite};

use super::{DeviceId, RequestId};
use crate::serve::View;
use crate::serve::escalation::Notification;

/// Something to do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Ask a device. At most one request is open for each line.
    Request {
        /// Index of its line in [`super::Setup::lines`].
        line: usize,
        /// The device.
        device: DeviceId,
        /// To be named in the reply.
        request: RequestId,
        /// What to read.
        read: Read,
        /// A read that holds all of it and more, of another length: to be sent instead after a failure where
        /// replies carry no id; only what `read` asks for is replied.
        instead: Option<Read>,
        /// How long to wait for connection and reply together, milliseconds.
        timeout_ms: u64,
        /// So long after that the device may still answer, milliseconds.
        max_lateness_ms: u64,
    },
    /// Read all nodes of a device on OPC UA and answer with [`super::UaInput::Read`]; at most one is open for each.
    UaRead {
        /// The device.
        device: DeviceId,
        /// To be named in the answer.
        request: RequestId,
        /// How long to wait, milliseconds.
        timeout_ms: u64,
    },
    /// Give up the session with a device on OPC UA and make a new one.
    UaReconnect {
        /// The device.
        device: DeviceId,
        /// Why, in words for people.
        why: String,
    },
    /// Put this certificate of an OPC UA server, which waits to be accepted, where it is trusted.
    TrustCertificate {
        /// The server's id in the site file.
        server: String,
        /// SHA-256 of the certificate, 64 hexadecimal digits.
        thumbprint: String,
    },
    /// Write these records, in one commit, in this order.
    Append(Append),
    /// Read sealed records from the journal and answer with [`super::Input::Fetched`].
    Fetch {
        /// First record.
        first: u64,
        /// Last record at most.
        last: u64,
        /// Largest bundle, bytes; a first record that alone is larger is given nevertheless.
        max_bytes: usize,
    },
    /// The same of a journal that was set aside; to be answered with [`super::Input::FormerFetched`].
    FetchFormer {
        /// The journal.
        journal: JournalId,
        /// First record.
        first: u64,
        /// Last record at most.
        last: u64,
        /// Largest bundle, bytes; a first record that alone is larger is given nevertheless.
        max_bytes: usize,
    },
    /// Keep for the next start how far a journal that was set aside is received.
    KeepFormer {
        /// The journal.
        journal: JournalId,
        /// The Control Site has everything up to here.
        through: u64,
    },
    /// Keep for the next start that a record says that this part of a journal that was set aside is lost.
    KeepLost {
        /// The journal.
        journal: JournalId,
        /// First record.
        first: u64,
        /// Last record.
        last: u64,
    },
    /// Keep for the next start that the Control Site has other records of a journal that was set aside.
    KeepFork {
        /// The journal.
        journal: JournalId,
        /// The first record that may differ.
        first: u64,
    },
    /// Keep for the next start that the Control Site has all of a journal that was set aside that can be read.
    KeepDone {
        /// The journal.
        journal: JournalId,
    },
    /// Hand a message to the broker's client, QoS 1. In this order.
    Publish(Message),
    /// Give up the present connection to the broker and make a new one: it does not answer. Its end
    /// comes as [`super::BrokerInput::Down`].
    Reconnect {
        /// Why, in words for people.
        why: String,
    },
    /// Keep these Master Files for the next start, and no others: they judge, or wait to.
    KeepMasterFiles {
        /// SHA-256 of the approved text, and version of each; by ascending version.
        files: Vec<(Hash, u64)>,
        /// Highest version that was ever accepted: older ones are refused from now on.
        highest_version: u64,
    },
    /// Keep for the next start what the Control Site has said of the site.
    KeepSite(SavedSite),
    /// Keep for the next start that the Control Site has everything up to here.
    KeepReceipt {
        /// Sequence number.
        through: u64,
    },
    /// Remove the segments that hold nothing after `through`, and look at the journal again.
    Prune {
        /// Last record that may go.
        through: u64,
    },
    /// This journal cannot be gone on with: end it, and begin another one that names it.
    BeginJournal {
        /// Why, for people.
        why: String,
        /// Where the Control Site has other records than this journal: the first that may differ.
        fork: Option<u64>,
    },
    /// Switch the coils of an annunciator, in the order of its lamps; at most one write is open for each. Answered by
    /// [`super::Input::Annunciated`]; waits for nothing (LAW-06).
    Annunciate {
        /// Index in [`super::Setup::annunciators`].
        annunciator: usize,
        /// On or off, one for each lamp.
        coils: Vec<bool>,
    },
    /// Send this message. Answered by [`super::Input::Notified`]; waits for nothing (LAW-06).
    Notify(Notification),
    /// Show to the people on site, at once; waits for nothing (LAW-06).
    Show(Shown),
    /// What people see now; waits for nothing (LAW-06). Only while [`super::Input::Watched`] said so.
    View(Arc<View>),
    /// For whoever collects metrics, in the text format that Prometheus reads; with each health record.
    Metrics(String),
    /// The agent has ended: after the last append is durable, close.
    Stopped,
}

/// Records to write in one commit.
#[derive(Clone, Debug)]
pub struct Append {
    /// Sequence number of the first; the others follow.
    pub first_seq: u64,
    /// Their payloads with kind and unit, which index the journal.
    pub records: Vec<(Kind, Option<String>, Vec<u8>)>,
    /// True if the commit must not wait for others: alarms and actions.
    pub urgent: bool,
}

/// A read of neighbouring registers or bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// Modbus unit identifier.
    pub modbus_unit: u8,
    /// The table.
    pub table: Table,
    /// Zero-based address of the first.
    pub address: u16,
    /// How many.
    pub count: u16,
}

/// A message for the broker.
#[derive(Clone, Debug)]
pub struct Message {
    /// The whole topic.
    pub topic: String,
    /// Retained by the broker.
    pub retain: bool,
    /// What it carries.
    pub content: Content,
}

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// A sealed record, or a bundle of them.
    Sealed(Arc<[u8]>),
    /// To be sealed with the agent's key now.
    ToSeal {
        /// Content type of the seal.
        content_type: &'static str,
        /// The payload.
        payload: Vec<u8>,
    },
    /// Plain bytes: JSON, a convenience and no evidence.
    Plain(Vec<u8>),
}

/// Something that the people on site must see.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The unit; none for the agent itself.
    pub unit: Option<String>,
    /// Priority, where an alarm calls for a person; none where it only changed.
    pub priority: Option<Priority>,
    /// In words.
    pub text: String,
    /// What to do, from the Master File; empty where nothing is to be done.
    pub response: String,
}
