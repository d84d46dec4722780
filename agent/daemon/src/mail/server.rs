//! The mail server.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellwatch_config::site::{Mail, MailTls};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::Letter;

/// An attempt may take so long, everything together.
pub(super) const SEND_WITHIN: Duration = Duration::from_secs(30);

/// Why a message was not sent: what to mend.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The site file has no `[mail]`.
    #[error("the site file has no [mail]: add it, or take the routes out of the Master File")]
    None,
    /// A file that `[mail]` names.
    #[error("{path}: {why} (mail.{key} of the site file)")]
    File {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong, and how to mend it.
        why: String,
    },
    /// An address that no message can carry.
    #[error("the address {0} cannot be used: {1}")]
    Address(String, String),
    /// The server did not take it.
    #[error("{host}:{port}: {why}")]
    Server {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// What it or the connection says.
        why: String,
    },
}

/// The mail server of a site file.
#[derive(Clone, Debug)]
pub struct Server {
    mail: Mail,
    folder: PathBuf,
}

impl Server {
    /// The server of `[mail]`; relative paths count from `folder`. Files are read at each attempt, so that a renewed
    /// one needs no restart.
    #[must_use]
    pub fn new(mail: Mail, folder: &Path) -> Self {
        Self { mail, folder: folder.to_owned() }
    }

    /// Hands a letter to the server: one connection, one message.
    ///
    /// # Errors
    /// The server did not take it for all addressees; in words.
    pub async fn send(&self, letter: &Letter, to: &[String]) -> Result<(), MailError> {
        let message = self.message(letter, to)?;
        let transport = self.transport()?;
        let failed = |why: String| MailError::Server {
            host: self.mail.host.clone(),
            port: self.mail.port,
            why,
        };
        match tokio::time::timeout(SEND_WITHIN, transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failed(told(&error))),
            Err(_) => Err(failed(format!("no answer within {} s", SEND_WITHIN.as_secs()))),
        }
    }

    fn message(&self, letter: &Letter, to: &[String]) -> Result<Message, MailError> {
        let mailbox = |address: &String| -> Result<Mailbox, MailError> {
            address.parse().map_err(|error| MailError::Address(address.clone(), format!("{error}")))
        };
        let mut builder = Message::builder()
            .from(mailbox(&self.mail.from)?)
            .subject(letter.subject.clone())
            .header(ContentType::TEXT_PLAIN);
        for address in to {
            builder = builder.to(mailbox(address)?);
        }
        builder
            .body(letter.text.clone())
            .map_err(|error| MailError::Address(to.join(", "), error.to_string()))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
        let Mail { host, port, tls, login, .. } = &self.mail;
        let tls = match tls {
            MailTls::Implicit => Tls::Wrapper(self.tls()?),
            MailTls::StartTls => Tls::Required(self.tls()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .tls(tls)
            .timeout(Some(SEND_WITHIN));
        if let Some(login) = login {
            let password = self.password(&login.password_file)?;
            builder = builder.credentials(Credentials::new(login.user.clone(), password));
        }
        Ok(builder.build())
    }

    fn tls(&self) -> Result<TlsParameters, MailError> {
        let mut builder = TlsParameters::builder(self.mail.host.clone());
        let wrong = |why: String| {
            let named = self.mail.authority.clone().unwrap_or_default();
            MailError::File { path: self.folder.join(named), key: "authority", why }
        };
        if let Some(authority) = &self.mail.authority {
            let pem = std::fs::read(self.folder.join(authority))
                .map_err(|error| wrong(error.to_string()))?;
            let certificate = Certificate::from_pem(&pem)
                .map_err(|_| wrong("is no PEM certificate".to_owned()))?;
            builder = builder
                .certificate_store(lettre::transport::smtp::client::CertificateStore::None)
                .add_root_certificate(certificate);
        }
        builder.build_rustls().map_err(|error| wrong(error.to_string()))
    }

    fn password(&self, file: &Path) -> Result<String, MailError> {
        let path = self.folder.join(file);
        let wrong = |why: String| MailError::File { path: path.clone(), key: "password_file", why };
        let found = std::fs::metadata(&path).map_err(|error| wrong(error.to_string()))?;
        if found.permissions().mode() & 0o077 != 0 {
            return Err(wrong("can be read by others: chmod 600 it".to_owned()));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        match text.lines().next() {
            Some(password) if !password.is_empty() => Ok(password.to_owned()),
            Some(_) | None => Err(wrong("is empty: its first line is the password".to_owned())),
        }
    }
}

/// With what is behind it: "connection error" alone helps nobody.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut behind = error.source();
    while let Some(source) = behind {
        let text = source.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        behind = source.source();
    }
    told
}
