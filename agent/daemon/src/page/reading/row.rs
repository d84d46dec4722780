//! A record as a row of the history or the audit trail.

use cellwatch_record::{Body, Person, Record};
use serde::Serialize;

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(in crate::page) struct Row {
    pub(in crate::page) seq: u64,
    pub(in crate::page) at_ms: i64,
    pub(in crate::page) kind: &'static str,
    pub(in crate::page) unit: Option<String>,
    pub(in crate::page) batch: Option<String>,
    pub(in crate::page) phase: Option<String>,
    pub(in crate::page) what: String,
    pub(in crate::page) target: String,
    pub(in crate::page) person: Option<Who>,
    pub(in crate::page) text: String,
    pub(in crate::page) comment: String,
    pub(in crate::page) old: Option<String>,
    pub(in crate::page) new: Option<String>,
    pub(in crate::page) refusal: Option<String>,
    pub(in crate::page) priority: Option<u8>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::page) struct Who {
    pub(in crate::page) name: String,
    pub(in crate::page) role: String,
}

impl From<Person> for Who {
    fn from(Person { name, role }: Person) -> Self {
        Self { name, role }
    }
}

impl Row {
    /// None for what is no event: telemetry, state, health.
    pub(in crate::page) fn of(record: Record) -> Option<Self> {
        let Record { common, body } = record;
        let kind = body.kind().word();
        let row = match body {
            Body::Telemetry(_) | Body::State(_) | Body::Health(_) => return None,
            Body::Alarm(change) => {
                let numbers = match (change.value, change.limit) {
                    (Some(value), Some(limit)) => format!(", value {value}, limit {limit}"),
                    _ => String::new(),
                };
                Self {
                    what: change.transition.word().to_owned(),
                    text: format!(
                        "{} {} ({}){numbers}",
                        change.alarm, change.transition, change.state
                    ),
                    target: change.alarm,
                    person: change.person.map(Who::from),
                    comment: change.comment.unwrap_or_default(),
                    priority: Some(change.priority.code()),
                    ..Self::default()
                }
            }
            Body::Deviation(deviation) => {
                let rules: Vec<String> =
                    deviation.rules.into_iter().map(|(_, words)| words).collect();
                Self {
                    what: deviation.change.word().to_owned(),
                    target: deviation.id,
                    text: rules.join("; "),
                    ..Self::default()
                }
            }
            Body::Action(action) => {
                let done = if action.refusal.is_some() { "refused: " } else { "" };
                Self {
                    text: format!("{done}{} {}", action.what, action.target).trim_end().to_owned(),
                    what: action.what,
                    target: action.target,
                    person: Some(action.person.into()),
                    comment: action.reason,
                    old: action.old,
                    new: action.new,
                    refusal: action.refusal,
                    ..Self::default()
                }
            }
            Body::Result(result) => Self {
                what: if result.counts { "counts" } else { "waits for a second person" }.to_owned(),
                target: result.id,
                person: Some(result.confirmed_by.unwrap_or(result.entered_by).into()),
                text: format!("{} is {} {}", result.parameter, result.value, result.unit),
                comment: result.reason,
                old: result.old.map(|old| format!("{old} {}", result.unit)),
                new: Some(format!("{} {}", result.value, result.unit)),
                ..Self::default()
            },
            Body::Batch(change) => Self {
                what: change.change.word().to_owned(),
                target: change.batch.clone(),
                text: format!("batch {} {}", change.batch, change.change.word()),
                old: change.from,
                new: change.to,
                ..Self::default()
            },
            Body::Event(event) => {
                Self { what: event.kind.word().to_owned(), text: event.text, ..Self::default() }
            }
        };
        Some(Self {
            seq: common.identity.seq,
            at_ms: common.utc.0.div_euclid(1_000_000),
            kind,
            unit: common.unit,
            batch: common.batch,
            phase: common.phase,
            ..row
        })
    }

    /// True where the row holds this text, in small letters.
    pub(in crate::page) fn holds(&self, text: &str) -> bool {
        let person = self.person.as_ref().map(|who| who.name.as_str());
        let parts = [Some(self.text.as_str()), Some(&self.comment), Some(&self.target), person];
        let more = [self.refusal.as_deref(), self.new.as_deref(), self.old.as_deref()];
        parts.into_iter().chain(more).flatten().any(|part| part.to_lowercase().contains(text))
    }
}

