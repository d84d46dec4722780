//! The log: sentences for people, on standard error.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// Starts to log at `level`, else at CELLWATCH_LOG, else at info.
pub(super) fn start(level: Option<&str>) -> anyhow::Result<()> {
    let from_environment = std::env::var("CELLWATCH_LOG").ok();
    let (level, from) = match (level, from_environment.as_deref()) {
        (Some(level), _) => (level, "--log"),
        (None, Some(level)) => (level, "CELLWATCH_LOG"),
        // rumqttc and async-opcua log at warn and above what the daemon explains itself.
        (None, None) => (
            "info,rumqttc=off,opcua_client=off,opcua_core=off,opcua_crypto=off,opcua_types=off",
            "the default",
        ),
    };
    let filter = EnvFilter::try_new(level).with_context(|| {
        format!("{from}: {level:?} is no log level: use error, warn, info, debug or trace")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    Ok(())
}
