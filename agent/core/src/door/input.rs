//! What happens outside.

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::Clock;
use cellwatch_record::{Command, CompletenessReceipt, Hash, JournalId, Person, Receipt};

use super::{AccountStep, Confirmed, UaInput};
use crate::evaluate::{NewResult, Request};

/// Index of a device in [`super::Setup::devices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub u16);

/// Names a request; never used twice within a start of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A deadline may have come; nothing else happened.
    Deadline,
    /// The outcome of an [`super::Output::Request`]: exactly one for each.
    Reply {
        /// The device that was asked.
        device: DeviceId,
        /// The request that this answers.
        request: RequestId,
        /// The registers, or bits as 0 and 1, exactly as many as asked for; or why there are none.
        outcome: Result<Vec<u16>, NoReply>,
    },
    /// Something of the session with a device that is asked over OPC UA.
    OpcUa {
        /// The device.
        device: DeviceId,
        /// What.
        what: UaInput,
    },
    /// The wall clock's state, read at least every 10 s.
    Clock(Clock),
    /// A Master File was offered, from a file or from the Control Site.
    MasterFile(MasterFileOffer),
    /// The shell has taken another roster, or refused one.
    Roster(RosterOffer),
    /// A command came from the Control Site.
    Command(CommandOffer),
    /// A person did something.
    Operator(OperatorAction),
    /// The disk was looked at.
    Disk(DiskState),
    /// Of the agent's certificates this one ends first.
    Certificate {
        /// End of its validity.
        expires: cellwatch_model::Utc,
        /// Its file.
        name: String,
    },
    /// The key file was looked at.
    KeyFile(KeyFileState),
    /// The sealing key came, went or is to be changed.
    Key(KeyInput),
    /// The outcome of an [`super::Output::Annunciate`]: exactly one for each.
    Annunciated {
        /// Index in [`super::Setup::annunciators`].
        annunciator: usize,
        /// The coils are as asked for; or why nobody knows, in words for people.
        outcome: Result<(), String>,
    },
    /// The outcome of an [`super::Output::Notify`]: exactly one for each.
    Notified {
        /// [`crate::serve::escalation::Notification::id`].
        id: u64,
        /// The server took it; or why not, in words for people.
        outcome: Result<(), String>,
    },
    /// These records are on disk (fsync): sequence number and sealed bytes, ascending.
    Durable(Vec<(u64, Arc<[u8]>)>),
    /// The answer to an [`super::Output::Fetch`]: a bundle of the sealed records `first` to `through`.
    Fetched {
        /// First record of the bundle; after the one asked for if those before it cannot be read.
        first: u64,
        /// Last record of the bundle; less than `first` if none could be read.
        through: u64,
        /// The bundle (`cellwatch_record::bundle`).
        bundle: Vec<u8>,
    },
    /// The answer to an [`super::Output::FetchFormer`], as [`Input::Fetched`].
    FormerFetched {
        /// The journal.
        journal: JournalId,
        /// First record of the bundle.
        first: u64,
        /// Last record of the bundle.
        through: u64,
        /// The bundle.
        bundle: Vec<u8>,
        /// What of the journal was found to be gone, and does not come back by asking again: first and last record.
        lost: Vec<(u64, u64)>,
    },
    /// Something about the broker.
    Broker(BrokerInput),
    /// A receipt whose seal was verified with a rostered receipt key.
    Receipt(Receipt),
    /// What the Control Site says of a sealed batch; its seal was verified with a rostered receipt key.
    Completeness {
        /// What it says.
        receipt: CompletenessReceipt,
        /// The sealed bytes, which are kept as evidence.
        sealed: Vec<u8>,
    },
    /// People begin or cease to look: while they do, [`super::Output::View`] comes. It judges nothing and is in no record.
    Watched(bool),
    /// Such a receipt names another hash than ours for the record `through`.
    ReceiptContradicts {
        /// The receipt.
        receipt: Receipt,
        /// Hash of the payload that this journal holds there.
        ours: Hash,
    },
    /// The journal on disk was looked at: at the start, after each change of its segments, and hourly.
    Journal(JournalState),
    /// True while the reserve on the disk is used because nothing else is free (LAW-10).
    ReserveInUse(bool),
    /// The agent is asked to end: everything open is cut and written.
    Stop,
}

