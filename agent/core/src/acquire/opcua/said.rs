//! What a device on OPC UA says for the record besides readings, links and gaps.

use std::collections::BTreeSet;

use cellwatch_model::Mono;

use crate::door::UaShortfall;

/// Something of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UaSaid {
    /// A session was made.
    Session {
        /// In words.
        session: String,
    },
    /// A certificate that nobody has accepted.
    Untrusted {
        /// In words.
        text: String,
        /// SHA-256.
        thumbprint: String,
    },
    /// Nothing was watched from here on; until when, once it is again.
    Unwatched {
        /// The last sign of life.
        from: Mono,
        /// The first one after it; none while the gap is open.
        to: Option<Mono>,
    },
    /// The server's queues lost values.
    ValuesLost {
        /// Indexes of the parameters that it happened to.
        parameters: BTreeSet<usize>,
        /// Samples that said so since the last event.
        samples: u64,
        /// Within this time.
        from: Mono,
        /// Until the last sample that said so came.
        to: Mono,
    },
    /// Notifications are missing.
    MessagesLost {
        /// How many.
        messages: u64,
        /// Within this time.
        from: Mono,
        /// Until the hole was found.
        to: Mono,
    },
    /// The server grants less than it was asked for.
    GrantsLess {
        /// The subscription as a whole.
        slower: Option<Slower>,
        /// Of which parameters.
        shortfalls: Vec<UaShortfall>,
    },
    /// Reads found changes that the subscription did not bring: it is made anew.
    Unpublished {
        /// Index of a parameter that it happened to.
        parameter: usize,
    },
    /// The subscription gave no sign of life: the session is made anew.
    Silent {
        /// For so long, milliseconds.
        for_ms: u64,
    },
}

/// The server publishes less often than it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slower {
    /// Interval that was asked for, milliseconds.
    pub(crate) asked_ms: u64,
    /// Its interval, milliseconds.
    pub(crate) granted_ms: u64,
}
