//! The nodes of the server: one for each parameter, a double of each in another namespace, and the table of
//! namespaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use cellwatch_config::profile::Parameter;
use opcua_server::address_space::{NodeType, Variable, VariableBuilder};
use opcua_server::diagnostics::NamespaceMetadata;
use opcua_server::node_manager::memory::{SimpleNodeManager, simple_node_manager};
use opcua_server::{ServerBuilder, ServerHandle};
use opcua_types::{
    DataTypeId, DataValue, DateTime, NodeId, ObjectId, StatusCode, VariableId, Variant,
};

use super::value::{namespace, node_id, type_of, variant};
use super::{APPLICATION, DOUBLES};
use crate::live::Live;
use crate::reactor::{Reactor, Showing};

/// The namespace of OPC UA itself, with index 0.
const STANDARD: &str = "http://opcfoundation.org/UA/";

type Manager = Arc<SimpleNodeManager>;

/// The nodes that show values.
pub(super) struct Nodes {
    /// In the profile's order.
    nodes: Vec<(Manager, NodeId)>,
    /// Source time while it stands still.
    stood: Option<DateTime>,
}

impl Nodes {
    /// Adds the namespaces of a device to a server in the making; gives their URIs in the order of their indexes.
    pub(super) fn namespaces(
        builder: ServerBuilder,
        reactor: &Reactor,
    ) -> (ServerBuilder, Vec<String>) {
        let parameters = reactor.face().parameters();
        let mut own: Vec<String> =
            parameters.map(|(parameter, _)| namespace(parameter).to_owned()).collect();
        own.sort();
        own.dedup();
        own.push(DOUBLES.to_owned());
        if reactor.server().turned {
            own.reverse();
        }
        let mut uris = vec![STANDARD.to_owned(), APPLICATION.to_owned()];
        uris.extend(own);
        let builder = uris.iter().fold(builder, |builder, uri| {
            let metadata =
                NamespaceMetadata { namespace_uri: uri.clone(), ..NamespaceMetadata::default() };
            builder.with_node_manager(simple_node_manager(metadata, uri))
        });
        (builder, uris)
    }

    /// Adds the nodes.
    ///
    /// # Errors
    /// A namespace is not where it should be, in words.
    pub(super) fn new(
        handle: &ServerHandle,
        uris: &[String],
        reactor: &Reactor,
    ) -> Result<Self, String> {
        let mut managers: BTreeMap<&str, (u16, Manager)> = BTreeMap::new();
        for (index, uri) in (0u16..).zip(uris) {
            let manager = handle.node_managers().get_by_name::<SimpleNodeManager>(uri);
            match (handle.get_namespace_index(uri), manager) {
                (Some(there), Some(manager)) if there == index => {
                    managers.insert(uri, (index, manager));
                }
                _ => return Err(format!("the server has namespace {uri} not at {index}")),
            }
        }
        let (_, standard) = &managers[STANDARD];
        let table = Variant::from(uris.to_vec());
        let id = NodeId::from(VariableId::Server_NamespaceArray);
        insert(standard, &id, "NamespaceArray", DataTypeId::String, table);
        let (doubles, other) = &managers[DOUBLES];
        let mut nodes = Vec::new();
        for (parameter, _) in reactor.face().parameters() {
            let (index, manager) = &managers[namespace(parameter)];
            let id = node_id(parameter, *index);
            add(manager, &id, parameter);
            // Whoever goes by the index of another day reads this one.
            add(other, &node_id(parameter, *doubles), parameter);
            nodes.push((Arc::clone(manager), id));
        }
        Ok(Self { nodes, stood: None })
    }

    /// Shows what the reactor has now.
    pub(super) fn show(&mut self, handle: &ServerHandle, live: &Live) {
        let now = DateTime::now();
        let conduct = live.with(|reactor| reactor.faults().conduct());
        let source = if conduct.source_time_stands {
            *self.stood.get_or_insert(now)
        } else {
            self.stood = None;
            now
        };
        let values = live.with(|reactor| shown(reactor, now));
        for ((manager, id), (value, status)) in self.nodes.iter().zip(values) {
            let value = DataValue {
                value: Some(value),
                status: Some(StatusCode::from(status)),
                source_timestamp: Some(source),
                server_timestamp: Some(now),
                ..DataValue::default()
            };
            if conduct.subscription_stalls {
                if let Some(NodeType::Variable(node)) = manager.address_space().write().find_mut(id)
                {
                    node.set_data_value(value);
                }
            } else if let Err(error) = manager.set_value(handle.subscriptions(), id, None, value) {
                tracing::error!(%error, %id, "a value could not be shown");
            }
        }
    }
}

/// Values and status codes in the profile's order, on the reactor's log.
fn shown(reactor: &mut Reactor, now: DateTime) -> Vec<(Variant, u32)> {
    let names: Vec<String> =
        reactor.face().parameters().map(|(parameter, _)| parameter.name.clone()).collect();
    let words: Vec<Vec<u16>> = names.iter().map(|name| reactor.words_of(name)).collect();
    let (face, faults) = (reactor.face(), reactor.faults());
    let each = face.parameters().zip(&words);
    let values = each
        .map(|((parameter, _), words)| {
            (variant(parameter, words), faults.status_of(&parameter.name))
        })
        .collect();
    reactor.showings.add(Showing { server_ticks: now.ticks(), words });
    values
}

fn add(manager: &Manager, id: &NodeId, parameter: &Parameter) {
    let zero = variant(parameter, &vec![0; usize::from(parameter.width())]);
    insert(manager, id, &parameter.name, type_of(parameter), zero);
}

fn insert(manager: &Manager, id: &NodeId, name: &str, data_type: DataTypeId, value: Variant) {
    let variable: Variable = VariableBuilder::new(id, name, name)
        .data_type(data_type)
        .value(value)
        .organized_by(ObjectId::ObjectsFolder)
        .build();
    manager.address_space().write().insert::<_, NodeId>(variable, None);
}
