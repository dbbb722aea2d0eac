"""Gemini CLI's chat files (`~/.gemini/tmp/<project>/chats/**/*.jsonl`): records to merge, not events.

Owns: `GeminiChat`: which record of a message makes which of its steps.
Never: makes a step again when its message is written again or the whole history is rewritten.
Invariant: a message's thoughts come out at its first record, its calls and results when a record first has them, its
text when the next message shows whether it was the answer. What came out is known by checksum of its id (of its words,
where a rewritten history gives them a new id), so the same file gives the same steps wherever reading was resumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from parsers import edits
from parsers.base import Facts, Fate, Parsed
from parsers.blocks import content_text, count, obj, parse_time, safe_name, seq, text, word
from parsers.dialect import Call, LineParser, malformed, noise, parsed, unknown
from parsers.gemini import DELEGATES
from parsers.gemini_results import PENDING, observe, response_step
from parsers.gemini_words import RECORD_ID, batches, both, has_calls, mark, plain, thoughts
from parsers.step import JsonObject, Step, StepType, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_SEEN = 4_096
"""Checksums remembered. A history longer than this may come out again, in part, when it is rewritten."""
MAX_TOLD = 64
"""Messages whose late parts are taken: the CLI changes the last one, or one of a batch that runs."""
_CONTEXT = ("<session_context>", "<environment_context>", "This is the Gemini CLI. We are setting up the context")
_SNAPSHOT = "<state_snapshot>"
"""What a compressed history begins with; the CLI then lets the model thank for it."""
_THANKS = frozenset({"Got it. Thanks for the additional context!", "Got it. Thanks for the context!"})
_RESULTS = "[Function Response: "
"""Results once more, as older versions put them into words."""
_REFERENCED = "\n--- Content from referenced files ---\n"
"""What older versions add to the user's own words."""
_CLI_WORDS = ("System: ", "You have stopped calling tools", "[System]", "Please continue.")


