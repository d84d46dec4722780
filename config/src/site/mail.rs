//! `[mail]`: the server that takes messages to people who are not in the room.

use std::net::IpAddr;

use super::parse::host_ok;
use super::{Mail, MailLogin, MailTls};
use crate::reader::{Section, Value, Word};
use crate::{E_MAIL, is_e_mail};

impl Word for MailTls {
    const WORDS: &'static [(&'static str, Self)] =
        &[("implicit", Self::Implicit), ("starttls", Self::StartTls), ("none", Self::None)];
}

/// The ports of RFC 8314, §3.3 and §7.3: submission over implicit TLS, and with STARTTLS.
const fn standard_port(tls: MailTls) -> u16 {
    match tls {
        MailTls::Implicit => 465,
        MailTls::StartTls => 587,
        MailTls::None => 25,
    }
}

pub(super) fn mail(section: &Section<'_>) -> Option<Mail> {
    let host = section.must("host", |host| {
        host.name("a host name or IP address as in the server's certificate", host_ok)
    });
    let tls = section.or("tls", MailTls::default(), Value::word);
    let port = section.maybe("port", |port| port.integer(1..=65_535));
    let authority = section.maybe("authority", Value::path);
    let user = section.maybe("user", Value::text);
    let password_file = section.maybe("password_file", Value::path);
    let from = section.must("from", |from| from.name(E_MAIL, is_e_mail));
    section.finish();
    let (host, tls, user, password_file) = (host?, tls?, user?, password_file?);
    if tls == MailTls::None && !is_this_machine(&host) {
        section.problem("tls", "\"none\" is for a server on this machine only: what is sent could be read and changed on its way");
        return None;
    }
    let login = match (user, password_file) {
        (None, None) => None,
        (Some(user), Some(password_file)) => Some(MailLogin { user, password_file }),
        (Some(_), None) => {
            section.problem("password_file", "is missing beside user: add the file, mode 0600");
            return None;
        }
        (None, Some(_)) => {
            section.problem("user", "is missing beside password_file: add it");
            return None;
        }
    };
    Some(Mail {
        host,
        port: port?.unwrap_or(standard_port(tls)),
        tls,
        authority: authority?,
        login,
        from: from?,
    })
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
