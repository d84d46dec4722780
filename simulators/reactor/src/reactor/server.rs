//! The lives of the OPC UA server of a device.

use crate::faults::Fault;

/// A life of the OPC UA server: a server of another number knows no session of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLife {
    /// Counts lives from 0.
    pub number: u64,
    /// Its namespaces are the other way round.
    pub turned: bool,
}

impl ServerLife {
    /// What a fault that begins makes of it.
    pub(super) fn outlive(&mut self, fault: &Fault) {
        let turns = *fault == Fault::NamespacesReordered;
        if turns || matches!(fault, Fault::SessionsDropped | Fault::Reboot) {
            self.number += 1;
            self.turned ^= turns;
        }
    }
}
