//! What the Control Site has said of the site: commands, in the order of their numbers.

use cellwatch_model::Now;
use cellwatch_record::{Command, Datum, Event, EventKind, Hash, Order, SavedSite, SiteStatus};

use super::words;

/// How far two trusted clocks may differ, nanoseconds: a command issued this much in the future is
/// still obeyed.
const CLOCKS_DIFFER_NS: i64 = 300_000_000_000;

/// The site's status and the last command.
#[derive(Clone, Debug)]
pub(crate) struct SiteState {
    site: String,
    agent: String,
    saved: SavedSite,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obeyed {
    /// It is obeyed; the status before.
    From(SiteStatus),
    /// It is the one that was obeyed last.
    Again,
}

impl SiteState {
    /// `command` is the number of the last command that the shell knows of, and what it said.
    pub(crate) const fn new(site: String, agent: String, saved: SavedSite) -> Self {
        Self { site, agent, saved }
    }

    pub(crate) const fn status(&self) -> SiteStatus {
        self.saved.status
    }

    pub(crate) const fn saved(&self) -> &SavedSite {
        &self.saved
    }

    /// Goes on with what the records say, unless the shell knows a later command.
    pub(crate) fn restore(&mut self, saved: &SavedSite) {
        if saved.command >= self.saved.command {
            self.saved = saved.clone();
        }
    }

    /// Obeys a command, or says why not.
    pub(crate) fn take(
        &mut self,
        command: &Command,
        sha256: Hash,
        now: Now,
    ) -> Result<Obeyed, String> {
        if command.number == self.saved.command && sha256 == self.saved.sha256 {
            return Ok(Obeyed::Again);
        }
        self.judge(command, now)?;
        let Order::SiteStatus(status) = command.order;
        let before = self.saved.status;
        self.saved = SavedSite { status, command: command.number, sha256 };
        Ok(Obeyed::From(before))
    }

    fn judge(&self, command: &Command, now: Now) -> Result<(), String> {
        let Command { site, agent, number, issued, expires, .. } = command;
        if (site, agent) != (&self.site, &self.agent) {
            return Err(format!(
                "it is for agent {agent} of site {site}, not for agent {} of site {}",
                self.agent, self.site
            ));
        }
        let last = self.saved.command;
        if *number <= last {
            return Err(format!(
                "its number {number} is not higher than {last}, the last that was obeyed; an older one never comes back"
            ));
        }
        if !now.clock.sync.is_trusted() {
            return Err(format!(
                "the clock is {}, so its dates cannot be judged; it is taken again when the clock is synchronised",
                now.clock.sync
            ));
        }
        if now.utc >= *expires {
            return Err(format!("it expired at {}; issue a new one", words(*expires)));
        }
        if now.utc.0.saturating_add(CLOCKS_DIFFER_NS) < issued.0 {
            return Err(format!(
                "it is issued at {}, in the future: is the clock right?",
                words(*issued)
            ));
        }
        Ok(())
    }
}

/// Takes an event into what is known of the site.
pub(crate) fn fold_command(saved: &mut SavedSite, event: &Event) {
    if event.kind != EventKind::CommandAccepted {
        return;
    }
    let status = match event.details.get("site_status") {
        Some(Datum::Text(word)) => SiteStatus::from_word(word),
        Some(_) | None => None,
    };
    let number = match event.details.get("number") {
        Some(Datum::Integer(number)) => u64::try_from(*number).ok(),
        Some(_) | None => None,
    };
    let sha256 = match event.details.get("sha256") {
        Some(Datum::Bytes(bytes)) => bytes.as_slice().try_into().ok().map(Hash),
        Some(_) | None => None,
    };
    if let (Some(status), Some(command), Some(sha256)) = (status, number, sha256) {
        *saved = SavedSite { status, command, sha256 };
    }
}
