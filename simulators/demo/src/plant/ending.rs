//! Ends the processes in an order in which nothing is lost.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::running::Plant;
use crate::process::{Child, END_WITHIN, Ended};
use crate::watch::{ControlSite, published};

/// How long the agent may take to write and publish its last record.
const AGENT_WITHIN: Duration = Duration::from_secs(10);
/// How long the Control Site may take to verify what the agent's journal holds.
const VERIFY_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Plant {
    /// Ends the agent; lets the Control Site verify what the agent's journal holds; ends the rest,
    /// the broker last. Gives one sentence for each process that did not end as it should.
    pub async fn end(&self, journal: &Path, control_site: &ControlSite) -> Vec<String> {
        let mut problems = Vec::new();
        // The reactors answer until the agent has ended: its last records are no alarms of a dead line.
        end(&self.agent, AGENT_WITHIN, &mut problems).await;
        let deadline = Instant::now() + VERIFY_WITHIN;
        while self.control_site.runs() && Instant::now() < deadline {
            let all = match (published(journal), control_site.counts()) {
                (Ok(published), Ok(counts)) => counts.verified >= published,
                // The report reads the same again and tells what is wrong.
                (Err(_), _) | (_, Err(_)) => break,
            };
            if all {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
        end(&self.control_site, END_WITHIN, &mut problems).await;
        for reactor in &self.reactors {
            end(&reactor.process, END_WITHIN, &mut problems).await;
        }
        end(&self.broker, END_WITHIN, &mut problems).await;
        problems
    }
}

async fn end(child: &Child, within: Duration, problems: &mut Vec<String>) {
    // Who ended before is spoken of elsewhere.
    if !child.runs() {
        return;
    }
    match child.end(within).await {
        Ended::Clean => {}
        Ended::Status(status) => {
            problems.push(format!("{} ended with {status} when asked to end", child.name()));
        }
        Ended::Killed => problems.push(format!(
            "{} did not end within {} s and was killed",
            child.name(),
            within.as_secs()
        )),
    }
}
