//! `reactor stack-light`.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use cellwatch_reactor::stack_light::{Outputs, serve};
use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args)]
pub(crate) struct StackLight {
    /// Modbus TCP: port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:15040")]
    listen: SocketAddr,
    /// Names of the outputs, in their order.
    #[arg(long, value_delimiter = ',', default_value = "red,amber,green,blue,horn")]
    lamps: Vec<String>,
    /// Zero-based address of the first coil.
    #[arg(long, default_value_t = 0)]
    first_coil: u16,
    /// Zero-based address of the first holding register: a register for each lamp, 1 is on, instead of coils.
    #[arg(long, conflicts_with = "first_coil")]
    first_register: Option<u16>,
    /// All outputs go off after so long without a write, seconds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    watchdog_s: u64,
}

impl StackLight {
    /// Prints a JSON object when it listens, and one with what is lit at each change.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listen = self.listen;
            let listener = TcpListener::bind(listen)
                .await
                .with_context(|| format!("cannot listen on {listen}"))?;
            say(&json!({ "ready": true, "modbus": listener.local_addr()?.to_string() }));
            let count = self.lamps.len();
            let outputs = match self.first_register {
                Some(first) => Outputs::registers(first, count),
                None => Outputs::coils(self.first_coil, count),
            };
            let lamps = self.lamps;
            let changed = move |on: &[bool]| {
                let lit = lamps.iter().zip(on).filter_map(|(lamp, on)| on.then_some(lamp));
                say(&json!({ "lit": lit.collect::<Vec<_>>() }));
            };
            let serve = serve(listener, outputs, Duration::from_secs(self.watchdog_s), changed);
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                served = serve => served.context("the listener failed"),
                _ = terminate.recv() => Ok(()),
                _ = tokio::signal::ctrl_c() => Ok(()),
            }
        })
    }
}

fn say(what: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    // Whoever started it has gone away: the next signal ends it.
    let _ = writeln!(out, "{what}").and_then(|()| out.flush());
}
