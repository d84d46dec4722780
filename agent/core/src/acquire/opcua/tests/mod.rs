//! A device on OPC UA in virtual time.
#![allow(clippy::unwrap_used)]

mod subscriptions;
mod values;

use std::sync::Arc;

use cellwatch_config::profile;
use cellwatch_model::{Mono, Quality, Reading, Utc};

use super::newest::LATE_MS;
use super::{UaDevice, UaSaid};
use crate::acquire::DeviceSaid;
use crate::door::{
    DeviceId, DeviceSetup, Output, RequestId, UaInput, UaSample, UaSetup, UaShortfall, UaValue,
};

const PROFILE: &str = r#"
[profile]
id = "p"
model = "m"
version = "1"
[opcua]
namespace = "urn:x"
[[parameter]]
name = "T"
node = "s=T"
type = "f64"
unit = "°C"
range = [0.0, 60.0]
max_rate_per_s = 1.0
[[parameter]]
name = "N"
node = "s=N"
type = "i32"
unit = "1"
"#;

const CHECK_MS: u64 = 5_000;
/// The server's clock is not the agent's.
const SERVER_NS: i64 = 1_700_000_000_000_000_000;

struct Bench {
    device: UaDevice,
    now: Mono,
    requests: u64,
}

fn at_server(ms: u64) -> Utc {
    Utc(SERVER_NS + i64::try_from(ms).unwrap() * 1_000_000)
}

fn temperature(value: f64, source_ms: u64) -> UaSample {
    UaSample {
        parameter: 0,
        value: UaValue::Double(value),
        status: 0,
        source: Some(at_server(source_ms)),
        server: None,
    }
}

fn count(value: i64, source_ms: u64) -> UaSample {
    let sample = temperature(0.0, source_ms);
    UaSample { parameter: 1, value: UaValue::Signed(value), ..sample }
}

impl Bench {
    fn with(profile: &str) -> Self {
        Self::checked_every(profile, CHECK_MS)
    }

    fn checked_every(profile: &str, check_ms: u64) -> Self {
        let profile = Arc::new(profile::parse("p", profile).unwrap());
        let opcua = UaSetup { publishing_ms: 1000, check_ms };
        let setup = DeviceSetup {
            id: "d".to_owned(),
            line: 0,
            modbus_unit: 1,
            opcua: Some(opcua),
            profile,
        };
        let now = Mono::default().plus_ms(60_000);
        Self { device: UaDevice::new(DeviceId(0), &setup, opcua, now), now, requests: 0 }
    }

    fn new() -> Self {
        Self::with(PROFILE)
    }

    /// With a session that was read at 0 ms.
    fn up() -> Self {
        let mut bench = Self::new();
        bench.input(UaInput::Up { session: "s".to_owned() });
        bench.read(vec![temperature(37.0, 0), count(5, 0)]);
        bench
    }

    /// With a session that is subscribed to besides.
    fn subscribed() -> Self {
        let mut bench = Self::up();
        bench.subscribe(vec![]);
        bench
    }

    fn subscribe(&mut self, shortfalls: Vec<UaShortfall>) {
        self.input(UaInput::Subscribed { publishing_ms: 1000, keep_alive_count: 5, shortfalls });
    }

    fn input(&mut self, input: UaInput) -> Vec<(usize, Reading)> {
        self.device.handle(input, self.now)
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    fn elapse(&mut self) -> (Option<Output>, Vec<(usize, Reading)>) {
        self.device.elapse(self.now, &mut self.requests)
    }

    /// Awaits the next read and answers it.
    fn read(&mut self, samples: Vec<UaSample>) -> Vec<(usize, Reading)> {
        let request = self.asked();
        self.input(UaInput::Read { request, outcome: Ok(samples) })
    }

    /// What a read brings that nothing is published after.
    fn released(&mut self) -> Vec<(usize, Reading)> {
        self.pass(1_000 + LATE_MS);
        self.elapse().1
    }

    /// The request of the read that is due.
    fn asked(&mut self) -> RequestId {
        match self.elapse() {
            (Some(Output::UaRead { request, .. }), _) => request,
            other => panic!("{other:?}"),
        }
    }

    fn published(&mut self, server_ms: u64, samples: Vec<UaSample>) -> Vec<(usize, Reading)> {
        self.input(UaInput::Published { at_server: Some(at_server(server_ms)), samples })
    }

    fn said(&mut self) -> Vec<UaSaid> {
        let said = self.device.take_said().into_iter();
        said.filter_map(|one| if let DeviceSaid::OpcUa(said) = one { Some(said) } else { None })
            .collect()
    }
}

fn qualities(readings: &[(usize, Reading)]) -> Vec<Quality> {
    readings.iter().map(|(_, reading)| reading.quality).collect()
}
