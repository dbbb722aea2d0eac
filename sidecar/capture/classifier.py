"""Labels that say what happened, from the strongest evidence there is.

Owns: `Classifier`: the final type of a step, its evidence, its correction context, and the conversation's memory.
Never: keeps unscrubbed text; `label` looks at the raw step and remembers nothing of its text, `note` remembers what the
scrubber left of it.
Invariant: an action stays an action and a thought a thought; only a result becomes an error and only a user message
becomes a correction, clarification or approval. Structure (flags, exit codes, rejections, interrupts) goes before text.

How an interrupt reads: the marker a CLI writes ("[Request interrupted by user]") is an observation with status
"interrupted", since it redirects nobody; the message a user types after it is the correction (evidence "interrupt").
A rejection with a reason is two steps of the parser: the failed result, and the reason, which is a correction (evidence
"rejection").
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from parsers.step import StepType
from sidecar.capture.calls import MAX_CALL_FILES, MAX_COMMAND, Call, Calls, fingerprint, storable
from sidecar.capture.commands import Signature, command_of, path_of, signature_of
from sidecar.capture.cutting import clip_tail
from sidecar.capture.edits import changes_of, normalise
from sidecar.capture.failure import judge_result
from sidecar.capture.failure_patterns import MARKING
from sidecar.capture.intent import Intent, classify_intent
from sidecar.wire.cut import clip
from sidecar.wire.limits import MAX_LABEL

if TYPE_CHECKING:
    from parsers.step import JsonObject, Step
    from sidecar.wire.envelope import Scrubbed

MAX_CONTEXT = 300
MAX_SAID = 500
MAX_SEEN_FILES = 512

ACTING = frozenset({StepType.ACTION, StepType.EDIT, StepType.DELEGATE})
INTERVENING = frozenset({StepType.CORRECTION, StepType.CLARIFICATION})

CLI_ORIGINS = frozenset({"cli", "task", "hook"})
"""Messages in the user's place that a program wrote: something the agent is shown, not something it is told to do."""

_INTENT_TYPES = {
    Intent.CORRECTION: StepType.CORRECTION,
    Intent.APPROVAL: StepType.APPROVAL,
    Intent.CLARIFICATION: StepType.CLARIFICATION,
    Intent.INSTRUCTION: StepType.INSTRUCTION,
    Intent.QUESTION: StepType.INSTRUCTION,
}
_MENDING = re.compile(
    r"\b(?:you'?re (?:absolutely )?right|my (?:mistake|bad)"
    r"|i (?:apologi[sz]e|misunderstood|misread|should(?:n't)? have)|sorry"
    r"|let me (?:fix|correct|undo|revert|redo|change)|i(?:'ll| will) (?:fix|correct|undo|revert|redo|change)"
    r"|(?:fixing|correcting|reverting|undoing) (?:that|this|it))\b",
    re.IGNORECASE,
)
_RESULT_NOTE = 2_000
"""Characters of a thought that are searched for words of mending."""


@dataclass(slots=True)
class Memory:
    """What later labels rest on. All text in it was scrubbed and is short."""

    asked: bool = False
    """A user has spoken."""
    acted: bool = False
    """The agent has acted. It lives with the conversation, whatever agent or session id it goes under."""
    interrupted: bool = False
    """The user stopped the agent and has not said why yet."""
    said: str = ""
    """The end of what the agent last said since the user spoke."""
    did: str = ""
    """What the agent last did: tool and command, file or argument."""
    correction: int = 0
    """The step that corrected the agent and that no thought has taken up yet."""
    turn: int = 0
    seen: list[str] = field(default_factory=list)
    """Fingerprints of files some call named, latest last."""
    telling: list[str] = field(default_factory=list)
    """Tools (of `MARKING`) of which the CLI has said in this conversation how a call went."""


