//! Starts the processes: broker, reactors, Control Site, then the agent that needs them all.

use std::ffi::OsString;
use std::path::Path;

use tokio::task::JoinSet;

use super::files::{Address, UNITS, write_site};
use super::folder::Folder;
use crate::process::{Child, ChildError, Programs, Starter};

/// What every process is told of this machine's clock.
pub const CLOCK: &str = "simulated";

/// A bioreactor.
#[derive(Debug)]
pub struct Reactor {
    /// The unit that it is.
    pub unit: &'static str,
    /// Its Modbus TCP server, `host:port`.
    pub modbus: String,
    /// Its control port, `host:port`.
    pub control: String,
    pub(super) process: Child,
}

/// Everything that runs.
#[derive(Debug)]
pub struct Plant {
    /// The broker, `host:port`.
    pub mqtt: String,
    /// The Control Site's page, `host:port`.
    pub page: String,
    /// The bioreactors.
    pub reactors: Vec<Reactor>,
    pub(super) broker: Child,
    pub(super) control_site: Child,
    pub(super) agent: Child,
}

impl Plant {
    /// Starts everything; each is ready before the next begins.
    ///
    /// # Errors
    /// One does not start.
    pub async fn start(folder: &Folder, programs: &Programs) -> anyhow::Result<Self> {
        let keys = folder.join("keys");
        let logs = folder.join("logs");
        let starter = Starter { demo: &programs.demo, logs: &logs };
        let broker = starter
            .start(
                "broker",
                &programs.demo,
                &arguments(&[
                    ("broker", None),
                    ("--authority", Some(&keys.join("authority/ca.pem"))),
                    ("--certificate", Some(&keys.join("broker/cert.pem"))),
                    ("--private-key", Some(&keys.join("broker/key.pem"))),
                ]),
            )
            .await?;
        let mqtt = broker.address("mqtt")?.to_owned();
        let broker_port = Address::parse(&mqtt)?.port;

        let mut reactors = Vec::new();
        for (number, (unit, _)) in UNITS.iter().enumerate() {
            reactors.push(reactor(number, unit, folder, programs, starter).await?);
        }
        let modbus = reactors
            .iter()
            .map(|reactor| Address::parse(&reactor.modbus))
            .collect::<anyhow::Result<Vec<_>>>()?;
        write_site(folder, broker_port, &modbus)?;

        let control_site = control_site(broker_port, folder, &keys, programs, starter).await?;
        let page = control_site.address("http")?.to_owned();
        let agent = starter
            .start(
                "agent",
                &programs.agent,
                &[
                    arguments(&[("run", None), ("--config", Some(&folder.join("site.toml")))]),
                    words(&["--json-ready"]),
                ]
                .concat(),
            )
            .await?;
        Ok(Self { mqtt, page, reactors, broker, control_site, agent })
    }

    /// Waits until a process ends by itself, and says which, with the end of its log.
    pub async fn one_ended(&self) -> ChildError {
        let mut ends = JoinSet::new();
        for child in self.processes() {
            ends.spawn(child.end_of());
        }
        ends.join_next().await;
        let dead = self.processes().find(|child| !child.runs()).unwrap_or(&self.agent);
        dead.why_it_ended()
    }

    fn processes(&self) -> impl Iterator<Item = &Child> {
        [&self.broker, &self.control_site, &self.agent]
            .into_iter()
            .chain(self.reactors.iter().map(|reactor| &reactor.process))
    }
}

async fn reactor(
    number: usize,
    unit: &'static str,
    folder: &Folder,
    programs: &Programs,
    starter: Starter<'_>,
) -> anyhow::Result<Reactor> {
    // The second culture is two days older, so that the two look different on the page.
    let age_h = (96 + 48 * number).to_string();
    let seed = (number + 1).to_string();
    let serial = format!("RB25-{:04}", 117 + number);
    let process = starter
        .start(
            unit,
            &programs.reactor,
            &[
                arguments(&[
                    ("serve", None),
                    ("--profile", Some(&folder.join("profiles/rocking-bag-25.toml"))),
                ]),
                words(&["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]),
                words(&["--seed", &seed, "--serial", &serial]),
                words(&["--phase", "expansion", "--age-h", &age_h]),
            ]
            .concat(),
        )
        .await?;
    let modbus = process.address("modbus")?.to_owned();
    let control = process.address("control")?.to_owned();
    Ok(Reactor { unit, modbus, control, process })
}

async fn control_site(
    broker_port: u16,
    folder: &Folder,
    keys: &Path,
    programs: &Programs,
    starter: Starter<'_>,
) -> Result<Child, ChildError> {
    let broker = format!("localhost:{broker_port}");
    let own = keys.join("control-site");
    starter
        .start(
            "control-site",
            &programs.control_site,
            &[
                arguments(&[
                    ("run", None),
                    ("--site-dir", Some(&folder.join("control-site"))),
                    ("--authority", Some(&keys.join("authority/ca.pem"))),
                    ("--certificate", Some(&own.join("client.pem"))),
                    ("--private-key", Some(&own.join("client.key"))),
                    ("--roster", Some(&keys.join("roster.cose"))),
                    ("--root", Some(&keys.join("root.pub"))),
                    ("--receipt-key", Some(&own.join("receipt.pk8"))),
                ]),
                words(&["--broker", &broker, "--http", "127.0.0.1:0", "--clock", CLOCK]),
            ]
            .concat(),
        )
        .await
}

fn arguments(options: &[(&str, Option<&Path>)]) -> Vec<OsString> {
    options
        .iter()
        .flat_map(|(name, path)| {
            [Some(OsString::from(name)), path.map(|path| path.as_os_str().to_owned())]
        })
        .flatten()
        .collect()
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
