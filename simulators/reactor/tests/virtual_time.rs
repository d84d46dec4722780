//! The reactor without sockets, in virtual time, against the project's own profile and Master File.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use cellwatch_config::profile::Table;
use cellwatch_config::{master_file, profile};
use cellwatch_model::LimitKind;
use cellwatch_reactor::culture::{Parameters, StartState};
use cellwatch_reactor::face::decode_number;
use cellwatch_reactor::reactor::{Reactor, Reply, Setup};

const PROFILE: &str = include_str!("../../../config/examples/profiles/rocking-bag-25.toml");
const MASTER_FILE: &str = include_str!("../../../config/examples/master-file.toml");

fn reactor(seed: u64) -> Reactor {
    let profile = profile::parse("rocking-bag-25.toml", PROFILE).unwrap();
    let parameters = Parameters::parse("parameters.toml", Parameters::EXAMPLE).unwrap();
    let serial = "RB25-0001".to_owned();
    Reactor::new(Setup { profile, parameters, seed, serial, start: StartState::Warmed }).unwrap()
}

fn pdu(reply: Reply) -> Vec<u8> {
    match reply {
        Reply::Send { pdu, .. } => pdu,
        Reply::Silent => panic!("no answer"),
    }
}

/// A healthy run stays within every limit of the Master File, minutes after each change of phase.
#[test]
fn a_healthy_run_raises_no_alarm() {
    let master_file = master_file::parse("master-file.toml", MASTER_FILE.as_bytes()).unwrap();
    let cases: usize = (1..=4).map(|seed| judged_good(&master_file, reactor(seed))).sum();
    println!("cases: {cases}");
}

fn judged_good(master_file: &master_file::MasterFile, mut reactor: Reactor) -> usize {
    let parameters = reactor.face().profile().parameters.clone();
    let mut cases = 0;
    reactor.set_speed(600.0);
    while reactor.culture().phase() != "harvest" {
        reactor.advance(Duration::from_secs(1));
        if reactor.culture().phase_h() < 0.2 {
            continue;
        }
        let phase = reactor.culture().phase().to_owned();
        let judged = master_file
            .alarms
            .iter()
            .filter(|alarm| alarm.phases.is_empty() || alarm.phases.contains(&phase));
        for alarm in judged {
            let parameter = parameters.iter().find(|one| one.name == alarm.parameter).unwrap();
            let shown = decode_number(parameter, reactor.image().words(parameter)).unwrap();
            let beyond = match alarm.kind {
                LimitKind::High | LimitKind::HighHigh => shown > alarm.limit,
                LimitKind::Low | LimitKind::LowLow => shown < alarm.limit,
                LimitKind::Instrument
                | LimitKind::Agent
                | LimitKind::Deviation
                | LimitKind::Rate
                | LimitKind::Discrete
                | LimitKind::Communication
                | LimitKind::Phase => false,
            };
            let age_h = reactor.culture().age_h();
            assert!(!beyond, "{} at {age_h} h in {phase}: {shown}", alarm.id);
            cases += 1;
        }
    }
    cases
}

#[test]
fn a_request_is_answered_from_one_moment_and_device_time_beats_the_heart() {
    let mut reactor = reactor(2);
    let heartbeat = |reactor: &mut Reactor| pdu(reactor.answer(&[4, 0, 0, 0, 1]));
    assert_eq!(heartbeat(&mut reactor), [4, 2, 0, 1]);
    for factor in [1.0, 600.0, 0.01] {
        assert!(reactor.set_speed(factor));
        let before = heartbeat(&mut reactor)[3];
        reactor.advance(Duration::from_secs(2));
        assert_eq!(heartbeat(&mut reactor)[3], before + 2, "at speed {factor}");
    }
    let whole = pdu(reactor.answer(&[4, 0, 0, 0, 48]));
    let image = reactor.image().table(Table::Input).to_vec();
    let words: Vec<u16> =
        whole[2..].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    assert_eq!(words, image);
    println!("cases: 5");
}

#[test]
fn the_same_seed_gives_the_same_registers() {
    let run = |seed| {
        let mut reactor = reactor(seed);
        reactor.set_speed(60.0);
        reactor.advance(Duration::from_secs(3600));
        reactor.image().clone()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}
