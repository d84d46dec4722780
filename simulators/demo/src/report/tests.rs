use super::{Report, problems};
use crate::deviation::expected;
use crate::watch::Counts;

/// What changes, records published, words of the sentences.
type Case = (fn(&mut Counts), u64, &'static [&'static str]);

fn counts() -> Counts {
    Counts {
        verified: 100,
        units: 2,
        alarms_raised: 2,
        raised: expected("BX-01"),
        latencies_ms: vec![40.123_456, 20.0],
        ..Counts::default()
    }
}

#[test]
fn says_what_is_wrong() {
    let cases: [Case; 8] = [
        (|_| {}, 100, &[]),
        (|counts| counts.duplicates = 7, 100, &[]),
        (|counts| counts.verified = 98, 100, &["2 of the 100 records"]),
        (|_| {}, 90, &["10 records that are not in the agent's journal"]),
        (|counts| counts.gaps = 1, 100, &["in 1 places"]),
        (|counts| counts.refused = 3, 100, &["refused 3 messages"]),
        (|counts| counts.units = 1, 100, &["1 of 2 units"]),
        (
            |counts| *counts = Counts { units: 2, ..Counts::default() },
            0,
            &["holds no record", "alarm TEMP.H of BX-01", "alarm TEMP.HH of BX-01"],
        ),
    ];
    for (change, published, expected_words) in &cases {
        let mut counts = counts();
        change(&mut counts);
        let report = Report::new(60.04, *published, &counts);
        let found = problems(&report, &counts, 2, &expected("BX-01"));
        assert_eq!(found.len(), expected_words.len(), "{found:?}");
        for (found, words) in found.iter().zip(*expected_words) {
            assert!(found.contains(words), "{found}");
        }
    }
    println!("problems: {} cases", cases.len());
}

#[test]
fn writes_one_line_of_json() {
    let json = serde_json::to_string(&Report::new(60.04, 100, &counts())).expect("plain numbers");
    assert_eq!(
        json,
        r#"{"seconds":60.0,"units":2,"published":100,"verified":100,"gaps":0,"duplicates":0,"refused":0,"alarms_raised":2,"alarms_suppressed":0,"alarm_latency_ms_p50":20.0,"alarm_latency_ms_p99":40.123,"clock":"simulated"}"#
    );
    let none = serde_json::to_value(Report::new(1.0, 0, &Counts::default())).expect("the same");
    assert!(none["alarm_latency_ms_p50"].is_null());
    println!("json: 2 cases");
}
