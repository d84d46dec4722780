//! `[[phase]]` of a Master File, and whether each can be reached.

use std::collections::{BTreeMap, BTreeSet};

use super::Phase;
use crate::reader::{Section, Value};
use crate::site::{LOWER_TOPIC_LEVEL, lower_topic_level_ok};

/// Longest duration of a phase, hours: a year.
const LONGEST_H: f64 = 8760.0;

const HOUR_MS: u32 = 3_600_000;

/// What could be read of a phase.
pub(super) struct PhaseText<'a> {
    pub(super) section: Section<'a>,
    pub(super) id: Option<String>,
    next: Option<Vec<String>>,
    whole: Option<Phase>,
}

impl PhaseText<'_> {
    pub(super) fn build(self) -> Option<Phase> {
        self.whole
    }
}

pub(super) fn phases<'a>(root: &Section<'a>) -> Vec<PhaseText<'a>> {
    let sections = root.tables("phase", "id");
    if sections.is_empty() {
        root.problem("phase", "there is no [[phase]]: add those of the process in their order");
    }
    let phases: Vec<PhaseText<'a>> = sections.into_iter().map(phase).collect();
    check_next(&phases);
    phases
}

fn phase(section: Section<'_>) -> PhaseText<'_> {
    let id = section.must("id", |id| {
        let text = id.name(LOWER_TOPIC_LEVEL, lower_topic_level_ok)?;
        if text == "idle" {
            return id.problem("\"idle\" means that no batch runs: choose another id");
        }
        Some(text)
    });
    let name = section.must("name", Value::text);
    let duration = |value: &Value<'_>| value.duration_ms(HOUR_MS, 0.001..=LONGEST_H);
    let min_duration_ms = section.maybe("min_duration_h", duration);
    let max_duration_ms = section.maybe("max_duration_h", duration);
    let after_ms = section.maybe("after_h", duration);
    let next = section.or("next", Vec::new(), |next| next.set(Value::text));
    section.finish();
    if let (Some(Some(min)), Some(Some(max))) = (min_duration_ms, max_duration_ms)
        && min > max
    {
        section.problem("min_duration_h", "is above max_duration_h: swap or mend them");
    }
    let (known_id, known_next) = (id.clone(), next.clone());
    let whole = (|| {
        Some(Phase {
            id: id?,
            name: name?,
            min_duration_ms: min_duration_ms?,
            max_duration_ms: max_duration_ms?,
            after_ms: after_ms?,
            next: next?,
        })
    })();
    PhaseText { section, id: known_id, next: known_next, whole }
}

/// Every `next` exists; every phase can be reached from the first. Reaching is only judged when all ids and all
/// `next` are readable: else one slip would make many problems.
fn check_next(phases: &[PhaseText<'_>]) {
    let index: BTreeMap<&str, usize> = phases
        .iter()
        .enumerate()
        .filter_map(|(index, phase)| Some((phase.id.as_deref()?, index)))
        .collect();
    let ids_whole = index.len() == phases.len();
    let mut followers: Vec<Vec<usize>> = Vec::new();
    let mut whole = ids_whole;
    for (at, phase) in phases.iter().enumerate() {
        let Some(next) = &phase.next else {
            whole = false;
            continue;
        };
        let mut follow = Vec::new();
        for (entry, id) in next.iter().enumerate() {
            if let Some(found) = index.get(id.as_str()) {
                follow.push(*found);
            } else {
                whole = false;
                if ids_whole {
                    phase.section.problem_in(
                        "next",
                        entry,
                        format!("there is no phase {id:?}: add it or mend the id"),
                    );
                }
            }
        }
        if next.is_empty() && at + 1 < phases.len() {
            follow.push(at + 1);
        }
        followers.push(follow);
    }
    if !whole {
        return;
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![0];
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(followers.get(at).into_iter().flatten());
        }
    }
    for (_, phase) in phases.iter().enumerate().filter(|(at, _)| !reached.contains(at)) {
        phase.section.problem(
            "id",
            "cannot be reached from the first phase: name it in the next of another phase or remove it",
        );
    }
}
