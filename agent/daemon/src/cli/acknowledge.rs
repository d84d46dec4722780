//! `cellwatch acknowledge`, `silence`, `test` and `status`: ask the running daemon.

use std::path::Path;

use anyhow::bail;

use super::Done;
use crate::control::{Answer, Request, ask};
use crate::installation::Installation;

pub(super) fn acknowledge(
    config: &Path,
    unit: Option<String>,
    alarm: String,
    comment: String,
) -> anyhow::Result<Done> {
    recorded(config, &Request::Acknowledge { unit, alarm, comment }, "acknowledged")
}

pub(super) fn silence(
    config: &Path,
    annunciator: Option<String>,
    comment: String,
) -> anyhow::Result<Done> {
    recorded(config, &Request::SilenceHorn { annunciator, comment }, "silenced")
}

pub(super) fn test_annunciators(config: &Path) -> anyhow::Result<Done> {
    recorded(
        config,
        &Request::TestAnnunciators {},
        "tested: all lamps and the horn, for five seconds,",
    )
}

pub(super) fn test_route(config: &Path, route: String) -> anyhow::Result<Done> {
    recorded(config, &Request::TestRoute { route }, "a test message is on its way; asked for")
}

/// Asks for something that leaves a record; `done` says that it was done.
fn recorded(config: &Path, request: &Request, done: &str) -> anyhow::Result<Done> {
    let data_dir = Installation::read(config)?.data_dir();
    match ask(&data_dir, request)? {
        Answer::Recorded { seq, by, refusal: None } => {
            println!("{done} by {by}, recorded as seq {seq}");
            Ok(Done::Fine)
        }
        Answer::Recorded { seq, by, refusal: Some(reason) } => {
            eprintln!("not done: {reason} (the attempt of {by} is recorded as seq {seq})");
            Ok(Done::Problem)
        }
        Answer::Error(reason) => bail!("{reason}"),
        Answer::Status(_) | Answer::People(_) | Answer::Changed { .. } => {
            bail!("cellwatch answered something else")
        }
    }
}

pub(super) fn status(config: &Path) -> anyhow::Result<Done> {
    let data_dir = Installation::read(config)?.data_dir();
    match ask(&data_dir, &Request::Status {})? {
        Answer::Status(status) => {
            println!("{status}");
            Ok(Done::Fine)
        }
        Answer::Error(reason) => bail!("{reason}"),
        Answer::Recorded { .. } | Answer::People(_) | Answer::Changed { .. } => {
            bail!("cellwatch answered something else")
        }
    }
}
