//! Master Files on their way to the core: approved? free of mistakes? offered already?

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use cellwatch_config::{Problems, check, master_file};
use cellwatch_core::door::{MasterFileOffer, Offered};
use cellwatch_model::{Now, Utc};
use cellwatch_record::{Hash, Person, sha256};
use cellwatch_seal::{ApprovedDocument, verify_master_file};

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
    accepted: Option<Hash>,
    /// Origin → SHA-256 of the whole file that it offered last.
    last: BTreeMap<String, Hash>,
    open: VecDeque<(Hash, Vec<u8>)>,
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
            accepted: None,
            last: BTreeMap::new(),
            open: VecDeque::new(),
        }
    }

    /// Whom the offers are judged by.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The file that judged before this start goes on, whatever the clock and the roster's dates say.
    pub fn accepted_before(&mut self, kept: AcceptedMasterFile) -> MasterFileOffer {
        let origin = "the last accepted Master File".to_owned();
        let mut offer = self.judged(&origin, &kept.signed, None);
        offer.accepted_before = offer.sha256 == kept.sha256;
        self.accepted = Some(kept.sha256);
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
        // An empty retained message only clears the topic.
        if signed.is_empty() {
            return None;
        }
        self.new_offer("down/master-file", signed, now)
    }

    /// The core has accepted the offer with this hash: what is to be kept for the next start.
    pub fn accepted(&mut self, sha256: Hash, version: u64) -> Option<AcceptedMasterFile> {
        self.accepted = Some(sha256);
        let (_, signed) = self.open.iter().find(|(hash, _)| *hash == sha256)?;
        Some(AcceptedMasterFile { version, sha256, signed: signed.clone() })
    }

    fn new_offer(&mut self, origin: &str, signed: &[u8], now: Now) -> Option<MasterFileOffer> {
        let whole = sha256(signed);
        if self.last.insert(origin.to_owned(), whole) == Some(whole) {
            return None;
        }
        let now = now.clock.sync.is_trusted().then_some(now.utc);
        let offer = self.judged(origin, signed, now);
        // The file that judges already may come by more than one way.
        let known = self.accepted == Some(offer.sha256)
            && matches!(offer.offered, Offered::Approved { .. });
        (!known).then_some(offer)
    }

    fn judged(&mut self, origin: &str, signed: &[u8], now: Option<Utc>) -> MasterFileOffer {
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
        let approved = match verify_master_file(signed, &self.trust.roster, now) {
            Ok(approved) => approved.into_inner(),
            Err(error) => return offer(sha256(signed), Offered::Refused(error.to_string())),
        };
        let hash = sha256(&approved.bytes);
        if let Some(reason) = self.trust.expired(now) {
            return offer(hash, Offered::Refused(reason));
        }
        self.open.push_back((hash, signed.to_vec()));
        if self.open.len() > OFFERED_MAX {
            self.open.pop_front();
        }
        offer(hash, understood(&self.installation, origin, approved))
    }
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
