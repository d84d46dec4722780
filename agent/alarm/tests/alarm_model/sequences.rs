//! Random sequences, step by step through engine and reference.

use std::collections::BTreeSet;

use cellwatch_alarm::{Condition, Direction, Edge, Limit, Policy, Regions, Shelving, State, Step};

use crate::chance::Chance;
use crate::reference::{Event, FlatAlarm, FullHistory, Letter, Rules};

const STEPS: u64 = 48;
const EVENTS: [Event; 10] = [
    Event::Acknowledge,
    Event::Reset,
    Event::ReAlarm,
    Event::ShelveOnce,
    Event::ShelveTimed,
    Event::Unshelve,
    Event::Suppress,
    Event::Unsuppress,
    Event::TakeOut,
    Event::Return,
];

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) rises: u64,
    pub(crate) falls: u64,
    pub(crate) refusals: u64,
    pub(crate) states: BTreeSet<State>,
}

pub(crate) const fn letter(state: State) -> Letter {
    match state {
        State::Normal => Letter::A,
        State::Unacknowledged => Letter::B,
        State::Acknowledged => Letter::C,
        State::ReturnedUnacknowledged => Letter::D,
        State::LatchedUnacknowledged => Letter::E,
        State::LatchedAcknowledged => Letter::F,
        State::Shelved => Letter::G,
        State::SuppressedByDesign => Letter::H,
        State::OutOfService => Letter::I,
    }
}

pub(crate) const fn step(event: Event, until_ms: u64) -> Step {
    match event {
        Event::True => Step::Rise,
        Event::False => Step::Fall,
        Event::Acknowledge => Step::Acknowledge,
        Event::Reset => Step::Reset,
        Event::ReAlarm => Step::ReAlarm,
        Event::ShelveOnce => Step::Shelve(Shelving::OneShot { until_ms }),
        Event::ShelveTimed => Step::Shelve(Shelving::Timed { until_ms }),
        Event::Unshelve => Step::Unshelve,
        Event::Suppress => Step::Suppress,
        Event::Unsuppress => Step::Unsuppress,
        Event::TakeOut => Step::TakeOutOfService,
        Event::Return => Step::ReturnToService,
    }
}

/// Engine and reference side by side.
struct Pair {
    limit: Limit,
    policy: Policy,
    condition: Condition,
    regions: Regions,
    history: FullHistory,
    flat: FlatAlarm,
    now: u64,
}

impl Pair {
    fn new(chance: &mut Chance) -> Self {
        let high = chance.one_in(2);
        let deadband = chance.below(3);
        let (on_ms, off_ms) = (chance.of_list(&[0, 1, 5, 20]), chance.of_list(&[0, 1, 5, 20]));
        let rules = Rules { latching: chance.one_in(2), ack_required: !chance.one_in(3) };
        let limit = Limit {
            direction: if high { Direction::High } else { Direction::Low },
            limit: 100.0,
            deadband: [0.0, 1.0, 2.0][usize::try_from(deadband).expect("small")],
            on_delay_ms: on_ms,
            off_delay_ms: off_ms,
        };
        let deadband = i64::try_from(deadband).expect("small");
        Self {
            limit,
            policy: Policy { latching: rules.latching, ack_required: rules.ack_required },
            condition: Condition::default(),
            regions: Regions::default(),
            history: FullHistory::new(high, 100, deadband, on_ms, off_ms),
            flat: FlatAlarm::new(rules),
            now: 0,
        }
    }

    fn edges(
        &mut self,
        engine: Option<Edge>,
        reference: Option<(bool, u64)>,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let as_pair = engine.map(|edge| match edge {
            Edge::Rose { at_ms } => (true, at_ms),
            Edge::Fell { at_ms } => (false, at_ms),
        });
        if as_pair != reference {
            return Err(format!("the engine says {engine:?}, the reference {reference:?}"));
        }
        let Some((rose, _)) = reference else { return Ok(()) };
        tally.rises += u64::from(rose);
        tally.falls += u64::from(!rose);
        self.happen(if rose { Event::True } else { Event::False }, tally)
    }

    fn happen(&mut self, event: Event, tally: &mut Tally) -> Result<(), String> {
        let before = self.regions;
        let done = self.regions.take(step(event, self.now + 9), self.policy);
        let expected = self.flat.happen(event);
        tally.refusals += u64::from(!done);
        if done != expected {
            return Err(format!("{event:?} from {before:?}: {done}, by the table {expected}"));
        }
        if !done && self.regions != before {
            return Err(format!("{event:?} was refused and changed {before:?}"));
        }
        Ok(())
    }

    fn time(&mut self, tally: &mut Tally) -> Result<(), String> {
        let engine = self.condition.elapse(&self.limit, self.now);
        let reference = self.history.pass(self.now);
        self.edges(engine, reference, tally)
    }

    fn read(&mut self, value: Option<i64>, tally: &mut Tally) -> Result<(), String> {
        self.time(tally)?;
        let engine = match value {
            Some(value) => {
                let value = f64::from(i32::try_from(value).expect("small"));
                self.condition.reading(&self.limit, value, self.now)
            }
            None => {
                self.condition.no_value();
                None
            }
        };
        let reference = self.history.read(self.now, value);
        self.edges(engine, reference, tally)
    }

    fn compare(&self) -> Result<(), String> {
        let (engine, reference) = (letter(self.regions.state()), self.flat.letter());
        if engine != reference {
            return Err(format!("{:?} is {engine:?}, by the table {reference:?}", self.regions));
        }
        let same_condition = self.condition.is_active() == self.history.active
            && self.regions.active == self.history.active
            && self.condition.due_ms(&self.limit) == self.history.due();
        if !same_condition {
            return Err(format!("{:?}, {:?}", self.condition, self.history));
        }
        if self.regions.is_annunciated() == self.flat.is_hidden() {
            return Err(format!("{:?} is hidden: {}", self.regions, self.flat.is_hidden()));
        }
        let kept = Regions::from_bits(self.regions.bits(), self.regions.until_ms().unwrap_or(0));
        if kept != Some(self.regions) {
            return Err(format!("{:?} is kept as {kept:?}", self.regions));
        }
        Ok(())
    }
}

/// One sequence; what went otherwise, with the steps up to there.
pub(crate) fn run(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let mut chance = Chance::of(seed);
    let mut pair = Pair::new(&mut chance);
    let mut said = Vec::new();
    let mut value = 100;
    for _ in 0..STEPS {
        pair.now += chance.of_list(&[0, 1, 1, 2, 4, 5, 20]);
        let outcome = match chance.below(8) {
            0 => {
                said.push(format!("{} ms passes", pair.now));
                pair.time(tally)
            }
            1 => {
                said.push(format!("{} ms nothing", pair.now));
                pair.read(None, tally)
            }
            2..=4 => {
                // Mostly near the limit; often where it was.
                if !chance.one_in(3) {
                    value = 96 + i64::try_from(chance.below(9)).expect("small");
                }
                said.push(format!("{} ms reads {value}", pair.now));
                pair.read(Some(value), tally)
            }
            _ => {
                let event = chance.of_list(&EVENTS);
                said.push(format!("{} ms {event:?}", pair.now));
                pair.time(tally).and_then(|()| pair.happen(event, tally))
            }
        };
        outcome.and_then(|()| pair.compare()).map_err(|why| {
            format!("{why}\n{:?}\n{:?}\n{}", pair.limit, pair.policy, said.join("\n"))
        })?;
        tally.steps += 1;
        tally.states.insert(pair.regions.state());
    }
    Ok(())
}
