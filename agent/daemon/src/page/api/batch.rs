//! What is asked of batches, phases and units.

use axum::extract::{Request, State};
use axum::response::Response;
use cellwatch_core::door::Asked;
use cellwatch_core::evaluate::Duty;
use serde::Deserialize;

use super::doing::{Saying, Wish, carry_out};
use crate::page::failure::Failure;
use crate::page::shared;

macro_rules! wishes {
    ($($(#[$doc:meta])* $handler:ident $wish:ident { $($field:ident),* } $duty:ident => $asked:expr;)*) => {$(
        #[derive(Debug, Deserialize)]
        struct $wish {
            $($field: String,)*
            #[serde(default)]
            comment: String,
        }

        impl Wish for $wish {
            fn into_parts(self) -> (Asked, Saying) {
                let Self { $($field,)* comment } = self;
                ($asked, Saying { comment, password: None })
            }
        }

        $(#[$doc])*
        pub(in crate::page) async fn $handler(
            State(shared): shared::State,
            request: Request,
        ) -> Result<Response, Failure> {
            carry_out::<$wish>(&shared, request, |role| role.has(Duty::$duty)).await
        }
    )*};
}

wishes! {
    /// Start a batch; an empty id asks for the agent's own.
    start Start { unit, batch } LeadBatch => Asked::StartBatch { unit, batch };
    /// End it.
    end End { unit } LeadBatch => Asked::EndBatch { unit };
    /// Go on to a phase.
    phase Phase { unit, phase } LeadBatch => Asked::SetPhase { unit, phase };
    /// Say something about a unit.
    comment Comment { unit } Comment => Asked::Comment { unit: Some(unit), alarm: None };
}
