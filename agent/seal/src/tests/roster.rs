//! Which rosters are believed.

use cellwatch_model::Utc;

use super::people::{AFTER, BEFORE, NOW, People, SECOND_NS, key};
use crate::document::sign_new;
use crate::{
    MASTER_FILE_CONTENT_TYPE, PublicKey, ROSTER_CONTENT_TYPE, RootKey, Roster, RosterError,
    SealError, Sealer, SealingKey,
};

fn signed(roster: &Roster, roots: &[&dyn Sealer]) -> Vec<u8> {
    sign_new(ROSTER_CONTENT_TYPE, roster.to_toml().as_bytes(), roots)
}

fn refused(bytes: &[u8], roots: &[PublicKey]) -> RosterError {
    Roster::open(bytes, roots, Some(NOW)).unwrap_err()
}

#[test]
fn a_roster_signed_by_its_root_is_believed_and_finds_keys() {
    let people = People::new();
    let bytes = signed(&people.roster, &[&people.root]);
    let opened = Roster::open(&bytes, &[people.root.public()], Some(NOW)).unwrap();
    assert_eq!(opened.signers(), [people.root.public().id()]);
    let roster = opened.into_inner();
    assert_eq!(roster, people.roster);
    let (receipt, command, agent) =
        (people.receipt.public(), people.command.public(), people.agent.public());
    assert_eq!(roster.receipt_key(&receipt.id()), Some(&receipt));
    assert_eq!(roster.receipt_key(&command.id()), None);
    assert_eq!(roster.command_key(&command.id()), Some(&command));
    assert_eq!(roster.command_key(&agent.id()), None);
    assert_eq!(roster.agent_key("agent-1", &agent.id()), Some(&agent));
    assert_eq!(roster.agent_key("agent-2", &agent.id()), None);
    assert_eq!(roster.agent_key("agent-1", &receipt.id()), None);
}

#[test]
fn only_trusted_roots_count() {
    let people = People::new();
    let stranger = key();
    let roots = [people.root.public()];
    let signers = vec![stranger.public().id()];
    let by_stranger = signed(&people.roster, &[&stranger]);
    assert_eq!(refused(&by_stranger, &roots), RosterError::WrongRoot { signers });
    // It names the stranger as a root itself.
    let mut own = people.roster.clone();
    own.roots = vec![RootKey { name: "own".to_owned(), key: stranger.public() }];
    let by_stranger = signed(&own, &[&stranger]);
    assert!(matches!(refused(&by_stranger, &roots), RosterError::WrongRoot { .. }));
    assert!(matches!(refused(&by_stranger, &[]), RosterError::WrongRoot { .. }));
    // While roots change, others sign too.
    let both = signed(&people.roster, &[&stranger, &people.root]);
    let opened = Roster::open(&both, &roots, Some(NOW)).unwrap();
    assert_eq!(opened.signers(), [people.root.public().id()]);
    for signer in [&people.qa, &people.receipt, &people.agent] {
        let bytes = signed(&people.roster, &[signer]);
        assert!(matches!(refused(&bytes, &roots), RosterError::WrongRoot { .. }));
    }
}

#[test]
fn as_many_roots_as_it_asks_for_must_sign() {
    let people = People::new();
    let second = key();
    let mut roster = people.roster.clone();
    roster.roots.push(RootKey { name: "root two".to_owned(), key: second.public() });
    roster.root_threshold = 2;
    let roots = [people.root.public(), second.public()];
    let few = RosterError::Threshold { have: 1, need: 2 };
    assert_eq!(refused(&signed(&roster, &[&second]), &roots), few);
    let both = signed(&roster, &[&second, &people.root]);
    Roster::open(&both, &roots, Some(NOW)).unwrap();
    assert_eq!(refused(&both, &roots[..1]), few, "only one of them is trusted");
    let twice = signed(&roster, &[&second, &second]);
    let same = SealError::SameKeyTwice { key_id: second.public().id() };
    assert_eq!(refused(&twice, &roots), RosterError::NotADocument(same));
}

