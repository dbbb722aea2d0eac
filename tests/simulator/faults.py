"""What can go wrong between a request and its reply.

Owns: the names of the faults, when each strikes.
Never: touches a socket.
Invariant: a fault that "loses" says whether the request was processed before (so a test knows what is truly stored).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


class Kind(StrEnum):
    LOST_BEFORE = "lost_before"
    """The connection closes without a reply; nothing was processed."""
    LOST_AFTER = "lost_after"
    """Processed; the connection closes without a reply."""
    RESET_MID_BODY = "reset_mid_body"
    """RST while the request's body is on its way; nothing was processed."""
    RESET_MID_REPLY = "reset_mid_reply"
    """Processed; RST in the middle of the reply."""
    SLOW_DRIP = "slow_drip"
    """Processed; the reply comes one byte every `seconds`."""
    HANG_UP = "hang_up"
    """Processed and answered; then the connection closes although keep-alive was promised."""
    HTML_200 = "html_200"
    """A portal answers 200 text/html; nothing was processed."""
    HTML_200_AFTER = "html_200_after"
    HTML_502 = "html_502"
    HTML_502_AFTER = "html_502_after"
    PLAIN_503 = "plain_503"
    """503 with Retry-After: `seconds`; nothing was processed."""
    TRUNCATED_JSON = "truncated_json"
    """Processed; well-formed HTTP around half of the JSON."""
    EMPTY_200 = "empty_200"
    EMPTY_200_AFTER = "empty_200_after"
    HUGE_REPLY = "huge_reply"
    """Processed; one MiB of blanks before the JSON."""
    LIMITED = "limited"
    """The limiter's 429 with retryAfter in the body; nothing was processed."""
    LIMITED_HEADER = "limited_header"
    """A proxy's 429 in HTML with a Retry-After header; nothing was processed."""
    DISK_FULL = "disk_full"
    """The quota is reached for this one request: 507 where something would be stored."""
    HMAC_CLAIM = "hmac_claim"
    """The server says the HMAC is wrong though it is right; nothing was processed."""
    REDIRECT = "redirect"
    """302 to /trap; nothing was processed."""
    TOO_LARGE = "too_large"
    """A proxy's 413 for a body it used to take; nothing was processed."""
    CRASH_BEFORE = "crash_before"
    """The process dies; it is back after `seconds` with its data."""
    CRASH_AFTER = "crash_after"
    WIPE = "wipe"
    """The process dies and is back after `seconds` with an empty data directory."""


UNPROCESSED = frozenset(
    {
        Kind.HTML_200,
        Kind.HTML_502,
        Kind.PLAIN_503,
        Kind.EMPTY_200,
        Kind.LIMITED,
        Kind.LIMITED_HEADER,
        Kind.HMAC_CLAIM,
        Kind.REDIRECT,
        Kind.TOO_LARGE,
    }
)


@dataclass
class Fault:
    """Strikes the requests to `path` (any, if None) `times` times, after letting `skip` of them pass."""

    kind: Kind
    times: int = 1
    path: str | None = None
    skip: int = 0
    seconds: float = 0.0

    def strikes(self, path: str) -> bool:
        if self.times <= 0 or (self.path is not None and not path.lower().startswith(self.path)):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Weather:
    """Random faults: each request is struck with `probability`, drawn from `kinds`."""

    rng: random.Random
    kinds: tuple[Kind, ...]
    probability: float = 0.3
    seconds: float = 0.02

    def strike(self) -> Fault | None:
        if self.rng.random() >= self.probability:
            return None
        return Fault(self.rng.choice(self.kinds), seconds=self.seconds)
