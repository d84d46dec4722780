//! A parameter of a unit with its last reading.

use std::sync::Arc;

use cellwatch_config::profile::{Profile, Role};
use cellwatch_model::{Mono, NoData, Quality, Reading, UnitOfMeasure, Value};

use crate::evaluate::watch::Judged;

/// Without a Master File's word, a value is stale after this many of its periods.
const STALE_PERIODS: u64 = 3;

/// A parameter of a unit with its last reading.
#[derive(Clone, Debug)]
pub(crate) struct ParameterState {
    pub(crate) name: String,
    pub(crate) unit: UnitOfMeasure,
    pub(crate) decimals: u8,
    pub(crate) role: Role,
    pub(crate) device: String,
    pub(crate) profile: Arc<Profile>,
    /// Its index in the profile.
    pub(crate) profile_index: usize,
    pub(crate) last: Option<Reading>,
    /// When there was last a value that can be believed.
    pub(crate) valued_at: Option<Mono>,
    pub(crate) stale_after_ms: u64,
    /// When it becomes stale; none once it is, and while it never had a value.
    pub(super) stale_at: Option<Mono>,
}

impl ParameterState {
    /// The parameters of a device.
    pub(super) fn of_device<'a>(
        device: &'a str,
        profile: &'a Arc<Profile>,
    ) -> impl Iterator<Item = Self> + 'a {
        profile.parameters.iter().enumerate().map(|(profile_index, parameter)| Self {
            name: parameter.name.clone(),
            unit: parameter.unit,
            decimals: parameter.decimals,
            role: parameter.role,
            device: device.to_owned(),
            profile: Arc::clone(profile),
            profile_index,
            last: None,
            valued_at: None,
            stale_after_ms: STALE_PERIODS * parameter.period_ms,
            stale_at: None,
        })
    }

    /// Its values are known anew only this often, milliseconds.
    pub(super) fn known_every(&mut self, ms: u64) {
        self.stale_after_ms = self.stale_after_ms.max(STALE_PERIODS * ms);
    }

    /// Takes a reading. One of another time shows nothing of now, and does not keep the value fresh.
    pub(super) fn take(&mut self, reading: Reading) {
        if reading.quality.is_of_now() {
            if reading.value.is_ok() {
                self.stale_at = Some(reading.at.plus_ms(self.stale_after_ms));
            }
            if !matches!(reading.quality, Quality::Bad(_)) {
                self.valued_at = Some(reading.at);
            }
            self.last = Some(reading);
        }
    }

    /// A reading as alarms judge it: a number, or the word of an enumeration, a flag or a text.
    pub(super) fn judged(&self, reading: &Reading) -> Judged {
        match &reading.value {
            Err(NoData(_)) => Judged::Nothing,
            Ok(Value::Number(number)) => Judged::Number(*number),
            Ok(Value::Bool(flag)) => {
                let word = self.word(i64::from(*flag)).map(str::to_owned);
                Judged::Word(word.unwrap_or_else(|| flag.to_string()))
            }
            Ok(Value::Text(text)) => Judged::Word(text.clone()),
            Ok(Value::Integer(integer)) => match self.word(*integer) {
                Some(word) => Judged::Word(word.to_owned()),
                #[allow(clippy::cast_precision_loss)] // limits lie far below 2^53
                None => Judged::Number(*integer as f64),
            },
        }
    }

    /// The word of an enumeration's number.
    pub(crate) fn word(&self, number: i64) -> Option<&str> {
        self.profile.parameters[self.profile_index].values.get(&number).map(String::as_str)
    }
}
