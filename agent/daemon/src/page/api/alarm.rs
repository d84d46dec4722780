//! What is asked of alarms.

use axum::extract::{Request, State};
use axum::response::Response;
use cellwatch_core::door::Asked;
use cellwatch_core::evaluate::{Duty, Request as AlarmRequest, Role};
use serde::Deserialize;

use super::doing::{Saying, Wish, carry_out};
use crate::page::failure::Failure;
use crate::page::shared;

/// Names an alarm.
#[derive(Debug, Deserialize)]
struct Named {
    unit: Option<String>,
    alarm: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    password: Option<String>,
}

macro_rules! requests {
    ($($(#[$doc:meta])* $handler:ident $wish:ident $request:expr;)*) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(transparent)]
        struct $wish(Named);

        impl Wish for $wish {
            fn into_parts(self) -> (Asked, Saying) {
                let Named { unit, alarm, comment, password } = self.0;
                (Asked::OfAlarm { unit, alarm, request: $request }, Saying { comment, password })
            }
        }

        $(#[$doc])*
        pub(in crate::page) async fn $handler(
            State(shared): shared::State,
            request: Request,
        ) -> Result<Response, Failure> {
            carry_out::<$wish>(&shared, request, |role: Role| role.may($request)).await
        }
    )*};
}

requests! {
    /// I have seen it.
    acknowledge Acknowledge AlarmRequest::Acknowledge;
    /// Clear the latch.
    reset Reset AlarmRequest::Reset;
    /// Take it from the shelf.
    unshelve Unshelve AlarmRequest::Unshelve;
    /// Take it out of service.
    take_out_of_service TakeOutOfService AlarmRequest::TakeOutOfService;
    /// Return it to service.
    return_to_service ReturnToService AlarmRequest::ReturnToService;
}

#[derive(Debug, Deserialize)]
struct Shelve {
    unit: Option<String>,
    alarm: String,
    for_ms: u64,
    one_shot: bool,
    #[serde(default)]
    comment: String,
}

impl Wish for Shelve {
    fn into_parts(self) -> (Asked, Saying) {
        let Self { unit, alarm, for_ms, one_shot, comment } = self;
        let request = AlarmRequest::Shelve { one_shot, for_ms };
        (Asked::OfAlarm { unit, alarm, request }, Saying { comment, password: None })
    }
}

/// Put it aside.
pub(in crate::page) async fn shelve(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let any = AlarmRequest::Shelve { one_shot: false, for_ms: 0 };
    carry_out::<Shelve>(&shared, request, |role| role.may(any)).await
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Comment(Named);

impl Wish for Comment {
    fn into_parts(self) -> (Asked, Saying) {
        let Named { unit, alarm, comment, password } = self.0;
        (Asked::Comment { unit, alarm: Some(alarm) }, Saying { comment, password })
    }
}

/// Say something about it.
pub(in crate::page) async fn comment(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    carry_out::<Comment>(&shared, request, |role| role.has(Duty::Comment)).await
}
