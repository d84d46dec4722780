-- Added with schema version 3.
-- Seals of batches, and the last answer to each.
CREATE TABLE batch_seals (
  journal_id   INTEGER NOT NULL REFERENCES journal_state (id),
  seq          INTEGER NOT NULL,            -- of the seal
  unit         TEXT NOT NULL,
  batch        TEXT NOT NULL,
  first        INTEGER NOT NULL,            -- of the batch's records
  last         INTEGER NOT NULL,
  root         BLOB NOT NULL,               -- Merkle root that the agent sealed
  counts       TEXT NOT NULL,               -- JSON {kind: number}
  payload_hash BLOB NOT NULL,               -- SHA-256 of the seal's payload
  received_ns  INTEGER NOT NULL,
  found        TEXT NOT NULL DEFAULT 'waiting'
               CHECK (found IN ('waiting', 'incomplete', 'complete', 'contradicts')),
  missing      TEXT NOT NULL DEFAULT '[]',  -- JSON [[first, last], …], the first 64
  issued_ns    INTEGER,
  sealed       BLOB,                        -- the completeness receipt as sent
  confirmed    INTEGER NOT NULL DEFAULT 0,  -- 1: the agent has recorded that everything is here
  PRIMARY KEY (journal_id, seq)
) WITHOUT ROWID;
