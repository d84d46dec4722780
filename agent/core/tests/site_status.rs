//! Commands of the Control Site: what is obeyed, what is refused, what a paused site means.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_core::door::{CommandOffer, Input, RosterOffer};
use cellwatch_model::{Clock, ClockSync, Utc};
use cellwatch_record::{Body, Command, EventKind, Hash, Order, SiteStatus, sha256};
use harness::Site;

const HOUR_NS: i64 = 3_600_000_000_000;

fn command(number: u64, status: SiteStatus) -> Command {
    Command {
        site: "barcelona-1".to_owned(),
        agent: "agent-1".to_owned(),
        number,
        issued: Utc(harness::EPOCH_NS),
        expires: Utc(harness::EPOCH_NS + HOUR_NS),
        order: Order::SiteStatus(status),
        reason: "audit".to_owned(),
    }
}

fn sealed(command: Command) -> Input {
    let sha256 = sha256(&command.encode());
    let signer = "control-site".to_owned();
    Input::Command(CommandOffer { sha256, signer, command: Ok(command) })
}

fn events(site: &Site, kind: EventKind) -> Vec<String> {
    let said = site.records().into_iter().filter_map(|record| match record.body {
        Body::Event(event) if event.kind == kind => Some(event.text),
        _ => None,
    });
    said.collect()
}

/// Req: SITE-01, SITE-02, SITE-03
#[test]
fn a_paused_site_records_and_judges_and_a_batch_that_starts_is_an_alarm() {
    let mut site = Site::judging(2);
    site.devices[1].phase(1);
    site.run(5_000);
    site.input(sealed(command(1, SiteStatus::Paused)));
    site.run(5_000);
    let said = events(&site, EventKind::CommandAccepted);
    assert_eq!(said, ["command 1: the site was active, is paused (audit)"]);
    let own = site.agent_said();
    assert!(own.contains(&"AGENT.SITE-STATUS raised".to_owned()), "{own:?}");
    assert!(!own.iter().any(|one| one.contains("NOT-AUTHORISED")), "what runs may go on: {own:?}");

    site.restart_with_what_was_kept(true);
    site.run(5_000);
    assert_eq!(site.agent.state().site.status, SiteStatus::Paused);
    site.devices[0].phase(1);
    site.devices[0].temperature(39.0);
    site.run(5_000);
    let not_authorised = "AGENT.BATCH-NOT-AUTHORISED.BX-0 raised".to_owned();
    assert!(site.agent_said().contains(&not_authorised), "{:?}", site.agent_said());
    assert!(site.said().contains(&"TEMP.HH raised".to_owned()), "it is judged nevertheless");
    let raised = site.agent_said().iter().filter(|one| *one == "AGENT.SITE-STATUS raised").count();
    assert_eq!(raised, 1, "nothing is announced twice");

    // The Control Site repeats what it said: that is no news.
    site.input(sealed(command(1, SiteStatus::Paused)));
    site.input(sealed(command(2, SiteStatus::Active)));
    site.run(5_000);
    assert_eq!(events(&site, EventKind::CommandRefused), [""; 0]);
    assert!(site.agent_said().contains(&"AGENT.SITE-STATUS returned".to_owned()));
    let returned = "AGENT.BATCH-NOT-AUTHORISED.BX-0 returned".to_owned();
    assert!(!site.agent_said().contains(&returned), "the batch stays what it is");
    site.devices[0].phase(0);
    site.run(5_000);
    assert!(site.agent_said().contains(&returned));
    site.assert_replays();
}

