"""One agent run as Central Command will see it: lines in, numbered steps and sealed envelopes out.

Owns: `CaptureSession`: parse, classify, scrub, number, encode, maybe seal; and the state to go on after a kill.
Never: reads, writes, waits, knows a clock or makes an id; never keeps unscrubbed text.
Invariant: steps and envelopes depend only on the lines, their arrival times and the ids handed out, not on how often
the session was stopped and a new one made from its `snapshot()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from parsers.base import Fate
from parsers.step import StepType
from sidecar.capture.calls import storable
from sidecar.capture.chunking import Buffer, CaptureOptions
from sidecar.capture.classifier import Classifier
from sidecar.capture.cutting import cut_output
from sidecar.capture.framing import Ending
from sidecar.capture.outcome import Outcome
from sidecar.redaction import place
from sidecar.wire import limits
from sidecar.wire.canonical import parse_js, utf16_length
from sidecar.wire.cut import flat
from sidecar.wire.envelope import Numbered, encode_step, seal_chunk, seal_close

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from parsers.base import Facts, Parsed, Parser
    from parsers.step import JsonObject, Step
    from sidecar.redaction import Found
    from sidecar.wire.envelope import Identity, Scrubbed, Sealed

__all__ = ["CaptureOptions", "CaptureSession", "Ending", "Received"]

STATE_VERSION = 1
UNKNOWN = "unknown"
"""Stands for a model or provider nobody named: the wire wants a word, and it must not be a false one."""
MAX_LINE_STEPS = 1_000
"""Steps of one line that are kept; the rest is counted. A session can only be rolled over between lines."""
SPARE_CHUNKS = 40
SPARE_STEPS = 2_000
"""A session is full before the wire's caps: the last line may hold MAX_LINE_STEPS steps of 64 MiB in all, and the
next one's, before it is noticed."""


@dataclass(slots=True)
class Received:
    """What one line (or tick, or end) came to. `name` and `reason` are the parser's, safe to show."""

    fate: Fate
    name: str
    reason: str = ""
    steps: list[Numbered] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    dropped: int = 0
    """Steps beyond MAX_LINE_STEPS of this line that were let go."""
    drift: Sequence[str] = ()
    """What is not as the line's type was ever seen, by name; made of the parser's own words and a field's name."""


