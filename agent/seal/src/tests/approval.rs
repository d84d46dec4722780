//! Who can approve a Master File, and every way of pretending (LAW-05).
// Req: LAW-05

use cellwatch_model::Utc;

use super::people::{AFTER, BEFORE, NOW, People, approver, key};
use crate::document::{add_signature, sign_new};
use crate::{
    Approval, ApprovalError, MASTER_FILE_CONTENT_TYPE, ROSTER_CONTENT_TYPE, Role, Roster,
    SealError, Sealer, Thresholds, seal, verify_master_file,
};

const TEXT: &[u8] = b"[master_file]\nid = \"MF-CART-001\"\n";

fn signed(signers: &[&dyn Sealer]) -> Vec<u8> {
    sign_new(MASTER_FILE_CONTENT_TYPE, TEXT, signers)
}

fn refused(bytes: &[u8], roster: &Roster) -> ApprovalError {
    verify_master_file(bytes, roster, Some(NOW)).unwrap_err()
}

#[test]
fn one_of_each_approves() {
    let people = People::new();
    let bytes = signed(&[&people.qp, &people.qa]);
    let verified = verify_master_file(&bytes, &people.roster, Some(NOW)).unwrap();
    let (qa, qp) = (people.qa.public().id(), people.qp.public().id());
    assert_eq!(verified.signers(), [qp, qa]);
    let approved = verified.into_inner();
    assert_eq!(approved.bytes, TEXT);
    let expected = [
        Approval { name: "QP One".to_owned(), role: Role::Qp, key_id: qp },
        Approval { name: "QA One".to_owned(), role: Role::Qa, key_id: qa },
    ];
    assert_eq!(approved.approvals, expected);
    let more = add_signature(&bytes, &people.second_qa).unwrap();
    let three = verify_master_file(&more, &people.roster, Some(NOW)).unwrap();
    assert_eq!(three.get().approvals.len(), 3);
}

#[test]
fn too_few_do_not_approve() {
    let people = People::new();
    let roster = &people.roster;
    let threshold = |role, have, need| ApprovalError::Threshold { role, have, need };
    assert_eq!(refused(&signed(&[&people.qa]), roster), threshold(Role::Qp, 0, 1));
    assert_eq!(refused(&signed(&[&people.qp]), roster), threshold(Role::Qa, 0, 1));
    let two_of_one = signed(&[&people.qa, &people.second_qa]);
    assert_eq!(refused(&two_of_one, roster), threshold(Role::Qp, 0, 1));

    let strict = Roster { thresholds: Thresholds { qa: 2, qp: 1 }, ..roster.clone() };
    let both = signed(&[&people.qa, &people.qp]);
    assert_eq!(refused(&both, &strict), threshold(Role::Qa, 1, 2));
    let three = add_signature(&both, &people.second_qa).unwrap();
    verify_master_file(&three, &strict, Some(NOW)).unwrap();

    // Whatever a roster says, one of each is the least.
    let lax = Roster { thresholds: Thresholds { qa: 0, qp: 0 }, ..roster.clone() };
    assert_eq!(refused(&signed(&[&people.qa]), &lax), threshold(Role::Qp, 0, 1));
}

#[test]
fn one_person_is_one_person() {
    let mut people = People::new();
    let other = key();
    for name in ["QA One", "qa  one", " QA ONE "] {
        people.roster.approvers[2] = approver(name, Role::Qp, other.public());
        let bytes = signed(&[&people.qa, &other]);
        let same = ApprovalError::SamePersonTwice { name: name.to_owned() };
        assert_eq!(refused(&bytes, &people.roster), same);
    }
    // The same key under two names and roles.
    people.roster.approvers[2] = approver("QP One", Role::Qp, people.qa.public());
    let twice = signed(&[&people.qa, &people.qa]);
    let same = ApprovalError::SameKeyTwice { name: "QA QA One".to_owned() };
    assert_eq!(refused(&twice, &people.roster), same);
    let once = refused(&signed(&[&people.qa]), &people.roster);
    assert_eq!(once, ApprovalError::Threshold { role: Role::Qp, have: 0, need: 1 });
}

#[test]
fn one_key_signs_once() {
    let people = People::new();
    let twice = signed(&[&people.qa, &people.qp, &people.qa]);
    let same = ApprovalError::SameKeyTwice { name: "QA QA One".to_owned() };
    assert_eq!(refused(&twice, &people.roster), same);
}

