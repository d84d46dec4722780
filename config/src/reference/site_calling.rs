//! The keys of a site file that say how people are called.

use super::Default::{Is, Needed, Says};
use super::Takes::{Other, Text, Whole, Words};
use super::key::words;
use super::{Key, Repeat, Table};
use crate::site::MailTls;

pub(super) const ANNUNCIATOR: Table = Table {
    name: "annunciator",
    repeat: Repeat::AnyTimes,
    says: "A stack light and horn on the coils or holding registers of a Modbus TCP server of its own. It stands on no line that devices share. These outputs are all that the agent writes. They are written at each change and every two seconds; one that does not answer is an alarm.",
    chooser: "",
    keys: &[
        Key::new(
            "id",
            Text("1 to 48 of A-Z a-z 0-9 . _ -"),
            Needed,
            "\"stack-light-1\"",
            "For records and messages.",
        ),
        Key::new(
            "address",
            Text("host:port"),
            Needed,
            "\"10.0.8.40:502\"",
            "In the equipment network. No device that is watched may have the same address and `modbus_unit`.",
        ),
        Key::new("modbus_unit", Whole("no unit", 0, 255), Is("1"), "1", "Its unit identifier."),
        Key::new(
            "first_coil",
            Whole("address", 0, 65_535),
            Is("0"),
            "16",
            "Zero-based address of the first coil; all are written by one request, function 15.",
        ),
        Key::new(
            "first_register",
            Whole("address", 0, 65_535),
            Says("coils are written"),
            "512",
            "Instead of `first_coil`, for a module that has its outputs in holding registers: zero-based address of the first one. A register for each lamp, 1 is on and 0 is off; all are written by one request, function 16.",
        ),
        Key::new(
            "lamps",
            Other("list of \"red\", \"amber\", \"green\", \"blue\", \"horn\", each at most once"),
            Needed,
            "[\"red\", \"amber\", \"green\", \"horn\"]",
            "What the coils or registers switch, in their order from the first one on; red or the horn must be among them.",
        ),
        Key::new(
            "units",
            Other("list of unit ids"),
            Says("all units"),
            "[\"BX-01\"]",
            "Whose alarms it shows; the agent's own are always shown.",
        ),
        Key::new(
            "timeout_ms",
            Whole("ms", 100, 10_000),
            Is("1000"),
            "500",
            "How long a write may take before the annunciator counts as lost.",
        ),
    ],
};

pub(super) const MAIL: Table = Table {
    name: "mail",
    repeat: Repeat::AtMostOnce,
    says: "The server that takes the messages of the Master File's routes. Without this table nothing is sent, and an alarm says so as soon as something should be.",
    chooser: "",
    keys: &[
        Key::new(
            "host",
            Text("host name or IP address"),
            Needed,
            "\"mail.hospital.example\"",
            "As in the server's certificate.",
        ),
        Key::new(
            "tls",
            Words(words::<MailTls>),
            Is("\"implicit\""),
            "\"starttls\"",
            "TLS from the first byte, or after STARTTLS, without which nothing is sent; \"none\" for a server on this machine only.",
        ),
        Key::new(
            "port",
            Whole("TCP port", 1, 65_535),
            Says("465 with \"implicit\", 587 with \"starttls\", 25 with \"none\""),
            "465",
            "Where it listens.",
        ),
        Key::new(
            "authority",
            Text("path"),
            Says("the system's authorities"),
            "\"tls/mail-authority.pem\"",
            "PEM file of the authority that signed the server's certificate.",
        ),
        Key::new(
            "user",
            Text("user name"),
            Says("no login"),
            "\"cellwatch\"",
            "Together with `password_file`.",
        ),
        Key::new(
            "password_file",
            Text("path"),
            Says("no login"),
            "\"keys/mail.password\"",
            "Its first line is the password; mode 0600.",
        ),
        Key::new(
            "from",
            Text("e-mail address"),
            Needed,
            "\"cellwatch@hospital.example\"",
            "The sender.",
        ),
    ],
};
