//! A power cut and another start; a replay of everything on disk.

use std::sync::Arc;

use cellwatch_config::master_file::MasterFile;
use cellwatch_core::Agent;
use cellwatch_core::door::{Input, MasterFileOffer, RecordHash, Start};
use cellwatch_core::replay::{Replay, Replayed};
use cellwatch_model::Clock;
use cellwatch_record::{Hash, Head, Kind, Record, sha256};

use super::{JOURNAL, Site, offer, start};

impl Site {
    /// Stops the agent as a power cut does, and starts it again under the Master File that it had accepted.
    pub fn restart(&mut self, same_machine_boot: bool, file: MasterFile) {
        self.cut_power(same_machine_boot, None);
        let again = MasterFileOffer { accepted_before: true, ..offer(file) };
        self.input(Input::MasterFile(again));
    }

    /// The same where one of the records since the latest state record cannot be read.
    pub fn restart_forgetting(&mut self, place: usize, file: MasterFile) {
        self.cut_power(true, Some(place));
        let again = MasterFileOffer { accepted_before: true, ..offer(file) };
        self.input(Input::MasterFile(again));
    }

    /// The same, under the Master Files that it asked to be kept.
    pub fn restart_with_what_was_kept(&mut self, same_machine_boot: bool) {
        self.cut_power(same_machine_boot, None);
        for (sha256, _) in self.kept.clone() {
            let file = MasterFile::clone(&self.files[&sha256]);
            let again = MasterFileOffer { accepted_before: true, sha256, ..offer(file) };
            self.input(Input::MasterFile(again));
        }
    }

    fn cut_power(&mut self, same_machine_boot: bool, lost: Option<usize>) {
        self.run(10);
        let records = self.records();
        let is_state = |record: &Record| record.body.kind() == Kind::State;
        let from = records.iter().rposition(is_state).expect("each start writes one");
        let is_last_frame = |record: &Record| {
            let (seq, unit) = (record.common.identity.seq, &record.common.unit);
            records[from..]
                .iter()
                .filter(|one| one.body.kind() == Kind::Telemetry && one.common.unit == *unit)
                .all(|one| one.common.identity.seq <= seq)
        };
        let history = records[from..]
            .iter()
            .filter(|record| record.body.kind() != Kind::Telemetry || is_last_frame(record));
        let hashes = records[from..].iter().map(|record| RecordHash {
            seq: record.common.identity.seq,
            kind: record.body.kind(),
            unit: record.common.unit.clone(),
            hash: sha256(&self.payloads[&record.common.identity.seq]),
        });
        let mut hashes: Vec<RecordHash> = hashes.collect();
        if let Some(lost) = lost {
            hashes.remove(lost);
        }
        let seq = self.durable;
        let head = Head { journal: JOURNAL, seq, hash: sha256(&self.payloads[&seq]) };
        self.boots += 1;
        let start = Start {
            head,
            new_journal: false,
            boot: self.boots,
            history: history.cloned().collect(),
            hashes,
            same_machine_boot,
            ..start()
        };
        let now = self.now();
        self.shown.clear();
        self.start_again(Agent::new(self.setup.clone(), start, now));
        let clock = Clock { sync: self.sync, error_bound_us: 0, offset_us: 0 };
        self.input(Input::Clock(clock));
    }

    /// What the records say when they are judged again.
    pub fn replay(&self, records: &[Record]) -> Replayed {
        let file = |sha256: Hash| self.files.get(&sha256).map(Arc::clone);
        let mut replay = Replay::new(&self.setup, &file);
        for record in records {
            replay.record(record).expect("everything is at hand");
        }
        replay.finish()
    }

    /// Req: LAW-08. Everything that alarms and deviation candidates say follows from the records.
    pub fn assert_replays(&mut self) -> Replayed {
        self.run(10);
        let replayed = self.replay(&self.records());
        assert_eq!(replayed.differences(), [], "the same records, another verdict");
        assert!(replayed.missing.is_empty() && replayed.skipped == 0);
        replayed
    }
}
