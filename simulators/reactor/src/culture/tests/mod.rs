mod controllers;
mod determinism;
mod trajectory;

use std::time::Duration;

use super::{Culture, Parameters, StartState};

/// A culture by the example file, from this seed.
fn culture(seed: u64) -> Culture {
    Culture::new(example(""), seed, StartState::Warmed)
}

/// The example file with lines replaced: each `change` is a line `key = value`.
fn example(changes: &str) -> Parameters {
    let mut text = Parameters::EXAMPLE.to_owned();
    for change in changes.lines() {
        let key = change.split('=').next().expect("a key").trim();
        let line = text
            .lines()
            .find(|line| line.split('=').next().is_some_and(|found| found.trim() == key))
            .expect("a key of the example")
            .to_owned();
        text = text.replacen(&line, change, 1);
    }
    Parameters::parse("parameters.toml", &text).expect("parameters")
}

fn h(hours: f64) -> Duration {
    Duration::from_secs_f64(hours * 3600.0)
}

fn min(minutes: f64) -> Duration {
    h(minutes / 60.0)
}
