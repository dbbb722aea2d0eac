-- The spool, version 1. Times are unix seconds. TEXT from outside is cut and cleaned by the code that writes it.

-- Where reading goes on. A source's key may be a path that is not Unicode, so it is bytes.
CREATE TABLE sources (
    source      BLOB PRIMARY KEY,
    position    INTEGER NOT NULL,             -- everything before it is journaled
    replay_from INTEGER NOT NULL,             -- where the parser snapshot was taken; <= position
    parser      TEXT NOT NULL,                -- JSON
    hint        TEXT NOT NULL,                -- JSON
    finished    INTEGER NOT NULL,
    skip        INTEGER NOT NULL,             -- 1: left by a revocation; nothing before position may be read again
    updated     REAL NOT NULL,
    CHECK (0 <= replay_from AND replay_from <= position)
) WITHOUT ROWID;

-- One agent run. journaled = delivered + destroyed + (steps of its envelopes) + (journaled - sealed).
CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL UNIQUE,
    source       BLOB NOT NULL,
    label        TEXT NOT NULL,
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    capture      TEXT NOT NULL,               -- JSON; emptied when closed
    closed       INTEGER NOT NULL DEFAULT 0,
    journaled    INTEGER NOT NULL DEFAULT 0,  -- number of its last step
    sealed       INTEGER NOT NULL DEFAULT 0,  -- last step that is in a sealed chunk
    delivered    INTEGER NOT NULL DEFAULT 0,  -- steps Central Command has accepted
    destroyed    INTEGER NOT NULL DEFAULT 0,  -- steps dropped unsent, on purpose
    pruned       INTEGER NOT NULL DEFAULT 0,  -- of the delivered ones, those no longer in the local corpus
    envelopes    INTEGER NOT NULL DEFAULT 0,  -- ordinal of the next envelope
    close_sent   INTEGER NOT NULL DEFAULT 0,
    started      REAL NOT NULL,
    updated      REAL NOT NULL,
    CHECK (sealed <= journaled AND delivered + destroyed <= sealed AND pruned <= delivered)
);
CREATE INDEX sessions_open ON sessions (source, id) WHERE closed = 0;

-- key = sessions.id << 20 | number: one b-tree, read in order, no second copy of the key.
CREATE TABLE steps (
    key  INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    body BLOB NOT NULL
);

-- What the scrubber replaced in a step, never the value: key as in steps, the rest as sidecar.redaction has it.
CREATE TABLE redactions (
    key      INTEGER NOT NULL,
    ordinal  INTEGER NOT NULL,
    pointer  TEXT NOT NULL,
    in_key   INTEGER NOT NULL,
    start    INTEGER,
    length   INTEGER NOT NULL,
    category TEXT NOT NULL,
    rule     TEXT NOT NULL,
    hash     TEXT NOT NULL,                   -- keyed by this installation
    PRIMARY KEY (key, ordinal)
) WITHOUT ROWID;

CREATE TABLE envelopes (
    envelope_id    TEXT NOT NULL UNIQUE,
    session        INTEGER NOT NULL REFERENCES sessions (id),
    ordinal        INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    chunk_sequence INTEGER,
    first_step     INTEGER,
    last_step      INTEGER,
    head           BLOB NOT NULL,
    tail           BLOB NOT NULL,
    parked         INTEGER NOT NULL DEFAULT 0,
    approved       INTEGER NOT NULL DEFAULT 0,-- 1: a person looked at it and let it go (review_before_send)
    attempts       INTEGER NOT NULL DEFAULT 0,
    not_before     REAL NOT NULL DEFAULT 0,
    reason         TEXT NOT NULL DEFAULT '',
    created        REAL NOT NULL,
    PRIMARY KEY (session, ordinal)
);
-- All that choosing and counting need, so that neither reads heads and tails.
CREATE INDEX envelopes_queued ON envelopes (session, ordinal, not_before, attempts, created, first_step, last_step,
    approved) WHERE parked = 0;
CREATE INDEX envelopes_parked ON envelopes (session, ordinal) WHERE parked = 1;

-- A session as Central Command knows it. flight_*: an envelope that may have reached it, and under which number;
-- doubtful: it may have used that number up without storing.
CREATE TABLE deliveries (
    session         INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    wire_id         TEXT,
    secret          BLOB,
    next_sequence   INTEGER NOT NULL DEFAULT 0,
    opened_at       REAL,
    open_attempts   INTEGER NOT NULL DEFAULT 0,
    open_not_before REAL NOT NULL DEFAULT 0,
    open_reason     TEXT NOT NULL DEFAULT '',
    flight_envelope TEXT,
    flight_sequence INTEGER,
    doubtful        INTEGER NOT NULL DEFAULT 0
);

-- What was accepted: which steps of the corpus were delivered, and the outcome that went with the close.
CREATE TABLE receipts (
    envelope_id    TEXT NOT NULL UNIQUE,
    session        INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    ordinal        INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    chunk_sequence INTEGER,
    first_step     INTEGER,
    last_step      INTEGER,
    sequence       INTEGER NOT NULL,
    summary        BLOB,                      -- head of a close or a feedback
    bytes          INTEGER NOT NULL DEFAULT 0,-- of its steps' bodies
    kept           INTEGER NOT NULL DEFAULT 1,-- 0: its steps were pruned from the local corpus
    accepted       REAL NOT NULL,
    PRIMARY KEY (session, ordinal)
);

-- A run of wrap or tee whose conversation is known, and which road makes its steps: 'stream' or 'transcript'.
-- And, as 'told', when a transcript last told its conversation.
CREATE TABLE runs (
    source       BLOB PRIMARY KEY,            -- of the stream (of the transcript)
    conversation TEXT NOT NULL,               -- keyed hash of provider and the CLI's session id
    record       TEXT NOT NULL,
    began        REAL NOT NULL,
    ended        REAL,                        -- NULL while it goes on
    facts        TEXT NOT NULL,               -- JSON: exit code, signal, usage, the last turn's end
    settled      INTEGER NOT NULL             -- 1: nobody waits for the facts
) WITHOUT ROWID;
CREATE INDEX runs_of ON runs (conversation, began);

-- Records of transcripts that were taken, by hash: a forked conversation copies those of the one it came from.
CREATE TABLE records (
    mark  INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,                   -- hash of the source that had it first
    day   INTEGER NOT NULL
);

-- Counts by name, since the file was made.
CREATE TABLE ledger (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    n    INTEGER NOT NULL
);

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
