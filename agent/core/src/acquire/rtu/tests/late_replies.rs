//! No reply is credited to a request that it does not answer, whatever happens to bytes on the way.
//! Req: LAW-01

use std::sync::atomic::{AtomicU64, Ordering};

use cellwatch_config::profile::{ModbusRules, Table};
use cellwatch_model::Mono;
use proptest::prelude::*;

use super::super::*;
use super::channel::{Fate, Wire, fate, with_crc};
use crate::door::{NoReply, Read};

/// One request, as the test makes it.
#[derive(Clone, Debug)]
struct Step {
    unit: u8,
    table: Table,
    address: u16,
    count: u16,
    /// A register more is read after a failure.
    has_room: bool,
    /// After the outcome before, milliseconds.
    pause_ms: u64,
    fate: Fate,
}

fn step() -> impl Strategy<Value = Step> {
    let table = prop_oneof![3 => Just(Table::Holding), 1 => Just(Table::Input)];
    // Few units, addresses and counts: most requests look alike.
    (1u8..=2, table, 0u16..=3, 1u16..=2, any::<bool>(), prop_oneof![Just(0u64), 0u64..300], fate())
        .prop_map(|(unit, table, address, count, has_room, pause_ms, fate)| Step {
            unit,
            table,
            address,
            count,
            has_room,
            pause_ms,
            fate,
        })
}

/// A register tells its address, and how many requests the device had got when it answered.
fn word(address: u16, generation: u16) -> u16 {
    generation << 4 | address
}

fn answer(request: &[u8], generation: u16, refuses: bool) -> Vec<u8> {
    assert_eq!(with_crc(request[..6].to_vec()), request, "what goes out is a frame");
    if refuses {
        // The code tells the generation as well as it can.
        return with_crc(vec![request[0], request[1] | 0x80, exception(generation)]);
    }
    let address = u16::from_be_bytes([request[2], request[3]]);
    let count = u16::from_be_bytes([request[4], request[5]]);
    let mut frame = vec![request[0], request[1], u8::try_from(count * 2).unwrap()];
    frame.extend((address..address + count).flat_map(|at| word(at, generation).to_be_bytes()));
    with_crc(frame)
}

fn exception(generation: u16) -> u8 {
    u8::try_from(generation % 250).unwrap() + 1
}

/// How long the devices of a unit take.
#[derive(Clone, Copy, Debug)]
struct Pace {
    timeout_ms: u64,
    max_lateness_ms: u64,
}

impl Pace {
    fn rules(self) -> ModbusRules {
        let Self { timeout_ms, max_lateness_ms } = self;
        ModbusRules {
            max_registers: 3,
            max_bits: 16,
            max_gap: 0,
            timeout_ms,
            max_lateness_ms,
            no_read: Vec::new(),
        }
    }
}

fn pace() -> impl Strategy<Value = Pace> {
    let timeout_ms = prop_oneof![Just(100u64), Just(1_000)];
    let max_lateness_ms = prop_oneof![Just(0u64), 1u64..50, Just(400), Just(3_000)];
    (timeout_ms, max_lateness_ms)
        .prop_map(|(timeout_ms, max_lateness_ms)| Pace { timeout_ms, max_lateness_ms })
}

/// The master's process ends while a request is open, and another one opens the line.
#[derive(Clone, Debug)]
struct Ending {
    /// The step at which it ends, modulo their number.
    step: usize,
    /// When, in 1/1000 of the time that is left until the timeout.
    part: u64,
    /// Until the next one is there, milliseconds.
    closed_ms: u64,
}

fn ending() -> impl Strategy<Value = Ending> {
    (any::<usize>(), 0u64..=1000, prop_oneof![Just(0u64), 0u64..200, 200u64..5_000])
        .prop_map(|(step, part, closed_ms)| Ending { step, part, closed_ms })
}

/// What a run came to.
#[derive(Debug, Default)]
struct Tally {
    good: u64,
    refused: u64,
    failed: u64,
    /// Damage that CRC-16 did not see: words that no device sent.
    unseen_damage: u64,
    /// Processes that ended while a request of theirs was open.
    ended: u64,
}

