//! Attacks on the Master File.

use cellwatch_model::{ClockSync, Utc};
use cellwatch_record::EventKind;
use cellwatch_seal::document::sign_new;
use cellwatch_seal::{
    MASTER_FILE_CONTENT_TYPE, ROSTER_CONTENT_TYPE, Role, Roster, Sealer, Thresholds, seal,
};

use crate::scene::{DAY_NS, IN_FORCE, NOW, Scene, approved_by, approver, edited, revoked, text};
use crate::site::Site;

/// An attack: its name, the roster at the time, the bytes that come in, what the refusal says.
struct Attack {
    name: &'static str,
    roster: fn(&Scene) -> Roster,
    bytes: fn(&Scene) -> Vec<u8>,
    says: &'static str,
}

fn known(scene: &Scene) -> Roster {
    scene.roster.clone()
}

fn next() -> String {
    text(IN_FORCE + 1)
}

#[rustfmt::skip] // one attack a line
const ATTACKS: &[Attack] = &[
    // Who signed
    Attack { name: "nobody signed", roster: known, bytes: |_| approved_by(&next(), &[]), says: "nobody has signed it" },
    Attack { name: "unknown key", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.qp, &s.stranger]), says: "which the roster does not know" },
    Attack { name: "one approver twice", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.qa, &s.qp]), says: "QA QA One has signed twice with the same key" },
    Attack { name: "one person under two keys", roster: |s| with_approver(s, 2, "qa one", Role::Qp), bytes: |s| s.approved(&next()), says: "qa one has signed twice: approvals must be of different people" },
    Attack { name: "wrong role", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.second_qa]), says: "signed by 0 of the 1 QP" },
    Attack { name: "no QA", roster: known, bytes: |s| approved_by(&next(), &[&s.qp]), says: "signed by 0 of the 1 QA" },
    Attack { name: "threshold short", roster: |s| Roster { thresholds: Thresholds { qa: 2, qp: 1 }, ..known(s) }, bytes: |s| s.approved(&next()), says: "signed by 1 of the 2 QA" },
    Attack { name: "threshold of nought", roster: |s| Roster { thresholds: Thresholds { qa: 0, qp: 0 }, ..known(s) }, bytes: |s| approved_by(&next(), &[&s.qp]), says: "signed by 0 of the 1 QA" },
    Attack { name: "agent's own key", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.agent]), says: "signed by agent agent-1" },
    Attack { name: "receipt key", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.receipt]), says: "approves no Master Files by the roster" },
    Attack { name: "root key", roster: known, bytes: |s| approved_by(&next(), &[&s.qa, &s.root]), says: "signed by root root one" },
    Attack { name: "revoked key", roster: |s| Roster { revoked: vec![revoked(s.qp.public())], ..known(s) }, bytes: |s| s.approved(&next()), says: "QP QP One, which is revoked since 2026-06-30T12:00:00Z: card stolen" },
    Attack { name: "revoked key beside enough others", roster: |s| Roster { revoked: vec![revoked(s.second_qa.public())], ..known(s) }, bytes: |s| approved_by(&next(), &[&s.qa, &s.second_qa, &s.qp]), says: "revoked since" },
    Attack { name: "approver expired", roster: |s| dated(s, -2, -1), bytes: |s| s.approved(&next()), says: "QP One may not approve any more" },
    Attack { name: "approver not yet valid", roster: |s| dated(s, 1, 2), bytes: |s| s.approved(&next()), says: "QP One may not approve yet" },
    // What was signed
    Attack { name: "changed after signing", roster: known, bytes: |s| flipped(s, b"limit = 38.0", b"limit = 58.0"), says: "the signature of QA One does not fit" },
    Attack { name: "signatures of another file", roster: known, bytes: moved_signatures, says: "the signature of QA One does not fit" },
    Attack { name: "other content type", roster: known, bytes: |s| sign_new(ROSTER_CONTENT_TYPE, next().as_bytes(), &[&s.qa, &s.qp]), says: "signed as \"application/cellwatch-roster+toml\", not as a Master File" },
    Attack { name: "sealed, not signed", roster: known, bytes: |s| seal(&s.qa, MASTER_FILE_CONTENT_TYPE, next().as_bytes()), says: "not a signed document" },
    Attack { name: "bare text", roster: known, bytes: |_| next().into_bytes(), says: "not a signed document" },
    Attack { name: "empty", roster: known, bytes: |_| Vec::new(), says: "not a signed document" },
    Attack { name: "truncated", roster: known, bytes: |s| { let mut bytes = s.approved(&next()); bytes.truncate(bytes.len() - 1); bytes }, says: "not a signed document" },
    Attack { name: "extra bytes", roster: known, bytes: |s| [s.approved(&next()), vec![b'\n']].concat(), says: "other bytes follow the signed document" },
    Attack { name: "two documents in one", roster: known, bytes: |s| s.approved(&next()).repeat(2), says: "other bytes follow" },
    // Which file
    Attack { name: "wrong site", roster: known, bytes: |s| s.approved(&edited("sites = [\"barcelona-1\"]", "sites = [\"madrid-2\"]")), says: "this site, \"barcelona-1\", is not listed: the file is for madrid-2" },
    Attack { name: "rolled back", roster: known, bytes: |s| s.approved(&text(IN_FORCE - 1)), says: "its version 4 is not newer than 5" },
    Attack { name: "replayed", roster: known, bytes: |s| s.approved(&text(IN_FORCE)), says: "its version 5 is not newer than 5" },
    Attack { name: "another text of the same version", roster: known, bytes: |s| s.approved(&text(IN_FORCE).replacen("limit = 38.0", "limit = 39.0", 1)), says: "its version 5 is not newer than 5" },
    Attack { name: "expired", roster: known, bytes: |s| s.approved(&edited("expires = 2028-06-01", "expires = 2026-06-30")), says: "it expired at 2026-06-29 22:00 UTC" },
    Attack { name: "profile hash wrong", roster: known, bytes: |s| s.approved(&edited("profile_sha256 = \"7ddc", "profile_sha256 = \"8ddc")), says: "is not the text that was approved" },
    Attack { name: "equipment not listed", roster: known, bytes: |s| s.approved(&edited("profile = \"rocking-bag-25\"", "profile = \"other-bag\"")), says: "only approved equipment may be used" },
    // What it says
    Attack { name: "not UTF-8", roster: known, bytes: |s| sign_new(MASTER_FILE_CONTENT_TYPE, b"[master_file]\n\xff", &[&s.qa, &s.qp]), says: "not UTF-8 text" },
    Attack { name: "not TOML", roster: known, bytes: |s| s.approved("limits: none\n"), says: "not TOML" },
    Attack { name: "larger than any file", roster: known, bytes: |s| s.approved(&(next() + &"#".repeat(1 << 20))), says: "longer than 1 MiB" },
    Attack { name: "unknown word", roster: known, bytes: |s| s.approved(&edited("latching = true", "latching = true\nsilent = true")), says: "\"silent\" is not a key that is known" },
    Attack { name: "limits crossed", roster: known, bytes: |s| s.approved(&edited("limit = 37.5", "limit = 38.5")), says: "must lie below HH 38" },
    Attack { name: "limit out of reach", roster: known, bytes: |s| s.approved(&edited("limit = 38.0", "limit = 50.0")), says: "no value could ever cross it" },
    Attack { name: "other unit of measure", roster: known, bytes: |s| s.approved(&edited("name = \"WEIGHT\"\nunit = \"g\"", "name = \"WEIGHT\"\nunit = \"kg\"")), says: "write the same unit" },
    Attack { name: "critical alarm put aside", roster: known, bytes: |s| s.approved(&edited("latching = true", "latching = true\nshelve_max_s = 28800")), says: "never put aside" },
    Attack { name: "alarm hidden by a circle", roster: known, bytes: |s| s.approved(&edited("latching = true", "latching = true\nsuppressed_by = [\"PRESS.HH\"]")), says: "would in the end suppress itself" },
    Attack { name: "action limit hidden by its own alert limit", roster: known, bytes: |s| s.approved(&edited("id = \"TEMP.HH\"", "id = \"TEMP.HH\"\nsuppressed_by = [\"TEMP.H\"]")), says: "TEMP.HH would in the end suppress itself" },
    Attack { name: "under the id of a device's alarm", roster: known, bytes: |s| s.approved(&edited("id = \"ROCK.ANGLE.L\"", "id = \"bx-01.LINK\"")), says: "the agent makes itself for device bx-01" },
    Attack { name: "under the id of a phase's alarm", roster: known, bytes: |s| s.approved(&edited("id = \"ROCK.ANGLE.L\"", "id = \"PHASE.OVERRUN\"")), says: "the agent makes itself" },
    Attack { name: "at once without a reason", roster: known, bytes: |s| s.approved(&edited("activation = \"next-batch\"", "activation = \"at-once\"")), says: "needs QA's reason" },
];

