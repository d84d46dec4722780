//! A site whose agent is killed.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use cellwatch_tests::http::{Page, Tab};
use cellwatch_tests::{
    AGENT, Broker, ControlSite, Device, Process, Pymodbus, Rig, SITE, SiteFile, await_until,
    finish, folder,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::file;

const PASSWORD: &str = "three wet horses 7";
const PEOPLE: [(&str, &str); 2] =
    [("Olga Operator", "operator"), ("Max Maintenance", "maintenance")];
const UNIT: &str = "BX-01";
/// Bounds a failing test only.
const SOON: Duration = Duration::from_secs(60);
/// Wall time is worked out anew from the monotonic clock at each start: so much may differ.
const SAME_TIME_MS: i64 = 2_000;

/// How an alarm stands.
#[derive(Clone, Debug)]
pub(crate) struct Stand {
    pub(crate) state: String,
    /// Active, acknowledged, latched, one-shot, occurrence.
    rest: [Value; 5],
    raised_ms: i64,
    shelved_until_ms: Option<i64>,
}

impl PartialEq for Stand {
    fn eq(&self, other: &Self) -> bool {
        let same_time = |one: i64, two: i64| one.abs_diff(two) <= SAME_TIME_MS.unsigned_abs();
        self.state == other.state
            && self.rest == other.rest
            && same_time(self.raised_ms, other.raised_ms)
            && match (self.shelved_until_ms, other.shelved_until_ms) {
                (None, None) => true,
                (Some(one), Some(two)) => same_time(one, two),
                (Some(_), None) | (None, Some(_)) => false,
            }
    }
}

pub(crate) struct Scene {
    rig: Rig,
    broker: Broker,
    control_site: ControlSite,
    device: Pymodbus,
    agent: Option<Process>,
    people: Vec<Tab>,
}

impl Scene {
    /// Everything runs, and every value is within its limit.
    pub(crate) fn set() -> Self {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
        let mut device = Pymodbus::start(rig.path(), "every-type.json");
        for (_, parameter, _) in file::ALARMS {
            device.set(parameter, file::WITHIN);
        }
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: broker.port,
            devices: vec![Device::numbered(1, &device.address)],
            segment_mib: 64,
        };
        let hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
        rig.configure(&site_file, &profile, &file::text(1, hour_ago, &profile));
        let mut scene = Self { rig, broker, control_site, device, agent: None, people: Vec::new() };
        scene.start();
        for (tab, (name, role)) in scene.people.iter_mut().zip(PEOPLE) {
            tab.first_login(name, &scene.rig.account(name, role), PASSWORD);
        }
        scene.await_values();
        scene
    }

    fn start(&mut self) {
        let mut agent = self.rig.agent();
        let ready = agent.ready();
        let page = ready["page"].as_str().expect("the page is served");
        let page = Page(page.trim_start_matches("http://").to_owned());
        self.people = PEOPLE.iter().map(|_| Tab::new(&page)).collect();
        self.agent = Some(agent);
    }

    /// SIGKILL, and another start; everybody has logged in and values have come when this returns.
    pub(crate) fn kill_and_start(&mut self) {
        self.agent.take().expect("the agent runs").kill();
        self.start();
        for (tab, (name, _)) in self.people.iter_mut().zip(PEOPLE) {
            assert_eq!(tab.log_in(name, PASSWORD).status, 200, "{name} logs in again");
        }
        self.await_values();
    }

    pub(crate) fn set_value(&mut self, alarm: &str, raw: i64) {
        self.device.set(file::watched(alarm), raw);
    }

    /// What is sealed now is at the Control Site.
    pub(crate) fn await_delivered(&self) {
        self.control_site.await_through(self.rig.last_seq());
    }

    fn view(&self) -> Value {
        self.people[0].get("/api/view").json()
    }

    /// Every watched parameter has a good value of this run of the agent.
    fn await_values(&self) {
        await_until("a good value of each parameter", SOON, || {
            let view = self.view();
            let values = view["units"][0]["values"].as_array().cloned().unwrap_or_default();
            let good = |parameter: &str| {
                values
                    .iter()
                    .any(|value| value["parameter"] == parameter && value["quality"] == "good")
            };
            let missing: Vec<&str> =
                file::ALARMS.iter().map(|(_, one, _)| *one).filter(|one| !good(one)).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("{missing:?} missing")) }
        });
    }

    /// How the unit's alarms stand that are not normal.
    pub(crate) fn stands(&self) -> BTreeMap<String, Stand> {
        let view = self.view();
        let alarms = view["alarms"].as_array().expect("alarms");
        let of_unit = alarms.iter().filter(|alarm| alarm["unit"] == UNIT);
        of_unit
            .map(|alarm| {
                let text = |key: &str| alarm[key].as_str().expect("a text").to_owned();
                let stand = Stand {
                    state: text("state"),
                    rest: ["active", "acknowledged", "latched", "one_shot", "occurrence"]
                        .map(|key| alarm[key].clone()),
                    raised_ms: alarm["raised_ms"].as_i64().expect("a time"),
                    shelved_until_ms: alarm["shelved_until_ms"].as_i64(),
                };
                (text("id"), stand)
            })
            .collect()
    }

    /// Awaits that an alarm is in a state.
    pub(crate) fn await_state(&self, alarm: &str, state: &str) {
        await_until(&format!("{alarm} {state}"), SOON, || {
            let stands = self.stands();
            let is = stands.get(alarm).map_or("NORM", |stand| stand.state.as_str());
            if is == state { Ok(()) } else { Err(format!("{stands:#?}")) }
        });
    }

    /// Does something with an alarm, as whoever may.
    pub(crate) fn act(&self, what: &str, alarm: &str, more: &Value) {
        let mut body = json!({ "unit": UNIT, "alarm": alarm, "comment": "for the test" });
        let fields = more.as_object().into_iter().flatten();
        body.as_object_mut()
            .expect("an object")
            .extend(fields.map(|(key, value)| (key.clone(), value.clone())));
        let person = usize::from(matches!(what, "take-out-of-service" | "return-to-service"));
        let answer = self.people[person].post(&format!("/api/alarm/{what}"), &body);
        assert_eq!(answer.status, 200, "{what} {alarm}: {}", answer.text());
    }

    pub(crate) fn bring_each_alarm_into_its_state(&mut self) {
        let (beyond, within, none) = (file::BEYOND, file::WITHIN, json!({}));
        for (alarm, _) in file::STATES {
            // What suppresses stands first.
            self.set_value(alarm, beyond);
            let state = if alarm == "SUPPRESSED" { "DSUPR" } else { "UNACK" };
            self.await_state(alarm, state);
        }
        self.set_value("NORMAL", beyond);
        self.await_state("NORMAL", "UNACK");
        for alarm in ["NORMAL", "ACKNOWLEDGED", "LATCHED-SEEN"] {
            self.act("acknowledge", alarm, &none);
        }
        for (alarm, state) in [
            ("NORMAL", "NORM"),
            ("RETURNED", "RTNUN"),
            ("LATCHED", "LTUNK"),
            ("LATCHED-SEEN", "LTACK"),
        ] {
            self.set_value(alarm, within);
            self.await_state(alarm, state);
        }
        self.act("shelve", "SHELVED", &json!({ "for_ms": 3_600_000, "one_shot": false }));
        self.act("shelve", "SHELVED-ONCE", &json!({ "for_ms": 3_600_000, "one_shot": true }));
        self.act("take-out-of-service", "OUT-OF-SERVICE", &none);
        self.publish_what_waits();
    }

    /// A Master File that is in force tomorrow only.
    fn publish_what_waits(&self) {
        let before = self.control_site.number("SELECT max(seq) FROM records");
        let profile = fs::read_to_string(folder("foreign/every-type.toml")).expect("a profile");
        let tomorrow = Timestamp::now() + SignedDuration::from_hours(12);
        let next = file::text(2, tomorrow, &profile);
        let bytes = self.rig.keys.sign(&next, &["people/qa.pk8", "people/qp.pk8"], &[]);
        let sealed = self.rig.path().join("next.cose");
        fs::write(&sealed, bytes).expect("a file");
        let mut publish = self.broker.client("mosquitto_pub", &self.rig.keys, "control-site");
        publish.args(["-t", &format!("cellwatch/1/{SITE}/{AGENT}/down/master-file"), "-f"]);
        publish.arg(&sealed);
        assert_eq!(finish(publish).status, Some(0), "the broker takes it");
        let (_, _) = self.control_site.await_event("master-file-pending", before);
    }

    pub(crate) fn status(&self) -> Value {
        let said = self.rig.cellwatch(&["status"]);
        assert_eq!(said.status, Some(0), "{said}");
        serde_json::from_str(&said.stdout).expect("JSON")
    }

    /// How often each alarm of the unit was annunciated, as the Control Site has it.
    pub(crate) fn raised(&self) -> BTreeMap<String, i64> {
        self.await_delivered();
        let query = "SELECT alarm FROM alarms WHERE unit = 'BX-01' AND transition IN ('raised', 're-alarmed', 'unsuppressed', 'unshelved')";
        let mut counts = BTreeMap::new();
        for row in self.control_site.rows(query) {
            if let [rusqlite::types::Value::Text(alarm)] = row.as_slice() {
                *counts.entry(alarm.clone()).or_default() += 1;
            }
        }
        counts
    }

    /// Monotonic times, µs, of the latest start of the agent and of an alarm that was raised after it.
    pub(crate) fn start_and_raise_of(&self, alarm: &str) -> [i64; 2] {
        let start = "SELECT max(r.mono_ns) / 1000 FROM events e JOIN records r USING (journal_id, seq) WHERE e.kind = 'start'";
        let started = self.control_site.number(start);
        let query = format!(
            "SELECT r.mono_ns / 1000 FROM alarms a JOIN records r USING (journal_id, seq) WHERE a.alarm = '{alarm}' AND a.transition = 'raised'"
        );
        let rows = self.control_site.await_rows(&format!("{alarm} raised"), &query);
        assert_eq!(rows.len(), 1, "{alarm} is raised once");
        let raised = self.control_site.number(&query);
        [started, raised]
    }
}
