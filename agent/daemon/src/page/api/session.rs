//! Logging in and out, and the own password.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use cellwatch_core::door::{AccountStep, Asked, OperatorAction};
use cellwatch_model::Mono;
use cellwatch_record::Person;
use serde::Deserialize;
use serde_json::json;

use super::doing::{counted, locked_out, person_of, recorded};
use super::json as answer;
use crate::control::Answer;
use crate::page::failure::Failure;
use crate::page::gate::Visitor;
use crate::page::sessions::{Ended, Outdated, Session};
use crate::page::shared::{self, Shared};
use crate::people::{Account, LoginError, Proof, token};

/// Longest name and password that are looked at, bytes.
const TYPED_MAX: usize = 1024;

/// Who is logged in, and what the page needs to know before anything else.
pub(in crate::page) async fn show(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, _) = request.into_parts();
    let visitor = shared.visitor(&parts)?;
    Ok(described(&shared, visitor.session.as_ref()))
}

fn described(shared: &Shared, session: Option<&Session>) -> Response {
    let facts = &shared.facts;
    let body = json!({
        "site": { "id": facts.site, "name": facts.site_name, "time_zone": facts.time_zone },
        "agent": facts.agent,
        "version": env!("CARGO_PKG_VERSION"),
        "now_ms": jiff::Timestamp::now().as_millisecond(),
        "room_overview": facts.room_overview,
        "idle_logout_ms": facts.idle_logout_ms,
        "person": session.map(|session| json!({
            "name": session.name,
            "role": session.role.word(),
            "must_change_password": session.must_change,
        })),
        "csrf": session.map(|session| session.csrf.clone()),
        "may": session.map(|session| session.role.may_do()).unwrap_or_default(),
    });
    answer(body.to_string())
}

#[derive(Debug, Deserialize)]
struct LogIn {
    name: String,
    password: String,
}

pub(in crate::page) async fn log_in(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (visitor, LogIn { name, password }) = shared.posted::<LogIn>(request, false).await?;
    if name.len() > TYPED_MAX || password.len() > TYPED_MAX {
        return Err(wrong());
    }
    let from = visitor.peer.0;
    let began = shared.now();
    let proof = Proof { name, password, from, at: began };
    let (account, refused_before) = match shared.people.prove(proof).await {
        Ok(proved) => proved,
        Err(LoginError::Locked(locked)) => return Err(locked_out(locked.retry_after_ms)),
        Err(LoginError::Unable(why)) => return Err(Failure::busy(&why)),
        Err(LoginError::Wrong { account, why, refused_before }) => {
            let role = if account.is_some() { "not logged in" } else { "nobody" };
            let name = account.unwrap_or_default();
            let person = Person { name: name.clone(), role: role.to_owned() };
            let from = told_from(from, refused_before);
            let refused = Some(why.to_owned());
            let what = Asked::Account {
                step: AccountStep::LogIn,
                account: name,
                old: Some(from),
                new: None,
                refused,
            };
            let action =
                OperatorAction { person, what, comment: String::new(), confirmed: false.into() };
            let (seq, _) = recorded(shared.to_loop.act(action).await)?;
            return Err(wrong().recorded(seq));
        }
    };
    begin(&shared, &visitor, &account, (began, refused_before)).await
}

fn told_from(from: std::net::IpAddr, refused_before: u32) -> String {
    format!("from {from}{}", counted(refused_before))
}

/// The same whatever was wrong.
fn wrong() -> Failure {
    let message = "name or password is wrong, or the account is disabled";
    Failure::new(StatusCode::UNAUTHORIZED, "wrong", message)
}

/// Begins a session: on record first, under a new id whatever id the browser brought.
async fn begin(
    shared: &Shared,
    visitor: &Visitor,
    account: &Account,
    (began, refused_before): (Mono, u32),
) -> Result<Response, Failure> {
    let session = new_session(shared, account, began)?;
    let what = Asked::Account {
        step: AccountStep::LogIn,
        account: account.name.clone(),
        old: Some(told_from(visitor.peer.0, refused_before)),
        new: None,
        refused: None,
    };
    let person = person_of(&session);
    let action = OperatorAction { person, what, comment: String::new(), confirmed: true.into() };
    if let (seq, Some(why)) = recorded(shared.to_loop.act(action).await)? {
        return Err(Failure::new(StatusCode::FORBIDDEN, "role", why).recorded(seq));
    }
    take_up(shared, visitor, session).await
}

/// A session on what was proved of an account then.
fn new_session(shared: &Shared, account: &Account, began: Mono) -> Result<Session, Failure> {
    let csrf = token().ok_or_else(no_random)?;
    let (name, role, must_change) = (account.name.clone(), account.role, account.must_change);
    Ok(Session { name, role, csrf, must_change, began, active: shared.now() })
}

