//! Results that people enter.

use axum::extract::{Request, State};
use axum::response::Response;
use cellwatch_core::door::Asked;
use cellwatch_core::evaluate::{Duty, NewResult};
use cellwatch_model::{UnitOfMeasure, Utc};
use serde::Deserialize;

use super::doing::{Saying, Wish, carry_out};
use crate::page::failure::Failure;
use crate::page::shared;

#[derive(Debug, Deserialize)]
struct Enter {
    unit: String,
    parameter: String,
    value: f64,
    #[serde(deserialize_with = "unit_of_measure")]
    unit_of_measure: UnitOfMeasure,
    sampled_ms: Option<i64>,
    #[serde(default)]
    comment: String,
}

fn unit_of_measure<'de, D: serde::Deserializer<'de>>(from: D) -> Result<UnitOfMeasure, D::Error> {
    let symbol = String::deserialize(from)?;
    symbol.parse().map_err(|_| serde::de::Error::custom("unit_of_measure is not known"))
}

impl Wish for Enter {
    fn into_parts(self) -> (Asked, Saying) {
        let Self { unit, parameter, value, unit_of_measure, sampled_ms, comment } = self;
        let sampled = sampled_ms.map(|ms| Utc(ms.saturating_mul(1_000_000)));
        let result = NewResult { parameter, value, unit: unit_of_measure, sampled };
        (Asked::EnterResult { unit, result }, Saying { comment, password: None })
    }
}

#[derive(Debug, Deserialize)]
struct Confirm {
    unit: String,
    result: String,
    #[serde(default)]
    comment: String,
}

impl Wish for Confirm {
    fn into_parts(self) -> (Asked, Saying) {
        let Self { unit, result, comment } = self;
        (Asked::ConfirmResult { unit, result }, Saying { comment, password: None })
    }
}

#[derive(Debug, Deserialize)]
struct Correct {
    unit: String,
    result: String,
    value: f64,
    #[serde(default)]
    comment: String,
}

impl Wish for Correct {
    fn into_parts(self) -> (Asked, Saying) {
        let Self { unit, result, value, comment } = self;
        (Asked::CorrectResult { unit, result, value }, Saying { comment, password: None })
    }
}

macro_rules! handlers {
    ($($(#[$doc:meta])* $handler:ident $wish:ident;)*) => {$(
        $(#[$doc])*
        pub(in crate::page) async fn $handler(
            State(shared): shared::State,
            request: Request,
        ) -> Result<Response, Failure> {
            carry_out::<$wish>(&shared, request, |role| role.has(Duty::EnterResults)).await
        }
    )*};
}

handlers! {
    /// Enter a result.
    enter Enter;
    /// Confirm what another person entered.
    confirm Confirm;
    /// Correct one; the comment is the reason.
    correct Correct;
}
