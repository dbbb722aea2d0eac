"""The doors an envelope passes, in this order, before it is told "accepted".

Owns: the order, and what each door asks.
Never: stores half, answers before the disk has it, or spends a number on a refusal.
Invariant: every door but the last changes nothing; the last asks the order doors again inside its transaction, so of
two envelopes with one number exactly one is stored.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from central.body import parse_object
from central.refusal import Refusal, Reply
from central.registry import ID, check_sequence, known, read_session_id
from central.storage import Record, StorageFullError
from central.verifier import Proof, check_signature
from sidecar.errors import StoreError
from sidecar.wire.canonical import canonical
from sidecar.wire.schema import CLOSE, FEEDBACK, violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from central.options import Options
    from central.storage import Session, Storage, Transaction
    from parsers.step import JsonObject

MAX_REASONS = 20
"""Violated rules in one reply."""
MAX_CATEGORIES = 100
MAX_REPLACED = 10**9
_CATEGORY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OUTCOME = ("status", "total_steps", "total_chunks", "quality_tier")
_KINDS = {CLOSE: "close", FEEDBACK: "feedback"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A signed envelope of a known session, on its way through the doors."""

    raw: bytes
    body: JsonObject
    kind: str
    session: str
    proof: Proof
    envelope_id: str
    digest: bytes

    @property
    def ordered(self) -> bool:
        """Chunks and closes have a place in the order; feedback has none."""
        return self.kind != "feedback"


class Ingest:
    """Takes envelopes. Blocking: call from a worker thread."""

    def __init__(self, storage: Storage, options: Options) -> None:
        self._storage = storage
        self._options = options

    def take(self, raw: bytes) -> Reply:
        """The reply to the body `raw` (decompressed): 200 once it is stored, else a Refusal is raised."""
        body = parse_object(raw)
        session_id = read_session_id(body)
        with self._storage.look() as look:
            session = known(look, session_id)
        arrival = self._signed(raw, body, session)
        with self._storage.look() as look:
            session = known(look, session_id)
            duplicate = self._order(look, session, arrival)
        if duplicate is not None:
            return duplicate
        now = self._options.clock()
        self._schema(arrival, session, now)
        return self._store(arrival, now)

    def _signed(self, raw: bytes, body: JsonObject, session: Session) -> Arrival:
        proof = check_signature(body, session.secret)
        kind = body.get("type")
        digest = hashlib.sha256(proof.unsigned).digest()
        return Arrival(
            raw=raw,
            body=body,
            kind=_KINDS.get(kind, "chunk") if isinstance(kind, str) else "chunk",
            session=session.id,
            proof=proof,
            envelope_id=_envelope_id(body, digest),
            digest=digest,
        )

    def _order(self, look: Transaction, session: Session, arrival: Arrival) -> Reply | None:
        """Duplicate, open, sequence, cap: a reply when it is stored already, a Refusal when it may not be."""
        if arrival.ordered:
            stored = look.stored(session.number, arrival.proof.sequence)
            if stored == (arrival.envelope_id, arrival.digest):
                return _accepted(arrival, session.expected, duplicate=True)
            self._check_open(session)
            check_sequence(session, arrival.proof.sequence)
            self._check_cap(session, arrival)
            return None
        before = look.feedback(session.number, arrival.envelope_id)
        if before == arrival.digest:
            return _accepted(arrival, session.expected, duplicate=True)
        if before is not None:
            reason = "envelope_id belongs to another feedback"
            raise Refusal(409, "envelope_id", reason, hint="Give every envelope its own id.", session=session.id)
        return None

    def _check_open(self, session: Session) -> None:
        if session.closed_at is not None:
            raise Refusal(410, "closed", "session is closed", hint="Open a new session.", session=session.id)

    def _check_cap(self, session: Session, arrival: Arrival) -> None:
        most = self._options.contract.max_chunks_per_session
        if arrival.kind == "chunk" and session.chunks >= most:
            reason = f"session envelope limit exceeded (max {most})"
            hint = "Close this session and continue in a new one."
            raise Refusal(422, "cap", reason, hint=hint, expected=session.expected, session=session.id)

    def _schema(self, arrival: Arrival, session: Session, now: float) -> None:
        found = violations(arrival.body, now, self._options.contract)
        if ID.fullmatch(arrival.envelope_id) is None:
            found.insert(0, "envelope_id must be 1-128 letters, digits or . _ : -")
        if found:
            shown = found[:MAX_REASONS] + ([f"and {len(found) - MAX_REASONS} more"] if len(found) > MAX_REASONS else [])
            reason = "schema validation failed: " + ", ".join(shown)
            raise Refusal(422, "schema", reason, expected=session.expected, session=session.id)

    def _store(self, arrival: Arrival, now: float) -> Reply:
        expected = None
        try:
            with self._storage.transaction() as change:
                session = known(change, arrival.session)
                expected = session.expected
                duplicate = self._order(change, session, arrival)
                if duplicate is not None:
                    return duplicate
                if change.size() + len(arrival.raw) > self._options.quota_bytes:
                    raise StorageFullError("The quota is used up.", "Raise it or remove old data.")
                change.insert(make_record(arrival, session.number, now))
        except StoreError as error:  # also when only the commit failed: nothing is stored then
            raise not_stored(error, expected, arrival.session) from None
        return _accepted(arrival, expected + arrival.ordered)


