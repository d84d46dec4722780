//! Hands what a person asks to the core, and answers when its record is on disk.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use cellwatch_core::NOT_CONFIRMED;
use cellwatch_core::door::{Asked, Confirmed, OperatorAction};
use cellwatch_core::evaluate::Role;
use cellwatch_record::Person;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::json;
use crate::control::Answer;
use crate::page::failure::Failure;
use crate::page::limits::COMMENT_MAX;
use crate::page::reading::knows_batch;
use crate::page::sessions::Session;
use crate::page::shared::Shared;
use crate::people::{LoginError, Proof};

/// What stands with each action.
#[derive(Debug, Deserialize)]
pub(super) struct Saying {
    #[serde(default)]
    pub(super) comment: String,
    /// Only where it is asked for.
    #[serde(default)]
    pub(super) password: Option<String>,
}

/// An action's body: what is asked, and what is said with it.
pub(super) trait Wish: DeserializeOwned {
    fn into_parts(self) -> (Asked, Saying);

    /// The batch that the journal must know.
    fn batch(&self) -> Option<String> {
        None
    }
}

/// Does what a person asks. `may` is the core's table: it decides here only how a refusal is called.
pub(super) async fn carry_out<T: Wish>(
    shared: &Shared,
    request: Request,
    may: impl FnOnce(Role) -> bool,
) -> Result<Response, Failure> {
    let (visitor, wish) = shared.posted::<T>(request, true).await?;
    let session = visitor.settled()?.clone();
    let wish_batch = wish.batch();
    let (what, Saying { comment, password }) = wish.into_parts();
    if comment.chars().count() > COMMENT_MAX {
        let message = format!("a comment has at most {COMMENT_MAX} characters");
        return Err(Failure::not_understood(message));
    }
    let (confirmed, wrong) = match password {
        None => (Confirmed::No, None),
        Some(password) => {
            let name = session.name.clone();
            let proof = Proof { name, password, from: visitor.peer.0, at: shared.now() };
            match shared.people.prove(proof).await {
                Ok((_, refused_before)) => (Confirmed::Yes { refused_before }, None),
                Err(LoginError::Wrong { why, refused_before, .. }) => {
                    let why = format!("{why}{}", counted(refused_before));
                    (Confirmed::Refused(why), Some(wrong_password()))
                }
                Err(LoginError::Locked(locked)) => {
                    let why = "too many wrong passwords: locked for now".to_owned();
                    (Confirmed::Refused(why), Some(locked_out(locked.retry_after_ms)))
                }
                Err(LoginError::Unable(why)) => return Err(Failure::busy(&why)),
            }
        }
    };
    let confirmed = match wish_batch {
        None => confirmed,
        Some(batch) if knows(shared, batch.clone()).await? => confirmed,
        Some(_) => Confirmed::Refused("the journal knows no such batch".to_owned()),
    };
    let person = person_of(&session);
    let role_may = may(session.role);
    let action = OperatorAction { person, what, comment, confirmed };
    let (seq, refusal) = recorded(shared.to_loop.act(action).await)?;
    let Some(why) = refusal else { return Ok(json(json!({ "seq": seq }).to_string())) };
    if let Some(wrong) = wrong.filter(|_| role_may) {
        return Err(wrong.recorded(seq));
    }
    let (status, code, why) = if !role_may {
        (StatusCode::FORBIDDEN, "role", why)
    } else if why.ends_with(NOT_CONFIRMED) {
        (StatusCode::UNPROCESSABLE_ENTITY, "confirm", why)
    } else {
        (StatusCode::CONFLICT, "refused", why)
    };
    Err(Failure::new(status, code, why).recorded(seq))
}

pub(super) fn person_of(session: &Session) -> Person {
    Person { name: session.name.clone(), role: session.role.word().to_owned() }
}

/// The record of an action, and why it was refused; a failure where there is no record.
pub(super) fn recorded(answer: Answer) -> Result<(u64, Option<String>), Failure> {
    match answer {
        Answer::Recorded { seq, refusal, .. } => Ok((seq, refusal)),
        Answer::Error(why) => {
            let code = if why.starts_with("taken") { "not-on-disk" } else { "ending" };
            Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, why))
        }
        Answer::Status(_) | Answer::People(_) | Answer::Changed { .. } => Err(Failure::ending()),
    }
}

fn wrong_password() -> Failure {
    Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "confirm-wrong", "the password is wrong")
}

/// Attempts that were refused while the account was locked, for the next record.
pub(super) fn counted(refused_before: u32) -> String {
    match refused_before {
        0 => String::new(),
        count => format!("; {count} attempts were refused before while locked"),
    }
}

async fn knows(shared: &Shared, batch: String) -> Result<bool, Failure> {
    shared.readings.read(move |journal| knows_batch(journal, &batch)).await
}

pub(super) fn locked_out(retry_after_ms: u64) -> Failure {
    let seconds = retry_after_ms.div_ceil(1000);
    let message = format!("too many wrong passwords: try again in {seconds} s");
    let locked = Failure::new(StatusCode::TOO_MANY_REQUESTS, "locked", message);
    Failure { retry_after_ms: Some(retry_after_ms), ..locked }
}
