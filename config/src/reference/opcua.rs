//! Every key of `[[opcua]]` in a site file.

use super::Default::{Is, Needed, Says};
use super::Takes::{Number, Text, Whole, Words};
use super::key::words;
use super::{Key, Repeat, Table};
use crate::site::{OpcUaPolicy, SecurityWord};

/// Servers whose messages are protected.
const SECURE: &[&str] = &["sign-and-encrypt"];

/// OPC UA servers.
pub(super) const OPCUA: Table = Table {
    name: "opcua",
    repeat: Repeat::AnyTimes,
    says: "An OPC UA server. Each device that names it has a session and a subscription of its own there. The agent reads and subscribes; it never writes a node and never calls a method: give it a user of the server that may read only.",
    chooser: "security",
    keys: &[
        Key::new(
            "id",
            Text("1 to 48 of A-Z a-z 0-9 . _ -"),
            Needed,
            "\"cfc-server\"",
            "For devices and messages.",
        ),
        Key::new(
            "endpoint",
            Text("opc.tcp://host:port, with a path or without"),
            Needed,
            "\"opc.tcp://10.0.8.40:4840\"",
            "In the equipment network.",
        ),
        Key::new(
            "security",
            Words(words::<SecurityWord>),
            Is("\"sign-and-encrypt\""),
            "\"sign-and-encrypt\"",
            "`none`: anybody in the network can read and forge what the server says.",
        ),
        Key::new(
            "policy",
            Words(words::<OpcUaPolicy>),
            Is("\"Basic256Sha256\""),
            "\"Aes256-Sha256-RsaPss\"",
            "The security policy, one that the server offers.",
        )
        .only(SECURE),
        Key::new(
            "user",
            Text("user name"),
            Says("anonymous"),
            "\"observer\"",
            "A user that may read only.",
        )
        .only(SECURE),
        Key::new(
            "password_file",
            Text("path"),
            Says("needed with `user`"),
            "\"keys/cfc-password\"",
            "Its password in the first line; readable by the agent's user only.",
        )
        .only(SECURE),
        Key::new(
            "user_certificate",
            Text("path"),
            Says("none"),
            "\"keys/observer.pem\"",
            "Instead of a user name: a certificate, PEM.",
        )
        .only(SECURE),
        Key::new(
            "user_key",
            Text("path"),
            Says("needed with `user_certificate`"),
            "\"keys/observer-key.pem\"",
            "Its private key, PEM (PKCS#8); readable by the agent's user only.",
        )
        .only(SECURE),
        Key::new(
            "trust_dir",
            Text("path"),
            Says("`opcua/trusted` in `agent.data_dir`"),
            "\"trust/opcua\"",
            "Folder of the server certificates that are trusted; `cellwatch opcua trust` puts them there.",
        ),
        Key::new(
            "publishing_ms",
            Whole("ms", 50, 60_000),
            Is("1000"),
            "500",
            "Publishing interval that is asked for.",
        ),
        Key::new(
            "sampling_ms",
            Whole("ms", 10, 60_000),
            Says("`period_ms` of each parameter"),
            "100",
            "Sampling interval that is asked for.",
        ),
        Key::new(
            "queue_size",
            Whole("values", 2, 1000),
            Is("16"),
            "32",
            "Values of an item that the server keeps between two publishes; with one, fast changes would be lost in silence.",
        ),
        Key::new(
            "check_s",
            Number("s", Some(1.0), Some(600.0)),
            Is("10.0"),
            "5.0",
            "Everything is read this often besides the subscription, which is checked by it. At most a third of any `frozen_after_s` of the profiles, half of any `stale_after_s` of the Master File.",
        ),
    ],
};
