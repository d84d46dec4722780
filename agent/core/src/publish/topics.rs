//! Topics (architecture.md §5). Site, agent and unit ids are topic levels: the site file's parser has seen to it.

use cellwatch_record::Kind;

/// The topics of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topics {
    prefix: String,
}

impl Topics {
    /// The topics of an agent of a site.
    #[must_use]
    pub fn new(site: &str, agent: &str) -> Self {
        Self { prefix: format!("cellwatch/1/{site}/{agent}") }
    }

    /// Where a live record goes: what a unit measured and alarmed under the unit, everything else under the agent.
    pub(crate) fn record(&self, kind: Kind, unit: Option<&str>) -> String {
        let unit = match kind {
            Kind::Telemetry | Kind::Alarm | Kind::Deviation | Kind::Result | Kind::Batch => unit,
            Kind::Action | Kind::Event | Kind::State | Kind::Health => None,
        };
        self.of(unit, kind.word())
    }

    /// Where bundles go.
    pub(crate) fn backfill(&self) -> String {
        self.of(None, "backfill")
    }

    /// Where the signed summary of standing alarms goes.
    pub(crate) fn alarms(&self, unit: Option<&str>) -> String {
        self.of(unit, "alarms")
    }

    pub(crate) fn alarms_json(&self, unit: Option<&str>) -> String {
        self.of(unit, "alarms.json")
    }

    pub(crate) fn values(&self, unit: &str) -> String {
        self.of(Some(unit), "values")
    }

    pub(crate) fn presence(&self) -> String {
        self.of(None, "presence")
    }

    fn of(&self, unit: Option<&str>, leaf: &str) -> String {
        let prefix = &self.prefix;
        unit.map_or_else(|| format!("{prefix}/{leaf}"), |unit| format!("{prefix}/{unit}/{leaf}"))
    }
}
