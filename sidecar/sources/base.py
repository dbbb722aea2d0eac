"""What sources and the recorder say to each other.

Owns: `SourceInfo`, `Batch`, `Committed`, `Resume`, `Sink`, `Lookup`, `Source`.
Never: reads, parses or stores.
Invariant: a source hands over a batch only after the one before it was answered: durable, or the source stops.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from parsers.step import JsonObject
    from sidecar.capture.framing import Ending, Frame

MAX_BATCH_BYTES = 1024 * 1024
MAX_BATCH_FRAMES = 500


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where lines come from. `key` names it for good: the same bytes get the same key after a restart.

    `kind` is "stream" (a run of `wrap` or `tee`), "file", "transcript" or "import". `label` is for people: no path, no
    argument. `provider` is the wire's name or None (the lines tell), `dialect` "stream" or "transcript". `started` is
    unix seconds.
    """

    key: str
    kind: str
    label: str
    provider: str | None = None
    dialect: str = "stream"
    agent_id: str | None = None
    role: str | None = None
    model: str | None = None
    started: float | None = None
    conversation: str | None = None
    """The CLI's session id, where the file's name tells it."""
    parent_call: str | None = None
    """The call that started the sub-agent whose transcript this is."""
    whole: bool = False
    """It is rewritten whole as it grows: what the parser holds is handed over again after a restart."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames of one source, in order, MAX_BATCH_FRAMES or MAX_BATCH_BYTES at most (or one frame that is longer).

    `ending` set: nothing follows; the writer or the file is gone, or quiet for so long that it is taken for over.
    `lost_bytes` of the source were never kept, for `lost_reason`: the recorder counts them. `begin`: what lies before
    this position is none of ours (it was written while capture was off). `written`: when the source was last written
    to, unix seconds, where that matters. `before`: the hint until its last frame is taken, where that is another one.
    """

    source: SourceInfo
    frames: list[Frame]
    hint: JsonObject = field(default_factory=dict)
    ending: Ending | None = None
    lost_bytes: int = 0
    lost_reason: str | None = None
    begin: int | None = None
    written: float | None = None
    before: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """The batch is durable; everything before `safe` will never be read again."""

    safe: int


@dataclass(frozen=True, slots=True)
class Resume:
    """How far a source was taken: read again from `replay_from` (<= `offset`, where the journal ends).

    `skip`: a revocation came after it; what was written since then is none of ours.
    """

    offset: int
    replay_from: int
    hint: JsonObject = field(default_factory=dict)
    finished: bool = False
    skip: bool = False


Sink = Callable[[Batch], Awaitable[Committed]]
Lookup = Callable[[SourceInfo], Awaitable[Resume | None]]


class Owner(Protocol):
    """Knows of the wrapped runs that write transcripts."""

    def writing(self, info: SourceInfo) -> bool:
        """A run that writes this transcript goes on: silence is not its end."""
        ...

    def ending(self, info: SourceInfo) -> Ending | None:
        """How the run that wrote it ended, when it is over and nobody was told yet."""
        ...


class Source(Protocol):
    """Something that hands over batches until it is cancelled."""

    async def run(self) -> None:
        """Follow until cancelled. Never loses a byte by being cancelled: what was not answered is read again."""
        ...
