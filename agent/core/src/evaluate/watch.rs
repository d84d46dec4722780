//! What of a parameter an alarm judges, as one number.

use std::collections::VecDeque;

use cellwatch_config::master_file::Watch;
use cellwatch_model::Mono;

/// Most readings that a rate looks back over; older ones are dropped.
const RATE_READINGS_MAX: usize = 4_096;

/// A parameter's last believable reading, as far as alarms judge it.
#[derive(Clone, Debug)]
pub(super) enum Judged {
    /// A number.
    Number(f64),
    /// A word of an enumeration, `true`, `false`, or a text.
    Word(String),
    /// Nothing believable.
    Nothing,
}

/// What is judged, with what it must remember.
#[derive(Clone, Debug)]
pub(super) enum Watched {
    /// The value.
    Value,
    /// The distance from a number or from another parameter, by its index.
    Deviation { set_point: Option<f64>, reference: Option<usize> },
    /// The rate of change per minute over a window.
    Rate { window_ms: u64, readings: VecDeque<(Mono, f64)> },
    /// One of these states.
    States(Vec<String>),
}

impl Watched {
    pub(super) fn new(
        watch: &Watch,
        set_point: Option<f64>,
        index_of: impl Fn(&str) -> Option<usize>,
    ) -> Self {
        match watch {
            Watch::Value => Self::Value,
            Watch::Deviation { reference: None } => Self::Deviation { set_point, reference: None },
            Watch::Deviation { reference: Some(name) } => {
                Self::Deviation { set_point: None, reference: index_of(name) }
            }
            Watch::Rate { window_ms } => {
                Self::Rate { window_ms: *window_ms, readings: VecDeque::new() }
            }
            Watch::States(states) => Self::States(states.clone()),
        }
    }

    /// The parameter besides its own that it looks at.
    pub(super) const fn reference(&self) -> Option<usize> {
        match self {
            Self::Deviation { reference, .. } => *reference,
            Self::Value | Self::Rate { .. } | Self::States(_) => None,
        }
    }

    /// The number to judge; none where there is nothing believable to judge by.
    pub(super) fn number(
        &mut self,
        own: &Judged,
        reference: Option<&Judged>,
        at: Mono,
    ) -> Option<f64> {
        match self {
            Self::Value => own.number(),
            Self::Deviation { set_point, .. } => {
                let from = (*set_point).or_else(|| reference.and_then(Judged::number))?;
                Some(as_decimal((own.number()? - from).abs()))
            }
            Self::Rate { window_ms, readings } => rate(*window_ms, readings, own.number(), at),
            Self::States(states) => match own {
                Judged::Word(word) => {
                    Some(f64::from(u8::from(states.iter().any(|state| state == word))))
                }
                Judged::Number(_) | Judged::Nothing => None,
            },
        }
    }
}

impl Judged {
    const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(_) | Self::Nothing => None,
        }
    }
}

/// Change per minute between the oldest reading of the window and this one, without its sign. A reading
/// that is not believable empties the window: what lies beyond a gap is not a rate.
fn rate(
    window_ms: u64,
    readings: &mut VecDeque<(Mono, f64)>,
    value: Option<f64>,
    at: Mono,
) -> Option<f64> {
    let Some(value) = value else {
        readings.clear();
        return None;
    };
    readings.push_back((at, value));
    let too_old = |first: &(Mono, f64)| at.ms_since(first.0) > window_ms;
    while readings.len() > RATE_READINGS_MAX || readings.front().is_some_and(too_old) {
        readings.pop_front();
    }
    let (first, before) = readings.front()?;
    let ms = at.ms_since(*first);
    // Less than half a window is mostly noise.
    #[allow(clippy::cast_precision_loss)] // a window is at most an hour
    (ms * 2 >= window_ms).then(|| as_decimal(((value - before) / (ms as f64 / 60_000.0)).abs()))
}

/// Without what binary adds to a difference of decimals: 37.6 - 37.0 is 0.6 here, and not a little more. Values have
/// at most nine decimals.
fn as_decimal(number: f64) -> f64 {
    const NINE_DECIMALS: f64 = 1e9;
    let scaled = (number * NINE_DECIMALS).round();
    if scaled.is_finite() { scaled / NINE_DECIMALS } else { number }
}
