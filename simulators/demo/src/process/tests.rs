use std::ffi::OsString;
use std::path::Path;

use super::{LINES_MAX, log_tail, once};

#[test]
fn shows_the_end_of_a_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("x.log");
    let mut cases = 0;
    for (text, first, lines) in [
        (String::new(), "    (nothing in", 1),
        ("one\n\ntwo\n".to_owned(), "    one", 2),
        ((0..5000).map(|n| format!("line {n}\n")).collect(), "    line 4985", LINES_MAX),
    ] {
        std::fs::write(&log, text).expect("written");
        let tail = log_tail(&log);
        assert!(tail.starts_with(first), "{tail}");
        assert_eq!(tail.lines().count(), lines);
        cases += 1;
    }
    assert!(log_tail(&folder.path().join("none")).contains("cannot read"));
    println!("log tail: {} cases", cases + 1);
}

#[test]
fn says_what_a_failing_program_said() {
    let shell = Path::new("/bin/sh");
    assert!(once(shell, ["-c", "exit 0"]).is_ok());
    let error = once(shell, ["-c", "echo 'no such key' >&2; exit 1"]).expect_err("it failed");
    assert!(error.to_string().contains("no such key"), "{error}");
    assert!(once(Path::new("/nonexistent"), Vec::<OsString>::new()).is_err());
    println!("once: 3 cases");
}
