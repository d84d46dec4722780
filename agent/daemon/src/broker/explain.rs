//! Why a connection failed: what happened and what a person does about it.

use std::error::Error;
use std::io;

use rumqttc::TlsError;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode};
use rumqttc::v5::{ConnectionError, StateError, mqttbytes};
use rustls::{AlertDescription, CertificateError};

use super::Settings;

/// Why the broker could not be reached or was lost.
#[must_use]
pub fn explain(settings: &Settings, error: &ConnectionError) -> String {
    let Settings { host, port, .. } = settings;
    if let Some(tls) = find_tls(error) {
        return explain_tls(settings, tls);
    }
    match error {
        ConnectionError::ConnectionRefused(code) => refused(settings, *code),
        ConnectionError::Timeout(_) => format!(
            "broker {host}:{port} does not answer: see that it runs and that a firewall lets this machine through (broker.host and broker.port of the site file)"
        ),
        ConnectionError::Io(error) | ConnectionError::Tls(TlsError::Io(error)) => {
            explain_io(settings, error)
        }
        ConnectionError::MqttState(state) => explain_state(settings, state),
        ConnectionError::Tls(error) => {
            format!("no TLS with broker {host}:{port}: {error} (broker.host of the site file)")
        }
        ConnectionError::NotConnAck(_) => format!(
            "{host}:{port} answers, but not as an MQTT 5 broker: see broker.host and broker.port of the site file"
        ),
        ConnectionError::RequestsDone => "the connection was given up".to_owned(),
    }
}

/// What a failed TLS handshake means.
#[must_use]
pub fn explain_tls(settings: &Settings, error: &rustls::Error) -> String {
    let Settings { host, port, authority, certificate, .. } = settings;
    let (authority, certificate) = (authority.display(), certificate.display());
    #[allow(clippy::wildcard_enum_match_arm)] // rustls's errors are open-ended
    match error {
        rustls::Error::InvalidCertificate(reason) => {
            let what = match reason {
                CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
                    "it is not signed by the authority in {authority}. If this is the right broker, put the PEM file of its authority there (broker.authority of the site file)"
                ),
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "it has expired. Renew the broker's certificate; if it is still valid, set this machine's clock".to_owned()
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "it is not valid yet. Set this machine's clock, or the broker's certificate is too new".to_owned()
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => format!(
                    "it is for another name than \"{host}\". Write the name that stands in the certificate as broker.host of the site file, or have one issued for this name"
                ),
                CertificateError::Revoked => "it was revoked. The broker needs a new one".to_owned(),
                other => format!("{other}. The broker needs a proper certificate"),
            };
            format!("the certificate of broker {host}:{port} was refused: {what}")
        }
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => format!(
                "broker {host}:{port} asks for a client certificate and got none: see {certificate} (broker.certificate of the site file)"
            ),
            AlertDescription::CertificateExpired => format!(
                "broker {host}:{port} refused our certificate: it has expired. Put a renewed one in {certificate}; it is used without a restart"
            ),
            AlertDescription::UnknownCA => format!(
                "broker {host}:{port} refused our certificate {certificate}: it does not know the authority that signed it. Have one issued by the broker's authority (broker.certificate of the site file)"
            ),
            AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied => format!(
                "broker {host}:{port} refused our certificate {certificate} ({alert:?}): see that it is valid, not revoked, and issued by the broker's authority (broker.certificate of the site file)"
            ),
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure => format!(
                "broker {host}:{port} speaks no TLS 1.3 with us ({alert:?}): allow TLS 1.3 on the broker"
            ),
            other => format!("broker {host}:{port} ended the TLS handshake: {other:?}"),
        },
        rustls::Error::PeerIncompatible(reason) => format!(
            "broker {host}:{port} speaks no TLS 1.3 with us ({reason:?}): allow TLS 1.3 on the broker"
        ),
        rustls::Error::InvalidMessage(_) => format!(
            "{host}:{port} does not speak TLS: see broker.port of the site file (8883 is usual)"
        ),
        other => format!("no TLS with broker {host}:{port}: {other}"),
    }
}

