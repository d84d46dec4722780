#![allow(clippy::unwrap_used)]

use cellwatch_core::evaluate::Role;
use cellwatch_model::Mono;

use super::{Ended, Outdated, Session, Sessions};
use crate::page::limits::SESSIONS_MAX;

const IDLE_MS: u64 = 600_000;

fn session(name: &str, now: Mono) -> Session {
    Session {
        name: name.to_owned(),
        role: Role::Operator,
        csrf: "c".to_owned(),
        must_change: false,
        began: now,
        active: now,
    }
}

// Req: ACC-04
#[test]
fn who_does_nothing_is_logged_out() {
    let mut sessions = Sessions::new(IDLE_MS);
    let at = |ms: u64| Mono::default().plus_ms(1_000 + ms);
    sessions.begin("a".to_owned(), session("maria", at(0))).unwrap();
    assert!(sessions.find("a", at(IDLE_MS - 1)).is_some());
    assert!(sessions.find("a", at(IDLE_MS)).is_none(), "over before anybody sweeps");
    sessions.touch("a", at(IDLE_MS - 1));
    assert!(sessions.find("a", at(IDLE_MS)).is_some(), "looking is not doing, touching is");
    assert!(sessions.sweep(at(IDLE_MS)).is_empty());
    sessions.touch("a", at(3 * IDLE_MS));
    assert!(sessions.find("a", at(3 * IDLE_MS)).is_none(), "what is over is not touched to life");
    assert_eq!(sessions.sweep(at(3 * IDLE_MS)).len(), 1);
    assert_eq!(sessions.why_ended("a"), Some(Ended::Idle));
    assert_eq!(sessions.why_ended("b"), None);
    println!("idle logout: 8 cases");
}

// Req: ACC-04
#[test]
fn sessions_are_bounded_and_end_with_their_account() {
    let mut sessions = Sessions::new(IDLE_MS);
    let at = |number: usize| Mono::default().plus_ms(number as u64);
    for number in 0..SESSIONS_MAX {
        assert_eq!(sessions.begin(format!("{number}"), session("maria", at(number))), Ok(None));
    }
    let gone = sessions.begin("one more".to_owned(), session("jon", at(SESSIONS_MAX))).unwrap();
    assert_eq!(gone.map(|gone| gone.active), Some(at(0)), "the idlest makes room");
    let ended = sessions.end_all_of("maria", at(9));
    assert_eq!(ended, 8, "1 to 8: those that began before the change");
    assert!(sessions.find("9", at(SESSIONS_MAX)).is_some(), "the one that rests on it");
    assert!(sessions.find("10", at(SESSIONS_MAX)).is_some());
    assert!(sessions.find("one more", at(SESSIONS_MAX)).is_some());
    println!("sessions: {} cases", SESSIONS_MAX + 5);
}

// Req: ACC-04
#[test]
fn what_was_proved_before_an_account_changed_begins_no_session() {
    let mut sessions = Sessions::new(IDLE_MS);
    let at = |ms: u64| Mono::default().plus_ms(1_000 + ms);
    // The password was proved at 10, its record was awaited; meanwhile, at 20, the account was disabled.
    assert_eq!(sessions.end_all_of("maria", at(20)), 0, "there is none yet");
    assert_eq!(sessions.begin("a".to_owned(), session("maria", at(10))), Err(Outdated));
    assert!(sessions.find("a", at(30)).is_none());
    assert_eq!(sessions.begin("b".to_owned(), session("jon", at(10))), Ok(None), "another one's");
    assert_eq!(sessions.begin("c".to_owned(), session("maria", at(21))), Ok(None), "proved anew");
    // News that come late end nobody who came later.
    assert_eq!(sessions.end_all_of("maria", at(15)), 0);
    assert_eq!(sessions.begin("d".to_owned(), session("maria", at(16))), Err(Outdated));
    assert_eq!(sessions.begin("e".to_owned(), session("maria", at(20))), Ok(None), "rests on it");
    println!("accounts that change meanwhile: 7 cases");
}