/// Why no registers came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// No connection could be made; what the system says.
    NotConnected(String),
    /// Nothing came within the timeout. The connection has been given up.
    Timeout,
    /// Something else than a complete reply to this request came. The connection has been given up.
    Wrong(String),
    /// The device, or the gateway before it, answered with this Modbus exception code (Modbus Application Protocol
    /// V1.1b3, §7).
    Exception(u8),
}

/// A Master File as far as the shell could take it.
#[derive(Clone, Debug)]
pub struct MasterFileOffer {
    /// Where it came from, for people: a path or a topic.
    pub origin: String,
    /// SHA-256 of the approved text; of the whole offer where no approved text could be found.
    pub sha256: Hash,
    /// What it holds.
    pub offered: Offered,
    /// True if this very file was accepted before, and is offered again at a start.
    pub accepted_before: bool,
}

/// A roster as the shell found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterOffer {
    /// Where it came from, for people: a path or a topic.
    pub origin: String,
    /// SHA-256 of the whole.
    pub sha256: Hash,
    /// Its version, where it is in use from now on; else why it is not, in words for people.
    pub outcome: Result<u64, String>,
}

/// A command as the shell found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOffer {
    /// SHA-256 of its payload; of the whole where there is none to be believed.
    pub sha256: Hash,
    /// Who sealed it, by the roster; empty where nobody did who may.
    pub signer: String,
    /// The command, where a command key of the roster sealed it; else why it is not believed.
    pub command: Result<Command, String>,
}

/// What was offered.
#[derive(Clone, Debug)]
pub enum Offered {
    /// Approved by enough people of the roster, and free of mistakes.
    Approved {
        /// The content.
        file: Arc<MasterFile>,
        /// Who approved it: name and role.
        approvers: Vec<Person>,
    },
    /// Refused by the shell: approval or content; why, in words for people.
    Refused(String),
}

/// What a person asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorAction {
    /// Who, in which role.
    pub person: Person,
    /// What.
    pub what: Asked,
    /// Why, or what was done.
    pub comment: String,
    /// Whether the person proved who they are for this very action. Critical acknowledgements need it.
    pub confirmed: Confirmed,
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Say something about an alarm, or about a unit: the action's comment.
    Comment {
        /// The unit; none for the agent's own alarms.
        unit: Option<String>,
        /// The alarm's id; none for the unit itself.
        alarm: Option<String>,
    },
    /// Mark a stretch of the audit trail as reviewed.
    Review {
        /// The unit; none for the whole trail.
        unit: Option<String>,
        /// The batch; none where it is about no single one.
        batch: Option<String>,
        /// First record of the stretch.
        first_seq: u64,
        /// Last record of the stretch.
        last_seq: u64,
        /// Of these only what was shown, in words; empty where everything was.
        only: String,
    },
    /// Something about an account: a login, its end, a change of people.
    Account {
        /// What.
        step: AccountStep,
        /// The account; empty where nobody has that name, so that what was typed is repeated nowhere.
        account: String,
        /// What it was before, or from where: an address, a system account with its uid.
        old: Option<String>,
        /// What it is after.
        new: Option<String>,
        /// Why the shell refuses it: only the shell knows passwords.
        refused: Option<String>,
    },
    /// Something of an alarm.
    OfAlarm {
        /// The unit; none for the agent's own alarms.
        unit: Option<String>,
        /// The alarm's id.
        alarm: String,
        /// What.
        request: Request,
    },
    /// I hear the horn: silent of what calls now, until it calls again or a person should have answered it.
    SilenceHorn {
        /// Of this annunciator only; every one that sounds where none is named.
        annunciator: Option<String>,
    },
    /// Light all lamps and sound the horn for some seconds.
    TestAnnunciators,
    /// Send a message that only tests a route of the Master File.
    TestRoute {
        /// Its name.
        route: String,
    },
    /// Start a batch in a unit whose device does not say its phase.
    StartBatch {
        /// The unit.
        unit: String,
        /// The batch's id; empty for one that the agent makes. It identifies no patient
        /// ([`crate::evaluate::check_batch_id`]).
        batch: String,
    },
    /// End the batch of such a unit.
    EndBatch {
        /// The unit.
        unit: String,
    },
    /// Go on to a phase in such a unit.
    SetPhase {
        /// The unit.
        unit: String,
        /// The phase's id in the Master File.
        phase: String,
    },
    /// Enter a result.
    EnterResult {
        /// The unit.
        unit: String,
        /// The result.
        result: NewResult,
    },
    /// Confirm a result that another person entered.
    ConfirmResult {
        /// The unit.
        unit: String,
        /// The result's id.
        result: String,
    },
    /// Trust a certificate of an OPC UA server.
    TrustCertificate {
        /// The server's id in the site file.
        server: String,
        /// SHA-256 of the certificate, 64 hexadecimal digits.
        thumbprint: String,
        /// What it is, in words.
        certificate: String,
        /// The system account and uid of whoever trusts it, as the kernel says.
        at_machine: String,
    },
    /// Correct a result; the action's comment is the reason.
    CorrectResult {
        /// The unit.
        unit: String,
        /// The result's id.
        result: String,
        /// The right value.
        value: f64,
    },
}

