-- Tables of the Control Site's database. Dashboards read the views (views.sql), not these.
-- Columns *_ns are nanoseconds since 1970-01-01T00:00:00 UTC; mono_ns counts from the agent's boot.

-- Agents that have been heard of, and what their last health said.
CREATE TABLE agent_state (
  id                    INTEGER PRIMARY KEY,
  agent                 TEXT NOT NULL UNIQUE,
  site                  TEXT NOT NULL,
  first_received_ns     INTEGER NOT NULL,
  last_received_ns      INTEGER NOT NULL,
  health_ns             INTEGER,            -- the agent's own time of its last live health
  health_received_ns    INTEGER,
  health                TEXT,               -- its figures as JSON
  clock                 TEXT,               -- what it says of its clock
  oversight             TEXT NOT NULL DEFAULT 'waiting'  -- waiting, watched, lost
                        CHECK (oversight IN ('waiting', 'watched', 'lost')),
  oversight_ns          INTEGER,            -- since when
  presence_online       INTEGER,            -- unsigned
  presence_received_ns  INTEGER,
  master_file           TEXT,               -- in force: id and version, as an event said
  master_file_sha256    TEXT,
  master_file_ns        INTEGER             -- when it came into force
);

-- Journals: how far each chain has been followed. Written in the transaction of its records.
CREATE TABLE journal_state (
  id                INTEGER PRIMARY KEY,
  agent_id          INTEGER NOT NULL REFERENCES agent_state (id),
  journal           BLOB NOT NULL,          -- 16 bytes
  through           INTEGER NOT NULL DEFAULT 0,
  through_hash      BLOB NOT NULL DEFAULT x'',
  highest           INTEGER NOT NULL DEFAULT 0,
  known_last        INTEGER NOT NULL DEFAULT 0,
  missing_ranges    INTEGER NOT NULL DEFAULT 0,
  missing_records   INTEGER NOT NULL DEFAULT 0,
  verified          INTEGER NOT NULL DEFAULT 0,
  duplicates        INTEGER NOT NULL DEFAULT 0,
  refused           INTEGER NOT NULL DEFAULT 0,
  no_room           INTEGER NOT NULL DEFAULT 0,
  first_received_ns INTEGER NOT NULL,
  last_received_ns  INTEGER NOT NULL,
  successor         INTEGER REFERENCES journal_state (id),  -- the journal that names this one as the one before
  UNIQUE (agent_id, journal)
);

CREATE TABLE unit_state (
  id           INTEGER PRIMARY KEY,
  agent_id     INTEGER NOT NULL REFERENCES agent_state (id),
  unit         TEXT NOT NULL,
  batch        TEXT,
  phase        TEXT,
  master_file  INTEGER NOT NULL DEFAULT 0,
  journal_id   INTEGER,
  seq          INTEGER NOT NULL DEFAULT 0,
  utc_ns       INTEGER NOT NULL DEFAULT 0,
  received_ns  INTEGER NOT NULL DEFAULT 0,
  UNIQUE (agent_id, unit)
);

-- Every accepted record, its sealed bytes unchanged.
CREATE TABLE records (
  journal_id   INTEGER NOT NULL REFERENCES journal_state (id),
  seq          INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  unit         TEXT,
  batch        TEXT,
  phase        TEXT,
  utc_ns       INTEGER NOT NULL,
  mono_ns      INTEGER NOT NULL,
  boot         INTEGER NOT NULL,
  clock        TEXT NOT NULL,
  master_file  INTEGER NOT NULL,
  received_ns  INTEGER NOT NULL,
  live         INTEGER NOT NULL,            -- 1 on a live topic, 0 in a bundle
  prev         BLOB NOT NULL,               -- SHA-256 that the record names
  payload_hash BLOB NOT NULL,               -- SHA-256 of its payload
  sealed       BLOB NOT NULL,               -- COSE_Sign1 as received
  PRIMARY KEY (journal_id, seq)
);

-- What configuration events say of the indices in frames.
CREATE TABLE parameters (
  journal_id   INTEGER NOT NULL,
  unit_id      INTEGER NOT NULL,
  parameter    INTEGER NOT NULL,            -- index in frames
  since_seq    INTEGER NOT NULL,            -- of the configuration event
  name         TEXT NOT NULL,
  unit_of_measure TEXT NOT NULL,
  decimals     INTEGER NOT NULL,
  device       TEXT NOT NULL,
  profile      BLOB,
  part         TEXT,                        -- what it is to people, as the event says it; older agents do not
  words        TEXT,                        -- words of an enumeration, JSON [[number, word], …]
  PRIMARY KEY (journal_id, unit_id, parameter, since_seq)
) WITHOUT ROWID;

-- Samples of frames, one row each.
CREATE TABLE readings (
  journal_id   INTEGER NOT NULL,
  unit_id      INTEGER NOT NULL,
  parameter    INTEGER NOT NULL,
  seq          INTEGER NOT NULL,            -- of the frame
  sample       INTEGER NOT NULL,            -- position in the frame
  utc_ns       INTEGER NOT NULL,            -- wall time of the answer
  mono_ns      INTEGER NOT NULL,
  value,                                    -- numbers, whole numbers, 0 or 1, each as it is
  text         TEXT,
  quality      INTEGER NOT NULL,            -- 0 good, 1-63 uncertain, 65-127 bad
  PRIMARY KEY (journal_id, unit_id, parameter, seq, sample)
) WITHOUT ROWID;

