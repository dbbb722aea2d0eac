"""Which road tells a conversation: its wrapped run or its transcript; and which records were taken before.

Owns: `Run`, `Records`, and their rows: the durable decision that keeps stream and transcript one session.
Never: decides, or stores a session id, a record's id or a word of either (keyed hashes stand for them).
Invariant: a decision changes in the very transaction that commits the lines it was made for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar.store.records import dump_json, load_json, source_key, source_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from parsers.step import JsonObject

STREAM = "stream"
TRANSCRIPT = "transcript"
TOLD = "told"
"""No run: the note that a transcript told its conversation, last at `ended`."""
MAX_RUNS = 100_000
"""Runs remembered: beyond it the oldest may be imported again from their transcripts."""
MAX_RECORDS = 2_000_000
"""Records remembered (some 20 bytes each): beyond it the oldest are taken for new when a fork copies them."""


@dataclass(frozen=True, slots=True)
class Run:
    """A wrapped run whose conversation is known. Times are unix seconds, `ended` None while it goes on.

    `conversation` is a keyed hash, `record` says which road makes the steps; `facts` are what the stream alone knows
    (exit code, signal, usage, how the last turn ended); `settled` = nobody waits for them any more.
    """

    source: str
    conversation: str
    record: str
    began: float
    ended: float | None = None
    facts: JsonObject = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one source, known by 63-bit hashes; `day` counts days since 1970."""

    owner: int
    day: int
    marks: Sequence[int]


def apply_run(connection: sqlite3.Connection, run: Run) -> None:
    """Write down a decision, or what became of it."""
    connection.execute(
        "INSERT INTO runs (source, conversation, record, began, ended, facts, settled) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source) DO UPDATE SET conversation = excluded.conversation, record = excluded.record,"
        " began = excluded.began, ended = excluded.ended, facts = excluded.facts, settled = excluded.settled",
        (
            source_key(run.source),
            run.conversation,
            run.record,
            run.began,
            run.ended,
            dump_json(run.facts),
            run.settled,
        ),
    )


def settle_runs(connection: sqlite3.Connection, sources: Iterable[str]) -> None:
    """Nobody waits for these runs' facts any more."""
    connection.executemany("UPDATE runs SET settled = 1 WHERE source = ?", [(source_key(one),) for one in sources])


def apply_records(connection: sqlite3.Connection, records: Records) -> None:
    """Remember records; whose they are is decided by who had them first."""
    connection.executemany(
        "INSERT OR IGNORE INTO records (mark, owner, day) VALUES (?, ?, ?)",
        [(mark, records.owner, records.day) for mark in records.marks],
    )


_COLUMNS = "source, conversation, record, began, ended, facts, settled"


def _run(row: tuple[bytes, str, str, float, float | None, str, int]) -> Run:
    source, conversation, record, began, ended, facts, settled = row
    return Run(source_name(source), conversation, record, began, ended, load_json(facts), bool(settled))


def read_run(connection: sqlite3.Connection, source: str) -> Run | None:
    """What was decided for a stream."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE source = ?", (source_key(source),)).fetchone()  # noqa: S608 - constant columns
    return _run(row) if row is not None else None


def read_runs(connection: sqlite3.Connection, conversation: str) -> list[Run]:
    """All runs of a conversation, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE conversation = ? ORDER BY began", (conversation,))  # noqa: S608 - constant columns
    return [_run(row) for row in rows]


def read_decided(connection: sqlite3.Connection) -> set[str]:
    """The sources of all runs there is a decision for."""
    return {source_name(source) for (source,) in connection.execute("SELECT source FROM runs")}


def read_imported(connection: sqlite3.Connection) -> tuple[int, int]:
    """Sessions and steps that imports made."""
    row = connection.execute(
        "SELECT count(*), coalesce(sum(journaled), 0) FROM sessions WHERE source >= ? AND source < ?",
        (source_key("import:"), source_key("import;")),
    ).fetchone()
    return row[0], row[1]


def read_known(connection: sqlite3.Connection, owner: int, marks: Sequence[int]) -> set[int]:
    """Which of `marks` another owner had first."""
    found: set[int] = set()
    for start in range(0, len(marks), 500):
        some = marks[start : start + 500]
        wanted = ",".join("?" * len(some))
        rows = connection.execute(
            f"SELECT mark FROM records WHERE mark IN ({wanted}) AND owner <> ?",  # noqa: S608 - question marks
            (*some, owner),
        )
        found.update(mark for (mark,) in rows)
    return found


def end_runs(connection: sqlite3.Connection, now: float) -> None:
    """A revocation: what a run was is kept (it must not be read again from a transcript), what it came to is not."""
    connection.execute("UPDATE runs SET ended = coalesce(ended, ?), facts = '{}', settled = 1", (now,))


def prune_conversations(connection: sqlite3.Connection) -> None:
    """Keep both memories within their bounds; the oldest go first."""
    (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    if runs > MAX_RUNS:
        connection.execute(
            "DELETE FROM runs WHERE source IN (SELECT source FROM runs WHERE settled = 1 ORDER BY began LIMIT ?)",
            (runs - MAX_RUNS,),
        )
    (records,) = connection.execute("SELECT count(*) FROM records").fetchone()
    if records > MAX_RECORDS:
        connection.execute(
            "DELETE FROM records WHERE mark IN (SELECT mark FROM records ORDER BY day LIMIT ?)",
            (records - MAX_RECORDS,),
        )
