//! A parameter of a unit with its last reading.

use std::sync::Arc;

use cellwatch_config::profile::{Parameter, Profile};
use cellwatch_model::{Mono, NoData, Quality, Reading, Value};

use crate::evaluate::watch::Judged;

/// Without a Master File's word, a value is stale after this many of its periods.
const STALE_PERIODS: u64 = 3;

/// A device of a unit, as its parameters know it.
#[derive(Debug)]
struct Device {
    id: String,
    profile: Arc<Profile>,
}

/// Which parameter of which device.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    device: Arc<Device>,
    /// Its index in the profile.
    index: usize,
}

/// A parameter of a unit with its last reading.
#[derive(Clone, Debug)]
pub(crate) struct ParameterState {
    origin: Origin,
    pub(crate) last: Option<Reading>,
    /// When there was last a value that can be believed.
    pub(crate) valued_at: Option<Mono>,
    pub(crate) stale_after_ms: u64,
    /// When it becomes stale; none once it is, and while it never had a value.
    pub(super) stale_at: Option<Mono>,
}

impl Origin {
    /// What the profile says of it.
    pub(crate) fn known(&self) -> &Parameter {
        &self.device.profile.parameters[self.index]
    }

    /// The id of its device.
    pub(crate) fn device(&self) -> &str {
        &self.device.id
    }
}

impl ParameterState {
    /// The parameters of a device.
    pub(super) fn of_device<'a>(
        device: &str,
        profile: &'a Arc<Profile>,
    ) -> impl Iterator<Item = Self> + use<'a> {
        let device = Arc::new(Device { id: device.to_owned(), profile: Arc::clone(profile) });
        profile.parameters.iter().enumerate().map(move |(index, parameter)| Self {
            origin: Origin { device: Arc::clone(&device), index },
            last: None,
            valued_at: None,
            stale_after_ms: STALE_PERIODS * parameter.period_ms,
            stale_at: None,
        })
    }

    /// What the profile says of it.
    pub(crate) fn known(&self) -> &Parameter {
        self.origin.known()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.known().name
    }

    /// The id of its device.
    pub(crate) fn device(&self) -> &str {
        self.origin.device()
    }

    /// The profile of its device.
    pub(crate) fn profile(&self) -> &Profile {
        &self.origin.device.profile
    }

    /// Which parameter of which device it is.
    pub(in crate::evaluate) const fn origin(&self) -> &Origin {
        &self.origin
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
        self.known().values.get(&number).map(String::as_str)
    }
}