fn with_approver(scene: &Scene, at: usize, name: &str, role: Role) -> Roster {
    let mut roster = known(scene);
    roster.approvers[at] = approver(name, role, roster.approvers[at].key);
    roster
}

/// QP's entry begins and ends so many days from now.
fn dated(scene: &Scene, from: i64, until: i64) -> Roster {
    let mut roster = known(scene);
    roster.approvers[2].valid_from = Utc(NOW.0 + from * DAY_NS);
    roster.approvers[2].valid_until = Utc(NOW.0 + until * DAY_NS);
    roster
}

fn flipped(scene: &Scene, find: &[u8], with: &[u8]) -> Vec<u8> {
    let mut bytes = scene.approved(&next());
    let at = bytes.windows(find.len()).position(|window| window == find).unwrap();
    bytes[at..at + find.len()].copy_from_slice(with);
    bytes
}

/// The signatures of the file in force behind the text of another of the same length.
fn moved_signatures(scene: &Scene) -> Vec<u8> {
    let (old, new) = (text(IN_FORCE), next());
    assert_eq!(old.len(), new.len());
    let mut bytes = scene.approved(&old);
    let at = bytes.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
    bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    bytes
}

/// An agent that judges by version 5.
fn judging(scene: &Scene) -> Site {
    let mut site = Site::new(ClockSync::Synchronised);
    let events = site.offer(&scene.approved(&text(IN_FORCE)), &scene.roster);
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    let accepted = [EventKind::MasterFileAccepted, EventKind::MasterFileInForce];
    assert_eq!(kinds, accepted, "{:?}", events[0].text);
    site
}

