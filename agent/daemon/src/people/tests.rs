#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use std::net::{IpAddr, Ipv4Addr};

use cellwatch_core::door::{AccountStep, Asked};
use cellwatch_core::evaluate::Role;
use cellwatch_model::Mono;
use tokio::sync::mpsc;

use super::hash::{fits, hash, one_time_password, token};
use super::{
    Account, Act, Change, Lockout, Loop, People, Proof, check_name, check_password, key_of,
};
use crate::control::Answer;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const fn second(number: u64) -> Mono {
    Mono(number * 1_000_000_000)
}

// Req: ACC-02
#[test]
fn an_account_is_locked_for_longer_and_longer_within_a_bound() {
    let mut lockout = Lockout::default();
    let mut now = second(1);
    let mut locks = Vec::new();
    for _ in 0..5 {
        assert_eq!(lockout.may_try("Maria", HERE, now), Ok(()));
        lockout.failed("maria", HERE, now);
    }
    for _ in 0..8 {
        let locked = lockout.may_try(" MARIA ", HERE, now).unwrap_err();
        locks.push(locked.retry_after_ms / 1000);
        now = now.plus_ms(locked.retry_after_ms);
        assert_eq!(lockout.may_try("maria", HERE, now), Ok(()), "let in as told");
        lockout.failed("maria", HERE, now);
    }
    assert_eq!(locks, [30, 60, 120, 240, 480, 900, 900, 900]);
    let elsewhere = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));
    assert!(lockout.may_try("maria", elsewhere, now).is_err(), "from anywhere");
    assert!(lockout.succeeded("maria", HERE) > 0, "what was refused while locked is told");
    assert_eq!(lockout.may_try("maria", elsewhere, now), Ok(()));
    println!("account lockout: 12 cases");
}

// Req: ACC-02
#[test]
fn an_address_is_locked_later_and_shorter_and_nothing_grows_without_bound() {
    let mut lockout = Lockout::default();
    let now = second(1);
    for guess in 0..20 {
        assert_eq!(lockout.may_try(&format!("name {guess}"), HERE, now), Ok(()));
        lockout.failed(&format!("name {guess}"), HERE, now);
    }
    let locked = lockout.may_try("anybody", HERE, now).unwrap_err();
    assert!(locked.retry_after_ms <= 5_001, "{locked:?}");
    let other = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));
    assert_eq!(lockout.may_try("anybody", other, now), Ok(()), "others go on");

    // Ten thousand names do not push out the one that is guessed.
    for _ in 0..6 {
        lockout.failed("maria", other, now);
    }
    for guess in 0..10_000 {
        lockout.failed(&format!("filler {guess}"), IpAddr::V4(Ipv4Addr::from_bits(guess)), now);
    }
    let from = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    assert!(lockout.may_try("maria", from, now).is_err());
    println!("address lockout: 4 cases");
}

// Req: ACC-03
#[test]
fn names_and_passwords() {
    for name in ["Maria Huber", "li", "José O'Neill-Ruiz", "dr. 7"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    for name in ["", "x", " maria", "maria ", "<script>", "a\nb", "../x", "a;b", &"x".repeat(49)] {
        assert!(check_name(name).is_err(), "{name:?}");
    }
    assert_eq!(key_of("  Maria   HUBER "), key_of("maria huber"));
    assert_eq!(check_password("maria", "three wet horses"), Ok(()));
    let long = "x1".repeat(65);
    for password in ["", "short", "maria maria maria", "aaaaaaaaaaaaaa", &long] {
        assert!(check_password("maria", password).is_err(), "{password:?}");
    }
    println!("names and passwords: 20 cases");
}

// Req: ACC-03
#[test]
fn hashes_are_argon2id_and_salted() {
    let (one, other) = (hash("three wet horses").unwrap(), hash("three wet horses").unwrap());
    assert!(one.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{one}");
    assert_ne!(one, other, "each has its own salt");
    assert!(fits("three wet horses", &one) && fits("three wet horses", &other));
    assert!(!fits("three wet horse", &one) && !fits("", &one));
    assert!(!fits("anything", "") && !fits("anything", "$argon2id$broken"));
    let (first, second) = (one_time_password().unwrap(), one_time_password().unwrap());
    assert_eq!((first.len(), token().unwrap().len()), (19, 64));
    assert_ne!(first, second);
    println!("hashes: 9 cases");
}

/// A loop that puts everything on record, and refuses nothing.
fn recording() -> (Loop, mpsc::UnboundedReceiver<(String, Asked)>) {
    let (acts, mut received) = mpsc::channel(8);
    let (seen, records) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut seq = 0;
        while let Some(act) = received.recv().await {
            let Act::Person(action, answer) = act else { continue };
            seq += 1;
            let refusal = match &action.what {
                Asked::Account { refused, .. } => refused.clone(),
                _ => None,
            };
            let by = action.person.name.clone();
            seen.send((by.clone(), action.what)).unwrap();
            answer.send(Answer::Recorded { seq, by, refusal }).unwrap();
        }
    });
    (Loop::new(acts), records)
}

