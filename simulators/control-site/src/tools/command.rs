//! `control-site command`: the Control Site's word to one agent, sealed with a command key.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use cellwatch_model::Utc;
use cellwatch_record::{COMMAND_CONTENT_TYPE, COMMAND_REASON_MAX, Command, Order, SiteStatus};
use cellwatch_seal::{Sealer, key_file, seal};

use super::ToolError;
use super::files::{Readers, write_new};
use crate::run::{BrokerOptions, publish};
use crate::topic::Topic;

const SECOND_NS: i64 = 1_000_000_000;

/// Commands an agent: the status of its site.
#[derive(Clone, Debug, clap::Args)]
pub struct CommandArgs {
    /// Id of the site.
    #[arg(long)]
    pub site: String,
    /// Id of the agent.
    #[arg(long)]
    pub agent: String,
    /// The site's status from now on: active, paused or ceased.
    #[arg(long, value_parser = status)]
    pub status: SiteStatus,
    /// Why, for the people on site.
    #[arg(long)]
    pub reason: String,
    /// The command key, PKCS #8; the roster must list it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Its number, higher than that of every command before to this agent; by default the seconds since
    /// 1970, so that a later command has a higher number.
    #[arg(long)]
    pub number: Option<u64>,
    /// Hours for which it may be obeyed: an agent that hears of it later refuses it.
    #[arg(long, value_name = "HOURS", default_value_t = 24,
          value_parser = clap::value_parser!(u32).range(1..=8760))]
    pub valid_for_h: u32,
    /// The sealed command, a new file.
    #[arg(long, value_name = "FILE", required_unless_present = "broker")]
    pub out: Option<PathBuf>,
    /// Publish it, retained, at this broker, as host:port.
    #[arg(long, value_name = "HOST:PORT", requires_all = ["authority", "certificate", "private_key"])]
    pub broker: Option<String>,
    /// Certificate of the authority that issued the broker's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
    /// Our client certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE")]
    pub private_key: Option<PathBuf>,
}

fn status(word: &str) -> Result<SiteStatus, String> {
    SiteStatus::from_word(word).ok_or_else(|| "is active, paused or ceased".to_owned())
}

/// Runs it: 1 if the broker did not take it.
///
/// # Errors
/// The key cannot be read, or an argument cannot be meant.
pub fn run(args: CommandArgs) -> Result<ExitCode, ToolError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let issued = Utc(i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_mul(SECOND_NS));
    let command = made(&args, issued)?;
    let key = key_file::read(&args.key)?;
    let sealed = seal(&key, COMMAND_CONTENT_TYPE, &command.encode());
    if let Some(out) = &args.out {
        write_new(out, &sealed, Readers::Everybody)?;
    }
    eprintln!(
        "command {} to agent {} of site {}: {}; sealed by key {}",
        command.number,
        command.agent,
        command.site,
        args.status,
        key.public().id()
    );
    let CommandArgs { broker, authority, certificate, private_key, .. } = args;
    let (Some(broker), Some(authority), Some(certificate), Some(private_key)) =
        (broker, authority, certificate, private_key)
    else {
        return Ok(ExitCode::SUCCESS);
    };
    let topic = Topic::down(&command.site, &command.agent, "command");
    let options = BrokerOptions { broker, authority, certificate, private_key };
    match publish(&options, &topic, &sealed) {
        Ok(()) => {
            eprintln!("{topic}: published; the agent answers with a record");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("control-site: {error}");
            Ok(ExitCode::from(error.status()))
        }
    }
}

/// The command that the arguments ask for.
pub(super) fn made(args: &CommandArgs, issued: Utc) -> Result<Command, ToolError> {
    let reason = args.reason.trim();
    if reason.is_empty() || reason.len() > COMMAND_REASON_MAX {
        return Err(ToolError::Usage(format!(
            "--reason: 1 to {COMMAND_REASON_MAX} bytes: the people on site read it"
        )));
    }
    let default = u64::try_from(issued.0 / SECOND_NS).unwrap_or(1);
    let command = Command {
        site: args.site.clone(),
        agent: args.agent.clone(),
        number: args.number.unwrap_or(default),
        issued,
        expires: Utc(issued.0.saturating_add(i64::from(args.valid_for_h) * 3600 * SECOND_NS)),
        order: Order::SiteStatus(args.status),
        reason: reason.to_owned(),
    };
    let again = Command::decode(&command.encode());
    again.map_err(|error| ToolError::Usage(format!("no agent would take it: {error}")))
}
