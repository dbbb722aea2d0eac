"""The one SQLite file: sessions and envelopes.

Owns: connections, transactions, the rows of `schema.sql`.
Never: decides whether an envelope may be stored (the doors do), and never stores a private key.
Invariant: an envelope and the sequence number it spends are written in one transaction that is on the disk (WAL, FULL)
before anyone is told; the file is 0600 in a folder that is 0700.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from sidecar.errors import StoreError
from sidecar.paths import make_private_dir, open_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = "central.db"
BUSY_SECONDS = 10.0
PAGE_BYTES = 8_192
CHECKPOINT_PAGES = 4_000
_SCHEMA = Path(__file__).with_name("schema.sql")
_SESSION_COLUMNS = "number, id, client_key, server_key, secret, closed_at, expected, chunks"


class StorageFullError(StoreError):
    """The disk or the quota is full: nothing was stored and no number spent."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """What an open brings, and the key the server made for it."""

    id: str
    client_key: str
    server_key: str
    secret: bytes
    provider: str
    model: str
    machine: str
    app_version_hash: str
    groove_version: str


@dataclass(frozen=True, slots=True)
class Session:
    """What the doors need to know of a session. `expected` is the sequence number it wants next."""

    number: int
    id: str
    client_key: str
    server_key: str
    secret: bytes
    closed_at: float | None
    expected: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Record:
    """An envelope that passed every door. `sequence` None = feedback. `outcome` is set by a close."""

    session: int
    kind: str
    sequence: int | None
    envelope_id: str
    digest: bytes
    received_at: float
    body: bytes
    chunk_sequence: float | None = None
    steps: int = 0
    runs: tuple[tuple[int, int], ...] = ()
    contributor: str | None = None
    model: str | None = None
    provider: str | None = None
    types: Mapping[str, int] | None = None
    redactions: Mapping[str, int] | None = None
    outcome: str | None = None


class Transaction:
    """Reads and writes that happen together or not at all."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def session(self, session_id: str) -> Session | None:
        """The session of that id."""
        row = self._db.execute(f"SELECT {_SESSION_COLUMNS} FROM session WHERE id = ?", (session_id,)).fetchone()  # noqa: S608 - constant columns
        return Session(*row) if row else None

    def stored(self, session: int, sequence: int) -> tuple[str, bytes] | None:
        """(envelope id, digest) of what was stored at that number."""
        row = self._db.execute(
            "SELECT envelope_id, digest FROM envelope WHERE session = ? AND sequence = ?",
            (session, sequence),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def feedback(self, session: int, envelope_id: str) -> bytes | None:
        """Digest of the feedback of that id."""
        row = self._db.execute(
            "SELECT digest FROM envelope WHERE session = ? AND envelope_id = ? AND sequence IS NULL",
            (session, envelope_id),
        ).fetchone()
        return row[0] if row else None

    def opened_since(self, machine: str, since: float) -> tuple[int, float]:
        """How many sessions that machine opened after `since`, and when the first of them was."""
        count, first = self._db.execute(
            "SELECT count(*), min(opened_at) FROM session WHERE machine = ? AND opened_at > ?",
            (machine, since),
        ).fetchone()
        return count, first or since

    def size(self) -> int:
        """Bytes of the database file, this transaction included."""
        pages, page = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return int(pages) * int(page)

    def create(self, new: NewSession, now: float) -> None:
        """Insert a session."""
        self._db.execute(
            "INSERT INTO session (id, client_key, server_key, secret, provider, model, machine, app_version_hash,"
            " groove_version, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.id,
                new.client_key,
                new.server_key,
                new.secret,
                new.provider,
                new.model,
                new.machine,
                new.app_version_hash,
                new.groove_version,
                now,
            ),
        )
        for scope, name in (("total", ""), ("day", _day(now)), ("model", new.model), ("provider", new.provider)):
            self._count(scope, name, sessions=1)

    def close(self, session: int, now: float, by: str) -> None:
        """Mark closed."""
        self._db.execute("UPDATE session SET closed_at = ?, closed_by = ? WHERE number = ?", (now, by, session))

    def insert(self, record: Record) -> None:
        """Store an envelope whole, spend its number, and count it."""
        self._db.execute(
            "INSERT INTO envelope"
            " (session, kind, sequence, envelope_id, digest, received_at, chunk_sequence, runs, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.session,
                record.kind,
                record.sequence,
                record.envelope_id,
                record.digest,
                record.received_at,
                record.chunk_sequence,
                orjson.dumps(record.runs).decode() if record.runs else None,
                record.body,
            ),
        )
        chunk = record.kind == "chunk"
        self._db.execute(
            "UPDATE session SET expected = expected + ?, chunks = chunks + ?, steps = steps + ?,"
            " feedback = feedback + ? WHERE number = ?",
            (record.sequence is not None, chunk, record.steps, record.sequence is None, record.session),
        )
        if record.outcome is not None:
            self._db.execute("UPDATE session SET outcome = ? WHERE number = ?", (record.outcome, record.session))
            self.close(record.session, record.received_at, "envelope")
        self._tally(record)

    def _tally(self, record: Record) -> None:
        for scope, counts in (("type", record.types), ("redaction", record.redactions)):
            self._db.executemany(
                "INSERT INTO session_tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                [(record.session, scope, name, n) for name, n in (counts or {}).items()],
            )
        places = [("total", ""), ("day", _day(record.received_at))]
        if record.kind == "chunk":
            places += [("model", record.model or ""), ("provider", record.provider or "")]
        for scope, name in places:
            self._count(scope, name, envelopes=1, steps=record.steps, size=len(record.body))
        if record.contributor:
            self._db.execute(
                "INSERT OR IGNORE INTO contributor VALUES (?, ?)",
                (record.contributor, record.received_at),
            )

    def _count(
        self, scope: str, name: str, *, sessions: int = 0, envelopes: int = 0, steps: int = 0, size: int = 0
    ) -> None:
        self._db.execute(
            "INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " sessions = sessions + excluded.sessions, envelopes = envelopes + excluded.envelopes,"
            " steps = steps + excluded.steps, bytes = bytes + excluded.bytes",
            (scope, name, sessions, envelopes, steps, size),
        )


