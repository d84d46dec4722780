//! A mail server that takes every message and keeps it (RFC 5321, as far as a client on loopback needs it), in the clear or
//! over TLS (RFC 8314, RFC 3207).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a mail server protects its connections.
#[derive(Clone, Debug)]
pub enum SmtpTls {
    /// Not at all.
    None,
    /// From the first byte.
    Implicit(Arc<ServerConfig>),
    /// After STARTTLS; before that it takes no message.
    StartTls(Arc<ServerConfig>),
}

/// An authority that was made for a test, and is trusted by nobody else.
#[derive(Debug)]
pub struct MailAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl MailAuthority {
    /// A new one of this name, with a key of its own.
    ///
    /// # Panics
    /// The system gives no random numbers.
    #[must_use]
    pub fn make(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no name is wrong");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().expect("random numbers");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        Self { issuer }
    }

    /// Its certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// What a server of this name needs, issued now.
    ///
    /// # Panics
    /// The name is none.
    #[must_use]
    pub fn server(&self, name: &str) -> Arc<ServerConfig> {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("random numbers");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the key is the certificate's");
        Arc::new(config)
    }
}

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    /// Its port.
    pub port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Smtp {
    /// A port on which nobody listens yet.
    ///
    /// # Panics
    /// The system gives none.
    #[must_use]
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    }

    /// Starts it on this port.
    ///
    /// # Panics
    /// The port is taken.
    #[must_use]
    pub fn start(port: u16, tls: SmtpTls) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away has lost its message; the test sees that it is missing.
                let _ = served(stream, &tls, &keeps);
            }
        });
        Self { port, taken }
    }

    /// The messages that it took, headers and text, in their order.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn served(mut stream: TcpStream, tls: &SmtpTls, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    match tls {
        SmtpTls::None => {
            stream.write_all(b"220 test ESMTP\r\n")?;
            session(stream, taken)
        }
        SmtpTls::Implicit(config) => {
            let mut stream = protected(stream, config)?;
            stream.write_all(b"220 test ESMTP\r\n")?;
            session(stream, taken)
        }
        SmtpTls::StartTls(config) => {
            stream.write_all(b"220 test ESMTP\r\n")?;
            // Nothing comes before the answer to STARTTLS, so that nothing is left in the reader.
            let mut lines = BufReader::new(stream);
            let mut line = String::new();
            while lines.read_line(&mut line)? > 0 {
                let answer = match line.trim().to_ascii_uppercase().split_whitespace().next() {
                    Some("EHLO") => "250-test\r\n250 STARTTLS\r\n",
                    Some("STARTTLS") => {
                        lines.get_mut().write_all(b"220 go on\r\n")?;
                        return session(protected(lines.into_inner(), config)?, taken);
                    }
                    Some(_) | None => "530 STARTTLS first\r\n",
                };
                lines.get_mut().write_all(answer.as_bytes())?;
                line.clear();
            }
            Ok(())
        }
    }
}

fn protected(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
) -> std::io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

fn session(stream: impl Read + Write, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let verb = line.trim().to_ascii_uppercase();
        let answer = match verb.split_whitespace().next() {
            Some("EHLO") => "250-test\r\n250 8BITMIME\r\n",
            Some("DATA") => {
                lines.get_mut().write_all(b"354 go on\r\n")?;
                let message = message(&mut lines)?;
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                "250 taken\r\n"
            }
            Some("QUIT") => return lines.get_mut().write_all(b"221 bye\r\n"),
            Some("HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP") => "250 ok\r\n",
            Some(_) | None => "500 not known\r\n",
        };
        lines.get_mut().write_all(answer.as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// A message up to the line that is a dot.
fn message(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut message = String::new();
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let text = line.trim_end_matches(['\r', '\n']);
        if text == "." {
            break;
        }
        message.push_str(text.strip_prefix('.').unwrap_or(text));
        message.push('\n');
        line.clear();
    }
    Ok(message)
}
