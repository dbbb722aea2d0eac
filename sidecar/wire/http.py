"""What a reply of Central Command means: bytes in, `Verdict` out.

Owns: the paths, `Verdict`, and the reading of both dialects (the reference server, which refuses with 200 and
`accepted: false` and answers HTML when it stumbles; our own, which refuses with 4xx and says the number it expects).
Never: sends, sleeps, remembers, or believes a text of the server further than the rules below.
Invariant: ACCEPTED is answered only for a JSON reply that says so, or for a number the server has used up on this very
envelope; every other reply keeps the envelope (RETRY) or names why it cannot go (REJECTED).

Two things decide the awkward cases. `maybe_sent`: may this envelope have reached the server at this number before?
Without that, `expected N+1, got N` proves nothing and is a resynchronisation. `doubtful`: may the server have used the
number up *without* storing (the reference server does so when its disk is full, 507)? Then the same text proves
nothing either, and the envelope is parked as "outcome unknown" instead of being counted or sent twice.
Where a refusal leaves open whether the number was used, it is taken as used: one number too far is answered by a
mismatch that names the right one, one number too low could look like a delivery.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sidecar.wire.envelope import EnvelopeKind
from sidecar.wire.limits import MAX_SEQUENCE, MAX_STEPS_PER_ENVELOPE, PROVIDERS, REFERENCE, STEP_TYPES, Contract

if TYPE_CHECKING:
    from parsers.step import JsonObject

OPEN = "/v1/sessions/open"
INGEST = "/v1/training/ingest"
CLOSE = "/v1/sessions/close"
CONTRACT = "/v1/contract"
HEALTH = "/health"

MAX_REASON = 200
MAX_AFTER = 3_600.0
"""Longest wait a server can ask for: the longest window of the reference limiter."""
LIMITER_AFTER = 60.0
"""A 429 that names no time: one window of the reference limiter."""
OPEN_LIMIT_AFTER = 300.0
"""Too many sessions within the hour: ask again in minutes, the window rolls."""
MISPLACED_AFTER = 300.0
"""Redirect, login page, wrong path: a person has to act, so ask seldom."""
MAX_LISTED = 1_000
"""Names a contract may list (models, step types)."""

MISMATCH = re.compile(r"sequence mismatch: expected (\d{1,10}), got (\d{1,10})")
POINT_BYTES = 65


class Outcome(StrEnum):
    """What happens to the envelope."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means for one envelope.

    `after` seconds to wait at least. `sequence_spent`: the number is used up though nothing was stored. `expected`: the
    number to use next, whatever else is said. `session_lost`: the wire session is of no use any more. `duplicate`:
    accepted earlier. `unknown`: the envelope may or may not be stored. `probe`: the text does not tell "full" from
    "unknown session"; ask before acting. `doubt`: the server may use numbers up without storing.
    `everyone`: the trouble is the server's or the address's, not this envelope's; hold the others as well.
    `asked`: `after` is the server's own demand.
    """

    outcome: Outcome
    reason: str = ""
    after: float | None = None
    sequence_spent: bool = False
    expected: int | None = None
    session_lost: bool = False
    duplicate: bool = False
    unknown: bool = False
    probe: bool = False
    doubt: bool = False
    everyone: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class OpenReply:
    """`server_public_key` (base64 of the uncompressed point) when the session is open, else only the verdict."""

    server_public_key: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ContractReply:
    """What the server accepts, or None and when to ask again."""

    contract: Contract | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the sender knows about the request whose reply is read."""

    sequence: int
    kind: EnvelopeKind
    maybe_sent: bool
    doubtful: bool


def clean_reason(text: object) -> str:
    """At most `MAX_REASON` printable characters of what a server wrote; it ends up on a terminal."""
    if not isinstance(text, str):
        return ""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * MAX_REASON])
    return " ".join(printable.split())[:MAX_REASON]


def lost_reply(reason: str) -> Verdict:
    """No reply, or half of one: the next attempt at the same number tells."""
    return Verdict(Outcome.RETRY, clean_reason(reason), unknown=True, everyone=True)


