//! `cellwatch acknowledge` and `cellwatch status`: ask the running daemon.

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
    let data_dir = Installation::read(config)?.data_dir();
    match ask(&data_dir, &Request::Acknowledge { unit, alarm, comment })? {
        Answer::Recorded { seq, by, refusal: None } => {
            println!("acknowledged by {by}, recorded as seq {seq}");
            Ok(Done::Fine)
        }
        Answer::Recorded { seq, by, refusal: Some(reason) } => {
            eprintln!("not acknowledged: {reason} (the attempt of {by} is recorded as seq {seq})");
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
