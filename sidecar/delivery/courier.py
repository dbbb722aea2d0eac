"""One envelope on its way: open its wire session, check, sign, post, settle.

Owns: the steps between a claim and its verdict, and what is known of earlier attempts in this process.
Never: chooses which envelope is next or sleeps.
Invariant: an envelope is settled ACCEPTED only on a verdict of `sidecar.wire.http` (or a full session that can only be
full because of this envelope); a wire session is stored before the first envelope is posted under it.

A session the server has lost, or has no room left in, goes on in a new wire session. Its envelopes carry `continues`,
the id the session has here; that id is also the first one tried at the server, so a reader can join the parts.
"""

from __future__ import annotations

import json
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import orjson

from sidecar.wire.attestation import SessionKey, sign
from sidecar.wire.canonical import canonical
from sidecar.wire.envelope import EnvelopeKind, attach
from sidecar.wire.http import Outcome, Verdict, clean_reason
from sidecar.wire.limits import REFERENCE, Contract
from sidecar.wire.schema import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.delivery.client import CentralClient
    from sidecar.delivery.pacing import OpenWindow, Pacing
    from sidecar.store import Claim, Outbox

THREAD_BYTES = 256 * 1024
"""Bodies from this size on are checked and signed on a thread."""
MAX_RESYNCS = 5
"""Times one envelope follows the server to another sequence number before it is parked."""
MAX_HMAC_TRIES = 3
"""A damaged copy, then a stale secret (the session is opened anew), then it is the envelope."""
MAX_REMEMBERED = 4_096
SHOWN_VIOLATIONS = 3
WIRE_ID = re.compile(r"sess_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Opening:
    """What an open says about this install. All three are opaque strings."""

    machine_fingerprint: str
    app_version_hash: str
    groove_version: str


class Courier:
    """Carries one claim at a time per session; `deliver` returns the verdict it settled, with the wait filled in."""

    def __init__(
        self,
        outbox: Outbox,
        client: CentralClient,
        opening: Opening,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        pacing: Pacing,
        window: OpenWindow,
    ) -> None:
        self.contract: Contract = REFERENCE
        self._outbox = outbox
        self._client = client
        self._opening = opening
        self._clock = clock
        self._new_id = new_id
        self._pacing = pacing
        self._window = window
        self._opens_after = 0.0
        self._tries: OrderedDict[str, Counter[str]] = OrderedDict()
        self._fresh: set[str] = set()
        self._unknown: set[str] = set()
        self._doubted: set[str] = set()
        self._doubt = False

    async def deliver(self, claim: Claim) -> Verdict | None:
        """Take one step with this envelope: open its session (then None: claim it again), or post and settle it.

        The outbox marks an envelope as perhaps sent before it is; the first one after an open in this process is not.
        """
        if claim.session_id in self._fresh and claim.sequence == 0:
            claim = replace(claim, maybe_sent=False)
        prepared = await self._prepare(claim)
        if isinstance(prepared, Verdict):
            return await self._settle(claim, prepared)
        if claim.wire_id is None or claim.secret is None:
            return await self._open(claim)
        self._fresh.discard(claim.session_id)
        doubtful = claim.doubtful or self._doubt or claim.session_id in self._doubted
        self._remember_unknown(claim.session_id)
        verdict = await self._client.ingest(
            prepared, claim.sequence, kind=claim.kind, maybe_sent=claim.maybe_sent, doubtful=doubtful
        )
        self._note_doubt(claim, verdict)
        return await self._settle(claim, await self._consider(claim, verdict))

    async def _prepare(self, claim: Claim) -> bytes | Verdict:
        """The bytes to post, or the verdict that the server would refuse them."""
        size = len(claim.head) + sum(map(len, claim.steps))
        if size < THREAD_BYTES:
            return self._build(claim, self._clock())
        return await anyio.to_thread.run_sync(self._build, claim, self._clock())

    def _build(self, claim: Claim, now: float) -> bytes | Verdict:
        wire_id = claim.wire_id or claim.session_id
        strict = claim.kind is EnvelopeKind.FEEDBACK and self.contract.strict_feedback
        body = as_posted(
            claim.body(wire_id),
            continues=claim.session_id if wire_id != claim.session_id and not strict else None,
            secret=claim.secret,
            sequence=claim.sequence,
            app_version_hash=self._opening.app_version_hash,
        )
        if claim.maybe_sent:
            return body  # it passed before, and only the server can tell now what became of it
        return self._refusal(claim, body, now) or body

    def _refusal(self, claim: Claim, body: bytes, now: float) -> Verdict | None:
        """Why the server would refuse this envelope, if it would. Names and times are never changed to get in."""
        if len(body) > self.contract.body_bytes:
            return Verdict(Outcome.REJECTED, f"larger than the server takes ({len(body)} bytes)")
        envelope = _loads(body)
        if claim.kind is EnvelopeKind.CHUNK or claim.wire_id is None:  # no session is opened for an outcome alone
            model = envelope["metadata"]["model_engine"]
            if self.contract.models is not None and model not in self.contract.models:
                shown = clean_reason(model)[:80] or "no name"
                return Verdict(Outcome.REJECTED, f"{self.contract.name} server does not list the model: {shown}")
        found = violations(envelope, now, self.contract)
        if not found:
            return None
        more = f" (and {len(found) - SHOWN_VIOLATIONS} more)" if len(found) > SHOWN_VIOLATIONS else ""
        told = ", ".join(found[:SHOWN_VIOLATIONS])
        return Verdict(Outcome.REJECTED, clean_reason(f"the server would refuse it: {told}")[:180] + more)

    async def _open(self, claim: Claim) -> Verdict | None:
        """Open a wire session. A reply that is lost costs the id: the next attempt takes a new one."""
        now = self._clock()
        room = self._window.wait(now) if self.contract is REFERENCE else 0.0  # other servers say when it is too much
        wait = max(room, self._opens_after - now)
        if wait > 0:
            held = Verdict(Outcome.RETRY, "as many sessions were opened this hour as the server allows", after=wait)
            await self._outbox.open_failed(claim.session_id, held, now)
            return held
        tries = self._tried(claim.session_id)
        own = tries["open"] == 0 and claim.open_attempts == 0 and WIRE_ID.fullmatch(claim.session_id) is not None
        wire_id = claim.session_id if own else self._new_id()
        tries["open"] += 1
        key = SessionKey.generate()
        reply = await self._client.open(
            {
                "session_id": wire_id,
                "public_key": key.public_b64,
                "provider": claim.provider,
                "model": claim.model,
                "machine_fingerprint": self._opening.machine_fingerprint,
                "app_version_hash": self._opening.app_version_hash,
                "groove_version": self._opening.groove_version,
            }
        )
        verdict = reply.verdict
        if reply.server_public_key is not None or verdict.unknown:
            self._window.record(now)
        if reply.server_public_key is not None:
            try:
                secret = key.derive(reply.server_public_key)
            except ValueError:
                verdict = Verdict(Outcome.RETRY, "the server's key is no point of the curve", everyone=True)
            else:
                with anyio.CancelScope(shield=True):
                    await self._outbox.opened(claim.session_id, wire_id, secret, self._clock())
                if len(self._fresh) < MAX_REMEMBERED:
                    self._fresh.add(claim.session_id)
                return None
        return await self._open_failed(claim, verdict)

    async def _open_failed(self, claim: Claim, verdict: Verdict) -> Verdict:
        now = self._clock()
        if verdict.outcome is Outcome.RETRY:
            limited = verdict.after is not None and not verdict.everyone
            verdict = replace(verdict, after=self._pacing.wait(claim.open_attempts + 1, verdict.after))
            if limited:
                self._opens_after = now + (verdict.after or 0.0)
        await self._outbox.open_failed(claim.session_id, verdict, now)
        return verdict

    async def _consider(self, claim: Claim, verdict: Verdict) -> Verdict:
        """Bound what may be tried again, and settle what the text of a reply leaves open."""
        if verdict.probe:
            verdict = await self._full_or_unknown(claim, verdict)
        tries = self._tried(claim.envelope_id)
        if verdict.outcome is Outcome.REJECTED and verdict.session_lost:
            tries["hmac"] += 1
            return _after_hmac(verdict, tries["hmac"], maybe_sent=claim.maybe_sent)
        if verdict.outcome is Outcome.RETRY and verdict.expected is not None and verdict.after == 0.0:
            tries["resync"] += 1
            if tries["resync"] > MAX_RESYNCS:
                return replace(verdict, outcome=Outcome.REJECTED, reason="the server keeps asking for another number")
        if verdict.outcome is Outcome.RETRY and verdict.session_lost and verdict.after is None:
            tries["lost"] += 1
            if tries["lost"] == 1:
                return replace(verdict, after=0.0)
        return verdict

    async def _full_or_unknown(self, claim: Claim, verdict: Verdict) -> Verdict:
        """The reference server has one text for a session with 200 chunks and for one it does not know: ask."""
        assert claim.wire_id is not None
        known = await self._client.knows(claim.wire_id)
        if known is None:
            return Verdict(Outcome.RETRY, verdict.reason, unknown=claim.maybe_sent)
        if not known:
            return Verdict(Outcome.RETRY, "unknown session", session_lost=True)
        if not claim.maybe_sent:
            return Verdict(Outcome.RETRY, "the session is full at the server", session_lost=True)
        if claim.sequence + 1 == self.contract.max_chunks_per_session and not claim.doubtful:
            # At most `sequence` envelopes came before, so the one that filled the session is this one.
            return Verdict(Outcome.ACCEPTED, duplicate=True)
        return Verdict(Outcome.REJECTED, "outcome unknown: the session is full at the server")

    async def _settle(self, claim: Claim, verdict: Verdict) -> Verdict:
        """Write the verdict down, with the wait it means."""
        if verdict.outcome is Outcome.REJECTED and claim.maybe_sent:
            verdict = _abandoned(verdict)
        if verdict.outcome is Outcome.RETRY:
            verdict = replace(verdict, after=self._pacing.wait(claim.attempts + 1, verdict.after))
        else:
            self._tries.pop(claim.envelope_id, None)
        with anyio.CancelScope(shield=True):
            await self._outbox.settle(claim, verdict, self._clock())
        if not (verdict.outcome is Outcome.RETRY and (verdict.unknown or claim.maybe_sent)):
            self._unknown.discard(claim.session_id)
            self._doubted.discard(claim.session_id)
        return verdict

    def _remember_unknown(self, session_id: str) -> None:
        """From here until a reply is understood, nobody knows what became of this session's envelope."""
        if len(self._unknown) < MAX_REMEMBERED:
            self._unknown.add(session_id)

    def _note_doubt(self, claim: Claim, verdict: Verdict) -> None:
        """A 507 throws doubt on every attempt whose reply was lost; a receipt ends the doubt about later ones."""
        if verdict.doubt:
            self._doubt = True
            self._doubted |= self._unknown
        elif verdict.outcome is Outcome.ACCEPTED and not verdict.duplicate:
            self._doubt = False
        elif verdict.unknown and self._doubt:
            self._doubted.add(claim.session_id)

    def _tried(self, name: str) -> Counter[str]:
        """What was tried with an envelope or a session in this process; the oldest memories go first."""
        while len(self._tries) >= MAX_REMEMBERED and name not in self._tries:
            self._tries.popitem(last=False)
        return self._tries.setdefault(name, Counter())


def as_posted(
    unsigned: bytes, *, continues: str | None, secret: bytes | None, sequence: int, app_version_hash: str
) -> bytes:
    """The bytes to POST, signed with zeros while there is no secret (the session is not open yet).

    `continues`: the session's own id, where it goes on under another one.
    """
    if continues is not None:
        unsigned = b"".join((unsigned[:-1], b',"continues":', canonical(continues), b"}"))
    session_hmac = "0" * 64 if secret is None else sign(secret, sequence, unsigned)
    return attach(unsigned, session_hmac=session_hmac, sequence=sequence, app_version_hash=app_version_hash)


def _after_hmac(verdict: Verdict, tries: int, *, maybe_sent: bool) -> Verdict:
    """A signature the server does not see as ours: try again, then with a new secret, then it is the envelope."""
    if tries >= MAX_HMAC_TRIES:
        return replace(verdict, session_lost=False)
    if tries == 1:
        return Verdict(Outcome.RETRY, verdict.reason)
    if maybe_sent:
        return Verdict(Outcome.REJECTED, verdict.reason)
    return Verdict(Outcome.RETRY, verdict.reason, session_lost=True)


def _abandoned(verdict: Verdict) -> Verdict:
    """Parked though an earlier attempt at this number may have been stored: say so, and leave the number behind.

    The next envelope must not be posted at it: a lost reply there, and "expected N+1" would speak of this one. If the
    number is free after all, the server asks for it. (A refusal of the schema proves that the number was still free.)
    """
    if verdict.expected is None:
        verdict = replace(verdict, sequence_spent=True)
    if verdict.reason.startswith(("schema validation failed", "outcome unknown")):
        return verdict
    return replace(verdict, reason=clean_reason(f"outcome unknown: {verdict.reason}"))


def _loads(body: bytes) -> Any:
    """Canonical JSON as values; orjson refuses lone surrogates, which are data."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)