def not_sent(reason: str) -> Verdict:
    """The connection never stood, so not a byte of the envelope left."""
    return Verdict(Outcome.RETRY, clean_reason(reason), everyone=True)


def judge_ingest(
    status: int,
    content_type: str,
    body: bytes,
    *,
    sequence: int,
    kind: EnvelopeKind = EnvelopeKind.CHUNK,
    maybe_sent: bool = True,
    doubtful: bool = False,
    retry_after: str | None = None,
) -> Verdict:
    """The verdict on an envelope posted at `sequence`; `retry_after` is the header of that name."""
    sent = _Sent(sequence, kind, maybe_sent, doubtful)
    reply = _json_object(content_type, body)
    if status == 200 and reply is not None and reply.get("accepted") is True:
        expected = _number(reply.get("expected"))
        return Verdict(Outcome.ACCEPTED, expected=expected, duplicate=reply.get("duplicate") is True)
    if reply is not None and reply.get("accepted") is False:
        return _refused(status, reply, sent, retry_after)
    return _unreadable(status, reply, retry_after)


def _refused(status: int, reply: JsonObject, sent: _Sent, retry_after: str | None) -> Verdict:
    """`accepted: false` in JSON, by what the reason says; the status decides where the text is not known."""
    reason = clean_reason(reply.get("reason"))
    text = reason.lower()
    expected = _number(reply.get("expected"))
    if text.startswith("sequence mismatch") or (status == 409 and expected is not None):
        return _mismatch(status, reason, expected, sent)
    if text.startswith("session envelope limit exceeded"):
        # The reference server says this of an unknown session too, and before it looks for what it has stored already.
        return Verdict(Outcome.RETRY, reason, session_lost=True, probe=expected is None)
    if text.startswith("unknown session") or status == 404:
        return Verdict(Outcome.RETRY, reason or "unknown session", session_lost=True)
    schema = text.startswith("schema validation failed")  # quotes member names, so no word may be looked for in it
    if not schema and ("closed" in text or status == 410):
        return _closed(reason or "session is closed", sent)
    if not schema and ("hmac" in text or status == 401):
        return Verdict(Outcome.REJECTED, reason or "HMAC verification failed", session_lost=True)
    if status == 429:
        return _too_many(reply, retry_after)
    if status >= 500:
        return _server_trouble(status, reply, sent, _after(reply, retry_after))
    if status in (400, 413, 415):
        return Verdict(Outcome.REJECTED, reason or f"refused with status {status}", expected=expected)
    spent = expected is None and status == 200
    return Verdict(Outcome.REJECTED, reason or f"refused with status {status}", sequence_spent=spent, expected=expected)


def _mismatch(status: int, reason: str, expected: int | None, sent: _Sent) -> Verdict:
    """The server wants another number: ours is used up (delivered, if it was us), or we are out of step.

    Only the reference dialect (200) leaves "delivered" to be inferred: a server that says 409 knows envelope ids and
    answers `duplicate` for what it holds.
    """
    found = MISMATCH.search(reason)
    ours = found is None or int(found[2]) == sent.sequence
    if expected is None and found is not None:
        expected = _number(int(found[1]))
    if expected is None or not ours or expected == sent.sequence:
        return Verdict(Outcome.RETRY, reason)
    if expected == sent.sequence + 1 and sent.maybe_sent and status == 200:
        if sent.doubtful:
            lost = "outcome unknown: the server used the number up while its storage was full"
            return Verdict(Outcome.REJECTED, lost, expected=expected)
        return Verdict(Outcome.ACCEPTED, expected=expected, duplicate=True)
    return Verdict(Outcome.RETRY, reason, after=0.0, expected=expected)


def _closed(reason: str, sent: _Sent) -> Verdict:
    """Closed by our own close, the reply of which was lost; or by somebody else, and then there is no way in."""
    if sent.kind is EnvelopeKind.CLOSE and sent.maybe_sent and not sent.doubtful:
        return Verdict(Outcome.ACCEPTED, duplicate=True)
    doubt = "outcome unknown: the server closed the session while its storage was full"
    return Verdict(Outcome.REJECTED, doubt if sent.doubtful and sent.maybe_sent else reason)


