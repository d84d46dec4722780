//! The page's thread.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_core::serve::View;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::interval;

use super::listen::listen;
use super::reading::Readings;
use super::renderer::Rendering;
use super::routes::router;
use super::shared::{Facts, Shared};
use super::tls::{TlsError, TlsFiles};
use super::{api, shared};
use crate::installation::Installation;
use crate::people::{Loop, People};

/// People who did nothing for too long are looked for this often.
const SWEEP: Duration = Duration::from_secs(5);
/// An address that is taken is tried again this often.
const BIND_AGAIN: Duration = Duration::from_secs(5);

/// Where the page is served, and what of the site it shows.
#[derive(Clone, Debug)]
pub struct PageSettings {
    enabled: bool,
    address: SocketAddr,
    tls: Option<(PathBuf, PathBuf)>,
    facts: Facts,
    journal: PathBuf,
}

impl PageSettings {
    /// Those of a site file.
    #[must_use]
    pub fn of(installation: &Installation) -> Self {
        let site = &installation.site;
        let page = &site.page;
        let tls = page
            .tls
            .as_ref()
            .map(|tls| (installation.path(&tls.certificate), installation.path(&tls.private_key)));
        let facts = Facts {
            site: site.id.clone(),
            site_name: site.name.clone(),
            time_zone: site.time_zone.clone(),
            agent: site.agent.id.clone(),
            room_overview: page.room_overview,
            metrics: page.metrics,
            idle_logout_ms: u64::from(page.idle_logout_min) * 60_000,
            frame_ms: site.frames.seconds * 1000,
            under_tls: tls.is_some(),
        };
        let journal = installation.journal_dir();
        Self { enabled: page.enabled, address: page.listen, tls, facts, journal }
    }
}

/// The running page.
#[derive(Debug)]
pub struct PageHandle {
    views: watch::Sender<Option<Arc<View>>>,
    metrics: watch::Sender<Option<String>>,
    address: Option<String>,
}

impl PageHandle {
    /// Shows a view; waits for nothing.
    pub fn show(&self, view: Arc<View>) {
        self.views.send_replace(Some(view));
    }

    /// Has these metrics ready for whoever collects them; waits for nothing.
    pub fn measured(&self, text: String) {
        self.metrics.send_replace(Some(text));
    }

    /// Where it is served; none while its address is taken by something else.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }
}

/// Starts the page in a thread of its own; none where the site file has none. An address that is taken holds up
/// nothing: it is tried again.
///
/// # Errors
/// The certificate cannot be used.
pub fn start(
    settings: PageSettings,
    people: People,
    to_loop: Loop,
) -> Result<Option<PageHandle>, TlsError> {
    let PageSettings { enabled, address, tls, facts, journal } = settings;
    if !enabled {
        return Ok(None);
    }
    let tls = tls.map(|(certificate, key)| TlsFiles::read(certificate, key)).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = bind(address);
    let bound = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let (views, seen) = watch::channel(None);
    let (metrics, measured) = watch::channel(None);
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(async {
                let rendering = Rendering::start(seen, to_loop.clone());
                let readings = Readings::start(journal);
                let shared = Shared::new(facts, people, to_loop, rendering, readings, measured);
                let shared = Arc::new(shared);
                end_sessions_of_changed(&shared);
                tokio::spawn(sweep(Arc::clone(&shared)));
                let listener = bound_in_time(listener, address).await;
                listen(listener, tls.map(Arc::new), router(shared)).await;
            }),
            Err(error) => tracing::error!("the operator page is not served: {error}"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("page".to_owned()).spawn(run) {
        tracing::error!("the operator page is not served: {error}");
    }
    if let Some(bound) = bound {
        tracing::info!("the operator page is at {scheme}://{bound}");
    }
    let address = bound.map(|bound| format!("{scheme}://{bound}"));
    Ok(Some(PageHandle { views, metrics, address }))
}

fn bind(address: SocketAddr) -> Option<StdListener> {
    let bound = StdListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound
        .map_err(|error| {
            tracing::error!(
                "the operator page cannot be served at {address} (page.listen of the site file): {error}; it is tried again every {} s",
                BIND_AGAIN.as_secs()
            );
        })
        .ok()
}

async fn bound_in_time(mut bound: Option<StdListener>, address: SocketAddr) -> TcpListener {
    loop {
        if let Some(listener) = bound.and_then(|listener| TcpListener::from_std(listener).ok()) {
            return listener;
        }
        tokio::time::sleep(BIND_AGAIN).await;
        bound = StdListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .ok();
    }
}

/// Ends the sessions of an account before whoever changed it is answered.
fn end_sessions_of_changed(shared: &Arc<shared::Shared>) {
    let told = Arc::downgrade(shared);
    shared.people.on_change(move |name, at| {
        if let Some(shared) = told.upgrade() {
            shared.sessions().end_all_of(name, at);
        }
    });
}

/// Logs out whoever did nothing for too long: on record.
async fn sweep(shared: Arc<shared::Shared>) {
    let mut every = interval(SWEEP);
    loop {
        every.tick().await;
        let idle = shared.sessions().sweep(shared.now());
        for session in idle {
            api::session::say_logged_out(&shared, &session, "did nothing for too long").await;
        }
    }
}

#[cfg(test)]
impl PageSettings {
    /// On any free port of this machine, for a site of tests.
    pub(super) fn for_tests(journal: &std::path::Path, tls: Option<(PathBuf, PathBuf)>) -> Self {
        let facts = Facts {
            site: "ulm-1".to_owned(),
            site_name: "Ulm".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            agent: "agent-1".to_owned(),
            room_overview: true,
            metrics: false,
            idle_logout_ms: 600_000,
            frame_ms: 1_000,
            under_tls: tls.is_some(),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { enabled: true, address, tls, facts, journal: journal.to_owned() }
    }
}
