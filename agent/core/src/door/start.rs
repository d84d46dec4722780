//! What the core is told at its start.

use std::sync::Arc;

use cellwatch_config::profile::Profile;
use cellwatch_config::site::Lamp;
use cellwatch_model::Utc;
use cellwatch_record::{Hash, Head, JournalId, Kind, Record, SavedSite};

/// The installation, from the site file and its profiles.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Id of the site.
    pub site: String,
    /// Id of the agent.
    pub agent: String,
    /// Version of the program.
    pub version: String,
    /// Length of a frame, milliseconds, 1000 to 60000.
    pub frame_ms: u64,
    /// The lines that devices share; a device that shares none has one of its own.
    pub lines: Vec<LineSetup>,
    /// The devices.
    pub devices: Vec<DeviceSetup>,
    /// The units.
    pub units: Vec<UnitSetup>,
    /// Stack lights and horns.
    pub annunciators: Vec<AnnunciatorSetup>,
}

/// A line: a connection or a port, with one request at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineSetup {
    /// Its id in the site file; the device's where it is a device's own.
    pub id: String,
    /// Between the end of a request and the next one, milliseconds.
    pub gap_ms: u64,
    /// Replies carry no id (Modbus RTU): after a failure the line is quiet until nothing can come any more.
    pub without_ids: bool,
}

impl LineSetup {
    /// The line of a device that shares none: Modbus TCP, no gap.
    #[must_use]
    pub fn own(device: impl Into<String>) -> Self {
        Self { id: device.into(), gap_ms: 0, without_ids: false }
    }
}

/// A device.
#[derive(Clone, Debug)]
pub struct DeviceSetup {
    /// Its id in the site file.
    pub id: String,
    /// Index of its line in [`Setup::lines`]; beyond them for a device that has none (OPC UA).
    pub line: usize,
    /// Modbus unit identifier.
    pub modbus_unit: u8,
    /// How it is asked over OPC UA; none where it is asked over Modbus.
    pub opcua: Option<UaSetup>,
    /// Its profile.
    pub profile: Arc<Profile>,
}

/// How a device is asked over OPC UA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UaSetup {
    /// Publishing interval that is asked for, milliseconds.
    pub publishing_ms: u64,
    /// Everything is read this often besides, milliseconds; above 0.
    pub check_ms: u64,
}

/// A unit.
#[derive(Clone, Debug)]
pub struct UnitSetup {
    /// Its id in the site file.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Indices of its devices in [`Setup::devices`].
    pub devices: Vec<usize>,
}

/// What a batch's seal takes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHash {
    /// Its sequence number.
    pub seq: u64,
    /// Its kind.
    pub kind: Kind,
    /// Its unit.
    pub unit: Option<String>,
    /// SHA-256 of its payload.
    pub hash: Hash,
}

/// A stack light and horn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnunciatorSetup {
    /// Its id in the site file.
    pub id: String,
    /// What its coils switch, in their order.
    pub lamps: Vec<Lamp>,
    /// Ids of the units that it shows; empty for all of them.
    pub units: Vec<String>,
}

/// A journal that was set aside, to which nothing is added any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerJournal {
    /// Its id.
    pub journal: JournalId,
    /// Its last record that is on this disk.
    pub last: u64,
    /// Its last record that ever was, where its end was whole when it was set aside: the Control Site cannot have more of it.
    pub end: Option<u64>,
    /// The Control Site has everything up to here.
    pub through: u64,
    /// What of it records say to be lost already: first and last sequence number.
    pub lost: Vec<(u64, u64)>,
    /// Where the Control Site has other records under its numbers.
    pub fork: Option<Fork>,
    /// True if the Control Site has all of it that can be read.
    pub is_done: bool,
}

/// Where a journal is another one than the Control Site's of the same name: it was gone on with from an older copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The first record that may differ: those before it were compared.
    pub first: u64,
    /// Wall time of the first and of the last of those records, where they can be read.
    pub utc: Option<(Utc, Utc)>,
}

/// What the journal and the state file say at a start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The end of the journal.
    pub head: Head,
    /// True if the journal was made just now.
    pub new_journal: bool,
    /// What is known of the journal before, where this one was made to replace it.
    pub previous: Option<Head>,
    /// Journals that were set aside and are not wholly received, the newest first.
    pub former: Vec<FormerJournal>,
    /// This start's number, from 1.
    pub boot: u32,
    /// The Control Site has everything up to here.
    pub receipt_through: u64,
    /// Highest version of a Master File that was ever accepted; 0 for none.
    pub master_file_version: u64,
    /// What the Control Site has said of the site, as far as the shell knows.
    pub site: SavedSite,
    /// The records from the latest state record on, ascending; health may be left out, and telemetry but for the last
    /// frame of each unit, which says since when it was not watched.
    pub history: Vec<Record>,
    /// Every record from the latest state record to the head, ascending, none left out: seals of running batches go
    /// on from there. Where some cannot be read, those before them: a batch that ran then cannot be sealed.
    pub hashes: Vec<RecordHash>,
    /// True if the machine has not been started anew since the last record, so that monotonic times go on.
    pub same_machine_boot: bool,
}
