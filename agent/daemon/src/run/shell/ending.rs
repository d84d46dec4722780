//! The end: when it has come, and what is closed then.

use std::time::Duration;

use cellwatch_model::Mono;

use super::{Adapters, Shell};

/// A stop waits this long for the journal, milliseconds.
const DURABLE_WITHIN_MS: u64 = 10_000;
/// And then this long for the broker, milliseconds.
const PUBLISHED_WITHIN_MS: u64 = 2_000;

impl Shell {
    /// How long until something is due.
    pub(in crate::run) fn due(&self) -> Option<Duration> {
        let now = self.now().mono;
        let wait = |due: Mono| Duration::from_nanos(due.0.saturating_sub(now.0));
        let limit = self
            .all_durable
            .map(|since| since.plus_ms(PUBLISHED_WITHIN_MS))
            .or_else(|| self.stopped.map(|since| since.plus_ms(DURABLE_WITHIN_MS)));
        let deadline = self.agent.next_deadline().map(|(due, _)| due);
        [limit, deadline].into_iter().flatten().min().map(wait)
    }

    /// True when everything is on disk and published, or has had its time.
    pub(in crate::run) fn has_ended(&mut self) -> bool {
        if self.failed.is_some() {
            return true;
        }
        let Some(stopped) = self.stopped else { return false };
        let now = self.now().mono;
        if self.durable_seq < self.appended_seq {
            let late = now >= stopped.plus_ms(DURABLE_WITHIN_MS);
            if late {
                let last = self.durable_seq;
                self.failed = Some(format!("the journal could not be written after seq {last}"));
            }
            return late;
        }
        let since = *self.all_durable.get_or_insert(now);
        let in_flight = self.publisher.is_some() && self.handed > self.acknowledged;
        !in_flight || now >= since.plus_ms(PUBLISHED_WITHIN_MS)
    }

    /// Says goodbye and closes everything.
    pub(in crate::run) async fn end(self) -> Result<(), String> {
        let Adapters { writer, keeper, broker, annunciators, .. } = self.adapters;
        for (writes, ending) in annunciators {
            drop(writes);
            ending.wait().await;
        }
        broker.finish().await;
        let closed = tokio::task::spawn_blocking(move || {
            writer.end();
            keeper.end();
        });
        if closed.await.is_err() {
            tracing::error!("the journal could not be closed properly");
        }
        self.failed.map_or(Ok(()), Err)
    }
}
