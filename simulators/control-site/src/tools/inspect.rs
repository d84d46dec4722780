//! `control-site inspect`: what stands in sealed and signed files, and whether it verifies.
//!
//! A file holds one sealed or signed item, several one after the other (a CBOR sequence, RFC 8742),
//! or bundles of sealed records. Each item gives one line of JSON.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cellwatch_export::Trust as Keys;
use cellwatch_record::{
    AlarmSummary, COMMAND_CONTENT_TYPE, COMPLETENESS_CONTENT_TYPE, Command, CompletenessReceipt,
    RECEIPT_CONTENT_TYPE, RECORD_CONTENT_TYPE, Receipt, SUMMARY_CONTENT_TYPE, bundle, decode,
    sha256,
};
use cellwatch_seal::{
    Approval, MASTER_FILE_CONTENT_TYPE, PublicKey, ROSTER_CONTENT_TYPE, Roster, Sealed, document,
    key_file, open, verify_master_file,
};
use minicbor::Decoder;
use minicbor::data::Type;
use serde_json::{Map, Value, json};

use super::ToolError;
use super::files::read;
use super::record_json::{
    command_to_json, completeness_to_json, receipt_to_json, record_to_json, summary_to_json,
};
use super::stored::Stored;

/// Shows what stands in sealed and signed files, one line of JSON for each item.
#[derive(Clone, Debug, clap::Args)]
pub struct InspectArgs {
    /// Files of sealed records, receipts, summaries, bundles, signed Master Files or rosters.
    #[arg(required_unless_present_any = ["database", "export"])]
    pub files: Vec<PathBuf>,
    /// The database of a Control Site: with --batch whether that batch is whole, else everything that was found wrong.
    #[arg(long, conflicts_with = "files")]
    pub database: Option<PathBuf>,
    /// Prove that this batch is whole in the database: every record as it was sealed.
    #[arg(long, value_name = "ID", requires = "database", requires = "roster")]
    pub batch: Option<String>,
    /// Only of this agent.
    #[arg(long, requires = "batch")]
    pub agent: Option<String>,
    /// Verify the export in this folder.
    #[arg(long, value_name = "DIR", requires = "roster", conflicts_with_all = ["files", "database"])]
    pub export: Option<PathBuf>,
    /// Verify by this signed roster.
    #[arg(long, requires = "root")]
    pub roster: Option<PathBuf>,
    /// The root's public key, by which the roster is believed.
    #[arg(long)]
    pub root: Option<PathBuf>,
}

/// Whom to believe.
pub(super) struct Trust {
    pub(super) root: Option<PublicKey>,
    pub(super) roster: Option<Roster>,
}

