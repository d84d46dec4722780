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
use cellwatch_core::door::{Fork, FormerJournal, Input, KeepHistory, Start};
use cellwatch_record::JournalId;
use cellwatch_seal::{AgentKeys, Sealer, SealingKey};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::annunciator;
use crate::broker::{self, Settings};
use crate::clock::Clocks;
use crate::control::{self, ControlError};
use crate::installation::Installation;
use crate::journal::{
    self, FormerFolder, JournalError, Lock, Reader, Received, Reserve, SharedSealer, Told, Writer,
    WriterSettings,
};
use crate::keys::KeyFiles;
use crate::mail;
use crate::modbus;
use crate::offers::Offers;
use crate::own_health::{self, Places};
use crate::page::{self, PageSettings, TlsError};
use crate::people::{Loop, People, StoreError};
use crate::state::{Keeper, State};
use crate::trust::{Trust, TrustError};

use event::Event;
use sessions::Sessions;
use shell::{Adapters, Identity, Keys, Shell};

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
    let data_dir = installation.data_dir();
    std::fs::create_dir_all(&data_dir)
        .map_err(|cause| RunError::DataDir { path: data_dir.clone(), cause })?;
    let lock = Lock::take(&data_dir)?;
    // Before anything is written: on a full disk nothing else could be.
    let reserve = Reserve::of(&data_dir, site.journal.reserve_mib << 20);

    let state = State::open(&data_dir)?;
    let (trust, first_roster) = Trust::read(&installation, state.roster()?)?;
    state.keep_roster(&trust.kept())?;
    let files = KeyFiles::of(&installation);
    let mut found = files.read();
    let mut keys = AgentKeys::of_roster(&trust.roster, &site.agent.id);
    keys.extend(found.public().iter().copied());
    keys.extend(state.sealing_keys()?);
    let known = state.known()?;
    let (kept, master_file_version) = state.master_files()?;
    let opened = journal::open(&installation.journal_dir(), &site.agent.id, &keys, known)?;
    let same_journal = known.journal == Some(opened.head.journal);
    let receipt_through = if same_journal { known.receipt_through } else { 0 };
    if let Some(before) = known.journal.filter(|_| !same_journal) {
        state.keep_former(before, state.former(before)?.max(known.receipt_through))?;
    }
    if let Some(end) = opened.before_ended {
        state.keep_end(end.journal, end.seq)?;
    }
    let received = |journal| received(journal, &state).unwrap_or(Received::Through(0));
    journal::forget_received(&data_dir, &site.agent.id, &keys, received)?;
    let set_aside = journal::former_journals(&data_dir, &site.agent.id, &keys);
    let former = set_aside.iter().map(|one| former_journal(one, &state));
    let former = former.collect::<Result<_, _>>()?;
    let sealed_by = opened.sealed_by;
    if found.next.as_ref().is_some_and(|next| sealed_by == Some(next.public().id())) {
        // The change was on disk when the run before ended; only the file had not followed.
        match files.take_over() {
            Ok(()) => found = files.read(),
            Err(cause) => {
                let path = files.next().to_owned();
                return Err(RunError::DataDir { path, cause });
            }
        }
    }
    let usable = |key: &cellwatch_seal::PublicKey| {
        trust.roster.agent_key(&site.agent.id, &key.id()).is_some()
    };
    let sealer = found.current.as_ref().ok().filter(|key| usable(&key.public())).map(Arc::clone);
    let ids: Vec<_> = keys.iter().filter(|key| usable(key)).map(|key| key.id()).collect();
    let waits_for_seals = sealer.is_some()
        && journal::waits_for_seals(&installation.journal_dir(), receipt_through, &ids)?;
    let start = Start {
        head: opened.head,
        new_journal: opened.new_journal,
        previous: opened.previous,
        former,
        boot: state.count_start()?,
        receipt_through,
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
    let reader = Reader::start(installation.journal_dir(), keep, keys, damaged, move |input| {
        // After the loop has ended nobody needs to know.
        let _ = to_loop.blocking_send(Event::Core(input));
    })?;
    let to_loop = events.clone();
    let look = reader.surveyor();
    let writer_key = sealer.as_ref().map(|key| -> SharedSealer { Arc::<SealingKey>::clone(key) });
    let writer = Writer::start(settings, opened, writer_key, reserve, move |told| {
        let input = match told {
            Told::Durable(records) => Input::Durable(records),
            Told::ReserveInUse(in_use) => Input::ReserveInUse(in_use),
            Told::NextSegment => return look(),
            Told::Sealed(late) => {
                let _ = to_loop.blocking_send(Event::Sealed(late));
                return;
            }
        };
        let _ = to_loop.blocking_send(Event::Core(input));
    })?;
    let keeper = Keeper::start(state)?;
    let setup = installation.setup();
    let lines = installation.lines().into_iter().enumerate().map(|(index, line)| {
        let to_loop = events.clone();
        let on_it = setup.devices.iter().filter(|device| device.line == index);
        modbus::start(
            line,
            on_it.map(|device| &device.profile.modbus),
            move |device, request, outcome| {
                let to_loop = to_loop.clone();
                async move {
                    let reply = Input::Reply { device, request, outcome };
                    let _ = to_loop.send(Event::Core(reply)).await;
                }
            },
        )
    });
    let lines = lines.collect();
    let annunciators = site.annunciators.iter().enumerate().map(|(index, one)| {
        let to_loop = events.clone();
        annunciator::start(one.clone(), move |outcome| {
            let to_loop = to_loop.clone();
            async move {
                let written = Input::Annunciated { annunciator: index, outcome };
                // After the loop has ended nobody needs to know.
                let _ = to_loop.send(Event::Core(written)).await;
            }
        })
    });
    let annunciators = annunciators.collect();
    let settings = Settings::of(site, &installation.folder);
    let certificates = installation.certificates();
    let places = Places {
        data: data_dir.clone(),
        certificates: certificates.iter().map(|(certificate, _)| certificate.clone()).collect(),
        keys: files
            .both()
            .into_iter()
            .chain(certificates.into_iter().map(|(_, key)| key))
            .collect(),
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
    let master_file = installation.path(&site.trust.master_file);
    watch::start(master_file, events.clone(), || Event::MasterFileChanged);
    for file in files.both() {
        watch::start(file, events.clone(), || Event::KeyFilesChanged);
    }

    let clocks = Clocks::new(site.agent.clock);
    let to_loop = events.clone();
    let server = site.mail.clone().map(|mail| mail::Server::new(mail, &installation.folder));
    let letterhead = mail::Site {
        name: site.name.clone(),
        agent: site.agent.id.clone(),
        // `check` says it where the machine does not know the zone.
        time_zone: TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC),
    };
    let mail = mail::start(
        server,
        letterhead,
        move || clocks.now().utc,
        move |id, outcome| {
            let to_loop = to_loop.clone();
            async move {
                // After the loop has ended nobody needs to know: the record says that it waits.
                let _ = to_loop.send(Event::Core(Input::Notified { id, outcome })).await;
            }
        },
    );
    let identity = Identity { site: site.id.clone(), agent: site.agent.id.clone() };
    let agent = Agent::new(setup, start.clone(), clocks.now());
    let sessions = Sessions::start(&installation, &events);
    let adapters = Adapters {
        installation: Arc::clone(&installation),
        lines,
        sessions,
        annunciators,
        mail,
        writer,
        reader,
        set_aside,
        keeper,
        broker,
        people,
        acts,
        page,
        events,
    };
    let offers = Offers::new(trust, Arc::clone(&installation));
    let keys = Keys::new(files, sealer, sealed_by);
    let mut shell = Shell::new(agent, identity, clocks, adapters, offers, keys, &start)
        .saying_when_ready(json_ready);
    shell.begin(kept, first_roster, waits_for_seals);
    drive::drive(&mut shell, received).await?;
    let again = shell.begins_again();
    let ended = shell.end().await;
    let _ = std::fs::remove_file(control::socket_path(&data_dir));
    drop(lock);
    ended.map_err(RunError::Ended)?;
    Ok(if again { Ended::ToBeginAgain } else { Ended::Told })
}

/// What the Control Site has of a journal that was set aside.
fn received(journal: JournalId, state: &State) -> Result<Received, JournalError> {
    Ok(if state.fork(journal)?.is_some() {
        Received::Fork
    } else if state.is_done(journal)? {
        Received::All
    } else {
        Received::Through(state.former(journal)?)
    })
}

/// What is still to be done about a journal that was set aside.
fn former_journal(one: &FormerFolder, state: &State) -> Result<FormerJournal, JournalError> {
    let FormerFolder { journal, last, .. } = *one;
    let fork = state.fork(journal)?.map(|first| Fork { first, utc: one.utc_of(first, last) });
    Ok(FormerJournal {
        journal,
        last,
        end: state.end(journal)?,
        through: state.former(journal)?,
        lost: state.lost(journal)?,
        fork,
        is_done: state.is_done(journal)?,
    })
}

/// What the kernel makes anew at each boot of the machine; empty where it does not say.
fn machine_boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}