def _server_trouble(status: int, reply: JsonObject, sent: _Sent, after: float | None) -> Verdict:
    """5xx that says `accepted: false`. The reference server's 507 has used the number up (and closed the session)."""
    reason = clean_reason(reply.get("reason")) or f"server error {status}"
    expected, asked = _number(reply.get("expected")), after is not None
    bare = reply.keys() <= {"accepted", "reason"}  # as the reference server writes it; ours adds what to do next
    if status != 507 or not bare:
        return Verdict(Outcome.RETRY, reason, after=after, expected=expected, everyone=True, asked=asked)
    if sent.kind is EnvelopeKind.CLOSE:
        lost = f"{reason}: the server closed the session without storing its close"
        return Verdict(Outcome.REJECTED, clean_reason(lost), sequence_spent=True, doubt=True)
    spent = sent.kind is EnvelopeKind.CHUNK
    return Verdict(Outcome.RETRY, reason, after=after, sequence_spent=spent, doubt=True, everyone=True, asked=asked)


def _unreadable(status: int, reply: JsonObject | None, retry_after: str | None) -> Verdict:
    """No `accepted` in the reply: the limiter, a proxy, a portal, half a body."""
    if status == 429:
        return _too_many(reply or {}, retry_after)
    if status in (400, 413, 415):
        return Verdict(Outcome.REJECTED, f"refused with status {status}")
    if 200 <= status < 300:
        return lost_reply(f"a reply that is no receipt (status {status})")
    if 300 <= status < 500 and status not in (408, 425):
        reason = f"not Central Command (status {status})"
        return Verdict(Outcome.RETRY, reason, after=MISPLACED_AFTER, unknown=True, everyone=True)
    after = _after({}, retry_after)
    trouble = Verdict(Outcome.RETRY, f"server error {status}", after=after, unknown=True, everyone=True)
    return replace(trouble, doubt=status == 507, asked=after is not None)


def _too_many(reply: JsonObject, retry_after: str | None) -> Verdict:
    reason = clean_reason(reply.get("reason")) or clean_reason(reply.get("error")) or "too many requests"
    after = _after(reply, retry_after)
    return Verdict(Outcome.RETRY, reason, after=LIMITER_AFTER if after is None else after, everyone=True, asked=True)


def judge_open(status: int, content_type: str, body: bytes, *, retry_after: str | None = None) -> OpenReply:
    """The reply to an open. RETRY always means: with a new session id and a new key."""
    reply = _json_object(content_type, body)
    if status == 200:
        key = reply.get("server_public_key") if reply is not None else None
        if is_public_key(key):
            return OpenReply(key, Verdict(Outcome.ACCEPTED))
        return OpenReply(None, lost_reply("a reply to open that carries no key"))
    reason = clean_reason(reply.get("reason")) or clean_reason(reply.get("error")) if reply is not None else ""
    if status == 429 and "session" in reason:
        after = _after(reply or {}, retry_after)
        waited = OPEN_LIMIT_AFTER if after is None else after
        return OpenReply(None, Verdict(Outcome.RETRY, reason, after=waited))
    if status == 429:
        return OpenReply(None, _too_many(reply or {}, retry_after))
    if reply is not None and status in (400, 413, 415, 422):
        return OpenReply(None, Verdict(Outcome.REJECTED, reason or f"refused with status {status}"))
    if reply is not None and status == 409:
        return OpenReply(None, Verdict(Outcome.RETRY, reason or "the session id is taken"))
    if 300 <= status < 500 and status not in (408, 425):
        misplaced = reason or f"not Central Command (status {status})"
        return OpenReply(None, Verdict(Outcome.RETRY, misplaced, after=MISPLACED_AFTER, everyone=True))
    after = _after(reply or {}, retry_after)
    return OpenReply(None, Verdict(Outcome.RETRY, reason or f"server error {status}", after=after, everyone=True))


