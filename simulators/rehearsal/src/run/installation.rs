//! The installation that scenarios run in: the example of a nine-day perfused T-cell expansion.

use std::sync::Arc;

use cellwatch_config::Problems;
use cellwatch_config::master_file::{self, MasterFile};
use cellwatch_config::profile::{self, Profile};
use cellwatch_core::door::{DeviceSetup, LineSetup, MasterFileOffer, Offered, Setup, UnitSetup};
use cellwatch_record::{Hash, Person, sha256};

/// The unit.
pub const UNIT: &str = "BX-1";
const SITE: &str = "barcelona-1";
const AGENT: &str = "agent-1";
const DEVICE: &str = "bx-1";

const PROFILE: &str =
    include_str!("../../../../config/examples/profiles/rocking-bag-25-perfused.toml");
const MASTER_FILE: &str = include_str!("../../../../config/examples/t-cell-nine-days.toml");

/// Device profile and Master File.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The device's profile.
    pub profile: Arc<Profile>,
    /// The Master File.
    pub master_file: Arc<MasterFile>,
    /// SHA-256 of its text.
    pub sha256: Hash,
    /// Serial number of the device: the first that the Master File names.
    pub serial: String,
}

impl Installation {
    /// The example's installation; another Master File's text in the place of its own where one is given, with its
    /// file name for messages.
    ///
    /// # Errors
    /// All problems of the texts.
    pub fn example(master_file: Option<(&str, &str)>) -> Result<Self, Problems> {
        let (file, text) = master_file.unwrap_or(("t-cell-nine-days.toml", MASTER_FILE));
        let profile = profile::parse("rocking-bag-25-perfused.toml", PROFILE)?;
        let master_file = master_file::parse(file, text.as_bytes())?;
        let approved = master_file.equipment(&profile.id);
        let serial = approved.and_then(|one| one.serials.first()).cloned().unwrap_or_default();
        Ok(Self {
            profile: Arc::new(profile),
            master_file: Arc::new(master_file),
            sha256: sha256(text.as_bytes()),
            serial,
        })
    }

    /// What the core is told of it.
    #[must_use]
    pub fn setup(&self, frame_s: u64) -> Setup {
        Setup {
            site: SITE.to_owned(),
            agent: AGENT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            frame_ms: frame_s * 1000,
            lines: vec![LineSetup::own(DEVICE)],
            devices: vec![DeviceSetup {
                id: DEVICE.to_owned(),
                line: 0,
                modbus_unit: 1,
                opcua: None,
                profile: Arc::clone(&self.profile),
            }],
            units: vec![UnitSetup {
                id: UNIT.to_owned(),
                name: "rocking bag with perfusion".to_owned(),
                devices: vec![0],
            }],
            annunciators: Vec::new(),
        }
    }

    /// The Master File as the shell offers it after it has verified the approvals.
    #[must_use]
    pub fn offer(&self) -> MasterFileOffer {
        let approver =
            |role: &str| Person { name: format!("{role} of the rehearsal"), role: role.to_owned() };
        MasterFileOffer {
            origin: "rehearsal".to_owned(),
            sha256: self.sha256,
            offered: Offered::Approved {
                file: Arc::clone(&self.master_file),
                approvers: vec![approver("QA"), approver("QP")],
            },
            accepted_before: false,
        }
    }
}
