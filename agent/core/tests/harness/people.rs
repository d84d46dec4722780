//! People at the site.

use cellwatch_core::door::{Asked, Input, OperatorAction};
use cellwatch_core::evaluate::Role;
use cellwatch_record::{Body, Person};

use super::Site;

pub fn person(role: Role, number: u8) -> Person {
    Person { name: format!("{role}-{number}"), role: role.to_string() }
}

impl Site {
    /// A person asks for something; gives the refusal as it stands on record.
    pub fn ask(&mut self, person: &Person, what: Asked, comment: &str) -> Option<String> {
        let (person, comment) = (person.clone(), comment.to_owned());
        self.input(Input::Operator(OperatorAction {
            person,
            what,
            comment,
            confirmed: true.into(),
        }));
        self.run(10);
        let last = self.records().into_iter().rev().find_map(|record| match record.body {
            Body::Action(action) => Some(action.refusal),
            _ => None,
        });
        last.expect("each attempt is on record")
    }

    /// Alarms of units as words: alarm and transition.
    pub fn said(&self) -> Vec<String> {
        let units = self.alarms().into_iter().filter(|(unit, ..)| !unit.is_empty());
        units.map(|(_, alarm, transition, _)| format!("{alarm} {transition}")).collect()
    }

    /// The agent's own alarms as words.
    pub fn agent_said(&self) -> Vec<String> {
        let own = self.alarms().into_iter().filter(|(unit, ..)| unit.is_empty());
        own.map(|(_, alarm, transition, _)| format!("{alarm} {transition}")).collect()
    }
}
