"""What all line dialects share: one line in, one fate out, and the three memories a stream needs.

Owns: `LineParser` (one fate per line), `Held` (texts that may be the answer), `OpenCalls` (calls without a result).
Never: knows an event type.
Invariant: a `Parsed` that carries steps has the fate STEPS; every memory is bounded by a number named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from orjson import JSONDecodeError
from orjson import loads as fast_loads

from parsers.base import Facts, Fate, Parsed
from parsers.blocks import JsonError, bare, count, decode, obj, safe_name, seq, text, word
from parsers.fields import EVERY, Watch
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_OPEN_CALLS = 1_000
"""Calls remembered until their result comes. Beyond it the oldest is forgotten: its result then names no tool."""
MAX_HELD = 8
"""Texts held at once. More than one is held only while turns overlap, or for a message in several blocks."""
MAX_ID = 512
"""Characters of an id worth remembering; a longer one is not of this world and is not paired."""

BLANK = Parsed(Fate.NOISE, "blank")


def parsed(
    name: str,
    steps: Sequence[Step] = (),
    *,
    fate: Fate = Fate.META,
    facts: Facts | None = None,
    reason: str = "",
) -> Parsed:
    """A `Parsed` with the fate `fate`, but STEPS where there are steps and never NOISE where there are facts."""
    if facts is not None and fate is Fate.NOISE:
        fate = Fate.META
    return Parsed(Fate.STEPS if steps else fate, name, steps, reason, facts)


def noise(name: str) -> Parsed:
    """A line that is known and carries nothing worth keeping."""
    return Parsed(Fate.NOISE, name)


def unknown(name: str, reason: str, steps: Sequence[Step] = ()) -> Parsed:
    """A line whose type this version does not know; `name` must be safe already."""
    return parsed(name, steps, fate=Fate.UNKNOWN, reason=reason)


def malformed(name: str, reason: str) -> Parsed:
    """A line of a known type whose shape carries nothing we can take."""
    return Parsed(Fate.MALFORMED, name, (), reason)


class Call(NamedTuple):
    """What is remembered of a call until its result comes."""

    tool: str | None
    parent_id: str | None = None
    mark: str = ""
    """Of the dialect: "running" while a first, partial answer is in."""


class OpenCalls:
    """Calls that wait for their result, by id, oldest first. An id used again replaces the call before it."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._calls)

    def remember(self, call_id: str | None, call: Call) -> None:
        """Remember `call`; an older one of the same id is gone."""
        if not call_id or len(call_id) > MAX_ID:
            return
        self.forgotten += self._calls.pop(call_id, None) is not None
        self._calls[call_id] = call
        if len(self._calls) > MAX_OPEN_CALLS:
            del self._calls[next(iter(self._calls))]
            self.forgotten += 1

    def get(self, call_id: str | None) -> Call | None:
        """The open call of this id."""
        return self._calls.get(call_id) if call_id else None

    def close(self, call_id: str | None) -> Call | None:
        """The call of this id, which is open no longer."""
        return self._calls.pop(call_id, None) if call_id else None

    def clear(self) -> int:
        """Forget all; the number that were open."""
        number = len(self._calls) + self.forgotten
        self._calls.clear()
        self.forgotten = 0
        return number

    def state(self) -> JsonObject:
        """Ids, tool names and marks, as plain JSON."""
        return {"calls": [[key, *call] for key, call in self._calls.items()], "forgotten": self.forgotten}

    def restore(self, state: JsonObject) -> None:
        """Become what answered `state`."""
        self._calls = {}
        self.forgotten = count(state.get("forgotten"))
        for row in seq(state.get("calls")):
            if isinstance(row, list) and len(row) == 4:
                self._calls[text(row[0])] = Call(word(row[1]), word(row[2]), text(row[3]))


