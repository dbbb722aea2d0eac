"""What travels, before it is signed.

Owns: `Scrubbed`, `Numbered`, `Sealed`, `Identity` and the bytes of steps and envelopes.
Never: signs, sends, knows a clock or makes an id.
Invariant: the bytes made here are a fixed point of JavaScript's `JSON.stringify(JSON.parse(x))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

from parsers.step import JsonObject, Step

Scrubbed = NewType("Scrubbed", Step)
"""A step every string of which went through a scrubber. Made in `sidecar.scrub.scrubber` alone; all a journal takes."""


class EnvelopeKind(StrEnum):
    """The three things Central Command ingests."""

    CHUNK = "chunk"
    CLOSE = "close"
    FEEDBACK = "feedback"


class Numbered(NamedTuple):
    """A scrubbed step with its place in the session and its canonical bytes (what will travel)."""

    number: int
    step: Scrubbed
    body: bytes


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


def metadata(identity: Identity, extra: JsonObject) -> JsonObject:
    """The `metadata` member of a chunk, in wire order; `extra` members come last."""
    return {
        "model_engine": identity.model,
        "provider": identity.provider,
        "agent_role": identity.agent_role,
        "agent_id": identity.agent_id,
        "task_complexity": extra.pop("task_complexity", "medium"),
        "team_size": identity.team_size,
        "session_quality": extra.pop("session_quality", 0),
        "groove_version": identity.groove_version,
        "leaf_context": None,
        **extra,
    }
