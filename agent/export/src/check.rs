//! Takes an export back: manifest, files, records, batch.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use cellwatch_record::{
    ExportManifest, ExportedFile, ExportedJournal, Hash, Maker, Selection, sha256,
};
use cellwatch_seal::open;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sequence::Sequence;
use crate::{
    BatchProof, BatchVerdict, Coverage, ExportError, MANIFEST_CONTENT_TYPE, MANIFEST_NAME,
    RECORDS_NAME, Trust, sealed_batch,
};

/// Longest manifest that is read, bytes.
const MANIFEST_BYTES_MAX: u64 = 16 << 20;
/// Most problems that are named.
const PROBLEMS_MAX: usize = 64;

/// What an export is.
#[derive(Clone, Debug)]
pub struct ExportVerdict {
    /// The manifest, if it is believed.
    pub manifest: Option<ExportManifest>,
    /// Records that were verified.
    pub records: u64,
    /// Of an exported batch with a seal: whether it is whole.
    pub batch: Option<BatchVerdict>,
    /// What is wrong, in words; empty where all is as it was exported.
    pub problems: Vec<String>,
}

/// Verifies the export in `folder`: the manifest's seal, every file that it names, every record's seal, and the
/// batch's root. Nothing else may be in the folder.
///
/// # Errors
/// The folder cannot be read.
pub fn check(folder: &Path, trust: &Trust) -> Result<ExportVerdict, ExportError> {
    let mut verdict =
        ExportVerdict { manifest: None, records: 0, batch: None, problems: Vec::new() };
    let trust = &trust.followed(&folder.join(RECORDS_NAME));
    let manifest = match manifest(folder, trust)? {
        Ok(manifest) => manifest,
        Err(problem) => {
            verdict.say(format!("{MANIFEST_NAME}: {problem}"));
            return Ok(verdict);
        }
    };
    verdict.files(folder, &manifest)?;
    verdict.records(folder, &manifest, trust)?;
    verdict.manifest = Some(manifest);
    Ok(verdict)
}

fn manifest(folder: &Path, trust: &Trust) -> Result<Result<ExportManifest, String>, ExportError> {
    let path = folder.join(MANIFEST_NAME);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
            return Ok(Err("is not there: the export was not finished, or is none".to_owned()));
        }
        Err(cause) => return Err(ExportError::Io { path, cause }),
    };
    let mut sealed = Vec::new();
    file.take(MANIFEST_BYTES_MAX).read_to_end(&mut sealed).map_err(ExportError::io(&path))?;
    Ok(believed(&sealed, trust))
}

fn believed(sealed: &[u8], trust: &Trust) -> Result<ExportManifest, String> {
    let opened = open(sealed).map_err(|error| error.to_string())?;
    let claimed = ExportManifest::decode(opened.untrusted_payload());
    let claimed = claimed.map_err(|error| error.to_string())?;
    let id = opened.key_id();
    let (key, whose) = match claimed.maker {
        Maker::Agent => (trust.agent_key(&claimed.agent, &id), "the agent's"),
        Maker::ControlSite => (trust.receipt_key(&id), "a receipt key of the roster"),
    };
    let key = key.ok_or_else(|| format!("is sealed by key {id}, which is not known as {whose}"))?;
    opened.verify(MANIFEST_CONTENT_TYPE, key).map_err(|error| error.to_string())?;
    Ok(claimed)
}

