"""Claude Code's stdout (`-p --output-format stream-json --verbose`).

Owns: `ClaudeStream`: every line type and subtype of that stream, seen or only declared, with its fate.
Never: counts text twice: deltas give way to the complete line, `result` to the text it repeats.
Invariant: one turn's final text is one RESOLUTION; a failed turn is one ERROR.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from zlib import crc32

from parsers.base import Facts, Fate, Parsed
from parsers.blocks import content_text, count, obj, parse_time, real, safe_name, seq, text, word
from parsers.claude_messages import QUIET, ClaudeMessages, Origin, blocks_of, who
from parsers.claude_partial import Partials
from parsers.claude_system import SUBTYPES
from parsers.dialect import malformed, noise, parsed, unknown
from parsers.step import JsonObject, Step, StepType, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SYNTHETIC = "<synthetic>"
"""The model name of texts the CLI made itself, mostly API errors."""
MAX_EARLY = 8
"""Turns whose end was seen (a new `init`) before their `result` came."""
PARTS = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
"""Of a model's entry in `modelUsage`."""
TOTALS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
"""The same of a `Usage`."""
_ABORTED = frozenset({"aborted_tools", "aborted_streaming"})
_FAILED = frozenset(
    {"error_max_turns", "error_max_budget_usd", "error_during_execution", "error_max_structured_output_retries"}
)


