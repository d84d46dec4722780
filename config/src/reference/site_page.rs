//! The keys of the operator page.

use super::Default::{Is, Says};
use super::Takes::{Flag, Text, Whole};
use super::{Key, Repeat, Table};

pub(super) const PAGE: Table = Table {
    name: "page",
    repeat: Repeat::AtMostOnce,
    says: "Where the operator page is served, and to whom. Beyond this machine only with TLS.",
    chooser: "",
    keys: &[
        Key::new("enabled", Flag, Is("true"), "false", "Whether the page is served at all."),
        Key::new(
            "listen",
            Text("address:port"),
            Is("\"127.0.0.1:8480\""),
            "\"127.0.0.1:0\"",
            "Another address than loopback needs `certificate` and `private_key`; port 0 takes a free one.",
        ),
        Key::new(
            "certificate",
            Text("path"),
            Says("none: plain HTTP, on loopback only"),
            "\"tls/page.pem\"",
            "Certificate (chain) for the names under which people open the page; with `private_key`.",
        ),
        Key::new(
            "private_key",
            Text("path"),
            Says("none"),
            "\"tls/page.key\"",
            "Of that certificate; mode 0600.",
        ),
        Key::new(
            "room_overview",
            Flag,
            Is("true"),
            "false",
            "Without login people see units, values and alarms, no batch and no person; `false` shows nothing.",
        ),
        Key::new(
            "metrics",
            Flag,
            Is("false"),
            "true",
            "Figures of devices, journal and delivery at `/metrics`, in the text format that Prometheus reads; without login, without batches and people.",
        ),
        Key::new(
            "idle_logout_min",
            Whole("min", 1, 120),
            Is("10"),
            "10",
            "Whoever does nothing for so long is logged out.",
        ),
    ],
};
