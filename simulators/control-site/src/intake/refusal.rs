//! Why something was not taken, and the bytes that prove it.

use cellwatch_model::Utc;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why a message or a record was refused, or what is odd about one that is held. Each is stored with its evidence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in the table `refusals`, in JSON and on the page.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

reasons! {
    /// The layout has no such topic.
    UnknownTopic = "unknown-topic",
    /// A plain JSON topic that holds no JSON.
    NotJson = "not-json",
    /// A bundle that is not an array of byte strings.
    NotABundle = "not-a-bundle",
    /// Not a COSE_Sign1 as this version writes it.
    NotASeal = "not-a-seal",
    /// The seal is over another type of content.
    ContentType = "content-type",
    /// The roster lists no such agent.
    UnknownAgent = "unknown-agent",
    /// The roster lists the agent at another site.
    WrongSite = "wrong-site",
    /// The roster lists no such key for the agent.
    UnknownKey = "unknown-key",
    /// The signature does not fit.
    BadSignature = "bad-signature",
    /// A change of keys that not both keys have sealed, or that was taken from elsewhere.
    BadRotation = "bad-rotation",
    /// Sealed with a key that another one had followed before.
    RetiredKey = "retired-key",
    /// Signed, but no record of this format version.
    NotARecord = "not-a-record",
    /// Signed, but no summary of this version.
    NotASummary = "not-a-summary",
    /// The record names another agent than the topic.
    WrongAgent = "wrong-agent",
    /// The record names another unit than the topic.
    WrongUnit = "wrong-unit",
    /// The record is of another kind than the topic.
    WrongKind = "wrong-kind",
    /// The record says that it was made later than now, by a clock that is synchronised.
    FromTheFuture = "from-the-future",
    /// Not refused: the record is held, and says that it was made later than now by a clock that is not synchronised. Said
    /// of the first one of a journal, and again after one that was not ahead.
    ClockAhead = "clock-ahead",
    /// Sequence numbers begin with 1.
    BadSequence = "bad-sequence",
    /// The record does not name the one before it, or the one after it does not name this one.
    PrevMismatch = "prev-mismatch",
    /// Another record with the same identity is held: the chain was forked.
    Conflict = "conflict",
    /// A journal names a predecessor other than the one that is held.
    SuccessionMismatch = "succession-mismatch",
    /// The agent has begun more journals than are believed.
    TooManyJournals = "too-many-journals",
}

/// Something that was refused. What it says of itself is a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The same for people: what was found, where, and what was expected.
    pub detail: String,
    /// The topic on which it came.
    pub topic: String,
    /// The agent that it claims, where that much could be read.
    pub agent: Option<String>,
    /// The journal that it claims, hexadecimal.
    pub journal: Option<String>,
    /// The sequence number that it claims.
    pub seq: Option<u64>,
    /// When it came.
    pub received: Utc,
    /// The bytes as they came.
    pub evidence: Vec<u8>,
}