class Classifier:
    """The labels of one conversation."""

    __slots__ = ("_memory", "calls")

    def __init__(self) -> None:
        self._memory = Memory()
        self.calls = Calls()

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped the agent and nothing came after it."""
        return self._memory.interrupted

    def turn_ended(self) -> None:
        """The provider says that a turn is over: calls still open were not answered within it."""
        self._memory.turn += 1

    def label(self, step: Step) -> None:
        """Settle the type and evidence of a raw step, in place."""
        if step.type is StepType.OBSERVATION or step.type is StepType.ERROR:
            self._label_result(step)
        elif step.type is StepType.INSTRUCTION:
            self._label_message(step)
        elif step.type is StepType.RESOLUTION and step.is_error:
            step.type, step.evidence = StepType.ERROR, step.evidence or "is_error"
        elif step.type is StepType.CORRECTION and step.evidence is None:
            step.evidence = "provider"

    def note(self, step: Scrubbed, number: int) -> Call | None:
        """Complete a scrubbed step (changes, context) and remember it; the call it starts or answers, if any."""
        memory = self._memory
        kind = step.type
        if kind in ACTING:
            return self._note_call(step, number)
        if kind is StepType.OBSERVATION or kind is StepType.ERROR:
            memory.interrupted |= step.origin == "interrupt"
            return self.calls.answer(step.call_id)
        if kind is StepType.THOUGHT or kind is StepType.RESOLUTION:
            if memory.correction and _MENDING.search(step.content[:_RESULT_NOTE]):
                step.extra["takes_up_correction"] = memory.correction
                memory.correction = 0
            if step.parent_id is None and (step.channel == "message" or kind is StepType.RESOLUTION):
                memory.said = storable(clip_tail(step.content[-2 * MAX_SAID :], MAX_SAID))
            return None
        if step.origin == "subagent_prompt":
            return None
        if kind in INTERVENING:
            context = memory.did or memory.said
            step.correction_context = clip(step.correction_context or context, MAX_CONTEXT) or None
        if kind is StepType.CORRECTION:
            memory.correction = number
        if kind is not StepType.COORDINATION and kind is not StepType.YIELD:
            memory.asked = True
            memory.interrupted = False
            memory.said = ""
        return None

    def snapshot(self) -> JsonObject:
        """All of it, as JSON; scrubbed."""
        return {"memory": asdict(self._memory), "calls": self.calls.snapshot()}

    def restore(self, state: JsonObject) -> None:
        """Become the classifier that answered `state` to `snapshot`."""
        lists = {name: list(state["memory"].get(name, ())) for name in ("seen", "telling")}
        self._memory = Memory(**{**state["memory"], **lists})
        self.calls.restore(state["calls"])

    def _label_result(self, step: Step) -> None:
        call = self.calls.find(step.call_id)
        tool = step.tool or (call.tool if call else None)
        telling = self._memory.telling
        verdict = judge_result(
            step.content,
            tool=tool,
            command=call.command if call else None,
            is_error=step.is_error,
            exit_code=step.exit_code,
            status=step.status,
            marked=tool in telling,
        )
        if tool in MARKING and tool not in telling and (step.is_error is not None or step.exit_code is not None):
            telling.append(tool)
        if step.type is StepType.ERROR:
            step.evidence = step.evidence or verdict.evidence or "provider"
        elif verdict.failed:
            step.type, step.evidence = StepType.ERROR, step.evidence or verdict.evidence
        else:
            step.evidence = verdict.evidence or step.evidence

    def _label_message(self, step: Step) -> None:
        memory = self._memory
        if step.origin == "subagent_prompt":
            step.evidence = "origin"
        elif step.origin in CLI_ORIGINS:
            step.type, step.evidence = StepType.OBSERVATION, "origin"
        elif step.origin == "interrupt":
            step.type, step.evidence, step.status = StepType.OBSERVATION, "interrupt", "interrupted"
        elif step.origin == "rejection" or step.status == "rejected":
            step.type, step.evidence = StepType.CORRECTION, "rejection"
        elif memory.interrupted:
            step.type, step.evidence = StepType.CORRECTION, "interrupt"
        elif not memory.asked:
            step.evidence = "first_message"
        elif step.content.strip():
            intent = classify_intent(step.content, memory.said or memory.did)
            step.type = _INTENT_TYPES[intent]
            if step.type is StepType.CORRECTION and not memory.acted:
                # nothing was done yet that could be corrected: it makes the task clearer
                step.type = StepType.CLARIFICATION
            step.evidence = f"intent:{intent}"
            if self.calls.running(memory.turn):
                step.extra["during_call"] = True
        else:
            step.evidence = "empty"
        step.origin = step.origin or "user"

    def _note_call(self, step: Scrubbed, number: int) -> Call:
        memory = self._memory
        tool = storable(clip(step.tool or step.type.value, MAX_LABEL))
        path = path_of(step.arguments)
        # rather from the scrubbed arguments: hunks a parser made were cut before the scrubber saw them
        step.changes = changes_of(step.tool, step.arguments) or normalise(step.changes or ())
        files = [fingerprint(change["path"]) for change in (step.changes or [])[:MAX_CALL_FILES]]
        if step.changes and files[0] in memory.seen and step.type is StepType.ACTION:
            for change in step.changes:
                if change["kind"] == "add" and len(step.changes) == 1:
                    change["kind"] = "update"
        if path:
            self._see(fingerprint(path))
        command = command_of(step.arguments)
        signature = Signature(*map(storable, signature_of(tool, step.arguments)))
        call = Call(number, tool, storable(clip(command, MAX_COMMAND)), signature, files, memory.turn)
        memory.acted = True
        memory.interrupted = False
        memory.did = clip(f"{tool}: {call.command or storable(path) or signature.target}", MAX_CONTEXT)
        if step.call_id is not None and not (step.type is StepType.EDIT and step.status not in {None, "in_progress"}):
            self.calls.start(step.call_id, call)
        return call

    def _see(self, file: str) -> None:
        seen = self._memory.seen
        if file in seen:
            seen.remove(file)
        elif len(seen) >= MAX_SEEN_FILES:
            del seen[0]
        seen.append(file)
