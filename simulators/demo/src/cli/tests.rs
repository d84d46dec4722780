use std::time::Duration;

use clap::{CommandFactory, Parser};

use super::{Cli, Command, DurationError, parse_duration};

#[test]
fn reads_durations() {
    let cases = [
        ("60s", Ok(60)),
        ("5m", Ok(300)),
        (" 1h30m ", Ok(5400)),
        ("1h0m5s", Ok(3605)),
        ("0s", Ok(0)),
        ("60", Err(DurationError::Form)),
        ("", Err(DurationError::Form)),
        ("s", Err(DurationError::Form)),
        ("-5s", Err(DurationError::Form)),
        ("1.5m", Err(DurationError::Form)),
        ("5s1m", Err(DurationError::Form)),
        ("1m1m", Err(DurationError::Form)),
        ("5µ", Err(DurationError::Form)),
        ("10000h", Err(DurationError::TooLong)),
        ("99999999999999999999s", Err(DurationError::TooLong)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_duration(text), expected.map(Duration::from_secs), "{text:?}");
    }
    println!("durations: {} cases", cases.len());
}

#[test]
fn reads_the_command_line() {
    Cli::command().debug_assert();
    let read = |line: &str| Cli::try_parse_from(line.split_whitespace());

    let cli = read("demo --for 60s --json").expect("as documented");
    assert_eq!(cli.demo.duration, Some(Duration::from_secs(60)));
    assert!(cli.demo.json && !cli.demo.keep && cli.command.is_none());

    let short = read("demo --for 5s").expect_err("too short").to_string();
    assert!(short.contains("20 s or more"), "{short}");
    assert!(read("demo --json").is_err(), "an endless demo has no last line");

    let cli = read("demo supervised -- cellwatch run --config site.toml").expect("a command");
    let Some(Command::Supervised { command }) = cli.command else { panic!("{cli:?}") };
    assert_eq!(command, ["cellwatch", "run", "--config", "site.toml"]);
    println!("command line: 4 cases");
}
