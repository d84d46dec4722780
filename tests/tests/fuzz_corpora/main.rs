//! The corpora of the fuzz targets, replayed as plain tests: what fuzzing once found or reached stays tried.
//!
//! `tests/long fuzz` lets them grow. Each target's body is here; `tests/fuzz` hands it to libFuzzer.

mod decoder;
mod profile_parser;
mod rtu_reply;
mod tcp_reply;

use std::fs;

use cellwatch_tests::{Cases, folder};

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 4] = [
    ("tcp_reply", tcp_reply::run),
    ("rtu_reply", rtu_reply::run),
    ("decoder", decoder::run),
    ("profile_parser", profile_parser::run),
];

// Req: LAW-01, ACQ-03
#[test]
fn fuzz_corpora() {
    let mut cases = Cases::of("fuzz_corpora");
    for (name, run) in TARGETS {
        let inputs = fs::read_dir(folder("fuzz/corpus").join(name)).expect("a corpus");
        let mut paths: Vec<_> = inputs.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "the corpus of {name} is not empty");
        for path in &paths {
            let data = fs::read(path).expect("an input");
            // A panic must tell which input it was.
            let tried = std::panic::catch_unwind(|| run(&data));
            assert!(tried.is_ok(), "{name}: {}", path.display());
            // Half of an input, and one with its end changed, cost nothing and reach further.
            run(&data[..data.len() / 2]);
            let changed = data.iter().map(|byte| byte ^ 0x80).collect::<Vec<u8>>();
            run(&changed);
        }
        cases.tried_many(paths.len() * 3, name);
    }
}
