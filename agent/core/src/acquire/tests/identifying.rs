//! Whose readings these are.

use cellwatch_config::master_file::{self, MasterFile};
use cellwatch_model::Cause;

use super::*;

const WRONG: Quality = Quality::Uncertain(Cause::WrongDevice);

fn bag() -> Profile {
    let serial = "role = \"serial\"\nperiod_ms = 60000";
    profile("max_gap = 0", &[("T", 0, "u16", ""), ("SN", 10, "text:2", serial)])
}

fn file(profile: &Profile, serials: &str) -> MasterFile {
    let hash: String = profile.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "[master_file]\nid = \"M\"\nversion = 1\nproduct = \"p\"\neffective = 2026-01-01T00:00:00Z\nexpires = 2027-01-01T00:00:00Z\nactivation = \"at-once\"\nreason = \"r\"\nsites = [\"s\"]\n[[equipment]]\nprofile = \"p\"\nprofile_sha256 = \"{hash}\"\nserials = {serials}\n[[parameter]]\nname = \"T\"\nunit = \"1\"\nrange = [0, 10]\nstale_after_s = 5\ninstrument_response = \"x\"\n[[phase]]\nid = \"grow\"\nname = \"Grow\"\n"
    );
    master_file::parse("m.toml", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn registers(serial: &'static [u8; 4]) -> impl FnMut(u64, Table, u16) -> u16 {
    move |_, _, address| match address {
        10 => u16::from_be_bytes([serial[0], serial[1]]),
        11 => u16::from_be_bytes([serial[2], serial[3]]),
        _ => 5,
    }
}

#[test]
fn the_serial_number_is_read_first_and_decides_what_readings_are() {
    let cases = [
        ("[\"AB-1\"]", b"AB-1", Quality::Good),
        ("[\"AB-0\", \"AB-1\"]", b"AB-1", Quality::Good),
        ("[\"AB-1\"]", b"AB-2", WRONG),
        ("[\"AB-1\"]", b"\0\0\0\0", WRONG),
        ("[]", b"AB-2", Quality::Good),
    ];
    for (serials, serial, expected) in cases {
        let mut bench = Bench::new(0, bag());
        bench.device.master_file(&file(&bag(), serials));
        let readings = bench.serve(30, 5, registers(serial));
        if serials != "[]" {
            assert_eq!(readings[0].0, "SN", "before anything else");
        }
        let found = qualities(&readings, "T");
        assert!(found.iter().all(|quality| *quality == expected), "{serials}: {found:?}");
        assert!(readings.iter().all(|(_, reading)| reading.value.is_ok()), "recorded all the same");
    }
    println!("identities: {} cases", cases.len());
}

#[test]
fn a_profile_that_is_not_approved_is_the_wrong_device() {
    let mut bench = Bench::new(0, bag());
    let mut other = file(&bag(), "[]");
    assert!(qualities(&bench.serve(5, 5, registers(b"AB-1")), "T").iter().all(|q| q.is_good()));
    other.equipment[0].profile_sha256 = [1; 32];
    bench.device.master_file(&other);
    assert!(qualities(&bench.serve(5, 5, registers(b"AB-1")), "T").iter().all(|q| *q == WRONG));
    bench.device.master_file(&file(&bag(), "[]"));
    assert!(qualities(&bench.serve(5, 5, registers(b"AB-1")), "T").iter().all(|q| q.is_good()));
}

#[test]
fn a_device_swapped_while_it_was_silent_is_never_good_not_even_once() {
    let away = Err(NoReply::NotConnected("refused".to_owned()));
    let late = Err(NoReply::Timeout);
    // Its gateway answers for it.
    let [no_way, no_target] = [0x0a, 0x0b].map(|code| Err(NoReply::Exception(code)));
    for (outcome, polls) in [(away, 1), (late, 3), (no_way, 3), (no_target, 3)] {
        let mut bench = Bench::new(0, bag());
        bench.device.master_file(&file(&bag(), "[\"AB-1\"]"));
        bench.serve(20, 5, registers(b"AB-1"));
        let mut silent = Vec::new();
        for _ in 0..polls + 5 {
            let (request, _) = bench.next();
            silent.extend(bench.reply(request, 5, &outcome));
        }
        assert_eq!(bench.device.answers(), Some(false), "{outcome:?}");
        assert!(qualities(&silent, "T").len() >= polls + 5, "silence is told of what was due too");
        let after = bench.serve(20, 5, registers(b"AB-9"));
        assert!(after[..3].iter().any(|(name, _)| name == "SN"), "asked for at once");
        assert!(qualities(&after, "T").iter().all(|quality| *quality == WRONG), "{outcome:?}");
    }
}

#[test]
fn a_serial_number_that_is_refused_keeps_readings_uncertain_and_polls_going() {
    let mut bench = Bench::new(0, bag());
    bench.device.master_file(&file(&bag(), "[\"AB-1\"]"));
    let mut readings = Vec::new();
    for _ in 0..60 {
        let (request, read) = bench.next();
        let outcome = match read.address {
            10 if bench.now_ms < 12_000 => Err(NoReply::Exception(6)),
            10 => Ok(vec![0x4142, 0x2d31]),
            _ => Ok(vec![5]),
        };
        readings.extend(bench.reply(request, 5, &outcome));
    }
    let found = qualities(&readings, "T");
    let uncertain = found.iter().take_while(|quality| **quality == WRONG).count();
    assert!((10..=17).contains(&uncertain), "{found:?}");
    assert!(found[uncertain..].iter().all(|quality| quality.is_good()));
    let asked = bench.asked.iter().filter(|(_, read)| read.address == 10).count();
    assert!(asked <= 6, "every five seconds, not before each poll: {asked}");
}

#[test]
fn a_mark_that_is_no_whole_number_says_nothing_and_polls_go_on() {
    let serial = "role = \"serial\"\nperiod_ms = 60000";
    let mut bag = profile("max_gap = 0", &[("T", 0, "u16", ""), ("SN", 10, "u16", serial)]);
    let file = file(&bag, "[\"41\"]");
    bag.parameters[1].decimals = 1;
    let mut bench = Bench::new(0, bag);
    bench.device.master_file(&file);
    let readings = bench.serve(60, 5, |_, _, _| 41);
    let found = qualities(&readings, "T");
    assert!(found.len() > 45, "{} of 60", found.len());
    assert!(found.iter().all(|quality| *quality == WRONG), "{found:?}");
    let asked = bench.asked.iter().filter(|(_, read)| read.address == 10).count();
    assert!((2..=12).contains(&asked), "every five seconds, not before each poll: {asked}");
}

/// A device that tells its firmware and the checksum of its protocol.
fn told(firmware: &str, checksum: &str) -> (Profile, MasterFile) {
    let firmware_word = "role = \"firmware\"\nperiod_ms = 60000";
    let checksum_word = "role = \"protocol-checksum\"\nperiod_ms = 60000";
    let profile = profile(
        "max_gap = 0",
        &[
            ("T", 0, "u16", ""),
            ("FW", 10, "text:2", firmware_word),
            ("SUM", 20, "u32", checksum_word),
        ],
    );
    let mut file = file(&profile, "[]");
    let list = |listed: &str| {
        let words = listed.split(' ').filter(|word| !word.is_empty());
        words.map(str::to_owned).collect::<Vec<String>>()
    };
    file.equipment[0].firmware = list(firmware);
    file.equipment[0].protocol_checksum = list(checksum);
    (profile, file)
}

#[test]
fn firmware_and_protocol_checksum_are_the_master_files() {
    let cases = [
        ("1.02", "65537", Quality::Good),
        ("1.01 1.02", "1 65537", Quality::Good),
        ("", "65537", Quality::Good),
        ("1.02", "", Quality::Good),
        ("", "", Quality::Good),
        ("1.01", "65537", WRONG),
        ("1.02", "65536", WRONG),
        ("1.01", "", WRONG),
        ("", "65536", WRONG),
    ];
    for (firmware, checksum, expected) in cases {
        let (profile, file) = told(firmware, checksum);
        let mut bench = Bench::new(0, profile);
        bench.device.master_file(&file);
        let readings = bench.serve(30, 5, |_, _, address| match address {
            10 => u16::from_be_bytes(*b"1."),
            11 => u16::from_be_bytes(*b"02"),
            20 | 21 => 1,
            _ => 5,
        });
        let found = qualities(&readings, "T");
        assert!(!found.is_empty(), "{firmware} {checksum}");
        let same = found.iter().all(|quality| *quality == expected);
        assert!(same, "{firmware} {checksum}: {found:?}");
        let asked_for = usize::from(!firmware.is_empty()) + usize::from(!checksum.is_empty());
        let first = readings.iter().take_while(|(name, _)| *name != "T").count();
        assert!(first >= asked_for, "before anything else: {firmware} {checksum}");
    }
    println!("firmware and checksums: {} cases", cases.len());
}

#[test]
fn a_change_that_the_master_file_forbids_within_a_minute_is_not_believed() {
    let bag = || profile("max_gap = 0", &[("T", 0, "i16", "scale = 0.1")]);
    let mut with_rate = file(&bag(), "[]");
    with_rate.parameters[0].max_rate_per_min = Some(2.0);
    // Tenths at second n, and whether each is believed.
    type Course = fn(u64) -> u16;
    let noise: Course = |second| 370 + u16::from(second % 2 == 0) * 9;
    let slow: Course = |second| 370 + u16::try_from(second / 4).unwrap();
    let step: Course = |second| if second < 20 { 370 } else { 420 };
    let ramp: Course = |second| 370 + u16::try_from(second).unwrap() * 5;
    for (what, course, bad) in
        [("noise", noise, 0..1), ("slow", slow, 0..1), ("step", step, 2..3), ("ramp", ramp, 10..90)]
    {
        let mut bench = Bench::new(0, bag());
        bench.device.master_file(&with_rate);
        let readings = bench.serve(90, 5, |ms, _, _| course(ms / 1000));
        let found = qualities(&readings, "T");
        let jumps = Quality::Bad(Cause::ImplausibleRate);
        let count = found.iter().filter(|quality| **quality == jumps).count();
        assert!(bad.contains(&count), "{what}: {count} of {found:?}");
        // Without the key nothing of it is judged.
        bench.device.master_file(&file(&bag(), "[]"));
        let after = qualities(&bench.serve(10, 5, |ms, _, _| ramp(ms / 1000 % 2 * 50)), "T");
        assert!(after.iter().all(|quality| quality.is_good()), "{what}: {after:?}");
    }
    println!("rates of the Master File: 8 courses");
}
