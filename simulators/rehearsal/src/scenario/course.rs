//! A scenario as events in their order.

use cellwatch_config::profile::Profile;
use cellwatch_reactor::culture::Signal;
use cellwatch_reactor::faults::FaultRequest;

use super::model::{Scenario, ScenarioProblem};

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something breaks for a while.
    Break(FaultRequest),
    /// A set-point is set at the panel.
    Set(Signal, f64),
    /// A person enters what the culture holds.
    Sample {
        /// The parameter.
        parameter: String,
        /// What it is in the process model.
        signal: Signal,
        /// A second person confirms it.
        confirmed: bool,
    },
}

/// Everything that happens, by milliseconds of the run.
pub type Course = Vec<(u64, Step)>;

const HOUR_MS: f64 = 3_600_000.0;
/// A drift goes in steps of so many milliseconds.
const DRIFT_STEP_MS: f64 = 60_000.0;

impl Scenario {
    /// The course of events.
    ///
    /// # Errors
    /// A fault, a set-point or a parameter that the device does not have.
    pub fn course(&self, profile: &Profile) -> Result<Course, ScenarioProblem> {
        let problem = |what: String| ScenarioProblem { scenario: self.id.clone(), what };
        let mut course = Vec::new();
        for fault in &self.fault {
            let mut json =
                serde_json::to_value(&fault.what).map_err(|error| problem(error.to_string()))?;
            if let Some(json) = json.as_object_mut() {
                json.insert("for_s".to_owned(), fault.lasts_s.into());
            }
            let request = FaultRequest::parse(&json, profile)
                .map_err(|error| problem(format!("\"{}\": {error}", fault.note)))?;
            course.push((ms(fault.at_h), Step::Break(request)));
        }
        for drift in &self.drift {
            course.extend(self.drift(drift, profile)?);
        }
        for panel in &self.panel {
            let signal = Signal::from_name(&panel.set_point).filter(|one| one.is_set_point());
            let signal =
                signal.ok_or_else(|| problem(format!("{} is no set-point", panel.set_point)))?;
            course.push((ms(panel.at_h), Step::Set(signal, panel.value)));
            course.push((ms(panel.at_h + panel.lasts_s / 3600.0), Step::Set(signal, panel.back)));
        }
        for sample in &self.sample {
            let parameter = &sample.parameter;
            let signal = Signal::from_name(parameter);
            let signal = signal
                .ok_or_else(|| problem(format!("the process model does not know {parameter}")))?;
            let mut at_h = sample.first_h;
            while at_h <= sample.until_h.min(self.hours) {
                let (parameter, confirmed) = (parameter.clone(), sample.confirmed);
                course.push((ms(at_h), Step::Sample { parameter, signal, confirmed }));
                at_h += sample.every_h;
            }
        }
        course.sort_by_key(|(at_ms, _)| *at_ms);
        Ok(course)
    }

    fn drift(
        &self,
        drift: &super::Drift,
        profile: &Profile,
    ) -> Result<Vec<(u64, Step)>, ScenarioProblem> {
        let end_h = drift.over_h + drift.stays_h + drift.back_h;
        let step_h = DRIFT_STEP_MS / HOUR_MS;
        let mut steps = Vec::new();
        let mut since_h = 0.0;
        while since_h < end_h {
            let share = if since_h < drift.over_h {
                since_h / drift.over_h
            } else if since_h < drift.over_h + drift.stays_h {
                1.0
            } else {
                (end_h - since_h) / drift.back_h
            };
            let json = serde_json::json!({
                "fault": "sensor-offset", "parameter": drift.parameter, "offset": drift.to * share,
                "for_s": DRIFT_STEP_MS / 1000.0,
            });
            let request = FaultRequest::parse(&json, profile).map_err(|error| {
                let what = format!("\"{}\": {error}", drift.note);
                ScenarioProblem { scenario: self.id.clone(), what }
            })?;
            steps.push((ms(drift.at_h + since_h), Step::Break(request)));
            since_h += step_h;
        }
        Ok(steps)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked hours")]
fn ms(hours: f64) -> u64 {
    (hours * HOUR_MS).round() as u64
}