#[test]
fn each_attack_is_refused_by_name_and_the_last_good_file_goes_on() {
    let scene = Scene::new();
    let mut names = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for Attack { name, roster, bytes, says } in ATTACKS {
        assert!(names.insert(*name), "{name} is there twice");
        let mut site = judging(&scene);
        let before = site.in_force().cloned();
        let events = site.offer(&bytes(&scene), &roster(&scene));
        match events.as_slice() {
            [refused] if refused.kind == EventKind::MasterFileRefused => {
                if !refused.text.contains(says) {
                    wrong.push(format!("{name}: {:?} does not say {says:?}", refused.text));
                }
            }
            other => wrong.push(format!("{name}: not refused: {other:?}")),
        }
        assert_eq!(site.in_force().cloned(), before, "{name}");
        // The agent is none the worse: the file that should come next is taken.
        let events = site.offer(&scene.approved(&next()), &scene.roster);
        let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
        let taken = [EventKind::MasterFileAccepted, EventKind::MasterFileInForce];
        assert_eq!(kinds, taken, "after {name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("attacks on the Master File: {} cases", ATTACKS.len());
}

/// Req: LAW-12
#[test]
fn with_a_clock_that_nobody_trusts_no_file_comes_in() {
    let scene = Scene::new();
    for sync in [ClockSync::Unknown, ClockSync::Unsynchronised] {
        let mut site = Site::new(sync);
        let events = site.offer(&scene.approved(&next()), &scene.roster);
        assert_eq!(events[0].kind, EventKind::MasterFileRefused);
        assert!(events[0].text.contains("its dates cannot be judged"), "{}", events[0].text);
        assert!(site.in_force().is_none());
    }
    println!("untrusted clocks: 2 cases");
}
