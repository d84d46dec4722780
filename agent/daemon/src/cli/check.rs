//! `cellwatch check`: everything that the site file names, all problems at once.

use std::path::Path;

use cellwatch_core::door::Offered;
use cellwatch_model::Now;
use cellwatch_seal::{Sealer, key_file, verify_master_file};

use super::Done;
use crate::broker::{Certificate, Settings, client_config};
use crate::clock::Clocks;
use crate::installation::Installation;
use crate::offers::understood;
use crate::page::check_tls;
use crate::trust::Trust;

pub(super) fn check(config: &Path) -> anyhow::Result<Done> {
    let installation = match Installation::read(config) {
        Ok(installation) => installation,
        Err(problems) => {
            println!("{problems}");
            println!("{} problems; nothing else was looked at", problems.0.len());
            return Ok(Done::Problem);
        }
    };
    let mut findings = Findings {
        now: Clocks::new(installation.site.agent.clock).now(),
        installation: &installation,
        problems: Vec::new(),
        facts: Vec::new(),
    };
    let key = findings.key();
    let trust = findings.trust(key);
    findings.master_file(trust.as_ref());
    findings.broker();
    findings.page();
    Ok(findings.say())
}

struct Findings<'i> {
    now: Now,
    installation: &'i Installation,
    problems: Vec<String>,
    facts: Vec<String>,
}

impl Findings<'_> {
    fn problem(&mut self, problem: impl ToString) {
        self.problems.push(problem.to_string());
    }

    /// A problem of the file that stands under `key` in the site file.
    fn problem_at(&mut self, key: &str, problem: impl std::fmt::Display) {
        let Installation { file, site, .. } = self.installation;
        self.problems.push(format!("{file}:{}: {key}: {problem}", site.lines.of(key)));
    }

    fn key(&mut self) -> Option<cellwatch_seal::PublicKey> {
        let path = self.installation.path(&self.installation.site.agent.key);
        match key_file::read(&path) {
            Ok(key) => {
                self.facts.push(format!("sealing key {}", key.public().id()));
                Some(key.public())
            }
            Err(error) => {
                self.problem_at("agent.key", error);
                None
            }
        }
    }

    fn trust(&mut self, key: Option<cellwatch_seal::PublicKey>) -> Option<Trust> {
        let trust = match Trust::read(self.installation, None) {
            Ok((trust, _)) => trust,
            Err(error) => {
                self.problem(error);
                return None;
            }
        };
        if let Some(expired) = trust.expired(Some(self.now.utc)) {
            self.problem_at("trust.roster", expired);
        }
        let agent = &self.installation.site.agent.id;
        if let Some(id) = key.map(|key| key.id())
            && trust.roster.agent_key(agent, &id).is_none()
        {
            let problem = format!(
                "the roster does not name key {id} for agent {agent}: the Control Site would refuse its records; have the key added"
            );
            self.problem_at("agent.key", problem);
        }
        self.facts.push(format!("roster version {}", trust.roster.version));
        Some(trust)
    }

    fn master_file(&mut self, trust: Option<&Trust>) {
        let path = self.installation.path(&self.installation.site.trust.master_file);
        let signed = match std::fs::read(&path) {
            Ok(signed) => signed,
            Err(cause) => {
                let problem = format!("{}: {cause}", path.display());
                return self.problem_at("trust.master_file", problem);
            }
        };
        let Some(trust) = trust else { return };
        let approved = match verify_master_file(&signed, &trust.roster, Some(self.now.utc)) {
            Ok(approved) => approved.into_inner(),
            Err(error) => {
                let problem = format!("{}: {error}", path.display());
                return self.problem_at("trust.master_file", problem);
            }
        };
        match understood(self.installation, &path.display().to_string(), approved) {
            Offered::Refused(problems) => self.problem(problems),
            Offered::Approved { file, approvers } => {
                let site = &self.installation.site.id;
                if self.now.utc < file.effective {
                    self.facts.push("it will wait for its effective time".to_owned());
                }
                if self.now.utc >= file.expires {
                    let problem = format!("{} has expired for site {site}", path.display());
                    self.problem_at("trust.master_file", problem);
                }
                let names: Vec<_> = approvers
                    .iter()
                    .map(|person| format!("{} ({})", person.name, person.role))
                    .collect();
                self.facts.push(format!(
                    "Master File {} version {}, approved by {}",
                    file.id,
                    file.version,
                    names.join(" and ")
                ));
            }
        }
    }

    fn broker(&mut self) {
        let settings = Settings::of(&self.installation.site, &self.installation.folder);
        if let Err(error) = client_config(&settings) {
            return self.problem(error);
        }
        for (key, path) in [
            ("broker.authority", &settings.authority),
            ("broker.certificate", &settings.certificate),
        ] {
            match Certificate::read(path) {
                Ok(certificate) => {
                    if let Some(problem) = certificate.out_of_date(self.now.utc) {
                        self.problem_at(key, format!("{problem}: have it renewed"));
                    }
                    self.facts.push(format!("{key}: {}", certificate.subject));
                }
                Err(error) => self.problem_at(key, error),
            }
        }
        if rustls::pki_types::ServerName::try_from(settings.host.as_str()).is_err() {
            let problem = format!("{:?} is no name that a certificate could hold", settings.host);
            self.problem_at("broker.host", problem);
        }
    }

    fn page(&mut self) {
        let Some(tls) = &self.installation.site.page.tls else { return };
        let path = self.installation.path(&tls.certificate);
        if let Err(error) = check_tls(&path, &self.installation.path(&tls.private_key)) {
            return self.problem(error);
        }
        match Certificate::read(&path) {
            Ok(certificate) => {
                if let Some(problem) = certificate.out_of_date(self.now.utc) {
                    self.problem_at("page.certificate", format!("{problem}: have it renewed"));
                }
                self.facts.push(format!("page.certificate: {}", certificate.subject));
            }
            Err(error) => self.problem_at("page.certificate", error),
        }
    }

    fn say(&self) -> Done {
        for problem in &self.problems {
            println!("{problem}");
        }
        let Installation { site, profiles, .. } = self.installation;
        println!(
            "{}: site {}, agent {}, {} units, {} devices, {} profiles; {}",
            if self.problems.is_empty() { "OK" } else { "NOT OK" },
            site.id,
            site.agent.id,
            site.units.len(),
            site.devices.len(),
            profiles.len(),
            self.facts.join("; ")
        );
        if self.problems.is_empty() { Done::Fine } else { Done::Problem }
    }
}
