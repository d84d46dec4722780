//! `cellwatch opcua`: which servers are trusted.

use std::path::Path;

use anyhow::bail;

use super::Done;
use crate::control::{Answer, Request, ask};
use crate::installation::Installation;

pub(super) fn trust(
    config: &Path,
    server: String,
    thumbprint: String,
    by: String,
    comment: String,
) -> anyhow::Result<Done> {
    let data_dir = Installation::read(config)?.data_dir();
    match ask(&data_dir, &Request::TrustCertificate { server, thumbprint, by, comment })? {
        Answer::Recorded { seq, by, refusal: None } => {
            println!("trusted by {by}, recorded as seq {seq}; the next session is made with it");
            Ok(Done::Fine)
        }
        Answer::Recorded { seq, by, refusal: Some(reason) } => {
            eprintln!("not trusted: {reason} (the attempt of {by} is recorded as seq {seq})");
            Ok(Done::Problem)
        }
        Answer::Error(reason) => bail!("{reason}"),
        Answer::Status(_) | Answer::People(_) | Answer::Changed { .. } => {
            bail!("cellwatch answered something else")
        }
    }
}
