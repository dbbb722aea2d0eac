"""Who asks too often.

Owns: request counts per address in fixed windows, and whose address a request has.
Never: persists, and never believes a header of someone who is not a trusted proxy.
Invariant: at most MAX_ADDRESSES addresses are remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from central.options import MAX_ADDRESSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(slots=True)
class Window:
    """At most `most` requests per address within `seconds` of its first one."""

    most: int
    seconds: float
    _seen: dict[str, tuple[float, int]] = field(default_factory=dict)

    def wait(self, address: str, now: float) -> float | None:
        """Count one request: None if it may pass, else the seconds until the window is over. Refused ones count not."""
        start, count = self._seen.get(address, (now, 0))
        if now - start >= self.seconds:
            del self._seen[address]
            start, count = now, 0
        if count >= self.most:
            return start + self.seconds - now
        if address not in self._seen and len(self._seen) >= MAX_ADDRESSES:
            del self._seen[next(iter(self._seen))]  # the oldest window: entries stand in the order they began
        self._seen[address] = (start, count + 1)
        return None


class Limiter:
    """All windows together."""

    def __init__(self, windows: Sequence[tuple[int | None, float]], monotonic: Callable[[], float]) -> None:
        self._windows = [Window(most, seconds) for most, seconds in windows if most is not None]
        self._monotonic = monotonic

    def wait(self, address: str) -> float | None:
        """Seconds the address has to wait, None = it may pass."""
        now = self._monotonic()
        waits = [wait for window in self._windows if (wait := window.wait(address, now)) is not None]
        return max(waits, default=None)


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[str]) -> str:
    """The socket's address, or, if that is a trusted proxy, the last address in its header that is not one."""
    if peer not in trusted or not forwarded_for:
        return peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",")]):
        if hop and hop not in trusted:
            return hop[:64]
    return peer
