"""The durable, ordered record of steps and of how far each source was read.

Owns: `Journal`: commit, resume, the ledger, revocation.
Never: sends, seals, scrubs; never takes a step no scrubber has seen (`Numbered` holds `Scrubbed`).
Invariant: after any crash, the steps of a session are numbered 1..n without a gap, and checkpoint, counts, capture
state and sealed envelopes are those of the very commit that wrote step n.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio

from sidecar.errors import StoreError
from sidecar.store.conversations import (
    apply_records,
    apply_run,
    read_decided,
    read_known,
    read_run,
    read_runs,
    settle_runs,
)
from sidecar.store.ledger import add_counts
from sidecar.store.records import (
    MAX_LABEL,
    STEP_BITS,
    Checkpoint,
    Commit,
    OrderError,
    Resume,
    SessionState,
    dump_json,
    load_json,
    plain,
    source_key,
    source_name,
    step_key,
)
from sidecar.store.redactions import write_redactions
from sidecar.store.revocation import destroy_unsent, empty_log, wipe, wipe_pending
from sidecar.wire.envelope import EnvelopeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from sidecar.store.conversations import Run
    from sidecar.store.database import Database
    from sidecar.wire.envelope import Sealed


class Journal:
    """Commits what was captured, and tells where to go on. `clock` answers unix seconds."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def commit(self, commit: Commit) -> None:
        """Make `commit` durable: all of it or, with an error, nothing. Shielded from cancellation.

        Raises StoreError (nothing applied, try again) or OrderError (a bug: gap or duplicate in the numbers).
        """
        now = self._clock()
        await self._database.run(lambda connection: apply_commit(connection, commit, now), shield=True)

    async def resume(self, source: str) -> Resume | None:
        """Where `source` goes on; None if it was never committed."""
        return await self._database.run(lambda connection: read_resume(connection, source))

    async def sources(self) -> list[Checkpoint]:
        """The checkpoint of every source that is known."""
        return await self._database.run(read_sources)

    async def positions(self, prefix: str) -> list[tuple[Checkpoint, bool]]:
        """Checkpoints (without parser snapshots) of the sources whose name begins so, and whether a session is open."""
        return await self._database.run(lambda connection: read_positions(connection, prefix))

    async def unclosed(self) -> list[SessionState]:
        """Sessions that have no end yet, oldest first."""
        return await self._database.run(read_unclosed)

    async def ledger(self) -> dict[str, int]:
        """Counts by name since the spool was made; losses are under "drop.<reason>"."""
        return await self._database.run(read_ledger)

    async def totals(self) -> dict[str, Any]:
        """{"sessions": n, "steps": n, "steps_by_type": {type: n}} ever journaled; "buffered": unsealed steps now."""
        return await self._database.run(read_totals)

    async def unsent_bytes(self) -> int:
        """Bytes of the steps that have no receipt yet."""
        return await self._database.run(read_unsent_bytes)

    async def forget(self, source: str) -> None:
        """Drop the checkpoint of a source that is gone for good. Its steps stay."""
        key = source_key(source)
        await self._database.run(lambda connection: _forget(connection, key))

    async def place(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Say of many sources at once where reading begins. Shielded; all of them or none."""
        now = self._clock()

        def job(connection: sqlite3.Connection) -> None:
            for checkpoint in checkpoints:
                _apply_checkpoint(connection, checkpoint, now)

        await self._database.run(job, shield=True)

    async def run(self, source: str) -> Run | None:
        """What was decided for a stream."""
        return await self._database.run(lambda connection: read_run(connection, source))

    async def runs(self, conversation: str) -> list[Run]:
        """All runs of a conversation, oldest first."""
        return await self._database.run(lambda connection: read_runs(connection, conversation))

    async def decided(self) -> set[str]:
        """The streams there is a decision for."""
        return await self._database.run(read_decided)

    async def known(self, owner: int, marks: Sequence[int]) -> set[int]:
        """Which of these records another source had before."""
        return await self._database.run(lambda connection: read_known(connection, owner, marks))

    async def revoke(self) -> dict[str, int]:
        """Destroy all that is unsent, and make the files hold no byte of it. Shielded from cancellation.

        Answers {"steps", "envelopes", "parked", "sessions", "sources", "wiped"}; wiped 0 = another program kept the
        old pages in use for the whole wait; `wipe` finishes the work later.
        """
        now = self._clock()
        with anyio.CancelScope(shield=True):
            try:
                counts = await self._database.run(lambda connection: destroy_unsent(connection, now))
            except StoreError:  # perhaps no room: the log may hold some
                await self._database.run(empty_log, alone=True)
                counts = await self._database.run(lambda connection: destroy_unsent(connection, now))
            counts["wiped"] = int(await self._database.run(wipe, alone=True))
        return counts

    async def wipe_pending(self) -> bool:
        """Whether a revocation could not rewrite the file yet: call `wipe` when the agent starts, and now and then."""
        return await self._database.run(wipe_pending)

    async def wipe(self) -> bool:
        """Rewrite the file so that nothing deleted remains in it; False if a reader stood in the way."""
        return await self._database.run(wipe, alone=True, shield=True)


def apply_commit(connection: sqlite3.Connection, commit: Commit, now: float) -> None:
    """One commit inside the caller's transaction."""
    if commit.session is not None:
        _apply_session(connection, commit, commit.session, now)
    elif commit.steps or commit.sealed:
        raise OrderError("steps and envelopes need the session they belong to")
    if commit.checkpoint is not None:
        _apply_checkpoint(connection, commit.checkpoint, now)
    if commit.run is not None:
        apply_run(connection, commit.run)
    if commit.settles:
        settle_runs(connection, commit.settles)
    if commit.records is not None:
        apply_records(connection, commit.records)
    add_counts(connection, commit.counts)
    add_counts(connection, {f"drop.{reason}": n for reason, n in commit.drops.items()})
    tally: dict[str, int] = {}
    for numbered in commit.steps:
        tally[numbered.step.type.value] = tally.get(numbered.step.type.value, 0) + 1
    add_counts(connection, {f"journal.{kind}": n for kind, n in tally.items()})


def _apply_session(connection: sqlite3.Connection, commit: Commit, state: SessionState, now: float) -> None:
    row = connection.execute(
        "SELECT id, journaled, sealed, envelopes, closed FROM sessions WHERE session_id = ?", (state.session_id,)
    ).fetchone()
    if row is None:
        session = connection.execute(
            "INSERT INTO sessions (session_id, source, label, provider, model, capture, started, updated)"
            " VALUES (?, ?, '', '', '', '{}', ?, ?)",
            (state.session_id, source_key(state.source), now, now),
        ).lastrowid
        add_counts(connection, {"journal.sessions": 1})
        journaled = sealed = ordinal = closed = 0
    else:
        session, journaled, sealed, ordinal, closed = row
    assert session is not None
    if closed and (commit.steps or any(item.kind is not EnvelopeKind.FEEDBACK for item in commit.sealed)):
        raise OrderError("the session is closed; only feedback may follow")
    for expected, numbered in enumerate(commit.steps, journaled + 1):
        if numbered.number != expected or expected >> STEP_BITS:
            raise OrderError(f"step {numbered.number} where {expected} is next")
    connection.executemany(
        "INSERT INTO steps (key, type, body) VALUES (?, ?, ?)",
        ((step_key(session, item.number), item.step.type.value, item.body) for item in commit.steps),
    )
    write_redactions(connection, session, commit.steps)
    journaled += len(commit.steps)
    for item in commit.sealed:
        sealed = _insert_envelope(connection, session, ordinal, item, (sealed, journaled), now)
        ordinal += 1
        closed = closed or item.kind is EnvelopeKind.CLOSE
    closed = int(bool(closed) or state.closed)
    connection.execute(
        "UPDATE sessions SET label = ?, provider = ?, model = ?, capture = ?, closed = ?, journaled = ?, sealed = ?,"
        " envelopes = ?, updated = ? WHERE id = ?",
        (
            plain(state.label, MAX_LABEL),
            plain(state.provider, MAX_LABEL),
            plain(state.model, MAX_LABEL),
            "{}" if closed else dump_json(state.capture),
            closed,
            journaled,
            sealed,
            ordinal,
            now,
            session,
        ),
    )


def _insert_envelope(
    connection: sqlite3.Connection, session: int, ordinal: int, item: Sealed, bounds: tuple[int, int], now: float
) -> int:
    """Queue one sealed envelope; answers the last sealed step. `bounds` = (last sealed, last journaled)."""
    sealed, journaled = bounds
    if item.kind is EnvelopeKind.CHUNK:
        first, last = item.first_step, item.last_step
        if first is None or last is None or first != sealed + 1 or not first <= last <= journaled:
            raise OrderError(f"a chunk of steps {first}..{last} where {sealed + 1}..{journaled} are unsealed")
        sealed = last
    elif item.first_step is not None or item.last_step is not None:
        raise OrderError("only a chunk covers steps")
    connection.execute(
        "INSERT INTO envelopes (envelope_id, session, ordinal, kind, chunk_sequence, first_step, last_step, head, tail,"
        " created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item.envelope_id,
            session,
            ordinal,
            item.kind.value,
            item.chunk_sequence,
            item.first_step,
            item.last_step,
            item.head,
            item.tail,
            now,
        ),
    )
    return sealed


