"""Small makers of commits, steps and verdicts for the store's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.step import Step, StepType
from sidecar.store import Checkpoint, Commit, SessionState
from sidecar.wire.envelope import EnvelopeKind, Numbered, Scrubbed, Sealed
from sidecar.wire.http import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCEPTED = Verdict(Outcome.ACCEPTED)
SECRET = bytes(range(32))


def step(number: int, content: str = "", kind: StepType = StepType.THOUGHT) -> Numbered:
    """A numbered step whose body names its number and content."""
    body = b'{"step":%d,"content":"%s"}' % (number, content.encode())
    return Numbered(number, Scrubbed(Step(kind, content)), body)


def steps(first: int, last: int) -> list[Numbered]:
    """Steps first..last."""
    return [step(number) for number in range(first, last + 1)]


def chunk(session: str, first: int, last: int, text: str = "") -> Sealed:
    """A sealed chunk of steps first..last; its id tells which."""
    head = b'"note":"%s","trajectory_log":[' % text.encode()
    return Sealed(f"env_{session}_{first}", EnvelopeKind.CHUNK, first, first, last, head, b"]")


def close(session: str) -> Sealed:
    """The end of a session."""
    return Sealed(f"env_{session}_close", EnvelopeKind.CLOSE, None, None, None, b'"outcome":{}', b"")


def feedback(session: str, n: int = 0) -> Sealed:
    """A person's word on a session."""
    return Sealed(f"env_{session}_feedback{n}", EnvelopeKind.FEEDBACK, None, None, None, b'"feedback":{}', b"")


def state(session: str, source: str = "log", *, closed: bool = False, **capture: object) -> SessionState:
    """A session as capture would hand it over."""
    return SessionState(session, source, "label", "claude-code", "claude-opus-4-7", dict(capture), closed)


def commit(
    session: str,
    numbered: Sequence[Numbered] = (),
    sealed: Sequence[Sealed] = (),
    *,
    source: str = "log",
    offset: int | None = None,
    counts: dict[str, int] | None = None,
) -> Commit:
    """A commit of one session; with `offset`, of its source's checkpoint too."""
    checkpoint = None if offset is None else Checkpoint(source, offset, offset, {"at": offset})
    return Commit(checkpoint, state(session, source), numbered, sealed, counts or {})


def retry(after: float, reason: str = "slow", *, unknown: bool = False, expected: int | None = None) -> Verdict:
    """Try again later."""
    return Verdict(Outcome.RETRY, reason, after=after, unknown=unknown, expected=expected)


def rejected(reason: str, *, spent: bool = False) -> Verdict:
    """Never as it is."""
    return Verdict(Outcome.REJECTED, reason, sequence_spent=spent)
