"""Who signed, and that nothing changed: P-256 key agreement and HMAC-SHA256 over sequence and canonical bytes.

Owns: `SessionKey`, `sign`, `verify`.
Never: stores a key, sends, or decides which sequence number is next.
Invariant: a shared secret is always the 32 bytes of the product's X coordinate, leading zeros kept, no key derivation.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sidecar.wire.limits import HEX_64

SECRET_BYTES = 32
MAX_UINT32 = 2**32 - 1
_COORDINATE = 32
_HYBRID = (6, 7)
MAX_KEY_TEXT = 200
"""Characters; the longest accepted spelling of a point has 88."""


class SessionKey:
    """One side's key pair of one session."""

    __slots__ = ("_private",)

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> SessionKey:
        """A fresh pair."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_private(cls, scalar: bytes) -> SessionKey:
        """The pair of a stored big-endian scalar; ValueError unless it is 32 bytes within 1..n-1."""
        if len(scalar) != SECRET_BYTES:
            raise ValueError("a private key has 32 bytes")
        return cls(ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1()))

    @property
    def private_bytes(self) -> bytes:
        """The scalar, 32 bytes big-endian."""
        return self._private.private_numbers().private_value.to_bytes(SECRET_BYTES, "big")

    @property
    def public_b64(self) -> str:
        """Standard base64 of the uncompressed point: 88 characters, the only form to emit."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.b64encode(point).decode("ascii")

    def derive(self, peer_public_b64: str) -> bytes:
        """The 32-byte secret shared with the owner of `peer_public_b64`; ValueError if that is no point of P-256."""
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode_point(peer_public_b64))
        return self._private.exchange(ec.ECDH(), peer)


def sign(secret: bytes, sequence: int, unsigned: bytes) -> str:
    """`session_hmac`: 64 lower-case hex digits over ``uint32_be(sequence) || unsigned``."""
    if not 0 <= sequence <= MAX_UINT32:
        raise ValueError("sequence is not an unsigned 32-bit number")
    mac = hmac.new(secret, sequence.to_bytes(4, "big"), hashlib.sha256)
    mac.update(unsigned)
    return mac.hexdigest()


def verify(secret: bytes, sequence: object, unsigned: bytes, session_hmac: object) -> bool:
    """Whether `session_hmac` is what `sign` answers. Constant time; False for every other shape of argument."""
    if not isinstance(session_hmac, str) or HEX_64.fullmatch(session_hmac) is None:
        return False
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not 0 <= sequence <= MAX_UINT32:
        return False
    return hmac.compare_digest(sign(secret, sequence, unsigned), session_hmac)


def _decode_point(text: object) -> bytes:
    """Bytes of a point from base64 or base64url, padded or not. Hybrid points become uncompressed ones."""
    if not isinstance(text, str) or not text.isascii() or len(text) > MAX_KEY_TEXT:
        raise ValueError("a public key is base64 of a P-256 point")
    standard = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        point = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("a public key is base64 of a P-256 point") from error
    if len(point) == 1 + 2 * _COORDINATE and point[0] in _HYBRID:
        if point[-1] & 1 != point[0] & 1:
            raise ValueError("the hybrid point contradicts itself")
        point = b"\x04" + point[1:]
    return point
