//! The commands. Exit status: 0 done, 1 ran and found a problem, 2 could not run.

mod acknowledge;
mod backup;
mod check;
mod check_master_file;
mod export;
mod keygen;
mod log;
mod opcua;
mod operators;
mod replay;
mod report;
mod verify;

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::run::{self, Ended, RunError};

/// Watches automated closed-system bioreactors for the Control Site.
#[derive(Debug, Parser)]
#[command(name = "cellwatch", version, about)]
pub struct Cli {
    /// What to log to standard error: error, warn, info, debug or trace, or a filter such as
    /// `info,cellwatch_daemon::modbus=debug`; CELLWATCH_LOG by default, else info.
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Polls, judges, records and delivers, until SIGTERM or SIGINT.
    Run {
        #[command(flatten)]
        config: Config,
        /// Print a JSON object to standard output when polling has begun.
        #[arg(long)]
        json_ready: bool,
    },
    /// Checks the site file and everything that it names, or a Master File, and says all problems.
    #[command(args_conflicts_with_subcommands = true)]
    Check {
        #[command(flatten)]
        config: Config,
        #[command(subcommand)]
        what: Option<CheckWhat>,
    },
    /// Makes a sealing key; prints its public half and key id.
    Keygen {
        #[command(flatten)]
        config: Config,
        /// New file for the private key, readable by its owner only.
        #[arg(long, value_name = "FILE", required_unless_present = "rotate")]
        out: Option<PathBuf>,
        /// Make the key that is to follow the agent's present one, beside it: the agent changes to it by itself as soon as
        /// its roster names both.
        #[arg(long, conflicts_with = "out")]
        rotate: bool,
        /// New file for the public key, 64 hexadecimal digits.
        #[arg(long, value_name = "FILE")]
        public_out: Option<PathBuf>,
    },
    /// Writes a batch or a time range as sealed records, JSON lines and CSV, under a sealed manifest.
    Export(export::Export),
    /// Verifies every record of a journal: seals, chain, sequence numbers; or proves a batch, or takes an export back.
    Verify(Verify),
    /// Judges the records of a journal again: the same alarm bodies, or the first difference.
    Replay(replay::ReplayArgs),
    /// Tells what a batch was: phases, alarms, deviation candidates, results, gaps, coverage.
    Report(report::ReportArgs),
    /// Copies journal and state to a new folder, also while the daemon runs. Keys are not in it.
    Backup {
        #[command(flatten)]
        config: Config,
        /// New or empty folder for the copy.
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Takes a copy back into an empty data folder. What the Control Site has received since, it has;
    /// the agent goes on in a new journal.
    Restore {
        #[command(flatten)]
        config: Config,
        /// Folder of the copy.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Verify every record first, with the key of the site file.
        #[arg(long)]
        verify: bool,
    },
    /// Records that you have seen an alarm, in the running daemon.
    Acknowledge {
        #[command(flatten)]
        config: Config,
        /// The unit; without it, an alarm of the agent itself.
        #[arg(long)]
        unit: Option<String>,
        /// The alarm's id, such as TEMP.HH.
        #[arg(long)]
        alarm: String,
        /// Why, or what was done.
        #[arg(long)]
        comment: String,
    },
    /// The people who may log in at the operator page, in the running daemon. Each change is on record.
    Operators {
        #[command(subcommand)]
        what: operators::Operators,
    },
    /// Silences the horn until an alarm calls again or is not acknowledged in time; acknowledges nothing.
    Silence {
        #[command(flatten)]
        config: Config,
        /// The horn of this annunciator only; every one that sounds where none is named.
        #[arg(long)]
        annunciator: Option<String>,
        /// Why, or what was done.
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Tests what calls people.
    Test {
        #[command(flatten)]
        config: Config,
        #[command(flatten)]
        what: Tested,
    },
    /// Servers of devices on OPC UA.
    #[command(subcommand)]
    Opcua(Opcua),
    /// Asks the running daemon how it is; prints JSON.
    Status {
        #[command(flatten)]
        config: Config,
    },
}

#[derive(Debug, Subcommand)]
enum CheckWhat {
    /// Checks a Master File, before it is signed or after.
    MasterFile(check_master_file::CheckMasterFile),
}

#[derive(Debug, Subcommand)]
enum Opcua {
    /// Trusts a certificate that a server showed and nobody has accepted yet, in the running daemon.
    Trust {
        #[command(flatten)]
        config: Config,
        /// The server's id in the site file.
        #[arg(long)]
        server: String,
        /// SHA-256 of the certificate, as the log and the record say it.
        #[arg(long)]
        thumbprint: String,
        /// Who trusts it.
        #[arg(long)]
        by: String,
        /// What it was compared with.
        #[arg(long)]
        comment: String,
    },
}

#[derive(Debug, Args)]
struct Config {
    /// The site file.
    #[arg(long, value_name = "FILE", default_value = "site.toml")]
    config: PathBuf,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Tested {
    /// Light all lamps and sound the horn for five seconds.
    #[arg(long)]
    annunciators: bool,
    /// Send a test message by this route of the Master File in force.
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
}

#[derive(Debug, Args)]
struct Verify {
    /// The site file, whose journal and key are taken; ./site.toml by default.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["journal", "public_key"])]
    config: Option<PathBuf>,
    /// A folder of segments, or a data folder that holds one; with --public-key.
    #[arg(long, value_name = "DIR", requires = "public_key")]
    journal: Option<PathBuf>,
    /// File of the agent's public key, 64 hexadecimal digits; with --journal. To be repeated where the agent has had
    /// several; a change that both keys have sealed is followed without.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// Prove that this batch is whole: every record as it was sealed.
    #[arg(long, value_name = "ID", conflicts_with = "export")]
    batch: Option<String>,
    /// Verify the export in this folder; with --public-key, or the keys of the site file.
    #[arg(long, value_name = "DIR", conflicts_with = "journal")]
    export: Option<PathBuf>,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

/// What a command found.
enum Done {
    Fine,
    Problem,
}

impl Cli {
    /// Does what was asked for and gives the exit status.
    #[must_use]
    pub fn execute(self) -> ExitCode {
        if let Err(error) = log::start(self.log.as_deref()) {
            eprintln!("cellwatch: {error}");
            return ExitCode::from(2);
        }
        let done = match self.command {
            Command::Run { config, json_ready } => execute_run(&config, json_ready),
            Command::Check { config, what: None } => check::check(&config.config),
            Command::Check { what: Some(CheckWhat::MasterFile(asked)), .. } => {
                check_master_file::check(&asked)
            }
            Command::Replay(asked) => replay::replay(&asked),
            Command::Report(asked) => report::report(&asked),
            Command::Keygen { config, out, rotate: _, public_out } => match out {
                Some(out) => keygen::keygen(&out, public_out.as_deref()),
                None => keygen::rotate(&config.config, public_out.as_deref()),
            },
            Command::Export(arguments) => export::export(&arguments),
            Command::Verify(verify) => verify::verify(&verify),
            Command::Backup { config, to } => backup::backup(&config.config, &to),
            Command::Restore { config, from, verify } => {
                backup::restore(&config.config, &from, verify)
            }
            Command::Acknowledge { config, unit, alarm, comment } => {
                acknowledge::acknowledge(&config.config, unit, alarm, comment)
            }
            Command::Operators { what } => operators::operators(&what),
            Command::Silence { config, annunciator, comment } => {
                acknowledge::silence(&config.config, annunciator, comment)
            }
            Command::Test { config, what: Tested { route: Some(route), .. } } => {
                acknowledge::test_route(&config.config, route)
            }
            Command::Test { config, .. } => acknowledge::test_annunciators(&config.config),
            Command::Opcua(Opcua::Trust { config, server, thumbprint, by, comment }) => {
                opcua::trust(&config.config, server, thumbprint, by, comment)
            }
            Command::Status { config } => acknowledge::status(&config.config),
        };
        match done {
            Ok(Done::Fine) => ExitCode::SUCCESS,
            Ok(Done::Problem) => ExitCode::from(1),
            Err(error) => {
                eprintln!("cellwatch: {error:#}");
                ExitCode::from(2)
            }
        }
    }
}

fn execute_run(config: &Config, json_ready: bool) -> anyhow::Result<Done> {
    // One thread suffices for devices, broker and core; the disk has threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(run::run(&config.config, json_ready)) {
        Ok(Ended::Told) => Ok(Done::Fine),
        // The program takes its own place, with the same process id: no thread, port or session of the run before stays.
        Ok(Ended::ToBeginAgain) => {
            let arguments = std::env::args_os().skip(1);
            Err(std::process::Command::new("/proc/self/exe").args(arguments).exec().into())
        }
        Err(RunError::Ended(why)) => {
            eprintln!("cellwatch: {why}");
            Ok(Done::Problem)
        }
        Err(error) => Err(error.into()),
    }
}
