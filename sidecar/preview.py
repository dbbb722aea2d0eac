"""What would be sent, before it is: the very bytes, and where something was replaced in them.

Owns: `Preview`, its making from the spool alone, whether an agent runs or not.
Never: seals, sends or changes anything.
Invariant: what it shows of a sealed envelope is what will be posted, but for what only the sending decides (named in
`undecided`); steps that are not sealed yet are shown as if they were sealed now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parsers.registry import make
from sidecar.capture.session import CaptureSession
from sidecar.delivery.courier import as_posted
from sidecar.store.review import read_capture, read_content, read_waiting, read_wire
from sidecar.wire.envelope import EnvelopeKind, Identity, assemble

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sidecar.redaction import Redaction
    from sidecar.store.review import Waiting

NO_ID = "env_00000000-0000-0000-0000-000000000000"
"""Stands where an envelope that is not sealed yet will have its id."""
LOG = "trajectory_log"


@dataclass(frozen=True, slots=True)
class Sender:
    """What every envelope of this installation says of itself."""

    contributor_id: str
    groove_version: str
    app_version_hash: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One envelope as it would travel. `redactions`: (step number, entry); their pointers are relative to the step."""

    waiting: Waiting
    body: bytes
    redactions: list[tuple[int, Redaction]]
    undecided: tuple[str, ...]

    def pointer(self, number: int, redaction: Redaction) -> str:
        """Where an entry of step `number` is in the whole envelope."""
        return f"/{LOG}/{number - (self.waiting.first_step or number)}{redaction.pointer}"


def previews(
    connection: sqlite3.Connection, sender: Sender, now: float, session_id: str | None = None
) -> Iterator[Preview]:
    """What waits, in the order it would go; one at a time in memory."""
    sequences: dict[int, int] = {}
    for waiting in read_waiting(connection, session_id):
        wire = read_wire(connection, waiting.session)
        sequence = sequences.get(waiting.session, wire["sequence"])
        head, tail, steps, redactions = read_content(connection, waiting)
        undecided = []
        if waiting.envelope_id is None:
            sealed = _sealed_now(connection, waiting, sender, now)
            if sealed is None:
                continue
            head, tail = sealed
            undecided.append("envelope id")
        wire_id = wire["wire_id"] or waiting.session_id
        if wire["wire_id"] is None:
            undecided.append("session id (if opening it takes a second try)")
        if wire["secret"] is None or waiting.state != "queued" or waiting.session in sequences:
            undecided.append("signature and sequence")
        body = as_posted(
            assemble(wire_id, waiting.kind, head, tail, steps),
            continues=waiting.session_id if wire_id != waiting.session_id else None,
            secret=wire["secret"],
            sequence=sequence,
            app_version_hash=sender.app_version_hash,
        )
        if waiting.state != "parked":
            sequences[waiting.session] = sequence + (waiting.kind is not EnvelopeKind.FEEDBACK)
        yield Preview(waiting, body, redactions, tuple(undecided))


def _sealed_now(
    connection: sqlite3.Connection, waiting: Waiting, sender: Sender, now: float
) -> tuple[bytes, bytes] | None:
    """Head and tail of the chunk that would be sealed at this moment; None if capture was never that far."""
    provider, model, state = read_capture(connection, waiting.session)
    if not state.get("buffer", {}).get("count"):
        return None
    session = CaptureSession(
        identity=Identity(
            session_id=waiting.session_id,
            provider=provider,
            model=model,
            agent_id="",
            agent_role=state["role"],
            contributor_id=sender.contributor_id,
            groove_version=sender.groove_version,
        ),
        parser=make(provider or None, state["dialect"]),
        scrub=_never,
        scrub_json=_never,
        new_id=lambda: NO_ID,
        state=state,
    )
    sealed = session.flush(now).sealed
    return (sealed[0].head, sealed[0].tail) if sealed else None


def _never(value: object) -> Any:
    raise AssertionError(f"nothing is scrubbed to be shown ({type(value).__name__})")
