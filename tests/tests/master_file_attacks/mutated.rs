//! Damaged files in numbers: an error or a valid file, never a panic, never a half-applied file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cellwatch_model::ClockSync;
use cellwatch_record::{Datum, EventKind, sha256};
use cellwatch_seal::Roster;

use crate::scene::{IN_FORCE, NOW, Scene, rooted_by, text};
use crate::site::Site;

const SIGNED_TEXTS: u64 = 4000;
const DAMAGED_DOCUMENTS: u64 = 2000;
const ROSTER_TEXTS: u64 = 2500;
const DAMAGED_ROSTERS: u64 = 1500;

/// SplitMix64: small, and the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % (end.max(1) as u64)).unwrap()
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

const VALUES: [&str; 16] = [
    "0",
    "-1",
    "1e308",
    "nan",
    "inf",
    "37.2",
    "600",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "true",
    "false",
    "9223372036854775807",
    "2026-01-01T00:00:00Z",
    "[1, 2]",
];

/// One slip of the pen in a text.
fn slip(text: &mut String, dice: &mut Dice) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = dice.below(lines.len());
    let other = dice.below(lines.len());
    match dice.below(7) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines.truncate(at.max(1)),
        4 => {
            if let Some((key, _)) = lines[at].split_once('=') {
                lines[at] = format!("{key}= {}", dice.of(&VALUES));
            }
        }
        5 => {
            // A digit becomes another: most such files are valid, and other files than before.
            let digits: Vec<usize> = (0..lines[at].len())
                .filter(|index| lines[at].as_bytes()[*index].is_ascii_digit())
                .collect();
            if !digits.is_empty() {
                let index = digits[dice.below(digits.len())];
                lines[at].replace_range(index..=index, dice.of(&["0", "1", "3", "7", "9"]));
            }
        }
        _ => {
            let key = dice.of(&["limit", "version", "id", "key", "name", "serials", "phases"]);
            lines.insert(at, format!("{key} = {}", dice.of(&VALUES)));
        }
    }
    *text = lines.join("\n") + "\n";
}

/// A few bytes of a document become others, go, or come.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 if !bytes.is_empty() => drop(bytes.remove(at)),
            1 => bytes.insert(at, dice.roll().to_le_bytes()[0]),
            2 => bytes.truncate(at),
            _ if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            _ => {}
        }
    }
}

/// Master Files that people have signed although somebody's pen slipped, offered to one agent in turn.
#[test]
fn a_signed_file_with_slips_is_taken_whole_or_refused() {
    let scene = Scene::new();
    let mut dice = Dice(1);
    let mut site = Site::new(ClockSync::Synchronised);
    site.offer(&scene.approved(&text(IN_FORCE)), &scene.roster);
    let (mut accepted, mut refused) = (0u64, 0u64);
    for round in 0..SIGNED_TEXTS {
        let mut slipped = text(IN_FORCE + 1 + round);
        for _ in 0..=dice.below(2) {
            slip(&mut slipped, &mut dice);
        }
        let before = site.in_force().cloned();
        let signed = scene.approved(&slipped);
        let events = catch_unwind(AssertUnwindSafe(|| site.offer(&signed, &scene.roster)))
            .unwrap_or_else(|_| panic!("round {round} panics:\n{slipped}"));
        let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        match kinds.as_slice() {
            [EventKind::MasterFileRefused] => {
                refused += 1;
                assert_eq!(site.in_force().cloned(), before, "round {round}");
            }
            // One that begins in another batch or expires between is no matter here: no batch runs.
            [EventKind::MasterFileAccepted, EventKind::MasterFileInForce] => {
                accepted += 1;
                let hash = Datum::Bytes(sha256(slipped.as_bytes()).0.to_vec());
                assert_eq!(events[1].details.get("sha256"), Some(&hash), "round {round}");
                assert_eq!(events[0].details.get("version"), events[1].details.get("version"));
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert!(accepted > SIGNED_TEXTS / 100 && refused > SIGNED_TEXTS / 4, "{accepted}, {refused}");
    println!(
        "signed with slips: {SIGNED_TEXTS} cases, {accepted} accepted whole, {refused} refused"
    );
}

#[test]
fn a_damaged_document_is_never_approved() {
    let scene = Scene::new();
    let mut dice = Dice(2);
    let mut site = Site::new(ClockSync::Synchronised);
    site.offer(&scene.approved(&text(IN_FORCE)), &scene.roster);
    let good = scene.approved(&text(IN_FORCE + 1));
    let before = site.in_force().cloned();
    for round in 0..DAMAGED_DOCUMENTS {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut dice);
        if bytes == good {
            continue;
        }
        let events = catch_unwind(AssertUnwindSafe(|| site.offer(&bytes, &scene.roster)))
            .unwrap_or_else(|_| panic!("round {round} panics"));
        let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::MasterFileRefused], "round {round}");
    }
    assert_eq!(site.in_force().cloned(), before);
    println!("damaged documents: {DAMAGED_DOCUMENTS} cases");
}

#[test]
fn a_roster_with_slips_is_valid_or_refused() {
    let scene = Scene::new();
    let mut dice = Dice(3);
    let good = scene.next().to_toml();
    let mut accepted = 0u64;
    for round in 0..ROSTER_TEXTS {
        let mut slipped = good.clone();
        for _ in 0..=dice.below(2) {
            slip(&mut slipped, &mut dice);
        }
        let signed = rooted_by(&slipped, &[&scene.root]);
        let opened = catch_unwind(|| scene.roster.open_successor(&signed, Some(NOW)))
            .unwrap_or_else(|_| panic!("round {round} panics:\n{slipped}"));
        if let Ok(roster) = opened {
            accepted += 1;
            let roster = roster.into_inner();
            // Whole: written again it says the same, and it holds what every roster must.
            assert_eq!(Roster::from_toml(&roster.to_toml()).as_ref(), Ok(&roster));
            assert!(roster.version > scene.roster.version);
            assert!(roster.thresholds.qa >= 1 && roster.thresholds.qp >= 1);
        }
    }
    assert!(accepted > 0 && accepted < ROSTER_TEXTS / 2, "{accepted}");
    println!("rosters with slips: {ROSTER_TEXTS} cases, {accepted} valid");
}

#[test]
fn a_damaged_roster_is_never_believed() {
    let scene = Scene::new();
    let mut dice = Dice(4);
    let good = rooted_by(&scene.next().to_toml(), &[&scene.root]);
    for round in 0..DAMAGED_ROSTERS {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut dice);
        if bytes == good {
            continue;
        }
        let opened = catch_unwind(|| scene.roster.open_successor(&bytes, None).map(drop))
            .unwrap_or_else(|_| panic!("round {round} panics"));
        assert!(opened.is_err(), "round {round}");
    }
    println!("damaged rosters: {DAMAGED_ROSTERS} cases");
}
