//! JSON over HTTP on loopback: the reactors' control ports, the Control Site's page.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::task::spawn_blocking;
use ureq::http::Response;
use ureq::{Agent, Body};

const WITHIN: Duration = Duration::from_secs(5);

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(WITHIN))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

pub(super) async fn post(address: &str, path: &str, body: Value) -> anyhow::Result<Value> {
    let url = format!("http://{address}{path}");
    ask(url, move |url| agent().post(url).send_json(&body)).await
}

pub(super) async fn delete(address: &str, path: &str) -> anyhow::Result<Value> {
    ask(format!("http://{address}{path}"), |url| agent().delete(url).call()).await
}

pub(super) async fn get(address: &str, path: &str) -> anyhow::Result<Value> {
    ask(format!("http://{address}{path}"), |url| agent().get(url).call()).await
}

async fn ask(
    url: String,
    request: impl FnOnce(&str) -> Result<Response<Body>, ureq::Error> + Send + 'static,
) -> anyhow::Result<Value> {
    spawn_blocking(move || {
        let mut answer = request(&url).with_context(|| format!("no answer from {url}"))?;
        let status = answer.status();
        let json: Value = answer
            .body_mut()
            .read_json()
            .with_context(|| format!("{url} answered {status} without JSON"))?;
        if !status.is_success() {
            bail!("{url} answered {status}: {json}");
        }
        Ok(json)
    })
    .await
    .context("the task of a request")?
}
