use std::fmt::Write as _;

use cellwatch_config::site::Lamp;
use cellwatch_model::{Mono, Priority};

use super::{Annunciator, Lit, Signal, Standing, signal};

const PAGE: &str = include_str!("../../../../../docs/annunciation.md");
const LAMPS: [Lamp; 5] = [Lamp::Red, Lamp::Amber, Lamp::Green, Lamp::Blue, Lamp::Horn];

fn ms(ms: u64) -> Mono {
    Mono(ms * 1_000_000)
}

fn word(priority: Option<Priority>) -> &'static str {
    priority.map_or("–", Priority::word)
}

const fn lit(lit: Lit) -> &'static str {
    match lit {
        Lit::Off => "–",
        Lit::On => "on",
        Lit::Flashing => "flashing",
    }
}

fn every() -> impl Iterator<Item = Standing> {
    let priorities = || {
        let all = [Priority::Critical, Priority::High, Priority::Medium, Priority::Low];
        std::iter::once(None).chain(all.map(Some))
    };
    let pairs = priorities().flat_map(move |new| priorities().map(move |old| (new, old)));
    pairs.flat_map(|(unacknowledged, acknowledged)| {
        [(false, false), (false, true), (true, false), (true, true)].map(
            |(own_trouble, silenced)| Standing {
                unacknowledged,
                audible: unacknowledged.filter(|_| !silenced),
                acknowledged,
                own_trouble,
            },
        )
    })
}

// Req: ANN-01
#[test]
fn the_printed_table_is_the_one_that_is_used() {
    let mut table = String::from(
        "| not acknowledged | acknowledged | the agent itself | red | amber | green | blue | horn |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut cases = 0;
    for standing in every().step_by(2) {
        let Signal { red, amber, green, blue, horn } = signal(standing);
        let own = if standing.own_trouble { "in trouble" } else { "well" };
        let (new, old) = (word(standing.unacknowledged), word(standing.acknowledged));
        let shown = [red, amber, green, blue, horn].map(lit).join(" | ");
        writeln!(table, "| {new} | {old} | {own} | {shown} |").expect("memory");
        cases += 1;
    }
    assert!(PAGE.contains(&table), "docs/annunciation.md does not hold the table:\n{table}");
    println!("annunciation table: {cases} cases");
}

// Req: ANN-01
#[test]
fn what_calls_is_seen_and_heard_and_green_means_calm() {
    let mut cases = 0;
    for standing in every() {
        let shown = signal(standing);
        let calm = standing.unacknowledged.is_none()
            && standing.acknowledged.is_none()
            && !standing.own_trouble;
        assert_eq!(shown.green == Lit::On, calm, "{standing:?}");
        let calls = standing.unacknowledged.is_some();
        let flashes = [shown.red, shown.amber].contains(&Lit::Flashing);
        assert_eq!(flashes, calls, "{standing:?}");
        let sounds = standing.unacknowledged.is_some_and(|priority| priority < Priority::Low)
            && standing.audible.is_some();
        assert_eq!(shown.horn == Lit::On, sounds, "{standing:?}");
        // Silencing changes the horn and nothing else.
        let loud = signal(Standing { audible: standing.unacknowledged, ..standing });
        assert_eq!(Signal { horn: shown.horn, ..loud }, shown, "{standing:?}");
        cases += 1;
    }
    println!("signals: {cases} cases");
}

fn annunciator() -> Annunciator {
    Annunciator::new("light".to_owned(), LAMPS.to_vec(), Vec::new(), ms(0))
}

/// Writes until `end`, each answered at once: the time and the coils.
fn writes(annunciator: &mut Annunciator, from: u64, end: u64) -> Vec<(u64, Vec<bool>)> {
    let mut now = ms(from);
    let mut writes = Vec::new();
    loop {
        if let Some(coils) = annunciator.next(now) {
            writes.push((now.0 / 1_000_000, coils));
            annunciator.written(Ok(()), now);
        }
        let due = annunciator.next_deadline(now).expect("refreshed");
        assert!(due > now, "no busy loop");
        if due > ms(end) {
            return writes;
        }
        now = due;
    }
}

// Req: ANN-02
#[test]
fn lamps_are_checked_at_the_start_without_the_horn_and_tested_with_it() {
    let mut light = annunciator();
    let shown = writes(&mut light, 0, 2_500);
    assert_eq!(shown[0], (0, vec![true, true, true, true, false]), "lamp check");
    let end = shown.iter().find(|(_, coils)| !coils[0]).expect("ends");
    assert_eq!(*end, (2_000, vec![false; 5]));
    light.test(ms(3_000));
    let shown = writes(&mut light, 3_000, 9_000);
    assert_eq!(shown[0], (3_000, vec![true; 5]));
    assert!(shown.contains(&(8_000, vec![false; 5])), "{shown:?}");
    println!("lamp check and test: 4 cases");
}

// Req: ANN-01
#[test]
fn it_flashes_and_is_written_again_although_nothing_changed() {
    let mut light = annunciator();
    writes(&mut light, 0, 2_100);
    light.show(Signal { green: Lit::On, ..Signal::default() });
    let shown = writes(&mut light, 2_200, 9_000);
    assert!(
        shown.len() >= 4 && shown.windows(2).all(|pair| pair[1].0 - pair[0].0 <= 2_000),
        "{shown:?}"
    );
    light.show(Signal { red: Lit::Flashing, horn: Lit::On, ..Signal::default() });
    let shown = writes(&mut light, 10_100, 13_000);
    assert_eq!(shown[0].0, 10_100, "at once");
    let red: Vec<bool> = shown.iter().map(|(_, coils)| coils[0]).collect();
    assert!(red.windows(2).all(|pair| pair[0] != pair[1]), "{shown:?}");
    assert!(shown.iter().all(|(_, coils)| coils[4]), "the horn does not stutter");
    println!("flashing and refresh: 4 cases");
}

// Req: ANN-03
#[test]
fn one_write_is_open_and_a_failed_one_is_made_again() {
    let mut light = annunciator();
    assert!(light.next(ms(0)).is_some());
    light.show(Signal { red: Lit::On, ..Signal::default() });
    assert_eq!(light.next(ms(2_500)), None, "one at a time");
    assert_eq!(light.next_deadline(ms(2_500)), None);
    light.written(Err("no reply".to_owned()), ms(2_600));
    assert_eq!(light.trouble(), Some(("light", "no reply")));
    assert_eq!(light.next(ms(2_700)), None);
    assert_eq!(light.next_deadline(ms(2_700)), Some(ms(3_600)));
    assert_eq!(light.next(ms(3_600)), Some(vec![true, false, false, false, false]));
    light.written(Ok(()), ms(3_700));
    assert_eq!(light.trouble(), None);
    assert_eq!(light.end(ms(4_000)), vec![false; 5], "dark at the end");
    assert_eq!(light.next(ms(9_000)), None);
    println!("writes: 9 cases");
}