#[test]
fn strangers_and_machines_do_not_approve() {
    let people = People::new();
    let stranger = key();
    let bytes = signed(&[&people.qa, &people.qp, &stranger]);
    let unknown = ApprovalError::UnknownKey { kid: stranger.public().id() };
    assert_eq!(refused(&bytes, &people.roster), unknown);
    let machines = [&people.root, &people.receipt, &people.command, &people.agent];
    for machine in machines {
        let bytes = signed(&[&people.qa, machine]);
        let error = refused(&bytes, &people.roster);
        let kid = machine.public().id();
        assert!(
            matches!(&error, ApprovalError::NotAnApprover { kid: found, .. } if *found == kid),
            "{error}"
        );
    }
    println!("{} keys", machines.len() + 1);
}

#[test]
fn approvers_have_their_time() {
    let mut people = People::new();
    let bytes = signed(&[&people.qa, &people.qp]);
    people.roster.approvers[2].valid_until = NOW;
    let name = || "QP One".to_owned();
    let expired = ApprovalError::ApproverExpired { name: name() };
    assert_eq!(refused(&bytes, &people.roster), expired);
    verify_master_file(&bytes, &people.roster, Some(Utc(NOW.0 - 1))).unwrap();
    people.roster.approvers[2].valid_from = AFTER;
    let early = ApprovalError::ApproverNotYetValid { name: name() };
    assert_eq!(refused(&bytes, &people.roster), early);
    let early = verify_master_file(&bytes, &people.roster, Some(BEFORE)).unwrap_err();
    assert_eq!(early, ApprovalError::ApproverNotYetValid { name: name() });
    // Without a clock to trust, the signatures count alone.
    verify_master_file(&bytes, &people.roster, None).unwrap();
}

#[test]
fn a_changed_file_is_not_the_one_they_signed() {
    let people = People::new();
    let bytes = signed(&[&people.qa, &people.qp]);
    let at = bytes.windows(4).position(|four| four == b"CART").unwrap();
    let mut changed = bytes.clone();
    changed[at] ^= 1;
    let bad = ApprovalError::BadSignature { name: "QA One".to_owned() };
    assert_eq!(refused(&changed, &people.roster), bad);
    let mut second = bytes.clone();
    *second.last_mut().unwrap() ^= 1;
    let bad = ApprovalError::BadSignature { name: "QP One".to_owned() };
    assert_eq!(refused(&second, &people.roster), bad);

    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        verify_master_file(&changed, &people.roster, None).unwrap_err();
    }
    println!("{} bits", bytes.len() * 8);
}

/// A good signature moved from one text to another, and from one person to another.
#[test]
fn signatures_do_not_move() {
    use coset::{CoseSign, TaggedCborSerializable};
    let people = People::new();
    let ours = CoseSign::from_tagged_slice(&signed(&[&people.qa, &people.qp])).unwrap();
    let other = sign_new(MASTER_FILE_CONTENT_TYPE, b"another text", &[&people.qa, &people.qp]);
    let mut moved = CoseSign::from_tagged_slice(&other).unwrap();
    moved.signatures = ours.signatures.clone();
    let bad = |name: &str| ApprovalError::BadSignature { name: name.to_owned() };
    let error = refused(&moved.to_tagged_vec().unwrap(), &people.roster);
    assert_eq!(error, bad("QA One"));

    let mut renamed = ours;
    renamed.signatures[1].signature = renamed.signatures[0].signature.clone();
    assert_eq!(refused(&renamed.to_tagged_vec().unwrap(), &people.roster), bad("QP One"));
}

#[test]
fn only_a_master_file_is_one() {
    let people = People::new();
    let signers: [&dyn Sealer; 2] = [&people.qa, &people.qp];
    let roster = sign_new(ROSTER_CONTENT_TYPE, people.roster.to_toml().as_bytes(), &signers);
    let found = ROSTER_CONTENT_TYPE.to_owned();
    assert_eq!(refused(&roster, &people.roster), ApprovalError::ContentType { found });
    let text = sign_new("text/plain", TEXT, &signers);
    let found = "text/plain".to_owned();
    assert_eq!(refused(&text, &people.roster), ApprovalError::ContentType { found });
    let sealed = seal(&people.qa, MASTER_FILE_CONTENT_TYPE, TEXT);
    let not = |error| matches!(error, ApprovalError::NotADocument(SealError::NotCose { .. }));
    assert!(not(refused(&sealed, &people.roster)));
    assert!(not(refused(TEXT, &people.roster)));
    assert!(not(refused(b"", &people.roster)));

    let bytes = signed(&signers);
    let longer = [&bytes[..], b"\n"].concat();
    assert_eq!(refused(&longer, &people.roster), ApprovalError::TrailingBytes);
    for length in 0..bytes.len() {
        let error = refused(&bytes[..length], &people.roster);
        assert!(matches!(error, ApprovalError::NotADocument(_)), "{length} bytes: {error}");
    }
    let nobody = refused(&signed(&[]), &people.roster);
    assert_eq!(nobody, ApprovalError::NotADocument(SealError::NoSignatures));
}