/// What the disk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskState {
    /// Free for the journal, bytes.
    pub free_bytes: u64,
    /// At the rate of the last hours it is full in so many seconds; none where it does not fill.
    pub full_in_s: Option<u64>,
}

/// The journal on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalState {
    /// Bytes of all segments.
    pub bytes: u64,
    /// The oldest segment that is closed and may be removed as a whole; none where there is only the open one.
    pub oldest: Option<ClosedSegment>,
    /// First record of the oldest batch that has not ended, of any unit.
    pub open_batch_since: Option<u64>,
    /// What the site file wants to be kept.
    pub keep: KeepHistory,
    /// What was found damaged since the last look.
    pub damaged: Vec<Damage>,
}

/// A segment to which nothing is added any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedSegment {
    /// Its last record.
    pub last: u64,
    /// Hash of that record's payload.
    pub hash: Hash,
    /// How long the agent has been watching since it was closed, seconds: counted by health records, so
    /// that no wall clock counts.
    pub age_s: u64,
}

/// How much history stays on disk when receipts cover it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepHistory {
    /// What is younger stays, seconds of watching, unless `bytes` is reached.
    pub age_s: u64,
    /// Above it the oldest goes, however young.
    pub bytes: u64,
}

/// A part of the journal that cannot be read any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, as it is named now.
    pub file: String,
    /// First record that is gone with it; 0 where nobody knows.
    pub first: u64,
    /// Last record that is gone with it; 0 where nobody knows.
    pub last: u64,
    /// What is wrong with it.
    pub reason: String,
    /// True if it is of the journal before this one, which was set aside for it.
    pub of_former: bool,
    /// True if it lies before the first file: no damage, as far as it was received and removed.
    pub is_removed: bool,
}

/// What the shell found of the agent's own security.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFileState {
    /// True if others than the agent's user may read the key file.
    pub is_exposed: bool,
    /// Where and how, for people.
    pub note: String,
}

/// Something about the key that seals records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyInput {
    /// Nothing is sealed from now on, so nothing is published; recording and judging go on.
    Stopped {
        /// Why, in words for people.
        reason: String,
    },
    /// Every record on disk that is still to be delivered is sealed, and every one from now on.
    Resumed {
        /// Id of the key.
        key: String,
        /// Id of the key that sealed before, where it was another one that did not seal this change.
        before: Option<String>,
        /// First and last record that were sealed later than recorded.
        late: Option<(u64, u64)>,
    },
    /// The next record is the last one that the old key seals: it says that the new one follows.
    Rotate {
        /// Public key that seals now.
        old: [u8; 32],
        /// Public key that seals afterwards.
        new: [u8; 32],
        /// What the new key has sealed of it ([`cellwatch_record::KeySuccession`]).
        succession: Vec<u8>,
    },
}

/// Something about the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerInput {
    /// Connected, and subscribed to what comes down.
    Up {
        /// Most publishes that the broker takes unacknowledged (MQTT 5 §3.2.2.3.3); 65535 where it says nothing.
        receive_maximum: u16,
        /// Largest packet that it takes, bytes (§3.2.2.3.6); none where it says nothing.
        maximum_packet_size: Option<u32>,
    },
    /// The connection ended or could not be made; why.
    Down(String),
    /// The next publish that was handed over went out with this packet identifier. They go out in the order in which they were handed over.
    Sent(u16),
    /// The broker answered for a packet identifier (PUBACK, §3.4).
    Acknowledged {
        /// The packet identifier.
        packet_id: u16,
        /// Reason code; below 0x80 means that the broker took it.
        reason: u8,
    },
}
