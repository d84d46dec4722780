//! What is counted over a batch or a month.

use std::collections::BTreeMap;

use cellwatch_model::Priority;
use cellwatch_record::Datum;

/// Alarms that are counted one by one; more are only in the sum.
const ALARMS_MAX: usize = 500;
/// The most frequent alarms that health records name.
const TOP: usize = 10;

/// Counters of a batch or a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) annunciated: u64,
    pub(super) by_priority: BTreeMap<Priority, u64>,
    by_alarm: BTreeMap<String, u64>,
    pub(super) chattering: u64,
    pub(super) fleeting: u64,
    acknowledged: u64,
    acknowledged_ms: u64,
    slowest_ms: u64,
    pub(super) floods: u64,
    pub(super) flood_ms: u64,
    pub(super) most_in_10_min: u64,
}

impl Tally {
    pub(super) fn annunciated(&mut self, alarm: &str, priority: Priority, in_10_min: u64) {
        self.annunciated += 1;
        *self.by_priority.entry(priority).or_default() += 1;
        self.most_in_10_min = self.most_in_10_min.max(in_10_min);
        if let Some(count) = self.by_alarm.get_mut(alarm) {
            *count += 1;
        } else if self.by_alarm.len() < ALARMS_MAX {
            self.by_alarm.insert(alarm.to_owned(), 1);
        }
    }

    pub(super) fn acknowledged(&mut self, after_ms: u64) {
        self.acknowledged += 1;
        self.acknowledged_ms += after_ms;
        self.slowest_ms = self.slowest_ms.max(after_ms);
    }

    fn numbers(&mut self) -> [(&'static str, &mut u64); 9] {
        [
            ("annunciated", &mut self.annunciated),
            ("chattering", &mut self.chattering),
            ("fleeting", &mut self.fleeting),
            ("acknowledged", &mut self.acknowledged),
            ("acknowledged_ms", &mut self.acknowledged_ms),
            ("slowest_ms", &mut self.slowest_ms),
            ("floods", &mut self.floods),
            ("flood_ms", &mut self.flood_ms),
            ("most_in_10_min", &mut self.most_in_10_min),
        ]
    }

    /// For the state record: everything.
    pub(super) fn save(&self) -> Datum {
        let mut copy = self.clone();
        let numbers = copy.numbers().map(|(_, number)| Datum::from(*number));
        let priorities = Priority::ALL.iter().map(|one| Datum::from(self.of_priority(*one)));
        let alarms = self.by_alarm.iter();
        let alarms = alarms.map(|(alarm, count)| {
            Datum::List(vec![Datum::from(alarm.as_str()), Datum::from(*count)])
        });
        Datum::List(vec![
            Datum::List(numbers.into()),
            Datum::List(priorities.collect()),
            Datum::List(alarms.collect()),
        ])
    }

    /// The reverse; what cannot be read counts from zero.
    pub(super) fn restored(saved: &Datum) -> Self {
        let mut tally = Self::default();
        let Datum::List(parts) = saved else { return tally };
        let [Datum::List(numbers), Datum::List(priorities), Datum::List(alarms)] = &parts[..]
        else {
            return tally;
        };
        for ((_, place), saved) in tally.numbers().into_iter().zip(numbers) {
            *place = count(saved);
        }
        for (priority, saved) in Priority::ALL.iter().zip(priorities) {
            tally.by_priority.insert(*priority, count(saved));
        }
        for pair in alarms.iter().take(ALARMS_MAX) {
            if let Datum::List(pair) = pair
                && let [Datum::Text(alarm), saved] = &pair[..]
            {
                tally.by_alarm.insert(alarm.clone(), count(saved));
            }
        }
        tally
    }

    /// For health records.
    pub(super) fn figures(&self, prefix: &str, figures: &mut BTreeMap<String, Datum>) {
        let mut copy = self.clone();
        for (name, number) in copy.numbers() {
            if !matches!(name, "acknowledged_ms" | "slowest_ms" | "flood_ms") {
                figures.insert(format!("{prefix}.{name}"), Datum::from(*number));
            }
        }
        let mut figure =
            |name: &str, datum: Datum| figures.insert(format!("{prefix}.{name}"), datum);
        for priority in Priority::ALL {
            figure(priority.word(), Datum::from(self.of_priority(*priority)));
        }
        let mean_ms = self.acknowledged_ms.checked_div(self.acknowledged).unwrap_or(0);
        figure("time_to_acknowledge_mean_s", Datum::from(mean_ms / 1000));
        figure("time_to_acknowledge_most_s", Datum::from(self.slowest_ms / 1000));
        figure("in_flood_s", Datum::from(self.flood_ms / 1000));
        let mut top: Vec<(&String, &u64)> = self.by_alarm.iter().collect();
        top.sort_by_key(|(alarm, count)| (std::cmp::Reverse(**count), alarm.as_str()));
        let top = top.into_iter().take(TOP).map(|(alarm, count)| {
            Datum::List(vec![Datum::from(alarm.as_str()), Datum::from(*count)])
        });
        figure("most_frequent", Datum::List(top.collect()));
    }

    fn of_priority(&self, priority: Priority) -> u64 {
        self.by_priority.get(&priority).copied().unwrap_or(0)
    }
}

fn count(saved: &Datum) -> u64 {
    match saved {
        Datum::Integer(number) => u64::try_from(*number).unwrap_or(0),
        Datum::Text(_) | Datum::Number(_) | Datum::Bool(_) | Datum::Bytes(_) | Datum::List(_) => 0,
    }
}
