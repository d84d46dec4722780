//! The devices of a cell and the lines to them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::profile::{Parameter, Profile};
use cellwatch_config::site::{
    Line, OpcUaIdentity, OpcUaSecurity, OpcUaServer, Parity, SerialPort, Transport,
};
use cellwatch_core::door::{DeviceSetup, LineSetup, UaSetup};
use cellwatch_daemon::opcua::{Settings, Wanted};
use cellwatch_reactor::culture::{Parameters, Signal, StartState};
use cellwatch_reactor::live::Live;
use cellwatch_reactor::modbus::rtu::{Baud, Pty, Units, serve_tcp};
use cellwatch_reactor::modbus::server::serve;
use cellwatch_reactor::opcua;
use cellwatch_reactor::reactor::{Reactor, Setup};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::profiles::{
    BUS_PERIOD_MS, CHECK_MS, PUBLISHING_MS, SERIAL, broken, broken_on_opcua, healthy,
};

/// How the agent reaches the device that breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Tcp,
    RtuSerial,
    RtuOverTcp,
    OpcUa,
}

const BAUD: u32 = 115_200;
/// Modbus units on the bus: the one that breaks, and its neighbour. A wrong unit is the neighbour's.
const BROKEN_UNIT: u8 = 7;
const NEIGHBOUR_UNIT: u8 = 8;
const NEIGHBOUR_PERIOD_MS: u64 = 1_000;
/// It has run for a while: its counters can go back.
const AGE: Duration = Duration::from_secs(1_000);

/// Devices, in the order of the agent's: the one that breaks, one on a line of its own, one on the bus if there is one.
pub(crate) struct Wired {
    pub(crate) lives: Vec<Arc<Live>>,
    pub(crate) profiles: Vec<Arc<Profile>>,
    pub(crate) devices: Vec<DeviceSetup>,
    pub(crate) lines: Vec<(LineSetup, Line)>,
    /// Session with the device that breaks, where it is on OPC UA.
    pub(crate) session: Option<Settings>,
    /// What the session keeps on disk.
    _folder: TempDir,
    /// Servers and clocks; they end with this.
    pub(crate) _tasks: JoinSet<()>,
}

fn live(profile: &Arc<Profile>, seed: u64) -> Arc<Live> {
    let parameters = Parameters::parse("parameters.toml", Parameters::EXAMPLE)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let profile = Profile::clone(profile);
    let start = StartState::Warmed;
    let setup = Setup { profile, parameters, seed, serial: SERIAL.to_owned(), start };
    let mut reactor = Reactor::new(setup).unwrap_or_else(|problems| panic!("{problems}"));
    reactor.advance(AGE);
    reactor.set(Signal::TemperatureSetPoint, 36.5).expect("the panel takes it");
    Arc::new(Live::new(reactor))
}

fn line(id: &str, transport: Transport) -> (LineSetup, Line) {
    let gap_ms = if transport.is_rtu() { 5 } else { 0 };
    let setup = LineSetup { id: id.to_owned(), gap_ms, without_ids: transport.is_rtu() };
    (setup, Line { id: id.to_owned(), transport, gap_ms, pause_after_connect_ms: 0, keep: true })
}

