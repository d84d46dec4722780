//! Ten devices, one of which answers after 900 ms and one never: the other eight know nothing of it. The figures are
//! those of the agent's own health records; `tests/bench jitter` prints them beside those of ten healthy devices.

use std::fs;
use std::time::Duration;

use cellwatch_tests::{
    Cases, ControlSite, Device, MasterFile, Process, Rig, SITE, SiteFile, await_until, binary,
    reactor_control, root,
};
use rusqlite::types::Value as Sql;
use serde_json::Value;

const DEVICES: usize = 10;
const SLOW: usize = 9;
const SILENT: usize = 10;
/// A health record comes every 30 s.
const HEALTH_WITHIN: Duration = Duration::from_secs(90);

/// What the eight untroubled devices had, at worst.
#[derive(Debug, Default)]
struct Figures {
    polls: u64,
    skipped: u64,
    jitter_p50_us: u64,
    jitter_p99_us: u64,
    jitter_max_us: u64,
    round_trip_p99_us: u64,
}

impl Figures {
    /// Adds a window: counts are of all windows, times of the worst.
    fn add(&mut self, health: &Value) {
        let of = |what: &str| {
            let each = (1..SLOW).map(|number| format!("bx-{number:02}.{what}"));
            each.map(|name| health[name].as_u64().unwrap_or(0)).collect::<Vec<u64>>()
        };
        let worst = |what: &str| of(what).into_iter().max().unwrap_or(0);
        self.polls = of("polls").iter().sum();
        self.skipped = of("skipped").iter().sum();
        self.jitter_p50_us = self.jitter_p50_us.max(worst("jitter_p50_us"));
        self.jitter_p99_us = self.jitter_p99_us.max(worst("jitter_p99_us"));
        self.jitter_max_us = self.jitter_max_us.max(worst("jitter_max_us"));
        self.round_trip_p99_us = self.round_trip_p99_us.max(worst("round_trip_p99_us"));
    }

    fn row(&self, what: &str) -> String {
        let ms = |us: u64| format!("{}.{:03} ms", us / 1000, us % 1000);
        format!(
            "| {what} | {} | {} | {} | {} | {} | {} |",
            self.polls,
            self.skipped,
            ms(self.jitter_p50_us),
            ms(self.jitter_p99_us),
            ms(self.jitter_max_us),
            ms(self.round_trip_p99_us)
        )
    }
}

fn health(control_site: &ControlSite) -> Option<(i64, Value)> {
    let rows =
        control_site.rows("SELECT health_ns, health FROM agent_state WHERE health IS NOT NULL");
    match rows.first()?.as_slice() {
        [Sql::Integer(at), Sql::Text(figures)] => {
            Some((*at, serde_json::from_str(figures).expect("figures are JSON")))
        }
        other => panic!("health is a time and figures, not {other:?}"),
    }
}

/// Awaits the next health record.
fn next_health(control_site: &ControlSite, after: i64) -> (i64, Value) {
    await_until("a health record", HEALTH_WITHIN, || match health(control_site) {
        Some((at, figures)) if at > after => Ok((at, figures)),
        _ => Err(control_site.state()),
    })
}

/// Runs ten devices for so many windows of 30 s; with trouble, the last two are slow and silent.
fn run(windows: usize, trouble: bool) -> Figures {
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let example = root().join("config/examples/profiles/rocking-bag-25.toml");
    let profile = fs::read_to_string(&example).expect("the example profile");
    let mut reactors = Vec::new();
    let mut devices = Vec::new();
    for number in 1..=DEVICES {
        let mut command = binary("reactor");
        command.args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
        command.args(["--phase", "expansion", "--seed", &number.to_string()]);
        command.arg("--profile").arg(&example);
        let mut process = Process::start(&format!("reactor-{number}"), rig.path(), command);
        let ready = process.ready();
        let fault = match number {
            SLOW => Some(r#"{"fault": "device-slow", "delay_ms": 900}"#),
            SILENT => Some(r#"{"fault": "device-silent"}"#),
            _ => None,
        };
        if let Some(fault) = fault.filter(|_| trouble) {
            let control = ready["control"].as_str().expect("a control port");
            let _fault = reactor_control(control, "POST", "/faults", fault);
        }
        let address = ready["modbus"].as_str().expect("an address");
        devices.push(Device::numbered(number, address));
        reactors.push(process);
    }
    let port = broker.port;
    let site_file = SiteFile { host: "localhost".to_owned(), port, devices, segment_mib: 64 };
    rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
    let agent = rig.agent();

    // The first window has the start in it.
    let (mut at, _first) = next_health(&control_site, 0);
    let mut figures = Figures::default();
    for _ in 0..windows {
        let (next, health) = next_health(&control_site, at);
        at = next;
        figures.add(&health);
    }
    assert_eq!(agent.terminate(), Some(0), "a clean end");
    let _all = control_site.await_through(rig.last_seq());
    let troubled = control_site.rows(&format!(
        "SELECT text FROM events WHERE kind = 'gap' AND text NOT LIKE '%device bx-{SLOW:02} %'
           AND text NOT LIKE '%device bx-{SILENT} %' AND text NOT LIKE '%the agent came late'"
    ));
    assert!(troubled.is_empty(), "polls of the others were skipped: {troubled:?}");
    let down = control_site.rows(&format!(
        "SELECT text FROM events WHERE kind = 'link' AND text LIKE '%does not answer%'
           AND text NOT LIKE '%bx-{SILENT} %' AND text NOT LIKE '%bx-{SLOW:02} %'"
    ));
    assert!(down.is_empty(), "links of the others: {down:?}");
    figures
}

// Req: LAW-07, ACQ-06
#[test]
fn slow_neighbours() {
    let mut cases = Cases::of("slow_neighbours");
    let windows = std::env::var("CELLWATCH_HEALTHS").ok().and_then(|text| text.parse().ok());
    let windows = windows.unwrap_or(1);
    println!(
        "| ten devices | polls of the eight | skipped | jitter p50 | p99 | longest | round trip p99 |"
    );
    println!("|---|---|---|---|---|---|---|");
    if std::env::var_os("CELLWATCH_BESIDE").is_some() {
        println!("{}", run(windows, false).row("all healthy"));
        cases.tried("ten healthy devices");
    }
    let beside = run(windows, true);
    println!("{}", beside.row("one after 900 ms, one never"));
    assert!(beside.polls > 0, "{beside:?}");
    cases.tried_many(DEVICES - 2, "a device beside a slow one and a silent one");
}
