//! What OPC UA servers said of the samples of columns.
//!
//! ```text
//! stamps = [column, status, source, server]
//! column = index of the column in the frame
//! status = [count, code, count, code …]   runs; code null for samples that no server sent
//! source = one item a sample with a status: 100 ns since 1970, as the difference to the one before (the
//!          first to 0); null where the server gave none
//! server = one item a sample with a status: 100 ns after its source time, or since 1970 where there is none;
//!          null where the server gave none
//! ```

use cellwatch_model::{Stamp, Utc};

use super::Column;
use crate::cbor::{DecodeError, Reader, Writer};

/// Nanoseconds in the unit of OPC UA's times (OPC 10000-6 §5.2.2.5).
const TICK_NS: i64 = 100;

/// True where a column has any.
pub(super) fn any(columns: &[Column]) -> bool {
    columns.iter().any(is_stamped)
}

fn is_stamped(column: &Column) -> bool {
    column.samples.iter().any(|sample| sample.stamp.is_some())
}

pub(super) fn write(columns: &[Column], writer: &mut Writer<'_>) {
    let stamped = || (0u64..).zip(columns).filter(|(_, column)| is_stamped(column));
    writer.array(stamped().count() as u64);
    for (index, column) in stamped() {
        writer.array(4);
        writer.u64(index);
        write_status(column, writer);
        let stamps: Vec<&Stamp> =
            column.samples.iter().filter_map(|one| one.stamp.as_deref()).collect();
        writer.array(stamps.len() as u64);
        let mut before = 0;
        for stamp in &stamps {
            let source = stamp.source.map(ticks);
            write_ticks(writer, source.map(|ticks| ticks.wrapping_sub(before)));
            before = source.unwrap_or(before);
        }
        writer.array(stamps.len() as u64);
        for stamp in &stamps {
            let source = stamp.source.map_or(0, ticks);
            write_ticks(writer, stamp.server.map(|server| ticks(server).wrapping_sub(source)));
        }
    }
}

const fn ticks(time: Utc) -> i64 {
    time.0.div_euclid(TICK_NS)
}

fn write_ticks(writer: &mut Writer<'_>, ticks: Option<i64>) {
    match ticks {
        Some(ticks) => writer.i64(ticks),
        None => writer.null(),
    }
}

fn write_status(column: &Column, writer: &mut Writer<'_>) {
    let mut runs: Vec<(u64, Option<u32>)> = Vec::new();
    for sample in &column.samples {
        let status = sample.stamp.as_ref().map(|stamp| stamp.status);
        match runs.last_mut() {
            Some((count, last)) if *last == status => *count += 1,
            _ => runs.push((1, status)),
        }
    }
    writer.array(2 * runs.len() as u64);
    for (count, status) in runs {
        writer.u64(count);
        match status {
            Some(status) => writer.u64(u64::from(status)),
            None => writer.null(),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, columns: &mut [Column]) -> Result<(), DecodeError> {
    let count = reader.array()?;
    if count == 0 {
        return Err(DecodeError::Inconsistent("a frame has an empty list of stamps"));
    }
    let mut next = 0;
    for _ in 0..count {
        reader.array_of(4, "stamps have four items")?;
        let index = reader.u64()?;
        if index < next {
            return Err(DecodeError::Inconsistent("stamps of columns are not in their order"));
        }
        next = index + 1;
        let column = usize::try_from(index).ok().and_then(|index| columns.get_mut(index));
        let column =
            column.ok_or(DecodeError::Inconsistent("stamps name a column that is not there"))?;
        read_column(reader, column)?;
    }
    Ok(())
}

fn read_column(reader: &mut Reader<'_>, column: &mut Column) -> Result<(), DecodeError> {
    let statuses = read_status(reader, column.samples.len())?;
    let stamped = statuses.iter().flatten().count() as u64;
    if stamped == 0 {
        return Err(DecodeError::Inconsistent("stamps of a column hold none"));
    }
    reader.array_of(stamped, "there is one source time for each status")?;
    let mut before: i64 = 0;
    let mut sources = Vec::new();
    for _ in 0..stamped {
        let source = read_ticks(reader, before)?;
        before = source.unwrap_or(before);
        sources.push(source);
    }
    reader.array_of(stamped, "there is one server time for each status")?;
    let mut times = sources.into_iter();
    for (sample, status) in column.samples.iter_mut().zip(statuses) {
        let Some(status) = status else { continue };
        let source = times.next().flatten();
        let server = read_ticks(reader, source.unwrap_or(0))?;
        let utc = |ticks: i64| Utc(ticks.saturating_mul(TICK_NS));
        sample.stamp =
            Some(Box::new(Stamp { status, source: source.map(utc), server: server.map(utc) }));
    }
    Ok(())
}

fn read_ticks(reader: &mut Reader<'_>, before: i64) -> Result<Option<i64>, DecodeError> {
    Ok(if reader.null()? { None } else { Some(before.wrapping_add(reader.i64()?)) })
}

fn read_status(reader: &mut Reader<'_>, length: usize) -> Result<Vec<Option<u32>>, DecodeError> {
    let items = reader.array()?;
    let mut statuses = Vec::new();
    for _ in 0..items / 2 {
        let count = reader.u64()?;
        let status = if reader.null()? { None } else { Some(reader.u32()?) };
        if count > (length - statuses.len()) as u64 {
            return Err(DecodeError::Inconsistent("a column has more statuses than values"));
        }
        statuses.extend((0..count).map(|_| status));
    }
    if items.is_multiple_of(2) && statuses.len() == length {
        Ok(statuses)
    } else {
        Err(DecodeError::Inconsistent("a column has fewer statuses than values"))
    }
}