fn no_random() -> Failure {
    Failure::busy("the operating system gives no random numbers")
}

/// Puts a session in the place of the one that the browser had.
async fn take_up(
    shared: &Shared,
    visitor: &Visitor,
    session: Session,
) -> Result<Response, Failure> {
    let id = token().ok_or_else(no_random)?;
    let begun = {
        let mut sessions = shared.sessions();
        if let Some(before) = &visitor.id {
            sessions.end(before, Ended::Changed);
        }
        sessions.begin(id.clone(), session.clone())
    };
    match begun {
        Ok(None) => {}
        Ok(Some(gone)) => say_logged_out(shared, &gone, "too many people are logged in").await,
        Err(Outdated) => {
            say_logged_out(shared, &session, "the account was changed meanwhile").await;
            return Err(wrong());
        }
    }
    let mut response = described(shared, Some(&session));
    set_cookie(shared, &mut response, &id, false);
    Ok(response)
}

fn set_cookie(shared: &Shared, response: &mut Response, id: &str, ends: bool) {
    let secure = if shared.facts.under_tls { "; Secure" } else { "" };
    let age = if ends { "; Max-Age=0" } else { "" };
    let cookie =
        format!("{}={id}; Path=/; HttpOnly; SameSite=Strict{secure}{age}", shared.cookie());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

#[derive(Debug, Deserialize)]
struct Nothing {}

pub(in crate::page) async fn log_out(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (visitor, Nothing {}) = shared.posted::<Nothing>(request, true).await?;
    let ended = visitor.id.as_deref().and_then(|id| shared.sessions().end(id, Ended::LoggedOut));
    if let Some(session) = ended {
        say_logged_out(&shared, &session, "").await;
    }
    let mut response = described(&shared, None);
    set_cookie(&shared, &mut response, "", true);
    Ok(response)
}

/// Puts on record that a session ended.
pub(in crate::page) async fn say_logged_out(shared: &Shared, session: &Session, why: &str) {
    let what = Asked::Account {
        step: AccountStep::LogOut,
        account: session.name.clone(),
        old: None,
        new: None,
        refused: None,
    };
    let (person, comment) = (person_of(session), why.to_owned());
    let action = OperatorAction { person, what, comment, confirmed: false.into() };
    if let Answer::Error(error) = shared.to_loop.act(action).await {
        tracing::warn!("the logout of {} is not on record: {error}", session.name);
    }
}

#[derive(Debug, Deserialize)]
struct NewPassword {
    old: String,
    new: String,
}

pub(in crate::page) async fn change_password(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (visitor, NewPassword { old, new }) = shared.posted::<NewPassword>(request, true).await?;
    let session = visitor.person()?;
    if old.len() > TYPED_MAX || new.len() > TYPED_MAX {
        return Err(Failure::not_understood("a password has at most 128 characters"));
    }
    let refused = |why: String| Failure::new(StatusCode::CONFLICT, "refused", why);
    if old == new {
        return Err(refused("choose another password than the one before".to_owned()));
    }
    let (name, from) = (session.name.clone(), visitor.peer.0);
    let proof = Proof { name, password: old, from, at: shared.now() };
    let account = match shared.people.prove(proof).await {
        Ok((account, _)) => account,
        Err(LoginError::Locked(locked)) => return Err(locked_out(locked.retry_after_ms)),
        Err(LoginError::Unable(why)) => return Err(Failure::busy(&why)),
        Err(LoginError::Wrong { why, refused_before, .. }) => {
            let what = Asked::Account {
                step: AccountStep::ChangePassword,
                account: session.name.clone(),
                old: Some(told_from(from, refused_before)),
                new: None,
                refused: Some(why.to_owned()),
            };
            let person = person_of(session);
            let action =
                OperatorAction { person, what, comment: String::new(), confirmed: false.into() };
            let message = "the password before is wrong";
            let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "confirm-wrong", message);
            let (seq, _) = recorded(shared.to_loop.act(action).await)?;
            return Err(failure.recorded(seq));
        }
    };
    let changed = Account { must_change: false, ..account.clone() };
    let told = format!("from {from}");
    let done = shared.people.change_password(&shared.to_loop, account, new, told).await;
    let (_, at) = done.map_err(refused)?;
    // Every session of the account ended with the password, this one goes on under a new id.
    let session = new_session(&shared, &changed, at)?;
    take_up(&shared, &visitor, session).await
}

/// The person is there.
pub(in crate::page) async fn active(
    State(shared): shared::State,
    request: Request,
) -> Result<Response, Failure> {
    let (_, Nothing {}) = shared.posted::<Nothing>(request, true).await?;
    Ok(answer("{}"))
}
