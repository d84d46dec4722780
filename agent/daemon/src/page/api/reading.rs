//! What is read back: trends, history, batches, the audit trail and its reviews.

use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use cellwatch_core::door::Asked;
use cellwatch_core::evaluate::Duty;
use cellwatch_record::Kind;
use serde::Deserialize;
use serde_json::json;

use super::doing::{Saying, Wish, carry_out};
use super::json as answer;
use crate::page::failure::Failure;
use crate::page::reading::{
    EXPORT_MAX, Row, TrailFilter, TrendWanted, bands, batches, csv, exported, review_rows, trail,
    trend,
};
use crate::page::shared::{self, Shared};

/// Longest range of a trend, milliseconds: a culture takes twelve days.
const RANGE_MAX_MS: i64 = 16 * 86_400_000;
/// Rows of one answer.
const ROWS: (usize, usize) = (200, 500);

/// Whoever is logged in with this duty.
fn must(shared: &Shared, request: Request, duty: Duty) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    let visitor = shared.visitor(&parts)?;
    if !visitor.settled()?.role.has(duty) {
        let message = "your role may not read this";
        return Err(Failure::new(axum::http::StatusCode::FORBIDDEN, "role", message));
    }
    Ok(Request::from_parts(parts, body))
}

fn query<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    let query = Query::<T>::try_from_uri(request.uri());
    query.map(|Query(query)| query).map_err(|error| Failure::not_understood(error.body_text()))
}

#[derive(Debug, Deserialize)]
struct TrendQuery {
    unit: String,
    parameter: String,
    from_ms: i64,
    to_ms: i64,
}

pub(in crate::page) async fn trend_of(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let request = must(&shared, request, Duty::LogIn)?;
    let TrendQuery { unit, parameter, from_ms, to_ms } = query(&request)?;
    if !(0..=RANGE_MAX_MS).contains(&to_ms.saturating_sub(from_ms)) || from_ms < 0 {
        return Err(Failure::not_understood("a trend is of at most 16 days, from before to"));
    }
    let frame_ms = shared.facts.frame_ms;
    let wanted = TrendWanted { unit, parameter, from_ms, to_ms, frame_ms };
    let of = (wanted.unit.clone(), wanted.parameter.clone());
    let read = move |journal: &std::path::Path| trend(journal, &wanted);
    let (mut found, stretches) = shared.readings.read(read).await?;
    let now = shared.rendering.glance().await;
    let unit = now.as_ref().and_then(|now| now.view().units.iter().find(|unit| unit.id == of.0));
    let value = unit.and_then(|unit| unit.values.iter().find(|value| value.parameter == of.1));
    found["set_point"] = json!(value.and_then(|value| value.set_point));
    found["limits"] = json!(value.map(|value| value.limits).unwrap_or_default());
    let file = unit.and_then(|unit| unit.file.as_deref());
    found["bands"] = bands(&stretches, file, &of.1);
    Ok(answer(found.to_string()))
}

#[derive(Debug, Default, Deserialize)]
struct TrailQuery {
    unit: Option<String>,
    batch: Option<String>,
    person: Option<String>,
    kind: Option<String>,
    alarm: Option<String>,
    text: Option<String>,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    before_seq: Option<u64>,
    limit: Option<usize>,
}

/// Everything of the trail; telemetry, states and health are no events.
const KINDS: [Kind; 6] =
    [Kind::Action, Kind::Alarm, Kind::Event, Kind::Batch, Kind::Result, Kind::Deviation];

impl TrailQuery {
    fn filter(self) -> Result<TrailFilter, Failure> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let kinds = match given(self.kind) {
            None => KINDS.to_vec(),
            Some(words) => {
                let kind = |word: &str| {
                    let found = KINDS.into_iter().find(|kind| kind.word() == word.trim());
                    found.ok_or_else(|| {
                        let all: Vec<&str> = KINDS.iter().map(|kind| kind.word()).collect();
                        Failure::not_understood(format!("kind is one of {}", all.join(", ")))
                    })
                };
                words.split(',').map(kind).collect::<Result<_, _>>()?
            }
        };
        Ok(TrailFilter {
            unit: given(self.unit),
            batch: given(self.batch),
            person: given(self.person),
            kinds,
            alarm: given(self.alarm),
            text: given(self.text).map(|text| text.to_lowercase()),
            from_ms: self.from_ms,
            to_ms: self.to_ms,
            before_seq: self.before_seq,
            limit: self.limit.unwrap_or(ROWS.0).clamp(1, ROWS.1),
            whole: false,
        })
    }
}

