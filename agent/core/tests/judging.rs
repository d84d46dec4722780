//! From registers to alarm records, in virtual time.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::type_complexity,
    reason = "a test looks for one kind of record; its cases are tables"
)]

mod harness;

use cellwatch_core::door::{Asked, Input, OperatorAction};
use cellwatch_core::evaluate::Request;
use cellwatch_model::{Cause, Quality};
use cellwatch_record::{Body, Kind, Person};
use harness::{Behaviour, Site};

fn names(site: &Site) -> Vec<String> {
    let unit_only = site.alarms().into_iter().filter(|(unit, ..)| !unit.is_empty());
    unit_only.map(|(_, alarm, transition, _)| format!("{alarm} {transition}")).collect()
}

/// Req: ALM-01, LAW-06
#[test]
fn a_deviation_is_raised_after_its_delay_shown_at_once_and_returns() {
    let mut site = Site::judging(2);
    site.run(20_000);
    assert_eq!(names(&site), Vec::<String>::new(), "all is calm");
    site.devices[1].temperature(37.6);
    site.run(30_000);
    site.devices[1].temperature(38.2);
    site.run(10_000);
    site.devices[1].temperature(37.2);
    site.run(20_000);
    let expected = [
        "TEMP.H raised",
        "TEMP.HH raised",
        "TEMP.H suppressed",
        "TEMP.HH returned",
        "TEMP.H returned",
    ];
    assert_eq!(names(&site), expected);
    let alarms = site.alarms();
    let at = |name: &str, transition: &str| {
        let found = alarms.iter().find(|(_, alarm, what, _)| alarm == name && what == transition);
        found.map(|(.., at)| *at).expect("there")
    };
    assert!(at("TEMP.H", "raised") >= 31_000, "the on-delay ran");
    assert_eq!(at("TEMP.H", "returned") - at("TEMP.HH", "returned"), 5_000, "the off-delay ran");
    let shown = site.shown.iter().find(|(_, shown)| shown.text.contains("TEMP.HH raised"));
    let (shown_at, shown) = shown.expect("people see it");
    assert!(*shown_at <= at("TEMP.HH", "raised") + 4, "shown without waiting for the disk");
    assert_eq!(shown.response, "Switch the heater off.");
}

/// Req: LAW-04, LAW-06
#[test]
fn a_frame_and_the_alarm_that_it_caused_commit_together_the_frame_first() {
    let mut site = Site::judging(1);
    site.run(7_000);
    site.devices[0].temperature(39.0);
    site.run(3_000);
    let last = site.appends.iter().rfind(|(_, _, kinds)| kinds.contains(&Kind::Alarm));
    let (_, urgent, kinds) = last.expect("an alarm was written");
    assert!(*urgent, "alarms do not wait for others");
    assert_eq!(kinds, &[Kind::Telemetry, Kind::Alarm]);
    site.records();
}

/// Req: LAW-02
#[test]
fn silence_is_recorded_raises_an_instrument_alarm_and_clears_nothing() {
    // Behind a gateway, the gateway says that the device is silent.
    for (behaviour, cause) in [
        (Behaviour::Silent, Cause::Timeout),
        (Behaviour::Refuses(0x0a), Cause::NoCommunication),
        (Behaviour::Refuses(0x0b), Cause::Timeout),
    ] {
        let mut site = Site::judging(1);
        site.devices[0].temperature(39.0);
        site.run(15_000);
        assert_eq!(names(&site), ["TEMP.HH raised", "TEMP.H raised"]);
        let calls: Vec<_> = site.shown.iter().filter(|(_, one)| one.priority.is_some()).collect();
        assert_eq!(calls.len(), 1, "one excursion calls once: {calls:?}");
        site.devices[0].behaviour = behaviour;
        site.run(60_000);
        let after = names(&site);
        let silent = ["TEMP.PV.BAD raised", "bx-0.LINK raised", "TEMP.PV.BAD suppressed"];
        assert_eq!(after[2..], silent, "nothing returned: {after:?}");
        let bad = site.records().into_iter().filter_map(|record| match &record.body {
            Body::Telemetry(frame) => Some(frame.columns[0].samples.clone()),
            _ => None,
        });
        let qualities: Vec<Quality> = bad
            .flatten()
            .map(|sample| sample.quality)
            .filter(|quality| !quality.is_good())
            .collect();
        assert!(qualities.contains(&Quality::Bad(cause)), "{qualities:?}");
        site.devices[0].behaviour = Behaviour::Answers(4);
        site.devices[0].temperature(37.0);
        site.run(20_000);
        let end = names(&site);
        let mut returned: Vec<&str> =
            end.iter().map(String::as_str).filter(|one| one.ends_with("returned")).collect();
        returned.sort_unstable();
        let expected =
            ["TEMP.H returned", "TEMP.HH returned", "TEMP.PV.BAD returned", "bx-0.LINK returned"];
        assert_eq!(returned, expected);
    }
    println!("silence: 3 kinds");
}

