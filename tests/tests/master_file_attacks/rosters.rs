//! Attacks on the roster.

use cellwatch_model::Utc;
use cellwatch_seal::document::sign_new;
use cellwatch_seal::{
    MASTER_FILE_CONTENT_TYPE, NamedKey, PublicKey, ROSTER_CONTENT_TYPE, Role, RootKey, Roster,
    Sealer, seal,
};

use crate::scene::{DAY_NS, NOW, Scene, approver, revoked, rooted_by};

/// An attack: its name, the roster in use, the bytes that come in, what the refusal says.
struct Attack {
    name: &'static str,
    in_use: fn(&Scene) -> Roster,
    bytes: fn(&Scene) -> Vec<u8>,
    says: &'static str,
}

fn known(scene: &Scene) -> Roster {
    scene.roster.clone()
}

#[rustfmt::skip] // one attack a line
const ATTACKS: &[Attack] = &[
    // Who signed
    Attack { name: "nobody signed", in_use: known, bytes: |s| rooted_by(&s.next().to_toml(), &[]), says: "nobody has signed it" },
    Attack { name: "stranger as root", in_use: known, bytes: |s| rooted_by(&s.next().to_toml(), &[&s.stranger]), says: "none of which is a trusted root key" },
    Attack { name: "roots that appoint themselves", in_use: known, bytes: |s| rooted_by(&own_root(s).to_toml(), &[&s.stranger]), says: "none of which is a trusted root key" },
    Attack { name: "approvers as roots", in_use: known, bytes: |s| rooted_by(&s.next().to_toml(), &[&s.qa, &s.qp]), says: "none of which is a trusted root key" },
    Attack { name: "threshold short", in_use: |s| Roster { root_threshold: 2, ..known(s) }, bytes: |s| s.rooted(&s.next()), says: "signed by 1 of the 2 root keys" },
    Attack { name: "threshold lowered by one", in_use: |s| Roster { root_threshold: 2, ..known(s) }, bytes: |s| s.rooted(&Roster { root_threshold: 1, ..s.next() }), says: "signed by 1 of the 2 root keys" },
    Attack { name: "one root twice", in_use: |s| Roster { root_threshold: 2, ..known(s) }, bytes: |s| rooted_by(&s.next().to_toml(), &[&s.root, &s.root]), says: "signed twice" },
    Attack { name: "threshold met by a stranger", in_use: |s| Roster { root_threshold: 2, ..known(s) }, bytes: |s| rooted_by(&s.next().to_toml(), &[&s.root, &s.stranger]), says: "signed by 1 of the 2 root keys" },
    Attack { name: "revoked root", in_use: |s| Roster { revoked: vec![revoked(s.root.public())], ..known(s) }, bytes: |s| s.rooted(&s.next()), says: "none of which is a trusted root key" },
    Attack { name: "root that revokes itself", in_use: known, bytes: |s| s.rooted(&Roster { revoked: vec![revoked(s.root.public())], ..s.next() }), says: "signed by 0 of the 1 root keys" },
    // What was signed
    Attack { name: "changed after signing", in_use: known, bytes: flipped, says: "does not fit: the roster was changed or forged" },
    Attack { name: "other content type", in_use: known, bytes: |s| sign_new(MASTER_FILE_CONTENT_TYPE, s.next().to_toml().as_bytes(), &[&s.root]), says: "not as a roster" },
    Attack { name: "sealed, not signed", in_use: known, bytes: |s| seal(&s.root, ROSTER_CONTENT_TYPE, s.next().to_toml().as_bytes()), says: "not a signed roster" },
    Attack { name: "bare text", in_use: known, bytes: |s| s.next().to_toml().into_bytes(), says: "not a signed roster" },
    Attack { name: "empty", in_use: known, bytes: |_| Vec::new(), says: "not a signed roster" },
    Attack { name: "truncated", in_use: known, bytes: |s| { let mut bytes = s.rooted(&s.next()); bytes.truncate(bytes.len() - 1); bytes }, says: "not a signed roster" },
    Attack { name: "extra bytes", in_use: known, bytes: |s| [s.rooted(&s.next()), vec![0]].concat(), says: "not a signed roster" },
    // Which roster
    Attack { name: "rolled back", in_use: known, bytes: |s| s.rooted(&Roster { version: 6, ..s.next() }), says: "version 6 of the roster is not newer than version 7" },
    Attack { name: "replayed", in_use: known, bytes: |s| s.rooted(&s.roster), says: "version 7 of the roster is not newer than version 7" },
    Attack { name: "expired", in_use: known, bytes: |s| s.rooted(&Roster { expires: Utc(NOW.0 - 1), ..s.next() }), says: "the roster expired at 2026-06-30T23:59:59" },
    Attack { name: "issued in the future", in_use: known, bytes: |s| s.rooted(&Roster { issued: Utc(NOW.0 + DAY_NS / 2), ..s.next() }), says: "in the future" },
    Attack { name: "revoked key brought back", in_use: |s| Roster { revoked: vec![revoked(s.qa.public())], ..known(s) }, bytes: |s| s.rooted(&s.next()), says: "as QA QA One, but the one in use has revoked it" },
    // What it says
    Attack { name: "not UTF-8", in_use: known, bytes: |s| sign_new(ROSTER_CONTENT_TYPE, b"\xff", &[&s.root]), says: "not UTF-8" },
    Attack { name: "not TOML", in_use: known, bytes: |s| rooted_by("roots: all\n", &[&s.root]), says: "roster, line 1" },
    Attack { name: "unknown word", in_use: known, bytes: |s| rooted_by(&(s.next().to_toml() + "\n[bypass]\n"), &[&s.root]), says: "unknown field `bypass`" },
    Attack { name: "one key for two uses", in_use: known, bytes: |s| s.rooted(&also_command(s)), says: "a key has one owner and one use" },
    Attack { name: "one person's key as two approvers", in_use: known, bytes: |s| s.rooted(&also_qp(s)), says: "a key has one owner and one use" },
    Attack { name: "no approval needed", in_use: known, bytes: |s| { let mut next = s.next(); next.thresholds.qp = 0; s.rooted(&next) }, says: "qp is at least 1" },
    Attack { name: "no root left", in_use: known, bytes: |s| s.rooted(&Roster { roots: Vec::new(), ..s.next() }), says: "nobody could sign the next roster" },
    Attack { name: "more roots needed than there are", in_use: known, bytes: |s| s.rooted(&Roster { root_threshold: 3, ..s.next() }), says: "root_threshold is 3, of 2" },
];

