use std::io;
use std::path::Path;

use rumqttc::TlsError;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode};
use rumqttc::v5::{ConnectionError, StateError, mqttbytes};
use rustls::{AlertDescription, CertificateError};

use super::settings;
use crate::broker::explain;

/// As the libraries wrap it: in the handshake, and while reading afterwards.
fn wrapped(error: rustls::Error) -> [ConnectionError; 3] {
    let io = |error: &rustls::Error| io::Error::new(io::ErrorKind::InvalidData, error.clone());
    [
        ConnectionError::Tls(TlsError::Io(io(&error))),
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::Io(io(&error)))),
        ConnectionError::MqttState(StateError::Io(io::Error::other(io(&error)))),
    ]
}

#[test]
fn tls_refusals_say_what_to_do() {
    use AlertDescription as Alert;
    use CertificateError as Certificate;
    let settings = settings(Path::new("/etc/cellwatch"), 8883);
    let bad = rustls::Error::InvalidCertificate;
    let alert = rustls::Error::AlertReceived;
    let cases: Vec<(rustls::Error, &[&str])> = vec![
        (
            bad(Certificate::UnknownIssuer),
            &["/etc/cellwatch/ca.pem", "broker.authority", "not signed"],
        ),
        (bad(Certificate::BadSignature), &["/etc/cellwatch/ca.pem", "broker.authority"]),
        (bad(Certificate::Expired), &["has expired", "Renew"]),
        (bad(Certificate::NotValidYet), &["not valid yet", "clock"]),
        (bad(Certificate::NotValidForName), &["another name than \"localhost\"", "broker.host"]),
        (bad(Certificate::Revoked), &["revoked"]),
        (
            alert(Alert::CertificateRequired),
            &["asks for a client certificate", "broker.certificate"],
        ),
        (alert(Alert::CertificateExpired), &["our certificate", "expired", "without a restart"]),
        (alert(Alert::UnknownCA), &["our certificate", "does not know the authority"]),
        (alert(Alert::BadCertificate), &["refused our certificate", "agent.pem"]),
        (alert(Alert::DecryptError), &["refused our certificate", "agent.pem"]),
        (alert(Alert::ProtocolVersion), &["TLS 1.3"]),
        (
            rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
            &["does not speak TLS", "broker.port"],
        ),
    ];
    let mut count = 0;
    for (error, words) in cases {
        for wrapped in wrapped(error.clone()) {
            let text = explain(&settings, &wrapped);
            assert!(text.contains("localhost:8883"), "{error:?}: {text}");
            assert!(words.iter().all(|word| text.contains(word)), "{error:?}: {text}");
            count += 1;
        }
    }
    println!("tls refusals: {count} cases");
}

#[test]
fn other_refusals_say_what_to_do() {
    let settings = settings(Path::new("/etc/cellwatch"), 8883);
    let io = |kind: io::ErrorKind| ConnectionError::Io(io::Error::from(kind));
    let cases: Vec<(ConnectionError, &[&str])> = vec![
        (io(io::ErrorKind::ConnectionRefused), &["refuses connections", "broker.port"]),
        (io(io::ErrorKind::ConnectionReset), &["closed the connection", "certificate"]),
        (io(io::ErrorKind::HostUnreachable), &["cannot be reached"]),
        (
            ConnectionError::ConnectionRefused(ConnectReturnCode::NotAuthorized),
            &["does not authorise", "access list", "cellwatch-madrid-agent-1"],
        ),
        (
            ConnectionError::ConnectionRefused(ConnectReturnCode::UnsupportedProtocolVersion),
            &["MQTT 5"],
        ),
        (
            ConnectionError::MqttState(StateError::ServerDisconnect {
                reason_code: DisconnectReasonCode::SessionTakenOver,
                reason_string: None,
            }),
            &["two agents", "agent.id"],
        ),
        (ConnectionError::MqttState(StateError::AwaitPingResp), &["30 s"]),
        (ConnectionError::MqttState(StateError::ConnectionAborted), &["closed the connection"]),
    ];
    for (error, words) in &cases {
        let text = explain(&settings, error);
        assert!(words.iter().all(|word| text.contains(word)), "{error:?}: {text}");
    }
    println!("other refusals: {} cases", cases.len());
}
