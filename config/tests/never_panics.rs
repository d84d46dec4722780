//! Whatever is typed, a parser answers: with a model, or with problems that each have a line.
#![allow(clippy::unwrap_used)]

use cellwatch_config::{Problems, master_file, profile, site};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const TEXTS: [&str; 3] = [
    include_str!("../examples/site.toml"),
    include_str!("../examples/profiles/rocking-bag-25.toml"),
    include_str!("../examples/master-file.toml"),
];

/// A slip of the keyboard, an editor or a disk.
#[derive(Clone, Debug)]
enum Slip {
    /// The byte at this place becomes another.
    Byte(prop::sample::Index, u8),
    /// A line is lost.
    Lose(prop::sample::Index),
    /// A line is there twice.
    Double(prop::sample::Index),
    /// Two lines change places.
    Swap(prop::sample::Index, prop::sample::Index),
    /// The rest is cut off.
    Cut(prop::sample::Index),
    /// What stands behind `=` becomes another value.
    Value(prop::sample::Index, &'static str),
}

const VALUES: [&str; 14] = [
    "0",
    "-1",
    "1e308",
    "nan",
    "-inf",
    "\"\"",
    "\"\\u0000\"",
    "[]",
    "{}",
    "true",
    "9223372036854775807",
    "0001-01-01T00:00:00Z",
    "[1e308, -1e308]",
    "[{ id = 1 }]",
];

fn slip() -> impl Strategy<Value = Slip> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Slip::Byte(at, byte)),
        (place(), prop::sample::select(b"=[]{}\"'#.,\n-0eT:\\ ".to_vec()))
            .prop_map(|(at, byte)| Slip::Byte(at, byte)),
        place().prop_map(Slip::Lose),
        place().prop_map(Slip::Double),
        (place(), place()).prop_map(|(one, other)| Slip::Swap(one, other)),
        place().prop_map(Slip::Cut),
        (place(), prop::sample::select(VALUES.to_vec()))
            .prop_map(|(at, value)| Slip::Value(at, value)),
    ]
}

fn apply(bytes: &mut Vec<u8>, slip: &Slip) {
    if bytes.is_empty() {
        return;
    }
    let mut lines: Vec<Vec<u8>> =
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    match slip {
        Slip::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
            return;
        }
        Slip::Cut(at) => {
            bytes.truncate(at.index(bytes.len()));
            return;
        }
        Slip::Lose(at) => {
            lines.remove(at.index(lines.len()));
        }
        Slip::Double(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Slip::Swap(one, other) => {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
        }
        Slip::Value(at, value) => {
            let assigned: Vec<usize> =
                (0..lines.len()).filter(|line| lines[*line].contains(&b'=')).collect();
            if assigned.is_empty() {
                return;
            }
            let line = &mut lines[assigned[at.index(assigned.len())]];
            let sign = line.iter().position(|byte| *byte == b'=').unwrap();
            line.truncate(sign + 1);
            line.extend(value.bytes().chain([b'\n']));
        }
    }
    *bytes = lines.concat();
}

fn parse_all(bytes: &[u8]) -> Vec<Result<(), Problems>> {
    let text = String::from_utf8_lossy(bytes);
    vec![
        site::parse("f.toml", &text).map(drop),
        profile::parse("f.toml", &text).map(drop),
        master_file::parse("f.toml", bytes).map(drop),
    ]
}

/// Runs the parsers; true where every one refused.
fn check(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let answers = parse_all(bytes);
    let refused = answers.iter().all(Result::is_err);
    for Problems(problems) in answers.into_iter().filter_map(Result::err) {
        prop_assert!(!problems.is_empty());
        for problem in &problems {
            prop_assert!((1..=lines).contains(&problem.line), "{problem}");
            prop_assert!(!problem.message.is_empty());
            prop_assert_eq!(problem.to_string().lines().count(), 1, "{}", problem);
        }
        prop_assert!(problems.is_sorted_by_key(|problem| problem.line));
    }
    Ok(refused)
}

#[test]
fn slips_in_the_examples_never_panic() {
    let cases = 1500;
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let refused = std::cell::Cell::new(0);
    let input = (prop::sample::select(TEXTS.to_vec()), prop::collection::vec(slip(), 1..6));
    runner
        .run(&input, |(text, slips)| {
            let mut bytes = text.as_bytes().to_vec();
            for slip in &slips {
                apply(&mut bytes, slip);
            }
            refused.set(refused.get() + u32::from(check(&bytes)?));
            Ok(())
        })
        .unwrap();
    println!("slips: {cases} cases, {} refused", refused.get());
    assert!(refused.get() > cases / 4, "slips must do some harm to test anything");
}

#[test]
fn arbitrary_text_never_panics() {
    let cases = 500;
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    // Pieces of the grammar in any order reach deeper than arbitrary characters.
    let piece = prop::sample::select(vec![
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        "\n",
        "\"",
        "'''",
        "#",
        ".",
        "-",
        "1",
        "0x",
        "nan",
        "site",
        "agent",
        "id",
        "alarm",
        "parameter",
        "phase",
        "next",
        "master_file",
        "unit",
        "device",
        "1979-05-27T07:32:00Z",
        "true",
        "\\u12",
        "é",
        "\u{feff}",
        "\r",
        "\0",
    ]);
    runner
        .run(&prop::collection::vec(piece, 0..60), |pieces| {
            check(pieces.concat().as_bytes())?;
            Ok(())
        })
        .unwrap();
    println!("arbitrary text: {cases} cases");
}
