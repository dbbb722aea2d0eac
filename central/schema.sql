-- What Central Command keeps. An envelope is stored whole, as received, in the transaction that spends its number.
CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    client_key TEXT NOT NULL,
    server_key TEXT NOT NULL,
    secret BLOB NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    machine TEXT NOT NULL,
    app_version_hash TEXT NOT NULL,
    groove_version TEXT NOT NULL,
    opened_at REAL NOT NULL,
    closed_at REAL,
    closed_by TEXT,
    expected INTEGER NOT NULL DEFAULT 0,
    chunks INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    feedback INTEGER NOT NULL DEFAULT 0,
    outcome TEXT
);
CREATE INDEX IF NOT EXISTS session_by_machine ON session (machine, opened_at);
CREATE INDEX IF NOT EXISTS session_open ON session (number) WHERE closed_at IS NULL;

-- sequence is NULL for feedback, which has no place in the order; runs is JSON [[first, last], …] of step numbers.
CREATE TABLE IF NOT EXISTS envelope (
    number INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES session (number),
    kind TEXT NOT NULL,
    sequence INTEGER,
    envelope_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    received_at REAL NOT NULL,
    chunk_sequence REAL,
    runs TEXT,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS envelope_in_order ON envelope (session, sequence) WHERE sequence IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS feedback_once ON envelope (session, envelope_id) WHERE sequence IS NULL;

CREATE TABLE IF NOT EXISTS session_tally (
    session INTEGER NOT NULL REFERENCES session (number),
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (session, scope, name)
) WITHOUT ROWID;

-- scope: total, day (UTC), model, provider
CREATE TABLE IF NOT EXISTS tally (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    sessions INTEGER NOT NULL DEFAULT 0,
    envelopes INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS contributor (
    id TEXT PRIMARY KEY,
    first_seen REAL NOT NULL
) WITHOUT ROWID;
