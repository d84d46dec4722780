//! The roster's text.

use cellwatch_model::Utc;

use super::people::{People, SECOND_NS};
use crate::{Role, Roster, RosterError};

const TEXT: &str = r#"
[roster]
version = 3
issued = 2026-01-31T00:00:00Z
expires = 2027-01-31T01:00:00+01:00

[[root]]
name = "root one"
key = "0101010101010101010101010101010101010101010101010101010101010101"

[[approver]]
name = "QA One"
role = "QA"
key = "0202020202020202020202020202020202020202020202020202020202020202"
valid_from = 2026-01-31T00:00:00Z
valid_until = 2027-01-31T00:00:00Z

[[agent]]
id = "agent-1"
site = "barcelona-1"
key = "0303030303030303030303030303030303030303030303030303030303030303"
"#;

#[test]
fn a_text_by_hand_is_read_with_its_defaults() {
    let roster = Roster::from_toml(TEXT).unwrap();
    assert_eq!(roster.version, 3);
    assert_eq!(roster.issued, Utc(1_769_817_600 * SECOND_NS));
    assert_eq!(roster.expires, Utc(1_801_353_600 * SECOND_NS));
    assert_eq!((roster.root_threshold, roster.thresholds.qa, roster.thresholds.qp), (1, 1, 1));
    assert_eq!(roster.approvers[0].role, Role::Qa);
    assert_eq!(roster.agents[0].key.0, [3; 32]);
    assert!(roster.receipt_keys.is_empty() && roster.command_keys.is_empty());
}

#[test]
fn what_is_written_is_read_again() {
    let mut people = People::new();
    people.roster.approvers[0].name = "Ωmega \"quoted\"\n".to_owned();
    people.roster.issued = Utc(people.roster.issued.0 + 123_456_789);
    for roster in [people.roster, Roster::from_toml(TEXT).unwrap()] {
        assert_eq!(Roster::from_toml(&roster.to_toml()).as_ref(), Ok(&roster));
    }
}

#[test]
fn mistakes_are_named_with_their_line() {
    let cases = [
        ("version = 3", "version = \"3\"", 3, "invalid type"),
        ("version = 3", "", 2, "missing field `version`"),
        ("2026-01-31T00:00:00Z\nexpires", "2026-01-31\nexpires", 4, "date with time and offset"),
        ("role = \"QA\"", "role = \"CEO\"", 13, "unknown variant"),
        ("0202020202", "02", 14, "is not 64 hexadecimal digits"),
        ("site = ", "cite = ", 20, "unknown field `cite`"),
        ("[[agent]]", "[[agents]]", 18, "unknown field `agents`"),
        ("[[root]]", "[[root]", 7, ""),
    ];
    for (from, to, expected, words) in cases {
        let error = Roster::from_toml(&TEXT.replacen(from, to, 1)).unwrap_err();
        let RosterError::Text { line, problem } = error else { panic!("{from}: {error}") };
        assert_eq!((line, problem.contains(words)), (expected, true), "{from} → {to}: {problem}");
    }
    println!("{} mistakes", cases.len());
}

#[test]
fn what_cannot_be_meant_is_said_all_at_once() {
    let withdrawn = |byte: &str, reason: &str| {
        let key = byte.repeat(32);
        format!(
            "[[revoked]]\nkey = \"{key}\"\nsince = 2026-02-01T00:00:00Z\nreason = \"{reason}\"\n[[agent]]"
        )
    };
    let twice = withdrawn("09", "lost").replace("[[agent]]", &withdrawn("09", "lost"));
    let cases = [
        ("version = 3", "version = 0", "version begins at 1"),
        ("expires = 2027", "expires = 2025", "expires before it is issued"),
        ("[roster]", "[roster]\nroot_threshold = 2", "root_threshold is 2, of 1"),
        ("[roster]", "[roster]\nroot_threshold = 0", "root_threshold is 0, of 1"),
        ("[[root]]", "[[command]]", "there is no [[root]] that counts"),
        ("[[root]]", "[thresholds]\nqa = 0\n[[root]]", "qa is at least 1"),
        ("[[root]]", "[thresholds]\nqp = 0\n[[root]]", "qp is at least 1"),
        ("name = \"QA One\"", "name = \" \"", "has no name"),
        ("valid_until = 2027", "valid_until = 2025", "valid_until before valid_from"),
        ("site = \"barcelona-1\"", "site = \"\"", "id or site is empty"),
        ("[[agent]]", &withdrawn("01", "lost"), "there is no [[root]] that counts"),
        ("[[agent]]", &withdrawn("09", " "), "no reason"),
        ("[[agent]]", &twice, "is there twice"),
        (&"03".repeat(32), &"02".repeat(32), "is of QA QA One and of agent agent-1"),
        (&"03".repeat(32), &"01".repeat(32), "is of root root one and of agent agent-1"),
    ];
    for (from, to, words) in cases {
        let error = Roster::from_toml(&TEXT.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error, RosterError::Meaning { .. }), "{from} → {to}: {error}");
        assert!(error.to_string().contains(words), "{from} → {to}: {error}");
    }
    let many =
        TEXT.replace("version = 3", "version = 0").replace("site = \"barcelona-1\"", "site = \"\"");
    let RosterError::Meaning { problems } = Roster::from_toml(&many).unwrap_err() else {
        panic!("two problems")
    };
    assert_eq!(problems.len(), 2);
    println!("{} rosters", cases.len() + 1);
}