impl ExportVerdict {
    /// True where all is as it was exported, and an exported batch is whole.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.batch.as_ref().is_none_or(BatchVerdict::is_whole)
    }

    fn say(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    fn files(&mut self, folder: &Path, manifest: &ExportManifest) -> Result<(), ExportError> {
        let mut expected: BTreeSet<String> = BTreeSet::from([MANIFEST_NAME.to_owned()]);
        for ExportedFile { name, bytes, sha256 } in &manifest.files {
            expected.insert(name.clone());
            // A name is one of ours: nothing outside of the folder is ever read.
            if name.contains(['/', '\\']) || name.starts_with('.') {
                self.say(format!("the manifest names {name}, which is no file of an export"));
                continue;
            }
            match hashed(&folder.join(name)) {
                Err(cause) => self.say(format!("{name}: {cause}")),
                Ok((length, _)) if length != *bytes => {
                    self.say(format!("{name}: has {length} bytes, the manifest says {bytes}"));
                }
                Ok((_, hash)) if hash != *sha256 => {
                    self.say(format!(
                        "{name}: was changed after the export: its SHA-256 is {hash}"
                    ));
                }
                Ok(_) => {}
            }
        }
        for entry in fs::read_dir(folder).map_err(ExportError::io(folder))? {
            let name = entry.map_err(ExportError::io(folder))?.file_name();
            let name = name.to_string_lossy().into_owned();
            if !expected.contains(&name) {
                self.say(format!("{name}: is not of this export"));
            }
        }
        Ok(())
    }

    fn records(
        &mut self,
        folder: &Path,
        manifest: &ExportManifest,
        trust: &Trust,
    ) -> Result<(), ExportError> {
        let path = folder.join(RECORDS_NAME);
        let Ok(file) = File::open(&path) else { return Ok(()) };
        let mut sequence = Sequence::new(file);
        let (mut journals, mut seal) = (Vec::<ExportedJournal>::new(), None);
        loop {
            let sealed = match sequence.next() {
                Ok(Some(sealed)) => sealed,
                Ok(None) => break,
                Err(cause) => {
                    self.say(format!("{RECORDS_NAME}: {cause}"));
                    break;
                }
            };
            let (record, hash) = match trust.record(sealed) {
                Ok(record) => record,
                Err(problem) => {
                    let after = journals.last().map_or(0, |journal| journal.last);
                    self.say(format!("{RECORDS_NAME}: the record after seq {after}: {problem}"));
                    continue;
                }
            };
            self.records += 1;
            let (journal, seq) = (record.common.identity.journal, record.common.identity.seq);
            match journals.last_mut().filter(|last| last.journal == journal) {
                Some(last) if last.last >= seq => {
                    let text = format!("{RECORDS_NAME}: seq {seq} stands after {}", last.last);
                    self.say(text);
                }
                Some(last) => {
                    (last.last, last.head) = (seq, hash);
                    last.records += 1;
                }
                None => journals.push(ExportedJournal {
                    journal,
                    first: seq,
                    last: seq,
                    records: 1,
                    head: hash,
                }),
            }
            if let (Selection::Batch { batch, .. }, Some((of, _))) =
                (&manifest.selection, sealed_batch(&record))
                && batch == of
            {
                seal = Some(sealed.to_vec());
            }
        }
        if journals != manifest.journals {
            self.say(format!("{RECORDS_NAME}: not the records that the manifest names"));
        }
        self.batch(&path, manifest, trust, seal)
    }

    fn batch(
        &mut self,
        path: &Path,
        manifest: &ExportManifest,
        trust: &Trust,
        seal: Option<Vec<u8>>,
    ) -> Result<(), ExportError> {
        let Some(seal) = seal else {
            if manifest.seal.is_some() {
                self.say(format!("{RECORDS_NAME}: the batch's seal is not there"));
            }
            return Ok(());
        };
        let mut proof = match BatchProof::new(trust, Coverage::Selected, &seal) {
            Ok(proof) => proof,
            Err(problem) => {
                self.say(problem);
                return Ok(());
            }
        };
        let (first, last) = proof.range();
        let file = File::open(path).map_err(ExportError::io(path))?;
        let mut sequence = Sequence::new(file);
        while let Ok(Some(sealed)) = sequence.next() {
            let seq = trust.record(sealed).map(|(record, _)| record.common.identity.seq);
            if seq.is_ok_and(|seq| (first..=last).contains(&seq)) {
                proof.take(sealed);
            }
        }
        let verdict = proof.finish();
        if manifest.seal != Some((verdict.seal_seq, verdict.seal.root)) {
            self.say("the manifest names another seal than the records".to_owned());
        }
        self.batch = Some(verdict);
        Ok(())
    }

    /// The same for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let manifest = self.manifest.as_ref().map(|manifest| {
            json!({
                "agent": manifest.agent,
                "maker": match manifest.maker {
                    Maker::Agent => "agent",
                    Maker::ControlSite => "control-site",
                },
                "program": manifest.program,
                "asked_by": manifest.asked_by,
                "issued": crate::json::time(manifest.issued),
                "files": manifest.files.len(),
                "sha256": sha256(&manifest.encode()).to_string(),
            })
        });
        json!({
            "ok": self.is_good(),
            "manifest": manifest,
            "records": self.records,
            "batch": self.batch.as_ref().map(BatchVerdict::to_json),
            "problems": self.problems,
        })
    }

    /// The same for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let batch = self.batch.as_ref().map(|batch| format!("\n{}", batch.to_text()));
        let batch = batch.unwrap_or_default();
        match &self.manifest {
            Some(manifest) if self.problems.is_empty() => format!(
                "OK: {} records and {} files are as {} exported them on {}{batch}",
                self.records,
                manifest.files.len(),
                manifest.program,
                crate::json::time(manifest.issued)
            ),
            Some(_) | None => format!("BAD: {}{batch}", self.problems.join("\n  ")),
        }
    }
}

fn hashed(path: &Path) -> io::Result<(u64, Hash)> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let (mut length, mut chunk) = (0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok((length, Hash(hasher.finalize().into())));
        }
        hasher.update(&chunk[..read]);
        length += read as u64;
    }
}
