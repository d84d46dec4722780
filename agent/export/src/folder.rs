//! Writes an export: a folder of files and, last, the manifest that names them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use cellwatch_model::Utc;
use cellwatch_record::{
    ExportManifest, ExportedFile, ExportedJournal, Hash, Maker, Record, Selection,
};
use cellwatch_seal::{Sealer, seal};
use sha2::{Digest, Sha256};

use crate::csv::{Cell, write_line};
use crate::json::{record_to_json, time};
use crate::tables::{COMMON, Names, TABLES, lines};
use crate::{ExportError, MANIFEST_CONTENT_TYPE, MANIFEST_NAME, RECORDS_NAME};

/// Name of the file of JSON lines.
const LINES_NAME: &str = "records.jsonl";

/// Why a record is in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It was selected.
    Selected,
    /// It says what the selected ones mean: names of parameters, the Master File in force.
    Context,
    /// It came after the seal of the selected batch, and is about it.
    Later,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::Context => "context",
            Self::Later => "later",
        }
    }
}

/// Who made an export, when, of what.
#[derive(Clone, Debug)]
pub struct Made {
    /// The agent whose records these are.
    pub agent: String,
    /// Who seals it.
    pub maker: Maker,
    /// The program and its version.
    pub program: String,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub issued: Utc,
    /// What was asked for.
    pub selection: Selection,
    /// Sequence number of the batch's seal, and the root that it names.
    pub seal: Option<(u64, Hash)>,
}

/// A file whose content is hashed as it is written.
#[derive(Debug)]
struct Hashed {
    name: String,
    path: PathBuf,
    out: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    fn create(folder: &Path, name: &str) -> Result<Self, ExportError> {
        let path = folder.join(name);
        let file = File::create_new(&path).map_err(ExportError::io(&path))?;
        let (out, hasher) = (BufWriter::new(file), Sha256::new());
        Ok(Self { name: name.to_owned(), path, out, hasher, bytes: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.write_all(bytes).map_err(ExportError::io(&self.path))
    }

    fn finish(mut self) -> Result<ExportedFile, ExportError> {
        let ended = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        ended.map_err(ExportError::io(&self.path))?;
        let sha256 = Hash(self.hasher.finalize().into());
        Ok(ExportedFile { name: self.name, bytes: self.bytes, sha256 })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An export that is being written.
#[derive(Debug)]
pub struct ExportFolder {
    folder: PathBuf,
    records: Hashed,
    lines: Hashed,
    tables: Vec<Hashed>,
    names: Names,
    journals: Vec<ExportedJournal>,
}

impl ExportFolder {
    /// Begins an export in a new or empty folder.
    ///
    /// # Errors
    /// It cannot be made, or something is in it.
    pub fn create(folder: &Path) -> Result<Self, ExportError> {
        fs::create_dir_all(folder).map_err(ExportError::io(folder))?;
        if fs::read_dir(folder).map_err(ExportError::io(folder))?.next().is_some() {
            return Err(ExportError::Exists { path: folder.to_owned() });
        }
        let mut tables = Vec::with_capacity(TABLES.len());
        for (name, columns) in TABLES {
            let mut table = Hashed::create(folder, name)?;
            let header = COMMON.iter().chain(columns).map(Cell::plain);
            write_line(&mut table, &header.collect::<Vec<_>>())
                .map_err(ExportError::io(folder.join(name)))?;
            tables.push(table);
        }
        Ok(Self {
            records: Hashed::create(folder, RECORDS_NAME)?,
            lines: Hashed::create(folder, LINES_NAME)?,
            folder: folder.to_owned(),
            tables,
            names: Names::default(),
            journals: Vec::new(),
        })
    }

    /// Adds the next record, in the order of the journal.
    ///
    /// # Errors
    /// The disk.
    pub fn take(
        &mut self,
        part: Part,
        sealed: &[u8],
        record: &Record,
        payload_hash: Hash,
    ) -> Result<(), ExportError> {
        self.names.learn(record);
        self.records.put(sealed)?;
        let mut line = record_to_json(record);
        line["part"] = part.word().into();
        line["payload_sha256"] = payload_hash.to_string().into();
        self.lines.put(format!("{line}\n").as_bytes())?;
        let common = common_cells(part, record, payload_hash);
        let (tables, mut failed) = (&mut self.tables, None);
        lines(record, &self.names, |table, cells| {
            let all: Vec<Cell> = common.iter().cloned().chain(cells).collect();
            let table = &mut tables[table];
            if let Err(cause) = write_line(table, &all) {
                failed = Some(ExportError::Io { path: table.path.clone(), cause });
            }
        });
        self.count(record, payload_hash);
        failed.map_or(Ok(()), Err)
    }

    fn count(&mut self, record: &Record, head: Hash) {
        let identity = &record.common.identity;
        let (journal, seq) = (identity.journal, identity.seq);
        match self.journals.last_mut().filter(|last| last.journal == journal) {
            Some(last) => {
                (last.last, last.head) = (seq, head);
                last.records += 1;
            }
            None => {
                let one = ExportedJournal { journal, first: seq, last: seq, records: 1, head };
                self.journals.push(one);
            }
        }
    }

    /// Ends the export with its manifest, sealed by `sealer`.
    ///
    /// # Errors
    /// The disk, or nothing was added.
    pub fn finish(self, made: Made, sealer: &dyn Sealer) -> Result<ExportManifest, ExportError> {
        if self.journals.is_empty() {
            return Err(ExportError::Empty);
        }
        let mut files = vec![self.records.finish()?, self.lines.finish()?];
        for table in self.tables {
            files.push(table.finish()?);
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let Made { agent, maker, program, asked_by, issued, selection, seal: of_batch } = made;
        let manifest = ExportManifest {
            agent,
            maker,
            program,
            asked_by,
            issued,
            selection,
            files,
            journals: self.journals,
            seal: of_batch,
        };
        let sealed = seal(sealer, MANIFEST_CONTENT_TYPE, &manifest.encode());
        let path = self.folder.join(MANIFEST_NAME);
        let mut file = File::create_new(&path).map_err(ExportError::io(&path))?;
        let written = file.write_all(&sealed).and_then(|()| file.sync_all());
        written.map_err(ExportError::io(&path))?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.map_err(ExportError::io(&self.folder))?;
        Ok(manifest)
    }
}

fn common_cells(part: Part, record: &Record, payload_hash: Hash) -> Vec<Cell> {
    let common = &record.common;
    vec![
        Cell::plain(part.word()),
        Cell::text(&common.identity.agent),
        Cell::plain(common.identity.journal),
        Cell::plain(common.identity.seq),
        Cell::plain(time(common.utc)),
        Cell::plain(common.boot),
        Cell::plain(common.clock.sync),
        Cell::plain(common.clock.error_bound_us),
        Cell::plain(common.clock.offset_us),
        Cell::plain(common.master_file),
        Cell::maybe_text(common.unit.as_deref()),
        Cell::maybe_text(common.batch.as_deref()),
        Cell::maybe_text(common.phase.as_deref()),
        Cell::plain(payload_hash),
    ]
}
