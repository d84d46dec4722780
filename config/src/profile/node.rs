//! Nodes of an OPC UA server: by namespace URI and identifier, never by index.

use std::fmt;

use super::OpcUaRules;
use crate::reader::{Section, Value};

/// Longest identifier of text (OPC 10000-3 §8.2.4), characters.
const IDENTIFIER_MAX: usize = 4096;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// URI of its namespace: the server's table says which index it has today.
    pub namespace: String,
    /// Its identifier there.
    pub identifier: Identifier,
}

/// Identifier of a node in its namespace (OPC 10000-3 §8.2.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifier {
    /// `i=`.
    Numeric(u32),
    /// `s=`.
    Text(String),
    /// `g=`, in small letters.
    Guid(String),
    /// `b=`, base64 as written.
    Opaque(String),
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric(number) => write!(f, "i={number}"),
            Self::Text(text) => write!(f, "s={text}"),
            Self::Guid(guid) => write!(f, "g={guid}"),
            Self::Opaque(bytes) => write!(f, "b={bytes}"),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nsu={};{}", self.namespace, self.identifier)
    }
}

/// `node` of a parameter, in the notation of OPC 10000-6 §5.1.13; the namespace of `[opcua]` where it has none.
pub(super) fn node(value: &Value<'_>, rules: Option<&OpcUaRules>) -> Option<Node> {
    let text = value.any_text()?;
    if text.starts_with("ns=") {
        return value.problem(format!(
            "{text:?} names its namespace by an index, which changes when the server does: write nsu=URI;… or the identifier alone with [opcua] namespace"
        ));
    }
    let (namespace, identifier) = match text.strip_prefix("nsu=").map(|rest| rest.split_once(';')) {
        Some(Some((uri, identifier))) => (Some(uri), identifier),
        Some(None) => ("".into(), text),
        None => (None, text),
    };
    let Some(identifier) = self::identifier(identifier) else {
        return value.problem(format!(
            "{text:?} is no node: use \"i=NUMBER\", \"s=TEXT\", \"g=GUID\" or \"b=BASE64\", before it \"nsu=URI;\" where the namespace is not that of [opcua]"
        ));
    };
    let usual = rules.and_then(|rules| rules.namespace.as_deref());
    let Some(namespace) = namespace.or(usual).filter(|uri| !uri.is_empty()) else {
        return value.problem(
            "has no namespace: add namespace = … to [opcua], or write \"nsu=URI;\" before the identifier",
        );
    };
    Some(Node { namespace: namespace.to_owned(), identifier })
}

fn identifier(text: &str) -> Option<Identifier> {
    let (kind, rest) = text.split_once('=')?;
    let fits = !rest.is_empty() && rest.chars().count() <= IDENTIFIER_MAX;
    match kind {
        "i" => rest.parse().ok().map(Identifier::Numeric),
        "s" if fits => Some(Identifier::Text(rest.to_owned())),
        "g" if is_guid(rest) => Some(Identifier::Guid(rest.to_ascii_lowercase())),
        "b" if fits && is_base64(rest) => Some(Identifier::Opaque(rest.to_owned())),
        _ => None,
    }
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// `[opcua]`.
pub(super) fn opcua(section: &Section<'_>) -> Option<OpcUaRules> {
    let namespace = section.maybe("namespace", Value::text);
    let timeout_ms = section.or("timeout_ms", 2000, |t| t.integer(10..=60_000));
    let source_time_advances = section.or("source_time_advances", false, Value::boolean);
    section.finish();
    Some(OpcUaRules {
        namespace: namespace?,
        timeout_ms: timeout_ms?,
        source_time_advances: source_time_advances?,
    })
}
