//! A device on OPC UA in virtual time.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use cellwatch_config::profile;
use cellwatch_model::{Cause, Mono, Quality, Reading, Utc, Value};

use super::status::{lost_values, quality};
use super::{UaDevice, UaSaid};
use crate::acquire::DeviceSaid;
use crate::door::{
    DeviceId, DeviceSetup, NoReply, Output, RequestId, UaInput, UaSample, UaSetup, UaValue,
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
        let profile = Arc::new(profile::parse("p", profile).unwrap());
        let opcua = UaSetup { publishing_ms: 1000, check_ms: CHECK_MS };
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
        bench.input(UaInput::Subscribed { publishing_ms: 1000, keep_alive_count: 5 });
        bench
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

// Req: LAW-02, UA-03
#[test]
fn status_codes_decide_what_may_be_believed() {
    // By the table of OPC 10000-8 §7.3.2; every code that a cause of ours has comes back as a quality of
    // the same severity.
    let table = [
        (0x0000_0000, Quality::Good),
        (0x0000_0480, Quality::Good),
        (0x0096_0000, Quality::Uncertain(Cause::LocalOverride)),
        (0x4000_0000, Quality::Uncertain(Cause::SensorFailure)),
        (0x4090_0000, Quality::Uncertain(Cause::Stale)),
        (0x4091_0000, Quality::Uncertain(Cause::LocalOverride)),
        (0x4092_0000, Quality::Uncertain(Cause::WaitingForInitialData)),
        (0x4093_0000, Quality::Uncertain(Cause::SensorFailure)),
        (0x4094_0000, Quality::Uncertain(Cause::OutOfRange)),
        (0x8000_0000, Quality::Bad(Cause::DeviceException)),
        (0x8005_0000, Quality::Bad(Cause::NoCommunication)),
        (0x800A_0000, Quality::Bad(Cause::Timeout)),
        (0x8031_0000, Quality::Bad(Cause::NoCommunication)),
        (0x8032_0000, Quality::Bad(Cause::WaitingForInitialData)),
        (0x8034_0000, Quality::Bad(Cause::Configuration)),
        (0x8089_0000, Quality::Bad(Cause::Configuration)),
        (0x808A_0000, Quality::Bad(Cause::SensorFailure)),
        (0x808B_0000, Quality::Bad(Cause::DeviceException)),
        (0x808C_0000, Quality::Bad(Cause::SensorFailure)),
        (0x808D_0000, Quality::Bad(Cause::LocalOverride)),
        (0xC000_0000, Quality::Bad(Cause::DeviceException)),
    ];
    for (status, expected) in table {
        assert_eq!(quality(status), expected, "{status:#010x}");
    }
    for cause in Cause::ALL {
        let (bad, uncertain) = (Quality::Bad(cause), Quality::Uncertain(cause));
        assert!(matches!(quality(bad.opc_ua_status()), Quality::Bad(_)), "{bad}");
        assert!(matches!(quality(uncertain.opc_ua_status()), Quality::Uncertain(_)), "{uncertain}");
    }
    assert!(lost_values(0x0000_0480) && lost_values(0x8000_0480));
    assert!(!lost_values(0x0000_0400) && !lost_values(0x0000_0080) && !lost_values(0));
    println!("status codes: {} and {} causes", table.len(), Cause::ALL.len());
}

// Req: LAW-01, UA-01
#[test]
fn only_a_value_of_the_profiles_type_is_one() {
    let mut bench = Bench::up();
    let of = |value| vec![UaSample { value, ..temperature(0.0, 1_000) }, count(5, 0)];
    let cases = [
        (UaValue::Double(37.25), Ok(Value::Number(37.25))),
        (UaValue::Float(37.25), Ok(Value::Number(37.25))),
        (UaValue::Double(f64::NAN), Err(Cause::SensorFailure)),
        (UaValue::Double(61.0), Err(Cause::OutOfRange)),
        (UaValue::Signed(37), Err(Cause::Configuration)),
        (UaValue::Text("37".to_owned()), Err(Cause::Configuration)),
        (UaValue::Null, Err(Cause::Configuration)),
        (UaValue::Other, Err(Cause::Configuration)),
    ];
    for (value, expected) in cases.clone() {
        bench.pass(CHECK_MS);
        let readings = bench.read(of(value.clone()));
        let found = readings[0].1.value.clone().map_err(|none| none.0);
        assert_eq!(found, expected, "{value:?}");
    }
    bench.pass(CHECK_MS);
    let wide = UaSample { value: UaValue::Unsigned(1 << 31), ..count(0, 2_000) };
    let readings = bench.read(vec![temperature(37.25, 1_000), wide]);
    assert_eq!(readings[1].1.quality, Quality::Bad(Cause::Configuration), "2^31 is no i32");
    println!("types: {} cases", cases.len() + 1);
}

// Req: LAW-02, LAW-12, UA-03
#[test]
fn what_comes_late_is_recorded_and_not_live() {
    let mut bench = Bench::subscribed();
    bench.pass(1_000);
    let first = bench.published(1_000, vec![temperature(37.0, 0), temperature(37.1, 900)]);
    assert_eq!(qualities(&first), [Quality::Good], "what the read said is not said again");
    // A queue of three, of which the server kept the first for too long.
    bench.pass(9_000);
    let queue = vec![temperature(37.2, 2_000), temperature(37.3, 8_000), temperature(37.4, 9_900)];
    let readings = bench.published(10_000, queue);
    let late = Quality::Uncertain(Cause::Late);
    assert_eq!(qualities(&readings), [late, Quality::Good, Quality::Good]);
    assert!(readings.iter().all(|(_, one)| one.at == bench.now.floor_ms()));
    assert_eq!(readings[0].1.stamp.unwrap().source, Some(at_server(2_000)));
    // The network kept a whole notification.
    bench.pass(11_000);
    let readings = bench.published(11_000, vec![temperature(37.5, 10_900)]);
    assert_eq!(qualities(&readings), [late]);
    // An older one than the newest.
    bench.pass(1);
    let readings = bench.published(21_001, vec![temperature(38.0, 10_000)]);
    assert_eq!(qualities(&readings), [late]);
    assert!(!late.is_of_now(), "nothing is judged by it");
    println!("late: 7 samples");
}

// Req: LAW-01
#[test]
fn a_read_is_live_unless_a_newer_sample_overtook_it() {
    let mut bench = Bench::subscribed();
    bench.pass(CHECK_MS);
    let request = bench.asked();
    bench.pass(100);
    assert_eq!(bench.published(5_100, vec![temperature(37.4, 5_050)]).len(), 1);
    let samples = vec![temperature(37.2, 4_900), count(5, 0)];
    let outcome = Ok(samples);
    let readings = bench.input(UaInput::Read { request, outcome });
    assert_eq!(qualities(&readings), [Quality::Uncertain(Cause::Late), Quality::Good]);
    // A second answer to the same request is nobody's.
    let outcome = Ok(vec![temperature(39.0, 9_000), count(9, 9_000)]);
    assert_eq!(bench.input(UaInput::Read { request, outcome }), []);
    assert_eq!(bench.device.counters().strays, 1);
    // The device's clock was set back: its reads stay live.
    bench.pass(CHECK_MS);
    let readings = bench.read(vec![temperature(37.5, 1_000), count(5, 0)]);
    assert_eq!(qualities(&readings), [Quality::Good, Quality::Good]);
    println!("reads: 3 cases");
}

// Req: LAW-02, UA-04
#[test]
fn a_subscription_that_is_silent_or_brings_no_changes_is_made_anew() {
    let mut bench = Bench::subscribed();
    bench.said();
    // Silent: (5 + 1) intervals, the timeout of a read, and the slack.
    let silent_at = bench.now.plus_ms(6_000 + 2_000 + 3_000);
    while bench.now < silent_at {
        bench.pass(1_000);
        let (output, _) = bench.elapse();
        if let Some(Output::UaRead { request, .. }) = output {
            let outcome = Ok(vec![temperature(37.0, 0), count(5, 0)]);
            bench.input(UaInput::Read { request, outcome });
        } else if let Some(Output::UaReconnect { .. }) = output {
            break;
        } else {
            assert!(output.is_none(), "{output:?}");
        }
    }
    assert_eq!(bench.now, silent_at);
    assert_eq!(bench.said(), [UaSaid::Silent { for_ms: 11_000 }]);

    // Lives, but two reads find changes that it does not bring.
    let mut bench = Bench::subscribed();
    bench.said();
    let mut reconnect = None;
    for step in 1u32..=3 {
        bench.pass(CHECK_MS);
        let server_ms = u64::from(step) * CHECK_MS;
        bench.published(server_ms, vec![]);
        let readings =
            bench.read(vec![temperature(37.0 + f64::from(step), server_ms), count(5, 0)]);
        assert_eq!(readings[0].1.quality, Quality::Good, "a read is believed all the same");
        if let (Some(Output::UaReconnect { why, .. }), _) = bench.elapse() {
            reconnect = Some((step, why));
            break;
        }
    }
    let (step, why) = reconnect.unwrap();
    assert_eq!(step, 2, "{why}");
    assert_eq!(bench.said(), [UaSaid::Unpublished { parameter: 0 }]);
    println!("subscriptions: 2 cases");
}

// Req: LAW-02, UA-04
#[test]
fn the_time_without_a_subscription_is_a_gap() {
    let mut bench = Bench::subscribed();
    let last = bench.now;
    bench.said();
    bench.pass(700);
    let readings = bench.input(UaInput::Down("cut".to_owned()));
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::NoCommunication); 2]);
    assert_eq!(bench.device.answers(), Some(false));
    assert_eq!(bench.said(), [UaSaid::Unwatched { from: last, to: None }]);
    // Nothing goes on while nobody is there: each read that is due is one that failed.
    bench.pass(CHECK_MS);
    let (output, readings) = bench.elapse();
    assert!(output.is_none());
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::NoCommunication); 2]);
    assert_eq!(bench.input(UaInput::Down("still".to_owned())), [], "said once");
    bench.input(UaInput::Up { session: "s".to_owned() });
    let readings = bench.read(vec![temperature(37.0, 0), count(5, 0)]);
    assert_eq!(qualities(&readings), [Quality::Good, Quality::Good]);
    assert_eq!(bench.device.answers(), Some(true));
    bench.pass(300);
    bench.input(UaInput::Subscribed { publishing_ms: 1000, keep_alive_count: 5 });
    let said = bench.said();
    assert_eq!(said.last(), Some(&UaSaid::Unwatched { from: last, to: Some(bench.now) }));
    println!("gaps: 1 case");
}