fn explain_io(settings: &Settings, error: &io::Error) -> String {
    let Settings { host, port, certificate, .. } = settings;
    #[allow(clippy::wildcard_enum_match_arm)] // the system's errors are open-ended
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!(
            "broker {host}:{port} refuses connections: see that it runs and listens there (broker.host and broker.port of the site file)"
        ),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => format!(
            "broker {host}:{port} closed the connection. If this repeats at once, it does not accept our certificate {}, or another client uses the same client id; its log says which",
            certificate.display()
        ),
        _ => format!("broker {host}:{port} cannot be reached: {error}"),
    }
}

fn explain_state(settings: &Settings, state: &StateError) -> String {
    let Settings { host, port, keep_alive_s, .. } = settings;
    #[allow(clippy::wildcard_enum_match_arm)] // the others say themselves what they are
    match state {
        StateError::Io(error) => explain_io(settings, error),
        StateError::Deserialization(mqttbytes::Error::Io(error)) => explain_io(settings, error),
        StateError::ConnectionAborted => {
            explain_io(settings, &io::Error::from(io::ErrorKind::ConnectionAborted))
        }
        StateError::AwaitPingResp => {
            format!("broker {host}:{port} has not answered for {keep_alive_s} s")
        }
        StateError::ServerDisconnect { reason_code, reason_string } => {
            let text = reason_string.as_deref().unwrap_or_default();
            match reason_code {
                DisconnectReasonCode::SessionTakenOver => format!(
                    "broker {host}:{port} ended the connection because another client came with the id {}: two agents run with the same site.id and agent.id",
                    settings.client_id
                ),
                other => format!("broker {host}:{port} ended the connection: {other:?} {text}"),
            }
        }
        other => format!("the connection with broker {host}:{port} broke: {other}"),
    }
}

fn refused(settings: &Settings, code: ConnectReturnCode) -> String {
    let Settings { host, port, client_id, certificate, .. } = settings;
    #[allow(clippy::wildcard_enum_match_arm)] // the names of the others say what they mean
    match code {
        ConnectReturnCode::NotAuthorized
        | ConnectReturnCode::BadUserNamePassword
        | ConnectReturnCode::Banned => format!(
            "broker {host}:{port} does not authorise this agent ({code:?}): let the name in {} connect as {client_id} in the broker's access list",
            certificate.display()
        ),
        ConnectReturnCode::BadClientId | ConnectReturnCode::ClientIdentifierNotValid => {
            format!("broker {host}:{port} does not accept the client id {client_id}")
        }
        ConnectReturnCode::RefusedProtocolVersion
        | ConnectReturnCode::UnsupportedProtocolVersion => {
            format!("broker {host}:{port} speaks no MQTT 5: it needs one that does")
        }
        other => format!("broker {host}:{port} refuses the connection: {other:?}"),
    }
}

/// The TLS error inside, however deep the libraries wrap it.
fn find_tls(error: &ConnectionError) -> Option<&rustls::Error> {
    #[allow(clippy::wildcard_enum_match_arm)] // the others hold none
    match error {
        ConnectionError::Tls(TlsError::TLS(error)) => Some(error),
        ConnectionError::Tls(TlsError::Io(error)) | ConnectionError::Io(error) => in_io(error),
        ConnectionError::MqttState(StateError::Io(error)) => in_io(error),
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::Io(error))) => {
            in_io(error)
        }
        _ => None,
    }
}

fn in_io(error: &io::Error) -> Option<&rustls::Error> {
    let mut inner: Option<&(dyn Error + 'static)> =
        error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    while let Some(one) = inner {
        if let Some(tls) = one.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        inner = match one.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => one.source(),
        };
    }
    None
}
