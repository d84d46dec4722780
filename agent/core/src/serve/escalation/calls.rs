//! Alarms that call and that nobody has acknowledged: which route is to be told when.

use std::collections::{BTreeMap, BTreeSet};

use cellwatch_config::master_file::Route;
use cellwatch_model::{Mono, Priority};

use super::{Item, Stage};

/// An alarm: unit, none for the agent's own, and id.
pub(super) type Key = (Option<String>, String);
/// What a route was told of an alarm: excursion, route, why.
pub(super) type Told = (u32, String, Stage);

/// An alarm that calls.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What a message says; its stage is filled in.
    pub(crate) item: Item,
    /// When it called.
    pub(crate) called: Mono,
    /// Time to respond, milliseconds, where the Master File says so.
    pub(crate) time_to_respond_ms: Option<u64>,
}

impl Call {
    pub(super) fn key(&self) -> Key {
        (self.item.unit.clone(), self.item.alarm.clone())
    }

    fn priority(&self) -> Priority {
        self.item.priority
    }

    /// Why and when a route is to be told.
    fn dues(&self, route: &Route) -> impl Iterator<Item = (Stage, Mono)> {
        let first = self.called.plus_ms(route.escalate_after_ms.unwrap_or(0));
        let unanswered = self.time_to_respond_ms.map(|ms| self.called.plus_ms(ms));
        let unanswered = unanswered.filter(|due| *due > first).map(|due| (Stage::Unanswered, due));
        [Some((Stage::Called, first)), unanswered].into_iter().flatten()
    }
}

/// Every alarm that calls, and what routes were told.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: BTreeMap<Key, Call>,
    pub(super) told: BTreeMap<Key, BTreeSet<Told>>,
}

impl Calls {
    /// It calls, or goes on to; `again` where it calls anew.
    pub(super) fn calls(&mut self, call: Call, again: bool) {
        let key = call.key();
        if again {
            self.told.remove(&key);
        }
        match self.open.get_mut(&key) {
            // What was said of it when it called stays; only the value is newer.
            Some(known) if !again => known.item.value = call.item.value.or(known.item.value),
            Some(_) | None => {
                self.open.insert(key, call);
            }
        }
    }

    /// It no longer calls: acknowledged, put aside or closed. What was told is kept until it calls anew.
    pub(super) fn ends(&mut self, key: &Key) {
        self.open.remove(key);
    }

    fn untold<'a>(
        &'a self,
        routes: &'a [Route],
    ) -> impl Iterator<Item = (&'a Call, &'a Route, Stage, Mono)> {
        let pairs =
            self.open.values().flat_map(move |call| routes.iter().map(move |one| (call, one)));
        let wanted = pairs.filter(|(call, route)| route.priorities.contains(&call.priority()));
        let dues = wanted.flat_map(|(call, route)| {
            call.dues(route).map(move |(stage, due)| (call, route, stage, due))
        });
        dues.filter(|(call, route, stage, _)| !self.is_told(call, route, *stage))
    }

    fn is_told(&self, call: &Call, route: &Route, stage: Stage) -> bool {
        let told = (call.item.occurrence, route.name.clone(), stage);
        self.told.get(&call.key()).is_some_and(|all| all.contains(&told))
    }

    /// When a route is to be told next.
    pub(super) fn next_due(&self, routes: &[Route]) -> Option<Mono> {
        self.untold(routes).map(|(.., due)| due).min()
    }

    /// What routes are to be told now: each once.
    pub(super) fn take_due(&mut self, routes: &[Route], now: Mono) -> Vec<(String, Item)> {
        let due: Vec<(String, Item)> = self
            .untold(routes)
            .filter(|(.., due)| *due <= now)
            .map(|(call, route, stage, _)| {
                (route.name.clone(), Item { stage, ..call.item.clone() })
            })
            .collect();
        for (route, item) in &due {
            self.tell(route, item);
        }
        due
    }

    /// A route was told.
    pub(super) fn tell(&mut self, route: &str, item: &Item) {
        let key = (item.unit.clone(), item.alarm.clone());
        let told = self.told.entry(key).or_default();
        // Of earlier excursions nothing is due any more.
        told.retain(|(occurrence, ..)| *occurrence == item.occurrence);
        told.insert((item.occurrence, route.to_owned(), item.stage));
    }
}
