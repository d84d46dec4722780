//! Bounds and pauses of delivery (LAW-10): each named, with what happens when it is reached.

use cellwatch_model::Mono;

/// Most publishes in flight, below any sensible broker's receive maximum; a smaller one of the broker counts.
/// Reached, everything waits: alarms ahead.
pub const WINDOW_MAX: usize = 64;
/// Most bundles in flight, and never more than half of the window: the rest stays free for what is live.
pub const BUNDLES_MAX: usize = 4;
/// Largest bundle, bytes; the next one carries on.
pub const BUNDLE_BYTES_MAX: usize = 64 * 1024;
/// Most records in a bundle; the next one carries on.
pub const BUNDLE_RECORDS_MAX: u64 = 256;
/// Records that may wait for the window, of each urgency; more go to the backlog.
pub const QUEUE_RECORDS_MAX: usize = 1024;
/// Bytes that may wait for the window, of each urgency; more go to the backlog.
pub const QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Records on their way to the disk whose topic is remembered; others go by the backlog, telemetry first.
pub const APPENDED_MAX: usize = 32_768;
/// Acknowledged records whose time is remembered; older ones are sent again only when a receipt misses them.
pub const ACKNOWLEDGED_MAX: usize = 32_768;
/// Where receipts come: with so many acknowledged records that none covers, the backlog waits for the next receipt, so that it
/// does not pile up at a broker whose Control Site is slower. What is live goes on. The rest, to `ACKNOWLEDGED_MAX`, is
/// for what is in flight then and for what is live.
pub const UNCOVERED_MAX: usize = 16_384;
/// Ranges that a set of sequence numbers is kept in; more are joined, lowest first.
pub const RANGES_MAX: usize = 4_096;
/// What is to be said about delivery and was not yet taken; more is not said.
pub const NOTICES_MAX: usize = 16;

/// Largest MQTT packet, bytes: the largest remaining length and its header (MQTT 5, §1.5.5, §2.1.4).
const MQTT_PACKET_BYTES_MAX: usize = 268_435_455;
/// Bytes of a publish beside topic and payload at most: header, lengths, packet identifier, no properties (§3.3).
const PUBLISH_BYTES: usize = 12;
/// Bytes that the seal of a document takes at most.
const SEAL_BYTES: usize = 256;

/// How long the outbox waits, milliseconds. What is not the default is for exploring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pauses {
    /// A retained receipt may arrive this long after the connection before backlog is sent.
    pub receipt_grace_ms: u64,
    /// What the broker refused is sent again after this long.
    pub refused_ms: u64,
    /// After a record that could not be read from the journal, the next is tried after this long.
    pub unreadable_ms: u64,
    /// A record that was refused alone, or could not be read, is tried again after this long.
    pub aside_ms: u64,
    /// A record that was acknowledged so recently may still be on its way: not sent again on a receipt.
    pub on_its_way_ms: u64,
    /// With anything in flight and no answer for this long, the connection is given up. It doubles
    /// each time up to `silence_max_ms` until the broker answers: a slow one is not cut off for ever.
    pub silence_ms: u64,
    /// The longest that `silence_ms` grows.
    pub silence_max_ms: u64,
    /// With a publish unanswered for this long, whatever else is answered, the connection is given up.
    pub unanswered_ms: u64,
    /// Receipts that come, but show nothing new for this long, make records after the highest stored go out again.
    pub tail_ms: u64,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            receipt_grace_ms: 1_000,
            refused_ms: 5_000,
            unreadable_ms: 100,
            aside_ms: 60_000,
            on_its_way_ms: 3_000,
            silence_ms: 30_000,
            silence_max_ms: 600_000,
            unanswered_ms: 300_000,
            tail_ms: 60_000,
        }
    }
}

/// What the broker of a connection takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Limits {
    pub(super) window: usize,
    pub(super) bundles: usize,
    pub(super) packet_bytes: usize,
}

impl Limits {
    pub(super) fn new(receive_maximum: u16, maximum_packet_size: Option<u32>) -> Self {
        let window = WINDOW_MAX.min(usize::from(receive_maximum)).max(1);
        Self {
            window,
            bundles: BUNDLES_MAX.min(window / 2).max(1),
            packet_bytes: maximum_packet_size
                .map_or(MQTT_PACKET_BYTES_MAX, |size| size as usize)
                .min(MQTT_PACKET_BYTES_MAX),
        }
    }

    /// Largest payload under a topic, bytes.
    pub(super) const fn room(&self, topic: &str) -> usize {
        self.packet_bytes.saturating_sub(PUBLISH_BYTES + topic.len())
    }

    /// Largest document under a topic that is sealed on its way out, bytes.
    pub(super) const fn room_to_seal(&self, topic: &str) -> usize {
        self.room(topic).saturating_sub(SEAL_BYTES)
    }
}

/// An instant seen from a new origin of time; what has passed is at the origin.
pub(super) const fn rebased(at: Mono, origin: Mono) -> Mono {
    Mono(at.0.saturating_sub(origin.0))
}
