"""When a chunk is full: 200 steps, 5 minutes, or the bytes of a body, whichever is first.

Owns: `CaptureOptions`, `Buffer`: which steps are numbered and not sealed yet.
Never: holds a step or its bytes; it counts them.
Invariant: the buffered range is contiguous and ends at the last numbered step; a chunk never covers more than
`chunk_steps` steps nor steps that came `chunk_seconds` or more apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar.wire import limits

if TYPE_CHECKING:
    from parsers.step import JsonObject


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """The chunk rule and the vocabulary ("full" or "seven") of one session."""

    chunk_steps: int = limits.CHUNK_STEPS
    chunk_seconds: float = limits.CHUNK_SECONDS
    chunk_bytes: int = limits.CHUNK_BYTES
    vocabulary: str = "full"


@dataclass(slots=True)
class Buffer:
    """The steps of the next chunk: `first` is the number of its first step, `bytes` counts their canonical bytes.

    `opened_at` is the arrival of its first step (seconds, the clock of `now`), None while it is empty. `redactions`
    counts what the scrubber replaced in it, by category.
    """

    options: CaptureOptions
    first: int = 1
    count: int = 0
    bytes: int = 0
    opened_at: float | None = None
    redactions: dict[str, int] = field(default_factory=dict)

    @property
    def deadline(self) -> float | None:
        """When the chunk must be sealed even if nothing more comes."""
        return None if self.opened_at is None else self.opened_at + self.options.chunk_seconds

    def due(self, now: float) -> bool:
        """Whether the time is over. A clock that was set back starts the window anew, so it never stretches it."""
        if self.opened_at is None:
            return False
        self.opened_at = min(self.opened_at, now)
        return now - self.opened_at >= self.options.chunk_seconds

    def has_room(self, size: int) -> bool:
        """Whether a step of `size` bytes still fits (an empty chunk takes any step)."""
        return not self.count or self.bytes + size <= self.options.chunk_bytes

    def add(self, size: int, now: float) -> bool:
        """Take one step; answer whether the chunk is full with it."""
        if self.opened_at is None:
            self.opened_at = now
        self.count += 1
        self.bytes += size + 1
        return self.count >= self.options.chunk_steps or self.bytes >= self.options.chunk_bytes

    def redacted(self, replaced: dict[str, int]) -> None:
        """Count what was replaced in a step that was just added."""
        for category, n in replaced.items():
            self.redactions[category] = self.redactions.get(category, 0) + n

    def clear(self) -> None:
        """The chunk was sealed: the next one starts behind it."""
        self.first += self.count
        self.count = 0
        self.bytes = 0
        self.opened_at = None
        self.redactions = {}

    def snapshot(self) -> JsonObject:
        """All but the options."""
        return {
            "first": self.first,
            "count": self.count,
            "bytes": self.bytes,
            "opened_at": self.opened_at,
            "redactions": dict(self.redactions),
        }

    def restore(self, state: JsonObject) -> None:
        """Become the buffer that answered `state` to `snapshot`."""
        self.first = state["first"]
        self.count = state["count"]
        self.bytes = state["bytes"]
        self.opened_at = state["opened_at"]
        self.redactions = dict(state["redactions"])
