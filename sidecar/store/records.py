"""What goes into the store and comes out of it.

Owns: `Checkpoint`, `SessionState`, `Commit`, `Resume`, `Claim`, `OrderError` and the keys rows are stored under.
Never: talks to SQLite.
Invariant: everything here is immutable; text a person captured appears only in step bodies and in capture states,
which hold scrubbed text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from sidecar.errors import SidecarError
from sidecar.wire.envelope import EnvelopeKind, assemble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parsers.step import JsonObject
    from sidecar.store.conversations import Records, Run
    from sidecar.wire.envelope import Numbered, Sealed

STEP_BITS = 20
"""A session holds fewer than 2**20 steps; the wire allows 50,000."""
MAX_REASON = 300
"""Characters of a reason that are kept."""
MAX_LABEL = 500


class OrderError(SidecarError):
    """A commit that cannot be true: numbers with gaps, a chunk of steps nobody journaled. Ours, and permanent."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a source is journaled, in bytes.

    Everything before `offset` is journaled; `parser` is the snapshot taken at `replay_from` (<= `offset`).
    `skip` is set by a revocation only: what lies before `offset` must never be read again.
    """

    source: str
    offset: int
    replay_from: int
    parser: JsonObject
    hint: JsonObject = field(default_factory=dict)
    finished: bool = False
    skip: bool = False


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as its capture left it; `capture` is scrubbed JSON."""

    session_id: str
    source: str
    label: str
    provider: str
    model: str
    capture: JsonObject
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """What becomes durable together, or not at all. Steps and sealed envelopes belong to `session`."""

    checkpoint: Checkpoint | None
    session: SessionState | None
    steps: Sequence[Numbered]
    sealed: Sequence[Sealed]
    counts: Mapping[str, int]
    drops: Mapping[str, int] = field(default_factory=dict)
    run: Run | None = None
    """What is decided about the stream, or what became of it."""
    settles: Sequence[str] = ()
    """Streams whose facts went into this session's end."""
    records: Records | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a source goes on, and the session that was open when it stopped. `last_step` is its last step's number."""

    checkpoint: Checkpoint
    session: SessionState | None
    last_step: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """An envelope to be sent now, with all it takes to build its bytes.

    `session_id` is the local name; `wire_id` and `secret` are None until Central Command has opened the session.
    `maybe_sent`: an earlier attempt may have reached it under this very `sequence`; `doubtful`: it may have used
    numbers up without storing (both are what `sidecar.wire.http.judge_ingest` asks for).
    """

    envelope_id: str
    kind: EnvelopeKind
    session_id: str
    wire_id: str | None
    secret: bytes | None
    sequence: int
    head: bytes
    tail: bytes
    steps: tuple[bytes, ...]
    provider: str
    model: str
    attempts: int
    open_attempts: int
    created: float
    maybe_sent: bool = False
    doubtful: bool = False
    chunk_sequence: int | None = None
    first_step: int | None = None
    last_step: int | None = None

    def body(self, wire_id: str) -> bytes:
        """The canonical unsigned bytes of the envelope under the session id Central Command knows."""
        return assemble(wire_id, self.kind, self.head, self.tail, self.steps)


def step_key(session: int, number: int) -> int:
    """Where a step lies: rows of one session are neighbours, in order."""
    return session << STEP_BITS | number


def source_key(source: str) -> bytes:
    """A source's name as stored; paths that are not Unicode survive."""
    return source.encode("utf-8", "surrogatepass")


def source_name(key: bytes) -> str:
    """The inverse of `source_key`."""
    return key.decode("utf-8", "surrogatepass")


def plain(text: str, limit: int) -> str:
    """At most `limit` characters that SQLite can store as text (lone surrogates become "?")."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def dump_json(value: JsonObject) -> str:
    """JSON text in ASCII, so that lone surrogates survive."""
    return json.dumps(value, separators=(",", ":"))


def load_json(text: str) -> JsonObject:
    """The inverse of `dump_json`."""
    return cast("JsonObject", json.loads(text))
