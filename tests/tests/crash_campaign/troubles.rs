//! What befalls the site.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cellwatch_tests::Chance;

use crate::site::Site;

/// Longest time for which something stays away.
const AWAY: Duration = Duration::from_millis(600);
/// Longest time for which the disk is full.
const FULL: Duration = Duration::from_millis(3_000);
/// Within this much of its start the agent is killed again: before it polls, and just after.
const STARTING: Duration = Duration::from_millis(500);
/// Where the agent's clock stands, seconds off: certificates are older than that, and the Control Site takes records
/// that are less than 300 s ahead of its own clock.
const OFFSETS: [&str; 6] = ["+0", "+1", "+240", "-2", "-90", "-1800"];

/// One kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// SIGKILL to the agent.
    AgentKilled,
    /// And again while it starts.
    AgentKilledTwice,
    /// SIGKILL to the broker, which forgets everything; connections break.
    BrokerCut,
    /// SIGKILL to the Control Site.
    ControlSiteKilled,
    /// SIGKILL to a reactor.
    ReactorKilled,
    /// Nothing more goes onto the agent's disk.
    DiskFull,
    /// The agent is killed while nothing goes onto its disk, and started before something does.
    KilledOnFullDisk,
    /// The agent finds its disk read-only when it starts.
    DiskReadOnly,
    /// Its wall clock jumps.
    ClockStep,
}

impl Trouble {
    /// Any that can be made here.
    pub(crate) fn any(chance: &mut Chance, site: &Site) -> Self {
        const ANYWHERE: [Trouble; 8] = [
            Trouble::AgentKilled,
            Trouble::AgentKilled,
            Trouble::AgentKilledTwice,
            Trouble::BrokerCut,
            Trouble::BrokerCut,
            Trouble::ControlSiteKilled,
            Trouble::ReactorKilled,
            Trouble::ClockStep,
        ];
        const ON_A_DISK: [Trouble; 3] =
            [Trouble::DiskFull, Trouble::KilledOnFullDisk, Trouble::DiskReadOnly];
        let on_a_disk = site.disk.is_some() && chance.between(1, 6) == 1;
        if on_a_disk { chance.one_of(&ON_A_DISK) } else { chance.one_of(&ANYWHERE) }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::AgentKilled => "agent killed",
            Self::AgentKilledTwice => "killed again at its start",
            Self::BrokerCut => "broker killed",
            Self::ControlSiteKilled => "Control Site killed",
            Self::ReactorKilled => "reactor killed",
            Self::DiskFull => "disk full",
            Self::KilledOnFullDisk => "killed on a full disk",
            Self::DiskReadOnly => "disk read-only",
            Self::ClockStep => "clock steps",
        }
    }
}

/// What was made so far.
#[derive(Default)]
pub(crate) struct Troubles {
    made: BTreeMap<Trouble, u64>,
    refused_on_full_disk: u64,
}

impl fmt::Display for Troubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> =
            self.made.iter().map(|(one, count)| format!("{} {count}", one.word())).collect();
        let refused = self.refused_on_full_disk;
        write!(f, "{} ({refused} starts failed for want of a single page)", words.join(", "))
    }
}

impl Troubles {
    /// Makes one, and lets it pass.
    pub(crate) fn make(&mut self, trouble: Trouble, site: &mut Site, chance: &mut Chance) {
        *self.made.entry(trouble).or_default() += 1;
        match trouble {
            Trouble::AgentKilled => {
                kill_agent(site);
                chance.moment(AWAY);
                site.start_agent();
            }
            Trouble::AgentKilledTwice => {
                kill_agent(site);
                let again = site.begin_agent();
                chance.moment(STARTING);
                again.kill();
                site.start_agent();
            }
            Trouble::BrokerCut => {
                site.broker.stop();
                chance.moment(AWAY);
                site.broker.start_again();
            }
            Trouble::ControlSiteKilled => {
                site.control_site.take().expect("the Control Site runs").process.kill();
                chance.moment(AWAY);
                site.start_control_site();
            }
            Trouble::ReactorKilled => {
                let which = chance.between(1, site.reactors.len() as u64) - 1;
                let reactor = &mut site.reactors[usize::try_from(which).unwrap_or(0)];
                reactor.process.take().expect("the reactor runs").kill();
                chance.moment(AWAY);
                reactor.start(&site.rig);
            }
            Trouble::DiskFull => {
                disk(site).fill();
                chance.moment(FULL);
                disk(site).free();
            }
            Trouble::KilledOnFullDisk => {
                disk(site).fill();
                chance.moment(FULL);
                kill_agent(site);
                let mut agent = site.begin_agent();
                chance.moment(AWAY);
                disk(site).free();
                let runs = agent.becomes_ready();
                self.started_full(runs, &agent.log());
                if runs {
                    site.agent = Some(agent);
                } else {
                    site.start_agent();
                }
            }
            Trouble::DiskReadOnly => read_only(site, chance),
            Trouble::ClockStep => site.clock.set(chance.one_of(&OFFSETS)),
        }
    }
}

impl Troubles {
    /// Where the reserve went to others too, so that not a page is free, a start fails with words, and is tried again.
    fn started_full(&mut self, runs: bool, log: &str) {
        let said = log.lines().last().unwrap_or_default();
        assert!(runs || said.contains("full"), "no clear word:\n{log}");
        self.refused_on_full_disk += u64::from(!runs);
    }
}

fn disk(site: &Site) -> &cellwatch_tests::SmallDisk {
    site.disk.as_ref().expect("this trouble is made where there is a disk")
}

fn kill_agent(site: &mut Site) {
    site.agent.take().expect("the agent runs").kill();
}

/// The kernel refuses to make a disk read-only under open files: so the agent is away meanwhile, and a start must fail with words.
fn read_only(site: &mut Site, chance: &mut Chance) {
    kill_agent(site);
    let mounted = disk(site).remount(true);
    assert_eq!(mounted.status, Some(0), "{mounted}");
    let mut agent = site.begin_agent();
    let status = agent.exit_status();
    let log = agent.log();
    let said = log.lines().last().unwrap_or_default();
    assert!(status.is_some_and(|status| status != 0), "an agent that cannot write ran:\n{log}");
    assert!(
        said.contains("ead-only") || said.contains("readonly"),
        "{status:?}: no clear word:\n{log}"
    );
    chance.moment(AWAY);
    let mounted = disk(site).remount(false);
    assert_eq!(mounted.status, Some(0), "{mounted}");
    site.start_agent();
}
