//! A site whose device is an asyncua server.

use std::path::PathBuf;
use std::time::Duration;

use cellwatch_tests::{
    Broker, ControlSite, Device, MasterFile, Process, Rig, SiteFile, await_until, folder, python,
};
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

/// Longer than anything that is awaited takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(180);

/// Both namespaces of the foreign device.
pub(crate) const NAMESPACES: [&str; 2] =
    ["urn:example:foreign:device", "urn:example:foreign:other"];

/// An asyncua server.
pub(crate) struct Asyncua {
    pub(crate) process: Process,
    pub(crate) endpoint: String,
    pub(crate) port: u64,
    pub(crate) certificate: Option<PathBuf>,
}

impl Asyncua {
    pub(crate) fn start(rig: &Rig, arguments: &[&str]) -> Self {
        let mut command = python("opcua_server.py");
        command.arg(folder("foreign/opcua-every-type.json")).args(arguments);
        let mut process = Process::start("asyncua", rig.path(), command);
        let ready = process.ready();
        Self {
            endpoint: ready["endpoint"].as_str().expect("an endpoint").to_owned(),
            port: ready["port"].as_u64().expect("a port"),
            certificate: ready["certificate"].as_str().map(PathBuf::from),
            process,
        }
    }

    /// Tells it something, and awaits that it is done.
    pub(crate) fn tell(&mut self, line: &Value) -> Value {
        self.process.tell(&line.to_string());
        let (key, value) = line.as_object().and_then(|map| map.iter().next()).expect("a key");
        self.process.answer(key, |answer| answer[key] == *value)
    }

    pub(crate) fn set(&mut self, name: &str, value: f64) {
        self.tell(&json!({ "set": name, "value": value }));
    }

    /// Requests by service.
    pub(crate) fn services(&mut self, question: u32) -> Value {
        self.tell(&json!({ "count": question }))["services"].clone()
    }
}

/// Broker, Control Site and agent.
pub(crate) struct Bench {
    pub(crate) rig: Rig,
    pub(crate) broker: Broker,
    pub(crate) control_site: ControlSite,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let rig = Rig::new();
        let broker = rig.broker();
        let control_site = rig.control_site(&broker);
        Self { rig, broker, control_site }
    }

    /// Configures the site with a device on the server at this endpoint.
    pub(crate) fn configure(&self, endpoint: &str, opcua: &str) {
        let profile = folder("foreign/opcua-every-type.toml");
        let profile = std::fs::read_to_string(profile).expect("a profile");
        let site_file = SiteFile {
            host: "localhost".to_owned(),
            port: self.broker.port,
            devices: vec![Device::numbered(1, "there")],
            segment_mib: 64,
        };
        let master_file = MasterFile::version_1(&profile)
            .text()
            .replace("profile = \"every-type\"", "profile = \"foreign-opcua\"");
        self.rig.configure(&site_file, &profile, &master_file);
        let text = site_file.text();
        assert!(text.contains("address = \"there\""), "{text}");
        let text = text.replace("address = \"there\"", "opcua = \"server\"");
        let server = format!(
            "\n[[opcua]]\nid = \"server\"\nendpoint = \"{endpoint}\"\npublishing_ms = 200\nsampling_ms = 50\ncheck_s = 1.0\n{opcua}\n"
        );
        self.rig.write("site.toml", text + &server);
    }

    /// Awaits an event whose text is like this.
    pub(crate) fn event(&self, what: &str, like: &str) {
        let _rows = self
            .control_site
            .await_rows(what, &format!("SELECT text FROM events WHERE text LIKE '{like}'"));
    }

    /// How many events have a text like this.
    pub(crate) fn events(&self, like: &str) -> i64 {
        let of = format!("SELECT count(*) FROM events WHERE text LIKE '{like}'");
        self.control_site.number(&of)
    }

    /// Awaits the newest value of the temperature.
    pub(crate) fn temperature(&self, expected: f64, quality: &str) {
        await_until(&format!("{expected} °C, {quality}"), LONG, || {
            let rows = self
                .control_site
                .rows("SELECT value, quality_words FROM latest_values WHERE parameter = 'TEMP.PV'");
            let same = match rows.first().map(Vec::as_slice) {
                Some([Sql::Real(value), Sql::Text(words)]) => {
                    value.to_bits() == expected.to_bits() && words == quality
                }
                Some([Sql::Null, Sql::Text(words)]) => expected.is_nan() && words == quality,
                _ => false,
            };
            if same { Ok(()) } else { Err(format!("{rows:?}; {}", self.control_site.state())) }
        });
    }
}