class CaptureSession:
    """The state machine of one session.

    `scrub` makes a step storable, `scrub_json` does so for a fact that goes into an envelope; `redactions` answers the
    scrubber's running counts by category (what a call of `scrub` adds is this session's), `found` what it replaced in
    its last step, for the redaction ledger; `new_id` makes envelope ids.
    `state` is what `snapshot` (the same session goes on) or `carry` (the same conversation in a new one) answered; the
    parser is restored by whoever owns the checkpoint.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        parser: Parser,
        scrub: Callable[[Step], Scrubbed],
        scrub_json: Callable[[Any], Any],
        new_id: Callable[[], str],
        redactions: Callable[[], Mapping[str, int]] = dict,
        found: Callable[[], Sequence[Found]] = tuple,
        options: CaptureOptions | None = None,
        state: JsonObject | None = None,
    ) -> None:
        self.parser = parser
        self._identity = identity
        self._scrub = scrub
        self._scrub_json = scrub_json
        self._new_id = new_id
        self._redactions = redactions
        self._found = found
        self._options = options or CaptureOptions()
        self._number = 0
        self._chunks = 0
        self._cli_version: str | None = None
        self._buffer = Buffer(self._options)
        self._classifier = Classifier()
        self._outcome = Outcome()
        if state is not None:
            self._restore(state)

    @property
    def identity(self) -> Identity:
        """Who acts, as far as the lines have told."""
        provider = self._identity.provider or self.parser.provider
        return self._identity if provider == self._identity.provider else replace(self._identity, provider=provider)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called at the latest; None while nothing is buffered."""
        return self._buffer.deadline

    @property
    def full(self) -> bool:
        """The wire takes few more chunks or steps: finish with `Ending(continued=True)` and go on in a new session."""
        return (
            self._chunks >= limits.MAX_CHUNKS_PER_SESSION - SPARE_CHUNKS
            or self._number >= limits.MAX_STEP_NUMBER - SPARE_STEPS
        )

    @property
    def cli_version(self) -> str | None:
        """The version of the CLI that writes this, as far as its lines have told; scrubbed."""
        return self._cli_version

    @property
    def steps(self) -> int:
        """How many steps were numbered so far."""
        return self._number

    def receive(self, line: bytes, now: float) -> Received:
        r"""Take one line without its ``\n`` that arrived at `now` (unix seconds)."""
        return self._take(self.parser.feed(line), now)

    def oversize(self, n: int, now: float) -> Received:
        """A line of `n` bytes was too long to be held."""
        self._outcome.line(Fate.OVERSIZE)
        received = Received(Fate.OVERSIZE, "oversize", f"over_{_magnitude(n)}")
        self._seal_if_due(now, received)
        return received

    def lost(self, n: int) -> None:
        """`n` bytes of this run were never kept (a full disk): its outcome says so."""
        self._outcome.lost(n)

    def refused(self) -> Received:
        """A line that cannot be taken (it made the program fail): it is a line all the same."""
        self._outcome.line(Fate.MALFORMED)
        return Received(Fate.MALFORMED, "refused", "internal_error")

    def replay(self, line: bytes) -> None:
        """Show the parser a line whose steps are journaled already, so that it holds again what it held."""
        self.parser.feed(line)

    def tick(self, now: float) -> Received:
        """Seal what is buffered if its time is over."""
        received = Received(Fate.META, "tick")
        self._seal_if_due(now, received)
        return received

    def flush(self, now: float) -> Received:
        """Seal what is buffered, whatever its age."""
        received = Received(Fate.META, "flush")
        self._buffer.due(now)
        self._seal(received)
        return received

    def finish(self, now: float, *, ending: Ending) -> Received:
        """The session is over: flush the parser, seal the rest, close. A session without a step has no envelope at all.

        With `ending.continued` the parser is left alone: what it holds belongs to the next session.
        """
        if ending.continued:
            received = Received(Fate.META, "continued")
            self._seal_if_due(now, received)
        else:
            received = self._take(self.parser.finish(), now)
        self._seal(received)
        if self._number:
            outcome = self._outcome.close(
                ending,
                number=self._number,
                chunks=self._chunks,
                unanswered=self._classifier.calls.unanswered,
                interrupted=self._classifier.interrupted,
                role=self._identity.agent_role,
            )
            received.sealed.append(seal_close(self._named(), envelope_id=self._new_id(), outcome=outcome))
        return received

    def snapshot(self) -> JsonObject:
        """All that is needed to go on after this line, but for the parser: plain JSON, every text in it scrubbed."""
        return {
            "v": STATE_VERSION,
            "number": self._number,
            "chunks": self._chunks,
            "provider": self.identity.provider,
            "model": self._identity.model,
            "agent_id": self._identity.agent_id,
            "role": self._identity.agent_role,
            "dialect": self.parser.dialect,
            "cli_version": self._cli_version,
            "buffer": self._buffer.snapshot(),
            "classifier": self._classifier.snapshot(),
            "outcome": self._outcome.snapshot(),
        }

    def carry(self) -> JsonObject:
        """The `state` of a new session in which this conversation goes on: its memory, not its numbers."""
        return {
            "v": STATE_VERSION,
            "provider": self.identity.provider,
            "model": self._identity.model,
            "agent_id": self._identity.agent_id,
            "cli_version": self._cli_version,
            "classifier": self._classifier.snapshot(),
        }

    def _restore(self, state: JsonObject) -> None:
        self._identity = replace(
            self._identity, provider=state["provider"], model=state["model"], agent_id=state["agent_id"]
        )
        self._cli_version = state["cli_version"]
        self._classifier.restore(state["classifier"])
        if "outcome" in state:
            self._number = state["number"]
            self._chunks = state["chunks"]
            self._buffer.restore(state["buffer"])
            self._outcome.restore(state["outcome"])

    def _take(self, parsed: Parsed, now: float) -> Received:
        received = Received(parsed.fate, parsed.name, parsed.reason, drift=parsed.drift)
        self._seal_if_due(now, received)
        self._outcome.line(parsed.fate)
        if parsed.facts is not None:
            self._learn(parsed.facts)
        if parsed.steps:
            self._add_all(parsed.steps, now, received)
        if parsed.facts is not None:
            self._outcome.facts(parsed.facts)
            if parsed.facts.turn_ended is not None:
                self._classifier.turn_ended()
        return received

    def _learn(self, facts: Facts) -> None:
        if facts.model and facts.model != self._identity.model:
            self._identity = replace(self._identity, model=storable(str(self._scrub_json(facts.model))))
        if facts.cli_version and facts.cli_version != self._cli_version:
            self._cli_version = storable(str(self._scrub_json(facts.cli_version)))
        if facts.session_id and not self._identity.agent_id:
            # Nobody gave this agent a name: the id its CLI gave the conversation is the one that lasts.
            self._identity = replace(self._identity, agent_id=storable(str(self._scrub_json(facts.session_id))))

    def _add_all(self, steps: Sequence[Step], now: float, received: Received) -> None:
        for step in steps[:MAX_LINE_STEPS]:
            self._classifier.label(step)
            self._add(step, now, received)
        received.dropped = max(0, len(steps) - MAX_LINE_STEPS)

    def _add(self, raw: Step, now: float, received: Received) -> None:
        """Scrub a labelled step, cut it, number it, encode it, and seal around it where the chunk rule says so."""
        before = dict(self._redactions())
        step = self._scrub(_flattened(raw))
        found = self._found()
        after = self._redactions()
        replaced = {
            category: n - before.get(category, 0) for category, n in after.items() if n != before.get(category, 0)
        }
        if step.type is StepType.OBSERVATION or step.type is StepType.ERROR:
            _cut(step)
        number = self._number + 1
        call = self._classifier.note(step, number)
        body = encode_step(number, step, now, vocabulary=self._options.vocabulary)
        if not self._buffer.has_room(len(body)):
            self._seal(received)
        self._number = number
        numbered = Numbered(number, step, body, place(found, parse_js(body)) if found else ())
        full = self._buffer.add(len(body), now)
        self._buffer.redacted(replaced)
        self._outcome.step(numbered, call, now, replaced)
        received.steps.append(numbered)
        if full:
            self._seal(received)

    def _seal_if_due(self, now: float, received: Received) -> None:
        if self._buffer.due(now):
            self._seal(received)

    def _seal(self, received: Received) -> None:
        """Close the buffered range, if there is one."""
        buffer = self._buffer
        if not buffer.count:
            return
        extra: JsonObject = {**self._outcome.metadata(self._number), "dialect": self.parser.dialect}
        if self._cli_version is not None:
            extra["cli_version"] = self._cli_version
        if buffer.redactions:
            extra["redactions"] = dict(buffer.redactions)
        sealed = seal_chunk(
            self._named(),
            envelope_id=self._new_id(),
            chunk_sequence=self._chunks,
            first_step=buffer.first,
            last_step=buffer.first + buffer.count - 1,
            extra=extra,
        )
        received.sealed.append(sealed)
        self._chunks += 1
        buffer.clear()

    def _named(self) -> Identity:
        identity = self.identity
        return replace(
            identity,
            model=identity.model or UNKNOWN,
            provider=identity.provider or UNKNOWN,
            agent_id=identity.agent_id or UNKNOWN,
        )


def _flattened(step: Step) -> Step:
    """The step with nothing nested deeper than the wire takes: beyond that every walk over it would be at risk."""
    for name in ("arguments", "extra", "changes"):
        value = getattr(step, name)
        members = value.values() if isinstance(value, dict) else value or ()
        if any(isinstance(member, dict | list) for member in members):
            value, cut = flat(value)
            if cut:
                setattr(step, name, value)
                step.truncated = True
    return step


def _cut(step: Scrubbed) -> None:
    """Cut the output of a tool after it was scrubbed; what the provider had cut already keeps its original length."""
    cut = cut_output(step.content, failed=step.type is StepType.ERROR)
    if cut.truncated:
        if step.original_length is None:
            step.original_length = utf16_length(step.content)
        step.content = cut.text
        step.truncated = True


def _magnitude(n: int) -> str:
    """A size in a fixed, small vocabulary ("64MiB", "128MiB", …), since reasons must not grow without bound."""
    size = 1
    while size * 2 <= n >> 20:
        size *= 2
    return f"{size}MiB"