def not_stored(error: StoreError, expected: int | None = None, session: str = "") -> Refusal:
    """507 or 503: nothing was stored and no number spent."""
    hint = "Nothing was stored; send the same again later."
    if isinstance(error, StorageFullError):
        return Refusal(
            507, "quota", "storage quota exceeded", hint=hint, expected=expected, after=60.0, session=session
        )
    return Refusal(503, "storage", "storage unavailable", hint=hint, expected=expected, after=5.0, session=session)


def make_record(arrival: Arrival, session: int, now: float) -> Record:
    """What is stored and counted of an envelope that obeys the schema."""
    body = arrival.body
    if arrival.kind != "chunk":
        outcome = None
        if arrival.kind == "close":
            members = {name: body["outcome"].get(name) for name in _OUTCOME}
            outcome = canonical(members).decode("ascii")
        sequence = arrival.proof.sequence if arrival.ordered else None
        return Record(
            session, arrival.kind, sequence, arrival.envelope_id, arrival.digest, now, arrival.raw, outcome=outcome
        )
    steps: list[JsonObject] = body["trajectory_log"]
    metadata = body["metadata"]
    return Record(
        session=session,
        kind="chunk",
        sequence=arrival.proof.sequence,
        envelope_id=arrival.envelope_id,
        digest=arrival.digest,
        received_at=now,
        body=arrival.raw,
        chunk_sequence=float(body["chunk_sequence"]),
        steps=len(steps),
        runs=tuple(_runs(int(step["step"]) for step in steps)),
        contributor=body["contributor_id"],
        model=_storable(metadata["model_engine"]),
        provider=metadata["provider"],
        types=Counter(step["type"] for step in steps),
        redactions=dict(_redactions(metadata.get("redactions"))),
    )


def _envelope_id(body: JsonObject, digest: bytes) -> str:
    """The client's own id, whatever it is; one made from the content when there is none, so a repeat is recognised."""
    own = body.get("envelope_id")
    if own is None:
        return f"env_{digest.hex()[:32]}"
    return own if isinstance(own, str) else ""


def _accepted(arrival: Arrival, expected: int, *, duplicate: bool = False) -> Reply:
    body: JsonObject = {"accepted": True, "envelope_id": arrival.envelope_id, "expected": expected}
    if duplicate:
        body["duplicate"] = True
    return Reply(200, body)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Step numbers in the order sent, as (first, last) of what is consecutive."""
    first = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def _redactions(counts: Any) -> Iterator[tuple[str, int]]:
    """The well-formed part of `metadata.redactions`: {CATEGORY: replacements}."""
    if not isinstance(counts, dict):
        return
    for name, count in list(counts.items())[:MAX_CATEGORIES]:
        if (
            isinstance(count, int)
            and not isinstance(count, bool)
            and 0 < count <= MAX_REPLACED
            and _CATEGORY.fullmatch(name)
        ):
            yield name, count


def _storable(text: str) -> str:
    """Lone surrogates have no place in a database; the body keeps them."""
    return text.encode("utf-8", "replace").decode("utf-8")
