//! People with keys, a roster that knows them, and what they sign.

use cellwatch_model::Utc;
use cellwatch_seal::document::sign_new;
use cellwatch_seal::{
    AgentKey, Approver, MASTER_FILE_CONTENT_TYPE, NamedKey, PublicKey, ROSTER_CONTENT_TYPE,
    Revoked, Role, RootKey, Roster, Sealer, SealingKey, Thresholds,
};

pub(crate) const SECOND_NS: i64 = 1_000_000_000;
/// 2026-07-01T00:00:00Z: within the dates of the example.
pub(crate) const NOW: Utc = Utc(1_782_864_000 * SECOND_NS);
pub(crate) const DAY_NS: i64 = 86_400 * SECOND_NS;

/// Version of the Master File that judges when an attack comes.
pub(crate) const IN_FORCE: u64 = 5;

const EXAMPLE: &str = include_str!("../../../config/examples/master-file.toml");

/// The example's text with this version.
pub(crate) fn text(version: u64) -> String {
    let find = "version = 1 ";
    assert!(EXAMPLE.contains(find));
    EXAMPLE.replacen(find, &format!("version = {version} "), 1)
}

/// The text of the next version, with one edit.
pub(crate) fn edited(find: &str, with: &str) -> String {
    let text = text(IN_FORCE + 1);
    assert!(text.contains(find), "{find:?} is not in the example");
    text.replacen(find, with, 1)
}

/// Everybody.
pub(crate) struct Scene {
    pub(crate) root: SealingKey,
    pub(crate) second_root: SealingKey,
    pub(crate) qa: SealingKey,
    pub(crate) second_qa: SealingKey,
    pub(crate) qp: SealingKey,
    pub(crate) agent: SealingKey,
    pub(crate) receipt: SealingKey,
    pub(crate) command: SealingKey,
    pub(crate) stranger: SealingKey,
    pub(crate) roster: Roster,
}

pub(crate) fn approver(name: &str, role: Role, key: PublicKey) -> Approver {
    let (valid_from, valid_until) = (Utc(NOW.0 - DAY_NS), Utc(NOW.0 + DAY_NS));
    Approver { name: name.to_owned(), role, key, valid_from, valid_until }
}

pub(crate) fn revoked(key: PublicKey) -> Revoked {
    Revoked { key, since: Utc(NOW.0 - DAY_NS / 2), reason: "card stolen".to_owned() }
}

impl Scene {
    pub(crate) fn new() -> Self {
        let [root, second_root, qa, second_qa, qp, agent, receipt, command, stranger] =
            std::array::from_fn(|_| SealingKey::generate().unwrap().0);
        let roster = Roster {
            version: 7,
            issued: Utc(NOW.0 - DAY_NS),
            expires: Utc(NOW.0 + DAY_NS),
            roots: vec![
                RootKey { name: "root one".to_owned(), key: root.public() },
                RootKey { name: "root two".to_owned(), key: second_root.public() },
            ],
            root_threshold: 1,
            approvers: vec![
                approver("QA One", Role::Qa, qa.public()),
                approver("QA Two", Role::Qa, second_qa.public()),
                approver("QP One", Role::Qp, qp.public()),
            ],
            receipt_keys: vec![NamedKey { name: "receipts".to_owned(), key: receipt.public() }],
            command_keys: vec![NamedKey { name: "commands".to_owned(), key: command.public() }],
            agents: vec![AgentKey {
                agent: "agent-1".to_owned(),
                site: "barcelona-1".to_owned(),
                key: agent.public(),
            }],
            thresholds: Thresholds { qa: 1, qp: 1 },
            revoked: Vec::new(),
        };
        Self { root, second_root, qa, second_qa, qp, agent, receipt, command, stranger, roster }
    }

    /// A Master File approved as it should be.
    pub(crate) fn approved(&self, text: &str) -> Vec<u8> {
        approved_by(text, &[&self.qa, &self.qp])
    }

    /// A roster signed as it should be.
    pub(crate) fn rooted(&self, roster: &Roster) -> Vec<u8> {
        rooted_by(&roster.to_toml(), &[&self.root])
    }

    /// The next version of the roster.
    pub(crate) fn next(&self) -> Roster {
        Roster { version: self.roster.version + 1, ..self.roster.clone() }
    }
}

pub(crate) fn approved_by(text: &str, signers: &[&dyn Sealer]) -> Vec<u8> {
    sign_new(MASTER_FILE_CONTENT_TYPE, text.as_bytes(), signers)
}

pub(crate) fn rooted_by(text: &str, signers: &[&dyn Sealer]) -> Vec<u8> {
    sign_new(ROSTER_CONTENT_TYPE, text.as_bytes(), signers)
}