class Held:
    """Texts that may turn out to be the final answer, oldest first. They wait as narration (THOUGHT, "message")."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def __bool__(self) -> bool:
        return bool(self._steps)

    def hold(self, step: Step) -> list[Step]:
        """Hold `step`; what no longer fits comes out as narration."""
        self._steps.append(step)
        return [self._steps.pop(0)] if len(self._steps) > MAX_HELD else []

    def release(self) -> list[Step]:
        """All of them, as narration: something else followed."""
        steps, self._steps = self._steps, []
        return steps

    def resolve(self, answer: str | None = None) -> list[Step]:
        """The turn ended well. Its answer, or the last text if None, as a RESOLUTION, exactly once.

        Texts before it come out as narration, texts after it (of a turn that overlaps) stay held. An answer that is
        none of them comes out on its own, after all of them.
        """
        index = len(self._steps) - 1 if answer is None else self._find(answer)
        if index < 0:
            steps = self.release()
            return [*steps, Step(StepType.RESOLUTION, answer)] if answer else steps
        steps, self._steps = self._steps[: index + 1], self._steps[index + 1 :]
        as_resolution(steps[-1])
        return steps

    def drop(self, content: str) -> bool:
        """Forget a text equal to `content`; whether there was one."""
        index = self._find(content)
        if index >= 0:
            del self._steps[index]
        return index >= 0

    def replace_last(self, content: str) -> None:
        """The newest text was written again: the last one counts."""
        self._steps[-1].content = content

    def contents(self) -> list[str]:
        """The texts, oldest first."""
        return [step.content for step in self._steps]

    def _find(self, answer: str) -> int:
        """The newest text that says this: a turn may say it twice, and its answer is the last."""
        for index in reversed(range(len(self._steps))):
            if self._steps[index].content == answer:
                return index
        for index in reversed(range(len(self._steps))):
            if self._steps[index].content.strip() == answer.strip():
                return index
        return -1


def as_resolution(step: Step) -> Step:
    """Turn narration into the final answer it proved to be."""
    step.type = StepType.RESOLUTION
    step.channel = None
    return step


class LineParser:
    """One JSON object per line, told apart by one member. Subclasses give `kind_of` and `handlers`."""

    provider: ClassVar[str]
    dialect: ClassVar[str]
    handlers: ClassVar[Mapping[str, Callable[[Any, JsonObject], Parsed]]]
    known: ClassVar[Mapping[str, Fate]] = {}
    """Types that need no handler: only a name and a fate."""
    known_families: ClassVar[tuple[str, ...]] = ()
    """Beginnings of type names whose members are all META."""
    label: ClassVar[str] = ""
    """Of its part of the table of fields, "" where there is none."""
    untyped: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What a line without a type is called in that table, by a member it has."""

    def __init__(self) -> None:
        self.watch = Watch(self.label, self.untyped)
        self.familiar = self.watch.familiar
        self.calls = OpenCalls()
        self.held = Held()
        self.session = ""

    def feed(self, line: bytes) -> Parsed:
        r"""Take one line without its ``\n``. Never raises on any bytes."""
        try:
            value = fast_loads(line)
        except JSONDecodeError:
            return self._feed_slowly(line)
        if type(value) is not dict:
            return malformed("malformed", "not_an_object")
        result = self.take(value)
        if result.name in self.familiar and len(line) & EVERY:
            return result
        return self.watch.look(value, result)

    def _feed_slowly(self, line: bytes) -> Parsed:
        """A line that is not the JSON it should be, or no JSON at all."""
        try:
            value, note = decode(line)
        except JsonError as error:
            if not bare(line).strip():
                return BLANK
            return malformed("malformed", error.reason)
        if type(value) is not dict:
            return malformed("malformed", "not_an_object")
        result = self.watch.look(value, self.take(value))
        if note and not result.reason:
            result.reason = note
        return result

    def take(self, value: JsonObject) -> Parsed:
        """The fate of one object."""
        kind = value.get("type")
        if type(kind) is not str:
            return malformed("malformed", "no_type")
        handler = self.handlers.get(kind)
        if handler is not None:
            return handler(self, value)
        fate = self.known.get(kind)
        if fate is not None:
            return Parsed(fate, kind)
        if kind.startswith(self.known_families):
            return Parsed(Fate.META, safe_name(kind))
        return unknown(safe_name(kind), "type")

    def finish(self) -> Parsed:
        """The stream is over: flush what is held, say how many calls were never answered."""
        steps = self.flush()
        open_calls = self.calls.clear()
        return parsed("end", steps, facts=Facts(unanswered_calls=open_calls) if open_calls else None)

    def flush(self) -> list[Step]:
        """What is held, without any sign that it was final: narration."""
        return self.held.release()

    def holding(self) -> bool:
        """Whether text is held that no later line need repeat."""
        return bool(self.held)

    def snapshot(self) -> JsonObject | None:
        """State as plain JSON, or None while text is held."""
        if self.holding():
            return None
        return {"v": 1, "session": self.session, **self.calls.state(), **self.extra_state()}

    def restore(self, state: JsonObject) -> None:
        """Become the parser that answered `state` to `snapshot`."""
        self.session = text(state.get("session"))
        self.calls.restore(state)
        self.restore_extra(state)

    def extra_state(self) -> JsonObject:
        """What the dialect itself remembers: ids, names and numbers."""
        return {}

    def restore_extra(self, state: JsonObject) -> None:
        """The way back of `extra_state`."""
        obj(state)

    def session_facts(self, session: object, facts: Facts | None = None) -> Facts | None:
        """`facts` with the session id added where it is new."""
        if type(session) is str and session and session != self.session and len(session) <= MAX_ID:
            self.session = session
            facts = facts or Facts()
            facts.session_id = session
        return facts
