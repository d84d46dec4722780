//! Between the core and the adapters: hands events in and outputs out, and decides nothing.

mod ending;
mod inputs;
mod keys;
mod outputs;
mod said;

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_core::Agent;
use cellwatch_core::door::{Input, RosterOffer, Start};
use cellwatch_core::serve::escalation::Notification;
use cellwatch_model::{Mono, Now};
use cellwatch_record::Hash;
use tokio::sync::mpsc;

pub(in crate::run) use keys::Keys;

use super::Event;
use super::answering::Answering;
use super::sessions::Sessions;
use crate::annunciator;
use crate::broker::{self, Publisher};
use crate::clock::Clocks;
use crate::installation::Installation;
use crate::journal::{FormerFolder, Reader, Writer};
use crate::modbus::Ask;
use crate::offers::Offers;
use crate::page::PageHandle;
use crate::people::{Loop, People};
use crate::state::{AcceptedMasterFile, Keeper};

/// Who this is.
#[derive(Clone, Debug)]
pub(in crate::run) struct Identity {
    pub(in crate::run) site: String,
    pub(in crate::run) agent: String,
}

/// Everything outside.
#[derive(Debug)]
pub(in crate::run) struct Adapters {
    pub(in crate::run) installation: Arc<Installation>,
    pub(in crate::run) lines: Vec<mpsc::Sender<Ask>>,
    pub(in crate::run) sessions: Sessions,
    pub(in crate::run) annunciators: Vec<(mpsc::Sender<Vec<bool>>, annunciator::Ending)>,
    pub(in crate::run) mail: mpsc::Sender<Notification>,
    pub(in crate::run) writer: Writer,
    pub(in crate::run) reader: Reader,
    /// Journals that were set aside.
    pub(in crate::run) set_aside: Vec<FormerFolder>,
    pub(in crate::run) keeper: Keeper,
    pub(in crate::run) broker: broker::Handle,
    pub(in crate::run) people: People,
    pub(in crate::run) acts: Loop,
    /// Shows views; and where the page is served.
    pub(in crate::run) page: Option<PageHandle>,
    pub(in crate::run) events: mpsc::Sender<Event>,
}

/// The core and what is around it.
#[derive(Debug)]
pub(in crate::run) struct Shell {
    agent: Agent,
    identity: Identity,
    clocks: Clocks,
    adapters: Adapters,
    offers: Offers,
    keys: Keys,
    answering: Answering,
    start: Start,
    /// Takes publishes while the broker is up.
    publisher: Option<Publisher>,
    handed: u64,
    acknowledged: u64,
    published: u64,
    appended_seq: u64,
    durable_seq: u64,
    receipt_through: u64,
    /// What came from the Control Site while the clock could not be trusted, by topic: it is judged again.
    untimely: BTreeMap<String, Vec<u8>>,
    /// True when the next start will know of this journal although it were lost.
    journal_kept: bool,
    began: Mono,
    /// To be said when polling begins.
    json_ready: bool,
    stop_asked: bool,
    /// True if another journal is to be begun.
    again: bool,
    /// The receipt that agreed with the journal last.
    compared: Option<(u64, Hash)>,
    /// Since when the core has nothing more to say.
    stopped: Option<Mono>,
    /// Since when, in addition, everything is on disk.
    all_durable: Option<Mono>,
    failed: Option<String>,
}

impl Shell {
    pub(in crate::run) fn new(
        agent: Agent,
        identity: Identity,
        clocks: Clocks,
        adapters: Adapters,
        offers: Offers,
        keys: Keys,
        start: &Start,
    ) -> Self {
        Self {
            agent,
            identity,
            adapters,
            offers,
            keys,
            answering: Answering::default(),
            publisher: None,
            handed: 0,
            acknowledged: 0,
            published: 0,
            appended_seq: start.head.seq,
            durable_seq: start.head.seq,
            receipt_through: start.receipt_through,
            untimely: BTreeMap::new(),
            journal_kept: false,
            began: clocks.now().mono,
            clocks,
            start: start.clone(),
            json_ready: false,
            stop_asked: false,
            again: false,
            compared: None,
            stopped: None,
            all_durable: None,
            failed: None,
        }
    }

    /// The same, and it says in JSON when polling begins.
    pub(in crate::run) fn saying_when_ready(self, json_ready: bool) -> Self {
        Self { json_ready, ..self }
    }

    /// The first inputs: the clock, the roster, the Master Files that judged or waited before, the one of
    /// the site file.
    pub(in crate::run) fn begin(
        &mut self,
        kept: Vec<AcceptedMasterFile>,
        roster: Option<RosterOffer>,
        waits_for_seals: bool,
    ) {
        self.drain();
        self.ask_clock();
        self.drain();
        self.begin_to_seal(waits_for_seals);
        self.drain();
        if let Some(roster) = roster {
            self.input(Input::Roster(roster));
            self.drain();
        }
        for kept in kept {
            let offer = self.offers.accepted_before(kept);
            self.input(Input::MasterFile(offer));
            self.drain();
        }
        self.offer_file();
        if self.adapters.lines.is_empty() {
            // Sessions are made before anything is asked.
            self.say_ready();
        }
    }

    /// True if it ends so that another journal can begin.
    pub(in crate::run) const fn begins_again(&self) -> bool {
        self.again
    }

    fn now(&self) -> Now {
        self.clocks.now()
    }

    fn input(&mut self, input: Input) {
        self.agent.handle(input, self.clocks.now());
    }
}
