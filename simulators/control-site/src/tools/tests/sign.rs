//! Signing Master Files and rosters.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cellwatch_seal::{ApprovalError, Roster, verify_master_file};
use clap::Parser;

use super::{Made, NOW};
use crate::tools::ToolError;
use crate::tools::sign::{SignArgs, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    sign: SignArgs,
}

fn sign(args: &[&Path]) -> Result<ExitCode, ToolError> {
    let args = std::iter::once(Path::new("sign")).chain(args.iter().copied());
    run(Cli::try_parse_from(args.map(Path::as_os_str)).unwrap().sign)
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/examples/master-file.toml")
}

fn is(code: ExitCode, expected: u8) -> bool {
    format!("{code:?}") == format!("{:?}", ExitCode::from(expected))
}

#[test]
fn a_master_file_signed_by_both_is_approved() {
    let made = Made::new();
    let (qa, qp) = (made.path("people/qa.pk8"), made.path("people/qp.pk8"));
    let (file, out, key) = (example(), made.path("mf.cose"), Path::new("--key"));
    let command = Path::new("master-file");
    let code = sign(&[command, &file, key, &qa, key, &qp, Path::new("--out"), &out]).unwrap();
    assert!(is(code, 0));
    let approved = verify_master_file(&made.bytes("mf.cose"), &made.roster, Some(NOW)).unwrap();
    assert_eq!(approved.get().bytes, std::fs::read(example()).unwrap());
    let again = sign(&[command, &file, key, &qa, Path::new("--out"), &out]);
    assert!(matches!(again, Err(ToolError::Exists { .. })), "{again:?}");
}

#[test]
fn each_can_sign_at_another_place() {
    let made = Made::new();
    let (qa, qp) = (made.path("people/qa.pk8"), made.path("people/qp.pk8"));
    let (half, out) = (made.path("half.cose"), made.path("mf.cose"));
    let (key, to) = (Path::new("--key"), Path::new("--out"));
    sign(&[Path::new("master-file"), &example(), key, &qa, to, &half]).unwrap();
    let refused = verify_master_file(&made.bytes("half.cose"), &made.roster, Some(NOW));
    assert!(matches!(refused, Err(ApprovalError::Threshold { .. })), "{refused:?}");
    sign(&[Path::new("add"), &half, key, &qp, to, &out]).unwrap();
    verify_master_file(&made.bytes("mf.cose"), &made.roster, Some(NOW)).unwrap();
    let twice = sign(&[Path::new("add"), &half, key, &qa, to, &made.path("twice.cose")]);
    assert!(matches!(twice, Err(ToolError::Document { .. })), "{twice:?}");
}

#[test]
fn a_master_file_with_problems_is_not_signed() {
    let made = Made::new();
    let bad = made.path("bad.toml");
    std::fs::write(&bad, "[master_file]\nid = 1\n").unwrap();
    let (qa, out) = (made.path("people/qa.pk8"), made.path("bad.cose"));
    let args = [Path::new("master-file"), &bad, Path::new("--key"), &qa, Path::new("--out"), &out];
    assert!(is(sign(&args).unwrap(), 1));
    assert!(!out.exists());
    assert!(is(sign(&[&args[..], &[Path::new("--unchecked")]].concat()).unwrap(), 0));
    assert!(out.exists());
}

#[test]
fn a_roster_is_signed_by_its_root() {
    let made = Made::new();
    let next = Roster { version: 2, ..made.roster.clone() };
    let (text, out) = (made.path("next.toml"), made.path("next.cose"));
    std::fs::write(&text, next.to_toml()).unwrap();
    let root = made.path("root.pk8");
    let args = [Path::new("roster"), &text, Path::new("--key"), &root, Path::new("--out"), &out];
    assert!(is(sign(&args).unwrap(), 0));
    let opened = made.roster.open_successor(&made.bytes("next.cose"), Some(NOW)).unwrap();
    assert_eq!(opened.into_inner(), next);

    let bad = next.to_toml().replace("root_threshold = 1", "root_threshold = 2");
    std::fs::write(&text, bad).unwrap();
    let out = made.path("bad.cose");
    let args = [Path::new("roster"), &text, Path::new("--key"), &root, Path::new("--out"), &out];
    assert!(is(sign(&args).unwrap(), 1));
    assert!(!out.exists());
}
