//! The view's shape. The names are those of the JSON.

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use serde::Serialize;
use serde_json::Value;

use super::{AnnunciationView, SystemView};

/// What people see, as of one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// True without what only people who are logged in may see.
    pub room: bool,
    /// The moment, UTC milliseconds.
    pub now_ms: i64,
    /// Id of the site.
    pub site: String,
    /// Id of the agent.
    pub agent: String,
    /// The alarm that calls first; none while none calls.
    pub urgent: Option<Urgent>,
    /// The units in the site file's order.
    pub units: Vec<UnitView>,
    /// Every alarm that is not normal: unanswered first, then by priority, then the oldest.
    pub alarms: Vec<AlarmView>,
    /// What stack lights and horns show.
    pub annunciation: AnnunciationView,
    /// How the agent is.
    pub system: SystemView,
}

/// Names an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Urgent {
    /// The unit; none for the agent's own.
    pub unit: Option<String>,
    /// The alarm's id.
    pub alarm: String,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitView {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// `normal`, `unanswered`, `answered`, `no-data` or `not-judged`.
    pub state: &'static str,
    /// Priority of the most urgent standing alarm, 1 to 4.
    pub worst_priority: Option<u8>,
    /// The batch that runs.
    pub batch: Option<String>,
    /// When it began.
    pub batch_started_ms: Option<i64>,
    /// Who says batch and phase: `device` or `people`.
    pub led_by: &'static str,
    /// The phase that runs.
    pub phase: Option<PhaseView>,
    /// All phases of the Master File in their order.
    pub phases: Vec<PhaseName>,
    /// Its values: those of the Master File first, critical ones before the others.
    pub values: Vec<ValueView>,
    /// How many values are not shown.
    pub values_left_out: usize,
    /// What people enter here.
    pub manual: Vec<ManualView>,
    /// Deviation candidates that are open.
    pub deviations: Vec<DeviationView>,
    /// Results that can still be confirmed or corrected, newest first.
    pub results: Vec<ResultView>,
    /// Ids of its devices.
    pub devices: Vec<String>,
    /// What judges it: for questions about earlier phases.
    #[serde(skip)]
    pub file: Option<Arc<MasterFile>>,
}

/// Names a phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseName {
    /// Its id in the Master File.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// The phase that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseView {
    /// Its id.
    pub id: String,
    /// Its name; the id where no Master File knows it.
    pub name: String,
    /// Since when.
    pub since_ms: i64,
    /// How long it has lasted.
    pub lasts_ms: u64,
    /// The shortest that the Master File allows.
    pub min_ms: Option<u64>,
    /// The longest.
    pub max_ms: Option<u64>,
    /// The phases that may follow.
    pub next: Vec<PhaseName>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueView {
    /// The parameter.
    pub parameter: String,
    /// The device that gives it.
    pub device: String,
    /// A critical process parameter.
    pub critical: bool,
    /// Symbol of its unit of measure.
    pub unit: &'static str,
    /// Decimals that are worth showing.
    pub decimals: u8,
    /// The value; none where nothing can be believed.
    pub value: Value,
    /// `good`, `uncertain` or `bad`.
    pub quality: &'static str,
    /// Why it is not good.
    pub cause: Option<&'static str>,
    /// When it was read.
    pub at_ms: Option<i64>,
    /// How old it is.
    pub age_ms: Option<u64>,
    /// Older than this is stale.
    pub stale_after_ms: u64,
    /// Since when there is nothing that can be believed.
    pub no_value_since_ms: Option<i64>,
    /// Values that can be meant.
    pub range: Option<(f64, f64)>,
    /// Where the normal value lies.
    pub set_point: Option<f64>,
    /// The limits that are judged now.
    pub limits: LimitsView,
    /// The most urgent alarm on it that stands.
    pub alarm: Option<String>,
}

/// Alert and action limits of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct LimitsView {
    /// Lower action limit.
    pub ll: Option<f64>,
    /// Lower alert limit.
    pub l: Option<f64>,
    /// Upper alert limit.
    pub h: Option<f64>,
    /// Upper action limit.
    pub hh: Option<f64>,
}

/// A parameter that people enter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ManualView {
    /// The parameter.
    pub parameter: String,
    /// Symbol of its unit of measure.
    pub unit: &'static str,
    /// Values that can be meant.
    pub range: (f64, f64),
    /// Counts only when a second person has confirmed it.
    pub second_person: bool,
    /// When the next result is due.
    pub due_ms: Option<i64>,
    /// It was due, and none came.
    pub overdue: bool,
    /// The latest that counts.
    pub latest: Option<ResultView>,
}

