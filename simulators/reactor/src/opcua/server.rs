//! The server behind the front, and the values that it shows.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use opcua::server::address_space::{Variable, VariableBuilder};
use opcua::server::diagnostics::NamespaceMetadata;
use opcua::server::node_manager::memory::{
    InMemoryNodeManager, SimpleNodeManagerImpl, simple_node_manager,
};
use opcua::server::{ANONYMOUS_USER_TOKEN_ID, ServerBuilder, ServerEndpoint, ServerHandle, ServerUserToken};
use opcua::types::{DataValue, DateTime, NodeId, ObjectId, StatusCode};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::value::{namespace, node_id, type_of, variant};
use crate::live::{Live, TICK};

/// Key of the user in the server's configuration.
const USER: &str = "user";

/// How the face is secured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Folder of the server's certificate and key, made when they are missing; without it, no security.
    pub pki: Option<PathBuf>,
    /// Name and password of the only user; anybody without it.
    pub user: Option<(String, String)>,
}

type Manager = Arc<InMemoryNodeManager<SimpleNodeManagerImpl>>;

/// A server that runs.
pub(super) struct Running {
    /// Where it listens, on loopback.
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    nodes: Vec<(Manager, NodeId)>,
    task: JoinHandle<()>,
    /// Source time while it stands still.
    stood: Option<DateTime>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.cancel();
        self.task.abort();
    }
}

impl Running {
    /// Starts a server whose endpoints say that they are at `public`; with its namespaces the other way
    /// round if `turned`.
    pub(super) async fn start(
        live: &Live,
        public: SocketAddr,
        options: &Options,
        turned: bool,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut uris: Vec<String> = live.with(|reactor| {
            let parameters = reactor.face().parameters();
            let mut uris: Vec<String> =
                parameters.map(|(parameter, _)| namespace(parameter).to_owned()).collect();
            uris.sort();
            uris.dedup();
            uris
        });
        // Another one, so that there is always something to turn round.
        uris.push("urn:cellwatch:reactor:spare".to_owned());
        if turned {
            uris.reverse();
        }
        let mut builder = builder(public, options);
        for uri in &uris {
            let metadata =
                NamespaceMetadata { namespace_uri: uri.clone(), ..NamespaceMetadata::default() };
            builder = builder.with_node_manager(simple_node_manager(metadata, uri));
        }
        let (server, handle) = builder.build().map_err(io::Error::other)?;
        let mut managers = Vec::new();
        for uri in &uris {
            let index = handle.get_namespace_index(uri);
            let manager =
                handle.node_managers().get_by_name::<InMemoryNodeManager<SimpleNodeManagerImpl>>(uri);
            let (Some(index), Some(manager)) = (index, manager) else {
                return Err(io::Error::other(format!("the server has no namespace {uri}")));
            };
            managers.push((uri.clone(), index, manager));
        }
        let nodes = live.with(|reactor| {
            let place = |uri: &str| managers.iter().find(|(known, ..)| known == uri);
            let parameters = reactor.face().parameters();
            let nodes = parameters.filter_map(|(parameter, _)| {
                let (_, index, manager) = place(namespace(parameter))?;
                let id = node_id(parameter, *index);
                let variable: Variable =
                    VariableBuilder::new(&id, parameter.name.as_str(), parameter.name.as_str())
                        .data_type(type_of(parameter))
                        .organized_by(ObjectId::ObjectsFolder)
                        .build();
                manager.address_space().write().insert::<_, NodeId>(variable, None);
                Some((Arc::clone(manager), id))
            });
            nodes.collect()
        });
        let task = tokio::spawn(async move {
            if let Err(error) = server.run_with(listener).await {
                tracing::error!(%error, "the OPC UA server ended");
            }
        });
        let mut running = Self { address, handle, nodes, task, stood: None };
        running.show(live);
        Ok(running)
    }

    /// Shows what the reactor has now.
    pub(super) fn show(&mut self, live: &Live) {
        let now = DateTime::now();
        let (values, conduct) = live.with(|reactor| {
            let conduct = reactor.faults().opcua();
            let names: Vec<String> = reactor
                .face()
                .parameters()
                .map(|(parameter, _)| parameter.name.clone())
                .collect();
            let values: Vec<_> = names
                .iter()
                .map(|name| {
                    let words = reactor.words_of(name).unwrap_or_default();
                    let parameter = reactor.face().profile().parameter(name);
                    let value = parameter.map(|parameter| variant(parameter, &words));
                    (value.unwrap_or_default(), conduct.status_of(name))
                })
                .collect();
            (values, conduct)
        });
        let source = if conduct.source_time_stands {
            *self.stood.get_or_insert(now)
        } else {
            self.stood = None;
            now
        };
        for ((manager, id), (value, status)) in self.nodes.iter().zip(values) {
            let value = DataValue {
                value: Some(value),
                status: Some(StatusCode::from(status)),
                source_timestamp: Some(source),
                server_timestamp: Some(now),
                ..DataValue::default()
            };
            if let Err(error) = manager.set_value(self.handle.subscriptions(), id, None, value) {
                tracing::error!(%error, %id, "a value could not be shown");
            }
        }
    }

    /// Shows what the reactor has, for ever.
    pub(super) async fn keep_showing(&mut self, live: &Live) {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            self.show(live);
        }
    }
}

fn builder(public: SocketAddr, options: &Options) -> ServerBuilder {
    let users = match &options.user {
        Some(_) => vec![USER.to_owned()],
        None => vec![ANONYMOUS_USER_TOKEN_ID.to_owned()],
    };
    let mut builder = ServerBuilder::new()
        .application_name("cellwatch reactor")
        .application_uri("urn:cellwatch:reactor:server")
        .product_uri("urn:cellwatch:reactor")
        .host(public.ip().to_string())
        .port(public.port())
        .subscription_poll_interval_ms(50)
        .discovery_urls(vec![format!("opc.tcp://{public}/")])
        .add_endpoint("none", ServerEndpoint::new_none("/", &users));
    if let Some((name, password)) = &options.user {
        builder = builder.add_user_token(USER, ServerUserToken::user_pass(name, password));
    }
    if let Some(folder) = &options.pki {
        builder = builder
            .pki_dir(folder.clone())
            .certificate_path("own/cert.der")
            .private_key_path("private/private.pem")
            .create_sample_keypair(true)
            // The reactor is a toy: whoever finds it may look.
            .trust_client_certs(true)
            .add_endpoint(
                "basic256sha256",
                ServerEndpoint::new_basic256sha256_sign_encrypt("/", &users),
            )
            .add_endpoint(
                "aes256",
                ServerEndpoint::new_aes256_sha256_rsapss_sign_encrypt("/", &users),
            );
    }
    let limits = builder.limits_mut();
    limits.subscriptions.min_publishing_interval_ms = 50.0;
    limits.subscriptions.min_sampling_interval_ms = 10.0;
    builder
}
