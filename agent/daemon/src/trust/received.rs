//! What comes from above: whether it is believed.

use cellwatch_core::door::{CommandOffer, Input, RosterOffer};
use cellwatch_model::Utc;
use cellwatch_record::{
    COMMAND_CONTENT_TYPE, COMPLETENESS_CONTENT_TYPE, Command, CompletenessReceipt, JournalId,
    RECEIPT_CONTENT_TYPE, Receipt, sha256,
};
use cellwatch_seal::PublicKey;

use super::Trust;

/// Longest command, bytes: its reason is the longest part of it.
const COMMAND_BYTES_MAX: usize = 4 * 1024;
/// Longest roster, bytes; some thousand agents fit into it.
const ROSTER_BYTES_MAX: usize = 1 << 20;

impl Trust {
    /// The receipt in what came from above, if it is one for `agent` and `journal`.
    ///
    /// # Errors
    /// Why it is not taken, in words.
    pub fn receipt(
        &self,
        sealed: &[u8],
        agent: &str,
        journal: JournalId,
    ) -> Result<Receipt, String> {
        let payload = self.by_receipt_key(sealed, RECEIPT_CONTENT_TYPE)?;
        let receipt = Receipt::decode(&payload).map_err(|error| error.to_string())?;
        is_for((&receipt.agent, receipt.journal), (agent, journal))?;
        Ok(receipt)
    }

    /// What the Control Site says of a sealed batch, if it is for `agent` and `journal`.
    ///
    /// # Errors
    /// Why it is not taken, in words.
    pub fn completeness(
        &self,
        sealed: &[u8],
        agent: &str,
        journal: JournalId,
    ) -> Result<Input, String> {
        let payload = self.by_receipt_key(sealed, COMPLETENESS_CONTENT_TYPE)?;
        let receipt = CompletenessReceipt::decode(&payload).map_err(|error| error.to_string())?;
        is_for((&receipt.agent, receipt.journal), (agent, journal))?;
        Ok(Input::Completeness { receipt, sealed: sealed.to_vec() })
    }

    /// What a receipt key of the roster has sealed.
    fn by_receipt_key(&self, sealed: &[u8], content_type: &str) -> Result<Vec<u8>, String> {
        let opened = cellwatch_seal::open(sealed).map_err(|error| error.to_string())?;
        let id = opened.key_id();
        let key = self.roster.receipt_key(&id);
        let key = key.ok_or_else(|| format!("key {id} is no receipt key of the roster"))?;
        let verified = opened.verify(content_type, key).map_err(|error| error.to_string())?;
        Ok(verified.into_inner())
    }

    /// The command in what came from above, if a command key of the roster has sealed it. Whether it is
    /// obeyed is the core's to say.
    #[must_use]
    pub fn command(&self, sealed: &[u8]) -> CommandOffer {
        match self.believed_command(sealed) {
            Ok((payload, signer)) => {
                let command = Command::decode(&payload).map_err(|error| error.to_string());
                CommandOffer { sha256: sha256(&payload), signer, command }
            }
            Err(reason) => {
                CommandOffer { sha256: sha256(sealed), signer: String::new(), command: Err(reason) }
            }
        }
    }

    /// The payload that a command key sealed, and whose key it is.
    fn believed_command(&self, sealed: &[u8]) -> Result<(Vec<u8>, String), String> {
        if sealed.len() > COMMAND_BYTES_MAX {
            return Err(format!(
                "{} bytes are more than a command may have, {COMMAND_BYTES_MAX}",
                sealed.len()
            ));
        }
        let opened = cellwatch_seal::open(sealed).map_err(|error| error.to_string())?;
        let id = opened.key_id();
        let key = self
            .roster
            .command_key(&id)
            .ok_or_else(|| format!("key {id} is no command key of the roster"))?;
        let payload =
            opened.verify(COMMAND_CONTENT_TYPE, key).map_err(|error| error.to_string())?;
        let named = self.roster.command_keys.iter().find(|one| one.key == *key);
        let signer = named.map(|one| one.name.clone()).unwrap_or_default();
        Ok((payload.into_inner(), signer))
    }

    /// Takes a roster that was offered, if it is to replace the one in use: newer, and signed by its roots.
    /// None where it is the one in use.
    pub fn succeed(
        &mut self,
        origin: &str,
        signed: &[u8],
        now: Option<Utc>,
    ) -> Option<RosterOffer> {
        if signed == self.signed {
            return None;
        }
        let (origin, sha256) = (origin.to_owned(), sha256(signed));
        let outcome = self.successor(signed, now);
        Some(RosterOffer { origin, sha256, outcome })
    }

    fn successor(&mut self, signed: &[u8], now: Option<Utc>) -> Result<u64, String> {
        if signed.len() > ROSTER_BYTES_MAX {
            return Err(format!(
                "{} bytes are more than a roster may have, {ROSTER_BYTES_MAX}",
                signed.len()
            ));
        }
        let next = self.roster.open_successor(signed, now).map_err(|error| error.to_string())?;
        let roots: Vec<PublicKey> = self.roster.roots.iter().map(|root| root.key).collect();
        let signers = next.signers().to_vec();
        self.roots = roots.into_iter().filter(|root| signers.contains(&root.id())).collect();
        self.roster = next.into_inner();
        self.signed = signed.to_vec();
        Ok(self.roster.version)
    }
}

fn is_for(found: (&str, JournalId), expected: (&str, JournalId)) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("it is for agent {} and journal {}", found.0, found.1))
}
