//! Attacks on the Control Site's commands.

use cellwatch_model::{ClockSync, Utc};
use cellwatch_record::{
    COMMAND_CONTENT_TYPE, Command, EventKind, Order, RECEIPT_CONTENT_TYPE, SiteStatus,
};
use cellwatch_seal::document::sign_new;
use cellwatch_seal::{Roster, Sealer, seal};

use crate::scene::{DAY_NS, NOW, Scene, revoked};
use crate::site::Site;

/// Number of the command that paused the site.
const OBEYED: u64 = 5;

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

fn command(number: u64, status: SiteStatus) -> Command {
    Command {
        site: "barcelona-1".to_owned(),
        agent: "agent-1".to_owned(),
        number,
        issued: NOW,
        expires: Utc(NOW.0 + DAY_NS),
        order: Order::SiteStatus(status),
        reason: "audit".to_owned(),
    }
}

/// What would open the site again, if it were as it should be.
fn next() -> Command {
    command(OBEYED + 1, SiteStatus::Active)
}

fn sealed(key: &dyn Sealer, command: &Command) -> Vec<u8> {
    seal(key, COMMAND_CONTENT_TYPE, &command.encode())
}

fn payload(scene: &Scene, payload: &[u8]) -> Vec<u8> {
    seal(&scene.command, COMMAND_CONTENT_TYPE, payload)
}

/// The payload of the next command, whose byte at the value of `key` is another.
fn with_code(key: u8, code: u8) -> Vec<u8> {
    let mut payload = next().encode();
    let at = payload.windows(2).rposition(|two| two == [key, 1]).unwrap() + 1;
    payload[at] = code;
    payload
}

#[rustfmt::skip] // one attack a line
const ATTACKS: &[Attack] = &[
    // Who sealed
    Attack { name: "unknown key", roster: known, bytes: |s| sealed(&s.stranger, &next()), says: "is no command key of the roster" },
    Attack { name: "receipt key", roster: known, bytes: |s| sealed(&s.receipt, &next()), says: "is no command key of the roster" },
    Attack { name: "agent's own key", roster: known, bytes: |s| sealed(&s.agent, &next()), says: "is no command key of the roster" },
    Attack { name: "QA's key", roster: known, bytes: |s| sealed(&s.qa, &next()), says: "is no command key of the roster" },
    Attack { name: "root key", roster: known, bytes: |s| sealed(&s.root, &next()), says: "is no command key of the roster" },
    Attack { name: "revoked key", roster: |s| Roster { revoked: vec![revoked(s.command.public())], ..known(s) }, bytes: |s| sealed(&s.command, &next()), says: "is no command key of the roster" },
    // What was done to it
    Attack { name: "changed after sealing", roster: known, bytes: flipped, says: "does not fit" },
    Attack { name: "other content type", roster: known, bytes: |s| seal(&s.command, RECEIPT_CONTENT_TYPE, &next().encode()), says: "application/cellwatch-receipt" },
    Attack { name: "signed as people sign", roster: known, bytes: |s| sign_new(COMMAND_CONTENT_TYPE, &next().encode(), &[&s.command]), says: "COSE_Sign1" },
    Attack { name: "bare payload", roster: known, bytes: |_| next().encode(), says: "COSE_Sign1" },
    Attack { name: "truncated", roster: known, bytes: |s| { let mut bytes = sealed(&s.command, &next()); bytes.truncate(bytes.len() - 1); bytes }, says: "COSE_Sign1" },
    Attack { name: "extra bytes", roster: known, bytes: |s| [sealed(&s.command, &next()), vec![0]].concat(), says: "" },
    // Whom and when
    Attack { name: "wrong site", roster: known, bytes: |s| sealed(&s.command, &Command { site: "madrid-2".to_owned(), ..next() }), says: "for agent agent-1 of site madrid-2" },
    Attack { name: "wrong agent", roster: known, bytes: |s| sealed(&s.command, &Command { agent: "agent-2".to_owned(), ..next() }), says: "for agent agent-2" },
    Attack { name: "rolled back", roster: known, bytes: |s| sealed(&s.command, &command(OBEYED - 1, SiteStatus::Active)), says: "number 4 is not higher than 5" },
    Attack { name: "another one under the same number", roster: known, bytes: |s| sealed(&s.command, &command(OBEYED, SiteStatus::Active)), says: "number 5 is not higher than 5" },
    Attack { name: "expired", roster: known, bytes: |s| sealed(&s.command, &Command { expires: Utc(NOW.0 - 1), ..next() }), says: "it expired at 2026-06-30 23:59 UTC" },
    Attack { name: "issued in the future", roster: known, bytes: |s| sealed(&s.command, &Command { issued: Utc(NOW.0 + DAY_NS / 2), ..next() }), says: "in the future" },
    // What it says
    Attack { name: "number nought", roster: known, bytes: |s| sealed(&s.command, &Command { number: 0, ..next() }), says: "numbers of commands" },
    Attack { name: "number beyond all numbers", roster: known, bytes: |s| sealed(&s.command, &Command { number: u64::MAX, ..next() }), says: "numbers of commands" },
    Attack { name: "unknown status", roster: known, bytes: |s| payload(s, &with_code(7, 9)), says: "site status" },
    Attack { name: "unknown order", roster: known, bytes: |s| payload(s, &with_code(6, 2)), says: "order" },
    Attack { name: "endless reason", roster: known, bytes: |s| sealed(&s.command, &Command { reason: "x".repeat(2000), ..next() }), says: "reason is too long" },
    Attack { name: "no command", roster: known, bytes: |s| payload(s, b"\xa0"), says: "" },
    Attack { name: "half a command", roster: known, bytes: |s| { let mut half = next().encode(); half.pop(); payload(s, &half) }, says: "" },
];

fn flipped(scene: &Scene) -> Vec<u8> {
    let mut bytes = sealed(&scene.command, &next());
    let at = bytes.windows(5).position(|five| five == b"audit").unwrap();
    bytes[at] = b'A';
    bytes
}

#[test]
fn each_attack_is_refused_by_name_and_the_site_stays_paused() {
    let scene = Scene::new();
    let mut names = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for Attack { name, roster, bytes, says } in ATTACKS {
        assert!(names.insert(*name), "{name} is there twice");
        let mut site = Site::new(ClockSync::Synchronised);
        let pause = sealed(&scene.command, &command(OBEYED, SiteStatus::Paused));
        let events = site.command(&pause, &scene.roster);
        assert_eq!(events[0].kind, EventKind::CommandAccepted, "{}", events[0].text);
        let events = site.command(&bytes(&scene), &roster(&scene));
        match events.as_slice() {
            [refused] if refused.kind == EventKind::CommandRefused => {
                if !refused.text.contains(says) {
                    wrong.push(format!("{name}: {:?} does not say {says:?}", refused.text));
                }
            }
            other => wrong.push(format!("{name}: not refused: {other:?}")),
        }
        assert_eq!(site.status(), SiteStatus::Paused, "{name}");
        // What was obeyed may come again; the door is not shut.
        assert_eq!(site.command(&pause, &scene.roster), []);
        let events = site.command(&sealed(&scene.command, &next()), &scene.roster);
        assert_eq!(events[0].kind, EventKind::CommandAccepted, "after {name}");
        // And now the pause itself is an old one.
        let events = site.command(&pause, &scene.roster);
        assert!(events[0].text.contains("number 5 is not higher than 6"), "{}", events[0].text);
        assert_eq!(site.status(), SiteStatus::Active);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("attacks on commands: {} cases", ATTACKS.len() + 1);
}
