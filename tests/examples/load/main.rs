//! What an agent costs beside a bare loop that reads and publishes the same values: `tests/bench load` calls it and prints what
//! it prints.
//!
//! Devices are threads of this program. The agent has everything on: TLS, journal, seals, alarms, page, and a Control Site that
//! receives. The bare loop is this program once more, with the agent's own libraries (tokio-modbus, rumqttc, rustls), files and
//! number of messages; it judges, seals and stores nothing.

mod bare;
mod plant;

use std::collections::BTreeMap;
use std::env;
use std::process::Command;
use std::time::Duration;

use cellwatch_tests::usage::{pause, resident_mib, to_f64, work_by_thread};
use cellwatch_tests::{Process, Rig};
use plant::Plant;

/// Devices, registers of each, words of a value.
const SITE: (usize, u16, u16) = (10, 100, 1);
/// 1000 float32.
const HALL: (usize, u16, u16) = (100, 2000, 2);
/// Connections, segments and memory settle.
const SETTLE: Duration = Duration::from_secs(20);
const WINDOW: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [mode, folder, port, registers, devices] = arguments.as_slice()
        && mode == "bare"
    {
        return bare::run(folder, port, registers, devices);
    }
    println!("| | values/s | of one core | against the bare loop | resident | requests skipped |");
    println!("|---|---|---|---|---|---|");
    let mut threads = String::new();
    let sizes = [("site", SITE), ("hall", HALL)];
    for (name, size) in sizes.into_iter().filter(|(name, _)| asked(&arguments, name)) {
        let bare = measured(name, size, true);
        let agent = measured(name, size, false);
        for (what, one, ratio) in [
            ("the bare loop", &bare, "1".to_owned()),
            ("cellwatch", &agent, format!("{:.2}", agent.share / bare.share)),
        ] {
            println!(
                "| {name}: {what} | {:.0} | {:.2} % | {ratio} | {:.1} MiB | {} |",
                one.values_per_s, one.share, one.resident_mib, one.skipped
            );
        }
        threads += &format!("| {name} | {} |\n", agent.costliest());
    }
    println!("\n| the agent's work by its threads | of one core |\n|---|---|\n{threads}");
}

/// Both unless one is named.
fn asked(arguments: &[String], name: &str) -> bool {
    arguments.is_empty() || arguments.iter().any(|one| one == name)
}

struct Measured {
    values_per_s: f64,
    /// Of one core, percent.
    share: f64,
    /// The same by the threads' names.
    threads: BTreeMap<String, f64>,
    resident_mib: f64,
    /// Requests that were due in the window and did not come.
    skipped: u64,
}

impl Measured {
    fn costliest(&self) -> String {
        let mut all: Vec<_> = self.threads.iter().collect();
        all.sort_by(|one, other| other.1.total_cmp(one.1));
        let each = all.iter().take(4).map(|(name, share)| format!("{name} {share:.2} %"));
        each.collect::<Vec<_>>().join(", ")
    }
}

fn measured(name: &str, size: (usize, u16, u16), is_bare: bool) -> Measured {
    let (devices, registers, words) = size;
    let rig = Rig::new();
    let broker = rig.broker();
    let plant = Plant::start(devices, registers, words);
    plant.configure(&rig, broker.port);
    // Its records are received; of the bare loop nobody takes any.
    let _control_site = (!is_bare).then(|| rig.control_site(&broker));
    let process = if is_bare {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.arg("bare").arg(rig.site()).arg(broker.port.to_string());
        command.arg(registers.to_string()).arg(plant.addresses.join(","));
        Process::start(&format!("bare-{name}"), rig.path(), command)
    } else {
        let mut agent = rig.agent();
        let _ready = agent.ready();
        agent
    };
    pause(SETTLE);
    let (before, read, since) =
        (work_by_thread(process.id()), plant.read(), std::time::Instant::now());
    pause(WINDOW);
    let seconds = since.elapsed().as_secs_f64();
    let (mut threads, read) = (work_by_thread(process.id()), plant.read() - read);
    for (name, work_s) in &mut threads {
        *work_s = 100.0 * (*work_s - before.get(name).copied().unwrap_or_default()) / seconds;
    }
    assert!(read > 0, "{name}: nobody reads; {}", process.log());
    let each = u64::from(registers / words);
    let due = WINDOW.as_secs() * devices as u64 * each;
    let measured = Measured {
        values_per_s: to_f64(read) / seconds,
        share: threads.values().sum(),
        threads,
        resident_mib: resident_mib(process.id()),
        skipped: due.saturating_sub(read + devices as u64 * each) / each,
    };
    process.terminate();
    measured
}
