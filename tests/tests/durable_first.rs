//! Durable, then published: under strace, since a killed process leaves its page cache behind and proves nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_tests::{
    AGENT, Cases, ControlSite, Device, MasterFile, Pymodbus, Rig, SiteFile, await_until, much_text,
    under,
};
use rusqlite::types::Value as Sql;
use serde_json::Value;

/// Each sync takes so much longer, microseconds: a record that did not wait for its sync is there long before.
const SYNC_TAKES_US: u32 = 150_000;
/// A thread's syncs or writes go well this often; then each fails.
const GO_WELL: u32 = 60;

fn site(rig: &Rig, port: u16) -> Pymodbus {
    let (device, profile) = much_text(rig.path());
    let site_file = SiteFile {
        host: "localhost".to_owned(),
        port,
        devices: vec![Device::numbered(1, &device.address)],
        segment_mib: 64,
    };
    rig.configure(&site_file, &profile, &MasterFile::version_1(&profile).text());
    device
}

/// A command under strace: the traced program keeps its process id, so that signals reach it.
fn traced(rig: &Path, name: &str, more: &[&str]) -> (PathBuf, Vec<String>) {
    let log = rig.join(format!("{name}.strace"));
    let fixed = ["strace", "-D", "-f", "-ttt", "-y", "-q", "-s", "0"];
    let mut words: Vec<String> = fixed.iter().chain(more).map(|&word| word.to_owned()).collect();
    words.extend(["-o".to_owned(), log.display().to_string()]);
    (log, words)
}

fn run_by(words: &[String], command: &std::process::Command) -> std::process::Command {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    under(&words, command)
}

/// When a sync of a segment began and ended well, nanoseconds since 1970.
fn syncs(log: &Path) -> Vec<(i64, i64)> {
    let text = fs::read_to_string(log).expect("strace writes its log");
    let mut open: Vec<(&str, i64)> = Vec::new();
    let mut done = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(at)) = (words.next(), words.next()) else { continue };
        let Some((seconds, micros)) = at.split_once('.') else { continue };
        let (Ok(seconds), Ok(micros)) = (seconds.parse::<i64>(), micros.parse::<i64>()) else {
            continue;
        };
        let at = seconds * 1_000_000_000 + micros * 1_000;
        let is_of_a_segment = line.contains("/journal/segment-");
        let ended_well = line.contains("= 0");
        if line.contains("unfinished") {
            if is_of_a_segment {
                open.push((thread, at));
            }
        } else if line.contains("resumed") {
            if let Some(place) = open.iter().position(|(one, _)| *one == thread) {
                let (_, began) = open.remove(place);
                if ended_well {
                    done.push((began, at));
                }
            }
        } else if is_of_a_segment && ended_well {
            // The line says when it began; that it ended shows in the delay that was put in.
            done.push((at, at + i64::from(SYNC_TAKES_US) * 1_000));
        }
    }
    done.sort_unstable();
    done
}

/// Between the making of each record and its arrival, a sync of a segment began and ended well.
// Req: LAW-03
#[test]
fn each_record_on_the_wire_was_synced_before() {
    let mut cases = Cases::of("durable_first");
    let rig = Rig::new();
    let broker = rig.broker();
    let control_site = rig.control_site(&broker);
    let _device = site(&rig, broker.port);
    let delay = format!("--inject=fsync,fdatasync:delay_exit={SYNC_TAKES_US}");
    let (log, words) = traced(rig.path(), "agent", &["--trace=fsync,fdatasync", &delay]);
    let agent = rig.start_agent(run_by(&words, &rig.agent_command()));
    control_site.await_through(60);
    assert_eq!(agent.terminate(), Some(0), "a clean end");

    let syncs = syncs(&log);
    let rows = control_site.rows("SELECT seq, utc_ns, received_ns FROM records ORDER BY seq");
    for row in &rows {
        let [Sql::Integer(seq), Sql::Integer(made), Sql::Integer(arrived)] = row.as_slice() else {
            panic!("{row:?}")
        };
        let is_synced = syncs.iter().any(|(began, ended)| began >= made && ended <= arrived);
        assert!(
            is_synced,
            "seq {seq}, made {made}, arrived {arrived}: no sync between, of {}",
            syncs.len()
        );
    }
    assert!(rows.len() >= 60 && !syncs.is_empty());
    cases.tried(format_args!("{} records, each after one of {} syncs", rows.len(), syncs.len()));
}