class Storage:
    """One writing and one reading connection, each used by one thread at a time. Blocking: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()

    def open(self) -> None:
        """Create or open the file; StoreError when that cannot be."""
        make_private_dir(self._folder)
        path = self._folder / FILE
        os.close(open_private(path, os.O_RDWR | os.O_CREAT))
        with _translated():
            self._writer = _connect(path)
            for pragma in (
                f"page_size = {PAGE_BYTES}",
                "journal_mode = WAL",
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
                "foreign_keys = ON",
            ):
                self._writer.execute(f"PRAGMA {pragma}").fetchone()
            self._writer.executescript(_SCHEMA.read_text("utf-8"))
            self._reader = _connect(path)
            self._reader.execute("PRAGMA query_only = ON")

    def close(self) -> None:
        """Close both connections; the last checkpoint happens here."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._reader = self._writer = None

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """What is stored now, for doors that only ask."""
        with self._write_lock, _translated():
            yield Transaction(self._open_writer())

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction: on the disk when the block ends, undone when it raises."""
        with self._write_lock, _translated():
            connection = self._open_writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            raise StoreError("The storage is closed.", "Start Central Command again.")
        return self._writer

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view for questions; never waits for a writer."""
        with self._read_lock, _translated():
            connection = self._reader
            if connection is None:
                raise StoreError("The storage is closed.", "Start Central Command again.")
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise StorageFullError("The disk is full.", "Free space, then send again.") from error
        raise StoreError("The storage cannot take it now.", "Send again later.") from error


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
