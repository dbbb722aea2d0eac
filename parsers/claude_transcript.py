"""Claude Code's transcripts (`~/.claude/projects/**/*.jsonl`, sub-agent files included).

Owns: `ClaudeTranscript`: every stored line type, seen or only declared, with its fate.
Never: makes a step of a record it has seen before (records are known by `uuid`), or sums repeated usage.
Invariant: the state between two lines is ids, names and numbers; only a text that no call followed in its message is
held, until the next line shows whether it was the answer (a stop hook, a cut stream, a second block say it was not).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from zlib import crc32

from parsers.base import Facts, Fate, Parsed
from parsers.blocks import as_text, content_text, count, dump, obj, parse_time, real, safe_name, seq, text, word
from parsers.claude_messages import QUIET, ClaudeMessages, Origin, blocks_of, who
from parsers.claude_queue import QUEUE_FULL, Queue
from parsers.claude_side import SideChains
from parsers.claude_system import ATTACHMENTS, LINES, STORED
from parsers.dialect import malformed, noise, parsed, unknown
from parsers.step import JsonObject, Step, StepType, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SYNTHETIC = "<synthetic>"
MAX_RECENT = 256
"""Record uuids remembered within one file, by their first characters: a history is copied right before it goes on."""
UUID_HEAD = 13
MAX_EARLY = 8
"""Results held that were stored before their calls: a tool may be done before its message is written."""
MAX_EARLY_TEXT = 200_000
"""Characters of such a result; a longer one is not held."""
EARLY_FOR = 24
"""Records after which such a result is given without its call."""
MAX_COUNTED = 32
"""Messages whose usage is remembered as counted."""
_FINAL = frozenset({"end_turn", "stop_sequence", "refusal"})


class ClaudeTranscript(ClaudeMessages):
    """The transcript dialect.

    `known(uuid)` answers whether another file already gave this record, and remembers it: `--fork-session` copies the
    whole history, uuids included, into a new file. `parent_id` is the call that started the sub-agent of this file
    (its `.meta.json` names it; the lines do not).
    """

    dialect = "transcript"
    label = "claude/transcript"

    def __init__(self, known: Callable[[str], bool] | None = None, parent_id: str | None = None) -> None:
        super().__init__()
        self.known_elsewhere = known
        self.parent_id = parent_id
        self.recent: dict[str, None] = {}
        self.model = ""
        self.version = ""
        self.cwd = 0
        """Checksum of the folder last named: enough to see a change, and nothing to read."""
        self.message = ""
        """Id of the API message whose usage is not counted yet: its blocks repeat it, the last one is right."""
        self.usage: Usage | None = None
        self.counted: dict[str, None] = {}
        self.stopped = False
        """The held text's message had a final stop reason, and nothing since made the agent go on."""
        self.structured: Step | None = None
        """A structured answer: final, but its call's result is still to come."""
        self.queued = Queue()
        self.chains = SideChains()
        self.early: list[JsonObject] = []
        """Records of results whose calls are still to come."""
        self.early_for = 0

    def take(self, value: JsonObject) -> Parsed:
        """The fate of one record; a copy is noise."""
        self.queued.record()
        uuid = value.get("uuid")
        if type(uuid) is str and uuid:
            head = uuid[:UUID_HEAD]
            if head in self.recent:
                return noise("copy")
            self.recent[head] = None
            if len(self.recent) > MAX_RECENT:
                del self.recent[next(iter(self.recent))]
            if self.known_elsewhere is not None and self.known_elsewhere(uuid):
                return noise("copy")
        result = super().take(value)
        return self._with_early(result) if self.early else result

    def _with_early(self, result: Parsed) -> Parsed:
        """`result`, and the results whose calls have come with it, or are no longer waited for."""
        self.early_for -= 1
        given_up = self.early if self.early_for <= 0 else self.early[:-MAX_EARLY]
        due = [record for record in self.early if record in given_up or not self._is_early(record)]
        self.early = [record for record in self.early if record not in due]
        steps = [step for record in due for step in self._results(record).steps]
        if steps:
            result.steps = [*result.steps, *steps]
            result.fate = result.fate if result.fate is Fate.UNKNOWN else Fate.STEPS
        return result

    def _is_early(self, value: JsonObject) -> bool:
        results = [
            obj(block)
            for block in seq(obj(value.get("message")).get("content"))
            if obj(block).get("type") == "tool_result"
        ]
        ids = [word(result.get("tool_use_id")) for result in results]
        if not ids or any(not call_id or self.calls.get(call_id) is not None for call_id in ids):
            return False
        return sum(len(as_text(result.get("content"))) for result in results) <= MAX_EARLY_TEXT

    def _facts(self, value: JsonObject) -> Facts | None:
        """What the envelope tells anew."""
        facts = self.session_facts(value.get("sessionId"))
        version, cwd = text(value.get("version"))[:64], text(value.get("cwd"))
        if version and version != self.version:
            self.version = version
            self.watch.written_by(version)
            facts = facts or Facts()
            facts.cli_version = version
        if cwd and (mark := crc32(cwd.encode(errors="surrogatepass"))) != self.cwd:
            self.cwd = mark
            facts = facts or Facts()
            facts.cwd = cwd
        return facts

    def _origin(self, value: JsonObject, model: str | None = None) -> Origin:
        agent = word(value.get("agentId"))
        extra: JsonObject | None = {"agent_id": agent} if agent else None
        parent = self.parent_id or self.chains.parent(value)
        return Origin(parse_time(value.get("timestamp")), parent, model, extra)

    def assistant(self, value: JsonObject) -> Parsed:
        """One content block of an API message."""
        message = obj(value.get("message"))
        blocks = blocks_of(message)
        if blocks is None:
            return malformed("assistant", "no_content")
        facts = self._facts(value)
        model = text(message.get("model"))
        side = value.get("isSidechain") is True
        if value.get("isApiErrorMessage") is True or model == SYNTHETIC:
            return self._cli_message(value, blocks, facts)
        facts = self._count_usage(message, facts)
        if model and model != self.model and not side:
            self.model = model
            facts = facts or Facts()
            facts.model = model
        origin = self._origin(value, model if model != self.model else None)
        stop = word(message.get("stop_reason"))
        steps: list[Step] = self.held.release()
        if not side:
            steps += self.queued.take()
        names: list[str] = []
        held = False
        for block in blocks:
            if block.get("type") == "text":
                names.append("text")
                made = self._text(text(block.get("text")), origin, stop, side=side)
                held = held or bool(self.held)
                steps += made
                continue
            name, step = self.block_step(block, origin)
            names.append(name)
            if step is not None:
                self.chains.called(step)
                steps += [*self.held.release(), step]
        if held and self.stopped:
            facts = facts or Facts()
            facts.turn_ended = "success"
        name = "assistant/" + (names[0].lstrip("?") if names else "empty")
        if any(name.startswith("?") for name in names):
            result = unknown(name, "block", steps)
            result.facts = facts
            return result
        return parsed(name, steps, fate=Fate.STEPS if held else Fate.META, facts=facts)

    def _text(self, content: str, origin: Origin, stop: str | None, *, side: bool) -> list[Step]:
        """Held, as it may be the answer; narration where a call follows, and in a sub-agent."""
        if not content:
            return []
        step = origin.step(StepType.THOUGHT, content)
        step.channel = "message"
        if side or self.parent_id or stop == "tool_use":
            return [step]
        self.structured = None  # its call holds it as well, and something else is the answer
        self.stopped = stop in _FINAL
        return self.held.hold(step)

    def _cli_message(self, value: JsonObject, blocks: list[JsonObject], facts: Facts | None) -> Parsed:
        content, _ = content_text(blocks)
        if value.get("isApiErrorMessage") is not True:
            return parsed("assistant/synthetic", facts=facts)
        name = safe_name(text(value.get("error")) or "unknown")
        step = self._origin(value).step(StepType.ERROR, content or name)
        step.is_error, step.status, step.evidence = True, name, "api_error"
        if isinstance(value.get("apiErrorStatus"), int):
            step.extra["api_error_status"] = value["apiErrorStatus"]
        facts = facts or Facts()
        facts.turn_ended, facts.error = "error", step.content
        return parsed("assistant/error", [*self.held.release(), step], facts=facts)

    def _count_usage(self, message: JsonObject, facts: Facts | None) -> Facts | None:
        """Usage of the message before, once it is complete."""
        usage = message.get("usage")
        ident = text(message.get("id"))[:128]
        if not isinstance(usage, dict) or not ident:
            return facts
        if ident != self.message:
            facts = self._due_usage(facts)
            if ident in self.counted:
                return facts
            self.message = ident
        self.usage = Usage(
            "turn",
            count(usage.get("input_tokens")),
            count(usage.get("output_tokens")),
            count(usage.get("cache_read_input_tokens")),
            count(usage.get("cache_creation_input_tokens")),
        )
        return facts

    def _due_usage(self, facts: Facts | None) -> Facts | None:
        if self.usage is None:
            return facts
        facts = facts or Facts()
        facts.usage, self.usage = self.usage, None
        self.counted[self.message] = None
        if len(self.counted) > MAX_COUNTED:
            del self.counted[next(iter(self.counted))]
        return facts

    def user(self, value: JsonObject) -> Parsed:
        """A prompt, a tool result, an interrupt, or the CLI's own words."""
        if self._is_early(value):
            self.early.append(value)
            self.early_for = EARLY_FOR
            return parsed("user/tool_result", fate=Fate.STEPS, facts=self._facts(value))
        return self._results(value)

    def _results(self, value: JsonObject) -> Parsed:
        blocks = blocks_of(obj(value.get("message")))
        if blocks is None:
            return malformed("user", "no_content")
        facts = self._facts(value)
        origin = self._origin(value)
        steps, rest = self.take_results(blocks, value.get("toolUseResult"), origin)
        if not steps:
            return self._words(value, blocks, origin, facts)
        said = self._words(value, rest, origin, None).steps if rest else ()
        return parsed("user/tool_result", [*self.held.release(), *steps, *said], facts=facts)

    def _words(self, value: JsonObject, blocks: list[JsonObject], origin: Origin, facts: Facts | None) -> Parsed:
        """What a user message says, results excepted."""
        if value.get("isCompactSummary") is True:
            facts = facts or Facts()
            facts.compacted = True
            return parsed("user/compact_summary", facts=facts)
        content, found = content_text(blocks)
        side = value.get("isSidechain") is True or self.parent_id is not None
        source = who(value, "subagent_prompt" if side else "user")
        if source == "task":
            return parsed("user/task_notification", self._positional(), facts=facts)
        name, steps = self.user_text(content, origin, human=source, cli=value.get("isMeta") is True)
        if name in {"user/meta", "user/hook_feedback"}:  # a stop hook, or a stream that was cut: it goes on
            self.stopped = False
        for step in steps:
            step.extra.update(found)
        if name == "user/interrupt":
            steps = [*self.held.release(), *steps]
        elif steps or name == "user/task_notification":  # both begin a turn
            steps = [*self._positional(), *steps]
        return parsed(name, steps, fate=QUIET.get(name, Fate.META), facts=facts)

    def _positional(self, evidence: str = "position") -> list[Step]:
        """Held text that nothing of the agent followed was its answer; its stop reason may have said so."""
        if self.structured is not None:
            return [*self.held.release(), *self._structured()]
        steps = self.held.resolve()
        if steps and not self.stopped:
            steps[-1].evidence = evidence
        return steps

    def system(self, value: JsonObject) -> Parsed:
        """The CLI about itself; one of its lines ends a turn."""
        subtype = text(value.get("subtype"))
        facts = self._facts(value)
        fate = STORED.get(subtype)
        if fate is None:
            result = unknown(f"system/{safe_name(subtype or 'none')}", "subtype")
            result.facts = facts
            return result
        steps: list[Step] = []
        if subtype == "turn_duration":
            steps = self._positional("turn_end")
        if subtype == "turn_duration":
            facts = facts or Facts()
            facts.turn_ended, facts.duration_ms = "success", real(value.get("durationMs"))
        if subtype in {"compact_boundary", "microcompact_boundary"}:
            facts = facts or Facts()
            facts.compacted = True
        return parsed(f"system/{subtype}", steps, fate=Fate.META if facts else fate, facts=facts)

    def attachment(self, value: JsonObject) -> Parsed:
        """Context the CLI added, and, here only, what the user typed while a tool ran."""
        attached = obj(value.get("attachment"))
        kind = text(attached.get("type"))
        facts = self._facts(value)
        if kind == "structured_output" and "data" in attached:
            steps = [*self.held.release(), *self._structured()]
            self.structured = self._origin(value).step(StepType.RESOLUTION, dump(attached["data"]))
            return parsed("attachment/structured_output", steps, fate=Fate.STEPS, facts=facts)
        if kind != "queued_command":
            fate = ATTACHMENTS.get(kind)
            name = f"attachment/{safe_name(kind or 'none')}"
            if fate is None:
                result = unknown(name, "attachment")
                result.facts = facts
                return result
            return parsed(name, fate=Fate.META if facts else fate, facts=facts)
        content, found = content_text(attached.get("prompt"))
        mode = text(attached.get("commandMode")) or "prompt"
        if mode != "prompt" or not content:
            return parsed(f"attachment/queued_{safe_name(mode)}", facts=facts)
        self.queued.told(content)
        name, steps = self.user_text(content, self._origin(value), human=who(attached, "queued"))
        for step in steps:
            step.extra.update(found)
        return parsed("attachment/queued_command", [*self.held.release(), *steps] if steps else [], facts=facts)

    def _structured(self) -> list[Step]:
        step, self.structured = self.structured, None
        return [step] if step else []

    def holding(self) -> bool:
        """A text, a structured answer or a queued message waits."""
        return bool(self.held or self.queued or self.early) or self.structured is not None

    def closing(self, value: JsonObject) -> Parsed:
        """What is written between turns (and elsewhere): a text held with a final stop reason was the answer."""
        name = text(value["type"])
        steps = self._positional() if self.stopped or self.structured else []
        return parsed(name, steps, fate=LINES[name], facts=self.session_facts(value.get("sessionId")))

    def queue(self, value: JsonObject) -> Parsed:
        """A message was queued, taken or withdrawn."""
        reason = "" if self.queued.operation(value) else QUEUE_FULL
        return parsed("queue-operation", fate=Fate.NOISE, facts=self._facts(value), reason=reason)

    def finish(self) -> Parsed:
        """The end of the file: a held text with nothing after it was the answer; the last message's usage is due."""
        early, self.early = self.early, []
        steps = [step for record in early for step in self._results(record).steps]
        steps += [*self.queued.take(), *self._positional()]
        result = super().finish()
        result.facts = self._due_usage(result.facts)
        return parsed("end", [*steps, *result.steps], facts=result.facts)

    def extra_state(self) -> JsonObject:
        """Ids of records and of counted messages, model, version, folder, and numbers."""
        usage = self.usage
        return {
            "recent": list(self.recent),
            "model": self.model,
            "version": self.version,
            "cwd": self.cwd,
            "message": self.message,
            "usage": [usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens]
            if usage
            else [],
            "counted": list(self.counted),
            "chains": self.chains.state(),
        }

    def restore_extra(self, state: JsonObject) -> None:
        """The way back of `extra_state`."""
        self.recent = dict.fromkeys(text(head) for head in seq(state.get("recent")))
        self.model, self.version = text(state.get("model")), text(state.get("version"))
        self.cwd, self.message = count(state.get("cwd")), text(state.get("message"))
        self.chains.restore(obj(state.get("chains")))
        numbers = [count(number) for number in seq(state.get("usage"))]
        self.usage = Usage("turn", *numbers) if len(numbers) == 4 else None
        self.counted = dict.fromkeys(text(ident) for ident in seq(state.get("counted")))

    handlers: ClassVar[Mapping[str, Callable[[ClaudeTranscript, JsonObject], Parsed]]] = {
        "assistant": assistant,
        "user": user,
        "system": system,
        "attachment": attachment,
        "queue-operation": queue,
        "last-prompt": closing,
        "cost-state": closing,
    }
    known: ClassVar[Mapping[str, Fate]] = LINES
    known_families = ("marble-origami-",)
