//! `[[route]]` of a Master File: whom alarms are sent to beyond the room.

use cellwatch_model::Priority;

use super::{Route, RouteKind};
use crate::reader::{Section, Value, Word};
use crate::site::{NAME, name_ok};
use crate::{E_MAIL, is_e_mail};

impl Word for RouteKind {
    const WORDS: &'static [(&'static str, Self)] = &[("e-mail", Self::EMail)];
}

/// Longest wait for an acknowledgement before somebody else is called, seconds: a day.
const LONGEST_ESCALATION_S: f64 = 86_400.0;

pub(super) fn routes(root: &Section<'_>) -> Option<Vec<Route>> {
    let routes: Vec<Option<Route>> = root.tables("route", "name").iter().map(route).collect();
    routes.into_iter().collect()
}

fn route(section: &Section<'_>) -> Option<Route> {
    let name = section.must("name", |name| name.name(NAME, name_ok));
    let kind = section.must("kind", Value::word);
    let to = section.must("to", |to| {
        let address = |one: &Value<'_>| one.name(E_MAIL, is_e_mail);
        filled(to, to.set(address)?, "name at least one person")
    });
    let priorities = section.must("priorities", |list| {
        let priorities: Vec<Priority> = list.set(Value::word)?;
        filled(list, priorities, "nothing would ever be sent; name at least one priority")
    });
    let escalate_after_ms = section
        .maybe("escalate_after_s", |time| time.duration_ms(1000, 1.0..=LONGEST_ESCALATION_S));
    section.finish();
    Some(Route {
        name: name?,
        kind: kind?,
        to: to?,
        priorities: priorities?,
        escalate_after_ms: escalate_after_ms?,
    })
}

fn filled<T>(value: &Value<'_>, list: Vec<T>, mend: &str) -> Option<Vec<T>> {
    if list.is_empty() {
        return value.problem(format!("is empty: {mend}"));
    }
    Some(list)
}
