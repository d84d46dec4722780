//! What each number of format version 1 means: `numbers-v01.txt`, which another language can read, too.
//!
//! Do not change the test. A number that means something else, or that is given out anew, is another version of the format.

use std::fmt::{Display, Write as _};

use cellwatch_model::{AlarmTransition, ClockSync, IsaState, LimitKind, Priority, Quality};

use crate::{DeviationChange, DeviationRule, EventKind, Kind, SiteStatus};

const NUMBERS: &str = include_str!("../../numbers-v01.txt");

fn add<T: Display>(text: &mut String, what: &str, from_code: impl Fn(u8) -> Option<T>) {
    for code in 0..=u8::MAX {
        if let Some(one) = from_code(code) {
            writeln!(text, "{what} {code} {one}").unwrap();
        }
    }
}

fn quality(quality: Quality) -> String {
    match quality {
        Quality::Good => "good".to_owned(),
        Quality::Uncertain(cause) => format!("uncertain: {}", cause.words()),
        Quality::Bad(cause) => format!("bad: {}", cause.words()),
    }
}

fn clock(sync: ClockSync) -> &'static str {
    match sync {
        ClockSync::Unknown => "unknown",
        ClockSync::Unsynchronised => "unsynchronised",
        ClockSync::Synchronised => "synchronised",
        ClockSync::Simulated => "simulated",
    }
}

// Req: SEAL-07
#[test]
fn numbers_mean_what_they_meant() {
    let mut text = String::new();
    add(&mut text, "kind", Kind::from_code);
    add(&mut text, "event", EventKind::from_code);
    add(&mut text, "quality", |code| Quality::from_code(code).ok().map(quality));
    add(&mut text, "clock", |code| ClockSync::from_code(code).map(clock));
    add(&mut text, "limit", LimitKind::from_code);
    add(&mut text, "transition", AlarmTransition::from_code);
    add(&mut text, "isa-state", IsaState::from_code);
    add(&mut text, "priority", Priority::from_code);
    add(&mut text, "deviation", DeviationChange::from_code);
    add(&mut text, "rule", DeviationRule::from_code);
    add(&mut text, "site-status", |code| SiteStatus::from_code(code).map(SiteStatus::word));
    let known: Vec<&str> = NUMBERS.lines().filter(|line| !line.starts_with('#')).collect();
    let now: Vec<&str> = text.lines().collect();
    for (known, now) in known.iter().zip(&now) {
        assert_eq!(now, known, "a number of format version 1 has another meaning");
    }
    assert_eq!(now.len(), known.len(), "{text}");
    println!("{} numbers", now.len());
}