impl Wired {
    /// Starts the devices.
    pub(crate) async fn new(way: Way, seed: u64) -> Self {
        let mut tasks = JoinSet::new();
        let folder = tempfile::tempdir().expect("a folder");
        let breaks = if way == Way::OpcUa { broken_on_opcua() } else { broken() };
        let second = healthy(NEIGHBOUR_PERIOD_MS);
        let mut profiles = vec![Arc::clone(&breaks), Arc::clone(&second)];
        let mut lives = vec![live(&breaks, seed), live(&second, seed + 1)];
        if matches!(way, Way::RtuSerial | Way::RtuOverTcp) {
            let third = healthy(BUS_PERIOD_MS);
            lives.push(live(&third, seed + 2));
            profiles.push(third);
        }
        for live in &lives {
            let live = Arc::clone(live);
            tasks.spawn(async move { live.run().await });
        }
        let transport = match way {
            Way::Tcp => Some(Transport::Tcp { address: tcp(&mut tasks, &lives[0]).await }),
            Way::RtuSerial | Way::RtuOverTcp => {
                let units = [(BROKEN_UNIT, &lives[0]), (NEIGHBOUR_UNIT, &lives[2])];
                let units = units.map(|(unit, live)| (unit, Arc::clone(live)));
                Some(bus(way, &mut tasks, Units::new(BTreeMap::from(units))).await)
            }
            Way::OpcUa => None,
        };
        let session = match transport {
            Some(_) => None,
            None => Some(session(&mut tasks, &lives[0], &breaks, &folder).await),
        };
        let own = Transport::Tcp { address: tcp(&mut tasks, &lives[1]).await };
        let mut lines: Vec<_> = transport.map(|one| line("broken", one)).into_iter().collect();
        let neighbour = lines.len();
        lines.push(line("neighbour", own));
        // A device on OPC UA has no line.
        let first = if session.is_some() { lines.len() } else { 0 };
        let opcua = UaSetup { publishing_ms: PUBLISHING_MS, check_ms: CHECK_MS };
        let opcua = session.is_some().then_some(opcua);
        let places = [(first, BROKEN_UNIT), (neighbour, 1), (0, NEIGHBOUR_UNIT)];
        let devices = profiles.iter().zip(places).enumerate();
        let devices = devices.map(|(index, (profile, (line, modbus_unit)))| DeviceSetup {
            id: format!("dev-{index}"),
            line,
            modbus_unit,
            opcua: opcua.filter(|_| index == 0),
            profile: Arc::clone(profile),
        });
        let devices = devices.collect();
        Self { lives, profiles, devices, lines, session, _folder: folder, _tasks: tasks }
    }
}

async fn session(
    tasks: &mut JoinSet<()>,
    live: &Arc<Live>,
    profile: &Arc<Profile>,
    folder: &TempDir,
) -> Settings {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("opc.tcp://{}", listener.local_addr().expect("bound"));
    let live = Arc::clone(live);
    let options = opcua::Options::default();
    tasks.spawn(async move {
        opcua::serve(listener, live, options).await.expect("the port is opened again");
    });
    let wanted = |one: &Parameter| Wanted { node: one.node.clone(), period_ms: 100 };
    Settings {
        device: "dev-0".to_owned(),
        server: OpcUaServer {
            id: "server".to_owned(),
            endpoint,
            security: OpcUaSecurity::None,
            identity: OpcUaIdentity::Anonymous,
            trust_dir: None,
            publishing_ms: PUBLISHING_MS,
            sampling_ms: None,
            queue_size: 16,
            check_ms: CHECK_MS,
        },
        application_uri: "urn:cellwatch:bench:agent-1".to_owned(),
        own_dir: folder.path().to_owned(),
        trust_dir: folder.path().join("trusted"),
        unknown_dir: folder.path().join("unknown"),
        wanted: profile.parameters.iter().map(wanted).collect(),
    }
}

async fn tcp(tasks: &mut JoinSet<()>, live: &Arc<Live>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let live = Arc::clone(live);
    tasks.spawn(async move { serve(listener, live).await.expect("the port is opened again") });
    address
}

async fn bus(way: Way, tasks: &mut JoinSet<()>, units: Units) -> Transport {
    if way == Way::RtuSerial {
        let pty = Pty::open().expect("a pty");
        let port = pty.path().to_owned();
        tasks.spawn(async move { pty.serve(&units, Baud(BAUD)).await.expect("the line holds") });
        let parity = Parity::None;
        return Transport::Rtu(SerialPort { port, baud: BAUD, parity, stop_bits: 2 });
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    tasks.spawn(async move {
        serve_tcp(listener, units, Baud(BAUD)).await.expect("the port is opened again");
    });
    Transport::RtuOverTcp { address }
}