/// Runs it: 1 if something does not decode, or does not verify where it was to be verified.
///
/// # Errors
/// A file cannot be read, or the roster is not to be believed.
pub fn run(args: InspectArgs) -> Result<ExitCode, ToolError> {
    let root = args.root.as_deref().map(key_file::read_public).transpose()?;
    let roster = match (&args.roster, root) {
        (Some(path), Some(root)) => {
            let roster = Roster::open(&read(path)?, &[root], None)
                .map_err(|cause| ToolError::Roster { path: path.clone(), cause })?;
            Some(roster.into_inner())
        }
        (Some(_), None) | (None, _) => None,
    };
    let trust = Trust { root, roster };
    let mut out = std::io::stdout().lock();
    let mut all_good = true;
    for (good, line) in lines(&args, &trust)? {
        all_good &= good;
        writeln!(out, "{line}")
            .map_err(|cause| ToolError::Write { path: PathBuf::from("standard output"), cause })?;
    }
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn lines(args: &InspectArgs, trust: &Trust) -> Result<Vec<(bool, Value)>, ToolError> {
    let keys = Keys { agent_keys: Vec::new(), roster: trust.roster.clone() };
    if let Some(folder) = &args.export {
        let verdict = cellwatch_export::check(folder, &keys).map_err(ToolError::Export)?;
        return Ok(vec![(verdict.is_good(), verdict.to_json())]);
    }
    if let Some(database) = &args.database {
        let stored = Stored::open(database)?;
        return match &args.batch {
            Some(batch) => stored.prove(args.agent.as_deref(), batch, &keys),
            None => stored.findings(),
        };
    }
    let mut lines = Vec::new();
    for path in &args.files {
        lines.extend(inspect(path, &read(path)?, trust));
    }
    Ok(lines)
}

/// For each item of a file whether it is good, and its line.
pub(super) fn inspect(path: &Path, bytes: &[u8], trust: &Trust) -> Vec<(bool, Value)> {
    items(bytes, trust).into_iter().map(|item| (item.good, item.into_line(path))).collect()
}

/// What is said of one item.
struct Item {
    said: Map<String, Value>,
    good: bool,
}

impl Item {
    fn new(bytes: &[u8]) -> Self {
        Self { said: Map::from_iter([("bytes".to_owned(), json!(bytes.len()))]), good: true }
    }

    fn say(&mut self, name: &str, value: impl Into<Value>) {
        self.said.insert(name.to_owned(), value.into());
    }

    fn wrong(&mut self, name: &str, problem: &impl ToString) {
        self.say(name, problem.to_string());
        self.good = false;
    }

    fn into_line(mut self, path: &Path) -> Value {
        self.say("file", path.display().to_string());
        Value::Object(self.said)
    }
}

/// The items of a file, to the first bytes that are none.
fn items(bytes: &[u8], trust: &Trust) -> Vec<Item> {
    let mut decoder = Decoder::new(bytes);
    let mut items = Vec::new();
    loop {
        let begin = decoder.position();
        if begin == bytes.len() && begin > 0 {
            return items;
        }
        let sealed = matches!(decoder.datatype(), Ok(Type::Tag | Type::Array));
        if !sealed || decoder.skip().is_err() {
            let mut item = Item::new(&bytes[begin..]);
            item.wrong("error", &format!("at byte {begin} stands no sealed item, or half of one"));
            items.push(item);
            return items;
        }
        one(&bytes[begin..decoder.position()], trust, &mut items);
    }
}

fn one(bytes: &[u8], trust: &Trust, items: &mut Vec<Item>) {
    let mut decoder = Decoder::new(bytes);
    if matches!(decoder.datatype(), Ok(Type::Array)) {
        match bundle::decode(bytes) {
            Ok(sealed) => items.extend(sealed.into_iter().map(|one| seal(one, trust))),
            Err(error) => {
                let mut item = Item::new(bytes);
                item.wrong("error", &format!("not a bundle of sealed records: {error}"));
                items.push(item);
            }
        }
    } else if decoder.tag().is_ok_and(|tag| tag.as_u64() == 98) {
        items.push(signed(bytes, trust));
    } else {
        items.push(seal(bytes, trust));
    }
}

fn seal(bytes: &[u8], trust: &Trust) -> Item {
    let mut item = Item::new(bytes);
    let sealed = match open(bytes) {
        Ok(sealed) => sealed,
        Err(error) => {
            item.wrong("error", &error);
            return item;
        }
    };
    item.say("content_type", sealed.content_type());
    item.say("key_id", sealed.key_id().to_string());
    item.say("payload_sha256", sha256(sealed.untrusted_payload()).to_string());
    let payload = sealed.untrusted_payload();
    let decoded = match sealed.content_type() {
        RECORD_CONTENT_TYPE => decode(payload)
            .map(|record| (record.common.identity.agent.clone(), record_to_json(&record)))
            .map(|(agent, said)| (Sealer::Agent(agent), "record", said)),
        SUMMARY_CONTENT_TYPE => AlarmSummary::decode(payload)
            .map(|one| (Sealer::Agent(one.agent.clone()), "alarms", summary_to_json(&one))),
        RECEIPT_CONTENT_TYPE => Receipt::decode(payload)
            .map(|one| (Sealer::ControlSite, "receipt", receipt_to_json(&one))),
        COMPLETENESS_CONTENT_TYPE => CompletenessReceipt::decode(payload)
            .map(|one| (Sealer::ControlSite, "completeness", completeness_to_json(&one))),
        COMMAND_CONTENT_TYPE => {
            Command::decode(payload).map(|one| (Sealer::Commands, "command", command_to_json(&one)))
        }
        other => {
            item.wrong("error", &format!("nothing is known of content type \"{other}\""));
            return item;
        }
    };
    match decoded {
        Ok((sealer, name, said)) => {
            item.say(name, said);
            verify(&mut item, &sealed, &sealer, trust);
        }
        Err(error) => item.wrong("error", &error),
    }
    item
}

/// Who must have sealed it.
enum Sealer {
    Agent(String),
    ControlSite,
    Commands,
}

fn verify(item: &mut Item, sealed: &Sealed<'_>, sealer: &Sealer, trust: &Trust) {
    let Some(roster) = &trust.roster else {
        return item.say("seal", "not checked: no roster was given");
    };
    let key_id = sealed.key_id();
    let key = match sealer {
        Sealer::Agent(agent) => roster.agent_key(agent, &key_id),
        Sealer::ControlSite => roster.receipt_key(&key_id),
        Sealer::Commands => roster.command_key(&key_id),
    };
    let verified = match key {
        Some(key) => sealed.verify(sealed.content_type(), key).map_err(|error| error.to_string()),
        None => Err(match sealer {
            Sealer::Agent(agent) => {
                format!("the roster knows no key {key_id} of agent \"{agent}\"")
            }
            Sealer::ControlSite => format!("the roster knows no receipt key {key_id}"),
            Sealer::Commands => format!("the roster knows no command key {key_id}"),
        }),
    };
    match verified {
        Ok(_) => item.say("seal", "verified"),
        Err(problem) => item.wrong("seal", &problem),
    }
}

fn signed(bytes: &[u8], trust: &Trust) -> Item {
    let mut item = Item::new(bytes);
    let (content_type, payload) = match document::untrusted_payload(bytes) {
        Ok(document) => document,
        Err(error) => {
            item.wrong("error", &error);
            return item;
        }
    };
    item.say("content_type", content_type.as_str());
    item.say("payload_sha256", sha256(&payload).to_string());
    item.say("text", String::from_utf8_lossy(&payload));
    let verified: Option<Result<Value, String>> =
        match (content_type.as_str(), &trust.roster, trust.root) {
            (MASTER_FILE_CONTENT_TYPE, Some(roster), _) => Some(
                verify_master_file(bytes, roster, None).map_err(|error| error.to_string()).map(
                    |approved| approved.get().approvals.iter().map(approval_to_json).collect(),
                ),
            ),
            (ROSTER_CONTENT_TYPE, _, Some(root)) => {
                Some(Roster::open(bytes, &[root], None).map_err(|error| error.to_string()).map(
                    |roster| {
                        let signers = roster.signers().iter();
                        signers
                            .map(|key| json!({ "role": "root", "key_id": key.to_string() }))
                            .collect()
                    },
                ))
            }
            (MASTER_FILE_CONTENT_TYPE | ROSTER_CONTENT_TYPE, _, _) => None,
            (other, _, _) => Some(Err(format!("nothing is known of content type \"{other}\""))),
        };
    match verified {
        Some(Ok(by)) => {
            item.say("signatures", "verified");
            item.say("signed_by", by);
        }
        Some(Err(problem)) => item.wrong("signatures", &problem),
        None => item.say("signatures", "not checked: no roster or root was given"),
    }
    item
}

fn approval_to_json(approval: &Approval) -> Value {
    let Approval { name, role, key_id } = approval;
    json!({ "name": name, "role": role.to_string(), "key_id": key_id.to_string() })
}
