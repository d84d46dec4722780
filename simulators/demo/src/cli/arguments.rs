//! What can be asked for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::duration;
use crate::broker::BrokerFiles;

/// Shortest `--for`: the heater needs its time to take the culture over the limit.
pub const FOR_MIN: Duration = Duration::from_secs(20);

/// Everything at once on this machine: broker, two bioreactors, agent, Control Site.
#[derive(Clone, Debug, Parser)]
#[command(name = "demo", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// A process of its own instead.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub demo: DemoArgs,
}

/// How the demo runs.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// End by itself after this time, such as 60s or 5m; without it, Ctrl-C ends it.
    #[arg(long = "for", value_name = "TIME", value_parser = at_least_min)]
    pub duration: Option<Duration>,
    /// One JSON object with the numbers as the last line of standard output; all else goes to
    /// standard error.
    #[arg(long, requires = "duration")]
    pub json: bool,
    /// Work in this folder, which must be empty or new, and leave it there.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Leave the folder there.
    #[arg(long)]
    pub keep: bool,
}

/// Processes that the demo starts from its own program.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Only the MQTT broker, until SIGTERM or Ctrl-C.
    Broker(BrokerArgs),
    /// Becomes another program that ends when the demo is gone.
    #[command(hide = true)]
    Supervised {
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

/// The broker.
#[derive(Clone, Debug, Args)]
pub struct BrokerArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub files: BrokerFiles,
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

fn at_least_min(text: &str) -> Result<Duration, String> {
    let duration = duration::parse(text).map_err(|error| error.to_string())?;
    if duration < FOR_MIN {
        return Err(format!(
            "too short to see the alarm and its end: {} s or more",
            FOR_MIN.as_secs()
        ));
    }
    Ok(duration)
}
