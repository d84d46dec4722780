//! The Master File as the core judges by it.

use cellwatch_model::{LimitKind, Priority, UnitOfMeasure, Utc};

use crate::Lines;

/// A Master File.
#[derive(Clone, Debug, PartialEq)]
pub struct MasterFile {
    /// Id, such as `MF-CART-001`.
    pub id: String,
    /// Version: only a higher one replaces it.
    pub version: u64,
    /// The product.
    pub product: String,
    /// Valid from.
    pub effective: Utc,
    /// Valid until; after it an active file goes on judging, with an alarm (LAW-05).
    pub expires: Utc,
    /// How it replaces the one in force.
    pub activation: Activation,
    /// QA's reason for `at-once`; empty for `next-batch`.
    pub reason: String,
    /// Ids of the sites that it is for.
    pub sites: Vec<String>,
    /// Equipment that may be used.
    pub equipment: Vec<Equipment>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Phases in their order.
    pub phases: Vec<Phase>,
    /// Alarms.
    pub alarms: Vec<Alarm>,
    /// When a deviation candidate is opened for QA.
    pub deviations: Vec<DeviationRule>,
    /// Whom alarms are sent to beyond the room.
    pub routes: Vec<Route>,
    /// Where its keys stand in the text: for messages only, no part of equality; `Lines::default()` where there is no text.
    pub lines: Lines,
}

/// When an accepted Master File begins to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// With the next batch of a unit.
    #[default]
    NextBatch,
    /// At once.
    AtOnce,
}

/// `[[equipment]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equipment {
    /// Id of the device profile.
    pub profile: String,
    /// SHA-256 of the profile's exact text.
    pub profile_sha256: [u8; 32],
    /// Serial numbers allowed; empty allows any.
    pub serials: Vec<String>,
    /// Firmware versions allowed, as the device shows them; empty allows any.
    pub firmware: Vec<String>,
    /// Checksums of the protocols (recipes) that may run on the device, as it shows them; empty allows any.
    pub protocol_checksum: Vec<String>,
}

/// `[[parameter]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name as in the device profile.
    pub name: String,
    /// Where its values come from.
    pub entry: Entry,
    /// Unit of measure; must be the profile's.
    pub unit: UnitOfMeasure,
    /// Values that can be meant, both ends included.
    pub range: (f64, f64),
    /// Where the normal value lies; drawn on pages.
    pub set_point: Option<f64>,
    /// A critical process parameter.
    pub critical: bool,
    /// Older than this is stale, milliseconds.
    pub stale_after_ms: u64,
    /// A value is wanted at least this often, milliseconds: a result that is due by then, or a poll; none where the
    /// profile alone says.
    pub sampling_ms: Option<u64>,
    /// A change faster than this, in its unit per minute, is none of the process: the value is not believed.
    pub max_rate_per_min: Option<f64>,
    /// A value entered by hand counts only when a second person has confirmed it.
    pub second_person: bool,
    /// Without a believable value for this long, the instrument alarm is raised, milliseconds.
    pub instrument_delay_ms: u64,
    /// What a person does when the instrument alarm is raised.
    pub instrument_response: String,
    /// Priority of the instrument alarm.
    pub instrument_priority: Priority,
}

/// Where a parameter's values come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// A device of the unit is polled.
    #[default]
    Device,
    /// A person measures and enters it.
    Manual,
}

/// `[[phase]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Id, such as `expansion`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Shortest duration, milliseconds.
    pub min_duration_ms: Option<u64>,
    /// Longest duration, milliseconds.
    pub max_duration_ms: Option<u64>,
    /// Begins by itself when a phase that it may follow has lasted so long, milliseconds; only where no device
    /// says the phase.
    pub after_ms: Option<u64>,
    /// Phases that may follow; empty means the next in the file.
    pub next: Vec<String>,
}

/// `[[alarm]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Stable id, such as `TEMP.HH`.
    pub id: String,
    /// The parameter that it watches.
    pub parameter: String,
    /// `LL`, `L`, `H`, `HH`, `deviation`, `rate` or `discrete`.
    pub kind: LimitKind,
    /// What of the parameter is judged.
    pub watch: Watch,
    /// The limit, in the parameter's unit, for `rate` per minute; the value beyond it is in alarm. 0.5 for `discrete`.
    pub limit: f64,
    /// The value must come back by this much to clear, in the parameter's unit.
    pub deadband: f64,
    /// The condition must hold this long before the alarm is raised, milliseconds.
    pub on_delay_ms: u64,
    /// The condition must be clear this long before it returns, milliseconds.
    pub off_delay_ms: u64,
    /// Priority.
    pub priority: Priority,
    /// Class.
    pub class: AlarmClass,
    /// Ids of the phases in which it is judged; empty means all, also outside a batch.
    pub phases: Vec<String>,
    /// Stays until reset although the value is back.
    pub latching: bool,
    /// Likely cause.
    pub cause: String,
    /// What happens when nobody responds.
    pub consequence: String,
    /// What a person does.
    pub response: String,
    /// How long a person has, seconds.
    pub time_to_respond_s: u64,
    /// Returns to normal only when a person has acknowledged it.
    pub ack_required: bool,
    /// Whoever acknowledges it must say why and what was done.
    pub comment_required: bool,
    /// The longest time for which a person may put it aside, milliseconds; none where nobody may.
    pub shelve_max_ms: Option<u64>,
    /// Calls again when it still stands so long after an acknowledgement, milliseconds.
    pub re_alarm_ms: Option<u64>,
    /// Ids of alarms of the same unit that explain this one: while one of them is active it does not call.
    pub suppressed_by: Vec<String>,
}

