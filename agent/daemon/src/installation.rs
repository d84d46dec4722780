//! The site file and its device profiles, read and checked together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cellwatch_config::profile::{self, Profile};
use cellwatch_config::site::{self, Line, OpcUaIdentity, OpcUaServer, Reach, Site, Transport};
use cellwatch_config::{Problem, Problems, check};
use cellwatch_core::door::{AnnunciatorSetup, DeviceSetup, LineSetup, Setup, UaSetup, UnitSetup};

/// An installation as its files describe it.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The site file's name as given.
    pub file: String,
    /// Its folder, from which relative paths count.
    pub folder: PathBuf,
    /// The site.
    pub site: Site,
    /// The profiles, by their path as written in the site file.
    pub profiles: BTreeMap<PathBuf, Profile>,
}

impl Installation {
    /// Reads the site file and all its profiles.
    ///
    /// # Errors
    /// All problems of all files.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        let file = path.display().to_string();
        let text = read_text(path, &file, 1, "")?;
        let site = site::parse(&file, &text)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut profiles = BTreeMap::new();
        let mut problems = Vec::new();
        for device in &site.devices {
            if profiles.contains_key(&device.profile) {
                continue;
            }
            let name = device.profile.display().to_string();
            let key = format!("device[{}].profile", device.id);
            let read = read_text(&folder.join(&device.profile), &file, site.lines.of(&key), &key)
                .and_then(|text| profile::parse(&name, &text));
            match read {
                Ok(profile) => {
                    profiles.insert(device.profile.clone(), profile);
                }
                Err(Problems(found)) => problems.extend(found),
            }
        }
        problems.extend(without_opcua(&site, &file));
        if problems.is_empty() {
            problems = check::together(&site, &file, &profiles, None);
        }
        if problems.is_empty() {
            Ok(Self { file, folder, site, profiles })
        } else {
            problems.sort();
            problems.dedup();
            Err(Problems(problems))
        }
    }

    /// A path of the site file, ready to be opened.
    #[must_use]
    pub fn path(&self, written: &Path) -> PathBuf {
        self.folder.join(written)
    }

    /// Folder of journal and state.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.path(&self.site.agent.data_dir)
    }

    /// Folder of the journal's segments.
    #[must_use]
    pub fn journal_dir(&self) -> PathBuf {
        self.data_dir().join("journal")
    }

    /// Folder of the certificates that are trusted for an OPC UA server.
    #[must_use]
    pub fn opcua_trust_dir(&self, server: &OpcUaServer) -> PathBuf {
        match &server.trust_dir {
            Some(written) => self.path(written),
            None => self.data_dir().join("opcua/trusted"),
        }
    }

    /// Folder of the certificates of OPC UA servers that nobody has accepted.
    #[must_use]
    pub fn opcua_unknown_dir(&self) -> PathBuf {
        self.data_dir().join("opcua/unknown")
    }

    /// The agent's own certificates with their private keys: for the broker, for the page, for servers on OPC UA. Those that the
    /// agent makes itself may not be there yet.
    #[must_use]
    pub fn certificates(&self) -> Vec<(PathBuf, PathBuf)> {
        let broker = (&self.site.broker.certificate, &self.site.broker.private_key);
        let page = self.site.page.tls.as_ref().map(|tls| (&tls.certificate, &tls.private_key));
        let users = self.site.opcua_servers.iter().filter_map(|server| match &server.identity {
            OpcUaIdentity::Certificate { certificate, private_key } => {
                Some((certificate, private_key))
            }
            OpcUaIdentity::Anonymous | OpcUaIdentity::UserName { .. } => None,
        });
        let written = [broker].into_iter().chain(page).chain(users);
        let own = self.data_dir().join("opcua");
        written
            .map(|(certificate, key)| (self.path(certificate), self.path(key)))
            .chain([(own.join("own/cert.der"), own.join("private/private.pem"))])
            .collect()
    }

    /// All lines in the order of [`Setup::lines`]: those that are shared, then each other device's own.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let own = self.site.devices.iter().filter_map(|device| match &device.reach {
            Reach::Line(_) | Reach::OpcUa(_) => None,
            Reach::Address(address) => Some(Line {
                id: device.id.clone(),
                transport: Transport::Tcp { address: address.clone() },
                gap_ms: 0,
                pause_after_connect_ms: 0,
                keep: true,
            }),
        });
        self.site.shared_lines.iter().cloned().chain(own).collect()
    }

    /// What the core is told of it.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let site = &self.site;
        let shared: BTreeMap<&PathBuf, Arc<Profile>> =
            self.profiles.iter().map(|(path, profile)| (path, Arc::new(profile.clone()))).collect();
        let lines = self.lines();
        let first_own = site.shared_lines.len();
        let devices = site.devices.iter().filter_map(|device| {
            let server = match &device.reach {
                Reach::OpcUa(id) => Some(site.opcua_server(id)?),
                Reach::Address(_) | Reach::Line(_) => None,
            };
            let line = match &device.reach {
                Reach::OpcUa(_) => lines.len(),
                Reach::Line(id) => lines[..first_own].iter().position(|one| one.id == *id)?,
                // A device's own line has its name; a shared one may have it too.
                Reach::Address(_) => {
                    first_own + lines[first_own..].iter().position(|one| one.id == device.id)?
                }
            };
            // Reading has seen to it that every profile is there.
            let profile = Arc::clone(shared.get(&device.profile)?);
            let (id, modbus_unit) = (device.id.clone(), device.modbus_unit);
            let opcua = server.map(|server| UaSetup {
                publishing_ms: server.publishing_ms,
                check_ms: server.check_ms,
            });
            Some(DeviceSetup { id, line, modbus_unit, opcua, profile })
        });
        let setups = lines.iter().map(|line| LineSetup {
            id: line.id.clone(),
            gap_ms: line.gap_ms,
            without_ids: line.transport.is_rtu(),
        });
        let index = |id: &String| site.devices.iter().position(|device| device.id == *id);
        let units = site.units.iter().map(|unit| UnitSetup {
            id: unit.id.clone(),
            name: unit.name.clone(),
            devices: unit.devices.iter().filter_map(index).collect(),
        });
        let annunciators = site.annunciators.iter().map(|one| AnnunciatorSetup {
            id: one.id.clone(),
            lamps: one.lamps.clone(),
            units: one.units.clone(),
        });
        Setup {
            annunciators: annunciators.collect(),
            site: site.id.clone(),
            agent: site.agent.id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            frame_ms: site.frames.seconds * 1000,
            devices: devices.collect(),
            lines: setups.collect(),
            units: units.collect(),
        }
    }
}

/// Devices that this program cannot reach because it was built without OPC UA.
fn without_opcua(site: &Site, file: &str) -> Vec<Problem> {
    if cfg!(feature = "opcua") {
        return Vec::new();
    }
    let over = site.devices.iter().filter(|device| matches!(device.reach, Reach::OpcUa(_)));
    let problem = |device: &site::Device| {
        let key = format!("device[{}].opcua", device.id);
        let message = "this cellwatch was built without OPC UA: use one with the cargo feature opcua, which is on by default";
        Problem {
            file: file.to_owned(),
            line: site.lines.of(&key),
            key,
            message: message.to_owned(),
        }
    };
    over.map(problem).collect()
}

/// Reads a text file; a failure is a problem of the place that names it.
fn read_text(path: &Path, file: &str, line: usize, key: &str) -> Result<String, Problems> {
    fs::read_to_string(path).map_err(|cause| {
        let message = format!("{} cannot be read: {cause}", path.display());
        Problems(vec![Problem { file: file.to_owned(), line, key: key.to_owned(), message }])
    })
}
