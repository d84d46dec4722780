//! `[page]`: where the operator page is served, and to whom.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::reader::{Section, Value};

/// `[page]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Served at all.
    pub enabled: bool,
    /// Address and port; beyond loopback only with [`Self::tls`]. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// What makes TLS.
    pub tls: Option<PageTls>,
    /// Without login people see the room at a glance, without batches and people.
    pub room_overview: bool,
    /// Figures of devices, journal and delivery are served at `/metrics`, without login.
    pub metrics: bool,
    /// Whoever does nothing for so long is logged out, minutes, 1 to 120.
    pub idle_logout_min: u32,
}

/// PEM files of the page's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageTls {
    /// The certificate (chain).
    pub certificate: PathBuf,
    /// Its private key; readable by its owner only.
    pub private_key: PathBuf,
}

/// Where the page is without another word: this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8480);

pub(super) fn page(section: &Section<'_>) -> Option<Page> {
    let enabled = section.or("enabled", true, Value::boolean);
    let listen = section.or("listen", LISTEN, |listen| {
        let Some(address) = listen.text()?.parse::<SocketAddr>().ok() else {
            return listen.problem("is no address and port: write them as \"127.0.0.1:8480\"");
        };
        Some(address)
    });
    let certificate = section.maybe("certificate", Value::path);
    let private_key = section.maybe("private_key", Value::path);
    let room_overview = section.or("room_overview", true, Value::boolean);
    let metrics = section.or("metrics", false, Value::boolean);
    let idle_logout_min = section.or("idle_logout_min", 10, |minutes| minutes.integer(1..=120));
    section.finish();
    let tls = match (certificate?, private_key?) {
        (Some(certificate), Some(private_key)) => Some(PageTls { certificate, private_key }),
        (None, None) => None,
        (Some(_), None) => {
            section
                .problem("private_key", "is missing: a certificate is of no use without its key");
            return None;
        }
        (None, Some(_)) => {
            section
                .problem("certificate", "is missing: a key is of no use without its certificate");
            return None;
        }
    };
    let listen = listen?;
    if !listen.ip().is_loopback() && tls.is_none() {
        section.problem(
            "listen",
            "is beyond this machine: passwords would cross the network in the clear. Name certificate and private_key, or listen on 127.0.0.1",
        );
        return None;
    }
    Some(Page {
        enabled: enabled?,
        listen,
        tls,
        room_overview: room_overview?,
        metrics: metrics?,
        idle_logout_min: idle_logout_min?,
    })
}
