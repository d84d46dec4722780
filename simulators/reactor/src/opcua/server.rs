//! The server behind the front, and the values that it shows.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use opcua_server::{
    ANONYMOUS_USER_TOKEN_ID, ServerBuilder, ServerEndpoint, ServerHandle, ServerUserToken,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::nodes::Nodes;
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

/// A server that runs.
pub(super) struct Running {
    /// Where it listens, on loopback.
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    nodes: Nodes,
    task: JoinHandle<()>,
    /// The library wants a folder even where nothing is secured.
    _folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.cancel();
        self.task.abort();
    }
}

impl Running {
    /// Starts a server whose endpoints say that they are at `public`.
    pub(super) async fn start(
        live: &Live,
        public: SocketAddr,
        options: &Options,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let folder = tempfile::tempdir()?;
        let mut builder = builder(public, options);
        if options.pki.is_none() {
            builder = builder.pki_dir(folder.path());
        }
        let (builder, uris) = live.with(|reactor| Nodes::namespaces(builder, reactor));
        let (server, handle) = builder.build().map_err(io::Error::other)?;
        let mut nodes =
            live.with(|reactor| Nodes::new(&handle, &uris, reactor)).map_err(io::Error::other)?;
        nodes.show(&handle, live);
        let task = tokio::spawn(async move {
            if let Err(error) = server.run_with(listener).await {
                tracing::error!(%error, "the OPC UA server ended");
            }
        });
        Ok(Self { address, handle, nodes, task, _folder: folder })
    }

    /// Shows what the reactor has, for ever.
    pub(super) async fn keep_showing(&mut self, live: &Live) {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            self.nodes.show(&self.handle, live);
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
        .application_uri(super::APPLICATION)
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
    limits.subscriptions.max_monitored_item_queue_size = 1_000;
    builder
}
