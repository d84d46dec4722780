//! `cellwatch operators`: the people who may log in at the operator page.

use std::io::BufRead;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Config, Done};
use crate::control::{Answer, Listed, Request, Step, ask};
use crate::installation::Installation;

/// What is done with the accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Operators {
    /// Adds a person; prints the password for the first login, which asks for an own one.
    Add {
        /// Name as known at the site, and in records.
        name: String,
        /// viewer, operator, supervisor, maintenance or quality.
        #[arg(long)]
        role: String,
        /// The system account that acts for the person in `cellwatch acknowledge`.
        #[arg(long, value_name = "ACCOUNT")]
        system_account: Option<String>,
        #[command(flatten)]
        password: OneTime,
        #[command(flatten)]
        change: Who,
        #[command(flatten)]
        config: Config,
    },
    /// Lists who may log in.
    List {
        #[command(flatten)]
        config: Config,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Lets a person log in no more; the account stays, as the records name it.
    Disable {
        /// The person's name.
        name: String,
        #[command(flatten)]
        change: Who,
        #[command(flatten)]
        config: Config,
    },
    /// Gives a person a new password for one login, ends a lock, and lets a disabled one in again.
    Reset {
        /// The person's name.
        name: String,
        #[command(flatten)]
        password: OneTime,
        #[command(flatten)]
        change: Who,
        #[command(flatten)]
        config: Config,
    },
}

#[derive(Debug, Args)]
pub(super) struct OneTime {
    /// Read the password for the first login from standard input instead of making one.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Who {
    /// Your own name: it stands in the record, beside your system account.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn operators(what: &Operators) -> anyhow::Result<Done> {
    match what {
        Operators::List { config, json } => list(config, *json),
        Operators::Add { name, role, system_account, password, change, config } => {
            let new = (Some(role.clone()), system_account.clone());
            changed(config, Step::Add, name, new, Some(password), change)
        }
        Operators::Disable { name, change, config } => {
            changed(config, Step::Disable, name, (None, None), None, change)
        }
        Operators::Reset { name, password, change, config } => {
            changed(config, Step::Reset, name, (None, None), Some(password), change)
        }
    }
}

fn list(config: &Config, json: bool) -> anyhow::Result<Done> {
    let data_dir = Installation::read(&config.config)?.data_dir();
    match ask(&data_dir, &Request::ListPeople {})? {
        Answer::People(people) if json => println!("{}", serde_json::to_string(&people)?),
        Answer::People(people) => {
            if people.is_empty() {
                println!("nobody may log in: cellwatch operators add");
            }
            for Listed { name, role, must_change, disabled, system_account } in people {
                let state = match (disabled, must_change) {
                    (true, _) => "disabled",
                    (false, true) => "has not logged in yet",
                    (false, false) => "",
                };
                let acts = system_account.map(|one| format!("acts for {one}")).unwrap_or_default();
                println!("{}", format!("{name:<32} {role:<12} {state:<22} {acts}").trim_end());
            }
        }
        Answer::Error(reason) => bail!("{reason}"),
        Answer::Recorded { .. } | Answer::Status(_) | Answer::Changed { .. } => {
            bail!("cellwatch answered something else")
        }
    }
    Ok(Done::Fine)
}

fn changed(
    config: &Config,
    step: Step,
    name: &str,
    (role, system_account): (Option<String>, Option<String>),
    password: Option<&OneTime>,
    who: &Who,
) -> anyhow::Result<Done> {
    let data_dir = Installation::read(&config.config)?.data_dir();
    let password = match password {
        Some(OneTime { password_stdin: true }) => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("standard input")?;
            Some(line.trim_end_matches(['\r', '\n']).to_owned())
        }
        Some(OneTime { password_stdin: false }) | None => None,
    };
    let given = password.is_some();
    let (name, by, reason) = (name.to_owned(), who.by.clone(), who.reason.clone());
    let request = Request::ChangePeople { step, name, role, system_account, password, by, reason };
    match ask(&data_dir, &request)? {
        Answer::Changed { seq, account, one_time_password } => {
            if who.json {
                let shown = one_time_password.filter(|_| !given);
                let Listed { name, role, .. } = account;
                println!(
                    "{}",
                    json!({ "name": name, "role": role, "one_time_password": shown, "seq": seq })
                );
                return Ok(Done::Fine);
            }
            let done = match step {
                Step::Add => "added as",
                Step::Disable => "disabled; was",
                Step::Reset => "reset; is",
            };
            println!("{} {done} {}, recorded as seq {seq}", account.name, account.role);
            if let Some(password) = one_time_password.filter(|_| !given) {
                println!("password for the first login, shown only now:");
                println!("{password}");
            }
            Ok(Done::Fine)
        }
        Answer::Error(reason) => {
            eprintln!("not done: {reason}");
            Ok(Done::Problem)
        }
        Answer::Recorded { .. } | Answer::Status(_) | Answer::People(_) => {
            bail!("cellwatch answered something else")
        }
    }
}