// Req: LAW-10, UA-03
#[test]
fn values_that_queues_lost_are_said_at_a_bounded_rate() {
    let mut bench = Bench::subscribed();
    bench.said();
    let mut told = Vec::new();
    for step in 1u32..=100 {
        bench.pass(1_000);
        let server_ms = u64::from(step) * 1_000;
        let sample = temperature(30.0 + f64::from(step) * 0.1, server_ms);
        bench.published(server_ms, vec![UaSample { status: 0x480, ..sample }]);
        told.extend(bench.said());
    }
    bench.pass(10_000);
    bench.elapse();
    told.extend(bench.said());
    let samples: u64 = told
        .iter()
        .map(|said| {
            let UaSaid::ValuesLost { parameter: 0, samples } = said else { panic!("{said:?}") };
            *samples
        })
        .sum();
    assert_eq!(samples, 100, "none is left out of the count");
    assert!((10..=12).contains(&told.len()), "{} events", told.len());
    println!("queues: 100 samples, {} events", told.len());
}

// Req: LAW-02, UA-03
#[test]
fn a_source_time_that_stands_still_is_frozen_where_the_profile_says_so() {
    let advancing = PROFILE.replace("[opcua]", "[opcua]\nsource_time_advances = true");
    for (profile, expected) in
        [(PROFILE, Quality::Good), (advancing.as_str(), Quality::Bad(Cause::Frozen))]
    {
        let mut bench = Bench::with(profile);
        bench.input(UaInput::Up { session: "s".to_owned() });
        let first = bench.read(vec![temperature(37.0, 0), count(5, 0)]);
        assert_eq!(qualities(&first), [Quality::Good, Quality::Good]);
        bench.pass(CHECK_MS);
        let readings = bench.read(vec![temperature(37.0, 0), count(5, 1)]);
        assert_eq!(qualities(&readings), [expected, Quality::Good]);
        bench.pass(CHECK_MS);
        let readings = bench.read(vec![temperature(37.0, 2), count(5, 2)]);
        assert_eq!(qualities(&readings), [Quality::Good, Quality::Good], "it moves again");
    }
    println!("source times: 2 cases");
}

