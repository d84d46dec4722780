//! The site whose parts fall: reactors, agent, broker, Control Site, the agent's disk and its clock.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use cellwatch_tests::{
    Broker, ControlSite, Device, FakeTime, Finished, MasterFile, Process, Rig, SITE, SiteFile,
    SmallDisk, await_until, binary, finish, root,
};
use serde_json::Value;

/// The agent's disk, MiB: journal, reserve, and as much again as the reserve to be made anew.
const DISK_MIB: u32 = 48;
/// Longest time for everything to be found well again after the last trouble.
const WELL_WITHIN: Duration = Duration::from_secs(150);
const PROFILE: &str = "config/examples/profiles/rocking-bag-25.toml";

/// A reactor that comes back at its address.
pub(crate) struct Reactor {
    seed: usize,
    address: String,
    pub(crate) process: Option<Process>,
}

impl Reactor {
    fn new(rig: &Rig, seed: usize) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = free.expect("a port").to_string();
        let mut reactor = Self { seed, address, process: None };
        reactor.start(rig);
        reactor
    }

    pub(crate) fn start(&mut self, rig: &Rig) {
        let mut command = binary("reactor");
        command.args(["serve", "--listen", &self.address, "--control", "127.0.0.1:0"]);
        command.args(["--phase", "expansion", "--seed"]);
        command.arg(self.seed.to_string()).arg("--profile").arg(root().join(PROFILE));
        let mut process = Process::start(&format!("reactor-{}", self.seed), rig.path(), command);
        let _ready = process.ready();
        self.process = Some(process);
    }
}

/// Everything, as processes.
pub(crate) struct Site {
    pub(crate) reactors: Vec<Reactor>,
    pub(crate) agent: Option<Process>,
    pub(crate) control_site: Option<ControlSite>,
    pub(crate) broker: Broker,
    pub(crate) clock: FakeTime,
    /// None where the machine lets nobody mount one.
    pub(crate) disk: Option<SmallDisk>,
    pub(crate) rig: Rig,
}

impl Site {
    pub(crate) fn start() -> Self {
        let rig = Rig::new();
        let disk = SmallDisk::mount(rig.path(), &rig.site().join("data"), DISK_MIB);
        let disk = disk
            .map_err(|refused| {
                println!("  NOT DONE: full disks and read-only ones, for this machine lets nobody mount a file system: {refused}");
            })
            .ok();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        let reactors: Vec<_> = (1..=2).map(|seed| Reactor::new(&rig, seed)).collect();
        let devices = reactors.iter().map(|one| Device::numbered(one.seed, &one.address)).collect();
        let site_file =
            SiteFile { host: "localhost".to_owned(), port: broker.port, devices, segment_mib: 1 };
        let profile = fs::read_to_string(root().join(PROFILE)).expect("the example profile");
        rig.configure(&site_file, &profile, &MasterFile::of_the_example(SITE));
        let small = "commit_delay_ms = 50\nkeep_mib = 4\nreserve_mib = 8";
        rig.write("site.toml", site_file.text().replace("commit_delay_ms = 50", small));
        let clock = FakeTime::new(rig.path());
        let control_site = Some(control_site);
        let mut site = Self { reactors, agent: None, control_site, broker, clock, disk, rig };
        site.start_agent();
        site
    }

    /// Starts the agent and awaits that it polls.
    pub(crate) fn start_agent(&mut self) {
        let mut agent = self.begin_agent();
        let _ready = agent.ready();
        self.agent = Some(agent);
    }

    /// Starts the agent, and waits for nothing.
    pub(crate) fn begin_agent(&self) -> Process {
        let mut command = self.on_its_disk(&self.rig.agent_command());
        self.clock.give(&mut command);
        Process::start("agent", self.rig.path(), command)
    }

    pub(crate) fn start_control_site(&mut self) {
        self.control_site = Some(self.rig.control_site(&self.broker));
    }

    pub(crate) fn control_site(&self) -> &ControlSite {
        self.control_site.as_ref().expect("the Control Site runs")
    }

    fn on_its_disk(&self, command: &Command) -> Command {
        match &self.disk {
            Some(disk) => disk.within(command),
            None => cellwatch_tests::under(&["env"], command),
        }
    }

    fn cellwatch(&self, arguments: &[&str]) -> Finished {
        let mut command = binary("cellwatch");
        command.args(arguments).arg("--config").arg(self.rig.site().join("site.toml"));
        finish(self.on_its_disk(&command))
    }

    /// A copy of the journal as it is now, and its last number: SQLite opens nothing in another's namespace.
    pub(crate) fn journal(&self) -> (PathBuf, u64) {
        let copy = self.rig.path().join("copy");
        let _ = fs::remove_dir_all(&copy);
        let copied = self.cellwatch(&["backup", "--to", copy.to_str().expect("a path")]);
        assert_eq!(copied.status, Some(0), "{copied}");
        let manifest = fs::read(copy.join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
        (copy.join("journal"), manifest["last_seq"].as_u64().expect("a number"))
    }

    /// Nothing has ended by itself.
    pub(crate) fn assert_that_all_run(&mut self) {
        let agent = self.agent.as_mut().expect("the agent runs");
        assert!(agent.is_running(), "the agent ended by itself:\n{}", agent.log());
        let control_site = &mut self.control_site.as_mut().expect("the Control Site runs").process;
        let log = control_site.log();
        assert!(control_site.is_running(), "the Control Site ended by itself:\n{log}");
    }

    fn status(&self) -> Result<Value, String> {
        let said = self.cellwatch(&["status"]);
        serde_json::from_str(said.stdout.trim()).map_err(|error| format!("{error}: {said}"))
    }

    /// Awaits that a receipt covers the last record that is sealed now; gives its number.
    pub(crate) fn converge(&self, when: &str) -> u64 {
        let number = |said: &Value, key: &str| said[key].as_u64().unwrap_or(0);
        let status = || await_until("the agent's status", WELL_WITHIN, || self.status());
        let last = number(&status(), "seq");
        await_until(&format!("{when}: a receipt for seq {last}"), WELL_WITHIN, || {
            let said = self.status()?;
            let through = number(&said, "receipt_through");
            if through >= last {
                assert!(
                    self.control_site().through().cast_unsigned() >= through,
                    "a receipt for seq {through} is ahead of what is stored"
                );
                return Ok(last);
            }
            let agent = self.agent.as_ref().map(Process::log).unwrap_or_default();
            let lines: Vec<_> = agent.lines().rev().take(20).collect();
            Err(format!("{said}\n{}\n{}", self.control_site().state(), lines.join("\n")))
        })
    }

    /// Ends the agent as it is to be ended, and awaits that its last record is received.
    pub(crate) fn stop(&mut self) -> u64 {
        let agent = self.agent.take().expect("the agent runs");
        assert_eq!(agent.terminate(), Some(0), "a clean end");
        let (_, last) = self.journal();
        self.control_site().await_through(last.cast_signed());
        let verified = self.cellwatch(&["verify"]);
        assert_eq!(verified.status, Some(0), "{verified}");
        last
    }
}