fn run(steps: &[Step], timing: Timing, paces: [Pace; 2], ending: &Ending) -> Tally {
    let mut now = Mono::default();
    let mut master = RtuMaster::new(timing, 0, now);
    let ends_at_step = ending.step % steps.len() + 1;
    let mut wire = Wire::default();
    let mut tally = Tally::default();
    let mut every_frame: Vec<Vec<u8>> = Vec::new();
    'steps: for (generation, step) in (1u16..).zip(steps) {
        let Step { unit, table, address, count, has_room, .. } = *step;
        let Pace { timeout_ms, max_lateness_ms } = paces[usize::from(unit - 1)];
        let read = Read { modbus_unit: unit, table, address: address + 1, count };
        let wide = Read { address, count: count + 1, ..read };
        let ask = Ask { read, instead: has_room.then_some(wide), timeout_ms, max_lateness_ms };
        // Bytes go on coming while nobody asks.
        let asked = now.plus_ms(step.pause_ms);
        while let Some(at) = wire.next_at().filter(|at| *at <= asked) {
            now = now.max(at);
            master.received(&wire.take().unwrap(), now);
        }
        now = asked;
        master.request(ask, now);
        let mut requests = 0;
        let mut ends_at = None;
        let outcome = loop {
            match master.poll_output() {
                Some(Output::Reply(outcome)) => break outcome,
                Some(Output::Send(bytes)) => {
                    requests += 1;
                    let deadline = master.deadline().unwrap();
                    let bound = deadline.plus_ms(max_lateness_ms);
                    if usize::from(generation) == ends_at_step {
                        ends_at = Some(Mono(now.0 + (deadline.0 - now.0) / 1000 * ending.part));
                    }
                    if !step.fate.silent {
                        let frame = answer(&bytes, generation, step.fate.refuses);
                        wire.answer(&frame, &step.fate, now, bound);
                        every_frame.push(frame);
                    }
                    continue;
                }
                None => {}
            }
            let due = master.deadline().expect("an open request has a deadline");
            let comes = wire.next_at();
            if let Some(at) =
                ends_at.filter(|at| *at <= due && comes.is_none_or(|comes| *at < comes))
            {
                now = now.max(at).plus_ms(ending.closed_ms);
                let former_ms = timing.reply_within_ms(&paces.map(Pace::rules));
                master = RtuMaster::new(timing, former_ms, now);
                master.opened(now);
                tally.ended += 1;
                continue 'steps;
            }
            match wire.next_at().filter(|at| *at <= due) {
                Some(at) => {
                    now = now.max(at);
                    master.received(&wire.take().unwrap(), now);
                }
                None => {
                    now = now.max(due);
                    master.elapse(now);
                }
            }
        };
        assert!(requests <= 1, "one frame for a request");
        assert!(master.poll_output().is_none(), "one outcome for a request");
        match outcome {
            Ok(words) => {
                let own: Vec<u16> =
                    (read.address..read.address + count).map(|at| word(at, generation)).collect();
                if words == own {
                    tally.good += 1;
                } else {
                    // It fits the request in everything that a frame says: was it ever a device's answer?
                    let sent = |frame: &&Vec<u8>| {
                        let data: Vec<u8> =
                            words.iter().flat_map(|word| word.to_be_bytes()).collect();
                        frame.windows(data.len()).any(|window| window == data)
                    };
                    let whose = every_frame.iter().find(sent);
                    assert!(
                        whose.is_none(),
                        "request {generation} {read:?} got {words:x?} of {whose:x?}"
                    );
                    tally.unseen_damage += 1;
                }
            }
            Err(NoReply::Exception(code)) => {
                let own = step.fate.refuses && code == exception(generation);
                assert!(
                    own || code == 0 || !(1..=steps.len()).contains(&usize::from(code - 1)),
                    "request {generation} got the exception {code} of another"
                );
                tally.refused += u64::from(own);
                tally.unseen_damage += u64::from(!own);
            }
            Err(NoReply::Timeout | NoReply::Wrong(_)) => tally.failed += 1,
            Err(NoReply::NotConnected(why)) => panic!("{why}"),
        }
    }
    tally
}

#[test]
fn no_reply_is_credited_to_another_request() {
    static GOOD: AtomicU64 = AtomicU64::new(0);
    static REFUSED: AtomicU64 = AtomicU64::new(0);
    static FAILED: AtomicU64 = AtomicU64::new(0);
    static UNSEEN: AtomicU64 = AtomicU64::new(0);
    static ENDED: AtomicU64 = AtomicU64::new(0);
    const CASES: u32 = 4_000;
    let strategy = (
        prop::collection::vec(step(), 1..40),
        prop_oneof![
            Just(Timing::serial(9_600, 0)),
            Just(Timing::serial(115_200, 16)),
            Just(Timing::tunnelled(0))
        ],
        [pace(), pace()],
        ending(),
    );
    let config =
        ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&strategy, |(steps, timing, paces, ending)| {
            let tally = run(&steps, timing, paces, &ending);
            GOOD.fetch_add(tally.good, Ordering::Relaxed);
            REFUSED.fetch_add(tally.refused, Ordering::Relaxed);
            FAILED.fetch_add(tally.failed, Ordering::Relaxed);
            UNSEEN.fetch_add(tally.unseen_damage, Ordering::Relaxed);
            ENDED.fetch_add(tally.ended, Ordering::Relaxed);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let [good, refused, failed, unseen, ended] =
        [&GOOD, &REFUSED, &FAILED, &UNSEEN, &ENDED].map(|count| count.load(Ordering::Relaxed));
    assert!(good > 10_000 && failed > 10_000, "the test tries both: {good} good, {failed} failed");
    assert!(ended > 1_000, "processes end while they wait: {ended}");
    assert!(unseen < 20, "CRC-16 misses one in 65536: {unseen}");
    println!(
        "rtu property: {CASES} cases, {good} good replies, {refused} exceptions, {failed} failures, {ended} processes ended, {unseen} damaged beyond CRC"
    );
}