/// Req: LAW-02
#[test]
fn what_cannot_be_a_value_is_recorded_with_its_cause() {
    let cases = [
        (Behaviour::Answers(4), 0x8000u16, Cause::SensorFailure),
        (Behaviour::Answers(4), 7_000, Cause::OutOfRange),
        (Behaviour::Refuses(2), 0, Cause::DeviceException),
        (Behaviour::Away, 0, Cause::NoCommunication),
        (Behaviour::Silent, 0, Cause::Timeout),
    ];
    let count = cases.len();
    for (behaviour, register, cause) in cases {
        let mut site = Site::judging(1);
        site.devices[0].registers.insert(0, register);
        site.devices[0].behaviour = behaviour.clone();
        site.run(12_000);
        let found = site.records().iter().any(|record| match &record.body {
            Body::Telemetry(frame) => frame.columns[0]
                .samples
                .iter()
                .any(|sample| sample.quality == Quality::Bad(cause) && sample.value.is_none()),
            _ => false,
        });
        assert!(found, "{behaviour:?} with {register:#x} is recorded as {cause:?}");
        let raised: Vec<_> =
            names(&site).into_iter().filter(|one| one == "TEMP.PV.BAD raised").collect();
        assert_eq!(raised.len(), 1, "{behaviour:?}");
    }
    println!("causes: {count} cases");
}

/// Req: LAW-07
#[test]
fn a_silent_device_delays_nobody() {
    let polls = |behaviour: Behaviour| {
        let mut site = Site::judging(4);
        site.devices[2].behaviour = behaviour;
        site.run(60_000);
        [0, 1, 3].map(|index| {
            let device = site.requests.iter().filter(|(_, device)| device.0 == index);
            device.map(|(at, _)| *at).collect::<Vec<_>>()
        })
    };
    let healthy = polls(Behaviour::Answers(4));
    assert_eq!(healthy, polls(Behaviour::Silent));
    assert_eq!(healthy, polls(Behaviour::Answers(890)));
    println!("a silent device: {} polls of the others, each at its time", healthy.concat().len());
}

#[test]
fn alarms_of_another_phase_are_suppressed_and_judge_again_when_theirs_begins() {
    let mut site = Site::judging(1);
    site.devices[0].phase(1);
    site.devices[0].temperature(36.0);
    site.run(10_000);
    assert_eq!(names(&site), ["TEMP.L raised"], "the record says that it would have alarmed");
    let (.., shown) = site.shown.last().map(|(at, shown)| (at, shown)).expect("shown");
    assert!(shown.text.contains("TEMP.L"));
    site.devices[0].phase(2);
    site.run(5_000);
    assert_eq!(names(&site), ["TEMP.L raised", "TEMP.L unsuppressed"]);
    let batches: Vec<_> = site
        .records()
        .iter()
        .filter_map(|record| match &record.body {
            Body::Batch(batch) => Some((batch.change.word(), batch.to.clone())),
            _ => None,
        })
        .collect();
    let to = |phase: &str| Some(phase.to_owned());
    assert_eq!(batches, [("started", to("activation")), ("phase", to("expansion"))]);
}

/// Req: LAW-11
#[test]
fn an_acknowledgement_is_an_action_of_a_named_person() {
    let mut site = Site::judging(1);
    site.devices[0].temperature(39.0);
    site.run(3_000);
    let acknowledge = |alarm: &str| {
        Input::Operator(OperatorAction {
            person: Person { name: "operator-7".to_owned(), role: "operator".to_owned() },
            what: Asked::OfAlarm {
                unit: Some("BX-0".to_owned()),
                alarm: alarm.to_owned(),
                request: Request::Acknowledge,
            },
            comment: "heater replaced".to_owned(),
            confirmed: true.into(),
        })
    };
    site.input(acknowledge("TEMP.HH"));
    site.input(acknowledge("TEMP.HH"));
    site.input(acknowledge("TEMP.XX"));
    site.run(1_000);
    let records = site.records();
    let refusals: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.body {
            Body::Action(action) => Some(action.refusal.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(refusals.len(), 3, "each attempt is on record");
    assert_eq!(refusals[0], None);
    assert!(
        refusals[1].as_ref().is_some_and(|text| text.contains("it cannot be acknowledged now"))
    );
    assert!(refusals[2].as_ref().is_some_and(|text| text.contains("no alarm TEMP.XX")));
    let acknowledged = records.iter().find_map(|record| match &record.body {
        Body::Alarm(change) if change.person.is_some() => Some(change.clone()),
        _ => None,
    });
    let acknowledged = acknowledged.expect("on record");
    assert_eq!(acknowledged.state.word(), "ACKED");
    assert_eq!(acknowledged.comment.as_deref(), Some("heater replaced"));
}

/// Req: LAW-08
#[test]
fn the_same_inputs_give_the_same_bytes() {
    let run = || {
        let mut site = Site::judging(3);
        site.devices[1].temperature(38.4);
        site.run(30_000);
        site.devices[2].behaviour = Behaviour::Silent;
        site.disconnect();
        site.run(30_000);
        site.connect();
        site.run(30_000);
        site.assert_replays();
        site.payloads
    };
    let first = run();
    assert_eq!(first, run());
    println!("the same inputs: {} records", first.len());
}