#[test]
fn a_roster_has_its_time() {
    let people = People::new();
    let bytes = signed(&people.roster, &[&people.root]);
    let open = |now| Roster::open(&bytes, &[people.root.public()], now).map(|_| ());
    assert_eq!(open(Some(Utc(AFTER.0 - 1))), Ok(()));
    assert_eq!(open(Some(AFTER)), Err(RosterError::Expired { expires: AFTER }));
    assert_eq!(open(Some(Utc(BEFORE.0 - 299 * SECOND_NS))), Ok(()), "clocks may differ");
    let early = Utc(BEFORE.0 - 301 * SECOND_NS);
    assert_eq!(open(Some(early)), Err(RosterError::NotYetIssued { issued: BEFORE }));
    assert_eq!(open(None), Ok(()));
    let text = RosterError::Expired { expires: AFTER }.to_string();
    assert!(text.contains("2026-02-01T00:00:00Z"), "{text}");
}

#[test]
fn a_changed_roster_is_refused() {
    let people = People::new();
    let roots = [people.root.public()];
    let bytes = signed(&people.roster, &[&people.root]);
    let at = bytes.windows(6).position(|six| six == b"QA One").unwrap();
    let mut changed = bytes.clone();
    changed[at] = b'X';
    let bad = RosterError::BadSignature { key_id: people.root.public().id() };
    assert_eq!(refused(&changed, &roots), bad);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        Roster::open(&changed, &roots, None).unwrap_err();
    }
    let longer = [&bytes[..], &[0]].concat();
    let trailing = RosterError::NotADocument(SealError::TrailingBytes);
    assert_eq!(refused(&longer, &roots), trailing);
    println!("{} bytes", bytes.len());
}

#[test]
fn a_master_file_is_no_roster_and_nonsense_neither() {
    let people = People::new();
    let roots = [people.root.public()];
    let text = people.roster.to_toml();
    let file = sign_new(MASTER_FILE_CONTENT_TYPE, text.as_bytes(), &[&people.root]);
    let found = MASTER_FILE_CONTENT_TYPE.to_owned();
    assert_eq!(refused(&file, &roots), RosterError::ContentType { found });
    let binary = sign_new(ROSTER_CONTENT_TYPE, &[0xff, 0xfe], &[&people.root]);
    assert_eq!(refused(&binary, &roots), RosterError::NotText);
    let nonsense = sign_new(ROSTER_CONTENT_TYPE, b"hello", &[&people.root]);
    assert!(matches!(refused(&nonsense, &roots), RosterError::Text { line: 1, .. }));
}

fn next(roster: &Roster, version: u64, signers: &[&SealingKey]) -> Vec<u8> {
    let next = Roster { version, ..roster.clone() };
    let signers: Vec<&dyn Sealer> = signers.iter().map(|key| *key as &dyn Sealer).collect();
    signed(&next, &signers)
}

#[test]
fn only_a_newer_roster_by_the_old_roots_replaces_one() {
    let people = People::new();
    let (old, root) = (&people.roster, &people.root);
    let opened = old.open_successor(&next(old, 8, &[root]), Some(NOW)).unwrap();
    assert_eq!(opened.get().version, 8);
    for found in [7, 6, 1] {
        let error = old.open_successor(&next(old, found, &[root]), Some(NOW)).unwrap_err();
        assert_eq!(error, RosterError::NotNewer { have: 7, found });
    }
    // New roots cannot bring themselves in, and cannot lower what the old roster asks for.
    let new_root = key();
    let mut taken_over = old.clone();
    taken_over.roots = vec![RootKey { name: "new".to_owned(), key: new_root.public() }];
    let error = old.open_successor(&next(&taken_over, 8, &[&new_root]), Some(NOW)).unwrap_err();
    assert!(matches!(error, RosterError::WrongRoot { .. }));
    old.open_successor(&next(&taken_over, 8, &[&new_root, root]), Some(NOW)).unwrap();

    let mut two = old.clone();
    two.roots.push(RootKey { name: "root two".to_owned(), key: new_root.public() });
    two.root_threshold = 2;
    let lowered = Roster { root_threshold: 1, ..two.clone() };
    let error = two.open_successor(&next(&lowered, 8, &[root]), Some(NOW)).unwrap_err();
    assert_eq!(error, RosterError::Threshold { have: 1, need: 2 });
    two.open_successor(&next(&lowered, 8, &[root, &new_root]), Some(NOW)).unwrap();
}
