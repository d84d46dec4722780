//! A scenario as its TOML says it. Times are hours of the run, which begins with the device in its first phase.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What happens in a run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its id.
    pub id: String,
    /// What it shows.
    pub about: String,
    /// How long it runs, h, up to a year.
    pub hours: f64,
    /// Donor, drifts and noise.
    pub seed: u64,
    /// Length of a frame, s, 1 to 60.
    pub frame_s: u64,
    /// People acknowledge so long after an alarm calls, s.
    pub acknowledge_after_s: u64,
    /// Durations of phases that are not those of the process model, h, by phase.
    #[serde(default)]
    pub phases: BTreeMap<String, f64>,
    /// What breaks.
    #[serde(default)]
    pub fault: Vec<FaultAt>,
    /// Sensors that drift.
    #[serde(default)]
    pub drift: Vec<Drift>,
    /// What is changed at the device's panel.
    #[serde(default)]
    pub panel: Vec<PanelAt>,
    /// Alarms that people acknowledge later than others.
    #[serde(default)]
    pub late: Vec<Late>,
    /// Samples that people take.
    #[serde(default)]
    pub sample: Vec<Sample>,
}

/// Something that breaks for a while.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultAt {
    /// For people.
    pub note: String,
    /// When, h.
    pub at_h: f64,
    /// For how long, s.
    pub lasts_s: f64,
    /// What, as the reactor's control port takes it.
    pub what: toml::Table,
}

/// A sensor whose offset goes to a number, stays, and goes back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// For people.
    pub note: String,
    /// The parameter.
    pub parameter: String,
    /// When it begins, h.
    pub at_h: f64,
    /// How long it goes, h.
    pub over_h: f64,
    /// The offset in the end, in the parameter's unit.
    pub to: f64,
    /// How long it stays, h.
    pub stays_h: f64,
    /// How long it goes back, h.
    pub back_h: f64,
}

/// A set-point that is changed at the panel, and set back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PanelAt {
    /// For people.
    pub note: String,
    /// The set-point, such as `TEMP.SP`.
    pub set_point: String,
    /// When, h.
    pub at_h: f64,
    /// For how long, s.
    pub lasts_s: f64,
    /// To what, in its unit.
    pub value: f64,
    /// What it is set back to.
    pub back: f64,
}

/// An alarm that people acknowledge later than others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// The alarm's id.
    pub alarm: String,
    /// So long after it calls, s.
    pub after_s: u64,
}

/// A sample that people take again and again: what the culture holds, as an analyser shows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The parameter of the Master File, and the process model's signal of that name.
    pub parameter: String,
    /// The first, h.
    pub first_h: f64,
    /// The next ones, h.
    pub every_h: f64,
    /// None after this, h.
    pub until_h: f64,
    /// A second person confirms it five minutes later.
    #[serde(default)]
    pub confirmed: bool,
}

/// A scenario that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{scenario}: {what}")]
pub struct ScenarioProblem {
    /// File or id.
    pub scenario: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// Longest run, h: a year.
const MAX_HOURS: f64 = 8_784.0;

impl Scenario {
    /// Reads a scenario; `file` is for messages.
    ///
    /// # Errors
    /// Not TOML, unknown or missing keys, a time beyond the run.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioProblem> {
        let problem = |what: String| ScenarioProblem { scenario: file.to_owned(), what };
        let scenario: Self = toml::from_str(text).map_err(|error| problem(error.to_string()))?;
        if !(scenario.hours > 0.0 && scenario.hours <= MAX_HOURS) {
            return Err(problem(format!("hours = {} is not 0 to {MAX_HOURS}", scenario.hours)));
        }
        if !(1..=60).contains(&scenario.frame_s) {
            return Err(problem(format!("frame_s = {} is not 1 to 60", scenario.frame_s)));
        }
        let times = scenario.fault.iter().map(|one| (&one.note, one.at_h));
        let times = times.chain(scenario.drift.iter().map(|one| (&one.note, one.at_h)));
        let times = times.chain(scenario.panel.iter().map(|one| (&one.note, one.at_h)));
        for (note, at_h) in times {
            if !(0.0..=scenario.hours).contains(&at_h) {
                return Err(problem(format!("\"{note}\": at_h = {at_h} is not within the run")));
            }
        }
        for sample in &scenario.sample {
            if sample.every_h < 0.1 {
                let what = format!("sample of {}: every_h is below 0.1", sample.parameter);
                return Err(problem(what));
            }
        }
        Ok(scenario)
    }
}
