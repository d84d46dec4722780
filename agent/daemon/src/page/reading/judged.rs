//! By which limits a time was judged: the Master File that was in force, and the phase that ran.

use cellwatch_config::master_file::MasterFile;
use cellwatch_model::LimitKind;
use serde_json::{Value as Json, json};

/// Which Master File judged since when: its index in the journal, 0 for none; none where the journal does not reach back so far.
#[derive(Debug, Default)]
pub(super) struct Judged(Vec<(i64, Option<u32>)>);

/// A time in one phase under one Master File.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::page) struct Stretch {
    from_ms: i64,
    to_ms: i64,
    phase: Option<String>,
    by: By,
}

/// Who judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The Master File that judges now.
    Present,
    /// One before it.
    Former,
    /// Nobody.
    None,
    /// The journal does not tell: it begins later.
    Unknown,
}

impl Judged {
    pub(super) fn since(at_ms: i64, index: Option<u32>) -> Self {
        Self(vec![(at_ms, index)])
    }

    pub(super) fn turn(&mut self, at_ms: i64, index: u32) {
        self.0.push((at_ms, Some(index)));
    }

    /// The range in stretches, cut where the phase or the Master File changes; `newest` is the index that the unit's newest frame
    /// stands under.
    pub(super) fn stretches(&self, to_ms: i64, newest: u32, phases: &[Json]) -> Vec<Stretch> {
        let Some((from_ms, _)) = self.0.first().copied() else { return Vec::new() };
        let present = self.0.iter().filter_map(|(_, index)| *index).max().unwrap_or(0).max(newest);
        let ends = |phase: &Json| {
            (phase["from_ms"].as_i64().unwrap_or(from_ms), phase["to_ms"].as_i64().unwrap_or(to_ms))
        };
        let mut cuts: Vec<i64> = self.0.iter().map(|(at, _)| *at).collect();
        cuts.extend(phases.iter().flat_map(|phase| [ends(phase).0, ends(phase).1]));
        cuts.retain(|cut| (from_ms..to_ms).contains(cut));
        cuts.push(to_ms);
        cuts.sort_unstable();
        cuts.dedup();
        let stretch = |pair: &[i64]| {
            let begin = pair[0];
            let phase = phases.iter().find(|phase| (ends(phase).0..ends(phase).1).contains(&begin));
            let index = self.0.iter().rev().find(|(at, _)| *at <= begin);
            let by = match index.and_then(|(_, index)| *index) {
                None => By::Unknown,
                Some(0) => By::None,
                Some(index) if index == present => By::Present,
                Some(_) => By::Former,
            };
            let phase = phase.and_then(|phase| phase["id"].as_str()).map(str::to_owned);
            Stretch { from_ms: begin, to_ms: pair[1], phase, by }
        };
        cuts.windows(2).map(stretch).collect()
    }
}

/// The limits of each stretch, by the Master File that judges now; none where it did not judge then.
pub(in crate::page) fn bands(
    stretches: &[Stretch],
    file: Option<&MasterFile>,
    parameter: &str,
) -> Json {
    let band = |stretch: &Stretch| {
        let limits = file.filter(|_| stretch.by == By::Present);
        let limits = limits.map(|file| limits_in(file, parameter, stretch.phase.as_deref()));
        let by = match stretch.by {
            By::Present => "present",
            By::Former => "former",
            By::None => "none",
            By::Unknown => "unknown",
        };
        json!({ "from_ms": stretch.from_ms, "to_ms": stretch.to_ms, "phase": stretch.phase, "by": by, "limits": limits })
    };
    stretches.iter().map(band).collect()
}

fn limits_in(file: &MasterFile, parameter: &str, phase: Option<&str>) -> Json {
    let limit = |kind: LimitKind| {
        let its = |alarm: &&cellwatch_config::master_file::Alarm| {
            alarm.parameter == parameter && alarm.kind == kind && alarm.applies_in(phase)
        };
        file.alarms.iter().find(its).map(|alarm| alarm.limit)
    };
    json!({
        "LL": limit(LimitKind::LowLow),
        "L": limit(LimitKind::Low),
        "H": limit(LimitKind::High),
        "HH": limit(LimitKind::HighHigh),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const FILE: &[u8] = include_bytes!("../../../../../config/examples/master-file.toml");

    /// Three phases and a change of the Master File in the second: each stretch has the limits that judged it, and none where another
    /// Master File or nobody did.
    // Req: PAGE-05
    #[test]
    fn each_stretch_has_the_limits_that_judged_it() {
        let file = cellwatch_config::master_file::parse("master-file.toml", FILE).unwrap();
        let phase = |id: &str, from: i64, to: Option<i64>| json!({ "id": id, "from_ms": from, "to_ms": to });
        let phases = [
            phase("activation", 100, Some(300)),
            phase("transduction", 300, Some(500)),
            phase("expansion", 500, None),
        ];
        let mut judged = Judged::since(0, Some(0));
        judged.turn(50, 1);
        judged.turn(400, 2);
        let stretches = judged.stretches(1000, 2, &phases);
        let found = bands(&stretches, Some(&file), "AGIT.PV");
        let short: Vec<_> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["from_ms"].as_i64().unwrap(),
                    one["to_ms"].as_i64().unwrap(),
                    one["by"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                (0, 50, "none"),
                (50, 100, "former"),
                (100, 300, "former"),
                (300, 400, "former"),
                (400, 500, "present"),
                (500, 1000, "present"),
            ]
        );
        let limits = |at: usize| &found[at]["limits"];
        assert!((0..4).all(|at| limits(at).is_null()), "{found}");
        // The bag rests in transduction, and rocks in expansion.
        assert_eq!(limits(4), &json!({ "LL": null, "L": null, "H": 1.0, "HH": null }));
        assert_eq!(limits(5), &json!({ "LL": 8.0, "L": 9.0, "H": 11.0, "HH": 12.0 }));
        // Nobody is said to have judged nothing where nobody knows.
        let unknown = Judged::since(0, None).stretches(10, 2, &[]);
        assert_eq!(bands(&unknown, Some(&file), "AGIT.PV")[0]["by"], "unknown");
        // Outside a batch only what is judged always.
        let outside = Judged::since(0, Some(2)).stretches(10, 2, &[]);
        let found = bands(&outside, Some(&file), "AGIT.PV");
        assert_eq!(found[0]["limits"], json!({ "LL": null, "L": null, "H": null, "HH": null }));
        assert!(bands(&outside, None, "AGIT.PV")[0]["limits"].is_null());
        // A newer one judges since the range ended.
        assert!(
            bands(&Judged::since(0, Some(2)).stretches(10, 3, &[]), Some(&file), "AGIT.PV")[0]["limits"]
                .is_null()
        );
    }
}