/// What an export of the newest rows says at its end where older ones may be: `next` is where to go on.
fn cut(rows: &[Row], next: u64) -> Row {
    let oldest = rows.last().map(|row| row.at_ms).unwrap_or_default();
    let until = jiff::Timestamp::from_millisecond(oldest).map(|at| format!("{at:.0}"));
    let text = format!(
        "not complete: these are the newest {} rows; export again up to {}, or with before_seq={next}",
        rows.len(),
        until.unwrap_or_default()
    );
    Row { at_ms: oldest, kind: "export", what: "incomplete".to_owned(), text, ..Row::default() }
}

/// Rows as JSON: whether they are all, and where to go on if not.
pub(in crate::page) fn exported(rows: &[Row], next: Option<u64>) -> serde_json::Value {
    serde_json::json!({
        "complete": next.is_none(),
        "next_before_seq": next,
        "note": next.map(|next| cut(rows, next).text),
        "rows": rows,
    })
}

/// Rows as CSV (RFC 4180), UTF-8 with CRLF. Where they are not all the last row says so.
pub(in crate::page) fn csv(rows: &[Row], next: Option<u64>) -> String {
    let end = next.map(|next| cut(rows, next));
    let mut text = String::from(
        "seq,time_utc,kind,unit,batch,phase,what,target,person,role,text,comment,old,new,refusal,priority\r\n",
    );
    for row in rows.iter().chain(&end) {
        let time = jiff::Timestamp::from_millisecond(row.at_ms).map(|at| format!("{at:.3}"));
        let who = row.person.as_ref();
        let cells = [
            row.seq.to_string(),
            time.unwrap_or_default(),
            row.kind.to_owned(),
            row.unit.clone().unwrap_or_default(),
            row.batch.clone().unwrap_or_default(),
            row.phase.clone().unwrap_or_default(),
            row.what.clone(),
            row.target.clone(),
            who.map(|who| who.name.clone()).unwrap_or_default(),
            who.map(|who| who.role.clone()).unwrap_or_default(),
            row.text.clone(),
            row.comment.clone(),
            row.old.clone().unwrap_or_default(),
            row.new.clone().unwrap_or_default(),
            row.refusal.clone().unwrap_or_default(),
            row.priority.map(|one| one.to_string()).unwrap_or_default(),
        ];
        text += &cells.map(|cell| quoted(&cell)).join(",");
        text += "\r\n";
    }
    text
}

/// What a spreadsheet would take for a formula is text (OWASP, CSV Injection).
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, csv, exported};

    // Req: PAGE-06
    #[test]
    fn no_cell_is_a_formula_and_no_text_leaves_its_cell() {
        let row = Row {
            text: "=HYPERLINK(\"http://evil.example\")".to_owned(),
            comment: "one, \"two\"\nthree".to_owned(),
            ..Row::default()
        };
        let text = csv(&[row], None);
        let line = text.split_once("\r\n").expect("a head").1;
        assert!(line.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{line}");
        assert!(line.contains("\"one, \"\"two\"\"\nthree\""), "{line}");
        println!("cells: 2 cases");
    }

    // Req: PAGE-58
    #[test]
    fn an_export_that_is_cut_says_so_at_its_end() {
        let rows: Vec<Row> =
            [9, 8, 7].map(|seq| Row { seq, at_ms: 60_000, ..Row::default() }).into();
        let whole = csv(&rows, None);
        assert_eq!(whole.lines().count(), 4);
        let text = csv(&rows, Some(7));
        let last = text.lines().last().expect("rows");
        assert!(text.starts_with(&whole), "{text}");
        let words = "newest 3 rows; export again up to 1970-01-01T00:01:00Z, or with before_seq=7";
        assert!(last.contains("export,,,,incomplete") && last.contains(words), "{last}");
        let whole = exported(&rows, None);
        assert_eq!((&whole["complete"], &whole["note"]), (&true.into(), &serde_json::Value::Null));
        let cut = exported(&rows, Some(7));
        assert_eq!((&cut["complete"], &cut["next_before_seq"]), (&false.into(), &7.into()));
        assert_eq!(cut["rows"].as_array().map(Vec::len), Some(3));
        println!("exports that are cut: 7 cases");
    }
}
