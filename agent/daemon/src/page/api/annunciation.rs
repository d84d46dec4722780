//! What is asked of stack lights and horns.

use axum::extract::{Request, State};
use axum::response::Response;
use cellwatch_core::door::Asked;
use cellwatch_core::evaluate::Duty;
use serde::Deserialize;

use super::doing::{Saying, Wish, carry_out};
use crate::page::failure::Failure;
use crate::page::shared;

macro_rules! wishes {
    ($($(#[$doc:meta])* $handler:ident $wish:ident { $($field:ident),* } $asked:expr;)*) => {$(
        #[derive(Debug, Deserialize)]
        struct $wish {
            $(#[serde(default)]
            $field: Option<String>,)*
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
            carry_out::<$wish>(&shared, request, |role| role.has(Duty::HandleAnnunciation)).await
        }
    )*};
}

wishes! {
    /// Silence the horn of an annunciator, or every one that sounds.
    silence Silence { annunciator } Asked::SilenceHorn { annunciator };
    /// Light all lamps and sound the horn for a few seconds.
    test Test {} Asked::TestAnnunciators;
}