fn change(step: AccountStep, name: &str) -> Change {
    Change {
        step,
        name: name.to_owned(),
        role: Some(Role::Operator),
        system_account: None,
        password: None,
        by: "Greta Admin".to_owned(),
        at: ("root".to_owned(), 0),
        reason: "first day".to_owned(),
    }
}

fn proof(password: &str) -> Proof {
    Proof { name: "maria".to_owned(), password: password.to_owned(), from: HERE, at: second(1) }
}

// Req: ACC-04, ACC-06
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_people_is_on_record_before_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let people = People::start(dir.path()).unwrap();
    let (to_loop, mut records) = recording();

    // Until somebody is added, the machine's own account answers alarms.
    assert_eq!(people.at_the_machine("root").await.unwrap().role, "operator");
    let linked =
        Change { system_account: Some("root".to_owned()), ..change(AccountStep::Add, "maria") };
    let added = people.change(&to_loop, linked).await.unwrap();
    let (by, what) = records.recv().await.unwrap();
    let Asked::Account { account, old, new, .. } = what else { panic!("{what:?}") };
    assert_eq!((by.as_str(), account.as_str()), ("Greta Admin", "maria"));
    assert_eq!(old.as_deref(), Some("at this machine: root (uid 0)"));
    assert_eq!(new.as_deref(), Some("operator, acts for root"));
    let first = added.one_time_password.unwrap();
    assert!(added.account.must_change);
    assert_eq!(people.at_the_machine("root").await.unwrap().name, "maria");
    assert!(people.at_the_machine("other").await.is_err());

    // A name is given once; a refusal is on record too.
    let again = people.change(&to_loop, change(AccountStep::Add, "MARIA")).await.unwrap_err();
    assert!(again.contains("recorded as seq 2"), "{again}");
    assert!(people.change(&to_loop, change(AccountStep::Reset, "nobody")).await.is_err());

    let (account, _) = people.prove(proof(&first)).await.unwrap();
    let own = "three wet horses".to_owned();
    let told = "from here".to_owned();
    people.change_password(&to_loop, account, own, told).await.unwrap();
    assert!(people.prove(proof(&first)).await.is_err(), "the first one is over");
    assert!(!people.prove(proof("three wet horses")).await.unwrap().0.must_change);

    // The accounts survive the process; nobody is ever taken out of them.
    let again = People::start(dir.path()).unwrap();
    people.change(&to_loop, change(AccountStep::Disable, "maria")).await.unwrap();
    let all: Vec<Account> = again.list().await.unwrap();
    assert_eq!((all.len(), all[0].disabled), (1, true));
    assert!(again.prove(proof("three wet horses")).await.is_err());
    assert!(again.at_the_machine("root").await.is_err());

    // What cannot be recorded does not happen.
    let (acts, closed) = mpsc::channel(1);
    drop(closed);
    assert!(people.change(&Loop::new(acts), change(AccountStep::Reset, "maria")).await.is_err());
    assert!(again.list().await.unwrap()[0].disabled, "still");
    println!("changes of people: 18 cases");
}

// Req: ACC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_changed_meanwhile_gets_no_password_of_its_own() {
    let mut cases = 0;
    for step in [AccountStep::Disable, AccountStep::Reset] {
        let dir = tempfile::tempdir().unwrap();
        let people = People::start(dir.path()).unwrap();
        let (tell, changes) = std::sync::mpsc::channel();
        people.on_change(move |name, at| tell.send((name.to_owned(), at)).unwrap());
        let (to_loop, _records) = recording();
        let added = people.change(&to_loop, change(AccountStep::Add, "maria")).await.unwrap();
        let first = added.one_time_password.unwrap();
        let (proved, _) = people.prove(proof(&first)).await.unwrap();

        let changed = people.change(&to_loop, change(step, "maria")).await.unwrap();
        let told: Vec<_> = changes.try_iter().collect();
        assert_eq!(told.len(), 2, "who changed it is answered after that");
        assert!(told.iter().all(|(name, _)| name == "maria") && told[0].1 < told[1].1, "{told:?}");
        let own = "three wet horses".to_owned();
        let late = people.change_password(&to_loop, proved, own, "from here".to_owned()).await;
        assert!(late.unwrap_err().contains("not kept: the account was changed meanwhile"));
        assert_eq!(people.list().await.unwrap(), [changed.account], "as it was changed to");
        assert!(changes.try_recv().is_err());
        cases += 5;
    }
    println!("changed meanwhile: {cases} cases");
}
