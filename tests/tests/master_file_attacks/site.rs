//! An agent at a site, which takes Master Files as the daemon does: verified, parsed, checked, offered.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use cellwatch_config::{Problems, check, master_file, profile, site};
use cellwatch_core::Agent;
use cellwatch_core::door::{
    CommandOffer, DeviceSetup, Input, LineSetup, MasterFileOffer, Offered, Output, Setup, Start,
    UnitSetup,
};
use cellwatch_model::{Clock, ClockSync, Mono, Now, Utc};
use cellwatch_record::{
    Body, COMMAND_CONTENT_TYPE, Command, Event, EventKind, Hash, Head, JournalId, Person,
    SavedSite, SiteStatus, decode, sha256,
};
use cellwatch_seal::{Roster, verify_master_file};

use crate::scene::NOW;

const SITE: &str = include_str!("../../../config/examples/site.toml");
const PROFILE: &str = include_str!("../../../config/examples/profiles/rocking-bag-25.toml");
const PATH: &str = "profiles/rocking-bag-25.toml";

const OF_MASTER_FILES: [EventKind; 7] = [
    EventKind::MasterFileAccepted,
    EventKind::MasterFileRefused,
    EventKind::MasterFileInForce,
    EventKind::MasterFileExpired,
    EventKind::MasterFilePending,
    EventKind::CommandAccepted,
    EventKind::CommandRefused,
];

/// An agent and what it has recorded of Master Files.
pub(crate) struct Site {
    site: site::Site,
    profiles: BTreeMap<PathBuf, profile::Profile>,
    agent: Agent,
    sync: ClockSync,
    events: Vec<Event>,
}

impl Site {
    pub(crate) fn new(sync: ClockSync) -> Self {
        let site = site::parse("site.toml", SITE).unwrap();
        let profile = profile::parse(PATH, PROFILE).unwrap();
        let device = |(line, device): (usize, &site::Device)| DeviceSetup {
            id: device.id.clone(),
            line,
            modbus_unit: device.modbus_unit,
            opcua: None,
            profile: Arc::new(profile.clone()),
        };
        let unit = |(index, unit): (usize, &site::Unit)| UnitSetup {
            id: unit.id.clone(),
            name: unit.name.clone(),
            devices: vec![index],
        };
        let setup = Setup {
            site: site.id.clone(),
            agent: site.agent.id.clone(),
            version: "0.0.0".to_owned(),
            frame_ms: 5000,
            lines: site.devices.iter().map(|device| LineSetup::own(&device.id)).collect(),
            devices: site.devices.iter().enumerate().map(device).collect(),
            units: site.units.iter().enumerate().map(unit).collect(),
            ..Setup::default()
        };
        let start = Start {
            head: Head { journal: JournalId([7; 16]), seq: 0, hash: Hash::NONE },
            new_journal: true,
            previous: None,
            former: Vec::new(),
            boot: 1,
            receipt_through: 0,
            master_file_version: 0,
            site: SavedSite::default(),
            history: Vec::new(),
            hashes: Vec::new(),
            same_machine_boot: true,
        };
        let agent = Agent::new(setup, start, now(sync));
        let profiles = BTreeMap::from([(PathBuf::from(PATH), profile)]);
        let mut site = Self { site, profiles, agent, sync, events: Vec::new() };
        site.drain();
        site.input(Input::Clock(clock(sync)));
        site
    }

    /// Offers signed bytes; gives what was recorded of it.
    pub(crate) fn offer(&mut self, signed: &[u8], roster: &Roster) -> Vec<Event> {
        let before = self.events.len();
        let at = self.sync.is_trusted().then_some(NOW);
        let (sha256, offered) = self.judged(signed, roster, at);
        let origin = "down/master-file".to_owned();
        let accepted_before = false;
        self.input(Input::MasterFile(MasterFileOffer { origin, sha256, offered, accepted_before }));
        self.events[before..].to_vec()
    }

    /// A command comes down; gives what was recorded of it.
    pub(crate) fn command(&mut self, sealed: &[u8], roster: &Roster) -> Vec<Event> {
        let before = self.events.len();
        let (sha256, signer, command) = match believed(sealed, roster) {
            Ok((payload, signer)) => {
                let command = Command::decode(&payload).map_err(|error| error.to_string());
                (sha256(&payload), signer, command)
            }
            Err(reason) => (sha256(sealed), String::new(), Err(reason)),
        };
        self.input(Input::Command(CommandOffer { sha256, signer, command }));
        self.events[before..].to_vec()
    }

    /// The site's status.
    pub(crate) fn status(&self) -> SiteStatus {
        self.agent.state().site.status
    }

    /// Id, version and hash of the Master File that judges.
    pub(crate) fn in_force(&self) -> Option<&Event> {
        self.events.iter().rfind(|event| event.kind == EventKind::MasterFileInForce)
    }

    fn judged(&self, signed: &[u8], roster: &Roster, at: Option<Utc>) -> (Hash, Offered) {
        let approved = match verify_master_file(signed, roster, at) {
            Ok(approved) => approved.into_inner(),
            Err(error) => return (sha256(signed), Offered::Refused(error.to_string())),
        };
        let hash = sha256(&approved.bytes);
        let file = match master_file::parse("master-file.toml", &approved.bytes) {
            Ok(file) => file,
            Err(problems) => return (hash, Offered::Refused(problems.to_string())),
        };
        let problems = check::together(&self.site, "site.toml", &self.profiles, Some(&file));
        if !problems.is_empty() {
            return (hash, Offered::Refused(Problems(problems).to_string()));
        }
        let person = |name: String, role: String| Person { name, role };
        let approvers = approved.approvals.into_iter();
        let approvers = approvers.map(|one| person(one.name, one.role.to_string())).collect();
        (hash, Offered::Approved { file: Arc::new(file), approvers })
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(input, now(self.sync));
        self.drain();
    }

    /// Takes the records; the disk is at once done. Nothing polls, nothing publishes.
    fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            let Output::Append(append) = output else { continue };
            let mut durable = Vec::new();
            for (seq, (.., payload)) in (append.first_seq..).zip(append.records) {
                if let Body::Event(event) = decode(&payload).expect("a record").body
                    && OF_MASTER_FILES.contains(&event.kind)
                {
                    self.events.push(event);
                }
                durable.push((seq, Arc::from(payload)));
            }
            self.agent.handle(Input::Durable(durable), now(self.sync));
        }
    }
}

/// The payload of a command that a command key has sealed, and whose key it is.
fn believed(sealed: &[u8], roster: &Roster) -> Result<(Vec<u8>, String), String> {
    let opened = cellwatch_seal::open(sealed).map_err(|error| error.to_string())?;
    let id = opened.key_id();
    let key = roster.command_key(&id);
    let key = key.ok_or_else(|| format!("key {id} is no command key of the roster"))?;
    let payload = opened.verify(COMMAND_CONTENT_TYPE, key).map_err(|error| error.to_string())?;
    Ok((payload.into_inner(), id.to_string()))
}

const fn clock(sync: ClockSync) -> Clock {
    Clock { sync, error_bound_us: 1000, offset_us: 0 }
}

const fn now(sync: ClockSync) -> Now {
    Now { mono: Mono(1_000_000_000), utc: NOW, clock: clock(sync) }
}
