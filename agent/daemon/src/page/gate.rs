//! Who asks, and whether the page itself asks: sessions, origin, CSRF, sizes, times.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::failure::Failure;
use super::limits::{BODY_MAX, BODY_WITHIN};
use super::sessions::Session;
use super::shared::{Peer, Shared};

/// The header that brings the session's CSRF token back.
pub(super) const CSRF: HeaderName = HeaderName::from_static("x-cellwatch-csrf");

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) peer: Peer,
    /// The cookie's session id, whether or not it is known.
    pub(super) id: Option<String>,
    pub(super) session: Option<Session>,
}

impl Visitor {
    /// Who is logged in.
    pub(super) fn person(&self) -> Result<&Session, Failure> {
        self.session.as_ref().ok_or_else(Failure::log_in)
    }

    /// Who is logged in and has changed the first password.
    pub(super) fn settled(&self) -> Result<&Session, Failure> {
        let session = self.person()?;
        if session.must_change {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "password",
                "change the password that you were given first",
            ));
        }
        Ok(session)
    }
}

impl Shared {
    /// Who makes this request. On plain HTTP only names of this machine are answered, so that no other site's name
    /// can be made to lead here (DNS rebinding).
    pub(super) fn visitor(&self, parts: &Parts) -> Result<Visitor, Failure> {
        let host = text(&parts.headers, &header::HOST).unwrap_or_default();
        if !self.facts.under_tls && !is_loopback(host) {
            let message = "this page is served to this machine only, under localhost or 127.0.0.1";
            return Err(Failure::new(StatusCode::MISDIRECTED_REQUEST, "host", message));
        }
        let peer = parts.extensions.get::<Peer>().copied();
        let peer = peer.ok_or_else(|| Failure::not_understood("nobody asks"))?;
        let id = cookie(&parts.headers, self.cookie());
        let now = self.now();
        let session = id.as_deref().and_then(|id| self.sessions().find(id, now).cloned());
        Ok(Visitor { peer, id, session })
    }

    /// A POST of the page itself: same origin, JSON, small, in time; with a session, its CSRF token.
    pub(super) async fn posted<T: DeserializeOwned>(
        &self,
        request: Request,
        needs_token: bool,
    ) -> Result<(Visitor, T), Failure> {
        let (parts, body) = request.into_parts();
        let visitor = self.visitor(&parts)?;
        self.is_of_the_page(&parts.headers)?;
        if needs_token {
            let session = visitor.person()?;
            let sent = text(&parts.headers, &CSRF).unwrap_or_default();
            if !same(sent, &session.csrf) {
                return Err(Failure::csrf("the request does not carry the token of this login"));
            }
        }
        let kind = text(&parts.headers, &header::CONTENT_TYPE).unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Failure::not_understood("send JSON, with content-type application/json"));
        }
        let too_slow = || {
            Failure::new(
                StatusCode::REQUEST_TIMEOUT,
                "too-slow",
                "the request took too long to come",
            )
        };
        let too_large = || {
            let message = format!("a request holds at most {BODY_MAX} bytes");
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
        };
        // What says that it is too large is not waited for.
        let declared = text(&parts.headers, &header::CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.parse::<u64>().ok());
        if declared.is_some_and(|length| length > BODY_MAX as u64) {
            return Err(too_large());
        }
        let bytes = timeout(BODY_WITHIN, to_bytes(body, BODY_MAX)).await.map_err(|_| too_slow())?;
        let bytes = bytes.map_err(|_| too_large())?;
        let posted = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::not_understood(format!("not understood: {error}")))?;
        // Only now: a request that is none is no activity.
        if let Some(id) = &visitor.id {
            self.sessions().touch(id, self.now());
        }
        Ok((visitor, posted))
    }

    /// Browsers say on each POST whose page sends it (Fetch Standard, §3.2).
    fn is_of_the_page(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let scheme = if self.facts.under_tls { "https" } else { "http" };
        let host = text(headers, &header::HOST).unwrap_or_default();
        let origin = text(headers, &header::ORIGIN).unwrap_or_default();
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        let same_site = site.is_none_or(|site| site == "same-origin");
        if host.is_empty() || origin != format!("{scheme}://{host}") || !same_site {
            return Err(Failure::csrf("only the operator page itself may ask this"));
        }
        Ok(())
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut its = pairs.filter(|(its, _)| *its == name).map(|(_, value)| value.to_owned());
    its.next().filter(|id| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// True for names and addresses of this machine, with or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Compares in a time that tells nothing of where they differ.
fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, same};

    #[test]
    fn only_names_of_this_machine() {
        for host in ["localhost", "localhost:8480", "127.0.0.1:1", "[::1]:8480", "LOCALHOST:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["", "evil.example", "127.0.0.1.evil.example:8480", "10.0.0.1:8480", "localhost.evil"]
        {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(same("ab", "ab") && !same("ab", "ac") && !same("ab", "abc") && !same("", "a"));
        println!("hosts: 14 cases");
    }
}
