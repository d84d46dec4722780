//! `control-site sign`: people's signatures on Master Files and rosters.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cellwatch_config::master_file;
use cellwatch_seal::{
    MASTER_FILE_CONTENT_TYPE, ROSTER_CONTENT_TYPE, Roster, Sealer, SealingKey, document, key_file,
};

use super::ToolError;
use super::files::{Readers, read, read_text, write_new};

/// Signs a Master File or a roster.
#[derive(Clone, Debug, clap::Args)]
pub struct SignArgs {
    /// What to sign.
    #[command(subcommand)]
    pub what: What,
}

/// What to sign.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// A Master File, by QA and QP.
    MasterFile(FileArgs),
    /// A roster, by root keys.
    Roster(FileArgs),
    /// Adds signatures to a file that others have signed already.
    Add(AddArgs),
}

/// A text to sign.
#[derive(Clone, Debug, clap::Args)]
pub struct FileArgs {
    /// The text (TOML); its exact bytes are signed.
    pub file: PathBuf,
    /// A signer's private key; may be given several times.
    #[arg(long = "key", required = true)]
    pub keys: Vec<PathBuf>,
    /// The signed file, which must not exist yet.
    #[arg(long)]
    pub out: PathBuf,
    /// Sign whatever the file says: only for testing that others refuse it.
    #[arg(long)]
    pub unchecked: bool,
}

/// A signed file to sign once more.
#[derive(Clone, Debug, clap::Args)]
pub struct AddArgs {
    /// The signed file.
    pub file: PathBuf,
    /// A signer's private key; may be given several times.
    #[arg(long = "key", required = true)]
    pub keys: Vec<PathBuf>,
    /// The file with all signatures, which must not exist yet.
    #[arg(long)]
    pub out: PathBuf,
}

/// Runs it: 1 if the text has problems, which are printed and leave it unsigned.
///
/// # Errors
/// A file or key cannot be read, or the signed file not be written.
pub fn run(args: SignArgs) -> Result<ExitCode, ToolError> {
    match args.what {
        What::MasterFile(args) => {
            let text = read(&args.file)?;
            if !args.unchecked {
                let name = args.file.display().to_string();
                if let Err(problems) = master_file::parse(&name, &text) {
                    eprintln!("{problems}");
                    eprintln!("{name}: not signed: {} problem(s)", problems.0.len());
                    return Ok(ExitCode::from(1));
                }
            }
            sign(&args, MASTER_FILE_CONTENT_TYPE, &text)?;
        }
        What::Roster(args) => {
            let text = read_text(&args.file)?;
            if !args.unchecked
                && let Err(cause) = Roster::from_toml(&text)
            {
                eprintln!("{}: {cause}", args.file.display());
                return Ok(ExitCode::from(1));
            }
            sign(&args, ROSTER_CONTENT_TYPE, text.as_bytes())?;
        }
        What::Add(args) => add(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn read_keys(paths: &[PathBuf]) -> Result<Vec<SealingKey>, ToolError> {
    paths.iter().map(|path| key_file::read(path).map_err(ToolError::from)).collect()
}

fn sign(args: &FileArgs, content_type: &str, text: &[u8]) -> Result<(), ToolError> {
    let keys = read_keys(&args.keys)?;
    let signers: Vec<&dyn Sealer> = keys.iter().map(|key| key as &dyn Sealer).collect();
    let signed = document::sign_new(content_type, text, &signers);
    write(&args.out, &signed, &keys)
}

fn add(args: &AddArgs) -> Result<(), ToolError> {
    let keys = read_keys(&args.keys)?;
    let signed = keys.iter().try_fold(read(&args.file)?, |signed, key| {
        document::add_signature(&signed, key)
            .map_err(|cause| ToolError::Document { path: args.file.clone(), cause })
    })?;
    write(&args.out, &signed, &keys)
}

fn write(out: &Path, signed: &[u8], keys: &[SealingKey]) -> Result<(), ToolError> {
    write_new(out, signed, Readers::Everybody)?;
    let ids: Vec<_> = keys.iter().map(|key| key.public().id().to_string()).collect();
    eprintln!("{}: signed by key {}", out.display(), ids.join(", "));
    Ok(())
}
