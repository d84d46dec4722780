//! A broker that misbehaves: something between the agent and Mosquitto that follows a script.

use std::path::Path;

use serde_json::{Value, json};

use crate::{Broker, Keys, Process, python};

/// What `foreign/broker_between.py` does with a client's publishes and the answers to them.
#[derive(Debug)]
pub struct BrokerBetween {
    /// Its port.
    pub port: u16,
    process: Process,
    asked: u64,
}

/// What it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// Connections of the client.
    pub connections: u64,
    /// Its publishes.
    pub publishes: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Answers that were kept, for a while or for ever.
    pub kept: u64,
    /// Connections that were ended in the middle of a publish.
    pub closed: u64,
    /// Publishes of backlog.
    pub bundles: u64,
    /// Publishes of alarms.
    pub alarms: u64,
    /// Publishes of backlog before the last one of an alarm.
    pub bundles_before_alarm: u64,
}

impl BrokerBetween {
    /// Starts it in front of `broker`, for the client whose certificate is in `identity`.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    pub fn start(rig: &Path, keys: &Keys, broker: &Broker, identity: &str) -> Self {
        let mut command = python("broker_between.py");
        command.arg("--broker").arg(broker.port.to_string());
        for (option, file) in [
            ("--authority", "authority/ca.pem".to_owned()),
            ("--certificate", "broker/cert.pem".to_owned()),
            ("--key", "broker/key.pem".to_owned()),
            ("--client-certificate", format!("{identity}/client.pem")),
            ("--client-key", format!("{identity}/client.key")),
        ] {
            command.arg(option).arg(keys.path(&file));
        }
        let mut process = Process::start("broker-between", rig, command);
        let port = process.ready()["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        Self { port: port.expect("a port"), process, asked: 0 }
    }

    /// Behaves otherwise from now on: a mode of its script, and the reason code of refusals. Gives what it had seen by then.
    ///
    /// # Panics
    /// It does not answer.
    pub fn does(&mut self, mode: &str, reason: u8) -> Between {
        self.ask(&json!({ "mode": mode, "reason": reason }))
    }

    /// What it has seen.
    ///
    /// # Panics
    /// It does not answer.
    pub fn seen(&mut self) -> Between {
        self.ask(&json!({}))
    }

    fn ask(&mut self, question: &Value) -> Between {
        self.asked += 1;
        let asked = self.asked;
        self.process.tell(&question.to_string());
        let answer = self.process.answer("its counts", |answer| answer["answer"] == asked);
        let number = |key: &str| answer[key].as_u64().expect("a number");
        Between {
            connections: number("connections"),
            publishes: number("publishes"),
            refused: number("refused"),
            kept: number("kept"),
            closed: number("closed"),
            bundles: number("bundles"),
            alarms: number("alarms"),
            bundles_before_alarm: number("bundles_before_alarm"),
        }
    }
}
