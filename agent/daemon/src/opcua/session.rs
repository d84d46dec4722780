//! One session: made, served, given up.

use std::sync::Arc;
use std::time::Duration;

use cellwatch_config::site::{OpcUaPolicy, OpcUaSecurity};
use cellwatch_core::door::{NoReply, UaInput, UaSample};
use opcua::client::{Client, Session as Inner};
use opcua::crypto::SecurityPolicy;
use opcua::types::{
    EndpointDescription, MessageSecurityMode, MonitoredItemCreateRequest, MonitoringMode,
    MonitoringParameters, NodeId, ReadValueId, StatusCode, TimestampsToReturn, VariableId,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::convert::{Namespaces, handle_of, sample, short, unknown};
use super::explain::{explain, explain_error};
use super::notifications::{Notifications, Published};
use super::own::{certificate_path, identity};
use super::settings::{ALIVE_EVERY, NODES_AT_ONCE, WAITING_MAX};
use super::{Ask, Settings};
use crate::opcua_trust::{describe, is_trusted, keep_unknown, thumbprint};

/// A subscription without publish requests ends after so many publishing intervals; at least three times
/// the keep-alive count (OPC 10000-4 §5.14.2).
const LIFETIME_PER_ALIVE: u32 = 10;
/// How long a session may take to say good-bye.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// How long the server may take to look up namespaces and to make a subscription.
const PREPARE_WITHIN: Duration = Duration::from_secs(10);

/// Why there is no session.
#[derive(Debug)]
pub(super) enum Refused {
    /// The server shows a certificate that nobody has accepted.
    Untrusted { text: String, thumbprint: String },
    /// Anything else.
    Failed(String),
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// A session with its nodes.
pub(super) struct Session {
    settings: Settings,
    inner: Arc<Inner>,
    ended: JoinHandle<StatusCode>,
    namespaces: Namespaces,
    /// One for each parameter; none where the server has no such namespace.
    nodes: Vec<Option<NodeId>>,
    words: String,
}

impl Session {
    /// Makes a session and looks its nodes up.
    pub(super) async fn connect(settings: &Settings, client: &Client) -> Result<Self, Refused> {
        let server = &settings.server;
        let own = certificate_path(settings);
        let url = server.endpoint.as_str();
        let offered = client
            .get_server_endpoints_from_url(url)
            .await
            .map_err(|error| explain_error(url, &error, &own))?;
        let endpoint = choose(settings, offered)?;
        let user = identity(settings)?;
        let (inner, event_loop) = client
            .session_builder()
            .user_identity_token(user)
            .connect_to_endpoint_directly(endpoint)
            .and_then(|builder| builder.build(Arc::clone(client.certificate_store())))
            .map_err(|error| explain_error(url, &error, &own))?;
        inner.disable_reconnects();
        let mut ended = event_loop.spawn();
        let is_up = tokio::select! {
            is_up = inner.wait_for_connection() => is_up,
            status = &mut ended => {
                let status = status.unwrap_or(StatusCode::BadUnexpectedError);
                return Err(explain(url, status, &own).into());
            }
        };
        let mut session = Self {
            settings: settings.clone(),
            inner,
            ended,
            namespaces: Namespaces::default(),
            nodes: Vec::new(),
            words: String::new(),
        };
        if !is_up {
            return Err(format!("{url}: the server closed the connection").into());
        }
        session.look_up().await?;
        Ok(session)
    }

    /// The session in words, for the record.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    async fn look_up(&mut self) -> Result<(), Refused> {
        let url = &self.settings.server.endpoint;
        let table = [namespace_array()];
        let read = self.inner.read(&table, TimestampsToReturn::Neither, 0.0);
        let values = match timeout(PREPARE_WITHIN, read).await {
            Ok(Ok(values)) => values,
            Ok(Err(error)) => {
                return Err(explain_error(url, &error, &certificate_path(&self.settings)).into());
            }
            Err(_) => return Err(format!("{url}: the server does not answer").into()),
        };
        let namespaces = values.first().and_then(Namespaces::of);
        self.namespaces =
            namespaces.ok_or_else(|| format!("{url}: the server shows no table of namespaces"))?;
        let wanted = self.settings.wanted.iter();
        self.nodes = wanted.map(|one| self.namespaces.find(one.node.as_ref()?)).collect();
        let security = match self.settings.server.security {
            OpcUaSecurity::None => "no security".to_owned(),
            OpcUaSecurity::SignAndEncrypt(policy) => {
                format!("SignAndEncrypt, {}", self::policy(policy).to_str())
            }
        };
        let missing = self.namespaces.missing(&self.settings.wanted);
        self.words = format!("{url}, {security}");
        if !missing.is_empty() {
            self.words += &format!("; the server has no namespace {}", missing.join(", "));
        }
        Ok(())
    }

    /// Serves until the session is to be given up: why; none once nobody can ask any more.
    pub(super) async fn serve<F>(
        mut self,
        asks: &mut mpsc::Receiver<Ask>,
        tell: &(impl Fn(UaInput) -> F + Sync),
    ) -> Option<String>
    where
        F: Future<Output = ()> + Send,
    {
        let (out, mut published) = mpsc::channel(WAITING_MAX);
        let mut out = Some(out);
        let why = loop {
            tokio::select! {
                biased;
                status = &mut self.ended => {
                    let status = status.unwrap_or(StatusCode::BadUnexpectedError);
                    break Some(format!("the connection was lost: {status}"));
                }
                one = published.recv() => match one {
                    Some(Published::Input(input)) => tell(input).await,
                    Some(Published::Ended(why)) => break Some(why),
                    None => break Some("notifications came faster than they were taken".to_owned()),
                },
                ask = asks.recv() => match ask {
                    None => break None,
                    Some(Ask::Reconnect { why }) => break Some(why),
                    Some(Ask::Read { request, timeout_ms }) => {
                        let outcome = self.read(timeout_ms).await;
                        let failed = outcome.as_ref().err().map(words);
                        tell(UaInput::Read { request, outcome }).await;
                        if failed.is_some() {
                            break failed;
                        }
                        if let Some(out) = out.take() {
                            match timeout(PREPARE_WITHIN, self.subscribe(out)).await {
                                Ok(Ok(subscribed)) => tell(subscribed).await,
                                Ok(Err(why)) => break Some(why),
                                Err(_) => break Some("the server makes no subscription".to_owned()),
                            }
                        }
                    }
                },
            }
        };
        // Whoever is gone need not be waited for.
        let _ = timeout(CLOSE_WITHIN, self.inner.disconnect()).await;
        self.ended.abort();
        why
    }

    /// Reads everything, and that the namespaces are still where they were.
    async fn read(&self, timeout_ms: u64) -> Result<Vec<UaSample>, NoReply> {
        let there = self.nodes.iter().flatten().cloned().map(ReadValueId::from);
        let wanted: Vec<ReadValueId> = std::iter::once(namespace_array()).chain(there).collect();
        let whole = async {
            let mut values = Vec::new();
            for some in wanted.chunks(NODES_AT_ONCE) {
                let read = self.inner.read(some, TimestampsToReturn::Both, 0.0).await;
                let read = read.map_err(|error| match error.status() {
                    StatusCode::BadTimeout | StatusCode::BadRequestTimeout => NoReply::Timeout,
                    _ => NoReply::Wrong(error.to_string()),
                })?;
                if read.len() != some.len() {
                    let text = format!("{} values came, {} were asked for", read.len(), some.len());
                    return Err(NoReply::Wrong(text));
                }
                values.extend(read);
            }
            Ok(values)
        };
        let values = timeout(Duration::from_millis(timeout_ms), whole).await;
        let mut values = values.map_err(|_| NoReply::Timeout)??.into_iter();
        if values.next().and_then(|table| Namespaces::of(&table)).as_ref() != Some(&self.namespaces)
        {
            return Err(NoReply::Wrong("the server's table of namespaces changed".to_owned()));
        }
        let sample = |(index, node): (usize, &Option<NodeId>)| match node {
            Some(_) => Some(sample(index, values.next()?)),
            None => Some(unknown(index)),
        };
        let samples: Option<Vec<UaSample>> = self.nodes.iter().enumerate().map(sample).collect();
        samples.ok_or_else(|| NoReply::Wrong("values are missing".to_owned()))
    }

    /// Subscribes to everything that the server has.
    async fn subscribe(&self, out: mpsc::Sender<Published>) -> Result<UaInput, String> {
        let server = &self.settings.server;
        let own = certificate_path(&self.settings);
        let publishing = Duration::from_millis(server.publishing_ms);
        let alive = ALIVE_EVERY.as_millis() / publishing.as_millis().max(1);
        let alive = u32::try_from(alive.max(1)).unwrap_or(1);
        let id = self
            .inner
            .create_subscription(
                publishing,
                alive * LIFETIME_PER_ALIVE,
                alive,
                0,
                0,
                true,
                Notifications::new(out),
            )
            .await
            .map_err(|error| explain_error("its subscription", &error, &own))?;
        let granted = {
            let state = self.inner.subscription_state().lock();
            state.get(id).map(|one| (one.publishing_interval(), one.max_keep_alive_count()))
        };
        let items: Vec<MonitoredItemCreateRequest> =
            (0u32..).zip(&self.nodes).filter_map(|(index, node)| self.item(index, node)).collect();
        let mut shortfalls = Vec::new();
        for some in items.chunks(NODES_AT_ONCE) {
            let created = self
                .inner
                .create_monitored_items(id, TimestampsToReturn::Both, some.to_vec())
                .await
                .map_err(|error| explain_error("its subscription", &error, &own))?;
            if created.len() != some.len() {
                return Err(format!(
                    "its subscription: {} items came, {} were asked for",
                    created.len(),
                    some.len()
                ));
            }
            let granted = some.iter().zip(&created);
            shortfalls.extend(granted.filter_map(|(asked, item)| short(asked, &item.result)));
        }
        let (publishing, alive) = granted.unwrap_or((publishing, alive));
        Ok(UaInput::Subscribed {
            publishing_ms: u64::try_from(publishing.as_millis()).unwrap_or(server.publishing_ms),
            keep_alive_count: u64::from(alive),
            shortfalls,
        })
    }

    fn item(&self, index: u32, node: &Option<NodeId>) -> Option<MonitoredItemCreateRequest> {
        let server = &self.settings.server;
        let wanted = self.settings.wanted.get(usize::try_from(index).ok()?)?;
        let sampling_ms = server.sampling_ms.unwrap_or(wanted.period_ms);
        #[allow(clippy::cast_precision_loss)] // at most an hour
        let sampling_interval = sampling_ms as f64;
        let parameters = MonitoringParameters {
            client_handle: handle_of(index),
            sampling_interval,
            queue_size: server.queue_size,
            discard_oldest: true,
            ..MonitoringParameters::default()
        };
        let node = ReadValueId::from(node.clone()?);
        Some(MonitoredItemCreateRequest::new(node, MonitoringMode::Reporting, parameters))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.ended.abort();
    }
}

fn namespace_array() -> ReadValueId {
    ReadValueId::from(NodeId::from(VariableId::Server_NamespaceArray))
}

fn words(no_reply: &NoReply) -> String {
    match no_reply {
        NoReply::NotConnected(why) | NoReply::Wrong(why) => why.clone(),
        NoReply::Timeout => "the server does not answer".to_owned(),
        NoReply::Exception(code) => format!("exception {code}"),
    }
}

const fn policy(policy: OpcUaPolicy) -> SecurityPolicy {
    match policy {
        OpcUaPolicy::Basic256Sha256 => SecurityPolicy::Basic256Sha256,
        OpcUaPolicy::Aes128Sha256RsaOaep => SecurityPolicy::Aes128Sha256RsaOaep,
        OpcUaPolicy::Aes256Sha256RsaPss => SecurityPolicy::Aes256Sha256RsaPss,
    }
}

/// The endpoint with the security that the site file wants, at the address that it names, with a
/// certificate that is trusted.
fn choose(
    settings: &Settings,
    offered: Vec<EndpointDescription>,
) -> Result<EndpointDescription, Refused> {
    let server = &settings.server;
    let (mode, uri) = match server.security {
        OpcUaSecurity::None => (MessageSecurityMode::None, SecurityPolicy::None.to_uri()),
        OpcUaSecurity::SignAndEncrypt(one) => {
            (MessageSecurityMode::SignAndEncrypt, policy(one).to_uri())
        }
    };
    let fits = |one: &&EndpointDescription| {
        one.security_mode == mode && one.security_policy_uri.as_ref() == uri
    };
    let Some(found) = offered.iter().find(fits) else {
        let mut all: Vec<String> = offered
            .iter()
            .map(|one| {
                let uri = one.security_policy_uri.as_ref();
                let policy = uri.rsplit('#').next().unwrap_or(uri).to_owned();
                format!("{:?} {policy}", one.security_mode)
            })
            .collect();
        all.sort();
        all.dedup();
        return Err(Refused::Failed(format!(
            "{}: the server does not offer what security and policy ask for; it offers {}",
            server.endpoint,
            all.join(", ")
        )));
    };
    // Servers often name themselves by a name or port that is another from here.
    let endpoint =
        EndpointDescription { endpoint_url: server.endpoint.as_str().into(), ..found.clone() };
    if server.security == OpcUaSecurity::None {
        return Ok(endpoint);
    }
    let der = endpoint.server_certificate.as_ref();
    if is_trusted(&settings.trust_dir, der) {
        return Ok(endpoint);
    }
    let its = thumbprint(der);
    let text = match keep_unknown(&settings.unknown_dir, &server.id, der) {
        Ok(()) => format!(
            "the OPC UA server {} shows a certificate that nobody has accepted: {}. Compare it with what the server itself shows; then: cellwatch opcua trust --server {} --thumbprint {its} --by \"...\" --comment \"...\"",
            server.endpoint,
            describe(der),
            server.id
        ),
        Err(cause) => format!(
            "the OPC UA server {} shows a certificate that nobody has accepted and that cannot be kept aside: {}; {cause}",
            server.endpoint,
            describe(der)
        ),
    };
    Err(Refused::Untrusted { text, thumbprint: its })
}
