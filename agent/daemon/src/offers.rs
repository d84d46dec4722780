//! What comes from above or from files on its way to the core: approved? free of mistakes? offered already?

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use cellwatch_config::{Problems, check, master_file};
use cellwatch_core::door::{CommandOffer, MasterFileOffer, Offered, RosterOffer};
use cellwatch_model::{Now, Utc};
use cellwatch_record::{Hash, Person, sha256};
use cellwatch_seal::{
    ApprovalError, ApprovedDocument, Roster, Verified, verify_accepted_master_file,
    verify_master_file,
};

use crate::installation::Installation;
use crate::state::AcceptedMasterFile;
use crate::trust::Trust;

/// Signed files that are remembered until the core has said whether it accepts them.
const OFFERED_MAX: usize = 4;
/// Longest signed Master File, bytes.
pub const SIGNED_BYTES_MAX: usize = 1 << 20;

/// Makes offers of signed files, each content once.
#[derive(Debug)]
pub struct Offers {
    trust: Trust,
    installation: Arc<Installation>,
    file: PathBuf,
    /// The Master Files that the core holds, by the SHA-256 of their approved text.
    held: BTreeMap<Hash, AcceptedMasterFile>,
    /// Origin → SHA-256 of the whole that it offered last.
    last: BTreeMap<String, Hash>,
    open: VecDeque<(Hash, Arc<[u8]>)>,
}

impl Offers {
    /// Offers for this installation.
    #[must_use]
    pub fn new(trust: Trust, installation: Arc<Installation>) -> Self {
        let file = installation.path(&installation.site.trust.master_file);
        Self {
            trust,
            installation,
            file,
            held: BTreeMap::new(),
            last: BTreeMap::new(),
            open: VecDeque::new(),
        }
    }

    /// Whom the offers are judged by.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// A file that was accepted before this start goes on, whatever the clock and the roster of now say:
    /// approvals that were good then stand.
    pub fn accepted_before(&mut self, kept: AcceptedMasterFile) -> MasterFileOffer {
        let origin = "kept from before".to_owned();
        let accepted = kept.accepted;
        let approve =
            |signed: &[u8], roster: &Roster| verify_accepted_master_file(signed, roster, accepted);
        let mut offer = self.judged(&origin, &kept.signed, approve);
        offer.accepted_before = offer.sha256 == kept.sha256;
        self.held.insert(kept.sha256, kept);
        offer
    }

    /// The file that the site file names, unless it was offered so already.
    pub fn of_site_file(&mut self, now: Now) -> Option<MasterFileOffer> {
        let origin = self.file.display().to_string();
        match std::fs::read(&self.file) {
            Ok(signed) => self.new_offer(&origin, &signed, now),
            Err(cause) => {
                tracing::error!(
                    "{origin}: {cause} (trust.master_file of the site file); without a Master File nothing is judged"
                );
                None
            }
        }
    }

    /// A file that came from the Control Site, unless it was offered so already.
    pub fn of_control_site(&mut self, signed: &[u8], now: Now) -> Option<MasterFileOffer> {
        self.new_offer("down/master-file", signed, now)
    }

    /// A roster that came from the Control Site, unless it is in use or was offered already. What the
    /// core is told is already so: [`Self::trust`] is the new one.
    pub fn roster(&mut self, signed: &[u8], now: Now) -> Option<RosterOffer> {
        let origin = "down/roster";
        if !self.is_news(origin, signed) {
            return None;
        }
        self.trust.succeed(origin, signed, trusted(now))
    }

    /// A command that came from the Control Site, unless it came already.
    pub fn command(&mut self, sealed: &[u8]) -> Option<CommandOffer> {
        self.is_news("down/command", sealed).then(|| self.trust.command(sealed))
    }

    /// What was judged so far was judged by a clock that nobody could trust: it may come again.
    pub fn judge_again(&mut self) {
        self.last.clear();
    }

