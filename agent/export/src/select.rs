//! Finds, proves and exports a batch or a time range, over whatever holds the records of a journal in their order.

use std::collections::BTreeMap;
use std::fmt;

use cellwatch_model::Utc;
use cellwatch_record::{
    Batch, BatchChange, Body, COMPLETENESS_CONTENT_TYPE, CompletenessReceipt, Datum, Event,
    EventKind, Kind, Record, peek_identity,
};
use serde_json::{Value, json};

use crate::json::completeness_to_json;
use crate::{
    BatchProof, BatchVerdict, Coverage, ExportError, ExportFolder, Part, Trust, sealed_batch,
};

/// Holds the sealed records of one journal.
pub trait Source {
    /// Why it could not be read.
    type Error;

    /// Gives the sealed records from `first` to `last` in their order to `each`, until it says false. What is not there
    /// is left out.
    ///
    /// # Errors
    /// It cannot be read.
    fn each(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), Self::Error>;
}

/// Why a selection failed.
#[derive(Debug)]
pub enum SelectError<E> {
    /// The source.
    Source(E),
    /// A record is not believed; nothing is exported that could not be verified.
    Record(String),
    /// The export.
    Export(ExportError),
}

impl<E: fmt::Display> fmt::Display for SelectError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Record(problem) => write!(f, "{problem}: verify the journal"),
            Self::Export(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for SelectError<E> {}

/// What a journal says of a batch.
#[derive(Clone, Debug, Default)]
pub struct FoundBatch {
    /// The unit.
    pub unit: String,
    /// Sequence number of the first record that speaks of it.
    pub first: u64,
    /// The sealed record that seals it.
    pub seal: Option<Vec<u8>>,
    /// The sealed completeness receipt that the agent has recorded.
    pub receipt: Option<Vec<u8>>,
}

/// Looks for a batch. None where the journal has no record of it.
///
/// # Errors
/// The source.
pub fn find_batch<S: Source>(
    source: &S,
    trust: &Trust,
    batch: &str,
) -> Result<Option<FoundBatch>, S::Error> {
    let mut found: Option<FoundBatch> = None;
    source.each(1, u64::MAX, &mut |sealed| {
        if matches!(kind_of(sealed), Some(Kind::Batch | Kind::Event))
            && let Ok((record, _)) = trust.record(sealed)
        {
            look(&record, sealed, batch, &mut found);
        }
        true
    })?;
    Ok(found)
}

fn look(record: &Record, sealed: &[u8], batch: &str, found: &mut Option<FoundBatch>) {
    match &record.body {
        Body::Batch(change) if change.batch == batch => {
            let unit = record.common.unit.clone().unwrap_or_default();
            let first = record.common.identity.seq;
            let one = found.get_or_insert_with(|| FoundBatch { unit, first, ..Default::default() });
            if let Batch { change: BatchChange::Sealed, seal: Some(seal), .. } = change {
                one.first = seal.first;
                one.seal = Some(sealed.to_vec());
            }
        }
        Body::Event(Event { kind: EventKind::BatchComplete, details, .. })
            if record.common.batch.as_deref() == Some(batch) =>
        {
            if let (Some(one), Some(Datum::Bytes(receipt))) = (found, details.get("receipt")) {
                one.receipt = Some(receipt.clone());
            }
        }
        Body::Telemetry(_)
        | Body::Alarm(_)
        | Body::Deviation(_)
        | Body::Action(_)
        | Body::Result(_)
        | Body::Batch(_)
        | Body::Event(_)
        | Body::State(_)
        | Body::Health(_) => {}
    }
}

fn kind_of(sealed: &[u8]) -> Option<Kind> {
    let opened = cellwatch_seal::open(sealed).ok()?;
    peek_identity(opened.untrusted_payload()).ok().map(|(.., kind)| kind)
}

/// Sets every record of a batch beside its seal.
///
/// # Errors
/// The source, or the seal is not believed.
pub fn prove_batch<S: Source>(
    source: &S,
    trust: &Trust,
    seal: &[u8],
) -> Result<BatchVerdict, SelectError<S::Error>> {
    let mut proof = BatchProof::new(trust, Coverage::Whole, seal).map_err(SelectError::Record)?;
    let (first, last) = proof.range();
    let taken = source.each(first, last, &mut |sealed| {
        proof.take(sealed);
        true
    });
    taken.map_err(SelectError::Source)?;
    Ok(proof.finish())
}

impl FoundBatch {
    /// What the Control Site's receipt says, and whether a rostered key sealed it: of this very seal.
    #[must_use]
    pub fn completeness(&self, trust: &Trust, verdict: &BatchVerdict) -> Value {
        let Some(sealed) = &self.receipt else { return Value::Null };
        let opened = match cellwatch_seal::open(sealed) {
            Ok(opened) => opened,
            Err(error) => return json!({ "seal": error.to_string() }),
        };
        let receipt = match CompletenessReceipt::decode(opened.untrusted_payload()) {
            Ok(receipt) => receipt,
            Err(error) => return json!({ "seal": error.to_string() }),
        };
        let of_it = receipt.seal_hash == verdict.seal_hash && receipt.root == verdict.seal.root;
        let seal = match (&trust.roster, trust.receipt_key(&opened.key_id())) {
            (None, _) => "not checked: no roster was given".to_owned(),
            (Some(_), None) => format!("key {} is no receipt key of the roster", opened.key_id()),
            (Some(_), Some(key)) => match opened.verify(COMPLETENESS_CONTENT_TYPE, key) {
                Ok(_) if of_it => "verified".to_owned(),
                Ok(_) => "verified, and of another seal than this one".to_owned(),
                Err(error) => error.to_string(),
            },
        };
        let mut said = completeness_to_json(&receipt);
        said["seal"] = seal.into();
        said
    }
}

/// Records that say what later ones mean: the last of each kind and unit before a selection.
#[derive(Default)]
struct ContextRecords(BTreeMap<(EventKind, Option<String>), (u64, Vec<u8>)>);

impl ContextRecords {
    fn note(&mut self, record: &Record, sealed: &[u8]) {
        if let Body::Event(event) = &record.body
            && matches!(
                event.kind,
                EventKind::JournalBegun
                    | EventKind::Start
                    | EventKind::Configuration
                    | EventKind::KeyRotated
                    | EventKind::MasterFileAccepted
                    | EventKind::MasterFileInForce
            )
        {
            let key = (event.kind, record.common.unit.clone());
            self.0.insert(key, (record.common.identity.seq, sealed.to_vec()));
        }
    }

    /// Writes them, for one unit or for all.
    fn write<E>(
        self,
        unit: Option<&str>,
        trust: &Trust,
        folder: &mut ExportFolder,
    ) -> Result<(), SelectError<E>> {
        let concerns =
            |of: &Option<String>| unit.is_none() || of.is_none() || of.as_deref() == unit;
        let of_unit = self.0.into_iter().filter(|((_, of), _)| concerns(of));
        let mut all: Vec<(u64, Vec<u8>)> = of_unit.map(|(_, one)| one).collect();
        all.sort();
        for (_, sealed) in all {
            let (record, hash) = trust.record(&sealed).map_err(SelectError::Record)?;
            let taken = folder.take(Part::Context, &sealed, &record, hash);
            taken.map_err(SelectError::Export)?;
        }
        Ok(())
    }
}

/// Gives every believed record to `each`, until it fails.
fn believed<S: Source>(
    source: &S,
    trust: &Trust,
    (first, last): (u64, u64),
    mut each: impl FnMut(&[u8], Record, cellwatch_record::Hash) -> Result<(), ExportError>,
) -> Result<(), SelectError<S::Error>> {
    let mut failed = None;
    let read = source.each(first, last, &mut |sealed| {
        let taken = match trust.record(sealed) {
            Ok((record, hash)) => each(sealed, record, hash).map_err(SelectError::Export),
            Err(problem) => Err(SelectError::Record(problem)),
        };
        failed = taken.err();
        failed.is_none()
    });
    read.map_err(SelectError::Source)?;
    failed.map_or(Ok(()), Err)
}

/// Writes what belongs to a batch, what is needed to read it, and what was said of it after its seal. Gives sequence
/// number and root of the seal.
///
/// # Errors
/// The source, a record that is not believed, or the disk.
pub fn export_batch<S: Source>(
    source: &S,
    trust: &Trust,
    (batch, found): (&str, &FoundBatch),
    folder: &mut ExportFolder,
) -> Result<Option<(u64, cellwatch_record::Hash)>, SelectError<S::Error>> {
    let seal = found.seal.as_deref().map(|seal| trust.record(seal)).transpose();
    let seal = seal.map_err(SelectError::Record)?.and_then(|(record, _)| {
        let (_, seal) = sealed_batch(&record)?;
        Some((record.common.identity.seq, seal.root))
    });
    let mut context = ContextRecords::default();
    if found.first > 1 {
        let before = source.each(1, found.first - 1, &mut |sealed| {
            if kind_of(sealed) == Some(Kind::Event)
                && let Ok((record, _)) = trust.record(sealed)
            {
                context.note(&record, sealed);
            }
            true
        });
        before.map_err(SelectError::Source)?;
    }
    context.write(Some(&found.unit), trust, folder)?;
    let last = seal.map_or(u64::MAX, |(seq, _)| seq);
    believed(source, trust, (found.first, u64::MAX), |sealed, record, hash| {
        let common = &record.common;
        let of_unit = common.unit.as_ref().is_none_or(|unit| *unit == found.unit);
        if common.identity.seq <= last && of_unit {
            folder.take(Part::Selected, sealed, &record, hash)
        } else if of_unit && common.batch.as_deref() == Some(batch) {
            folder.take(Part::Later, sealed, &record, hash)
        } else {
            Ok(())
        }
    })?;
    Ok(seal)
}

/// Writes every record of a journal whose wall time lies from `from` to before `to`, and what is needed to read them.
/// Gives how many.
///
/// # Errors
/// The source, a record that is not believed, or the disk.
pub fn export_range<S: Source>(
    source: &S,
    trust: &Trust,
    (from, to): (Utc, Utc),
    folder: &mut ExportFolder,
) -> Result<u64, SelectError<S::Error>> {
    let mut context = Some(ContextRecords::default());
    let (mut selected, mut failed) = (0, None);
    believed(source, trust, (1, u64::MAX), |sealed, record, hash| {
        if record.common.utc < from {
            if let Some(context) = &mut context {
                context.note(&record, sealed);
            }
            return Ok(());
        }
        if record.common.utc >= to {
            return Ok(());
        }
        if let Some(context) = context.take() {
            failed = context.write::<S::Error>(None, trust, folder).err();
        }
        selected += 1;
        folder.take(Part::Selected, sealed, &record, hash)
    })?;
    failed.map_or(Ok(selected), Err)
}
