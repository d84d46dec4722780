//! The door: everything that goes in and out of the core.

mod account;
mod confirmed;
mod input;
mod opcua;
mod output;
mod start;

pub use account::AccountStep;
pub use confirmed::Confirmed;
pub use input::{
    Asked, BrokerInput, ClosedSegment, CommandOffer, Damage, DeviceId, DiskState, Input,
    JournalState, KeepHistory, KeyFileState, KeyInput, MasterFileOffer, NoReply, Offered,
    OperatorAction, RequestId, RosterOffer,
};
pub use opcua::{UaInput, UaSample, UaShort, UaShortfall, UaValue};
pub use output::{Append, Content, Message, Output, Read, Shown};
pub use start::{
    AnnunciatorSetup, DeviceSetup, Fork, FormerJournal, LineSetup, RecordHash, Setup, Start,
    UaSetup, UnitSetup,
};
