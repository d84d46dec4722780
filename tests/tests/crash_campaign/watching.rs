//! Whether what was not watched is on record: between two readings of a parameter that is polled each second, either no
//! whole poll is missing, or records say from when to when, and why.

use std::collections::BTreeMap;
use std::fmt;

use cellwatch_record::{Body, Datum, Event, EventKind, Record};

/// The parameter that is followed, by its index: the heartbeat, the first one of the profile.
const FOLLOWED: u16 = 0;
/// It is polled this often.
const PERIOD_MS: u64 = 1_000;
const MS: u64 = 1_000_000;

/// From when to when, monotonic milliseconds.
type Span = (u64, u64);

/// What the records say of the time.
#[derive(Default)]
pub(crate) struct Watching {
    last: BTreeMap<String, u64>,
    /// Between two readings, by unit.
    holes: Vec<(String, Span)>,
    /// What gap and loss records say, by unit; without one for all.
    said: Vec<(Option<String>, Span)>,
    /// Begun and not yet ended: of which unit, by what, since when.
    open: Vec<(Option<String>, String, u64)>,
    away: u64,
    lost_readings: u64,
}

/// How much was not watched, and is on record.
pub(crate) struct Covered {
    holes: usize,
    seconds: u64,
    away: u64,
    lost_readings: u64,
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holes, seconds, away, lost_readings } = self;
        write!(
            f,
            "{holes} times in which a unit was not watched ({seconds} s in all), each on record: {away} gaps of starts, {lost_readings} readings that a full disk did not take"
        )
    }
}

fn ms(event: &Event, key: &str) -> Option<u64> {
    let found = event.details.get(key)?;
    let Datum::Integer(ns) = found else { panic!("{key}: {found:?}") };
    u64::try_from(*ns).ok().map(|ns| ns / MS)
}

impl Watching {
    /// The next record.
    pub(crate) fn take(&mut self, record: &Record) {
        let unit = record.common.unit.clone();
        let (body, now) = (&record.body, record.common.mono.0 / MS);
        if let (Body::Telemetry(frame), Some(unit)) = (body, unit) {
            let column = frame.columns.iter().find(|column| column.parameter == FOLLOWED);
            for sample in 0..column.map_or(0, |column| column.samples.len()) {
                let at = column.and_then(|column| frame.time_of(column, sample));
                self.reading(&unit, at.expect("each sample has a time").0 / MS);
            }
        } else if let Body::Event(event) = body {
            self.event(record.common.unit.clone(), event, now);
        }
    }

    fn reading(&mut self, unit: &str, at: u64) {
        let last = self.last.insert(unit.to_owned(), at);
        if let Some(last) = last.filter(|last| at.saturating_sub(*last) >= 2 * PERIOD_MS) {
            self.holes.push((unit.to_owned(), (last, at)));
        }
    }

    fn event(&mut self, unit: Option<String>, event: &Event, now: u64) {
        if event.kind == EventKind::Start {
            // What was begun and never ended went on until then, at the longest.
            let open = std::mem::take(&mut self.open).into_iter();
            self.said.extend(open.map(|(unit, _, from)| (unit, (from, now))));
        }
        if !matches!(event.kind, EventKind::Gap | EventKind::Loss) {
            return;
        }
        let cause = match event.details.get("cause") {
            Some(Datum::Text(cause)) => cause.clone(),
            _ => event.kind.word().to_owned(),
        };
        let from = ms(event, "from_mono_ns").expect("each says since when");
        let Some(to) = ms(event, "to_mono_ns") else {
            self.open.push((unit, cause, from));
            return;
        };
        self.open.retain(|(of, by, _)| (of, by) != (&unit, &cause));
        self.away += u64::from(cause == "agent-away");
        if let (EventKind::Loss, Some(Datum::Integer(count))) =
            (event.kind, event.details.get("count"))
        {
            self.lost_readings += u64::try_from(*count).expect("a count");
        }
        self.said.push((unit, (from, to)));
    }

    /// Each hole is covered.
    pub(crate) fn verdict(mut self) -> Covered {
        let open = std::mem::take(&mut self.open).into_iter();
        self.said.extend(open.map(|(unit, _, from)| (unit, (from, u64::MAX))));
        self.said.sort_by_key(|(_, span)| *span);
        for (unit, hole) in &self.holes {
            let of_it = self.said.iter().filter(|(of, _)| of.as_ref().is_none_or(|of| of == unit));
            let spans: Vec<Span> = of_it.map(|(_, span)| *span).collect();
            assert!(
                covers(&spans, *hole),
                "{unit} was not watched from {} to {} ms, and no record says so: {:?}",
                hole.0,
                hole.1,
                spans
                    .iter()
                    .filter(|span| span.1 + 60_000 > hole.0 && span.0 < hole.1 + 60_000)
                    .collect::<Vec<_>>()
            );
        }
        let ms: u64 = self.holes.iter().map(|(_, (from, to))| to - from).sum();
        Covered {
            holes: self.holes.len(),
            seconds: ms / 1_000,
            away: self.away,
            lost_readings: self.lost_readings,
        }
    }
}

/// True if the spans, in their order, leave no two polls of the hole unsaid.
fn covers(spans: &[Span], (from, to): Span) -> bool {
    let mut until = from;
    for (begin, end) in spans {
        if *begin < until + 2 * PERIOD_MS {
            until = until.max(*end);
        }
    }
    to < until.saturating_add(2 * PERIOD_MS)
}
