//! Who is asked next.

use cellwatch_model::Mono;

use super::RETRY_PART;
use super::member::{Member, ScanChange};
use crate::door::{LineSetup, NoReply, RequestId};

/// A line and the devices on it.
#[derive(Debug)]
pub(crate) struct Line {
    setup: LineSetup,
    members: Vec<Member>,
    open: Option<Asked>,
    /// The gap after a request, or the quiet after a failure.
    free_at: Mono,
    /// Nobody who is off-scan is asked before this.
    retry_at: Mono,
    turns: u64,
}

/// The request that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Who.
    pub(crate) device: usize,
    /// The request.
    pub(crate) request: RequestId,
    /// When.
    pub(crate) at: Mono,
    /// So long the device may take, milliseconds.
    pub(crate) timeout_ms: u64,
    /// So long after that a reply may come, milliseconds.
    pub(crate) max_lateness_ms: u64,
}

impl Line {
    /// A line with these devices, by their index in the agent.
    pub(crate) fn new(setup: LineSetup, devices: impl IntoIterator<Item = usize>) -> Self {
        Self {
            setup,
            members: devices.into_iter().map(Member::new).collect(),
            open: None,
            free_at: Mono::default(),
            retry_at: Mono::default(),
            turns: 0,
        }
    }

    /// Its id in the site file; that of the device where it is a device's own.
    pub(crate) fn id(&self) -> &str {
        &self.setup.id
    }

    /// True where the line has several devices, and one can go off-scan.
    pub(crate) fn is_shared(&self) -> bool {
        self.members.len() > 1
    }

    /// True while only retries go to the device.
    #[cfg(test)]
    pub(crate) fn is_off_scan(&self, device: usize) -> bool {
        self.members.iter().any(|member| member.device == device && member.is_off_scan())
    }

    /// The earliest time at which the device may be asked if its poll is due at `due`.
    fn earliest(&self, member: &Member, due: Mono) -> Mono {
        let retry = if member.is_off_scan() { self.retry_at } else { Mono::default() };
        due.max(self.free_at).max(member.not_before()).max(retry)
    }

    /// Who may be asked now. `next_poll` says when a device's next poll is due.
    pub(crate) fn next(
        &self,
        now: Mono,
        next_poll: impl Fn(usize) -> Option<Mono>,
    ) -> Option<usize> {
        if self.open.is_some() {
            return None;
        }
        let may = self.members.iter().filter(|member| {
            next_poll(member.device).is_some_and(|due| self.earliest(member, due) <= now)
        });
        may.min_by_key(|member| member.last_turn).map(|member| member.device)
    }

    /// When somebody may be asked; none while a request is open.
    pub(crate) fn next_deadline(&self, next_poll: impl Fn(usize) -> Option<Mono>) -> Option<Mono> {
        if self.open.is_some() {
            return None;
        }
        let each = self.members.iter();
        each.filter_map(|member| Some(self.earliest(member, next_poll(member.device)?))).min()
    }

    /// A device was asked.
    pub(crate) fn asked(&mut self, asked: Asked) {
        self.turns += 1;
        let turns = self.turns;
        if let Some(member) = self.members.iter_mut().find(|one| one.device == asked.device) {
            member.last_turn = turns;
        }
        self.open = Some(asked);
    }

    /// The open request has an outcome; that of any other request is nobody's.
    pub(crate) fn replied(
        &mut self,
        request: RequestId,
        outcome: &Result<Vec<u16>, NoReply>,
        now: Mono,
    ) -> Option<ScanChange> {
        let asked = self.open.take_if(|asked| asked.request == request)?;
        let failed = matches!(outcome, Err(NoReply::Timeout | NoReply::Wrong(_)));
        self.free_at = now.plus_ms(self.setup.gap_ms);
        if failed && self.setup.without_ids {
            // The adapter sends nothing before; who asked earlier would only wait there (LAW-01).
            let quiet = asked.at.plus_ms(asked.timeout_ms + asked.max_lateness_ms);
            self.free_at = self.free_at.max(quiet);
        }
        if !self.is_shared() {
            return None;
        }
        let free_at = self.free_at;
        let member = self.members.iter_mut().find(|one| one.device == asked.device)?;
        let was_retry = member.is_off_scan();
        let change = member.outcome(outcome, now);
        if was_retry && member.is_off_scan() {
            let cost_ns = free_at.0.saturating_sub(asked.at.0);
            let pause_ns = cost_ns.saturating_mul(RETRY_PART - 1);
            self.retry_at = Mono(free_at.0.saturating_add(pause_ns));
        }
        change
    }
}