/// Req: PAGE-02
#[test]
fn the_room_is_told_of_a_batch_that_may_not_run_and_not_which() {
    let mut site = Site::judging(1);
    site.run(5_000);
    site.input(sealed(command(1, SiteStatus::Paused)));
    site.devices[0].phase(1);
    site.run(5_000);
    let mut batches = site.records().into_iter().filter_map(|record| record.common.batch);
    let batch = batches.next_back().expect("a batch runs");
    site.input(Input::Watched(true));
    site.run(600);
    let view = site.views.last().expect("somebody looks").1.clone();
    let all = serde_json::to_string(&*view).expect("JSON");
    let room = serde_json::to_string(&view.of_the_room()).expect("JSON");
    assert!(all.contains(&format!("batch {batch} was started while the site is paused")), "{all}");
    assert!(!room.contains(&batch), "{room}");
    assert!(room.contains("A batch runs here that may not have been started"), "{room}");
    // Whatever the agent found out about a trouble of its own stays with who is logged in.
    let notes = view.alarms.iter().filter(|one| one.unit.is_none());
    let notes: Vec<&String> = notes.filter_map(|one| one.note.as_ref()).collect();
    assert!(notes.len() >= 2, "{notes:?}");
    assert!(notes.iter().all(|note| !room.contains(note.as_str())), "{notes:?}: {room}");
    println!("the room and a batch: {} cases", 3 + notes.len());
}

/// Req: SITE-01
#[test]
fn each_unfit_command_is_refused_for_its_own_reason_and_changes_nothing() {
    let change = |change: fn(&mut Command)| {
        let mut one = command(6, SiteStatus::Active);
        change(&mut one);
        sealed(one)
    };
    let cases: [(&str, Input, &str); 9] = [
        ("wrong site", change(|one| one.site = "madrid-2".to_owned()), "of site madrid-2, not"),
        ("wrong agent", change(|one| one.agent = "agent-2".to_owned()), "for agent agent-2"),
        ("rolled back", change(|one| one.number = 4), "number 4 is not higher than 5"),
        ("same number", change(|one| one.number = 5), "number 5 is not higher than 5"),
        ("expired", change(|one| one.expires = Utc(harness::EPOCH_NS)), "it expired at"),
        ("expires as it is issued", change(|one| one.expires = one.issued), "it expired at"),
        (
            "from the future",
            change(|one| one.issued = Utc(harness::EPOCH_NS + HOUR_NS)),
            "in the future",
        ),
        (
            "not believed",
            Input::Command(CommandOffer {
                sha256: Hash([9; 32]),
                signer: String::new(),
                command: Err("key 01 is no command key of the roster".to_owned()),
            }),
            "no command key",
        ),
        ("untrusted clock", sealed(command(6, SiteStatus::Active)), "the clock is unsynchronised"),
    ];
    let mut site = Site::judging(1);
    site.input(sealed(command(5, SiteStatus::Paused)));
    for (name, input, says) in cases {
        if name == "untrusted clock" {
            site.sync = ClockSync::Unsynchronised;
            site.input(Input::Clock(Clock { sync: site.sync, error_bound_us: 0, offset_us: 0 }));
        }
        let before = events(&site, EventKind::CommandRefused).len();
        site.input(input);
        site.run(10);
        let refused = events(&site, EventKind::CommandRefused).split_off(before);
        assert_eq!(refused.len(), 1, "{name}");
        assert!(refused[0].contains(says), "{name}: {}", refused[0]);
        assert_eq!(site.agent.state().site.status, SiteStatus::Paused, "{name}");
    }
    println!("unfit commands: 9 cases");
}

/// Req: SITE-04
#[test]
fn rosters_taken_and_refused_are_on_record() {
    let mut site = Site::judging(1);
    let offer = |outcome| {
        let (origin, sha256) = ("down/roster".to_owned(), Hash([4; 32]));
        Input::Roster(RosterOffer { origin, sha256, outcome })
    };
    site.input(offer(Ok(8)));
    site.input(offer(Err("version 6 of the roster is not newer".to_owned())));
    site.run(10);
    let taken = events(&site, EventKind::RosterAccepted);
    assert_eq!(taken, ["version 8 of the roster is in use"]);
    let refused = events(&site, EventKind::RosterRefused);
    assert_eq!(refused, ["roster refused: version 6 of the roster is not newer"]);
}
