"""What travels, before it is signed.

Owns: `Scrubbed`, `Numbered`, `Sealed`, `Identity` and the bytes of steps and envelopes.
Never: signs, sends, knows a clock or makes an id.
Invariant: the bytes made here are a fixed point of JavaScript's `JSON.stringify(JSON.parse(x))`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, NewType

from parsers.step import SEVEN, JsonObject, Step
from sidecar.errors import WireError
from sidecar.wire import limits
from sidecar.wire.canonical import canonical, utf16_length
from sidecar.wire.cut import bounded, clip, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.redaction import Redaction

Scrubbed = NewType("Scrubbed", Step)
"""A step every string of which went through a scrubber. Made in `sidecar.scrub.scrubber` alone; all a journal takes."""


class EnvelopeKind(StrEnum):
    """The three things Central Command ingests."""

    CHUNK = "chunk"
    CLOSE = "close"
    FEEDBACK = "feedback"


class Numbered(NamedTuple):
    """A scrubbed step with its place in the session and its canonical bytes (what will travel).

    `redactions` say what was replaced in it; they stay here.
    """

    number: int
    step: Scrubbed
    body: bytes
    redactions: Sequence[Redaction] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acted: the same for every envelope of a session, except what is learned late (`model`)."""

    session_id: str
    provider: str
    model: str
    agent_id: str
    agent_role: str
    contributor_id: str
    groove_version: str
    team_size: int = 1


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope that will not change any more, except for session id and attestation, which belong to sending.

    `head` and `tail` are canonical bytes; the travelling body is
    ``{"session_id":…,`` + head + steps joined by ``,`` + tail + ``,"attestation":{…}}`` (chunks), or without the steps.
    A chunk covers the journaled steps `first_step`..`last_step`, so their bytes are stored once.
    """

    envelope_id: str
    kind: EnvelopeKind
    chunk_sequence: int | None
    first_step: int | None
    last_step: int | None
    head: bytes
    tail: bytes


def encode_step(number: int, step: Scrubbed, now: float, *, vocabulary: str = "full") -> bytes:
    """The canonical bytes of one step as it will travel, at most about 4 MiB.

    `now` (unix seconds) stamps a step without a time of its own. Content beyond MAX_CONTENT code units, arguments that
    are too large or too deep and overlong labels are cut, and `truncated` says so. `vocabulary` "seven" folds the finer
    types. Raises WireError when a member is not JSON.
    """
    kind = SEVEN.get(step.type, step.type) if vocabulary == "seven" else step.type
    content, cut = shorten(step.content, limits.MAX_CONTENT)
    truncated = step.truncated or cut
    wire: JsonObject = {
        "step": number,
        "type": str(kind),
        "timestamp": _timestamp(step.timestamp, now),
        "content": content,
    }
    for name in ("tool", "arguments", "call_id", "parent_id", "channel", "origin", "is_error", "exit_code", "status"):
        truncated |= _put(wire, name, getattr(step, name))
    for name in ("evidence", "changes", "model"):
        truncated |= _put(wire, name, getattr(step, name))
    if step.correction_context is not None:
        wire["correction_context"], cut = shorten(step.correction_context, limits.MAX_CONTENT)
        truncated |= cut
    extra, cut = bounded(step.extra, limits.MAX_EXTRA_BYTES) if step.extra else (step.extra, False)
    wire["token_count"] = _tokens(utf16_length(content))
    if truncated or cut:
        wire["truncated"] = True
        length = step.original_length if step.original_length is not None else utf16_length(step.content)
        wire["original_token_count"] = _tokens(length)
    if extra:
        wire["extra"] = extra
    return canonical(wire)


def seal_chunk(
    identity: Identity,
    *,
    envelope_id: str,
    chunk_sequence: int,
    first_step: int,
    last_step: int,
    extra: JsonObject,
) -> Sealed:
    """A chunk over the journaled steps `first_step`..`last_step`; `extra` joins its metadata."""
    head = _members(
        {
            "envelope_id": envelope_id,
            "chunk_sequence": chunk_sequence,
            "contributor_id": identity.contributor_id,
            "metadata": metadata(identity, extra),
            "trajectory_log": [],
        },
    )
    return Sealed(envelope_id, EnvelopeKind.CHUNK, chunk_sequence, first_step, last_step, head[:-1], b"]")


def seal_close(identity: Identity, *, envelope_id: str, outcome: JsonObject) -> Sealed:
    """The envelope that ends a session. `outcome` obeys the schema already."""
    return _seal_last(identity, envelope_id, EnvelopeKind.CLOSE, "SESSION_CLOSE", {"outcome": outcome})


def seal_feedback(identity: Identity, *, envelope_id: str, feedback: JsonObject) -> Sealed:
    """What the user thought of the session. `feedback` obeys the schema already."""
    return _seal_last(identity, envelope_id, EnvelopeKind.FEEDBACK, "USER_FEEDBACK", {"feedback": feedback})


def assemble(session_id: str, kind: EnvelopeKind, head: bytes, tail: bytes, steps: Sequence[bytes]) -> bytes:
    """The canonical body without attestation: what is signed. `session_id` is the wire's, known only at sending."""
    if steps and kind is not EnvelopeKind.CHUNK:
        raise WireError(f"A {kind} envelope carries no steps.", "Give steps to chunks only.")
    return b"".join((b'{"session_id":', canonical(session_id), b",", head, b",".join(steps), tail, b"}"))