class GeminiChat(LineParser):
    """The transcript dialect."""

    provider = "gemini"
    dialect = "transcript"
    label = "gemini/transcript"
    untyped = (("$set", "$set"), ("$rewindTo", "$rewindTo"), ("sessionId", "header"))

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[int, None] = {}
        self.side = False
        """A sub-agent's file."""
        self.prompted = False
        self.model = ""
        self.current = 0
        """Checksum of the last model message's id."""
        self.told: dict[int, list[int]] = {}
        """By such checksum, of the last ones: how many thoughts came out, whether its text and its tokens did."""
        self.again = False
        """Whether the message whose text is held is read once more after a restart, as of a document."""
        self.known_elsewhere: Callable[[str], bool] | None = None
        """Whether another file gave the message of this id: a newer CLI copies an older one's document into lines."""
        self.cut_off = False
        """It is known from elsewhere that the last run did not end: its last text is no answer."""

    def take(self, value: JsonObject) -> Parsed:
        """The fate of one record."""
        if "$set" in value:
            return self._set(obj(value["$set"]))
        if "$rewindTo" in value:
            return parsed("$rewindTo", self.held.release())
        kind = value.get("type")
        if type(kind) is not str:
            return self._header(value) if "sessionId" in value else malformed("malformed", "no_type")
        handler = self.handlers.get(kind)
        if handler is not None:
            return noise(f"{kind}/copy") if self._copied(value) else handler(self, value)
        return unknown(safe_name(kind), "type")

    def _copied(self, value: JsonObject) -> bool:
        """Whether another file gave this message; what it adds later still counts."""
        name = text(value.get("id"))
        if self.known_elsewhere is None or self._is_seen(value) or not RECORD_ID.fullmatch(name):
            return False
        if not self.known_elsewhere(name):
            return False
        self._know(value, plain(value.get("content")))
        self._calls(value, live=True)
        return True

    def _header(self, value: JsonObject) -> Parsed:
        """A run begins, or begins again: the text before it was the answer of the run before."""
        self.side = value.get("kind") == "subagent"
        steps = self._positional()
        facts = self.session_facts(value.get("sessionId"))
        odd = False
        for message in seq(value.get("messages")):
            handler = self.handlers.get(text(obj(message).get("type")))
            odd = odd or handler is None
            if handler is not None:
                answer = handler(self, obj(message))
                steps += answer.steps
                facts = both(facts, answer.facts)
        result = unknown("header/message", "type", steps) if odd else parsed("header", steps)
        result.facts = facts
        return result

    def _set(self, change: JsonObject) -> Parsed:
        facts = self.session_facts(change.get("sessionId"))
        if not isinstance(change.get("messages"), list):
            return parsed("$set", fate=Fate.META if facts else Fate.NOISE, facts=facts)
        steps: list[Step] = []
        for entry in change["messages"]:
            message = obj(entry)
            if plain(message.get("content")).startswith(_SNAPSHOT) and not self._is_seen(message):
                facts = facts or Facts()
                facts.compacted = True
            steps += self._rewritten(message)
        return parsed("$set/messages", steps, facts=facts)

    def _rewritten(self, message: JsonObject) -> list[Step]:
        """A message of a rewritten history: only what never came out before."""
        kind = text(message.get("type"))
        content = plain(message.get("content"))
        if self._is_seen(message) or (content and self._known("t", content)):
            self._know(message, content)
            calls = self._calls(message, live=False)
            return [*self.held.release(), *calls] if calls else []
        if kind == "user" and "-" not in text(message.get("id")):
            self._know(message, content)
            results = self._responses(message)
            return [*self.held.release(), *results] if results else []
        if kind == "gemini" and content not in _THANKS:
            return self._model_steps(message, live=False)[0]
        return self._user_steps(message)[1] if kind == "user" else []

    def _is_seen(self, message: JsonObject) -> bool:
        return self._known("m", text(message.get("id")))

    def _known(self, kind: str, words: str) -> bool:
        return bool(words) and mark(kind, words) in self.seen

    def _know(self, message: JsonObject, content: str) -> None:
        self._remember("m", text(message.get("id")))
        self._remember("t", content)

    def _remember(self, kind: str, words: str | None) -> None:
        if words:
            this = mark(kind, words)
            self.seen.pop(this, None)
            self.seen[this] = None
            if len(self.seen) > MAX_SEEN:
                del self.seen[next(iter(self.seen))]

    def user(self, value: JsonObject) -> Parsed:
        """A prompt, context the CLI put in, or the results of calls once more."""
        if self._is_seen(value):
            return noise("user/copy")
        name, steps = self._user_steps(value)
        return parsed(name, steps, fate=Fate.NOISE)

    def _user_steps(self, value: JsonObject) -> tuple[str, list[Step]]:
        parts = seq(value.get("content"))
        content = plain(value.get("content"))
        self._know(value, content)
        shown = plain(value.get("displayContent"))
        if shown and content.startswith(shown):
            content = shown  # the user's own words: files and hooks' words were added to what was sent
        if any("functionResponse" in obj(part) for part in parts):
            steps = self._responses(value)
            return "user/functionResponse", [*self.held.release(), *steps] if steps else []
        content = content.partition(_REFERENCED)[0]
        if not content or content.startswith((*_CONTEXT, _SNAPSHOT, _RESULTS)):
            return "user/context", []
        step = Step(StepType.INSTRUCTION, content, parse_time(value.get("timestamp")), origin="user")
        if self.side:
            step.origin = "cli" if self.prompted else "subagent_prompt"
        elif content.startswith(_CLI_WORDS):
            step.origin = "cli"
        self.prompted = True
        before = self.held.release() if step.origin == "cli" else self._positional()
        return f"user/{step.origin if step.origin != 'user' else 'text'}", [*before, step]

    def _responses(self, value: JsonObject) -> list[Step]:
        """Results that no model message carried: the call was cut off, or its record is elsewhere."""
        steps: list[Step] = []
        for part in seq(value.get("content")):
            response = obj(obj(part).get("functionResponse"))
            call_id = word(response.get("id"))
            if not response or self._known("r", text(call_id)):
                continue
            call = self.calls.close(call_id)
            tool = call.tool if call else word(response.get("name"))
            step = response_step(obj(response.get("response")), tool, call_id)
            step.timestamp = parse_time(value.get("timestamp"))
            steps.append(step)
            self._remember("r", call_id)
        return steps

    def gemini(self, value: JsonObject) -> Parsed:
        """What the model said, thought and called. Written once without its calls and again with them."""
        steps, facts = self._model_steps(value)
        called = bool(value.get("toolCalls"))
        name = "gemini/toolCalls" if called else "gemini/text"
        return parsed(
            name,
            steps,
            fate=Fate.STEPS if self.held and not called else Fate.META if facts else Fate.NOISE,
            facts=facts,
        )

    def _model_steps(self, value: JsonObject, *, live: bool = True) -> tuple[list[Step], Facts | None]:
        this = mark("m", text(value.get("id")))
        content = plain(value.get("content"))
        steps: list[Step] = []
        when = parse_time(value.get("timestamp"))
        late = this != self.current and this in self.seen
        if late and this not in self.told:
            return self._calls(value, live=live), None
        if this != self.current and not late:
            steps = self.held.release()
            self.current = this
            self._tell(this)
        told = self.told.setdefault(this, [0, 0, 0])
        facts = self._facts(value, told)
        steps += self._thoughts(value, when, told)
        if content and not told[1]:
            told[1] = 1
            step = Step(StepType.THOUGHT, content, when, channel="message")
            steps += [step] if late else self.held.hold(step)
        elif content and self.held and not late:
            self.held.replace_last(content)
        self._know(value, content)
        calls = self._calls(value, live=live)
        # A message that calls is no answer, whether its calls came out before and whether they are ever answered.
        if not late and (calls or has_calls(value)):
            return [*steps, *self.held.release(), *calls], facts
        return [*steps, *calls], facts

    def _tell(self, this: int) -> None:
        self.told.pop(this, None)
        self.told[this] = [0, 0, 0]
        if len(self.told) > MAX_TOLD:
            del self.told[next(iter(self.told))]

    def _facts(self, value: JsonObject, told: list[int]) -> Facts | None:
        """Model and tokens; both once, though the CLI may add the tokens later."""
        model, tokens = text(value.get("model")), value.get("tokens")
        tokens = None if told[2] else tokens
        if not isinstance(tokens, dict) and (not model or model == self.model):
            return None
        facts = Facts()
        if model and model != self.model:
            self.model = facts.model = model
        if isinstance(tokens, dict):
            told[2] = 1
            cached = count(tokens.get("cached"))
            facts.usage = Usage(
                "turn",
                max(0, count(tokens.get("input")) - cached),
                count(tokens.get("output")),
                cached,
                reasoning_tokens=count(tokens.get("thoughts")),
            )
        return facts

    def _thoughts(self, value: JsonObject, when: float | None, told: list[int]) -> list[Step]:
        """Thoughts that did not come out yet."""
        found = thoughts(value)
        fresh = found[told[0] :]
        told[0] = max(told[0], len(found))
        return [Step(StepType.THOUGHT, words, at or when, channel="reasoning") for words, at in fresh if words]

    def _calls(self, value: JsonObject, *, live: bool) -> list[Step]:
        """Actions not made yet, then results of calls that have ended since: the order stdout has for a batch.

        A model may use a call's id again, in another message; `live` is False in a rewritten history, where messages
        get new ids.
        """
        steps: list[Step] = []
        when = parse_time(value.get("timestamp"))
        message = text(value.get("id")) if live else ""
        for batch in batches(value):
            results: list[Step] = []
            for call in batch:
                tool, call_id = word(call.get("name")), word(call.get("id"))
                steps += self._action(tool, call_id, call.get("args"), when, message)
                if text(call.get("status")) in PENDING or self._done("r", message, call_id):
                    continue
                self.calls.close(call_id)
                results.append(observe(call, tool))
            steps += results
            when = max([when or 0.0, *(step.timestamp or 0.0 for step in results)]) or None
        for part in seq(value.get("content")):
            function = obj(obj(part).get("functionCall"))
            if function:
                tool, call_id = word(function.get("name")), word(function.get("id"))
                steps += self._action(tool, call_id, function.get("args"), when, message)
        return steps

    def _done(self, kind: str, message: str, call_id: str | None) -> bool:
        """Whether this came out before, which from now on it has: of this message, or of any if `message` is ""."""
        if not call_id:
            return False
        mine = f"{message}/{call_id}" if message else call_id
        known = self._known(kind, mine)
        self._remember(kind, mine)
        self._remember(kind, call_id)
        return known

    def _action(
        self, tool: str | None, call_id: str | None, arguments: object, when: float | None, message: str
    ) -> list[Step]:
        if self._done("c", message, call_id):
            return []
        step = Step(StepType.DELEGATE if tool in DELEGATES else StepType.ACTION, "", when, tool=tool, call_id=call_id)
        step.arguments = arguments if isinstance(arguments, dict) else {"input": arguments}
        if tool in edits.EDIT_TOOLS:
            step.changes = edits.from_arguments(tool, step.arguments)
        self.calls.remember(call_id, Call(tool))
        return [step]

    def error(self, value: JsonObject) -> Parsed:
        """An error the CLI showed."""
        content, _ = content_text(value.get("content"))
        if self._is_seen(value):
            return noise("error/copy")
        self._know(value, "")
        step = Step(
            StepType.ERROR, content or "error", parse_time(value.get("timestamp")), is_error=True, evidence="error"
        )
        return parsed("error", [*self.held.release(), step], facts=Facts(turn_ended="error", error=step.content))

    def info(self, value: JsonObject) -> Parsed:
        """A notice the CLI showed."""
        return parsed(text(value["type"]))

    def _positional(self, evidence: str = "position") -> list[Step]:
        """Held text that a human, or nothing, followed was the answer; a sub-agent's answer goes by its last call."""
        if self.side:
            return self.held.release()
        steps = self.held.resolve()
        if steps:
            steps[-1].evidence = evidence
        return steps

    def flush(self) -> list[Step]:
        """The last text of the file: the answer, unless it is known that the run was cut off."""
        return self.held.release() if self.cut_off else self._positional("end_of_file")

    def holding(self) -> bool:
        """As of every dialect; but what is read again need not be kept."""
        return bool(self.held) and not self.again

    def extra_state(self) -> JsonObject:
        """Checksums, numbers and flags."""
        return {
            "seen": list(self.seen),
            "side": self.side,
            "prompted": self.prompted,
            "model": self.model,
            "current": self.current,
            "told": [
                [this, told[0], 0 if self.held and this == self.current else told[1], told[2]]
                for this, told in self.told.items()
            ],
        }

    def restore_extra(self, state: JsonObject) -> None:
        """The way back of `extra_state`."""
        self.seen = dict.fromkeys(count(mark) for mark in seq(state.get("seen")))
        self.side, self.prompted = state.get("side") is True, state.get("prompted") is True
        self.model, self.current = text(state.get("model")), count(state.get("current"))
        rows = [[count(number) for number in seq(row)] for row in seq(state.get("told"))]
        self.told = {row[0]: row[1:] for row in rows if len(row) == 4}

    handlers: ClassVar[Mapping[str, Callable[[GeminiChat, JsonObject], Parsed]]] = {
        "user": user,
        "gemini": gemini,
        "error": error,
        "info": info,
        "warning": info,
    }
