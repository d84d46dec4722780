//! What the core is told at its start.

use std::sync::Arc;

use cellwatch_config::profile::Profile;
use cellwatch_record::{Head, Record};

/// The installation, from the site file and its profiles.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Id of the site.
    pub site: String,
    /// Id of the agent.
    pub agent: String,
    /// Version of the program.
    pub version: String,
    /// Length of a frame, milliseconds, 1000 to 60000.
    pub frame_ms: u64,
    /// The devices.
    pub devices: Vec<DeviceSetup>,
    /// The units.
    pub units: Vec<UnitSetup>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct DeviceSetup {
    /// Its id in the site file.
    pub id: String,
    /// Modbus unit identifier.
    pub modbus_unit: u8,
    /// Its profile.
    pub profile: Arc<Profile>,
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

/// What the journal and the state file say at a start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The end of the journal.
    pub head: Head,
    /// True if the journal was made just now.
    pub new_journal: bool,
    /// What is known of the journal before, where this one was made to replace it.
    pub previous: Option<Head>,
    /// This start's number, from 1.
    pub boot: u32,
    /// The Control Site has everything up to here.
    pub receipt_through: u64,
    /// Highest version of a Master File that was ever accepted; 0 for none.
    pub master_file_version: u64,
    /// The records from the latest state record on, ascending; telemetry and health may be left out.
    pub history: Vec<Record>,
    /// True if the machine has not been started anew since the last record, so that monotonic times go on.
    pub same_machine_boot: bool,
}