pub(in crate::page) async fn history(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let request = must(&shared, request, Duty::ReadTrail)?;
    let mut filter = query::<TrailQuery>(&request)?.filter()?;
    filter.kinds = vec![Kind::Alarm];
    let read = move |journal: &std::path::Path| trail(journal, &filter);
    let (rows, next) = shared.readings.read(read).await?;
    Ok(answer(json!({ "rows": rows, "next_before_seq": next }).to_string()))
}

pub(in crate::page) async fn trail_of(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let request = must(&shared, request, Duty::ReadTrail)?;
    let filter = query::<TrailQuery>(&request)?.filter()?;
    let read = move |journal: &std::path::Path| {
        let reviews = review_rows(journal, filter.batch.as_deref())?;
        trail(journal, &filter).map(|(rows, next)| (rows, next, reviews))
    };
    let (rows, next, reviews) = shared.readings.read(read).await?;
    let body = json!({ "rows": rows, "next_before_seq": next, "reviews": reviews });
    Ok(answer(body.to_string()))
}

pub(in crate::page) async fn trail_csv(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    export(&shared, request, "text/csv; charset=utf-8", "attachment; filename=\"trail.csv\"", csv)
        .await
}

pub(in crate::page) async fn trail_json(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    export(
        &shared,
        request,
        "application/json",
        "attachment; filename=\"trail.json\"",
        |rows, next| exported(rows, next).to_string(),
    )
    .await
}

async fn export(
    shared: &Shared,
    request: Request,
    kind: &'static str,
    disposition: &'static str,
    write: impl FnOnce(&[Row], Option<u64>) -> String + Send + 'static,
) -> Result<Response, Failure> {
    let request = must(shared, request, Duty::ReadTrail)?;
    let filter = query::<TrailQuery>(&request)?.filter()?;
    let filter = TrailFilter { limit: EXPORT_MAX, whole: true, ..filter };
    let read = move |journal: &std::path::Path| {
        trail(journal, &filter).map(|(rows, next)| write(&rows, next))
    };
    let mut response = answer(shared.readings.read(read).await?);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
    Ok(response)
}

pub(in crate::page) async fn batches_of(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let _request = must(&shared, request, Duty::ReadTrail)?;
    let found = shared.readings.read(batches).await?;
    Ok(answer(json!({ "batches": found }).to_string()))
}

#[derive(Debug, Deserialize)]
struct Review {
    unit: Option<String>,
    batch: Option<String>,
    first_seq: u64,
    last_seq: u64,
    /// What of them was shown.
    person: Option<String>,
    kind: Option<String>,
    text: Option<String>,
    #[serde(default)]
    comment: String,
}

/// What of a stretch was shown, in words; empty where everything was.
fn only(person: Option<&str>, kind: Option<&str>, text: Option<&str>) -> String {
    let given = [("of person", person), ("of kind", kind), ("with the words", text)];
    let given = given.into_iter().filter_map(|(words, value)| {
        let value = value?.trim();
        (!value.is_empty()).then(|| format!("{words} {value:?}"))
    });
    given.collect::<Vec<_>>().join(", ")
}

impl Wish for Review {
    fn into_parts(self) -> (Asked, Saying) {
        let Self { unit, batch, first_seq, last_seq, person, kind, text, comment } = self;
        let only = only(person.as_deref(), kind.as_deref(), text.as_deref());
        let asked = Asked::Review { unit, batch, first_seq, last_seq, only };
        (asked, Saying { comment, password: None })
    }

    fn batch(&self) -> Option<String> {
        self.batch.clone()
    }
}

/// Mark a stretch of the trail as reviewed.
pub(in crate::page) async fn review(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    carry_out::<Review>(&shared, request, |role| role.has(Duty::Review)).await
}