/// A result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultView {
    /// Its id.
    pub id: String,
    /// The parameter.
    pub parameter: String,
    /// The value.
    pub value: f64,
    /// Symbol of its unit of measure.
    pub unit: &'static str,
    /// False while it waits for a second person.
    pub counts: bool,
    /// When it was entered, confirmed or corrected.
    pub at_ms: i64,
    /// When the sample was taken.
    pub sampled_ms: Option<i64>,
    /// Who entered it.
    pub entered_by: NamedView,
    /// Who confirmed it.
    pub confirmed_by: Option<NamedView>,
    /// The value before a correction.
    pub old: Option<f64>,
    /// Why.
    pub reason: String,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedView {
    /// Name.
    pub name: String,
    /// Role at the time.
    pub role: String,
}

/// A deviation candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviationView {
    /// Its id.
    pub id: String,
    /// The alarm whose excursion it is.
    pub alarm: String,
    /// The parameter or device.
    pub source: String,
    /// Why it was opened, in words.
    pub rules: Vec<String>,
    /// Since when.
    pub since_ms: i64,
    /// Until when; none while it stands.
    pub until_ms: Option<i64>,
    /// The limit.
    pub limit: Option<f64>,
    /// The lowest value.
    pub lowest: Option<f64>,
    /// The highest value.
    pub highest: Option<f64>,
    /// Area beyond the limit, unit of measure times seconds.
    pub area: Option<f64>,
}

/// An alarm that is not normal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmView {
    /// The unit; none for the agent's own.
    pub unit: Option<String>,
    /// The unit's name.
    pub unit_name: Option<String>,
    /// The alarm's id.
    pub id: String,
    /// What it watches.
    pub source: String,
    /// What it watches for.
    pub kind: &'static str,
    /// 1 to 4, 1 is the most urgent.
    pub priority: u8,
    /// The priority's word.
    pub priority_word: &'static str,
    /// The class in the Master File.
    pub class: Option<&'static str>,
    /// The ISA-18.2 state.
    pub state: &'static str,
    /// The condition is true.
    pub active: bool,
    /// A person has seen it.
    pub acknowledged: bool,
    /// Held until reset.
    pub latched: bool,
    /// When the excursion was raised.
    pub raised_ms: i64,
    /// When it last began to call: later than that where it came back from a shelf, or called again.
    pub called_ms: i64,
    /// How long ago that was.
    pub standing_ms: u64,
    /// Which excursion it is.
    pub occurrence: u32,
    /// The value that it judged last.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// Symbol of the unit of measure of both.
    pub unit_of_measure: Option<&'static str>,
    /// `good`, `uncertain` or `bad`.
    pub quality: &'static str,
    /// What the agent says of it.
    pub note: Option<String>,
    /// Likely cause.
    pub cause: String,
    /// What happens when nobody responds.
    pub consequence: String,
    /// What a person does.
    pub response: String,
    /// How long a person has.
    pub time_to_respond_s: Option<u64>,
    /// Until when, while nobody has answered: the time to respond from when it called.
    pub respond_by_ms: Option<i64>,
    /// When a person acknowledged it.
    pub acknowledged_ms: Option<i64>,
    /// Who acknowledged this excursion last, with what words; stays when it calls again and whatever is said later.
    pub acknowledged_by: Option<SeenView>,
    /// What a person last did or said about this excursion.
    pub said: Option<SaidView>,
    /// When its shelving ends.
    pub shelved_until_ms: Option<i64>,
    /// The shelving ends with the excursion.
    pub one_shot: bool,
    /// The longest shelving; none where nobody may.
    pub shelve_max_ms: Option<u64>,
    /// The rules that suppress it.
    pub suppressed_by: Vec<String>,
    /// Acknowledging needs a comment.
    pub comment_required: bool,
    /// Acknowledging needs the password again, and a comment.
    pub confirm: bool,
    /// What would change something now, whoever asks.
    pub can: Vec<&'static str>,
}

/// Who acknowledged an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenView {
    /// Name.
    pub name: String,
    /// Role at the time.
    pub role: String,
    /// What was said with it.
    pub comment: String,
    /// When.
    pub at_ms: i64,
}

/// What a person did or said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SaidView {
    /// Name.
    pub name: String,
    /// Role at the time.
    pub role: String,
    /// What was done.
    pub what: String,
    /// What was said.
    pub comment: String,
    /// When.
    pub at_ms: i64,
}
