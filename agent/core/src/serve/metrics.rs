//! Figures for whoever collects metrics: the text format that Prometheus reads (exposition format 0.0.4).
//!
//! Devices have their names in it; batches and people have not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Metrics by name, each with its labels and its value.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    families: BTreeMap<String, Family>,
}

#[derive(Debug)]
struct Family {
    is_counter: bool,
    lines: Vec<String>,
}

impl Metrics {
    /// What only grows, from the agent's start on.
    pub(crate) fn counter(&mut self, name: &str, labels: &[(&str, &str)], count: u64) {
        self.add(format!("cellwatch_{name}_total"), labels, true, &count.to_string());
    }

    /// What goes up and down.
    pub(crate) fn gauge(&mut self, name: &str, labels: &[(&str, &str)], number: u64) {
        self.add(format!("cellwatch_{name}"), labels, false, &number.to_string());
    }

    /// A time, written in seconds.
    pub(crate) fn time_us(&mut self, name: &str, labels: &[(&str, &str)], us: u64) {
        let seconds = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
        self.add(format!("cellwatch_{name}_seconds"), labels, false, &seconds);
    }

    fn add(&mut self, name: String, labels: &[(&str, &str)], is_counter: bool, value: &str) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let line = format!("{name}{labels} {value}");
        let family = self.families.entry(name);
        family.or_insert(Family { is_counter, lines: Vec::new() }).lines.push(line);
    }

    /// As text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, Family { is_counter, lines }) in &self.families {
            let kind = if *is_counter { "counter" } else { "gauge" };
            // Writing to a string never fails.
            let _ = writeln!(text, "# TYPE {name} {kind}");
            for line in lines {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    /// Req: OBS-01
    #[test]
    fn lines_of_a_metric_stand_together_under_its_type() {
        let mut metrics = Metrics::default();
        for device in ["bx-1", "bx-2"] {
            metrics.counter("device_polls", &[("device", device)], 7);
            let labels = [("device", device), ("quantile", "0.99")];
            metrics.time_us("device_jitter", &labels, 1_000_250);
        }
        metrics.gauge("backlog_records", &[], 3);
        let expected = "# TYPE cellwatch_backlog_records gauge
cellwatch_backlog_records 3
# TYPE cellwatch_device_jitter_seconds gauge
cellwatch_device_jitter_seconds{device=\"bx-1\",quantile=\"0.99\"} 1.000250
cellwatch_device_jitter_seconds{device=\"bx-2\",quantile=\"0.99\"} 1.000250
# TYPE cellwatch_device_polls_total counter
cellwatch_device_polls_total{device=\"bx-1\"} 7
cellwatch_device_polls_total{device=\"bx-2\"} 7
";
        assert_eq!(metrics.text(), expected);
    }
}
