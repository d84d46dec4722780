//! Everything is killed, cut, filled and turned at random, again and again: nothing is lost, nothing altered, nothing
//! accepted twice, and what physics takes is on record.
//!
//! A round is one trouble or two at the same time; after every few rounds everything runs, and a receipt must cover the
//! last record that was sealed by then. What stands at the Control Site is then set beside what stands in the agent's
//! journal, byte for byte.
//!
//! `CELLWATCH_SEED` and `CELLWATCH_ROUNDS` say which course and how long; `CELLWATCH_MINUTES` ends it earlier.

mod checks;
mod site;
mod troubles;
mod watching;

use std::env;
use std::time::{Duration, Instant};

use cellwatch_tests::{Cases, Chance};

use checks::Checks;
use site::Site;
use troubles::{Trouble, Troubles};

/// Rounds between two looks at everything.
const ROUNDS_APART: u64 = 20;
/// Longest time between two rounds.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(700);

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

// Req: LAW-03, LAW-04, LAW-10, LAW-12, AUD-01, DEL-01, DEL-02, DEL-03, JRN-06
#[test]
fn crash_campaign() {
    let mut cases = Cases::of("crash_campaign");
    let (seed, rounds) = (number("CELLWATCH_SEED", 1), number("CELLWATCH_ROUNDS", 200));
    let minutes = Duration::from_secs(60 * number("CELLWATCH_MINUTES", 24 * 60));
    let began = Instant::now();
    let mut chance = Chance(seed);
    let mut site = Site::start();
    let mut checks = Checks::default();
    let mut troubles = Troubles::default();
    let last = site.converge("the first records");
    checks.look(&site, last);

    let mut round = 0;
    while round < rounds && began.elapsed() < minutes {
        round += 1;
        let at_once = if chance.between(1, 4) == 1 { 2 } else { 1 };
        for _ in 0..at_once {
            let trouble = Trouble::any(&mut chance, &site);
            println!("  round {round}: {trouble:?}");
            troubles.make(trouble, &mut site, &mut chance);
        }
        chance.moment(BETWEEN_ROUNDS);
        site.assert_that_all_run();
        if round % ROUNDS_APART == 0 || round == rounds {
            let last = site.converge(&format!("round {round} of seed {seed}"));
            checks.look(&site, last);
        }
    }
    let last = site.converge("the end");
    checks.look(&site, last);
    let stopped = site.stop();
    checks.look(&site, stopped);
    let found = checks.verdict(&site);
    cases.tried_many(usize::try_from(round).unwrap_or(0), format_args!("a round of seed {seed}"));
    println!("  troubles: {troubles}");
    println!("  {found}");
    println!(
        "crash campaign: seed {seed}, {round} rounds in {} s; {troubles}; {found}",
        began.elapsed().as_secs()
    );
}
