//! From alarms that call to messages.

use std::collections::BTreeMap;

use cellwatch_config::master_file::Route;
use cellwatch_model::Mono;

use super::calls::Calls;
use super::queue::{Failed, Queue};
use super::{Call, Item, Notification};

/// What comes within so long of each other goes out together, milliseconds.
pub(super) const GATHER_MS: u64 = 5_000;
/// A route is sent a message at most this often, milliseconds.
pub(super) const SPACING_MS: u64 = 60_000;
/// Alarms that a message lists; more are counted.
pub(super) const ITEMS_MAX: usize = 20;

/// Something for the record, or to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// A message is to be sent from now on; these alarms of it are not listed.
    Queued(Notification, Vec<Item>),
    /// Send it.
    Attempt(Notification),
    /// The server took it.
    Sent(Notification),
    /// The server did not take it, for this reason.
    Failed(Notification, String),
    /// It was given up, for this reason.
    GivenUp(Notification, String),
}

/// What is gathered for a route.
#[derive(Debug)]
struct Gathered {
    due: Mono,
    items: Vec<Item>,
}

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Escalation {
    pub(super) routes: Vec<Route>,
    pub(super) calls: Calls,
    gathered: BTreeMap<String, Gathered>,
    /// Not before this a route is sent another message.
    spaced: BTreeMap<String, Mono>,
    pub(super) queue: Queue,
    pub(super) last_id: u64,
    /// When a route is to be told next: worked out when calls or routes change, not at each input.
    call_due: Option<Mono>,
}

impl Escalation {
    /// The routes of the Master File in force.
    pub(crate) fn routes(&mut self, routes: &[Route]) {
        self.routes = routes.to_vec();
        self.gathered.retain(|name, _| routes.iter().any(|route| route.name == *name));
        self.call_due = self.calls.next_due(&self.routes);
    }

    /// An alarm calls, or goes on to; `again` where it calls anew.
    pub(crate) fn calls(&mut self, call: Call, again: bool) {
        if !self.routes.is_empty() {
            self.calls.calls(call, again);
            self.call_due = self.calls.next_due(&self.routes);
        }
    }

    /// An alarm no longer calls: nobody needs to come for it who was not yet told.
    pub(crate) fn ends(&mut self, unit: Option<&str>, alarm: &str) {
        self.calls.ends(&(unit.map(str::to_owned), alarm.to_owned()));
        for gathered in self.gathered.values_mut() {
            gathered.items.retain(|item| item.unit.as_deref() != unit || item.alarm != alarm);
        }
        self.gathered.retain(|_, gathered| !gathered.items.is_empty());
        self.call_due = self.calls.next_due(&self.routes);
    }

    /// A message that only tests a route.
    pub(crate) fn test(&mut self, route: &str, now: Mono) -> Result<Vec<Said>, String> {
        let Some(route) = self.routes.iter().find(|one| one.name == route) else {
            let known: Vec<&str> = self.routes.iter().map(|one| one.name.as_str()).collect();
            return Err(if known.is_empty() {
                "the Master File in force has no [[route]]".to_owned()
            } else {
                format!("there is no route {route}; there are: {}", known.join(", "))
            });
        };
        let (name, to) = (route.name.clone(), route.to.clone());
        Ok(self.send(name, to, Vec::new(), now))
    }

    /// When [`Self::elapse`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        let gathered = self.gathered.values().map(|one| one.due).min();
        let due = [self.call_due, gathered, self.queue.next_due()];
        due.into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn elapse(&mut self, now: Mono) -> Vec<Said> {
        for (route, item) in self.calls.take_due(&self.routes, now) {
            let not_before = self.spaced.get(&route).copied().unwrap_or_default();
            let due = now.plus_ms(GATHER_MS).max(not_before);
            let gathered =
                self.gathered.entry(route).or_insert_with(|| Gathered { due, items: Vec::new() });
            gathered.items.push(item);
        }
        self.call_due = self.calls.next_due(&self.routes);
        let mut said = Vec::new();
        while let Some(entry) = self.gathered.first_entry_due(now) {
            let (name, mut gathered) = entry;
            let Some(route) = self.routes.iter().find(|one| one.name == name) else { continue };
            let to = route.to.clone();
            gathered.items.sort_by_key(|item| (item.priority, item.since, item.alarm.clone()));
            self.spaced.insert(name.clone(), now.plus_ms(SPACING_MS));
            said.extend(self.send(name, to, gathered.items, now));
        }
        while let Some(message) = self.queue.take_due(now) {
            said.push(Said::Attempt(message));
        }
        said
    }

    fn send(
        &mut self,
        route: String,
        to: Vec<String>,
        mut items: Vec<Item>,
        now: Mono,
    ) -> Vec<Said> {
        let left_out = items.split_off(items.len().min(ITEMS_MAX));
        self.last_id += 1;
        let id = self.last_id;
        let message =
            Notification { id, route, to, items, left_out: left_out.len() as u64, attempt: 0 };
        let over = self.queue.push(message.clone(), now);
        let over = over.map(|over| Said::GivenUp(over, "too many messages wait".to_owned()));
        over.into_iter().chain([Said::Queued(message, left_out)]).collect()
    }

    /// What became of an attempt.
    pub(crate) fn notified(
        &mut self,
        id: u64,
        outcome: Result<(), String>,
        now: Mono,
    ) -> Option<Said> {
        match outcome {
            Ok(()) => self.queue.sent(id).map(Said::Sent),
            Err(reason) => match self.queue.failed(id, now)? {
                (message, Failed::Again) => Some(Said::Failed(message, reason)),
                (message, Failed::GivenUp) => Some(Said::GivenUp(message, reason)),
            },
        }
    }

    /// True while the server has not taken something that was tried.
    pub(crate) fn is_failing(&self) -> bool {
        self.queue.is_failing()
    }
}

/// Takes the first entry that is due.
trait Due {
    fn first_entry_due(&mut self, now: Mono) -> Option<(String, Gathered)>;
}

impl Due for BTreeMap<String, Gathered> {
    fn first_entry_due(&mut self, now: Mono) -> Option<(String, Gathered)> {
        let name = self.iter().find(|(_, one)| one.due <= now).map(|(name, _)| name.clone())?;
        self.remove_entry(&name)
    }
}
