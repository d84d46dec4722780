//! `control-site export`: a batch or a time range out of the store, under a manifest sealed with the receipt key.

use std::path::PathBuf;
use std::process::ExitCode;

use cellwatch_export::{ExportFolder, Made, Trust as Keys, export_batch, export_range};
use cellwatch_model::Utc;
use cellwatch_record::{Maker, Selection};
use cellwatch_seal::{Roster, Sealer, key_file};
use jiff::Timestamp;
use serde_json::json;

use super::ToolError;
use super::files::read;
use super::stored::{Stored, selected};

/// Exports a batch or a time range of an agent: sealed records, JSON lines, CSV, and a sealed manifest.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// The database.
    #[arg(long)]
    pub database: PathBuf,
    /// The agent.
    #[arg(long)]
    pub agent: String,
    /// The batch; without it, a time range.
    #[arg(long, value_name = "ID", conflicts_with_all = ["from", "to"])]
    pub batch: Option<String>,
    /// From this time on, RFC 3339.
    #[arg(long, value_name = "TIME", requires = "to", required_unless_present = "batch")]
    pub from: Option<Timestamp>,
    /// Before this time, RFC 3339.
    #[arg(long, value_name = "TIME", requires = "from")]
    pub to: Option<Timestamp>,
    /// New folder for the export.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The signed roster.
    #[arg(long)]
    pub roster: PathBuf,
    /// The root's public key, by which the roster is believed.
    #[arg(long)]
    pub root: PathBuf,
    /// The receipt key, which seals the manifest.
    #[arg(long)]
    pub receipt_key: PathBuf,
    /// Who asks for it, for the manifest.
    #[arg(long, value_name = "NAME")]
    pub asked_by: String,
}

/// Runs it.
///
/// # Errors
/// Nothing is there to be exported, or something could not be read or written.
pub fn run(args: ExportArgs) -> Result<ExitCode, ToolError> {
    let root = key_file::read_public(&args.root)?;
    let roster = Roster::open(&read(&args.roster)?, &[root], None)
        .map_err(|cause| ToolError::Roster { path: args.roster.clone(), cause })?
        .into_inner();
    let key = key_file::read(&args.receipt_key)?;
    if roster.receipt_key(&key.public().id()).is_none() {
        let path = args.receipt_key.display();
        return Err(ToolError::Usage(format!("{path}: is no receipt key of the roster")));
    }
    let keys = Keys { agent_keys: Vec::new(), roster: Some(roster) };
    let stored = Stored::open(&args.database)?;
    let mut folder = ExportFolder::create(&args.out).map_err(ToolError::Export)?;
    let (selection, seal) = match (&args.batch, args.from, args.to) {
        (Some(batch), ..) => {
            let (mut unit, mut seal) = (String::new(), None);
            for (journal, found) in stored.batch(Some(&args.agent), batch, &keys)? {
                let of_it = export_batch(&journal, &keys, (batch, &found), &mut folder);
                seal = of_it.map_err(selected)?.or(seal);
                unit = found.unit;
            }
            (Selection::Batch { unit, batch: batch.clone() }, seal)
        }
        (None, Some(from), Some(to)) => {
            let range = (utc(from)?, utc(to)?);
            for journal in stored.journals(Some(&args.agent))? {
                export_range(&journal, &keys, range, &mut folder).map_err(selected)?;
            }
            (Selection::Range { from: range.0, to: range.1 }, None)
        }
        (None, ..) => {
            let words = "name a batch, or a time range with --from and --to";
            return Err(ToolError::Usage(words.to_owned()));
        }
    };
    let made = Made {
        agent: args.agent,
        maker: Maker::ControlSite,
        program: concat!("control-site ", env!("CARGO_PKG_VERSION")).to_owned(),
        asked_by: args.asked_by,
        issued: crate::run::Clock::start().utc(),
        selection,
        seal,
    };
    let manifest = folder.finish(made, &key).map_err(ToolError::Export)?;
    let records: u64 = manifest.journals.iter().map(|journal| journal.records).sum();
    let files: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    println!(
        "{}",
        json!({ "ok": true, "records": records, "files": files, "sealed": seal.is_some() })
    );
    Ok(ExitCode::SUCCESS)
}

fn utc(time: Timestamp) -> Result<Utc, ToolError> {
    let ns = i64::try_from(time.as_nanosecond());
    ns.map(Utc).map_err(|_| ToolError::Usage(format!("{time} is too far from the present")))
}
