//! Between the core's words and the library's.

use std::collections::BTreeMap;
use std::str::FromStr;

use cellwatch_config::profile::{Identifier, Node};
use cellwatch_core::door::{UaSample, UaShort, UaShortfall, UaValue};
use cellwatch_model::Utc;
use opcua::types::{
    ByteString, DataValue, DateTime, Guid, MonitoredItemCreateRequest, MonitoredItemCreateResult,
    NodeId, Variant,
};

/// 100 ns from 1601-01-01, where OPC UA counts from (OPC 10000-6 §5.2.2.5), to 1970-01-01.
const EPOCH_TICKS: i64 = 116_444_736_000_000_000;
/// BadNodeIdUnknown: what a server says of a node that it has not.
const NODE_UNKNOWN: u32 = 0x8034_0000;

/// A node that is read and subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The node; none where the profile names none, which `check` refuses.
    pub node: Option<Node>,
    /// Sampled this often unless the site file says otherwise, milliseconds.
    pub period_ms: u64,
}

/// The server's namespaces: index by URI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Namespaces(BTreeMap<String, u16>);

impl Namespaces {
    /// From the value of `Server_NamespaceArray`; none where it is no such table.
    pub(super) fn of(value: &DataValue) -> Option<Self> {
        let Some(Variant::Array(array)) = &value.value else { return None };
        let mut table = BTreeMap::new();
        for (index, uri) in array.values.iter().enumerate() {
            let Variant::String(uri) = uri else { return None };
            // A URI that is there twice means its first index.
            table.entry(uri.as_ref().to_owned()).or_insert(u16::try_from(index).ok()?);
        }
        Some(Self(table))
    }

    /// The node today; none where the server has no such namespace.
    pub(super) fn find(&self, node: &Node) -> Option<NodeId> {
        let index = *self.0.get(&node.namespace)?;
        Some(match &node.identifier {
            Identifier::Numeric(number) => NodeId::new(index, *number),
            Identifier::Text(text) => NodeId::new(index, text.clone()),
            Identifier::Guid(guid) => NodeId::new(index, Guid::from_str(guid).ok()?),
            Identifier::Opaque(bytes) => NodeId::new(index, ByteString::from_base64(bytes)?),
        })
    }

    /// URIs among these that the server has not.
    pub(super) fn missing<'w>(&self, wanted: &'w [Wanted]) -> Vec<&'w str> {
        let uris = wanted.iter().filter_map(|one| Some(one.node.as_ref()?.namespace.as_str()));
        let mut missing: Vec<&str> = uris.filter(|uri| !self.0.contains_key(*uri)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }
}

/// A sample of a node.
pub(super) fn sample(parameter: usize, value: DataValue) -> UaSample {
    UaSample {
        parameter,
        value: value.value.map_or(UaValue::Null, scalar),
        status: value.status.map_or(0, |status| status.bits()),
        source: value.source_timestamp.and_then(utc),
        server: value.server_timestamp.and_then(utc),
    }
}

/// The sample of a node whose namespace the server has not.
pub(super) const fn unknown(parameter: usize) -> UaSample {
    UaSample { parameter, value: UaValue::Null, status: NODE_UNKNOWN, source: None, server: None }
}

/// Client handle of the item of a parameter: async-opcua puts one of its own in the place of 0.
pub(super) const fn handle_of(parameter: u32) -> u32 {
    parameter + 1
}

/// The parameter behind a client handle.
pub(super) fn parameter_of(handle: u32) -> Option<usize> {
    usize::try_from(handle.checked_sub(1)?).ok()
}

/// What the server grants less of for a node than it was asked for: the graver where there are two.
pub(super) fn short(
    asked: &MonitoredItemCreateRequest,
    granted: &MonitoredItemCreateResult,
) -> Option<UaShortfall> {
    let wanted = &asked.requested_parameters;
    let what = if !granted.status_code.is_good() {
        UaShort::NotMonitored { status: granted.status_code.bits() }
    } else if granted.revised_queue_size < wanted.queue_size {
        UaShort::Queue { asked: wanted.queue_size, granted: granted.revised_queue_size }
    } else if granted.revised_sampling_interval > wanted.sampling_interval {
        let [asked_ms, granted_ms] =
            [wanted.sampling_interval, granted.revised_sampling_interval].map(ms);
        UaShort::Sampling { asked_ms, granted_ms }
    } else {
        return None;
    };
    Some(UaShortfall { parameter: parameter_of(wanted.client_handle)?, what })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, and an interval is not negative"
)]
fn ms(interval: f64) -> u64 {
    interval.ceil() as u64
}

/// None for the null of OPC UA, and beyond what nanoseconds since 1970 can hold.
pub(super) fn utc(time: DateTime) -> Option<Utc> {
    let ticks = time.ticks();
    // What no clock shows stays so: the core refuses it.
    (ticks != 0).then(|| Utc(ticks.saturating_sub(EPOCH_TICKS).saturating_mul(100)))
}

fn scalar(value: Variant) -> UaValue {
    #[allow(clippy::wildcard_enum_match_arm, reason = "whatever else there is, no parameter is")]
    match value {
        Variant::Empty => UaValue::Null,
        Variant::Boolean(flag) => UaValue::Bool(flag),
        Variant::SByte(whole) => UaValue::Signed(whole.into()),
        Variant::Int16(whole) => UaValue::Signed(whole.into()),
        Variant::Int32(whole) => UaValue::Signed(whole.into()),
        Variant::Int64(whole) => UaValue::Signed(whole),
        Variant::Byte(whole) => UaValue::Unsigned(whole.into()),
        Variant::UInt16(whole) => UaValue::Unsigned(whole.into()),
        Variant::UInt32(whole) => UaValue::Unsigned(whole.into()),
        Variant::UInt64(whole) => UaValue::Unsigned(whole),
        Variant::Float(float) => UaValue::Float(float),
        Variant::Double(double) => UaValue::Double(double),
        Variant::String(text) if text.is_null() => UaValue::Null,
        Variant::String(text) => UaValue::Text(text.as_ref().to_owned()),
        Variant::LocalizedText(text) => UaValue::Text(text.text.as_ref().to_owned()),
        _ => UaValue::Other,
    }
}
