//! A simulated stack light and horn, and what it has shown.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::{Process, await_until, binary};

/// Longest time until it shows something.
const SOON: Duration = Duration::from_secs(60);

/// A stack light with red, amber, green and a horn, as a process of its own.
#[derive(Debug)]
pub struct StackLight {
    /// Where its Modbus TCP server listens.
    pub address: String,
    /// Its first holding register; none where it has coils.
    first_register: Option<u16>,
    process: Process,
}

impl StackLight {
    /// Starts one that listens there; a port of 0 takes a free one.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(rig: &Path, listen: &str) -> Self {
        Self::with("stack-light", rig, listen, None)
    }

    /// Starts one that has its outputs in holding registers, from this one on.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn on_registers(rig: &Path, first_register: u16) -> Self {
        Self::with("registers-light", rig, "127.0.0.1:0", Some(first_register))
    }

    fn with(name: &str, rig: &Path, listen: &str, first_register: Option<u16>) -> Self {
        let mut command = binary("reactor");
        command.args(["stack-light", "--lamps", "red,amber,green,horn", "--listen", listen]);
        if let Some(first) = first_register {
            command.args(["--first-register", &first.to_string()]);
        }
        let mut process = Process::start(name, rig, command);
        let address = process.ready()["modbus"].as_str().expect("an address").to_owned();
        Self { address, first_register, process }
    }

    /// What a site file says of it.
    #[must_use]
    pub fn declared(&self) -> String {
        let (id, place) = match self.first_register {
            None => ("light", String::new()),
            Some(first) => ("registers-light", format!("first_register = {first}\n")),
        };
        format!(
            "\n[[annunciator]]\nid = \"{id}\"\naddress = \"{}\"\n{place}lamps = [\"red\", \"amber\", \"green\", \"horn\"]\n",
            self.address
        )
    }

    /// Ends it at once, as when its cable is pulled.
    pub fn kill(self) {
        self.process.kill();
    }

    /// The names of what was lit, as the light itself says it, at every change.
    #[must_use]
    pub fn shown(&self) -> Vec<Vec<String>> {
        let change = |line: &String| {
            let said: Value = serde_json::from_str(line).ok()?;
            let names = said["lit"].as_array()?.iter();
            Some(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
        };
        self.process.lines().iter().filter_map(change).collect()
    }

    /// Awaits that it shows something.
    ///
    /// # Panics
    /// It does not come; what was shown is in the message.
    pub fn awaits(&self, what: &str, is_it: impl Fn(&[String]) -> bool) {
        await_until(what, SOON, || {
            let changes = self.shown();
            if changes.last().is_some_and(|now| is_it(now)) {
                Ok(())
            } else {
                Err(format!("{changes:?}"))
            }
        });
    }

    /// Awaits that this is lit, or the horn sounds.
    pub fn awaits_on(&self, lamp: &str) {
        self.awaits(&format!("{lamp} on"), |now| now.iter().any(|one| one == lamp));
    }

    /// Awaits that this is dark, or the horn silent.
    pub fn awaits_off(&self, lamp: &str) {
        self.awaits(&format!("{lamp} off"), |now| now.iter().all(|one| one != lamp));
    }
}