/// What of a parameter an alarm judges.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    /// Its value.
    Value,
    /// How far it is from its set-point.
    Deviation {
        /// The parameter that holds the set-point; none for the Master File's own `set_point`.
        reference: Option<String>,
    },
    /// How fast it changes, either way, per minute.
    Rate {
        /// Over how long, milliseconds.
        window_ms: u64,
    },
    /// Whether it is in one of these states: words of its enumeration, `true`, `false`, or a text.
    States(Vec<String>),
}

/// `[[deviation]]`: when a deviation candidate is opened for QA. It decides nothing: QA does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviationRule {
    /// Stable id, such as `TEMP.ACTION`.
    pub id: String,
    /// What opens it.
    pub when: DeviationWhen,
    /// What it means, for QA.
    pub description: String,
}

/// What opens a deviation candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviationWhen {
    /// An alarm stands this long, milliseconds.
    ActionLimit {
        /// Of which alarms.
        of: AlarmsMeant,
        /// How long.
        after_ms: u64,
    },
    /// A parameter has no believable value for this long, milliseconds.
    DataGap {
        /// Of this parameter; none means every critical one.
        parameter: Option<String>,
        /// How long.
        after_ms: u64,
    },
    /// An alarm is not acknowledged in time.
    LateAcknowledgement {
        /// Of which alarms.
        of: AlarmsMeant,
        /// This long after it was raised, milliseconds; none means the alarm's own time to respond.
        after_ms: Option<u64>,
    },
}

/// Id of the agent's alarm on a phase that must not follow the one before, or on a batch that ended too early.
pub const PHASE_ORDER: &str = "PHASE.ORDER";
/// Id of the agent's alarm on a phase that lasts longer than the Master File allows: an unexpected hold.
pub const PHASE_OVERRUN: &str = "PHASE.OVERRUN";
/// Id of the agent's alarm on a phase that was shorter than the Master File allows. It stands for a moment only.
pub const PHASE_UNDERRUN: &str = "PHASE.UNDERRUN";

/// Which alarms a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmsMeant {
    /// The one with this id; for the agent's alarms on phases as well.
    Alarm(String),
    /// The action limits (LL and HH) of this parameter.
    Parameter(String),
    /// Every action limit (LL and HH) of a critical parameter.
    Critical,
}

/// `[[route]]`: whom alarms are sent to beyond the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Name, such as `on-call`.
    pub name: String,
    /// How it is sent.
    pub kind: RouteKind,
    /// To whom: addresses of the kind.
    pub to: Vec<String>,
    /// Alarms of these priorities.
    pub priorities: Vec<Priority>,
    /// Only when nobody has acknowledged for this long, milliseconds; none sends at once.
    pub escalate_after_ms: Option<u64>,
}

/// How a notification is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// By e-mail.
    EMail,
}

/// Alarm classes (ISA-18.2, rationalisation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmClass {
    /// Critical for GMP: acknowledged with a comment.
    GmpCritical,
    /// Product quality.
    ProductQuality,
    /// Equipment.
    Equipment,
    /// Data integrity.
    DataIntegrity,
    /// Security.
    Security,
    /// Utilities.
    Utility,
}

impl MasterFile {
    /// The parameter with this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The phase with this id.
    #[must_use]
    pub fn phase(&self, id: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == id)
    }

    /// The ids of the phases that may follow this one: its `next`, or else the next in the file.
    #[must_use]
    pub fn following(&self, id: &str) -> Vec<&str> {
        let Some(at) = self.phases.iter().position(|phase| phase.id == id) else {
            return Vec::new();
        };
        let written: Vec<&str> = self.phases[at].next.iter().map(String::as_str).collect();
        if written.is_empty() {
            return self.phases.get(at + 1).map(|next| next.id.as_str()).into_iter().collect();
        }
        written
    }

    /// The equipment entry of a device profile.
    #[must_use]
    pub fn equipment(&self, profile_id: &str) -> Option<&Equipment> {
        self.equipment.iter().find(|equipment| equipment.profile == profile_id)
    }
}

impl DeviationRule {
    /// True where this alarm is among those that the rule is about.
    #[must_use]
    pub fn means(&self, alarm: &Alarm, file: &MasterFile) -> bool {
        let of = match &self.when {
            DeviationWhen::ActionLimit { of, .. }
            | DeviationWhen::LateAcknowledgement { of, .. } => of,
            DeviationWhen::DataGap { .. } => return false,
        };
        match of {
            AlarmsMeant::Alarm(id) => alarm.id == *id,
            AlarmsMeant::Parameter(name) => alarm.is_action_limit() && alarm.parameter == *name,
            AlarmsMeant::Critical => {
                alarm.is_action_limit()
                    && file.parameter(&alarm.parameter).is_some_and(|its| its.critical)
            }
        }
    }
}

impl Alarm {
    /// True for LL and HH: beyond them the product may be at stake.
    #[must_use]
    pub const fn is_action_limit(&self) -> bool {
        matches!(self.kind, LimitKind::LowLow | LimitKind::HighHigh)
    }

    /// True where it is judged in this phase; `None` is outside a batch or in `idle`.
    #[must_use]
    pub fn applies_in(&self, phase: Option<&str>) -> bool {
        self.phases.is_empty()
            || phase.is_some_and(|phase| self.phases.iter().any(|its| its == phase))
    }
}

impl AlarmClass {
    /// The word in files, records and on pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::GmpCritical => "gmp-critical",
            Self::ProductQuality => "product-quality",
            Self::Equipment => "equipment",
            Self::DataIntegrity => "data-integrity",
            Self::Security => "security",
            Self::Utility => "utility",
        }
    }
}
