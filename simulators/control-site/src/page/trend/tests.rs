//! Thinning, gaps, bounds, turns.
#![allow(clippy::unwrap_used)] // in tests

use std::collections::BTreeMap;

use cellwatch_model::{Cause, Quality, Utc};
use cellwatch_record::{Body, Datum, EventKind};

use super::{Sample, TREND_MAX_S, TREND_POINTS, Trends, thin};
use crate::page::tile::tiles;
use crate::store::open_read_only;
use crate::testing::{AGENT, JOURNAL, NOW, Site, TestAgent, UNIT, common, event, frame, parameter};

const NOW_MS: i64 = NOW.0 / 1_000_000;

/// A sample each second of the last `seconds`.
fn each_second(seconds: i64, value: impl Fn(i64) -> Option<f64>) -> Vec<Sample> {
    (0..seconds).map(|second| (NOW_MS - (seconds - second) * 1_000, value(second))).collect()
}

#[test]
fn a_trend_is_thinned_to_its_points() {
    let mut cases = 0;
    for (seconds, span_s) in
        [(1, 30), (30, 30), (31, 60), (60, 60), (61, 120), (300, 300), (301, 600), (600, 600)]
    {
        let trend = thin(&each_second(seconds, |_| Some(37.0)), NOW).unwrap();
        assert_eq!(trend.span_s, span_s, "{seconds} s");
        let most = usize::try_from(TREND_POINTS + 1).unwrap();
        assert!(trend.points.len() <= most, "{seconds} s: {}", trend.points.len());
        assert!(trend.points.iter().all(|(_, value)| *value == Some(37.0)), "{seconds} s");
        cases += 1;
    }
    assert_eq!(thin(&[], NOW), None);
    assert_eq!(thin(&each_second(60, |_| None), NOW), None, "no value at all");
    println!("{} cases", cases + 2);
}

#[test]
fn gaps_are_broken_off() {
    let breaks = |samples: &[Sample]| {
        let trend = thin(samples, NOW).unwrap();
        trend.points.iter().filter(|(_, value)| value.is_none()).count()
    };
    assert_eq!(breaks(&each_second(60, |_| Some(1.0))), 0);
    // No reading for a while, nothing at all for a while, both one after the other.
    let mut samples = each_second(60, |second| (!(20..30).contains(&second)).then_some(1.0));
    assert!(breaks(&samples) >= 1);
    samples.retain(|(_, value)| value.is_some());
    assert_eq!(breaks(&samples), 1);
    // A slow parameter has no gaps only because it is slow.
    let slow: Vec<Sample> = (0..10).map(|n| (NOW_MS - 600_000 + n * 60_000, Some(1.0))).collect();
    assert_eq!(breaks(&slow), 0);
    println!("4 cases");
}

#[test]
fn trends_reach_back_over_a_restart_and_not_over_another_meaning() {
    let mut agent = TestAgent::new(AGENT, JOURNAL);
    let site = Site::new(&[&agent]);
    let configured = |name: &str| {
        let list = Datum::List(vec![parameter(0, name, "°C", 1)]);
        event(EventKind::Configuration, BTreeMap::from([("parameters".to_owned(), list)]))
    };
    let ago = |seconds: i64| {
        let mut common = common(Some(UNIT));
        common.utc = Utc(NOW.0 - seconds * 1_000_000_000);
        common
    };
    let good = |value: f64| frame(&[(0, Some(value), Quality::Good)]);
    let lost = frame(&[(0, None, Quality::Bad(Cause::Timeout))]);
    let steps = [
        (900, configured("temperature")),
        (900, good(30.0)),
        (500, good(31.0)),
        (450, configured("pressure")),
        (440, good(99.0)),
        (400, configured("temperature")),
        (390, good(32.0)),
        (200, lost),
        (100, good(33.0)),
    ];
    let messages: Vec<_> = steps
        .into_iter()
        .map(|(seconds, body)| {
            let topic = if matches!(body, Body::Event(_)) { "event" } else { "BX-01/telemetry" };
            (agent.topic(topic), agent.seal(ago(seconds), body))
        })
        .collect();
    site.write(&messages);
    let connection = open_read_only(&site.database()).unwrap();
    let mut shown = tiles(&connection, &[]).unwrap();
    let mut trends = Trends::default();
    trends.fill(&connection, &mut shown, NOW).unwrap();
    let row = shown[0].rows.iter().find(|row| row.value.parameter == "temperature").unwrap();
    let trend = row.trend.clone().unwrap();
    assert_eq!(trend.span_s, TREND_MAX_S);
    let values: Vec<_> = trend.points.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, [Some(31.0), Some(32.0), None, Some(33.0)]);
    // Without tiles nothing is kept.
    trends.fill(&connection, &mut [], NOW).unwrap();
    assert!(trends.lines.is_empty());
}
