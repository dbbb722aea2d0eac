"""Sessions: opened with a key, closed with a proof.

Owns: the rules of `/v1/sessions/open` and `/v1/sessions/close`.
Never: keeps a private key: it is forgotten once the shared secret is derived.
Invariant: a session id belongs to the key that opened it first; asking again with that key is harmless.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from central.refusal import Refusal, Reply
from central.storage import NewSession
from central.verifier import check_signature
from sidecar.wire.attestation import MAX_KEY_TEXT, SessionKey
from sidecar.wire.canonical import utf16_length
from sidecar.wire.limits import HEX_64, PROVIDERS
from sidecar.wire.schema import MAX_MODEL

if TYPE_CHECKING:
    from central.options import Options
    from central.storage import Session, Storage, Transaction
    from parsers.step import JsonObject

REQUIRED = (
    "session_id",
    "public_key",
    "provider",
    "model",
    "machine_fingerprint",
    "app_version_hash",
    "groove_version",
)
ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
HOUR = 3_600.0
MAX_SHORT = 128
CLOSE_MEMBERS = frozenset({"session_id", "attestation"})
NEW_ID = "Open again with a new session_id."


class Registry:
    """Opens and closes. Blocking: call from a worker thread."""

    def __init__(self, storage: Storage, options: Options) -> None:
        self._storage = storage
        self._options = options

    def open(self, body: JsonObject) -> Reply:
        """A new session, or, for the same id and key, the same answer again."""
        asked = read_open(body)
        key = SessionKey.generate()
        try:
            secret = key.derive(asked["public_key"])
        except ValueError:
            raise Refusal(400, "key", "public_key is not a point of P-256", hint="Send base64 of 04||X||Y.") from None
        now = self._options.clock()
        with self._storage.transaction() as change:
            before = change.session(asked["session_id"])
            if before is not None:
                return _opened_before(before, asked["public_key"])
            self._check_rate(change, asked["machine_fingerprint"], now)
            new = NewSession(
                id=asked["session_id"],
                client_key=asked["public_key"],
                server_key=key.public_b64,
                secret=secret,
                provider=asked["provider"],
                model=asked["model"],
                machine=asked["machine_fingerprint"],
                app_version_hash=asked["app_version_hash"],
                groove_version=asked["groove_version"],
            )
            change.create(new, now)
        return Reply(200, {"server_public_key": new.server_key})

    def close(self, body: JsonObject) -> Reply:
        """Close without an outcome, for those who can prove that the session is theirs."""
        session_id = read_session_id(body)
        if not CLOSE_MEMBERS.issuperset(body):
            raise Refusal(422, "schema", "a close carries session_id and attestation only")
        with self._storage.transaction() as change:
            session = known(change, session_id)
            proof = check_signature(body, session.secret)
            if session.closed_at is not None:
                return Reply(200, {"closed": True, "already_closed": True})
            check_sequence(session, proof.sequence)
            change.close(session.number, self._options.clock(), "request")
        return Reply(200, {"closed": True})

    def _check_rate(self, change: Transaction, machine: str, now: float) -> None:
        most = self._options.opens_per_hour
        if most is None:
            return
        count, first = change.opened_since(machine, now - HOUR)
        if count >= most:
            after = max(first + HOUR - now, 1.0)
            raise Refusal(429, "rate", "rate limited: too many sessions from this machine", after=after)


def read_open(body: JsonObject) -> dict[str, str]:
    """The seven members, each text of a sensible shape; 400 if one is missing, 422 if one is wrong."""
    missing = [name for name in REQUIRED if not body.get(name)]
    if missing:
        raise Refusal(400, "fields", "missing required fields", hint=f"Send {', '.join(missing)}.")
    wrong = [name for name in REQUIRED if not isinstance(body[name], str) or not _encodable(body[name])]
    if not wrong:
        checks = {
            "session_id": ID.fullmatch(body["session_id"]) is not None,
            "public_key": len(body["public_key"]) <= MAX_KEY_TEXT,
            "provider": body["provider"] in PROVIDERS,
            "model": utf16_length(body["model"]) <= MAX_MODEL,
            "machine_fingerprint": len(body["machine_fingerprint"]) <= MAX_SHORT,
            "app_version_hash": HEX_64.fullmatch(body["app_version_hash"]) is not None,
            "groove_version": len(body["groove_version"]) <= MAX_SHORT,
        }
        wrong = [name for name, fine in checks.items() if not fine]
    if wrong:
        raise Refusal(422, "fields", f"invalid {', '.join(wrong)}", hint="See the contract for their shapes.")
    return {name: body[name] for name in REQUIRED}


def read_session_id(body: JsonObject) -> str:
    """A session id of legal shape, else 400."""
    session_id = body.get("session_id")
    if not isinstance(session_id, str) or ID.fullmatch(session_id) is None:
        raise Refusal(400, "session_id", "malformed request: missing envelope or session_id")
    return session_id


def known(change: Transaction, session_id: str) -> Session:
    """The session, else 404."""
    session = change.session(session_id)
    if session is None:
        raise Refusal(404, "session", "unknown session_id", hint="Open the session first.")
    return session


def check_sequence(session: Session, sequence: int) -> None:
    """409 with the expected number unless `sequence` is it."""
    if sequence != session.expected:
        reason = f"sequence mismatch: expected {session.expected}, got {sequence}"
        hint = "Sign again with the expected number."
        raise Refusal(409, "sequence", reason, hint=hint, expected=session.expected, session=session.id)


def _opened_before(session: Session, public_key: str) -> Reply:
    if session.client_key != public_key:
        raise Refusal(409, "key", "session_id belongs to another key", hint=NEW_ID, session=session.id)
    if session.expected or session.closed_at is not None:
        raise Refusal(409, "open", "session is in use already", hint=NEW_ID, session=session.id)
    return Reply(200, {"server_public_key": session.server_key})


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
