//! Which Master Files an agent holds, and what the Control Site has said of its site.

use crate::cbor::{DecodeError, Reader, Writer};
use crate::command::SiteStatus;
use crate::common::Hash;

/// A Master File that was accepted and is not superseded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedMasterFile {
    /// SHA-256 of its approved text.
    pub sha256: Hash,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u64,
    /// What it waits for before it judges in every unit.
    pub waits: Waits,
    /// The units in which it judges, ascending.
    pub units: Vec<String>,
}

/// What an accepted Master File waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waits {
    /// For nothing: it judges in every unit, or a newer one takes its place elsewhere.
    No,
    /// For its effective time.
    Effective,
    /// For the end of a batch, in each unit where one runs.
    Batch,
}

impl Waits {
    /// Number in a record (`record.cddl`, `saved-master-file`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::No => 0,
            Self::Effective => 1,
            Self::Batch => 2,
        }
    }

    /// The reverse of [`Self::code`].
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::No),
            1 => Some(Self::Effective),
            2 => Some(Self::Batch),
            _ => None,
        }
    }

    /// The word in details and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Effective => "effective",
            Self::Batch => "batch",
        }
    }

    /// The reverse of [`Self::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::No, Self::Effective, Self::Batch].into_iter().find(|one| one.word() == word)
    }
}

/// What the Control Site has said of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedSite {
    /// Its status.
    pub status: SiteStatus,
    /// Number of the last command that was obeyed; 0 for none.
    pub command: u64,
    /// SHA-256 of that command's payload; [`Hash::NONE`] for none.
    pub sha256: Hash,
}

pub(super) fn write_master_files(files: &[SavedMasterFile], writer: &mut Writer<'_>) {
    writer.array(files.len() as u64);
    for file in files {
        writer.array(5);
        writer.bytes(&file.sha256.0);
        writer.str(&file.id);
        writer.u64(file.version);
        writer.u64(u64::from(file.waits.code()));
        writer.array(file.units.len() as u64);
        for unit in &file.units {
            writer.str(unit);
        }
    }
}

pub(super) fn read_master_files(
    list: &mut Reader<'_>,
) -> Result<Vec<SavedMasterFile>, DecodeError> {
    let one = |list: &mut Reader<'_>| {
        list.array_of(5, "a saved Master File has five items")?;
        Ok(SavedMasterFile {
            sha256: Hash(list.fixed()?),
            id: list.string()?,
            version: list.u64()?,
            waits: list.code("what a Master File waits for", Waits::from_code)?,
            units: (0..list.array()?).map(|_| list.string()).collect::<Result<_, _>>()?,
        })
    };
    (0..list.array()?).map(|_| one(list)).collect()
}

pub(super) fn write_site(site: &SavedSite, writer: &mut Writer<'_>) {
    writer.array(3);
    writer.u64(u64::from(site.status.code()));
    writer.u64(site.command);
    writer.bytes(&site.sha256.0);
}

pub(super) fn read_site(reader: &mut Reader<'_>) -> Result<SavedSite, DecodeError> {
    reader.array_of(3, "what is saved of a site has three items")?;
    Ok(SavedSite {
        status: reader.code("site status", SiteStatus::from_code)?,
        command: reader.u64()?,
        sha256: Hash(reader.fixed()?),
    })
}
