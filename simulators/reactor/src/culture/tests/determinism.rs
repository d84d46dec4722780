//! The same seed gives the same bits, however the time is cut.

use std::time::Duration;

use super::super::{Culture, Signal};
use super::{culture, h, min};

fn bits(culture: &Culture) -> Vec<(u64, u64)> {
    Signal::ALL
        .iter()
        .map(|&one| (culture.truth(one).to_bits(), culture.shown(one, 77).to_bits()))
        .collect()
}

#[test]
fn the_cut_of_the_time_does_not_matter() {
    let mut whole = culture(7);
    whole.advance(h(3.0));
    let cuts = [Duration::from_millis(130), Duration::from_millis(1700), Duration::from_secs(61)];
    for cut in cuts {
        let mut pieces = culture(7);
        let mut left = h(3.0);
        while left > Duration::ZERO {
            let piece = cut.min(left);
            pieces.advance(piece);
            left -= piece;
        }
        assert_eq!(bits(&pieces), bits(&whole), "cut into {cut:?}");
    }
    println!("cases: {}", cuts.len());
}

#[test]
fn a_seed_makes_the_culture_and_another_one_another() {
    let run = |seed| {
        let mut culture = culture(seed);
        culture.advance(h(80.0));
        bits(&culture)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn reading_changes_nothing() {
    let mut read = culture(3);
    let mut unread = culture(3);
    for sample in 0..500 {
        for &signal in Signal::ALL {
            assert!(read.shown(signal, sample).is_finite());
        }
        read.advance(Duration::from_millis(500));
        unread.advance(Duration::from_millis(500));
    }
    assert_eq!(bits(&read), bits(&unread));
}

#[test]
#[allow(clippy::cast_precision_loss)]
fn noise_has_the_spread_of_the_parameters_and_no_bias() {
    let mut culture = culture(5);
    culture.advance(min(30.0));
    let truth = culture.truth(Signal::Temperature);
    let samples: Vec<f64> =
        (0..4000).map(|sample| culture.shown(Signal::Temperature, sample) - truth).collect();
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    let spread =
        (samples.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / samples.len() as f64).sqrt();
    assert!(mean.abs() < 0.005, "{mean}");
    assert!((0.018..0.022).contains(&spread), "{spread}");
}
