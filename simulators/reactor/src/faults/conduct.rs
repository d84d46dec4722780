//! How a device answers, by what is broken.

use std::time::Duration;

use super::fault::{Damage, Fault, HeaderField};

/// How the device answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Whether it can be reached.
    pub reach: Reach,
    /// New connections are taken, and nothing is ever said on them.
    pub accepts_only: bool,
    /// Never answers.
    pub silent: bool,
    /// Answers this much later, one request after the other.
    pub slow: Duration,
    /// Holds replies back while it takes further requests.
    pub late: Option<Duration>,
    /// Sends fewer registers than asked for.
    pub wrong_length: bool,
    /// Sends more registers than asked for.
    pub extra_length: bool,
    /// Changes the reply.
    pub header: Header,
    /// Answers with this exception.
    pub exception: Option<u8>,
    /// Sends other bytes.
    pub damage: Option<Damage>,
    /// On OPC UA, source times stand still.
    pub source_time_stands: bool,
    /// On OPC UA, subscriptions bring no changes.
    pub subscription_stalls: bool,
}

/// Whether a device can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It can.
    #[default]
    There,
    /// The device is not there: its own port takes no connection; on a bus it is silent.
    Away,
    /// No connection is taken, nor by the serial server before it.
    Refused,
}

/// What a reply's header is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Added to the transaction identifier.
    pub transaction: u16,
    /// Added to the unit identifier.
    pub unit: u8,
    /// The function code is another one's.
    pub other_function: bool,
}

impl Conduct {
    /// What these faults, oldest first, make of it.
    pub(super) fn of<'f>(faults: impl Iterator<Item = &'f Fault>) -> Self {
        let mut conduct = Self::default();
        for fault in faults {
            conduct.add(fault);
        }
        conduct
    }

    const fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::DeviceSilent => self.silent = true,
            Fault::DeviceSlow { delay_ms } => self.slow = Duration::from_millis(*delay_ms),
            Fault::LateReply { delay_ms } => self.late = Some(Duration::from_millis(*delay_ms)),
            Fault::ConnectionRefused => self.reach = Reach::Refused,
            Fault::Reboot if !matches!(self.reach, Reach::Refused) => self.reach = Reach::Away,
            Fault::AcceptsOnly => self.accepts_only = true,
            Fault::WrongLength => self.wrong_length = true,
            Fault::ExtraLength => self.extra_length = true,
            Fault::Damaged { how } => self.damage = Some(*how),
            Fault::WrongReply { field } => match field {
                HeaderField::Transaction => self.header.transaction = 1,
                HeaderField::Unit => self.header.unit = 1,
                HeaderField::Function => self.header.other_function = true,
            },
            Fault::Exception { code } => self.exception = Some(*code),
            Fault::SourceTimeStands => self.source_time_stands = true,
            Fault::SubscriptionStalls => self.subscription_stalls = true,
            // A half-open connection is a matter of the connections that were open then.
            Fault::HalfOpen
            | Fault::SessionsDropped
            | Fault::NamespacesReordered
            | Fault::BadStatus { .. }
            | Fault::Reboot
            | Fault::SensorStuck { .. }
            | Fault::SensorOffset { .. }
            | Fault::ValueOutOfRange { .. }
            | Fault::SwappedWords { .. }
            | Fault::OtherSerial { .. }
            | Fault::HeaterFailed { .. }
            | Fault::AgitationStopped
            | Fault::DoorOpen => {}
        }
    }
}
