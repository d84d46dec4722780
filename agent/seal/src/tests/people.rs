//! Keys, people and a roster for the tests. The keys are made anew in every run.

use cellwatch_model::Utc;

use crate::{
    AgentKey, Approver, NamedKey, PublicKey, Role, RootKey, Roster, Sealer, SealingKey, Thresholds,
};

pub(super) const SECOND_NS: i64 = 1_000_000_000;
/// 2026-01-31T00:00:00Z.
pub(super) const NOW: Utc = Utc(1_769_817_600 * SECOND_NS);
pub(super) const BEFORE: Utc = Utc(NOW.0 - 86_400 * SECOND_NS);
pub(super) const AFTER: Utc = Utc(NOW.0 + 86_400 * SECOND_NS);

pub(super) fn key() -> SealingKey {
    SealingKey::generate().unwrap().0
}

/// Everybody of a site.
pub(super) struct People {
    pub(super) root: SealingKey,
    pub(super) qa: SealingKey,
    pub(super) second_qa: SealingKey,
    pub(super) qp: SealingKey,
    pub(super) receipt: SealingKey,
    pub(super) command: SealingKey,
    pub(super) agent: SealingKey,
    pub(super) roster: Roster,
}

pub(super) fn approver(name: &str, role: Role, key: PublicKey) -> Approver {
    Approver { name: name.to_owned(), role, key, valid_from: BEFORE, valid_until: AFTER }
}

impl People {
    pub(super) fn new() -> Self {
        let [root, qa, second_qa, qp, receipt, command, agent] = std::array::from_fn(|_| key());
        let named =
            |name: &str, key: &SealingKey| NamedKey { name: name.to_owned(), key: key.public() };
        let roster = Roster {
            version: 7,
            issued: BEFORE,
            expires: AFTER,
            roots: vec![RootKey { name: "root one".to_owned(), key: root.public() }],
            root_threshold: 1,
            approvers: vec![
                approver("QA One", Role::Qa, qa.public()),
                approver("QA Two", Role::Qa, second_qa.public()),
                approver("QP One", Role::Qp, qp.public()),
            ],
            receipt_keys: vec![named("control-site", &receipt)],
            command_keys: vec![named("control-site", &command)],
            agents: vec![AgentKey {
                agent: "agent-1".to_owned(),
                site: "barcelona-1".to_owned(),
                key: agent.public(),
            }],
            thresholds: Thresholds { qa: 1, qp: 1 },
            revoked: Vec::new(),
        };
        Self { root, qa, second_qa, qp, receipt, command, agent, roster }
    }
}