def _apply_checkpoint(connection: sqlite3.Connection, checkpoint: Checkpoint, now: float) -> None:
    connection.execute(
        "INSERT INTO sources (source, position, replay_from, parser, hint, finished, skip, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET position = excluded.position,"
        " replay_from = excluded.replay_from, parser = excluded.parser, hint = excluded.hint,"
        " finished = excluded.finished, skip = excluded.skip, updated = excluded.updated",
        (
            source_key(checkpoint.source),
            checkpoint.offset,
            checkpoint.replay_from,
            dump_json(checkpoint.parser),
            dump_json(checkpoint.hint),
            checkpoint.finished,
            checkpoint.skip,
            now,
        ),
    )


def _forget(connection: sqlite3.Connection, key: bytes) -> None:
    connection.execute("DELETE FROM sources WHERE source = ?", (key,))


_SOURCE_COLUMNS = "source, position, replay_from, parser, hint, finished, skip"
_SESSION_COLUMNS = "session_id, source, label, provider, model, capture, closed"


def _checkpoint(row: tuple[Any, ...]) -> Checkpoint:
    source, position, replay_from, parser, hint, finished, skip = row
    return Checkpoint(
        source=source_name(source),
        offset=position,
        replay_from=replay_from,
        parser=load_json(parser),
        hint=load_json(hint),
        finished=bool(finished),
        skip=bool(skip),
    )


