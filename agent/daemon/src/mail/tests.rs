use cellwatch_core::serve::escalation::{Item, Notification, Stage};
use cellwatch_model::{Priority, Utc};
use jiff::tz::TimeZone;

use super::{Site, letter};

/// 2026-03-14 08:26:40 UTC.
const NOW: i64 = 1_773_476_800;

fn site() -> Site {
    Site {
        name: "Barcelona, clean room 1".to_owned(),
        agent: "agent-1".to_owned(),
        // No machine must know the zone's name.
        time_zone: TimeZone::fixed(jiff::tz::offset(1)),
    }
}

fn item(stage: Stage) -> Item {
    let at = |s: i64| Utc((NOW + s) * 1_000_000_000);
    Item {
        unit: Some("BX-01".to_owned()),
        name: "Rocking bag 25, left".to_owned(),
        alarm: "TEMP.HH".to_owned(),
        occurrence: 1,
        stage,
        source: "TEMP.PV".to_owned(),
        priority: Priority::Critical,
        value: Some(38.4),
        limit: Some(38.0),
        unit_of_measure: "°C".to_owned(),
        since: at(-130),
        respond_by: Some(at(if stage == Stage::Called { 470 } else { -61 })),
        response: "Switch the heater off.".to_owned(),
    }
}

fn message(items: Vec<Item>, left_out: u64) -> Notification {
    let to = vec!["oncall@example.org".to_owned()];
    Notification { id: 17, route: "on-call".to_owned(), to, items, left_out, attempt: 1 }
}

// Req: ESC-04
#[test]
fn a_letter_says_what_somebody_needs_at_three_in_the_morning() {
    let now = Utc(NOW * 1_000_000_000);
    let one = letter(&site(), &message(vec![item(Stage::Called)], 0), now);
    assert_eq!(one.subject, "[cellwatch] CRITICAL: Rocking bag 25, left, TEMP.HH");
    let expected = "Barcelona, clean room 1: an alarm calls and nobody has acknowledged it.

CRITICAL  Rocking bag 25, left  TEMP.HH
  TEMP.PV is 38.4 °C, limit 38 °C, since 2026-03-14 09:24:30 +01
  Respond by 2026-03-14 09:34:30 +01: 7 min left.
  What to do: Switch the heater off.

Sent by cellwatch (agent agent-1), message 17 to on-call, 2026-03-14 09:26:40 +01.
Do not answer this message: acknowledge at the operator page on site.
";
    assert_eq!(one.text, expected);
    let two = letter(&site(), &message(vec![item(Stage::Unanswered), item(Stage::Called)], 3), now);
    assert_eq!(
        two.subject,
        "[cellwatch] NOT ACKNOWLEDGED: CRITICAL: Rocking bag 25, left, TEMP.HH and 4 more"
    );
    for part in [
        "5 alarms call and nobody has acknowledged them",
        "Somebody should have responded by 2026-03-14 09:25:39 +01: 61 s ago.",
        "Nobody has acknowledged it within its time to respond.",
        "and 3 more, which the operator page shows.",
    ] {
        assert!(two.text.contains(part), "{}", two.text);
    }
    let test = letter(&site(), &message(Vec::new(), 0), now);
    assert_eq!(test.subject, "[cellwatch] Test: Barcelona, clean room 1");
    assert!(test.text.contains("Nobody has to come."));
    println!("letters: 9 cases");
}
