//! `reactor serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use cellwatch_config::profile;
use cellwatch_reactor::culture::{Parameters, StartState};
use cellwatch_reactor::live::Live;
use cellwatch_reactor::reactor::{Reactor, Setup};
use cellwatch_reactor::{control, modbus};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
pub(crate) struct Serve {
    /// Device profile: the registers.
    #[arg(long)]
    profile: PathBuf,
    /// Parameters of the process model; those that are built in when left out.
    #[arg(long)]
    parameters: Option<PathBuf>,
    /// Modbus TCP: port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:15021")]
    listen: SocketAddr,
    /// Control port, on loopback only: port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:15031")]
    control: SocketAddr,
    /// Donor, drifts and noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Process time per real time, 0.001 to 100000.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Serial number in the device's registers.
    #[arg(long, default_value = "RB25-0001")]
    serial: String,
    /// Phase at the start; its usual age unless --age-h says another.
    #[arg(long)]
    phase: Option<String>,
    /// Age of the culture at the start, h, 0 to 8760.
    #[arg(long)]
    age_h: Option<f64>,
    /// At its set-points, or cold.
    #[arg(long, value_enum, default_value_t = Start::Warmed)]
    start_state: Start,
}

#[derive(Clone, Copy, ValueEnum)]
enum Start {
    Warmed,
    Cold,
}

impl Serve {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        if !self.control.ip().is_loopback() {
            bail!("--control {} is not on loopback: anybody could break the reactor", self.control);
        }
        let reactor = self.reactor()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.serve(reactor))
    }

    fn reactor(&self) -> anyhow::Result<Reactor> {
        let parameters = match &self.parameters {
            Some(path) => Parameters::parse(&path.display().to_string(), &text_of(path)?)?,
            None => Parameters::parse("parameters.toml", Parameters::EXAMPLE)?,
        };
        let profile =
            profile::parse(&self.profile.display().to_string(), &text_of(&self.profile)?)?;
        let start = match self.start_state {
            Start::Warmed => StartState::Warmed,
            Start::Cold => StartState::Cold,
        };
        let (seed, serial) = (self.seed, self.serial.clone());
        let mut reactor = Reactor::new(Setup { profile, parameters, seed, serial, start })?;
        if !reactor.set_speed(self.speed) {
            bail!("--speed {} must be 0.001 to 100000", self.speed);
        }
        let age_h = match (self.age_h, &self.phase) {
            (Some(age_h), _) => age_h,
            (None, Some(phase)) => reactor.culture().phase_begins_h(phase).context("--phase")?,
            (None, None) => 0.0,
        };
        if !(0.0..=8760.0).contains(&age_h) {
            bail!("--age-h {age_h} must be 0 to 8760");
        }
        reactor.age(Duration::from_secs_f64(age_h * 3600.0));
        if let Some(phase) = &self.phase {
            reactor.enter_phase(phase).context("--phase")?;
            // Platform and gas come to rest in the new phase before anybody looks.
            reactor.age(SETTLE);
        }
        Ok(reactor)
    }

    async fn serve(&self, reactor: Reactor) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let bind = async |address: SocketAddr| {
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
        };
        let modbus_listener = bind(self.listen).await.context("--listen")?;
        let control_listener = bind(self.control).await.context("--control")?;
        let ready = serde_json::json!({
            "ready": true,
            "modbus": modbus_listener.local_addr()?.to_string(),
            "control": control_listener.local_addr()?.to_string(),
        });
        let live = Arc::new(Live::new(reactor));
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("standard output")?;
        tokio::select! {
            ended = modbus::server::serve(modbus_listener, Arc::clone(&live)) => {
                ended.context("Modbus")?;
            }
            ended = axum::serve(control_listener, control::router(Arc::clone(&live))) => {
                ended.context("control port")?;
            }
            () = live.run() => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }
}

/// Several lags of gas, platform and sensors.
const SETTLE: Duration = Duration::from_secs(300);

fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
