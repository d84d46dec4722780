//! Results that people enter: cell counts, viability, off-line glucose and lactate.
//!
//! ```text
//!   entered ──second person wanted──▶ waits ──confirmed by another──▶ counts ──corrected──▶ waits or counts
//!          └──none wanted──────────────────────────────────────────▶ counts
//! ```
//! Each step is a record; a correction keeps the old value. Only what counts is judged.

use std::collections::BTreeMap;

use cellwatch_config::master_file::{Entry, MasterFile, Parameter};
use cellwatch_model::{Mono, Now, UnitOfMeasure, Utc};
use cellwatch_record::{EnteredResult, Person};

/// Results of a parameter that can still be confirmed or corrected; of older ones QA is told outside the agent.
const KEPT_MAX: usize = 16;

/// A result as a person enters it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewResult {
    /// The parameter of the Master File.
    pub parameter: String,
    /// The value.
    pub value: f64,
    /// Its unit of measure; must be the parameter's.
    pub unit: UnitOfMeasure,
    /// When the sample was taken; none where that was when it was entered.
    pub sampled: Option<Utc>,
}

/// The results of a unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    /// Oldest first.
    kept: Vec<EnteredResult>,
    /// By id: when it was entered first, where it was confirmed or corrected since.
    entered: BTreeMap<String, Mono>,
}

impl Results {
    /// As before a restart; `entered` tells when results were entered first.
    pub(crate) fn restore(&mut self, saved: Vec<EnteredResult>, entered: &BTreeMap<String, Mono>) {
        for result in saved {
            let first = entered.get(&result.id).filter(|first| **first != result.at);
            self.entered.extend(first.map(|first| (result.id.clone(), *first)));
            self.keep(result);
        }
    }

    /// When results were entered first that have changed since.
    pub(crate) fn save_entered(&self) -> BTreeMap<String, Mono> {
        self.entered.clone()
    }

    /// When the latest result of a parameter that counts was entered first: the next one is due after it, however often
    /// this one is confirmed or corrected.
    pub(crate) fn last_entered(&self, parameter: &str) -> Option<Mono> {
        let latest = self.latest(parameter)?;
        Some(self.entered.get(&latest.id).copied().unwrap_or(latest.at))
    }

    pub(crate) fn save(&self) -> impl Iterator<Item = &EnteredResult> {
        self.kept.iter()
    }

    /// The latest result of a parameter that counts.
    pub(crate) fn latest(&self, parameter: &str) -> Option<&EnteredResult> {
        let counts = |one: &&EnteredResult| one.parameter == parameter && one.counts;
        self.kept.iter().rev().find(counts)
    }

    /// Enters a result.
    pub(crate) fn enter(
        &mut self,
        unit: &str,
        file: &MasterFile,
        new: &NewResult,
        said: (&Person, &str),
        now: Now,
    ) -> Result<EnteredResult, String> {
        let parameter = manual(file, &new.parameter)?;
        check_value(parameter, new.value)?;
        if new.unit != parameter.unit {
            return Err(format!(
                "{} is entered in {}, not in {}",
                parameter.name, parameter.unit, new.unit
            ));
        }
        if new.sampled.is_some_and(|sampled| now.clock.sync.is_trusted() && sampled > now.utc) {
            return Err("the sample cannot have been taken in the future".to_owned());
        }
        let same = |one: &&EnteredResult| one.parameter == parameter.name;
        let number = self.kept.iter().rev().find(same).map_or(0, |last| number_of(&last.id)) + 1;
        let result = EnteredResult {
            id: format!("{unit}/{}/{number}", parameter.name),
            parameter: parameter.name.clone(),
            value: new.value,
            unit: new.unit,
            counts: !parameter.second_person,
            at: now.mono.floor_ms(),
            sampled: new.sampled,
            entered_by: said.0.clone(),
            confirmed_by: None,
            old: None,
            reason: said.1.to_owned(),
        };
        self.keep(result.clone());
        Ok(result)
    }

    fn keep(&mut self, result: EnteredResult) {
        let mut same = self.kept.iter().filter(|one| one.parameter == result.parameter);
        if same.clone().count() >= KEPT_MAX {
            let oldest = same.next().map(|one| one.id.clone()).unwrap_or_default();
            self.kept.retain(|one| one.id != oldest);
            self.entered.remove(&oldest);
        }
        self.kept.push(result);
    }

    /// A second person confirms a result.
    pub(crate) fn confirm(
        &mut self,
        id: &str,
        person: &Person,
        at: Mono,
    ) -> Result<EnteredResult, String> {
        let found = find(&mut self.kept, id)?;
        if found.counts {
            return Err(format!("result {id} does not wait for a second person"));
        }
        if is_same(&found.entered_by, person) {
            return Err(format!(
                "{} entered result {id}: another person must confirm it",
                person.name
            ));
        }
        found.counts = true;
        found.confirmed_by = Some(person.clone());
        self.entered.entry(id.to_owned()).or_insert(found.at);
        found.at = at;
        Ok(found.clone())
    }

    /// Corrects a result; the old value stays on record.
    pub(crate) fn correct(
        &mut self,
        file: &MasterFile,
        id: &str,
        value: f64,
        said: (&Person, &str),
        at: Mono,
    ) -> Result<EnteredResult, String> {
        let found = find(&mut self.kept, id)?;
        let parameter = manual(file, &found.parameter)?;
        check_value(parameter, value)?;
        if said.1.trim().is_empty() {
            return Err(format!("correcting result {id} needs a reason"));
        }
        found.old = Some(found.value);
        found.value = value;
        found.counts = !parameter.second_person;
        found.entered_by = said.0.clone();
        found.confirmed_by = None;
        said.1.clone_into(&mut found.reason);
        self.entered.entry(id.to_owned()).or_insert(found.at);
        found.at = at;
        Ok(found.clone())
    }

    /// A result as a record has it, for a replay.
    pub(crate) fn take(&mut self, result: &EnteredResult) {
        match self.kept.iter_mut().find(|one| one.id == result.id) {
            Some(known) => {
                self.entered.entry(result.id.clone()).or_insert(known.at);
                known.clone_from(result);
            }
            None => self.keep(result.clone()),
        }
    }
}

fn find<'a>(kept: &'a mut [EnteredResult], id: &str) -> Result<&'a mut EnteredResult, String> {
    let found = kept.iter_mut().find(|one| one.id == id);
    found.ok_or_else(|| {
        format!("there is no result {id} among the latest {KEPT_MAX} of its parameter")
    })
}

/// True where both are the same person, however the name is written.
fn is_same(one: &Person, other: &Person) -> bool {
    one.name.trim().to_lowercase() == other.name.trim().to_lowercase()
}

fn number_of(id: &str) -> u32 {
    id.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn manual<'a>(file: &'a MasterFile, name: &str) -> Result<&'a Parameter, String> {
    let found = file.parameter(name);
    let found = found.ok_or_else(|| format!("the Master File has no parameter {name}"))?;
    if found.entry == Entry::Manual {
        Ok(found)
    } else {
        Err(format!("{name} is read from a device: nobody enters it"))
    }
}

fn check_value(parameter: &Parameter, value: f64) -> Result<(), String> {
    let (low, high) = parameter.range;
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(format!(
        "{value} {unit} is no plausible {}: it lies outside {low} to {high} {unit}",
        parameter.name,
        unit = parameter.unit
    ))
}
