//! Keys that count no more.
// Req: LAW-05

use cellwatch_model::Utc;

use super::people::{NOW, People, SECOND_NS, key};
use crate::document::sign_new;
use crate::{
    ApprovalError, MASTER_FILE_CONTENT_TYPE, PublicKey, ROSTER_CONTENT_TYPE, Revoked, RootKey,
    Roster, RosterError, Sealer, verify_accepted_master_file, verify_master_file,
};

const SINCE: Utc = Utc(NOW.0 - 3600 * SECOND_NS);
const EARLIER: Utc = Utc(SINCE.0 - 1);

fn revoked(key: PublicKey) -> Revoked {
    Revoked { key, since: SINCE, reason: "card lost".to_owned() }
}

fn signed(roster: &Roster, roots: &[&dyn Sealer]) -> Vec<u8> {
    sign_new(ROSTER_CONTENT_TYPE, roster.to_toml().as_bytes(), roots)
}

#[test]
fn a_revoked_approver_approves_nothing_that_comes_in_but_what_was_accepted_stands() {
    let mut people = People::new();
    let bytes = sign_new(MASTER_FILE_CONTENT_TYPE, b"text", &[&people.qa, &people.qp]);
    verify_master_file(&bytes, &people.roster, Some(NOW)).unwrap();
    people.roster.revoked = vec![revoked(people.qp.public())];
    let error = ApprovalError::RevokedKey {
        name: "QP QP One".to_owned(),
        since: SINCE,
        reason: "card lost".to_owned(),
    };
    // Whatever the clock says: before the revocation, after it, or nothing.
    for now in [Some(EARLIER), Some(NOW), None] {
        assert_eq!(verify_master_file(&bytes, &people.roster, now).as_ref(), Err(&error));
    }
    assert!(error.to_string().contains("2026-01-30T23:00:00Z: card lost"), "{error}");
    verify_accepted_master_file(&bytes, &people.roster, EARLIER).unwrap();
    let late = verify_accepted_master_file(&bytes, &people.roster, SINCE);
    assert_eq!(late.as_ref(), Err(&error), "accepted when the key was lost already");
    // Another approver's signature does not make up for it.
    let three =
        sign_new(MASTER_FILE_CONTENT_TYPE, b"text", &[&people.qa, &people.second_qa, &people.qp]);
    assert_eq!(verify_master_file(&three, &people.roster, None).as_ref(), Err(&error));
    // The person's entry may be gone: the key is still known as revoked.
    people.roster.approvers.retain(|approver| approver.key != people.qp.public());
    let name = format!("key {}", people.qp.public().id());
    let gone = verify_master_file(&bytes, &people.roster, None).unwrap_err();
    assert!(matches!(gone, ApprovalError::RevokedKey { name: found, .. } if found == name));
    println!("revoked approvers: 8 cases");
}

/// Req: LAW-05
#[test]
fn an_accepted_file_outlives_its_approvers_but_not_a_forgery() {
    let mut people = People::new();
    let bytes = sign_new(MASTER_FILE_CONTENT_TYPE, b"text", &[&people.qa, &people.qp]);
    people.roster.approvers[0].valid_until = EARLIER;
    verify_master_file(&bytes, &people.roster, Some(NOW)).unwrap_err();
    verify_accepted_master_file(&bytes, &people.roster, EARLIER).unwrap();
    let half = sign_new(MASTER_FILE_CONTENT_TYPE, b"text", &[&people.qa]);
    verify_accepted_master_file(&half, &people.roster, EARLIER).unwrap_err();
    let mut changed = bytes;
    let at = changed.windows(4).position(|four| four == b"text").unwrap();
    changed[at] ^= 1;
    let error = verify_accepted_master_file(&changed, &people.roster, EARLIER).unwrap_err();
    assert!(matches!(error, ApprovalError::BadSignature { .. }), "{error}");
    println!("accepted before: 4 cases");
}

#[test]
fn a_revoked_machine_is_not_found_but_its_history_is() {
    let mut people = People::new();
    let keys = [people.receipt.public(), people.command.public(), people.agent.public()];
    let [receipt, command, agent] = keys;
    people.roster.revoked = keys.map(revoked).to_vec();
    let roster = &people.roster;
    assert_eq!(roster.receipt_key(&receipt.id()), None);
    assert_eq!(roster.command_key(&command.id()), None);
    assert_eq!(roster.agent_key("agent-1", &agent.id()), None);
    assert_eq!(roster.agent_key_at("agent-1", &agent.id(), EARLIER), Some(&agent));
    assert_eq!(roster.agent_key_at("agent-1", &agent.id(), SINCE), None);
    assert_eq!(roster.agent_key_at("agent-2", &agent.id(), EARLIER), None);
    println!("revoked machines: 6 cases");
}

#[test]
fn a_lost_root_key_is_revoked_by_the_other_one() {
    let mut people = People::new();
    let (lost, kept) = (people.root.public(), key());
    people.roster.roots.push(RootKey { name: "root two".to_owned(), key: kept.public() });
    let old = &people.roster;
    let mut next = Roster { version: 8, ..old.clone() };
    next.revoked = vec![revoked(lost)];
    let by_kept = signed(&next, &[&kept]);
    let opened = old.open_successor(&by_kept, Some(NOW)).unwrap();
    assert_eq!(opened.signers(), [kept.public().id()]);
    // Nobody signs away the key that signs.
    let few = RosterError::Threshold { have: 0, need: 1 };
    let by_lost = signed(&next, &[&people.root]);
    assert_eq!(old.open_successor(&by_lost, Some(NOW)).as_ref(), Err(&few));
    assert_eq!(Roster::open(&by_lost, &[lost], Some(NOW)).as_ref(), Err(&few));
    // From then on it signs no successor.
    let after = signed(&Roster { version: 9, ..next.clone() }, &[&people.root]);
    let error = next.open_successor(&after, Some(NOW)).unwrap_err();
    assert!(matches!(error, RosterError::WrongRoot { .. }), "{error}");
    println!("revoked roots: 4 cases");
}

#[test]
fn what_is_revoked_stays_so() {
    let mut people = People::new();
    people.roster.revoked = vec![revoked(people.qa.public())];
    let old = &people.roster;
    let forgotten = Roster { version: 8, revoked: Vec::new(), ..old.clone() };
    let error = old.open_successor(&signed(&forgotten, &[&people.root]), Some(NOW)).unwrap_err();
    let revived =
        RosterError::Revived { owner: "QA QA One".to_owned(), key_id: people.qa.public().id() };
    assert_eq!(error, revived);
    // Once no entry has the key, nobody needs to list it.
    let mut gone = forgotten;
    gone.approvers.remove(0);
    old.open_successor(&signed(&gone, &[&people.root]), Some(NOW)).unwrap();
    // Written and read again.
    assert_eq!(Roster::from_toml(&old.to_toml()).as_ref(), Ok(old));
    println!("revoked for good: 3 cases");
}
