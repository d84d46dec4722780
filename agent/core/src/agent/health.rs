//! The signed statement that the agent watches; the same figures for whoever collects metrics.

use std::collections::BTreeMap;

use cellwatch_model::Now;
use cellwatch_record::{Body, Datum, Health};

use super::{Agent, HEALTH_PERIOD_MS};
use crate::door::Output;
use crate::journal::Context;
use crate::serve::Metrics;

impl Agent {
    pub(super) fn say_health(&mut self, now: Now) {
        self.next_health = now.mono.plus_ms(HEALTH_PERIOD_MS);
        let mut figures: BTreeMap<String, Datum> = BTreeMap::new();
        let mut metrics = Metrics::default();
        self.figures_of_devices(&mut figures, &mut metrics);
        let sent = self.outbox.figures();
        let standing = self.units.iter().map(|unit| unit.standing().count()).sum::<usize>();
        let standing = (standing + self.alarms.standing().count()) as u64;
        for (name, number) in [
            ("durable_through", self.recorder.durable()),
            ("receipt_through", self.outbox.through()),
            ("backlog_records", self.outbox.backlog()),
            ("former_backlog_records", self.former.backlog()),
            ("undeliverable_records", self.outbox.undeliverable()),
            ("standing_alarms", standing),
        ] {
            figures.insert(name.to_owned(), number.into());
            metrics.gauge(name, &[], number);
        }
        for (name, number) in [
            ("refused_readings", self.recorder.refused_readings()),
            ("published_records", sent.published),
            ("published_bundles", sent.bundles),
            ("refused_publishes", sent.refused),
            ("connections_given_up", sent.given_up),
        ] {
            figures.insert(name.to_owned(), number.into());
            metrics.counter(name, &[], number);
        }
        self.metrics.figures(now, &mut figures);
        figures.insert("site_status".to_owned(), self.site.status().word().into());
        self.recorder.record(Body::Health(Health { figures }), Context::default(), now);
        self.outputs.push_back(Output::Metrics(metrics.text()));
    }

    fn figures_of_devices(&mut self, figures: &mut BTreeMap<String, Datum>, metrics: &mut Metrics) {
        let mut answering = 0;
        for device in &mut self.devices {
            let counters = device.counters();
            let answers = u64::from(device.answers() == Some(true));
            answering += answers;
            let times = device.take_times();
            let name = device.name();
            let label = [("device", name)];
            for (what, count) in [
                ("polls", counters.polls),
                ("replies", counters.replies),
                ("timeouts", counters.timeouts),
                ("errors", counters.errors),
                ("skipped", counters.skipped),
                ("rereads", counters.rereads),
                ("strays", counters.strays),
            ] {
                figures.insert(format!("{name}.{what}"), count.into());
                metrics.counter(&format!("device_{what}"), &label, count);
            }
            metrics.gauge("device_answers", &label, answers);
            for (what, spread) in times {
                let Some(spread) = spread else { continue };
                for (part, quantile, us) in [
                    ("p50", "0.5", spread.p50_us),
                    ("p99", "0.99", spread.p99_us),
                    ("max", "1", spread.max_us),
                ] {
                    figures.insert(format!("{name}.{what}_{part}_us"), us.into());
                    let labels = [("device", name), ("quantile", quantile)];
                    metrics.time_us(&format!("device_{what}"), &labels, us);
                }
            }
        }
        for (name, number) in
            [("devices", self.devices.len() as u64), ("devices_answering", answering)]
        {
            figures.insert(name.to_owned(), number.into());
            metrics.gauge(name, &[], number);
        }
    }
}
