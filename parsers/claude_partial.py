"""Raw API deltas of Claude's stream (`--include-partial-messages`), joined until the complete line makes them void.

Owns: `Partials`: text and thinking that has no complete line yet, by thread and block.
Never: lets a text out twice: a complete line drops its deltas.
Invariant: what comes out of here is marked truncated, with the evidence "partial".
"""

from __future__ import annotations

from parsers.blocks import obj, text, whole
from parsers.step import JsonObject, Step, StepType

MAX_PARTIAL = 4 * 1024 * 1024
"""Characters of one block held. The complete line brings them all; a cut one loses its end and says so."""
MAX_BLOCKS = 16
"""Blocks held at once, over all threads."""

_EVENTS = frozenset(
    {"message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop", "ping", "error"}
)
_DELTAS = frozenset(
    {"text_delta", "thinking_delta", "signature_delta", "input_json_delta", "citations_delta", "compaction_delta"}
)


class _Block:
    __slots__ = ("kind", "parts", "size", "skipped")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.parts: list[str] = []
        self.size = 0
        self.skipped = 0

    def add(self, piece: str) -> None:
        if self.size + len(piece) > MAX_PARTIAL:
            self.skipped += len(piece)
            return
        self.parts.append(piece)
        self.size += len(piece)

    def step(self, parent: str | None) -> Step:
        return Step(
            StepType.THOUGHT,
            "".join(self.parts),
            channel="reasoning" if self.kind == "thinking" else "message",
            parent_id=parent,
            evidence="partial",
            truncated=True,
            original_length=self.size + self.skipped if self.skipped else None,
        )


class Partials:
    """Blocks by (thread, index), in the order they began."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[str | None, int], _Block] = {}

    def __bool__(self) -> bool:
        return any(block.size for block in self._blocks.values())

    def take(self, event: JsonObject, parent: str | None) -> tuple[str | None, list[Step]]:
        """Name of the event (None: not known) and the texts that a new message leaves behind unfinished."""
        kind = text(event.get("type"))
        if kind == "content_block_delta":
            delta = obj(event.get("delta"))
            sort = text(delta.get("type"))
            if sort not in _DELTAS:
                return None, []
            steps = self._grow(parent, whole(event.get("index")) or 0, delta)
            return f"content_block_delta/{sort}", steps
        if kind not in _EVENTS:
            return None, []
        return kind, self.flush(parent, only_thread=True) if kind == "message_start" else []

    def _grow(self, parent: str | None, index: int, delta: JsonObject) -> list[Step]:
        for kind in ("text", "thinking"):
            piece = text(delta.get(kind))
            if piece:
                key = (parent, index)
                block = self._blocks.get(key)
                if block is None or block.kind != kind:
                    block = self._blocks[key] = _Block(kind)
                block.add(piece)
        if len(self._blocks) > MAX_BLOCKS:
            thread, number = next(iter(self._blocks))
            return [self._blocks.pop((thread, number)).step(thread)]
        return []

    def drop(self, parent: str | None, kind: str) -> None:
        """The complete block of this kind has come: forget the oldest of its kind on its thread."""
        for key, block in self._blocks.items():
            if key[0] == parent and block.kind == kind:
                del self._blocks[key]
                return

    def flush(self, parent: str | None = None, *, only_thread: bool = False) -> list[Step]:
        """What never got its complete line, of one thread or of all, oldest first."""
        keys = [key for key in self._blocks if not only_thread or key[0] == parent]
        blocks = [(key[0], self._blocks.pop(key)) for key in keys]
        return [block.step(thread) for thread, block in blocks if block.size]