fn own_root(scene: &Scene) -> Roster {
    let own = RootKey { name: "own".to_owned(), key: scene.stranger.public() };
    Roster { roots: vec![own], ..scene.next() }
}

fn also_command(scene: &Scene) -> Roster {
    let command = NamedKey { name: "commands".to_owned(), key: scene.receipt.public() };
    Roster { command_keys: vec![command], ..scene.next() }
}

fn also_qp(scene: &Scene) -> Roster {
    let mut next = scene.next();
    next.approvers[2] = approver("QP One", Role::Qp, scene.qa.public());
    next
}

fn flipped(scene: &Scene) -> Vec<u8> {
    let mut bytes = scene.rooted(&scene.next());
    let at = bytes.windows(6).position(|six| six == b"QA One").unwrap();
    bytes[at] = b'X';
    bytes
}

#[test]
fn each_attack_is_refused_by_name() {
    let scene = Scene::new();
    let roots: [PublicKey; 2] = [scene.root.public(), scene.second_root.public()];
    let mut names = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for Attack { name, in_use, bytes, says } in ATTACKS {
        assert!(names.insert(*name), "{name} is there twice");
        let in_use = in_use(&scene);
        match in_use.open_successor(&bytes(&scene), Some(NOW)) {
            Ok(_) => wrong.push(format!("{name}: accepted")),
            Err(error) if error.to_string().contains(says) => {}
            Err(error) => wrong.push(format!("{name}: {error:?} says {error}, not {says:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is as it should be is taken: by one root, by both, as the first and as a successor.
    let good = scene.rooted(&scene.next());
    assert_eq!(scene.roster.open_successor(&good, Some(NOW)).unwrap().get().version, 8);
    let both = rooted_by(&scene.next().to_toml(), &[&scene.root, &scene.second_root]);
    assert_eq!(scene.roster.open_successor(&both, Some(NOW)).unwrap().signers().len(), 2);
    Roster::open(&good, &roots, Some(NOW)).unwrap();
    println!("attacks on the roster: {} cases", ATTACKS.len());
}
