//! The report as text and as JSON.

use std::fmt::Write;

use cellwatch_model::Utc;
use serde_json::{Value, json};

use super::collect::{Coverage, Known, Report};

pub(super) fn words(at: Utc) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(at.0)).map_or_else(
        |_| format!("{} ns", at.0),
        |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

fn end(at: Option<Utc>) -> String {
    at.map_or("goes on".to_owned(), words)
}

pub(super) fn batches(known: &Known, as_json: bool) {
    if as_json {
        let rows = known.batches.iter().map(|(id, span)| {
            json!({ "batch": id, "unit": span.unit, "started": words(span.started), "ended": span.ended.map(words) })
        });
        println!("{}", Value::Array(rows.collect()));
        return;
    }
    if known.batches.is_empty() {
        println!("the journal holds no batch");
    }
    for (id, span) in &known.batches {
        println!("{id}  {}  {} to {}", span.unit, words(span.started), end(span.ended));
    }
}

#[allow(clippy::cast_precision_loss)] // counts of readings
fn percent(coverage: &Coverage) -> f64 {
    let all = coverage.good + coverage.uncertain + coverage.bad;
    if all == 0 { 0.0 } else { 100.0 * coverage.good as f64 / all as f64 }
}

pub(super) fn json(report: &Report) -> Value {
    let alarms = report.alarms.iter().map(|(id, row)| {
        json!({
            "alarm": id, "priority": row.priority.to_string(), "raised": row.raised, "called": row.called,
            "first": words(row.first), "last": words(row.last),
            "acknowledged_by": row.acknowledged_by, "stands": row.stands,
        })
    });
    let deviations = report.deviations.values().map(|one| {
        let rules: Vec<&str> = one.rules.iter().map(|(rule, _)| rule.word()).collect();
        json!({
            "deviation": one.id, "rules": rules, "source": one.source, "limit": one.limit, "lowest": one.lowest,
            "highest": one.highest, "is_over": one.until.is_some(),
        })
    });
    let results = report.results.iter().map(|(at, one)| {
        json!({
            "at": words(*at), "result": one.id, "parameter": one.parameter, "value": one.value,
            "unit": one.unit.symbol(), "counts": one.counts, "old": one.old, "reason": one.reason,
            "entered_by": one.entered_by.name,
            "confirmed_by": one.confirmed_by.as_ref().map(|person| &person.name),
        })
    });
    let coverage = report.coverage.iter().map(|(name, one)| {
        json!({ "parameter": name, "good": one.good, "uncertain": one.uncertain, "bad": one.bad })
    });
    let stamped = |list: &[(Utc, String)]| -> Vec<Value> {
        list.iter().map(|(at, text)| json!({ "at": words(*at), "text": text })).collect()
    };
    let phases: Vec<Value> = report
        .phases
        .iter()
        .map(|(phase, at)| json!({ "phase": phase, "began": words(*at) }))
        .collect();
    json!({
        "batch": report.batch, "unit": report.span.unit, "started": words(report.span.started),
        "ended": report.span.ended.map(words), "records": report.records, "missing": report.missing,
        "phases": phases, "master_files": stamped(&report.master_files),
        "alarms": alarms.collect::<Vec<_>>(), "deviations": deviations.collect::<Vec<_>>(),
        "results": results.collect::<Vec<_>>(), "notes": stamped(&report.notes),
        "notes_not_listed": report.notes_not_listed, "coverage": coverage.collect::<Vec<_>>(),
    })
}

pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = told(report, &mut out);
    out
}

fn told(report: &Report, out: &mut String) -> std::fmt::Result {
    let Report { batch, span, .. } = report;
    writeln!(out, "# Batch {batch}, unit {}\n", span.unit)?;
    writeln!(out, "{} to {}; {} records.", words(span.started), end(span.ended), report.records)?;
    writeln!(
        out,
        "The agent observes: whether the batch is good is for quality assurance to say.\n"
    )?;
    if report.missing > 0 {
        writeln!(out, "{} RECORDS ARE MISSING within it.\n", report.missing)?;
    }
    for (at, file) in &report.master_files {
        writeln!(out, "- {}: {file}", words(*at))?;
    }
    writeln!(out, "\n## Phases\n")?;
    for (phase, at) in &report.phases {
        writeln!(out, "- {phase}: from {}", words(*at))?;
    }
    writeln!(out, "\n## Deviation candidates\n")?;
    nothing(out, report.deviations.is_empty())?;
    for one in report.deviations.values() {
        let rules: Vec<&str> = one.rules.iter().map(|(_, words)| words.as_str()).collect();
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
        writeln!(
            out,
            "- {}: {} Limit {}, lowest {}, highest {}; {}.",
            one.id,
            rules.join(" "),
            number(one.limit),
            number(one.lowest),
            number(one.highest),
            if one.until.is_some() { "over" } else { "goes on" }
        )?;
    }
    alarms(report, out)?;
    writeln!(out, "\n## Results entered by hand\n")?;
    nothing(out, report.results.is_empty())?;
    for (at, one) in &report.results {
        let confirmed = one.confirmed_by.as_ref();
        let confirmed =
            confirmed.map_or(String::new(), |who| format!(", confirmed by {}", who.name));
        let old = one.old.map_or(String::new(), |old| format!(" (was {old}: {})", one.reason));
        let waits = if one.counts { "" } else { ", waits for a second person" };
        writeln!(
            out,
            "- {}: {} = {} {}{old}, by {}{confirmed}{waits}",
            words(*at),
            one.id,
            one.value,
            one.unit.symbol(),
            one.entered_by.name
        )?;
    }
    writeln!(out, "\n## Gaps, losses, starts of the agent, steps of the clock\n")?;
    nothing(out, report.notes.is_empty())?;
    for (at, note) in &report.notes {
        writeln!(out, "- {}: {note}", words(*at))?;
    }
    if report.notes_not_listed > 0 {
        writeln!(out, "- and {} more", report.notes_not_listed)?;
    }
    writeln!(
        out,
        "\n## Coverage\n\n| parameter | good | uncertain | bad | good, % |\n|---|---|---|---|---|"
    )?;
    for (name, one) in &report.coverage {
        let Coverage { good, uncertain, bad } = one;
        writeln!(out, "| {name} | {good} | {uncertain} | {bad} | {:.3} |", percent(one))?;
    }
    Ok(())
}

fn alarms(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## Alarms\n")?;
    if report.alarms.is_empty() {
        return nothing(out, true);
    }
    writeln!(
        out,
        "| alarm | priority | raised | called | first | last change | acknowledged by |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for (id, row) in &report.alarms {
        let stands = if row.stands { " (stands)" } else { "" };
        writeln!(
            out,
            "| {id}{stands} | {} | {} | {} | {} | {} | {} |",
            row.priority,
            row.raised,
            row.called,
            words(row.first),
            words(row.last),
            row.acknowledged_by.join(", ")
        )?;
    }
    Ok(())
}

fn nothing(out: &mut String, is_empty: bool) -> std::fmt::Result {
    if is_empty { writeln!(out, "None.") } else { Ok(()) }
}
