//! What there is: the agent with its disk, the connection, the broker, the Control Site, and the faults
//! that may still happen.

use std::collections::BTreeSet;

use cellwatch_core::publish::{Outbox, Pauses, Topics};
use cellwatch_record::{Hash, Head, JournalId};

use super::control_site::{ControlSite, Sealed};

pub const AGENT: &str = "a";
pub const JOURNAL: JournalId = JournalId([7; 16]);
/// Most messages that the broker has answered and not yet delivered.
pub const LATE_MAX: usize = 2;
/// Most messages that the Control Site has received and not yet stored.
pub const INBOX_MAX: usize = 1;
/// Receive maximum of the broker.
pub const WINDOW: u16 = 2;

/// The model: its bounds, and what is deliberately wrong.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub records: usize,
    pub faults: Budget,
    pub mutant: Mutant,
}

/// A deliberately broken agent or Control Site: a wrapper around the shipped outbox, or around the shipped intake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    None,
    /// Takes what the broker acknowledged for received.
    PubackIsReceipt,
    /// Hands a record on when it is appended, not when it is on disk.
    SendBeforeDurable,
    /// Forgets what was in flight when the connection ended, unless a receipt asks for it.
    DropInFlight,
    /// The Control Site takes a record that it holds for a new one.
    AcceptsTwice,
    /// The Control Site's receipt speaks of what it has received and not stored.
    ReceiptBeforeStore,
}

/// How many of each fault may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    /// The broker forgets a message, acknowledged or not.
    pub forget: u8,
    /// The broker delivers a message twice.
    pub repeat: u8,
    /// The broker refuses a message.
    pub refuse: u8,
    /// A receipt stays under way, and comes later or again.
    pub late_receipt: u8,
    /// The connection ends, with or without what was on the line.
    pub disconnect: u8,
    /// Time passes while publishes are unanswered: the agent gives the connection up.
    pub silence: u8,
    /// The agent is killed, with or without having kept the last receipt.
    pub agent_crash: u8,
    /// The Control Site is killed: what it had not stored is gone.
    pub site_crash: u8,
    /// The journal cannot be read.
    pub unreadable: u8,
}

/// A publish that the broker has not answered, or has not done with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message {
    pub records: Vec<Sealed>,
    /// Unanswered on this connection.
    pub packet_id: Option<u16>,
    /// Still to be delivered.
    pub to_deliver: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub outbox: Outbox,
    /// On disk, from seq 1: which start made each. Each names the one before it.
    pub disk: Vec<u8>,
    /// Appended, not yet on disk.
    pub pending: Vec<u8>,
    pub start: u8,
    /// What the state file says that a receipt covers.
    pub kept: u64,
    pub up: bool,
    pub messages: Vec<Message>,
    pub fetching: Option<(u64, u64)>,
    pub site: ControlSite,
    /// A store of which an older receipt is under way or retained: it comes at any time, any number of times.
    pub late_receipt: Option<ControlSite>,
    pub faults: Budget,
    pub sent_before_durable: bool,
    pub window_exceeded: bool,
    pub receipt_refused: bool,
    /// Of mutants: what they take for received, or forgot.
    pub acknowledged: BTreeSet<u64>,
    pub dropped: BTreeSet<u64>,
}

/// One step of virtual time is long enough for every pause.
const PAUSES: Pauses = Pauses {
    receipt_grace_ms: 1,
    refused_ms: 1,
    unreadable_ms: 1,
    aside_ms: 1,
    on_its_way_ms: 1,
    silence_ms: 1,
    silence_max_ms: 1,
    unanswered_ms: 1,
    tail_ms: 1,
};

pub fn outbox(durable: u64, through: u64) -> Outbox {
    let head = Head { journal: JOURNAL, seq: durable, hash: Hash::NONE };
    Outbox::new(Topics::new("s", AGENT), AGENT.to_owned(), head, through, PAUSES)
}

impl State {
    /// At a start with so many records on disk of which the Control Site knows nothing.
    pub fn new(durable: u8, faults: Budget) -> Self {
        Self {
            outbox: outbox(u64::from(durable), 0),
            disk: vec![0; usize::from(durable)],
            pending: Vec::new(),
            start: 0,
            kept: 0,
            up: false,
            messages: Vec::new(),
            fetching: None,
            site: ControlSite::default(),
            late_receipt: None,
            faults,
            sent_before_durable: false,
            window_exceeded: false,
            receipt_refused: false,
            acknowledged: BTreeSet::new(),
            dropped: BTreeSet::new(),
        }
    }
}
