//! `control-site keys`: makes a test authority, or one more certificate of it.

use std::path::PathBuf;
use std::process::ExitCode;

use cellwatch_model::Utc;
use jiff::Timestamp;

use super::ToolError;
use super::authority::{self, Plan};
use super::files::make_folder;
use super::tls::{Authority, Validity};

/// Makes a test authority: root, people's, receipt, command and agents' keys, the signed roster,
/// and TLS certificates.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct KeysArgs {
    /// One certificate of an authority that is there already.
    #[command(subcommand)]
    pub one: Option<OneCertificate>,
    /// A whole authority.
    #[command(flatten)]
    pub all: Option<AuthorityArgs>,
}

/// A whole authority.
#[derive(Clone, Debug, clap::Args)]
pub struct AuthorityArgs {
    /// Folder to make it in; nothing in it is overwritten.
    #[arg(long)]
    pub dir: PathBuf,
    /// Id of the site.
    #[arg(long)]
    pub site: String,
    /// Id of an agent; may be given several times.
    #[arg(long = "agent", required = true)]
    pub agents: Vec<String>,
    /// Host name or address of the broker, besides localhost.
    #[arg(long, default_value = "localhost")]
    pub host: String,
    /// How long everything is valid, days.
    #[arg(long, default_value_t = 365)]
    pub days: u32,
    /// Valid from this time on instead of now, such as 2026-01-31T00:00:00Z.
    #[arg(long)]
    pub now: Option<Timestamp>,
}

/// One certificate.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum OneCertificate {
    /// A client certificate: renews an agent's, or makes odd ones for tests.
    Client(ClientArgs),
    /// A broker's certificate.
    Broker(BrokerArgs),
}

/// A client certificate.
#[derive(Clone, Debug, clap::Args)]
pub struct ClientArgs {
    /// Folder of the authority.
    #[arg(long)]
    pub dir: PathBuf,
    /// Id of the agent: the common name.
    #[arg(long)]
    pub agent: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub issue: IssueArgs,
}

/// A broker's certificate.
#[derive(Clone, Debug, clap::Args)]
pub struct BrokerArgs {
    /// Folder of the authority.
    #[arg(long)]
    pub dir: PathBuf,
    /// Host name or address; may be given several times.
    #[arg(long = "host", required = true)]
    pub hosts: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub issue: IssueArgs,
}

/// How one certificate is issued.
#[derive(Clone, Debug, clap::Args)]
pub struct IssueArgs {
    /// Folder for client.pem and client.key, or cert.pem and key.pem.
    #[arg(long)]
    pub out: PathBuf,
    /// Valid from; an hour ago if not given.
    #[arg(long)]
    pub not_before: Option<Timestamp>,
    /// Valid until; 365 days from now if not given, in the past for an expired one.
    #[arg(long)]
    pub not_after: Option<Timestamp>,
    /// Sign by another authority of the same name that nobody trusts.
    #[arg(long)]
    pub wrong_authority: bool,
}

/// Runs it.
///
/// # Errors
/// Something is there already, or cannot be read or written.
pub fn run(args: KeysArgs) -> Result<ExitCode, ToolError> {
    match (args.one, args.all) {
        (Some(OneCertificate::Client(client)), _) => {
            let authority = issuer(&client.dir, &client.issue)?;
            let identity = authority.client(&client.agent, validity(&client.issue)?)?;
            let out = &client.issue.out;
            make_folder(out)?;
            identity.write_new(&out.join("client.pem"), &out.join("client.key"))?;
            eprintln!("{}: certificate of {}", out.join("client.pem").display(), client.agent);
        }
        (Some(OneCertificate::Broker(broker)), _) => {
            let authority = issuer(&broker.dir, &broker.issue)?;
            let identity = authority.server(&broker.hosts, validity(&broker.issue)?)?;
            let out = &broker.issue.out;
            make_folder(out)?;
            identity.write_new(&out.join("cert.pem"), &out.join("key.pem"))?;
            let hosts = broker.hosts.join(", ");
            eprintln!("{}: certificate for {hosts}", out.join("cert.pem").display());
        }
        (None, Some(all)) => whole(all)?,
        (None, None) => {
            return Err(ToolError::Usage("--dir, --site and --agent are needed".into()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn whole(args: AuthorityArgs) -> Result<(), ToolError> {
    let AuthorityArgs { dir, site, agents, host, days, now } = args;
    let now = utc(now.unwrap_or_else(Timestamp::now))?;
    let roster = authority::make(&dir, &Plan { site, agents, host, days, now })?;
    eprintln!(
        "{}: a test authority for {} agent(s), roster version {}. Its private keys belong on no \
         site: they are for tests and demonstrations.",
        dir.display(),
        roster.agents.len(),
        roster.version
    );
    Ok(())
}

fn issuer(dir: &std::path::Path, args: &IssueArgs) -> Result<Authority, ToolError> {
    if args.wrong_authority {
        let now = utc(Timestamp::now())?;
        let validity = Validity { from: Utc(now.0 - HOUR_NS), until: Utc(now.0 + 365 * DAY_NS) };
        return Authority::new(authority::AUTHORITY_NAME, validity);
    }
    let folder = dir.join("authority");
    Authority::read(&folder.join("ca.pem"), &folder.join("ca.key"))
}

const HOUR_NS: i64 = 3_600_000_000_000;
const DAY_NS: i64 = 24 * HOUR_NS;

/// An expired one began a day before its end, so that it is wrong in one way only.
fn validity(args: &IssueArgs) -> Result<Validity, ToolError> {
    let now = utc(Timestamp::now())?;
    let until = args.not_after.map_or(Ok(Utc(now.0 + 365 * DAY_NS)), utc)?;
    let from = args.not_before.map_or(Ok(Utc((now.0 - HOUR_NS).min(until.0 - DAY_NS))), utc)?;
    Ok(Validity { from, until })
}

fn utc(timestamp: Timestamp) -> Result<Utc, ToolError> {
    i64::try_from(timestamp.as_nanosecond())
        .map(Utc)
        .map_err(|_| ToolError::Usage(format!("{timestamp} is outside of 1678 to 2262")))
}
