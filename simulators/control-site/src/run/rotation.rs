//! A new roster while everything runs: read anew on SIGHUP, used here, sent to every agent.

use std::sync::{Arc, PoisonError};

use cellwatch_seal::PublicKey;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc::{Sender, UnboundedSender};

use super::connection::{Documents, Incoming, to_every_agent};
use super::hooks::Outgoing;
use super::{Clock, RunArgs, RunError, setup};
use crate::intake::Verifier;

/// What a rotation needs.
pub(super) struct Rotation {
    pub(super) args: RunArgs,
    pub(super) clock: Clock,
    pub(super) receipt_key: PublicKey,
    pub(super) verifier: Arc<Verifier>,
    pub(super) documents: Documents,
    pub(super) outgoing: UnboundedSender<Outgoing>,
    pub(super) incoming: Sender<Incoming>,
}

impl Rotation {
    /// Reads the roster anew at each signal. One that cannot be used changes nothing.
    pub(super) async fn serve(self, mut asked: Signal) {
        while asked.recv().await.is_some() {
            match self.rotate().await {
                Ok(Some(version)) => tracing::info!("version {version} of the roster is in use"),
                Ok(None) => tracing::info!("the roster has not changed"),
                Err(error) => tracing::error!("{error}; the roster that is in use stays so"),
            }
        }
    }

    async fn rotate(&self) -> Result<Option<u64>, RunError> {
        let in_use = self.verifier.roster();
        let now = self.clock.utc();
        let next = setup::reread_roster(&self.args, &in_use, &self.receipt_key, now)?;
        let Some((roster, signed)) = next else { return Ok(None) };
        let version = roster.version;
        self.verifier.succeed(roster);
        let sites = self.verifier.sites();
        let rosters = to_every_agent(&sites, "roster", &signed);
        {
            let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
            documents.retain(|(topic, _)| !topic.ends_with("/down/roster"));
            documents.extend(rosters.iter().cloned());
        }
        for (topic, payload) in rosters {
            // The receiver is gone only at the end.
            let _ = self.outgoing.send(Outgoing::Retained { topic, payload });
        }
        let _ = self.incoming.send(Incoming::Agents(sites)).await;
        Ok(Some(version))
    }
}
