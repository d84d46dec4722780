//! What runs where, and what one can do with it.

use std::path::Path;

use crate::deviation::ACTION_ALARM;
use crate::plant::{CLOCK, MASTER_FILE};

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// The Control Site's page, `host:port`.
    pub page: &'a str,
    /// The broker, `host:port`.
    pub mqtt: &'a str,
    /// Each unit with its Modbus server and control port, `host:port`.
    pub reactors: Vec<(&'a str, &'a str, &'a str)>,
    /// The folder.
    pub folder: &'a Path,
    /// True if it stays at the end.
    pub stays: bool,
    /// The program `cellwatch`.
    pub agent: &'a Path,
}

/// What runs where, and what one can do with it.
#[must_use]
pub fn layout(places: &Places<'_>) -> String {
    let Places { page, mqtt, folder, .. } = *places;
    let (agent, site) = (places.agent.display(), folder.join("site.toml"));
    let site = site.display();
    let row = |what: &str, at: &str, note: &str| format!("  {what:<14} {at:<28} {note}\n");
    let mut text = format!(
        "
  Clock: {CLOCK}. Nobody vouches for this machine's time, and every record says so.

"
    );
    text += &row("Control Site", &format!("http://{page}/"), "live page: open it in a browser");
    text += &row("broker", mqtt, "MQTT 5 over TLS; certificates are in keys/");
    for (unit, modbus, control) in &places.reactors {
        text += &row(unit, modbus, &format!("Modbus TCP; control port http://{control}"));
    }
    let judges = format!("judges both by {}, which this demo has signed", master_file_id());
    text += &row("agent", "cellwatch run", &judges);
    let ends = if places.stays { "stays" } else { "removed at the end, kept with --keep" };
    text += &row("folder", &folder.display().to_string(), ends);
    text += &row("", "logs/", "what each process says");
    text += &format!(
        "
  Look into it
    curl http://{page}/api/proof
    sqlite3 {} 'SELECT * FROM alarm_log'
    {agent} status --config {site}

  Answer an alarm
    {agent} acknowledge --config {site} \\
      --unit BX-01 --alarm {ACTION_ALARM} --comment 'seen'
",
        folder.join("control-site/control-site.db").display(),
    );
    if let Some((unit, _, control)) = places.reactors.last() {
        let faults = [
            r#"{"fault": "device-silent", "for_s": 30}"#,
            r#"{"fault": "sensor-stuck", "parameter": "TEMP.PV", "for_s": 60}"#,
            r#"{"fault": "agitation-stopped", "for_s": 60}"#,
        ];
        text += &format!("\n  Break something yourself, here in {unit}\n");
        for fault in faults {
            text += &format!("    curl http://{control}/faults -d '{fault}'\n");
        }
        text += &format!("    curl http://{control}/state\n");
    }
    text
}

fn master_file_id() -> &'static str {
    MASTER_FILE
        .lines()
        .find_map(|line| line.strip_prefix("id = \"")?.split('"').next())
        .unwrap_or("the Master File")
}
