//! A fault, and what the agent must say of it.

use cellwatch_model::Cause;

use super::PROBE;

/// A fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// As the reactor's control port takes it.
    pub(crate) json: &'static [&'static str],
    /// Index of the parameter on which it shows.
    pub(crate) parameter: usize,
    /// So long nobody can know, milliseconds.
    pub(crate) known_after_ms: u64,
    /// It breaks the connection that the neighbour on the bus uses too.
    pub(crate) shared_fate: bool,
}

/// What the agent says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected {
    /// On the readings; none where they stay Good.
    pub(crate) cause: Option<Cause>,
    /// On readings, too, while the fault lasts.
    pub(crate) besides: &'static [Cause],
    /// In the event on the link.
    pub(crate) words: &'static str,
    /// Believed again while the fault lasts.
    pub(crate) heals: bool,
    /// In an event after the fault has ended.
    pub(crate) afterwards: &'static str,
}

impl Expected {
    const NOTHING: Self =
        Self { cause: None, besides: &[], words: "", heals: false, afterwards: "" };
    /// All readings stay Good.
    pub(crate) const GOOD: Option<Self> = Some(Self::NOTHING);

    /// A cause, and words in the event on the link.
    pub(crate) const fn says(cause: Cause, words: &'static str) -> Option<Self> {
        Some(Self { cause: Some(cause), words, ..Self::NOTHING })
    }

    /// A cause, until a new connection is made.
    pub(crate) const fn heals(cause: Cause, words: &'static str) -> Option<Self> {
        Some(Self { cause: Some(cause), words, heals: true, ..Self::NOTHING })
    }

    /// A cause, and words after the fault has ended.
    pub(crate) const fn then(
        cause: Cause,
        words: &'static str,
        afterwards: &'static str,
    ) -> Option<Self> {
        Some(Self { cause: Some(cause), words, afterwards, ..Self::NOTHING })
    }
}

impl Fault {
    /// On the wire of the device itself.
    pub(crate) const fn wire(json: &'static [&'static str]) -> Self {
        Self { json, parameter: PROBE, known_after_ms: 0, shared_fate: false }
    }

    /// On a connection.
    pub(crate) const fn connection(json: &'static [&'static str]) -> Self {
        Self { shared_fate: true, ..Self::wire(json) }
    }

    /// On a value.
    pub(crate) const fn value(
        json: &'static [&'static str],
        parameter: usize,
        known_after_ms: u64,
    ) -> Self {
        Self { json, parameter, known_after_ms, shared_fate: false }
    }
}

/// What stands in the table.
pub(crate) fn words(expected: &Expected) -> String {
    let mut text = expected.cause.map_or("Good", Cause::words).to_owned();
    if !expected.words.is_empty() {
        text += &format!(": “{}”", expected.words);
    }
    if expected.heals {
        text += "; Good on a new connection";
    }
    if !expected.afterwards.is_empty() {
        text += &format!("; “{}”", expected.afterwards);
    }
    text
}
