//! What is the newest of a parameter: which samples are late, and whether the subscription brings all.

use cellwatch_model::{Mono, Utc};

use crate::door::{UaSample, UaValue};

/// Beyond two publishing intervals a sample may come so much later before it is late, milliseconds.
pub(super) const LATE_MS: u64 = 1000;

/// What is known of a parameter's samples.
#[derive(Debug, Default)]
pub(super) struct Newest {
    last: Option<Last>,
    /// Source time at the read before this one.
    at_read: Option<Utc>,
    /// The source time at which reads found it standing still.
    stood_at: Option<Utc>,
    /// Since when reads find changes that were not published; how many reads.
    unpublished: Option<(Mono, u32)>,
    /// A sample was published since the subscription began.
    began: bool,
}

#[derive(Debug)]
struct Last {
    value: UaValue,
    status: u32,
    time: Option<Utc>,
    at: Mono,
}

/// How a published sample stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Newer, and fresh.
    Live,
    /// Came too late.
    Late,
    /// What is known already.
    Same,
}

/// How a sample that was read stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadOrder {
    /// The newest.
    Live,
    /// A newer one was published while it was on its way.
    Overtaken,
}

impl Newest {
    /// A subscription begins or ended.
    pub(super) const fn begin(&mut self) {
        self.began = false;
        self.unpublished = None;
    }

    /// Takes a published sample that the server and the network kept for `kept_ms`.
    pub(super) fn published(
        &mut self,
        sample: &UaSample,
        kept_ms: u64,
        late_ms: u64,
        at: Mono,
    ) -> Order {
        self.unpublished = None;
        let is_first = !std::mem::replace(&mut self.began, true);
        let time = time(sample);
        if let Some(last) = &self.last {
            if last.is(sample) {
                return Order::Same;
            }
            if last.time.zip(time).is_some_and(|(last, time)| time < last) {
                return Order::Late;
            }
        }
        self.last = Some(Last::of(sample, at));
        // The first one is the value that stands, however long it has stood.
        if kept_ms > late_ms && !is_first { Order::Late } else { Order::Live }
    }

    /// Takes a sample of a read that was asked for at `asked`.
    pub(super) fn read(&mut self, sample: &UaSample, asked: Mono, at: Mono) -> ReadOrder {
        let time = time(sample);
        if let Some(last) = &self.last {
            let is_older = last.time.zip(time).is_some_and(|(last, time)| time < last);
            // One that is older than what came before the question: the device's clock was set back.
            if is_older && last.at >= asked {
                return ReadOrder::Overtaken;
            }
            if last.at < asked && !last.is_value(sample) {
                let (since, reads) = self.unpublished.unwrap_or((at, 0));
                self.unpublished = Some((since, reads + 1));
            }
        }
        self.last = Some(Last::of(sample, at));
        ReadOrder::Live
    }

    /// True if reads in a row found changes for `for_ms` that were not published.
    pub(super) fn is_unpublished(&self, for_ms: u64, now: Mono) -> bool {
        self.unpublished.is_some_and(|(since, reads)| reads >= 2 && now.ms_since(since) >= for_ms)
    }

    /// Source time of a read; true if it is that of the read before.
    pub(super) fn stands_still(&mut self, sample: &UaSample) -> bool {
        let before = std::mem::replace(&mut self.at_read, sample.source);
        let stands = sample.source.is_some() && before == sample.source;
        self.stood_at = sample.source.filter(|_| stands);
        stands
    }

    /// True if reads found the source time of this sample standing still.
    pub(super) fn has_stood(&self, sample: &UaSample) -> bool {
        self.stood_at.is_some() && self.stood_at == sample.source
    }
}

impl Last {
    fn of(sample: &UaSample, at: Mono) -> Self {
        let UaSample { value, status, .. } = sample;
        Self { value: value.clone(), status: *status, time: time(sample), at }
    }

    fn is_value(&self, sample: &UaSample) -> bool {
        self.value.is_same(&sample.value)
    }

    fn is(&self, sample: &UaSample) -> bool {
        self.is_value(sample) && self.status == sample.status && self.time == time(sample)
    }
}

/// By the device's clock; by the server's where it says nothing.
pub(super) fn time(sample: &UaSample) -> Option<Utc> {
    sample.source.or(sample.server)
}
