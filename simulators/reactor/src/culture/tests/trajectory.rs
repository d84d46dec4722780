//! Whole cultures against the bands that are plausible for a 1 L perfused run and for a batch
//! (seed 0.5e6/mL, 20 mM glucose, DO 50 %, pH 7.2).

use super::super::{Culture, Signal, StartState};
use super::{culture, example, h};

/// Day, then from and to of VCD (1e6/mL), glucose (mM), lactate (mM), pH.
type Band = (f64, [(f64, f64); 4]);

const SIGNALS: [Signal; 4] = [Signal::Cells, Signal::Glucose, Signal::Lactate, Signal::Ph];

fn within(name: &str, culture: &mut Culture, bands: &[Band]) -> usize {
    let mut cases = 0;
    for (day, bands) in bands {
        culture.advance(h(day * 24.0 - culture.age_h()));
        let truths = SIGNALS.map(|signal| culture.truth(signal));
        println!("{name} day {day}: {truths:.2?} phase {}", culture.phase());
        for ((signal, truth), (low, high)) in SIGNALS.iter().zip(truths).zip(bands) {
            let name = signal.name();
            assert!((*low..=*high).contains(&truth), "day {day}: {name} {truth} not {low}..{high}");
            cases += 1;
        }
    }
    cases
}

const PH: (f64, f64) = (7.05, 7.35);

#[test]
fn perfused_culture_reaches_published_density() {
    let mut culture = Culture::new(example("donor_spread_percent = 0.0"), 1, StartState::Warmed);
    let bands = [
        (2.0, [(0.6, 1.1), (18.0, 20.0), (0.8, 3.5), PH]),
        (4.0, [(2.8, 5.5), (12.0, 18.5), (5.0, 13.0), PH]),
        (5.0, [(5.5, 11.0), (9.0, 17.0), (9.0, 21.0), PH]),
        (6.0, [(9.5, 18.0), (6.0, 14.0), (14.0, 29.0), PH]),
        (7.0, [(14.0, 26.0), (4.0, 12.0), (18.0, 33.0), PH]),
        (8.5, [(22.0, 38.0), (0.5, 9.0), (24.0, 42.0), (6.9, 7.35)]),
    ];
    let cases = within("perfused", &mut culture, &bands);
    assert!(culture.truth(Signal::O2Inlet) > 20.0, "high density needs enrichment");
    println!("cases: {cases}");
}

#[test]
fn batch_culture_runs_out_of_glucose() {
    let changes = "donor_spread_percent = 0.0\nstep_1_1e6_per_ml = 1000.0\n\
                   step_2_1e6_per_ml = 1000.0\nstep_3_1e6_per_ml = 1000.0";
    let mut culture = Culture::new(example(changes), 1, StartState::Warmed);
    let bands = [
        (2.0, [(0.6, 1.1), (18.0, 20.0), (0.8, 3.5), PH]),
        (4.0, [(2.8, 5.5), (9.0, 16.5), (7.0, 16.0), PH]),
        (5.0, [(5.0, 10.0), (2.0, 10.0), (16.0, 29.0), PH]),
        (7.0, [(5.5, 10.5), (0.0, 0.5), (29.0, 36.0), (6.9, 7.4)]),
    ];
    let cases = within("batch", &mut culture, &bands);
    culture.advance(h(40.0));
    assert!(culture.truth(Signal::Viability) < 80.0, "starved cells die");
    println!("cases: {cases}");
}

#[test]
fn without_base_the_culture_turns_acid() {
    let mut culture = Culture::new(example("base_max_mm_per_h = 0.0"), 1, StartState::Warmed);
    culture.advance(h(7.0 * 24.0));
    assert!(culture.truth(Signal::Ph) < 6.95, "{}", culture.truth(Signal::Ph));
}

#[test]
fn phases_follow_by_their_durations_and_end_idle() {
    let mut culture = culture(1);
    let mut seen = vec![culture.phase().to_owned()];
    while culture.phase() != "idle" {
        culture.advance(h(0.25));
        if seen.last().map(String::as_str) != Some(culture.phase()) {
            seen.push(culture.phase().to_owned());
        }
    }
    let phases = ["setup", "activation", "transduction", "expansion", "harvest", "idle"];
    assert_eq!(seen, phases);
    assert!((culture.age_h() - 210.0).abs() < 0.5, "{}", culture.age_h());
    let weight = culture.truth(Signal::Weight);
    assert!((150.0..260.0).contains(&weight), "harvested: {weight} g left");
    println!("cases: {}", phases.len());
}
