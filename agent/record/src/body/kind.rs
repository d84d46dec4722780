//! The kinds of records.

use std::fmt;

use super::{Action, AlarmChange, Batch, Deviation, EnteredResult, Event, Frame, Health, State};
use crate::cbor::{DecodeError, Reader};

/// Kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A frame of readings.
    Telemetry,
    /// An alarm changed.
    Alarm,
    /// A deviation candidate was opened, updated or closed.
    Deviation,
    /// A person did something.
    Action,
    /// A value that a person entered.
    Result,
    /// A batch started, ended or changed its phase.
    Batch,
    /// Something else happened.
    Event,
    /// The core's state, for a restart.
    State,
    /// How the agent is.
    Health,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Telemetry,
        Self::Alarm,
        Self::Deviation,
        Self::Action,
        Self::Result,
        Self::Batch,
        Self::Event,
        Self::State,
        Self::Health,
    ];

    /// Number in a record (`record.cddl`, `kind`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Telemetry => 1,
            Self::Alarm => 2,
            Self::Deviation => 3,
            Self::Action => 4,
            Self::Result => 5,
            Self::Batch => 6,
            Self::Event => 7,
            Self::State => 8,
            Self::Health => 9,
        }
    }

    /// The reverse of [`Self::code`].
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word in topics, databases and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Telemetry => "telemetry",
            Self::Alarm => "alarm",
            Self::Deviation => "deviation",
            Self::Action => "action",
            Self::Result => "result",
            Self::Batch => "batch",
            Self::Event => "event",
            Self::State => "state",
            Self::Health => "health",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Body of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Readings of a unit.
    Telemetry(Frame),
    /// An alarm changed.
    Alarm(AlarmChange),
    /// A deviation candidate was opened, updated or closed.
    Deviation(Deviation),
    /// A person did something.
    Action(Action),
    /// A value that a person entered.
    Result(EnteredResult),
    /// A batch started, ended or changed its phase.
    Batch(Batch),
    /// Something else happened.
    Event(Event),
    /// The core's state, for a restart.
    State(State),
    /// How the agent is.
    Health(Health),
}

impl Body {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Telemetry(_) => Kind::Telemetry,
            Self::Alarm(_) => Kind::Alarm,
            Self::Deviation(_) => Kind::Deviation,
            Self::Action(_) => Kind::Action,
            Self::Result(_) => Kind::Result,
            Self::Batch(_) => Kind::Batch,
            Self::Event(_) => Kind::Event,
            Self::State(_) => Kind::State,
            Self::Health(_) => Kind::Health,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Telemetry(frame) => frame.write(out),
            Self::Alarm(change) => change.write(out),
            Self::Deviation(deviation) => deviation.write(out),
            Self::Action(action) => action.write(out),
            Self::Result(result) => result.write(out),
            Self::Batch(batch) => batch.write(out),
            Self::Event(event) => event.write(out),
            Self::State(state) => state.write(out),
            Self::Health(health) => health.write(out),
        }
    }

    pub(crate) fn read(kind: Kind, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match kind {
            Kind::Telemetry => Frame::read(reader).map(Self::Telemetry),
            Kind::Alarm => AlarmChange::read(reader).map(Self::Alarm),
            Kind::Deviation => Deviation::read(reader).map(Self::Deviation),
            Kind::Action => Action::read(reader).map(Self::Action),
            Kind::Result => EnteredResult::read(reader).map(Self::Result),
            Kind::Batch => Batch::read(reader).map(Self::Batch),
            Kind::Event => Event::read(reader).map(Self::Event),
            Kind::State => State::read(reader).map(Self::State),
            Kind::Health => Health::read(reader).map(Self::Health),
        }
    }
}