    /// The core holds these files and no others: what is to be kept for the next start; none where
    /// that is nothing new.
    pub fn held(&mut self, files: &[(Hash, u64)], now: Now) -> Option<Vec<AcceptedMasterFile>> {
        let mut held = BTreeMap::new();
        for (sha256, version) in files {
            let open = || self.open.iter().rfind(|(hash, _)| hash == sha256);
            if let Some(known) = self.held.get(sha256) {
                held.insert(*sha256, known.clone());
            } else if let Some((_, signed)) = open() {
                let (version, sha256, signed) = (*version, *sha256, Arc::clone(signed));
                let accepted = now.utc;
                held.insert(sha256, AcceptedMasterFile { version, sha256, accepted, signed });
            } else {
                tracing::error!("the accepted Master File {sha256} is not at hand to be kept");
            }
        }
        let is_news = held != self.held;
        self.held = held;
        is_news.then(|| {
            let mut files: Vec<_> = self.held.values().cloned().collect();
            files.sort_by_key(|file| file.version);
            files
        })
    }

    fn is_news(&mut self, origin: &str, bytes: &[u8]) -> bool {
        let whole = sha256(bytes);
        // An empty retained message only clears the topic.
        !bytes.is_empty() && self.last.insert(origin.to_owned(), whole) != Some(whole)
    }

    fn new_offer(&mut self, origin: &str, signed: &[u8], now: Now) -> Option<MasterFileOffer> {
        // The files that judge, or wait to, may come by more than one way and again.
        let is_held = self.held.values().any(|held| *held.signed == *signed);
        if !self.is_news(origin, signed) || is_held {
            return None;
        }
        let at = trusted(now);
        let offer =
            self.judged(origin, signed, |signed, roster| verify_master_file(signed, roster, at));
        if let (Some(reason), Offered::Approved { .. }) = (self.trust.expired(at), &offer.offered) {
            return Some(MasterFileOffer { offered: Offered::Refused(reason), ..offer });
        }
        // The same text with other signatures of the same people.
        let known = self.held.contains_key(&offer.sha256)
            && matches!(offer.offered, Offered::Approved { .. });
        (!known).then_some(offer)
    }

    fn judged(
        &mut self,
        origin: &str,
        signed: &[u8],
        approve: impl Fn(&[u8], &Roster) -> Result<Verified<ApprovedDocument>, ApprovalError>,
    ) -> MasterFileOffer {
        let offer = |sha256, offered| MasterFileOffer {
            origin: origin.to_owned(),
            sha256,
            offered,
            accepted_before: false,
        };
        if signed.len() > SIGNED_BYTES_MAX {
            let reason = format!(
                "{} bytes are more than a Master File may have, {SIGNED_BYTES_MAX}",
                signed.len()
            );
            return offer(sha256(signed), Offered::Refused(reason));
        }
        let approved = match approve(signed, &self.trust.roster) {
            Ok(approved) => approved.into_inner(),
            Err(error) => return offer(sha256(signed), Offered::Refused(error.to_string())),
        };
        let hash = sha256(&approved.bytes);
        self.open.push_back((hash, signed.into()));
        if self.open.len() > OFFERED_MAX {
            self.open.pop_front();
        }
        offer(hash, understood(&self.installation, origin, approved))
    }
}

/// The wall clock, where it can be trusted.
fn trusted(now: Now) -> Option<Utc> {
    now.clock.sync.is_trusted().then_some(now.utc)
}
/// The content of an approved text, if it fits this installation.
#[must_use]
pub fn understood(
    installation: &Installation,
    origin: &str,
    approved: ApprovedDocument,
) -> Offered {
    let file = match master_file::parse(origin, &approved.bytes) {
        Ok(file) => file,
        Err(problems) => return Offered::Refused(problems.to_string()),
    };
    let Installation { site, file: site_file, profiles, .. } = installation;
    let problems = check::together(site, site_file, profiles, Some(&file));
    if !problems.is_empty() {
        return Offered::Refused(Problems(problems).to_string());
    }
    let approvers = approved
        .approvals
        .into_iter()
        .map(|approval| Person { name: approval.name, role: approval.role.to_string() })
        .collect();
    Offered::Approved { file: Arc::new(file), approvers }
}