def _session(row: tuple[Any, ...]) -> SessionState:
    session_id, source, label, provider, model, capture, closed = row
    return SessionState(
        session_id=session_id,
        source=source_name(source),
        label=label,
        provider=provider,
        model=model,
        capture=load_json(capture),
        closed=bool(closed),
    )


def read_resume(connection: sqlite3.Connection, source: str) -> Resume | None:
    """Checkpoint and newest unclosed session of `source`."""
    key = source_key(source)
    row = connection.execute(f"SELECT {_SOURCE_COLUMNS} FROM sources WHERE source = ?", (key,)).fetchone()  # noqa: S608 - constant columns
    if row is None:
        return None
    found = connection.execute(
        f"SELECT {_SESSION_COLUMNS}, journaled FROM sessions WHERE source = ? AND closed = 0 ORDER BY id DESC LIMIT 1",  # noqa: S608 - constant columns
        (key,),
    ).fetchone()
    if found is None:
        return Resume(_checkpoint(row), None)
    return Resume(_checkpoint(row), _session(found[:-1]), found[-1])


def read_sources(connection: sqlite3.Connection) -> list[Checkpoint]:
    """Every checkpoint, by name."""
    rows = connection.execute(f"SELECT {_SOURCE_COLUMNS} FROM sources ORDER BY source")  # noqa: S608 - constant columns
    return [_checkpoint(row) for row in rows]


def read_positions(connection: sqlite3.Connection, prefix: str) -> list[tuple[Checkpoint, bool]]:
    """What `Journal.positions` answers, by name."""
    start = source_key(prefix)
    rows = connection.execute(
        "SELECT source, position, replay_from, '{}', hint, finished, skip,"
        " EXISTS (SELECT 1 FROM sessions WHERE sessions.source = sources.source AND closed = 0)"
        " FROM sources WHERE source >= ? AND source < ? ORDER BY source",
        (start, start + b"\xff"),
    )
    return [(_checkpoint(row[:-1]), bool(row[-1])) for row in rows]


def read_unclosed(connection: sqlite3.Connection) -> list[SessionState]:
    """Sessions without an end, oldest first."""
    rows = connection.execute(f"SELECT {_SESSION_COLUMNS} FROM sessions WHERE closed = 0 ORDER BY id")  # noqa: S608 - constant columns
    return [_session(row) for row in rows]


def read_ledger(connection: sqlite3.Connection) -> dict[str, int]:
    """All counts by name, without the journal's own."""
    return dict(connection.execute("SELECT name, n FROM ledger WHERE name NOT GLOB 'journal.*' ORDER BY name"))


def read_unsent_bytes(connection: sqlite3.Connection) -> int:
    """What `Journal.unsent_bytes` answers; looks at sessions that have something unsent only."""
    found: int = connection.execute(
        "SELECT coalesce(sum(length(body)), 0) FROM sessions JOIN steps"
        " ON key BETWEEN sessions.id << ?1 AND (sessions.id << ?1) + journaled"
        " WHERE journaled > delivered + destroyed AND NOT EXISTS (SELECT 1 FROM receipts WHERE session = sessions.id"
        " AND key - (sessions.id << ?1) BETWEEN first_step AND last_step)",
        (STEP_BITS,),
    ).fetchone()[0]
    return found


def read_totals(connection: sqlite3.Connection) -> dict[str, Any]:
    """What `Journal.totals` answers."""
    own = {
        name.removeprefix("journal."): n
        for name, n in connection.execute("SELECT name, n FROM ledger WHERE name GLOB 'journal.*' ORDER BY name")
    }
    sessions = own.pop("sessions", 0)
    buffered = connection.execute("SELECT coalesce(sum(journaled - sealed), 0) FROM sessions").fetchone()[0]
    return {"sessions": sessions, "steps": sum(own.values()), "steps_by_type": own, "buffered": buffered}
