-- Added with schema version 4: the keys that have sealed each journal.
CREATE TABLE journal_keys (
  journal_id   INTEGER NOT NULL REFERENCES journal_state (id),
  key_id       BLOB NOT NULL,
  first_seq    INTEGER NOT NULL,            -- lowest record of it that is here
  rotated_seq  INTEGER,                     -- its last record, which says that another key follows, sealed by both
  successor    BLOB,                        -- that key
  received_ns  INTEGER NOT NULL,            -- when the first one came
  PRIMARY KEY (journal_id, key_id)
) WITHOUT ROWID;
