//! The manifest of an export: which files it has, what they were made of, by whom and when. Sealed by its maker.

use cellwatch_model::Utc;

use crate::cbor::{DecodeError, MapWriter, Reader, Writer};
use crate::common::{Hash, JournalId};

/// Most files or journals that a manifest names.
pub const MANIFEST_ENTRIES_MAX: u64 = 4096;

/// Who made an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// An agent, of its own journal; sealed by its key.
    Agent,
    /// The Control Site, of what it has stored; sealed by a receipt key.
    ControlSite,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A batch.
    Batch {
        /// The unit.
        unit: String,
        /// The batch.
        batch: String,
    },
    /// Every record whose wall time lies in a range.
    Range {
        /// From, included.
        from: Utc,
        /// To, excluded.
        to: Utc,
    },
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name in the folder.
    pub name: String,
    /// Its length, bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: Hash,
}

/// What an export holds of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedJournal {
    /// The journal.
    pub journal: JournalId,
    /// Lowest sequence number.
    pub first: u64,
    /// Highest sequence number.
    pub last: u64,
    /// How many records; fewer than from first to last where the selection leaves some out.
    pub records: u64,
    /// Hash of the payload of the last one: the head as far as this export goes.
    pub head: Hash,
}

/// The manifest of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportManifest {
    /// The agent whose records these are.
    pub agent: String,
    /// Who made it.
    pub maker: Maker,
    /// The program and its version.
    pub program: String,
    /// Who asked for it, as known to the machine.
    pub asked_by: String,
    /// When it was made.
    pub issued: Utc,
    /// What was asked for.
    pub selection: Selection,
    /// The files, ascending by name.
    pub files: Vec<ExportedFile>,
    /// The journals, in the order of the records.
    pub journals: Vec<ExportedJournal>,
    /// Sequence number of the batch's seal and the root that it names; none for a range, and for a batch without a seal.
    pub seal: Option<(u64, Hash)>,
}

impl ExportManifest {
    /// The payload of its seal (`record.cddl`, `export-manifest`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        let mut map = MapWriter::begin(&mut out);
        map.version();
        map.key(1).str(&self.agent);
        map.key(2).u64(match self.maker {
            Maker::Agent => 1,
            Maker::ControlSite => 2,
        });
        map.key(3).str(&self.program);
        map.key(4).str(&self.asked_by);
        map.key(5).i64(self.issued.0);
        write_selection(&self.selection, map.key(6));
        let mut writer = map.key(7);
        writer.array(self.files.len() as u64);
        for ExportedFile { name, bytes, sha256 } in &self.files {
            writer.array(3);
            writer.str(name);
            writer.u64(*bytes);
            writer.bytes(&sha256.0);
        }
        let mut writer = map.key(8);
        writer.array(self.journals.len() as u64);
        for ExportedJournal { journal, first, last, records, head } in &self.journals {
            writer.array(5);
            writer.bytes(&journal.0);
            [first, last, records].into_iter().for_each(|number| writer.u64(*number));
            writer.bytes(&head.0);
        }
        if let Some((seq, root)) = &self.seal {
            let mut writer = map.key(9);
            writer.array(2);
            writer.u64(*seq);
            writer.bytes(&root.0);
        }
        map.end();
        out
    }

    /// The manifest that a payload holds.
    ///
    /// # Errors
    /// Not a manifest of this version.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(payload);
        let mut map = reader.map("export-manifest")?;
        map.version("manifest version")?;
        let agent = map.required(1)?.string()?;
        let maker = map.required(2)?.code("maker", |code| match code {
            1 => Some(Maker::Agent),
            2 => Some(Maker::ControlSite),
            _ => None,
        })?;
        let program = map.required(3)?.string()?;
        let asked_by = map.required(4)?.string()?;
        let issued = Utc(map.required(5)?.i64()?);
        let selection = read_selection(map.required(6)?)?;
        let list = map.required(7)?;
        let files = (0..entries(list)?).map(|_| read_file(list)).collect::<Result<_, _>>()?;
        let list = map.required(8)?;
        let journals = (0..entries(list)?).map(|_| read_journal(list)).collect::<Result<_, _>>()?;
        let seal = map.optional(9)?.map(read_seal).transpose()?;
        map.end()?;
        reader.end(payload.len())?;
        let manifest =
            Self { agent, maker, program, asked_by, issued, selection, files, journals, seal };
        if manifest.encode() == payload { Ok(manifest) } else { Err(DecodeError::NotDeterministic) }
    }
}

fn entries(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let entries = reader.array()?;
    if entries > MANIFEST_ENTRIES_MAX {
        return Err(DecodeError::Inconsistent("a manifest names at most 4096 files or journals"));
    }
    Ok(entries)
}

fn write_selection(selection: &Selection, mut writer: Writer<'_>) {
    writer.array(3);
    match selection {
        Selection::Batch { unit, batch } => {
            writer.u64(1);
            writer.str(unit);
            writer.str(batch);
        }
        Selection::Range { from, to } => {
            writer.u64(2);
            writer.i64(from.0);
            writer.i64(to.0);
        }
    }
}

fn read_selection(reader: &mut Reader<'_>) -> Result<Selection, DecodeError> {
    reader.array_of(3, "a selection has three items")?;
    match reader.u64()? {
        1 => Ok(Selection::Batch { unit: reader.string()?, batch: reader.string()? }),
        2 => Ok(Selection::Range { from: Utc(reader.i64()?), to: Utc(reader.i64()?) }),
        code => Err(DecodeError::UnknownCode { what: "selection", code }),
    }
}

fn read_file(reader: &mut Reader<'_>) -> Result<ExportedFile, DecodeError> {
    reader.array_of(3, "a file has three items")?;
    let (name, bytes) = (reader.string()?, reader.u64()?);
    Ok(ExportedFile { name, bytes, sha256: Hash(reader.fixed()?) })
}

fn read_journal(reader: &mut Reader<'_>) -> Result<ExportedJournal, DecodeError> {
    reader.array_of(5, "a journal has five items")?;
    let journal = JournalId(reader.fixed()?);
    let (first, last, records) = (reader.u64()?, reader.u64()?, reader.u64()?);
    Ok(ExportedJournal { journal, first, last, records, head: Hash(reader.fixed()?) })
}

fn read_seal(reader: &mut Reader<'_>) -> Result<(u64, Hash), DecodeError> {
    reader.array_of(2, "a seal has two items")?;
    Ok((reader.u64()?, Hash(reader.fixed()?)))
}