// Req: LAW-01
#[test]
fn an_answer_that_is_not_whole_is_no_answer() {
    let mut bench = Bench::up();
    let wrong = [
        vec![],
        vec![temperature(37.0, 0)],
        vec![count(5, 0), temperature(37.0, 0)],
        vec![temperature(37.0, 0), count(5, 0), count(5, 0)],
    ];
    for samples in wrong.clone() {
        bench.pass(CHECK_MS);
        let readings = bench.read(samples);
        assert_eq!(qualities(&readings), [Quality::Bad(Cause::WrongReply); 2]);
    }
    bench.pass(CHECK_MS);
    let request = bench.asked();
    let readings = bench.input(UaInput::Read { request, outcome: Err(NoReply::Timeout) });
    assert_eq!(qualities(&readings), [Quality::Bad(Cause::Timeout); 2]);
    let counters = bench.device.counters();
    assert_eq!(counters.polls, counters.replies + counters.timeouts + counters.errors);
    println!("answers: {} cases", wrong.len() + 1);
}

// Req: LAW-02
#[test]
fn a_queue_that_is_emptied_at_once_changes_at_the_pace_of_its_source_times() {
    let mut bench = Bench::subscribed();
    bench.pass(2_000);
    // Half a degree in half a second, five times: physics; that they come at once is the queue's doing.
    let queue = (1..=4u32)
        .map(|step| temperature(37.0 + 0.4 * f64::from(step), u64::from(step) * 500))
        .collect();
    let readings = bench.published(2_000, queue);
    assert_eq!(qualities(&readings), [Quality::Good; 4]);
    // Three degrees in a tenth of a second are not.
    bench.pass(1_000);
    let readings = bench.published(3_000, vec![temperature(39.0, 2_800), temperature(42.0, 2_900)]);
    assert_eq!(qualities(&readings), [Quality::Good, Quality::Bad(Cause::ImplausibleRate)]);
    println!("rates: 6 samples");
}
