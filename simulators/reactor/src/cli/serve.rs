//! `reactor serve`.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use cellwatch_config::profile;
use cellwatch_reactor::culture::{Parameters, StartState};
use cellwatch_reactor::live::Live;
use cellwatch_reactor::modbus::rtu::{self, Baud, Pty, Units};
use cellwatch_reactor::reactor::{Reactor, Setup};
use cellwatch_reactor::{control, modbus, opcua};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

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
    /// Modbus RTU on a pseudo-terminal; the ready line tells its path.
    #[arg(long)]
    rtu_pty: bool,
    /// Modbus RTU over TCP, as a serial server has it: port 0 takes a free one.
    #[arg(long)]
    rtu_over_tcp: Option<SocketAddr>,
    /// OPC UA server, of the first bus unit: port 0 takes a free one.
    #[arg(long)]
    opcua: Option<SocketAddr>,
    /// Folder of the OPC UA server's certificate and key, made when they are missing; without it nothing is secured.
    #[arg(long, requires = "opcua")]
    opcua_pki: Option<PathBuf>,
    /// Baud rate at which RTU bytes are paced, 300 to 921600.
    #[arg(long, default_value_t = 19_200, value_parser = clap::value_parser!(u32).range(300..=921_600))]
    baud: u32,
    /// A unit on the RTU bus, 1 to 247; again for further ones, each a reactor of its own. Modbus TCP serves the first.
    #[arg(long = "bus-unit", value_parser = clap::value_parser!(u8).range(1..=247))]
    bus_units: Vec<u8>,
    /// Donor, drifts and noise; each further bus unit has the next seed.
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
        let unit_numbers = if self.bus_units.is_empty() { &[1][..] } else { &self.bus_units };
        let mut units = BTreeMap::new();
        for (unit, seed) in unit_numbers.iter().zip(self.seed..) {
            if units.insert(*unit, Arc::new(Live::new(self.reactor(seed)?))).is_some() {
                bail!("--bus-unit {unit} is written twice");
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.serve(units))
    }

    fn reactor(&self, seed: u64) -> anyhow::Result<Reactor> {
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
        let serial = self.serial.clone();
        let mut reactor = Reactor::new(Setup { profile, parameters, seed, serial, start })?;
        if !reactor.set_speed(self.speed) {
            bail!("--speed {} must be 0.001 to 100000", self.speed);
        }
        reactor.set_clock(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?);
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

    async fn serve(&self, units: BTreeMap<u8, Arc<Live>>) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let bind = async |address: SocketAddr| {
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
        };
        let modbus_listener = bind(self.listen).await.context("--listen")?;
        let control_listener = bind(self.control).await.context("--control")?;
        let pty = if self.rtu_pty { Some(Pty::open().context("--rtu-pty")?) } else { None };
        let serial_server = match self.rtu_over_tcp {
            Some(address) => Some(bind(address).await.context("--rtu-over-tcp")?),
            None => None,
        };
        let opcua_listener = match self.opcua {
            Some(address) => Some(bind(address).await.context("--opcua")?),
            None => None,
        };
        let mut ready = serde_json::json!({
            "ready": true,
            "modbus": modbus_listener.local_addr()?.to_string(),
            "control": control_listener.local_addr()?.to_string(),
        });
        if let Some(pty) = &pty {
            ready["rtu_pty"] = pty.path().display().to_string().into();
        }
        if let Some(serial_server) = &serial_server {
            ready["rtu_over_tcp"] = serial_server.local_addr()?.to_string().into();
        }
        if let Some(listener) = &opcua_listener {
            ready["opcua"] = format!("opc.tcp://{}", listener.local_addr()?).into();
        }
        let baud = Baud(self.baud);
        let bus = Units::new(units.clone());
        let first = units.values().next().context("--bus-unit")?;
        let mut clocks = JoinSet::new();
        for live in units.values() {
            let live = Arc::clone(live);
            clocks.spawn(async move { live.run().await });
        }
        // A face that is not there never ends.
        let on_pty = async {
            match pty {
                Some(pty) => pty.serve(&bus, baud).await,
                None => std::future::pending().await,
            }
        };
        let on_serial_server = async {
            match serial_server {
                Some(listener) => rtu::serve_tcp(listener, bus.clone(), baud).await,
                None => std::future::pending().await,
            }
        };
        let on_opcua = async {
            match opcua_listener {
                Some(listener) => {
                    let options = opcua::Options { pki: self.opcua_pki.clone(), user: None };
                    opcua::serve(listener, Arc::clone(first), options).await
                }
                None => std::future::pending().await,
            }
        };
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{ready}").and_then(|()| stdout.flush()).context("standard output")?;
        tokio::select! {
            ended = modbus::server::serve(modbus_listener, Arc::clone(first)) => {
                ended.context("Modbus")?;
            }
            ended = axum::serve(control_listener, control::bus_router(&units)) => {
                ended.context("control port")?;
            }
            ended = on_pty => ended.context("RTU on the pty")?,
            ended = on_serial_server => ended.context("RTU over TCP")?,
            ended = on_opcua => ended.context("OPC UA")?,
            _ = clocks.join_next() => {}
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