def attach(unsigned: bytes, *, session_hmac: str, sequence: int, app_version_hash: str) -> bytes:
    """The bytes to POST: `unsigned` with its attestation as last member."""
    attestation = canonical(
        {"session_hmac": session_hmac, "sequence": sequence, "app_version_hash": app_version_hash},
    )
    return b"".join((unsigned[:-1], b',"attestation":', attestation, b"}"))


def metadata(identity: Identity, extra: JsonObject) -> JsonObject:
    """The `metadata` member, in wire order; `extra` members come last. What exceeds the schema is cut to it.

    A team beyond the maximum is clamped, with the true size in `team_size_actual`.
    """
    more = dict(extra)
    team = min(max(identity.team_size, 1), limits.MAX_TEAM)
    if team != identity.team_size:
        more.setdefault("team_size_actual", identity.team_size)
    return {
        "model_engine": identity.model,
        "provider": identity.provider,
        "agent_role": clip(identity.agent_role, limits.MAX_ROLE),
        "agent_id": clip(identity.agent_id, limits.MAX_AGENT_ID),
        "task_complexity": more.pop("task_complexity", "medium"),
        "team_size": team,
        "session_quality": more.pop("session_quality", 0),
        "groove_version": clip(identity.groove_version, limits.MAX_GROOVE_VERSION),
        "leaf_context": more.pop("leaf_context", None),
        **more,
    }


def _seal_last(identity: Identity, envelope_id: str, kind: EnvelopeKind, name: str, member: JsonObject) -> Sealed:
    head = _members(
        {
            "envelope_id": envelope_id,
            "type": name,
            "contributor_id": identity.contributor_id,
            "metadata": metadata(identity, {}),
            **member,
        },
    )
    return Sealed(envelope_id, kind, None, None, None, head, b"")


def _members(members: JsonObject) -> bytes:
    """The canonical members without their braces."""
    return canonical(members)[1:-1]


def _timestamp(own: float | None, now: float) -> float:
    moment = float(own if own is not None and math.isfinite(own) else now)
    # JavaScript prints a whole number without a point; an int spares `canonical` the copy it would make for that.
    return int(moment) if moment.is_integer() else moment


def _tokens(length: int) -> int:
    """The estimate the field uses: four characters are a token."""
    return min(-(-max(length, 0) // 4), limits.MAX_TOKEN_COUNT)


def _put(wire: JsonObject, name: str, value: Any) -> bool:
    """Add a member if there is a value; whether it had to be cut."""
    if value is None:
        return False
    cut = False
    if isinstance(value, str):
        value, cut = shorten(value, limits.MAX_LABEL)
    elif isinstance(value, dict | list):
        value, cut = bounded(value, limits.MAX_MEMBER_BYTES)
    wire[name] = value
    return cut
