//! Starts threads and tasks, and ends them in order.
//!
//! ```text
//! task connection ─▶ thread verify ─▶ thread writer ─▶ task send_on ─▶ broker
//!                                              └─▶ page
//! ```

use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use cellwatch_seal::Sealer;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::connection::{Connection, Incoming, client, farewell, to_every_agent};
use super::hooks::{Acknowledgement, BrokerHooks, send_on};
use super::rotation::Rotation;
use super::{Clock, RunArgs, RunError, setup};
use crate::intake::Verifier;
use crate::page::{self, Live};
use crate::store::{self, Job, Shelf, StoreError, Writer};

/// Messages that wait for verification, and for the writer: as many as the broker may send before
/// one is acknowledged. A full queue makes the broker wait.
const QUEUE_MAX: usize = 128;

/// Runs until SIGTERM or SIGINT, or until the database fails.
///
/// # Errors
/// It could not start, or had to end; [`RunError::status`] tells which.
pub fn run(args: &RunArgs) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|cause| RunError::System { what: "the event loop", cause })?;
    runtime.block_on(serve(args))
}

async fn serve(args: &RunArgs) -> Result<(), RunError> {
    let clock = Clock::start();
    let materials = setup::read(args, clock.utc())?;
    let (client, events) = client(args)?;
    let database = args.database();
    make_folder(&database)?;
    let shelf = Shelf::new(store::open(&database)?)?;
    let verifier = Arc::new(Verifier::new(materials.roster, args.own_clock()));
    let live = Arc::new(Live::new(clock.utc()));

    let (outgoing, outgoing_rx) = mpsc::unbounded_channel();
    let sites = verifier.sites();
    let mut documents = to_every_agent(&sites, "roster", &materials.signed_roster);
    if let Some(bytes) = materials.master_file {
        documents.extend(to_every_agent(&sites, "master-file", &bytes));
    }
    let documents = Arc::new(Mutex::new(documents));
    let rotated = outgoing.clone();
    let hooks =
        BrokerHooks { clock, verifier: Arc::clone(&verifier), outgoing, live: Arc::clone(&live) };
    let key = Arc::new(materials.receipt_key);
    let receipt_key = key.public();
    let interval = args.receipt_interval_ms;
    let mut writer = Writer::resume(shelf, Arc::clone(&verifier), key, interval, hooks)?;

    let listener = TcpListener::bind(args.http).await;
    let cannot_listen = |cause| RunError::Http { address: args.http.to_string(), cause };
    let listener = listener.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let (stop, stopped) = watch::channel(false);
    let page = tokio::spawn(page::serve(
        listener,
        database,
        Arc::clone(&live),
        move || clock.utc(),
        stopped.clone(),
    ));

    let (jobs, jobs_rx) = sync_channel(QUEUE_MAX);
    let (incoming, incoming_rx) = mpsc::channel(QUEUE_MAX);
    let rotation = Rotation {
        args: args.clone(),
        clock,
        receipt_key,
        verifier: Arc::clone(&verifier),
        documents: Arc::clone(&documents),
        outgoing: rotated,
        incoming: incoming.clone(),
    };
    let asked = signal(SignalKind::hangup())
        .map_err(|cause| RunError::System { what: "the signal that reads the roster", cause })?;
    let rotation = tokio::spawn(rotation.serve(asked));
    let verify = spawn("verify", move || verify(incoming_rx, &verifier, &jobs))?;
    let (ended, mut writer_ended) = mpsc::channel::<()>(1);
    let writer = spawn("writer", move || {
        let _ended = ended;
        writer.run(&jobs_rx)
    })?;
    let generation = Arc::new(AtomicU64::new(0));
    tokio::spawn(send_on(outgoing_rx, client.clone(), Arc::clone(&generation)));
    let ready = Box::new(move || {
        let line = serde_json::json!({ "ready": true, "http": address.to_string() });
        // Whoever started us may have stopped reading; that is no reason to end.
        let _ = writeln!(std::io::stdout(), "{line}");
    });
    tracing::info!("page at http://{address}/");
    let connection =
        Connection { client, generation, clock, live, incoming, documents, ready: Some(ready) };
    let connection = tokio::spawn(connection.serve(events, stopped));

    tokio::select! {
        ended = asked_to_end() => ended?,
        _ = writer_ended.recv() => {}
    }
    // The connection drops its sender, so verify and writer see the end of their queues, commit
    // what is there, and end one after the other.
    stop.send_replace(true);
    rotation.abort();
    // What it held of the queues goes with it.
    let _ = rotation.await;
    let (client, mut events) =
        connection.await.map_err(|_| RunError::Ended("the task of the connection"))?;
    join(verify, "the thread that verifies").await?;
    let written: Result<(), StoreError> = join(writer, "the thread that writes").await?;
    farewell(&client, &mut events).await;
    page.await.map_err(|_| RunError::Ended("the task of the page"))??;
    written.map_err(RunError::from)
}

fn make_folder(database: &Path) -> Result<(), RunError> {
    let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|cause| {
        let (option, path) = ("--site-dir or --database", folder.to_owned());
        RunError::Read { option, path, cause }
    })
}

async fn asked_to_end() -> Result<(), RunError> {
    let refused = |cause| RunError::System { what: "the signals that end it", cause };
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("asked to end: committing what is here");
    Ok(())
}

fn verify(
    mut incoming: mpsc::Receiver<Incoming>,
    verifier: &Verifier,
    jobs: &SyncSender<Job<Acknowledgement>>,
) {
    while let Some(one) = incoming.blocking_recv() {
        let job = match one {
            Incoming::Message { topic, payload, received, acknowledgement } => {
                let checked = verifier.check(&topic, &payload, received);
                Job::Message { checked, acknowledgement }
            }
            Incoming::Connection(up) => Job::Connection(up),
            Incoming::Agents(sites) => Job::Agents(sites),
        };
        if jobs.send(job).is_err() {
            return;
        }
    }
}

fn spawn<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<thread::JoinHandle<T>, RunError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|cause| RunError::System { what: "a thread", cause })
}

async fn join<T: Send + 'static>(
    thread: thread::JoinHandle<T>,
    what: &'static str,
) -> Result<T, RunError> {
    let joined = tokio::task::spawn_blocking(move || thread.join()).await;
    joined.map_err(|_| RunError::Ended(what))?.map_err(|_| RunError::Ended(what))
}
