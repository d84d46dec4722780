//! What was judged then, and what is judged now.

use std::collections::BTreeMap;

use cellwatch_record::{Body, Common, Hash, Identity, Record, encode};

/// An alarm change or a deviation candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The unit; none for the agent itself.
    pub unit: Option<String>,
    /// What was said.
    pub body: Body,
    /// The record that says it; none for what the replay says.
    pub seq: Option<u64>,
}

/// The outcome of a replay.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// What is on record.
    pub recorded: Vec<Judgement>,
    /// What the replay says.
    pub judged: Vec<Judgement>,
    /// Records that are missing, both ends included.
    pub missing: Vec<(u64, u64)>,
    /// Records that could not be judged: what lies between missing ones and the next state record.
    pub skipped: u64,
    /// Readings that were judged.
    pub readings: u64,
}

/// The first place of a unit where the replay says something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The unit; none for the agent itself.
    pub unit: Option<String>,
    /// What is on record there; none where the replay says more.
    pub recorded: Option<Judgement>,
    /// What the replay says; none where there is more on record.
    pub judged: Option<Judgement>,
}

impl Replayed {
    /// The first difference of each unit and of the agent, alarms and deviation candidates apart; none where
    /// everything is the same, byte for byte.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let mut lists: BTreeMap<(Option<String>, bool), [Vec<&Judgement>; 2]> = BTreeMap::new();
        for (index, list) in [&self.recorded, &self.judged].into_iter().enumerate() {
            for one in list {
                let is_alarm = matches!(one.body, Body::Alarm(_));
                lists.entry((one.unit.clone(), !is_alarm)).or_default()[index].push(one);
            }
        }
        let first =
            |((unit, _), [recorded, judged]): ((Option<String>, bool), [Vec<&Judgement>; 2])| {
                let same = |at: &usize| match (recorded.get(*at), judged.get(*at)) {
                    (Some(one), Some(other)) => bytes(&one.body) == bytes(&other.body),
                    (None, None) => true,
                    (Some(_), None) | (None, Some(_)) => false,
                };
                let at = (0..recorded.len().max(judged.len())).find(|at| !same(at))?;
                let at = |list: &[&Judgement]| list.get(at).map(|one| (*one).clone());
                Some(Difference { unit, recorded: at(&recorded), judged: at(&judged) })
            };
        lists.into_iter().filter_map(first).collect()
    }
}

/// The bytes of a body: of a record that is otherwise empty.
fn bytes(body: &Body) -> Vec<u8> {
    let common = Common {
        identity: Identity::default(),
        prev: Hash::NONE,
        boot: 0,
        utc: cellwatch_model::Utc::default(),
        mono: cellwatch_model::Mono::default(),
        clock: cellwatch_model::Clock::default(),
        master_file: 0,
        unit: None,
        batch: None,
        phase: None,
    };
    encode(&Record { common, body: body.clone() })
}
