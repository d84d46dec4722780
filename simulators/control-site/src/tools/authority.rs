//! A test authority in a folder: every key, certificate and roster that one site needs.
//!
//! ```text
//! root.pk8  root.pub  roster.toml  roster.cose
//! authority/ca.pem  authority/ca.key
//! broker/cert.pem  broker/key.pem
//! agents/<id>/client.pem  client.key  seal.pk8  seal.pub
//! control-site/client.pem  client.key  receipt.pk8  command.pk8
//! dashboard/client.pem  client.key
//! people/qa.pk8  people/qp.pk8
//! ```
//! One machine holds all of it, as only a test may: in earnest each private key is made where it is
//! used and never leaves.

use std::collections::BTreeSet;
use std::path::Path;

use cellwatch_config::site::topic_level_ok;
use cellwatch_model::Utc;
use cellwatch_seal::{
    AgentKey, Approver, NamedKey, PublicKey, ROSTER_CONTENT_TYPE, Role, RootKey, Roster, Sealer,
    SealingKey, Thresholds, document, key_file,
};

use super::ToolError;
use super::files::{Readers, make_folder, write_new};
use super::tls::{Authority, Validity};

const HOUR_NS: i64 = 3_600_000_000_000;
const DAY_NS: i64 = 24 * HOUR_NS;

/// Common name of the certificate authority.
pub const AUTHORITY_NAME: &str = "cellwatch test authority";
/// Client id of the Control Site at the broker.
pub const CONTROL_SITE: &str = "control-site";
/// Client id of a dashboard, which only reads.
pub const DASHBOARD: &str = "dashboard";

/// What an authority is made for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Id of the site.
    pub site: String,
    /// Ids of its agents.
    pub agents: Vec<String>,
    /// Host of the broker, besides localhost, 127.0.0.1 and ::1.
    pub host: String,
    /// How long everything is valid, days.
    pub days: u32,
    /// Valid from then on, cut to the second.
    pub now: Utc,
}

impl Plan {
    fn check(&self) -> Result<(), ToolError> {
        let usage = |problem: String| Err(ToolError::Usage(problem));
        let mut seen = BTreeSet::new();
        for id in std::iter::once(&self.site).chain(&self.agents) {
            if !name_ok(id) {
                return usage(format!(
                    "\"{id}\" is no id: 1 to 32 letters a-z, digits and -, as in topics"
                ));
            }
        }
        for agent in &self.agents {
            if !seen.insert(agent) || [CONTROL_SITE, DASHBOARD].contains(&agent.as_str()) {
                return usage(format!("agent \"{agent}\" is named twice, or has a reserved name"));
            }
        }
        if self.agents.is_empty() || self.days == 0 {
            return usage("at least one agent and one day are needed".to_owned());
        }
        Ok(())
    }

    /// Seconds are what certificates and people read.
    fn from(&self) -> Utc {
        Utc(self.now.0 - self.now.0.rem_euclid(1_000_000_000))
    }

    fn until(&self) -> Utc {
        Utc(self.from().0.saturating_add(i64::from(self.days).saturating_mul(DAY_NS)))
    }

    /// Certificates begin an hour earlier: machines whose clock is behind can connect at once.
    fn validity(&self) -> Validity {
        Validity { from: Utc(self.from().0 - HOUR_NS), until: self.until() }
    }
}

/// As in site files: a level of the agent's topics, without capitals.
fn name_ok(id: &str) -> bool {
    topic_level_ok(id) && !id.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Makes an authority in `dir` and gives the roster that it signed.
///
/// # Errors
/// Something of an authority is in `dir` already (it stays as it is), the plan cannot be meant, or
/// the operating system refuses.
pub fn make(dir: &Path, plan: &Plan) -> Result<Roster, ToolError> {
    plan.check()?;
    let names = ["root.pk8", "root.pub", "roster.toml", "roster.cose"];
    let folders = ["authority", "broker", "agents", CONTROL_SITE, DASHBOARD, "people"];
    if let Some(name) = names.iter().chain(&folders).find(|name| dir.join(name).exists()) {
        return Err(ToolError::Exists { path: dir.join(name) });
    }
    for folder in folders {
        make_folder(&dir.join(folder))?;
    }
    certificates(dir, plan)?;

    let root = new_key(&dir.join("root.pk8"))?;
    key_file::write_public(&dir.join("root.pub"), &root.public())?;
    let mut agents = Vec::new();
    for agent in &plan.agents {
        let folder = dir.join("agents").join(agent);
        let key = new_key(&folder.join("seal.pk8"))?.public();
        key_file::write_public(&folder.join("seal.pub"), &key)?;
        agents.push(AgentKey { agent: agent.clone(), site: plan.site.clone(), key });
    }
    let approver = |name: &str, role, key: PublicKey| Approver {
        name: name.to_owned(),
        role,
        key,
        valid_from: plan.from(),
        valid_until: plan.until(),
    };
    let named = |name: &str, key| NamedKey { name: name.to_owned(), key };
    let public = |name: &str| new_key(&dir.join(name)).map(|key| key.public());
    let roster = Roster {
        version: 1,
        issued: plan.from(),
        expires: plan.until(),
        roots: vec![RootKey { name: "test root".to_owned(), key: root.public() }],
        root_threshold: 1,
        approvers: vec![
            approver("QA One", Role::Qa, public("people/qa.pk8")?),
            approver("QP One", Role::Qp, public("people/qp.pk8")?),
        ],
        receipt_keys: vec![named(CONTROL_SITE, public("control-site/receipt.pk8")?)],
        command_keys: vec![named(CONTROL_SITE, public("control-site/command.pk8")?)],
        agents,
        thresholds: Thresholds { qa: 1, qp: 1 },
        revoked: Vec::new(),
    };
    let text = roster.to_toml();
    let signed = document::sign_new(ROSTER_CONTENT_TYPE, text.as_bytes(), &[&root]);
    write_new(&dir.join("roster.toml"), text.as_bytes(), Readers::Everybody)?;
    write_new(&dir.join("roster.cose"), &signed, Readers::Everybody)?;
    Ok(roster)
}

fn certificates(dir: &Path, plan: &Plan) -> Result<(), ToolError> {
    let validity = plan.validity();
    let authority = Authority::new(AUTHORITY_NAME, validity)?;
    let folder = dir.join("authority");
    authority.identity().write_new(&folder.join("ca.pem"), &folder.join("ca.key"))?;

    let mut hosts = vec![plan.host.clone()];
    for host in ["localhost", "127.0.0.1", "::1"] {
        if plan.host != host {
            hosts.push(host.to_owned());
        }
    }
    let broker = dir.join("broker");
    authority
        .server(&hosts, validity)?
        .write_new(&broker.join("cert.pem"), &broker.join("key.pem"))?;

    let agents = plan.agents.iter().map(|id| (id.as_str(), dir.join("agents").join(id)));
    let others = [CONTROL_SITE, DASHBOARD].map(|id| (id, dir.join(id)));
    for (id, folder) in agents.chain(others) {
        make_folder(&folder)?;
        authority
            .client(id, validity)?
            .write_new(&folder.join("client.pem"), &folder.join("client.key"))?;
    }
    Ok(())
}

fn new_key(path: &Path) -> Result<SealingKey, ToolError> {
    let (key, pkcs8) = SealingKey::generate()?;
    key_file::write_new(path, &pkcs8)?;
    Ok(key)
}
