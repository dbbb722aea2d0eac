"""A parser seen through the eyes of the other road: what it makes, or does not make, because the other one does.

Owns: `Shadow` (a stream whose transcript is the record), `Joined` (a transcript beside its runs), `Copies`.
Never: knows files, clocks or the store.
Invariant: every line keeps a fate, so that lines stay the sum of fates; a step is made by one road only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from parsers.base import Facts, Fate, Parsed
from parsers.gemini_chat import GeminiChat
from parsers.step import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.base import Parser
    from parsers.step import JsonObject, Step

SUPERSEDED = "superseded/"
WHOLE_RUN = frozenset({"process", "run"})
"""Scopes of usage a transcript does not have."""
_UUID = re.compile(rb'"uuid":\s?"([^"\\]{1,64})"|"id":\s?"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
"""What tells a record of Claude, a message of Gemini."""
_USAGE = (
    "scope",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "cost_usd",
)


class _Around:
    """A parser around another."""

    def __init__(self, inner: Parser) -> None:
        self.inner = inner

    @property
    def provider(self) -> str:
        """The wire's name."""
        return self.inner.provider

    @property
    def dialect(self) -> str:
        """What the inner one reads."""
        return self.inner.dialect

    def snapshot(self) -> JsonObject | None:
        """Of the inner one."""
        return self.inner.snapshot()

    def restore(self, state: JsonObject) -> None:
        """The inner one becomes what answered `state`."""
        self.inner.restore(state)


class Shadow(_Around):
    """Reads the stream of a run whose transcript is the record: counts its lines, keeps what only it knows.

    `facts`: how the last turn ended, and the usage of the whole run; plain JSON without text. The same lines again
    give the same facts.
    """

    def __init__(self, inner: Parser, facts: JsonObject) -> None:
        super().__init__(inner)
        self.facts = dict(facts)

    def feed(self, line: bytes) -> Parsed:
        """The line's fate, never steps. Unknown, malformed and drift stay: that is how a new format is noticed."""
        parsed = self.inner.feed(line)
        self._learn(parsed)
        fate = Fate.NOISE if parsed.fate in {Fate.STEPS, Fate.META} else parsed.fate
        return Parsed(fate, SUPERSEDED + parsed.name, (), parsed.reason, drift=parsed.drift)

    def finish(self) -> Parsed:
        """The end; what was held is told elsewhere."""
        self._learn(self.inner.finish())
        return Parsed(Fate.META, "end")

    def _learn(self, parsed: Parsed) -> None:
        if any(step.parent_id is None for step in parsed.steps):
            self.facts.pop("turn_ended", None)  # the turn that ended was not the last
        facts = parsed.facts
        if facts is None:
            return
        if facts.turn_ended is not None:
            self.facts["turn_ended"] = facts.turn_ended
        for usage in (facts.usage, facts.total_usage):
            if usage is not None and usage.scope in WHOLE_RUN:
                self.facts["usage"] = {name: getattr(usage, name) for name in _USAGE}


class Joined(_Around):
    """Reads a transcript beside the runs of its conversation."""

    def __init__(self, inner: Parser) -> None:
        super().__init__(inner)
        self.windows: Sequence[tuple[float, float]] = ()
        """Times (unix seconds, both ends included) that streams told already: steps of then are not made again."""
        self.due: Sequence[JsonObject] = ()
        """Facts of runs that the session takes up when it ends."""
        self.first: float | None = None
        """Time of the first step that was made since this was."""
        self._latest: float | None = None

    def feed(self, line: bytes) -> Parsed:
        """As the inner one, without what a stream told."""
        return self._kept(self.inner.feed(line))

    def finish(self) -> Parsed:
        """As the inner one, with what only the runs know: also that the last one did not end."""
        if self.due and isinstance(self.inner, GeminiChat):
            self.inner.cut_off = self.due[-1].get("turn_ended") != "success"
        result = self._kept(self.inner.finish())
        for facts in self.due:
            told = result.facts or Facts()
            told.turn_ended = facts.get("turn_ended") or told.turn_ended
            if "usage" in facts:
                told.total_usage = Usage(**facts["usage"])
            result.facts = told
        return result

    def _kept(self, parsed: Parsed) -> Parsed:
        windows = self.windows
        if not windows:
            self._note(parsed.steps)
            return parsed
        kept = [step for step in parsed.steps if not self._told(step, windows)]
        self._note(kept)
        if len(kept) == len(parsed.steps) and (kept or not self._within(self._latest, windows)):
            return parsed
        if kept:
            return replace(parsed, steps=kept)
        facts = parsed.facts
        if facts is not None:  # who it is stays true; what was used and how it ended was told
            facts = Facts(session_id=facts.session_id, model=facts.model, cli_version=facts.cli_version)
        fate = Fate.NOISE if parsed.fate in {Fate.STEPS, Fate.META} else parsed.fate
        return Parsed(fate, SUPERSEDED + parsed.name, (), parsed.reason, facts, parsed.drift)

    def _note(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if self.first is None and step.timestamp is not None:
                self.first = step.timestamp

    def _told(self, step: Step, windows: Sequence[tuple[float, float]]) -> bool:
        if step.timestamp is not None:
            self._latest = step.timestamp
        return self._within(self._latest, windows)

    @staticmethod
    def _within(moment: float | None, windows: Sequence[tuple[float, float]]) -> bool:
        return moment is not None and any(start <= moment <= end for start, end in windows)


@dataclass(slots=True)
class Copies:
    """Which records of a transcript another one gave before. `others` is filled in before lines are parsed."""

    owner: int
    others: set[int] = field(default_factory=set)
    fresh: list[int] = field(default_factory=list)
    keeps: bool = True
    """Whether others need know of this source's records."""

    @classmethod
    def of(cls, source: str, *, keeps: bool = True) -> Copies:
        """The memory of one source."""
        return cls(mark_of(source), keeps=keeps)

    def known(self, uuid: str) -> bool:
        """Whether it is a copy; if not, it is this source's from now on."""
        mark = mark_of(uuid)
        if mark in self.others:
            return True
        if self.keeps:
            self.fresh.append(mark)
        return False


def marks_in(lines: Sequence[bytes]) -> list[int]:
    """Hashes of everything in `lines` that looks like a record's id: more than the parser will ask for, never less."""
    return list({mark_of(found.decode("utf-8", "replace")) for line in lines for found in _ids(line)})


def _ids(line: bytes) -> list[bytes]:
    return [uuid or other for uuid, other in _UUID.findall(line)]


def mark_of(text: str) -> int:
    """63 bits of `text`."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
