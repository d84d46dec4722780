//! The shape of what the view says of the agent itself.

use serde::Serialize;

use super::NamedView;

/// How the agent is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemView {
    /// What is wrong, worst first; empty when nothing is.
    pub problems: Vec<ProblemView>,
    /// The devices.
    pub devices: Vec<DeviceView>,
    /// The journal.
    pub journal: Option<JournalView>,
    /// Delivery to the Control Site.
    pub delivery: DeliveryView,
    /// The wall clock.
    pub clock: ClockView,
    /// The Master File in force.
    pub master_file: Option<MasterFileView>,
    /// Of the agent's certificates the one that ends first.
    pub certificate: Option<CertificateView>,
    /// Version of the program.
    pub version: String,
    /// When the agent started.
    pub started_ms: i64,
}

/// Something that is wrong with the agent itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    /// In words.
    pub text: String,
    /// The same for the room: without what was found out about it. No part of the JSON.
    #[serde(skip)]
    pub room_text: String,
    /// What to do.
    pub response: String,
    /// 1 to 4.
    pub priority: u8,
    /// Since when.
    pub since_ms: Option<i64>,
    /// The alarm.
    pub alarm: Option<String>,
    /// The unit.
    pub unit: Option<String>,
    /// The device.
    pub device: Option<String>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    /// Its id.
    pub id: String,
    /// Its unit.
    pub unit: Option<String>,
    /// Its line.
    pub line: String,
    /// Id of its profile.
    pub profile: String,
    /// Whether it answers; none before the first poll.
    pub answers: Option<bool>,
    /// Polls since the start.
    pub polls: u64,
    /// Those that were answered.
    pub replies: u64,
    /// Those that were not.
    pub timeouts: u64,
    /// Those that were answered wrongly.
    pub errors: u64,
    /// Those that were left out.
    pub skipped: u64,
}

/// The journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalView {
    /// Its id.
    pub id: String,
    /// Its last record.
    pub seq: u64,
    /// The last one on disk.
    pub durable: u64,
    /// Records that wait for the disk.
    pub waiting: u64,
}

/// Delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// The broker is there.
    pub broker_up: bool,
    /// The Control Site has everything up to here.
    pub receipt_through: Option<u64>,
    /// Records that wait to be sent.
    pub backlog: Option<u64>,
    /// When the last receipt came.
    pub last_receipt_ms: Option<i64>,
    /// Records that cannot be sent.
    pub undeliverable: Option<u64>,
}

/// The wall clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockView {
    /// `synchronised`, `unsynchronised`, `unknown` or `simulated`.
    pub sync: String,
    /// Its time may gate dates.
    pub trusted: bool,
    /// Largest error that the kernel assumes, microseconds.
    pub error_bound_us: u32,
}

/// The Master File in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MasterFileView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// The product.
    pub product: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Who approved it.
    pub approvers: Vec<ApproverView>,
    /// Valid from.
    pub effective_ms: i64,
    /// Valid until.
    pub expires_ms: i64,
    /// The one that waits for the end of a batch.
    pub waiting: Option<WaitingView>,
}

/// Who approved a Master File.
pub type ApproverView = NamedView;

/// A Master File that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
}

/// A certificate of the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateView {
    /// End of its validity.
    pub expires_ms: Option<i64>,
    /// Its file.
    pub name: Option<String>,
}
