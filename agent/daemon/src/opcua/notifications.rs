//! Takes what a subscription brings, in the order of its sequence numbers.

use std::collections::BTreeMap;

use cellwatch_core::door::UaInput;
use opcua::client::{MonitoredItemMap, OnSubscriptionNotificationCore};
use opcua::types::{DataChangeNotification, NotificationMessage, StatusChangeNotification};
use tokio::sync::mpsc;

use super::convert::{parameter_of, sample, utc};

/// Notifications that may wait for one before them: answers to several publish requests may be handled in
/// another order than they came.
const AHEAD_MAX: usize = 8;

/// What comes out of a subscription.
#[derive(Debug)]
pub(super) enum Published {
    /// For the core.
    Input(UaInput),
    /// It is over; why.
    Ended(String),
}

/// The sequence of notifications, from 1; after 2^32 - 1 comes 1 (OPC 10000-4 §7.26).
#[derive(Debug, Default)]
struct Sequence {
    last: u32,
    ahead: BTreeMap<u32, NotificationMessage>,
}

const fn after(number: u32) -> u32 {
    if number == u32::MAX { 1 } else { number + 1 }
}

impl Sequence {
    /// Takes a notification with data; gives those that are next, and how many are missing before them.
    fn take(&mut self, message: NotificationMessage) -> (u64, Vec<NotificationMessage>) {
        self.ahead.insert(message.sequence_number, message);
        let mut ready = self.ready();
        let mut missing = 0;
        if self.ahead.len() > AHEAD_MAX {
            if let Some(first) = self.ahead.keys().next().copied() {
                missing = u64::from(first.wrapping_sub(after(self.last)));
                self.last = first.wrapping_sub(1);
            }
            ready.extend(self.ready());
        }
        (missing, ready)
    }

    fn ready(&mut self) -> Vec<NotificationMessage> {
        let mut ready = Vec::new();
        while let Some(message) = self.ahead.remove(&after(self.last)) {
            self.last = message.sequence_number;
            ready.push(message);
        }
        ready
    }

    /// A sign of life names the next number; what is missing before it never comes.
    fn next_is(&mut self, next: u32) -> u64 {
        let expected = after(self.last);
        if next == expected || !self.ahead.is_empty() || next < expected {
            return 0;
        }
        self.last = next.wrapping_sub(1);
        u64::from(next - expected)
    }
}

/// Called by the library for each notification.
pub(super) struct Notifications {
    out: mpsc::Sender<Published>,
    sequence: Sequence,
    /// Where the core did not keep up, everything that follows is lost: the session is given up.
    broke: bool,
}

impl Notifications {
    pub(super) fn new(out: mpsc::Sender<Published>) -> Self {
        Self { out, sequence: Sequence::default(), broke: false }
    }

    fn send(&mut self, published: Published) {
        if self.broke || self.out.try_send(published).is_ok() {
            return;
        }
        // The receiver sees the channel close after what waits there.
        self.broke = true;
        let (closed, _) = mpsc::channel(1);
        self.out = closed;
    }

    fn hand_on(&mut self, message: NotificationMessage) {
        let at_server = utc(message.publish_time);
        let mut samples = Vec::new();
        for one in message.notification_data.into_iter().flatten() {
            if let Some(change) = one.inner_as::<DataChangeNotification>() {
                for item in change.monitored_items.iter().flatten() {
                    let Some(parameter) = parameter_of(item.client_handle) else { continue };
                    samples.push(sample(parameter, item.value.clone()));
                }
            } else if let Some(change) = one.inner_as::<StatusChangeNotification>() {
                self.send(Published::Ended(format!("its subscription ended: {}", change.status)));
            }
        }
        self.send(Published::Input(UaInput::Published { at_server, samples }));
    }
}

impl OnSubscriptionNotificationCore for Notifications {
    fn on_subscription_notification(
        &mut self,
        notification: NotificationMessage,
        _: MonitoredItemMap<'_>,
    ) {
        let has_data = notification.notification_data.as_ref().is_some_and(|data| !data.is_empty());
        let (missing, ready) = if has_data {
            self.sequence.take(notification)
        } else {
            (self.sequence.next_is(notification.sequence_number), vec![notification])
        };
        if missing > 0 {
            self.send(Published::Input(UaInput::Missing { messages: missing }));
        }
        for message in ready {
            self.hand_on(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(sequence_number: u32) -> NotificationMessage {
        NotificationMessage { sequence_number, ..NotificationMessage::default() }
    }

    fn numbers(ready: &[NotificationMessage]) -> Vec<u32> {
        ready.iter().map(|one| one.sequence_number).collect()
    }

    // Req: LAW-02
    #[test]
    fn notifications_come_in_order_and_a_hole_is_said() {
        let mut sequence = Sequence::default();
        let take = |sequence: &mut Sequence, number| {
            let (missing, ready) = sequence.take(message(number));
            (missing, numbers(&ready))
        };
        assert_eq!(take(&mut sequence, 1), (0, vec![1]));
        assert_eq!(take(&mut sequence, 3), (0, vec![]), "two may still be on its way");
        assert_eq!(sequence.next_is(4), 0);
        assert_eq!(take(&mut sequence, 2), (0, vec![2, 3]));
        assert_eq!(sequence.next_is(4), 0, "a sign of life takes no number");
        assert_eq!(sequence.next_is(6), 2, "four and five never come");
        for number in 7..15 {
            assert_eq!(take(&mut sequence, number), (0, vec![]));
        }
        let (missing, ready) = take(&mut sequence, 15);
        assert_eq!((missing, ready), (1, (7..=15).collect()), "six is given up");
        sequence.last = u32::MAX;
        assert_eq!(take(&mut sequence, 1), (0, vec![1]), "after the last comes one");
        println!("sequence numbers: 15 notifications");
    }
}