-- The newest sample of each parameter, and the newest good one.
CREATE TABLE reading_latest (
  journal_id   INTEGER NOT NULL,
  unit_id      INTEGER NOT NULL,
  parameter    INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  utc_ns       INTEGER NOT NULL,
  value,
  text         TEXT,
  quality      INTEGER NOT NULL,
  quality_words TEXT NOT NULL,
  received_ns  INTEGER NOT NULL,
  PRIMARY KEY (journal_id, unit_id, parameter)
) WITHOUT ROWID;

-- One row for each change of an alarm.
CREATE TABLE alarms (
  journal_id   INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  agent_id     INTEGER NOT NULL,
  unit         TEXT,
  batch        TEXT,
  phase        TEXT,
  alarm        TEXT NOT NULL,
  source       TEXT NOT NULL,
  kind         TEXT NOT NULL,
  transition   TEXT NOT NULL,
  state        TEXT NOT NULL,
  priority     INTEGER NOT NULL,
  occurrence   INTEGER NOT NULL,
  at_ns        INTEGER NOT NULL,            -- wall time of the change
  utc_ns       INTEGER NOT NULL,            -- wall time of the record
  value        REAL,
  "limit"      REAL,
  quality      INTEGER NOT NULL,
  quality_words TEXT NOT NULL,
  person       TEXT,
  role         TEXT,
  comment      TEXT,
  live         INTEGER NOT NULL,
  received_ns  INTEGER NOT NULL,
  latency_ms   REAL NOT NULL,               -- from the change to its receipt here
  PRIMARY KEY (journal_id, seq)
) WITHOUT ROWID;

-- The newest change of each alarm.
CREATE TABLE alarm_latest (
  agent_id     INTEGER NOT NULL,
  unit         TEXT NOT NULL,               -- empty for the agent itself
  alarm        TEXT NOT NULL,
  source       TEXT NOT NULL,
  journal_id   INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  utc_ns       INTEGER NOT NULL,
  raised_ns    INTEGER,                     -- wall time at which it was raised
  PRIMARY KEY (agent_id, unit, alarm, source)
) WITHOUT ROWID;

-- The newest signed summary of each unit, and its alarms.
CREATE TABLE summary_latest (
  agent_id     INTEGER NOT NULL,
  unit         TEXT NOT NULL,               -- empty for the agent itself
  journal_id   INTEGER NOT NULL,
  as_of_seq    INTEGER NOT NULL,
  utc_ns       INTEGER NOT NULL,
  received_ns  INTEGER NOT NULL,
  PRIMARY KEY (agent_id, unit)
) WITHOUT ROWID;

CREATE TABLE summary_alarms (
  agent_id     INTEGER NOT NULL,
  unit         TEXT NOT NULL,
  alarm        TEXT NOT NULL,
  source       TEXT NOT NULL,
  state        TEXT NOT NULL,
  priority     INTEGER NOT NULL,
  raised_ns    INTEGER NOT NULL,
  PRIMARY KEY (agent_id, unit, alarm, source)
) WITHOUT ROWID;

-- Events, what people did, what happened to batches.
CREATE TABLE events (
  journal_id   INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  agent_id     INTEGER NOT NULL,
  unit         TEXT,
  batch        TEXT,
  kind         TEXT NOT NULL,               -- the event's word, 'action' or 'batch'
  at_ns        INTEGER NOT NULL,
  text         TEXT NOT NULL,
  details      TEXT NOT NULL,               -- JSON
  person       TEXT,
  role         TEXT,
  received_ns  INTEGER NOT NULL,
  PRIMARY KEY (journal_id, seq)
) WITHOUT ROWID;

-- What was refused, with the bytes. The same bytes for the same reason make one row.
CREATE TABLE refusals (
  id             INTEGER PRIMARY KEY,
  reason         TEXT NOT NULL,
  agent          TEXT NOT NULL,             -- as claimed; empty where unreadable
  journal        TEXT,
  seq            INTEGER,
  topic          TEXT NOT NULL,
  detail         TEXT NOT NULL,
  sha256         BLOB NOT NULL,             -- of the evidence; empty in the row that counts what is not kept
  evidence       BLOB,
  count          INTEGER NOT NULL DEFAULT 1,
  received_ns    INTEGER NOT NULL,          -- first time
  last_received_ns INTEGER NOT NULL,
  UNIQUE (reason, agent, sha256)
);

-- Receipts issued; the last few of each journal.
CREATE TABLE receipts (
  id           INTEGER PRIMARY KEY,
  journal_id   INTEGER NOT NULL,
  through      INTEGER NOT NULL,
  hash         BLOB NOT NULL,
  missing      TEXT NOT NULL,               -- JSON [[first, last], …]
  highest      INTEGER NOT NULL,
  issued_ns    INTEGER NOT NULL,
  sealed       BLOB NOT NULL
);
CREATE INDEX receipts_of_journal ON receipts (journal_id, id);

-- Oversight lost and regained.
CREATE TABLE oversight (
  id             INTEGER PRIMARY KEY,
  agent_id       INTEGER NOT NULL,
  at_ns          INTEGER NOT NULL,
  change         TEXT NOT NULL,             -- lost, regained
  last_health_ns INTEGER
);

CREATE INDEX alarms_by_time ON alarms (at_ns);
CREATE INDEX events_by_time ON events (at_ns);