class ClaudeStream(ClaudeMessages):
    """The stdout dialect."""

    dialect = "stream"
    label = "claude"

    def __init__(self) -> None:
        super().__init__()
        self.partials = Partials()
        self.model = ""
        self.failure: Step | None = None
        """An API error the CLI wrote as a message; `result` usually repeats it."""
        self.early: list[int] = []
        """Lengths of final texts whose turn was seen to end before its `result`: background work overlaps turns."""
        self.cost = 0.0
        self.before: list[int] | None = None
        """Tokens of earlier processes in `modelUsage`, by part; None before the first result."""
        self.cost_before = 0.0
        self.local = 0
        """Checksum of what a local command printed: the turn's `result` repeats it, and no model said it."""

    def assistant(self, value: JsonObject) -> Parsed:
        """One content block (more are read just as well) of an API message."""
        message = obj(value.get("message"))
        blocks = blocks_of(message)
        if blocks is None:
            return malformed("assistant", "no_content")
        model = text(message.get("model"))
        parent = word(value.get("parent_tool_use_id"))
        steps: list[Step] = []
        names: list[str] = []
        when = parse_time(value.get("timestamp"))  # only newer versions say
        origin = Origin(when, parent, None if model in {self.model, SYNTHETIC} else model)
        facts = None if parent else self._note_model(model)
        if facts:
            origin = origin._replace(model=None)
        if word(value.get("error")) or model == SYNTHETIC:
            return self._cli_error(value, blocks, origin)
        for block in blocks:
            if block.get("type") == "text":
                names.append("text")
                steps += self._text(text(block.get("text")), origin)
                continue
            name, step = self.block_step(block, origin)
            names.append(name)
            if name.startswith("thinking"):
                self.partials.drop(parent, "thinking")
            if step is not None:
                steps += [*self._settle(parent), step]
        name = "assistant/" + (names[0].lstrip("?") if names else "empty")
        facts = self.session_facts(value.get("session_id"), facts)
        if any(name.startswith("?") for name in names):
            result = unknown(name, "block", steps)
            result.facts = facts
            return result
        held = "text" in names and not parent
        return parsed(name, steps, fate=Fate.STEPS if held else Fate.META, facts=facts)

    def _note_model(self, model: str) -> Facts | None:
        if not model or model in {self.model, SYNTHETIC}:
            return None
        self.model = model
        return Facts(model=model)

    def _text(self, content: str, origin: Origin) -> list[Step]:
        """Narration or answer: held on the main thread until the next line tells, plain narration in a sub-agent."""
        self.partials.drop(origin.parent_id, "text")
        if not content:
            return []
        step = origin.step(StepType.THOUGHT, content)
        step.channel = "message"
        return [step] if origin.parent_id else [*self._failed(), *self.held.hold(step)]

    def _settle(self, parent: str | None) -> list[Step]:
        """Something that is no text follows: on its own thread, what was held before it was narration."""
        return [] if parent else [*self.held.release(), *self._failed()]

    def _failed(self) -> list[Step]:
        step, self.failure = self.failure, None
        return [step] if step else []

    def _cli_error(self, value: JsonObject, blocks: list[JsonObject], origin: Origin) -> Parsed:
        content, _ = content_text(blocks)
        name = safe_name(text(value.get("error")) or "synthetic")
        facts = self.session_facts(value.get("session_id"))
        if not value.get("error"):
            step = origin.step(StepType.THOUGHT, content)
            step.channel = "message"
            steps = self.held.hold(step) if content and not origin.parent_id else []
            return parsed("assistant/synthetic", steps, fate=Fate.STEPS if content else Fate.META, facts=facts)
        steps = [*self.held.release(), *self._failed()]
        self.failure = origin.step(StepType.ERROR, content or name)
        self.failure.is_error, self.failure.status, self.failure.evidence = True, name, "api_error"
        return parsed("assistant/error", steps, fate=Fate.STEPS, facts=facts)

    def user(self, value: JsonObject) -> Parsed:
        """A tool result, an echoed prompt, a sub-agent's prompt, an interrupt, or the CLI's own words."""
        blocks = blocks_of(obj(value.get("message")))
        if blocks is None:
            return malformed("user", "no_content")
        origin = Origin(parse_time(value.get("timestamp")), word(value.get("parent_tool_use_id")))
        facts = self.session_facts(value.get("session_id"))
        steps, rest = self.take_results(blocks, value.get("tool_use_result"), origin)
        name, words = "user/tool_result", ""
        if rest or not steps:
            words, more, facts = self._user_words(value, rest, origin, facts)
            name = name if steps else words
            steps += more
        if steps:
            steps = [*self._interrupted(words), *self._settle(origin.parent_id), *steps]
        return parsed(name, steps, fate=QUIET.get(name, Fate.META), facts=facts)

    def _interrupted(self, name: str) -> list[Step]:
        return self.partials.flush() if name == "user/interrupt" else []

    def _user_words(
        self, value: JsonObject, blocks: list[JsonObject], origin: Origin, facts: Facts | None
    ) -> tuple[str, list[Step], Facts | None]:
        content, found = content_text(blocks)
        source = "subagent_prompt" if origin.parent_id else "replay" if value.get("isReplay") is True else "user"
        source = who(value, source)
        if source == "task":
            return "user/task_notification", [], facts
        if value.get("isSynthetic") is True and not origin.parent_id:
            if isinstance(obj(value.get("message")).get("content"), str) and not content.startswith("<"):
                facts = facts or Facts()
                facts.compacted = True
                return "user/compact_summary", [], facts
            return "user/synthetic", [], facts
        name, steps = self.user_text(content, origin, human=source)
        for step in steps:
            step.extra.update(found)
        if name == "user/local_command":
            self.local = _mark(content.partition(">")[2].rpartition("</")[0])
        return name, steps, facts

    def result(self, value: JsonObject) -> Parsed:
        """The end of a turn: its answer or its failure, its usage. There may be several in one process."""
        subtype = text(value.get("subtype"))
        name = f"result/{safe_name(subtype or 'none')}"
        answer = value.get("result")
        answer = answer if isinstance(answer, str) else None
        bad = value.get("is_error") is True or subtype in _FAILED
        steps = self.partials.flush()
        if bad:
            steps += self._error_result(value, subtype, answer)
        elif answer and (value.get("num_turns") == 0 or self.local == _mark(answer)):
            self.held.drop(answer)  # a local command or a hook answered; no model was asked
        else:
            steps += self._success(answer)
        self.local = 0
        facts = self.session_facts(value.get("session_id")) or Facts()
        facts.turn_ended = "error" if bad else "success"
        if bad:
            facts.error = steps[-1].content
        facts.duration_ms = real(value.get("duration_ms"))
        self._usage(value, facts)
        denials = _denials(value)
        if denials and steps:
            steps[-1].extra["permission_denials"] = denials
        if subtype != "success" and subtype not in _FAILED:
            result = unknown(name, "subtype", steps)
            result.facts = facts
            return result
        return parsed(name, steps, facts=facts)

    def _success(self, answer: str | None) -> list[Step]:
        steps = self._failed()
        if answer and self.early and answer not in self.held.contents():
            if len(answer) in self.early:
                self.early.remove(len(answer))
                return steps
        elif self.early and not answer:
            self.early.pop(0)
            return steps
        return [*steps, *self.held.resolve(answer)]

    def _error_result(self, value: JsonObject, subtype: str, answer: str | None) -> list[Step]:
        reason = text(value.get("terminal_reason"))
        failure, self.failure = self.failure, None
        listed = "\n".join(item for item in seq(value.get("errors")) if isinstance(item, str))
        content = answer or listed or (failure.content if failure else "") or reason or subtype or "error"
        if answer:
            self.held.drop(answer)
        steps = self.held.release()
        if failure and failure.content.strip() != content.strip():
            steps.append(failure)
        step = Step(StepType.ERROR, content, is_error=True)
        step.status = "interrupted" if reason in _ABORTED else (failure.status if failure else None) or reason or None
        step.evidence = "is_error" if value.get("is_error") is True else "subtype"
        step.extra["subtype"] = safe_name(subtype or "none")
        api_status = value.get("api_error_status")
        if isinstance(api_status, int):
            step.extra["api_error_status"] = api_status
        return [*steps, step]

    def _usage(self, value: JsonObject, facts: Facts) -> None:
        """`usage` is this turn's; `modelUsage` and the cost are the process's so far, sub-agents included.

        Newer versions begin both with what earlier processes of the conversation used: that is taken off again.
        """
        usage = obj(value.get("usage"))
        cost = real(value.get("total_cost_usd"))
        total = _counts(value.get("modelUsage"))
        if self.before is None or any(now < then for now, then in zip(total, self.before, strict=True)):
            fresh = value.get("model_usage_since_last_result")
            known = _counts(fresh) if isinstance(fresh, dict) else total
            self.before = [max(0, whole - part) for whole, part in zip(total, known, strict=True)]
            if cost is not None and isinstance(fresh, dict):
                self.cost = self.cost_before = max(0.0, cost - _cost(fresh))
        if usage:
            facts.usage = Usage(
                "turn",
                count(usage.get("input_tokens")),
                count(usage.get("output_tokens")),
                count(usage.get("cache_read_input_tokens")),
                count(usage.get("cache_creation_input_tokens")),
                cost_usd=max(0.0, cost - self.cost) if cost is not None else None,
            )
        if cost is not None:
            self.cost = cost
            cost = max(0.0, cost - self.cost_before)
        if obj(value.get("modelUsage")):
            facts.total_usage = Usage("process", cost_usd=cost)
            for part, now, then in zip(TOTALS, total, self.before, strict=True):
                setattr(facts.total_usage, part, max(0, now - then))

    def system(self, value: JsonObject) -> Parsed:
        """The CLI about itself."""
        subtype = text(value.get("subtype"))
        facts = self.session_facts(value.get("session_id"))
        if subtype == "init":
            return self._init(value, facts)
        known = SUBTYPES.get(subtype)
        if known is None:
            result = unknown(f"system/{safe_name(subtype or 'none')}", "subtype")
            result.facts = facts
            return result
        if subtype in {"compact_boundary", "microcompact_boundary"}:
            facts = facts or Facts()
            facts.compacted = True
        return Parsed(known if facts is None else Fate.META, f"system/{subtype}", facts=facts)

    def _init(self, value: JsonObject, facts: Facts | None) -> Parsed:
        """A user turn begins. What was held was the end of the turn before, whose `result` is then still to come."""
        steps: list[Step] = []
        if self.held:
            self.early = [*self.early, len(self.held.contents()[-1])][-MAX_EARLY:]
            steps = self.held.resolve()
            steps[-1].evidence = "turn_end"
        facts = facts or Facts()
        facts.model = word(text(value.get("model")).partition("[")[0])
        facts.cli_version = word(value.get("claude_code_version"))
        self.watch.written_by(facts.cli_version)
        facts.cwd = word(value.get("cwd"))
        self.model = facts.model or self.model
        return parsed("system/init", steps, facts=facts)

    def stream_event(self, value: JsonObject) -> Parsed:
        """A raw API delta. Its text waits for the complete line and comes out only if that never comes."""
        event = obj(value.get("event"))
        parent = word(value.get("parent_tool_use_id"))
        name, steps = self.partials.take(event, parent)
        if name is None:
            return unknown(f"stream_event/{safe_name(text(event.get('type')) or 'none')}", "event")
        return parsed(f"stream_event/{name}", steps, fate=Fate.NOISE)

    def streamlined(self, value: JsonObject) -> Parsed:
        """The model's text in the CLI's short form of output, which leaves out all else."""
        content = text(value.get("text"))
        steps = self._text(content, Origin(parse_time(value.get("timestamp"))))
        facts = self.session_facts(value.get("session_id"))
        return parsed("streamlined_text", steps, fate=Fate.STEPS if content else Fate.META, facts=facts)

    def conversation_reset(self, value: JsonObject) -> Parsed:
        """The conversation goes on under another id."""
        return parsed("conversation_reset", facts=self.session_facts(value.get("new_conversation_id")))

    def flush(self) -> list[Step]:
        """Narration, an error nobody repeated, and texts cut off in the middle."""
        return [*super().flush(), *self._failed(), *self.partials.flush()]

    def holding(self) -> bool:
        """Text held, in whole or in pieces."""
        return bool(self.held) or self.failure is not None or bool(self.partials)

    def extra_state(self) -> JsonObject:
        """Model name, cost so far, lengths of answers already given, checksum of a local command's words."""
        return {
            "model": self.model,
            "cost": self.cost,
            "before": self.before,
            "cost_before": self.cost_before,
            "early": self.early,
            "local": self.local,
        }

    def restore_extra(self, state: JsonObject) -> None:
        """The way back of `extra_state`."""
        self.model = text(state.get("model"))
        self.cost, self.cost_before = real(state.get("cost")) or 0.0, real(state.get("cost_before")) or 0.0
        before = [count(n) for n in seq(state.get("before"))]
        # A state of a version that kept no such numbers had its first result already if there was a cost.
        self.before = before if len(before) == len(PARTS) else [0] * len(PARTS) if self.cost else None
        self.early = [count(length) for length in seq(state.get("early"))]
        self.local = count(state.get("local"))

    handlers: ClassVar[Mapping[str, Callable[[ClaudeStream, JsonObject], Parsed]]] = {
        "assistant": assistant,
        "user": user,
        "result": result,
        "system": system,
        "stream_event": stream_event,
        "conversation_reset": conversation_reset,
        "streamlined_text": streamlined,
        "keep_alive": lambda *_: noise("keep_alive"),
    }
    known: ClassVar[Mapping[str, Fate]] = {
        "control_request": Fate.META,
        "control_response": Fate.META,
        "control_cancel_request": Fate.META,
        "tool_progress": Fate.NOISE,
        "tool_use_summary": Fate.NOISE,
        "auth_status": Fate.META,
        "rate_limit_event": Fate.META,
        "prompt_suggestion": Fate.NOISE,
        "streamlined_tool_use_summary": Fate.NOISE,
        "transcript_mirror": Fate.NOISE,
        "active_goal": Fate.META,
        "command_lifecycle": Fate.META,
    }


def _counts(models: object) -> list[int]:
    """The tokens of all models, by part."""
    entries = [obj(entry) for entry in obj(models).values()]
    return [sum(count(entry.get(part)) for entry in entries) for part in PARTS]


def _cost(models: JsonObject) -> float:
    return sum(real(obj(entry).get("costUSD")) or 0.0 for entry in models.values())


def _mark(words: str) -> int:
    return crc32(words.strip().encode(errors="surrogatepass"))


def _denials(value: JsonObject) -> list[JsonObject]:
    return [
        {"tool": text(obj(entry).get("tool_name")), "call_id": text(obj(entry).get("tool_use_id"))}
        for entry in seq(value.get("permission_denials"))[:100]
    ]
