//! What happens when.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::http::{delete, get, post};
use crate::show::Out;
use crate::watch::{RAISED, RETURNED};

/// The alert alarm that comes first.
pub const ALERT_ALARM: &str = "TEMP.H";
/// The action alarm that follows.
pub const ACTION_ALARM: &str = "TEMP.HH";

/// Unit, alarm and transition of every change that the Control Site has verified.
pub type Seen = BTreeSet<(String, String, String)>;

/// Process time per real time while the heater is broken: 1 °C takes about 70 s of process time.
const SPEED_BROKEN: f64 = 20.0;
/// The same while it cools down, which takes three times as long.
const SPEED_MENDED: f64 = 60.0;
/// Longest time until the alarms have come; twice what a busy machine needs.
const COMES_WITHIN: Duration = Duration::from_secs(40);
/// Longest time until the page shows an alarm that the database holds.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// So that one can look at it on the page.
const STANDS_FOR: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Unit and id of the alarms that a broken heater of `unit` raises.
#[must_use]
pub fn expected(unit: &str) -> BTreeSet<(String, String)> {
    [ALERT_ALARM, ACTION_ALARM].map(|alarm| (unit.to_owned(), alarm.to_owned())).into()
}

/// A deviation of one unit.
#[derive(Debug)]
pub struct Course<'a> {
    /// The unit.
    pub unit: &'a str,
    /// Its reactor's control port, `host:port`.
    pub control: &'a str,
    /// The Control Site's page, `host:port`.
    pub page: &'a str,
    /// When the heater breaks, from now.
    pub after: Duration,
    /// What the Control Site has verified so far.
    pub seen: watch::Receiver<Seen>,
    /// Where it is told.
    pub out: Out,
}

impl Course<'_> {
    /// Breaks the heater, waits for both alarms, mends it, waits until both are over.
    ///
    /// # Errors
    /// A request is refused, or what should come does not come in time.
    pub async fn run(mut self) -> anyhow::Result<()> {
        sleep(self.after).await;
        let (unit, control) = (self.unit, self.control);
        post(control, "/speed", json!({ "factor": SPEED_BROKEN })).await?;
        let fault = json!({ "fault": "heater-failed", "mode": "on" });
        let id = post(control, "/faults", fault).await?["id"].clone();
        self.out.event(&format!(
            "{unit}: the heater's relay sticks and heats with all it has; its process runs {SPEED_BROKEN} times as fast"
        ));

        let started = Instant::now();
        self.wait_for(&[ALERT_ALARM, ACTION_ALARM], RAISED).await?;
        let standing = self.shown().await?;
        self.out.event(&format!(
            "{unit}: {:.1} s after the fault the Control Site's page shows it ({standing} alarms standing)",
            started.elapsed().as_secs_f64()
        ));
        sleep(STANDS_FOR).await;

        delete(control, &format!("/faults/{id}")).await?;
        post(control, "/speed", json!({ "factor": SPEED_MENDED })).await?;
        self.out
            .event(&format!(
            "{unit}: the heater is mended and lets the culture cool down, now {SPEED_MENDED} times as fast"
        ));
        self.wait_for(&[ALERT_ALARM, ACTION_ALARM], RETURNED).await?;
        post(control, "/speed", json!({ "factor": 1 })).await?;
        self.out.event(&format!(
            "{unit}: back to normal, at its usual speed; both alarms stay on the page until a person acknowledges them"
        ));
        Ok(())
    }

    async fn wait_for(&mut self, alarms: &[&str], transition: &str) -> anyhow::Result<()> {
        for alarm in alarms {
            let wanted = (self.unit.to_owned(), (*alarm).to_owned(), transition.to_owned());
            let came = timeout(COMES_WITHIN, self.seen.wait_for(|seen| seen.contains(&wanted)));
            let Ok(came) = came.await else {
                bail!(
                    "{}: {alarm} {transition} has not come within {} s",
                    self.unit,
                    COMES_WITHIN.as_secs()
                )
            };
            came.context("nobody looks at the Control Site any more")?;
        }
        Ok(())
    }

    /// How many alarms stand on the page, once it shows the one that was provoked.
    async fn shown(&self) -> anyhow::Result<usize> {
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            let alarms = get(self.page, "/api/alarms").await?;
            let alarms = alarms.as_array().map(Vec::as_slice).unwrap_or_default();
            let ours = |alarm: &serde_json::Value| {
                alarm["unit"] == self.unit && alarm["alarm"] == ACTION_ALARM
            };
            if alarms.iter().any(ours) {
                return Ok(alarms.len());
            }
            if Instant::now() > deadline {
                bail!("the Control Site's page does not show {ACTION_ALARM} of {}", self.unit);
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