/// While the disk refuses, nothing unsynced goes out, and judging and annunciation go on.
// Req: LAW-03, LAW-06, LAW-10
#[test]
fn nothing_unsynced_goes_out_while_the_disk_refuses() {
    let mut cases = Cases::of("durable_first, disk that refuses");
    for (what, calls, error) in [
        ("syncs", "fsync,fdatasync", "EIO"),
        ("syncs", "fsync,fdatasync", "ENOSPC"),
        ("writes", "pwrite64", "ENOSPC"),
        ("writes", "pwrite64", "EIO"),
    ] {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let mut device = site(&rig, broker.port);
        // A commit writes a few pages.
        let well = if calls == "pwrite64" { GO_WELL * 6 } else { GO_WELL };
        let trace = format!("--trace={calls}");
        let inject = format!("--inject={calls}:error={error}:when={well}+");
        let (_, words) = traced(rig.path(), "agent", &[&trace, &inject]);
        let mut agent = rig.start_agent(run_by(&words, &rig.agent_command()));
        agent.awaits_in_log("the journal cannot be written");
        let status = |rig: &Rig| -> Value {
            let asked = rig.cellwatch(&["status"]);
            assert_eq!(asked.status, Some(0), "{asked}");
            serde_json::from_str(asked.stdout.trim())
                .unwrap_or_else(|error| panic!("{error}: {asked}"))
        };
        let durable = status(&rig)["durable_seq"].as_i64().expect("a number");
        // The alarm is judged and called although nothing can be written.
        device.set("TEMP.PV", 3905);
        agent.awaits_in_log("TEMP.HH raised");
        await_until("more records than are durable", Duration::from_secs(60), || {
            let said = status(&rig);
            let seq = said["seq"].as_i64().expect("a number");
            if seq > durable + 5 { Ok(()) } else { Err(said) }
        });
        assert_eq!(status(&rig)["durable_seq"], durable, "nothing became durable");
        let out = control_site.number("SELECT max(seq) FROM records");
        assert!(out <= durable, "seq {out} is out, seq {durable} is durable");
        agent.kill();
        // What waited is gone with the process; the chain goes on where the disk's end is.
        let agent = rig.agent();
        let (_, again) = control_site.await_event("start", durable);
        control_site.await_through(again);
        assert_eq!(agent.terminate(), Some(0), "a clean end");
        assert_eq!(
            control_site.number("SELECT sum(refused) FROM journals"),
            0,
            "{}",
            control_site.state()
        );
        cases.tried(format_args!(
            "{what} fail with {error} after seq {durable}: {out} was out; goes on"
        ));
    }
}

/// The Control Site receipts nothing that it has not stored.
// Req: LAW-03
#[test]
fn receipts_are_never_ahead_of_what_is_stored() {
    let mut cases = Cases::of("durable_first, receipts");
    let rig = Rig::new();
    let broker = rig.broker();
    let calls = "fsync,fdatasync";
    let inject = format!("--inject={calls}:error=EIO:when={GO_WELL}+");
    let trace = format!("--trace={calls}");
    let (_, words) = traced(rig.path(), "control-site", &[&trace, &inject]);
    let control_site =
        ControlSite::start_by(rig.path(), &rig.keys, &broker, |command| run_by(&words, &command));
    let _device = site(&rig, broker.port);
    let agent = rig.agent();
    let receipted = || -> i64 {
        let asked = rig.cellwatch(&["status"]);
        let said: Value = serde_json::from_str(asked.stdout.trim()).unwrap_or_default();
        said["receipt_through"].as_i64().unwrap_or(0)
    };
    // Receipts come, and end when its disk refuses.
    await_until("a receipt", Duration::from_secs(60), || match receipted() {
        0 => Err("none".to_owned()),
        through => Ok(through),
    });
    await_until("records that nobody receipts", Duration::from_secs(90), || {
        let (last, through) = (rig.last_seq(), receipted());
        if last > through + 40 { Ok(()) } else { Err(format!("seq {last}, receipt {through}")) }
    });
    let (through, stored) = (receipted(), control_site.through());
    assert!(through <= stored, "receipt for seq {through}, stored are {stored}");
    assert_eq!(agent.terminate(), Some(0), "a clean end of {AGENT}");
    cases.tried(format_args!("receipts end at seq {through}, stored are {stored}"));
}