def judge_close(status: int, content_type: str, body: bytes) -> bool:
    """Does the reply to a bare close say that the session is closed now."""
    reply = _json_object(content_type, body)
    return status == 200 and reply is not None and reply.get("closed") is True


def judge_contract(status: int, content_type: str, body: bytes, *, retry_after: str | None = None) -> ContractReply:
    """What the server accepts; 404 is the reference server, which has no such page."""
    if status == 404:
        return ContractReply(REFERENCE, Verdict(Outcome.ACCEPTED))
    reply = _json_object(content_type, body)
    contract = parse_contract(reply) if status == 200 and reply is not None else None
    if contract is not None:
        return ContractReply(contract, Verdict(Outcome.ACCEPTED))
    if status == 429:
        return ContractReply(None, _too_many(reply or {}, retry_after))
    if status >= 500 or status == 408:
        wait = _after(reply or {}, retry_after)
        return ContractReply(None, Verdict(Outcome.RETRY, f"server error {status}", after=wait, everyone=True))
    reason = f"not Central Command (no contract, status {status})"
    return ContractReply(None, Verdict(Outcome.RETRY, reason, after=MISPLACED_AFTER, everyone=True))


def parse_contract(reply: JsonObject) -> Contract | None:
    """A `Contract` from its JSON (`describe_contract`), bounded; None when a member is not what it must be."""
    models, step_types = reply.get("models"), reply.get("step_types", list(STEP_TYPES))
    if not (models is None or _names(models)) or not _names(step_types):
        return None
    numbers = {}
    for member in ("body_bytes", "max_content", "max_chunks_per_session", "max_age_seconds"):
        value = reply.get(member, getattr(REFERENCE, member))
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 2**31:
            return None
        numbers[member] = value
    return Contract(
        name=clean_reason(reply.get("name"))[:40] or "unnamed",
        body_bytes=int(numbers["body_bytes"]),
        max_content=int(numbers["max_content"]),
        max_chunks_per_session=int(numbers["max_chunks_per_session"]),
        step_types=tuple(step_types),
        models=None if models is None else tuple(models),
        max_age_seconds=float(numbers["max_age_seconds"]),
        strict_feedback=reply.get("strict_feedback") is True,
    )


def describe_contract(contract: Contract) -> JsonObject:
    """The JSON of `GET /v1/contract`; `parse_contract` reads it back."""
    return {
        "name": contract.name,
        "body_bytes": contract.body_bytes,
        "max_content": contract.max_content,
        "max_chunks_per_session": contract.max_chunks_per_session,
        "max_steps_per_envelope": MAX_STEPS_PER_ENVELOPE,
        "providers": list(PROVIDERS),
        "step_types": list(contract.step_types),
        "models": None if contract.models is None else list(contract.models),
        "max_age_seconds": contract.max_age_seconds,
        "strict_feedback": contract.strict_feedback,
    }


def is_public_key(value: object) -> bool:
    """Is it standard base64 of 65 bytes that begin with 4? Whether it is a point of the curve, the key itself tells."""
    if not isinstance(value, str) or len(value) != 88:
        return False
    try:
        point = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(point) == POINT_BYTES and point[0] == 4


def _json_object(content_type: str, body: bytes) -> JsonObject | None:
    """The body if it is declared as JSON, is whole and is an object."""
    if content_type.split(";", 1)[0].strip().lower() != "application/json":
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _after(reply: JsonObject, header: str | None) -> float | None:
    """Seconds to wait, from `retryAfter` in the body or the header (seconds only; a date is not worth a clock here)."""
    for value in (reply.get("retryAfter"), reply.get("retry_after"), header):
        seconds = _seconds(value)
        if seconds is not None:
            return min(seconds, MAX_AFTER) or None  # "0" names no wait; the sender's own backoff holds
    return None


def _seconds(value: Any) -> float | None:
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(min(value, MAX_AFTER)) if value >= 0 else None


def _number(value: object) -> int | None:
    """A sequence number, or None if it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQUENCE:
        return None
    return value


def _names(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_LISTED and all(isinstance(v, str) for v in value)
