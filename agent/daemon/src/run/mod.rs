//! `cellwatch run`: the wiring, read in one function, and the loop.

mod answering;
mod drive;
mod event;
mod sessions;
mod shell;
mod watch;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::Problems;
use cellwatch_core::Agent;
use cellwatch_core::door::{Input, KeepHistory, Start};
use cellwatch_seal::{KeyFileError, Sealer, SealingKey, key_file};
use tokio::sync::mpsc;

use crate::broker::{self, Settings};
use crate::clock::Clocks;
use crate::control::{self, ControlError};
use crate::installation::Installation;
use crate::journal::{self, JournalError, Lock, Reader, Reserve, Told, Writer, WriterSettings};
use crate::modbus;
use crate::offers::Offers;
use crate::own_health::{self, Places};
use crate::page::{self, PageSettings, TlsError};
use crate::people::{Loop, People, StoreError};
use crate::state::{Keeper, State};
use crate::trust::{Trust, TrustError};

use event::Event;
use sessions::Sessions;
use shell::{Adapters, Identity, Shell};

/// Events that may wait for the loop; adapters wait when it is full.
const EVENTS_MAX: usize = 1024;
/// Acts of people that may wait for the loop; whoever does one waits when it is full.
const ACTS_MAX: usize = 64;

/// Why the daemon could not run, or ended with something undone.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The site file or a profile.
    #[error("{0}")]
    Configuration(#[from] Problems),
    /// The sealing key.
    #[error("{0} (agent.key of the site file; `cellwatch keygen --out FILE` makes one)")]
    Key(#[from] KeyFileError),
    /// The roster.
    #[error("{0}")]
    Trust(#[from] TrustError),
    /// The data folder.
    #[error("{path}: {cause} (agent.data_dir of the site file)")]
    DataDir {
        /// The folder.
        path: std::path::PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The journal or the state.
    #[error("{0}")]
    Journal(#[from] JournalError),
    /// The accounts.
    #[error("{0}")]
    People(#[from] StoreError),
    /// The certificate of the operator page.
    #[error("{0}")]
    Page(#[from] TlsError),
    /// The control socket.
    #[error("{0}")]
    Control(#[from] ControlError),
    /// The operating system gives no thread or signal.
    #[error("the operating system refuses: {0}")]
    System(#[from] io::Error),
    /// It ran, and ended with something undone.
    #[error("{0}")]
    Ended(String),
}

/// How a run ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to end.
    Told,
    /// Its journal cannot be gone on with: to be run again, with another one.
    ToBeginAgain,
}

/// Runs the agent of a site file until it is told to end by SIGTERM or SIGINT, or must begin again. With `json_ready`, a
/// JSON object on standard output says when polling has begun.
///
/// # Errors
/// It could not start; or ([`RunError::Ended`]) ended with something undone.
pub async fn run(site_file: &Path, json_ready: bool) -> Result<Ended, RunError> {
    let installation = Arc::new(Installation::read(site_file)?);
    let site = &installation.site;
    let key = Arc::new(key_file::read(&installation.path(&site.agent.key))?);
    let data_dir = installation.data_dir();
    std::fs::create_dir_all(&data_dir)
        .map_err(|cause| RunError::DataDir { path: data_dir.clone(), cause })?;
    let lock = Lock::take(&data_dir)?;
    // Before anything is written: on a full disk nothing else could be.
    let reserve = Reserve::of(&data_dir, site.journal.reserve_mib << 20);

    let state = State::open(&data_dir)?;
    let (trust, first_roster) = Trust::read(&installation, state.roster()?)?;
    state.keep_roster(&trust.kept())?;
    let id = key.public().id();
    if trust.roster.agent_key(&site.agent.id, &id).is_none() {
        tracing::error!(
            "the roster does not name key {id} for agent {}: the Control Site will refuse its records until it does",
            site.agent.id
        );
    }
    let known = state.known()?;
    let (kept, master_file_version) = state.master_files()?;
    let opened = journal::open(&installation.journal_dir(), &site.agent.id, &key.public(), known)?;
    let same_journal = known.journal == Some(opened.head.journal);
    let start = Start {
        head: opened.head,
        new_journal: opened.new_journal,
        previous: opened.previous,
        boot: state.count_start()?,
        receipt_through: if same_journal { known.receipt_through } else { 0 },
        master_file_version,
        site: state.site()?,
        hashes: journal::hashes(&installation.journal_dir(), &opened.history)?,
        history: opened.history.clone(),
        same_machine_boot: state.is_same_machine_boot(&machine_boot_id())?,
    };

    let (events, received) = mpsc::channel::<Event>(EVENTS_MAX);
    let settings = WriterSettings {
        folder: installation.journal_dir(),
        agent: site.agent.id.clone(),
        segment_bytes: u64::from(site.journal.segment_mib) << 20,
        commit_delay: Duration::from_millis(site.journal.commit_delay_ms),
    };
    let keep =
        KeepHistory { age_s: site.journal.keep_days * 86_400, bytes: site.journal.keep_mib << 20 };
    let to_loop = events.clone();
    let damaged = opened.damaged.clone();
    let reader = Reader::start(installation.journal_dir(), keep, damaged, move |input| {
        // After the loop has ended nobody needs to know.
        let _ = to_loop.blocking_send(Event::Core(input));
    })?;
    let to_loop = events.clone();
    let look = reader.surveyor();
    let sealer = Arc::<SealingKey>::clone(&key);
    let writer = Writer::start(settings, opened, sealer, reserve, move |told| {
        let input = match told {
            Told::Durable(records) => Input::Durable(records),
            Told::ReserveInUse(in_use) => Input::ReserveInUse(in_use),
            Told::NextSegment => return look(),
        };
        let _ = to_loop.blocking_send(Event::Core(input));
    })?;
    let keeper = Keeper::start(state)?;
    let lines = installation.lines().into_iter().map(|line| {
        let to_loop = events.clone();
        modbus::start(line, move |device, request, outcome| {
            let to_loop = to_loop.clone();
            async move {
                let reply = Input::Reply { device, request, outcome };
                let _ = to_loop.send(Event::Core(reply)).await;
            }
        })
    });
    let lines = lines.collect();
    let settings = Settings::of(site, &installation.folder);
    let places = Places {
        data: data_dir.clone(),
        certificate: settings.certificate.clone(),
        keys: vec![installation.path(&site.agent.key), settings.private_key.clone()],
    };
    own_health::start(places, events.clone());
    let broker = broker::start(settings, events.clone());
    let people = People::start(&data_dir)?;
    let (acts, mut acted) = mpsc::channel(ACTS_MAX);
    let to_loop = events.clone();
    tokio::spawn(async move {
        while let Some(act) = acted.recv().await {
            if to_loop.send(Event::Act(act)).await.is_err() {
                return;
            }
        }
    });
    let acts = Loop::new(acts);
    let page = page::start(PageSettings::of(&installation), people.clone(), acts.clone())?;
    control::start(&data_dir, events.clone())?;
    watch::start(installation.path(&site.trust.master_file), events.clone());

    let clocks = Clocks::new(site.agent.clock);
    let identity = Identity { site: site.id.clone(), agent: site.agent.id.clone() };
    let agent = Agent::new(installation.setup(), start.clone(), clocks.now());
    let sessions = Sessions::start(&installation, &events);
    let adapters = Adapters {
        installation: Arc::clone(&installation),
        lines,
        sessions,
        writer,
        reader,
        keeper,
        broker,
        key,
        people,
        acts,
        page,
        events,
    };
    let offers = Offers::new(trust, Arc::clone(&installation));
    let mut shell = Shell::new(agent, identity, clocks, adapters, offers, &start, json_ready);
    shell.begin(kept, first_roster);
    drive::drive(&mut shell, received).await?;
    let again = shell.begins_again();
    let ended = shell.end().await;
    let _ = std::fs::remove_file(control::socket_path(&data_dir));
    drop(lock);
    ended.map_err(RunError::Ended)?;
    Ok(if again { Ended::ToBeginAgain } else { Ended::Told })
}

/// What the kernel makes anew at each boot of the machine; empty where it does not say.
fn machine_boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}
