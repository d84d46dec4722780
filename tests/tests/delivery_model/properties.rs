//! What must hold in every state.

use stateright::{Model, Property};

use super::state::{Delivery, Mutant, State};
use super::steps::{Step, possible};

pub const DURABLE_FIRST: &str = "nothing is sent before it is on disk";
pub const RECEIPT_AFTER_STORE: &str = "what the agent takes for received is stored";
pub const NEVER_FORKED: &str = "no record comes under the number of another";
pub const NEVER_TWICE: &str = "no record is accepted twice as new";
pub const RESUMES: &str = "after a crash the Control Site knows what it knew";
pub const RECEIPTS_TAKEN: &str = "no receipt of this journal is refused";
pub const WINDOW_KEPT: &str = "the window is kept";
pub const ACCOUNTED_FOR: &str = "the outbox accounts for every record on disk";
pub const CONVERGES: &str = "without more faults, every record on disk arrives";
pub const COMPLETE: &str = "after every fault, everything arrived";

/// Rounds of the fair continuation; a few suffice.
const ROUNDS_MAX: usize = 24;

impl Model for Delivery {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let begun = u8::try_from(self.records / 2).unwrap();
        vec![State::new(0, self.faults), State::new(begun, self.faults)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Step>) {
        actions.extend(possible(self, state));
    }

    fn next_state(&self, before: &State, step: Step) -> Option<State> {
        let mut state = before.clone();
        state.step(self.mutant, step);
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(DURABLE_FIRST, |_, state: &State| !state.sent_before_durable),
            Property::always(RECEIPT_AFTER_STORE, |_, state: &State| {
                state.outbox.through().max(state.kept) <= state.site.through()
            }),
            Property::always(NEVER_FORKED, |_, state: &State| !state.site.forked),
            Property::always(NEVER_TWICE, |_, state: &State| !state.site.accepted_twice),
            Property::always(RESUMES, |_, state: &State| !state.site.resumed_wrongly),
            Property::always(RECEIPTS_TAKEN, |_, state: &State| !state.receipt_refused),
            Property::always(WINDOW_KEPT, |_, state: &State| !state.window_exceeded),
            Property::always(ACCOUNTED_FOR, |_, state: &State| {
                (1..=state.disk.len() as u64).all(|seq| state.outbox.accounts_for(seq))
            }),
            Property::always(CONVERGES, |model: &Self, state: &State| {
                !is_quiet(state) || converges(state, model.mutant)
            }),
            Property::sometimes(COMPLETE, |model: &Self, state: &State| {
                let spent = State::new(0, state.faults).faults;
                let none_left = spent.forget
                    + spent.repeat
                    + spent.refuse
                    + spent.disconnect
                    + spent.silence
                    + spent.late_receipt
                    + spent.agent_crash
                    + spent.site_crash
                    + spent.unreadable
                    == 0;
                none_left && state.disk.len() == model.records && is_complete(state)
            }),
        ]
    }
}

/// Everything on disk is stored as it is on disk, and the agent knows.
fn is_complete(state: &State) -> bool {
    let on_disk = (1..).zip(&state.disk);
    state.site.stored.iter().map(|(seq, (made_by, _))| (*seq, made_by)).eq(on_disk)
        && state.outbox.through() == state.disk.len() as u64
}

/// True if nobody has anything to do but to wait. Every other state comes to such a one by steps that
/// the model takes too, without a fault and without time passing: asking these is asking all.
fn is_quiet(state: &State) -> bool {
    state.up
        && state.pending.is_empty()
        && state.fetching.is_none()
        && state.messages.is_empty()
        && state.site.inbox.is_empty()
}

/// The fair continuation: everybody does what is asked of them.
fn converges(state: &State, mutant: Mutant) -> bool {
    let mut state = state.clone();
    for _ in 0..ROUNDS_MAX {
        if !state.up {
            state.step(mutant, Step::Connect);
        }
        while !state.pending.is_empty() {
            state.step(mutant, Step::Commit);
        }
        if state.fetching.is_some() {
            state.step(mutant, Step::Fetched);
        }
        while let Some(index) = state.messages.iter().position(|one| one.to_deliver) {
            state.step(mutant, Step::Deliver(index));
        }
        while let Some(index) = state.messages.iter().position(|one| one.packet_id.is_some()) {
            state.step(mutant, Step::Acknowledge(index));
        }
        while !state.site.inbox.is_empty() {
            state.step(mutant, Step::Store(0));
        }
        state.step(mutant, Step::Receipt);
        if is_complete(&state) {
            return true;
        }
        state.step(mutant, Step::Elapse);
    }
    false
}
