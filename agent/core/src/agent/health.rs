//! The signed statement that the agent watches.

use std::collections::BTreeMap;

use cellwatch_model::Now;
use cellwatch_record::{Body, Datum, Health};

use super::{Agent, HEALTH_PERIOD_MS};
use crate::journal::Context;

impl Agent {
    pub(super) fn say_health(&mut self, now: Now) {
        self.next_health = now.mono.plus_ms(HEALTH_PERIOD_MS);
        let mut figures: BTreeMap<String, Datum> = BTreeMap::new();
        let mut figure = |name: &str, number: u64| figures.insert(name.to_owned(), number.into());
        let mut answering = 0;
        for device in &mut self.devices {
            let counters = device.counters();
            answering += u64::from(device.answers() == Some(true));
            let times = device.take_times();
            let name = device.name();
            figure(&format!("{name}.polls"), counters.polls);
            figure(&format!("{name}.replies"), counters.replies);
            figure(&format!("{name}.timeouts"), counters.timeouts);
            figure(&format!("{name}.errors"), counters.errors);
            figure(&format!("{name}.skipped"), counters.skipped);
            figure(&format!("{name}.rereads"), counters.rereads);
            figure(&format!("{name}.strays"), counters.strays);
            for (what, spread) in times {
                let Some(spread) = spread else { continue };
                figure(&format!("{name}.{what}_p50_us"), spread.p50_us);
                figure(&format!("{name}.{what}_p99_us"), spread.p99_us);
                figure(&format!("{name}.{what}_max_us"), spread.max_us);
            }
        }
        figure("devices", self.devices.len() as u64);
        figure("devices_answering", answering);
        figure("durable_through", self.recorder.durable());
        figure("refused_readings", self.recorder.refused_readings());
        figure("receipt_through", self.outbox.through());
        figure("backlog_records", self.outbox.backlog());
        figure("undeliverable_records", self.outbox.undeliverable());
        figure("former_backlog_records", self.former.backlog());
        let sent = self.outbox.figures();
        figure("published_records", sent.published);
        figure("published_bundles", sent.bundles);
        figure("refused_publishes", sent.refused);
        figure("connections_given_up", sent.given_up);
        let standing = self.units.iter().map(|unit| unit.standing().count()).sum::<usize>();
        figure("standing_alarms", (standing + self.alarms.standing().count()) as u64);
        self.metrics.figures(now, &mut figures);
        figures.insert("site_status".to_owned(), self.site.status().word().into());
        self.recorder.record(Body::Health(Health { figures }), Context::default(), now);
    }
}
