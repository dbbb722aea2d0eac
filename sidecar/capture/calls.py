"""Calls that wait for their result.

Owns: `Call`, `Calls`: the bounded table that joins a result to what was called.
Never: holds unscrubbed text; a call id is kept as its hash.
Invariant: a call leaves the table exactly once: answered, or counted as unanswered.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from sidecar.capture.commands import Signature

if TYPE_CHECKING:
    from parsers.step import JsonObject

MAX_OPEN_CALLS = 512
MAX_CALL_FILES = 20
MAX_COMMAND = 300


def fingerprint(text: str) -> str:
    """A short name for a string that need not be read again."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def storable(text: str) -> str:
    """`text` as any JSON writer takes it: a lone surrogate becomes "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@dataclass(slots=True)
class Call:
    """An action without result: its step, its tool, what it runs and which files it would change (fingerprints)."""

    number: int
    tool: str
    command: str
    signature: Signature
    files: list[str]
    turn: int = 0


class Calls:
    """Open calls by the fingerprint of their id, oldest first."""

    __slots__ = ("_open", "_unanswered")

    def __init__(self) -> None:
        self._open: dict[str, Call] = {}
        self._unanswered = 0

    @property
    def unanswered(self) -> int:
        """Calls that had no result so far, those no longer waited for included."""
        return len(self._open) + self._unanswered

    def start(self, call_id: str, call: Call) -> None:
        """`call` waits for a result under `call_id`; an id used again means the first never got one."""
        key = fingerprint(call_id)
        if self._open.pop(key, None) is not None:
            self._unanswered += 1
        elif len(self._open) >= MAX_OPEN_CALLS:
            del self._open[next(iter(self._open))]
            self._unanswered += 1
        self._open[key] = call

    def find(self, call_id: str | None) -> Call | None:
        """The call that waits under `call_id`."""
        return self._open.get(fingerprint(call_id)) if call_id is not None and self._open else None

    def answer(self, call_id: str | None) -> Call | None:
        """The call that waits under `call_id`, which then waits no more."""
        return self._open.pop(fingerprint(call_id), None) if call_id is not None and self._open else None

    def running(self, turn: int) -> bool:
        """Whether a call of this turn waits."""
        return any(call.turn == turn for call in reversed(self._open.values()))

    def snapshot(self) -> JsonObject:
        """All of it, as JSON."""
        return {
            "unanswered": self._unanswered,
            "open": {
                key: [call.number, call.tool, call.command, *call.signature, call.files, call.turn]
                for key, call in self._open.items()
            },
        }

    def restore(self, state: JsonObject) -> None:
        """Become the table that answered `state` to `snapshot`."""
        self._unanswered = state["unanswered"]
        self._open = {
            key: Call(number, tool, command, Signature(program, target), list(files), turn)
            for key, (number, tool, command, program, target, files, turn) in state["open"].items()
        }
