//! Looks at the Control Site's database and tells what happens to alarms.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::interval;

use super::{Out, alarm_line};
use crate::deviation::Seen;
use crate::watch::ControlSite;

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Tells the changes of alarms that call for people, until the database cannot be read.
pub(super) async fn follow(
    control_site: &ControlSite,
    seen: &watch::Sender<Seen>,
    out: Out,
) -> anyhow::Error {
    let mut known = BTreeSet::new();
    let mut ticks = interval(LOOK_EVERY);
    loop {
        ticks.tick().await;
        let news = match control_site.news(&known) {
            Ok(news) => news,
            Err(error) => return error,
        };
        for change in news {
            if change.is_for_people() {
                out.event(&alarm_line(&change));
            }
            known.insert(change.identity);
            seen.send_modify(|seen| {
                seen.insert((change.unit, change.alarm, change.transition));
            });
        }
    }
}
