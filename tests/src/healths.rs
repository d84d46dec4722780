//! The agent's own figures, health record by health record.

use std::time::Duration;

use rusqlite::types::Value as Sql;
use serde_json::Value;

use crate::{ControlSite, await_until};

/// A health record comes every 30 s.
const HEALTH_WITHIN: Duration = Duration::from_secs(90);

/// The figures of the newest health record.
#[derive(Debug)]
pub struct Healths<'a> {
    control_site: &'a ControlSite,
    at_ns: i64,
    /// As they are.
    pub figures: Value,
}

impl<'a> Healths<'a> {
    /// Those of the next record that comes, or of the one that is there.
    #[must_use]
    pub fn of(control_site: &'a ControlSite) -> Self {
        let (at_ns, figures) = next(control_site, 0);
        Self { control_site, at_ns, figures }
    }

    /// Awaits the next record, and gives the figures of the one before.
    pub fn advance(&mut self) -> Value {
        let (at_ns, figures) = next(self.control_site, self.at_ns);
        self.at_ns = at_ns;
        std::mem::replace(&mut self.figures, figures)
    }

    /// A counter of a device.
    #[must_use]
    pub fn counter(&self, device: &str, what: &str) -> u64 {
        counter(&self.figures, device, what)
    }

    /// By how much counters of these devices grew since `before`.
    #[must_use]
    pub fn since(&self, before: &Value, devices: &[String], what: &str) -> Vec<u64> {
        let grew = |device: &String| {
            let now = self.counter(device, what);
            now.checked_sub(counter(before, device, what)).expect("counters grow")
        };
        devices.iter().map(grew).collect()
    }
}

fn counter(figures: &Value, device: &str, what: &str) -> u64 {
    figures[format!("{device}.{what}")].as_u64().unwrap_or(0)
}

fn next(control_site: &ControlSite, after_ns: i64) -> (i64, Value) {
    const NEWEST: &str = "SELECT health_ns, health FROM agent_state WHERE health IS NOT NULL";
    await_until("a health record", HEALTH_WITHIN, || {
        let rows = control_site.rows(NEWEST);
        match rows.first().map(Vec::as_slice) {
            Some([Sql::Integer(at_ns), Sql::Text(figures)]) if *at_ns > after_ns => {
                Ok((*at_ns, serde_json::from_str(figures).expect("figures are JSON")))
            }
            _ => Err(control_site.state()),
        }
    })
}
