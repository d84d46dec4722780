use std::collections::BTreeMap;

use cellwatch_model::{Clock, LimitKind, Mono, Now, Priority, Utc};
use cellwatch_record::Datum;

use super::AlarmMetrics;
use crate::evaluate::AlarmPoint;

/// 2026-01-31T23:59:00Z.
const JANUARY_NS: i64 = 1_769_903_940_000_000_000;

#[test]
fn a_month_without_an_alarm_counts_from_zero() {
    let now = |minutes: u64| Now {
        mono: Mono(minutes * 60_000_000_000),
        utc: Utc(JANUARY_NS + i64::try_from(minutes).expect("few") * 60_000_000_000),
        clock: Clock::default(),
    };
    let mut alarm = AlarmPoint::on_condition(
        "AGENT.DISK".to_owned(),
        "disk".to_owned(),
        LimitKind::Agent,
        Priority::High,
        0,
        0,
    );
    let mut metrics = AlarmMetrics::default();
    let raised = alarm.set(true, None, now(0).mono).expect("it is raised");
    assert_eq!(metrics.alarm(None, None, &raised, now(0).utc), None);
    for (minutes, month, annunciated) in [(0, "2026-01", 1), (2, "2026-02", 0)] {
        let mut figures = BTreeMap::new();
        metrics.figures(now(minutes), &mut figures);
        assert_eq!(figures["alarms.month"], Datum::from(month));
        assert_eq!(figures["alarms.month.annunciated"], Datum::Integer(annunciated));
    }
    println!("a_month_without_an_alarm_counts_from_zero: 2 cases");
}
