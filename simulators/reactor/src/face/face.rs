//! A profile joined to the model.

use std::fmt;
use std::time::Duration;

use cellwatch_config::profile::{Access, Parameter, Profile, Role, Table};

use super::encode::{Sent, encode};
use super::image::Image;
use super::panel::{PanelWrite, decode_number};
use super::source::Source;
use crate::culture::Culture;
use crate::culture::noise;

/// A device by its profile.
#[derive(Clone, Debug)]
pub struct Face {
    profile: Profile,
    sources: Vec<Source>,
    serial: String,
    seed: u64,
}

/// The moment of an image.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The culture.
    pub culture: &'a Culture,
    /// Since the device was last switched on.
    pub device_time: Duration,
    /// What its clock says, since 1970-01-01 UTC.
    pub clock: Duration,
}

/// Why a parameter cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceProblem {
    /// Name of the parameter.
    pub parameter: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// Everything that keeps a profile from being served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceProblems {
    /// Id of the profile.
    pub profile: String,
    /// The problems, in the order of the profile.
    pub problems: Vec<FaceProblem>,
}

impl fmt::Display for FaceProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let line = if index > 0 { "\n" } else { "" };
            write!(f, "{line}profile {}: {}: {}", self.profile, problem.parameter, problem.what)?;
        }
        Ok(())
    }
}

impl std::error::Error for FaceProblems {}

impl Face {
    /// Joins a profile to the model. `serial` is what a parameter of role serial says.
    ///
    /// # Errors
    /// A unit that the model's signal cannot be told in, a phase without its number, a serial number too
    /// long for its registers: mend the profile.
    pub fn new(
        profile: Profile,
        culture: &Culture,
        serial: &str,
        seed: u64,
    ) -> Result<Self, FaceProblems> {
        let mut problems = Vec::new();
        let mut sources = Vec::new();
        for parameter in &profile.parameters {
            let mut problem = |what: String| {
                problems.push(FaceProblem { parameter: parameter.name.clone(), what });
            };
            match Source::of(parameter) {
                Ok(source) => sources.push(source),
                Err(what) => problem(what),
            }
            if parameter.role == Role::Phase {
                let known = |id: &str| parameter.values.values().any(|word| word == id);
                for id in culture.phase_ids().filter(|id| !known(id)) {
                    problem(format!("its values have no number for the phase \"{id}\": add one"));
                }
            }
            let room = usize::from(parameter.width()) * 2;
            if parameter.role == Role::Serial && serial.len() > room {
                problem(format!("the serial number \"{serial}\" is longer than {room} bytes"));
            }
        }
        if problems.is_empty() {
            return Ok(Self { profile, sources, serial: serial.to_owned(), seed });
        }
        Err(FaceProblems { profile: profile.id.clone(), problems })
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The serial number.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Parameters with their sources, in the order of the profile.
    pub fn parameters(&self) -> impl Iterator<Item = (&Parameter, &Source)> {
        self.profile.parameters.iter().zip(&self.sources)
    }

    /// An image of all tables. `instead` may replace the words of a parameter, and gets what it would send.
    #[must_use]
    pub fn image(
        &self,
        moment: Moment<'_>,
        instead: impl Fn(&Parameter, &Sent) -> Option<Vec<u16>>,
    ) -> Image {
        let mut image = Image::for_parameters(&self.profile.parameters);
        for (index, (parameter, source)) in self.parameters().enumerate() {
            let sent = self.sent(parameter, source, moment, index);
            let words = instead(parameter, &sent).unwrap_or_else(|| encode(parameter, &sent));
            image.put(parameter, &words);
        }
        image
    }

    /// What a write to holding registers means: one set-point, whole.
    #[must_use]
    pub fn panel_write(&self, address: u16, words: &[u16]) -> Option<PanelWrite> {
        let (parameter, source) = self.parameters().find(|(parameter, _)| {
            parameter.table == Table::Holding
                && parameter.access == Access::Panel
                && parameter.address == address
        })?;
        match source {
            Source::Culture { signal, factor } if signal.is_set_point() => {
                let value = decode_number(parameter, words)? / factor;
                Some(PanelWrite { signal: *signal, value })
            }
            Source::Culture { .. }
            | Source::Phase
            | Source::Heartbeat
            | Source::Uptime
            | Source::Clock
            | Source::Serial
            | Source::Wandering { .. }
            | Source::Constant(_) => None,
        }
    }

    fn sent(
        &self,
        parameter: &Parameter,
        source: &Source,
        moment: Moment<'_>,
        index: usize,
    ) -> Sent {
        let seconds = moment.device_time.as_secs_f64();
        let per_s = moment.culture.parameters().sensors.conversions_per_s;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts up from 0"
        )]
        let sample = (seconds * per_s) as u64;
        match source {
            Source::Culture { signal, factor } => {
                Sent::Number(factor * moment.culture.shown(*signal, sample))
            }
            Source::Phase => {
                let phase = moment.culture.phase();
                let number = parameter.values.iter().find(|(_, word)| *word == phase);
                Sent::Raw(number.map_or(0, |(number, _)| *number))
            }
            Source::Heartbeat => Sent::Raw(heartbeat(parameter, moment.device_time.as_secs())),
            Source::Uptime => {
                Sent::Raw(i64::try_from(moment.device_time.as_secs()).unwrap_or(i64::MAX))
            }
            Source::Clock => Sent::Raw(i64::try_from(moment.clock.as_secs()).unwrap_or(i64::MAX)),
            Source::Serial => Sent::Text(self.serial.clone()),
            Source::Wandering { low, high } => {
                let stream = WANDERING + index as u64;
                let start = noise::uniform(self.seed, stream, 0) * std::f64::consts::PI;
                let wave = (start + seconds * std::f64::consts::TAU / WANDERING_PERIOD_S).sin();
                let jitter = noise::normal(self.seed, stream, sample + 1);
                let middle = f64::midpoint(*low, *high);
                Sent::Number(middle + (high - low) * (0.2 * wave + 0.002 * jitter))
            }
            Source::Constant(raw) => Sent::Raw(*raw),
        }
    }
}

/// Counts from 1 and wraps where the type ends, without its sentinels.
fn heartbeat(parameter: &Parameter, seconds: u64) -> i64 {
    let bits = u32::from(parameter.width()) * 16;
    let positive_bits = bits.min(63) - u32::from(bits < 63);
    let most = 1_u64 << positive_bits.min(31);
    let count = i64::try_from(1 + seconds % (most - 1)).unwrap_or(1);
    if parameter.sentinels.contains(&count) { 0 } else { count }
}

/// Noise streams from here on are the wandering parameters'.
const WANDERING: u64 = 3000;
/// Design: slow enough to pass for a process value.
const WANDERING_PERIOD_S: f64 = 600.0;
