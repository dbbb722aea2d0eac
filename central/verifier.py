"""Who sent an envelope, and that nothing in it changed.

Owns: reading an attestation and checking its HMAC.
Never: looks at content, counts sequence numbers, or says which of its checks failed beyond "missing" and "wrong".
Invariant: what passes was signed, member for member, by the holder of the session's secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from central.refusal import Refusal
from sidecar.errors import WireError
from sidecar.wire.attestation import verify
from sidecar.wire.canonical import FAST_DEPTH, canonical
from sidecar.wire.limits import HEX_64, MAX_SEQUENCE

if TYPE_CHECKING:
    from parsers.step import JsonObject

RESIGN = "Sign the canonical body with the secret of this session, or open a new session."


@dataclass(frozen=True, slots=True)
class Proof:
    """The checked attestation and the bytes it stands for."""

    sequence: int
    unsigned: bytes


def read_attestation(body: JsonObject) -> tuple[int, str]:
    """Sequence and HMAC of a body whose attestation has the right shape, else 401."""
    attestation = body.get("attestation")
    if not isinstance(attestation, dict):
        raise Refusal(401, "attestation", "missing attestation", hint=RESIGN)
    session_hmac = attestation.get("session_hmac")
    if not isinstance(session_hmac, str) or not session_hmac:
        raise Refusal(401, "attestation", "empty or missing HMAC", hint=RESIGN)
    sequence = _whole(attestation.get("sequence"))
    if sequence is None:
        raise Refusal(401, "attestation", f"attestation.sequence must be an integer 0-{MAX_SEQUENCE}", hint=RESIGN)
    if HEX_64.fullmatch(session_hmac) is None:
        raise Refusal(401, "signature", "HMAC verification failed", hint=RESIGN)
    return sequence, session_hmac


def check_signature(body: JsonObject, secret: bytes) -> Proof:
    """The proof that the holder of `secret` signed `body`, else 401. `body` keeps its attestation."""
    sequence, session_hmac = read_attestation(body)
    try:
        unsigned = canonical(
            {name: member for name, member in body.items() if name != "attestation"}, max_depth=FAST_DEPTH
        )
    except WireError as error:
        raise Refusal(400, "json", error.message, hint=error.hint) from None
    if not verify(secret, sequence, unsigned, session_hmac):
        raise Refusal(401, "signature", "HMAC verification failed", hint=RESIGN)
    return Proof(sequence, unsigned)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SEQUENCE:
        return None
    return int(value) if value == int(value) else None
