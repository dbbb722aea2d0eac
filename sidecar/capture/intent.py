"""What a user's message wants, given what the agent had just said or done.

Owns: `Intent`, `classify_intent`, `intervenes`, and the weights of the cues.
Never: reads anything but its arguments, learns, or calls a model.
Invariant: pure and deterministic; the work is bounded whatever the length of the texts (see `phrases_reader`).
"""

from __future__ import annotations

import re
from enum import StrEnum

from sidecar.capture.phrases import Cue
from sidecar.capture.phrases_reader import HEAD, Context, Signals, mid_step, read_context, read_message

SUSPICION = 0.4
"""Points every message after work has as a correction: a missed correction costs more than a false one."""
SHORT = 8
"""Words of a short reply, at most."""
LONG = 25
"""Words from which a plain statement after the agent's work is a finding, not an aside."""
MAX_OUTCRY = 40
"""Words of a message that stops running work, at most; longer ones argue about finished work."""


TILT = 0.3
"""Points by which a correction may fall short and still be an intervention."""


class Intent(StrEnum):
    """The five intents of a user message."""

    CORRECTION = "correction"
    APPROVAL = "approval"
    CLARIFICATION = "clarification"
    INSTRUCTION = "instruction"
    QUESTION = "question"


_ORDER = (Intent.CORRECTION, Intent.APPROVAL, Intent.QUESTION, Intent.CLARIFICATION, Intent.INSTRUCTION)
"""The order of the points in every row; among equals the first wins."""

# Points one occurrence of a cue gives, in the order of _ORDER.
_WEIGHTS: dict[Cue, tuple[float, float, float, float, float]] = {
    Cue.OPEN_NO: (2.4, -0.8, 0.0, 0.0, 0.0),
    Cue.OPEN_STOP: (2.4, 0.0, 0.0, 0.0, 0.0),
    Cue.OPEN_BUT: (1.3, 0.0, 0.0, 0.0, 0.0),
    Cue.UNDO: (2.6, 0.0, 0.0, 0.0, 0.0),
    Cue.DONT: (1.2, 0.0, 0.0, 0.0, 0.0),
    Cue.NOT: (0.5, 0.0, 0.0, 0.0, 0.0),
    Cue.TROUBLE: (0.6, 0.0, 0.0, 0.0, 0.0),
    Cue.FAULT: (1.2, 0.0, 0.0, 0.0, 0.0),
    Cue.STILL: (0.6, 0.0, 0.0, 0.0, 0.0),
    Cue.INSTEAD: (0.9, 0.0, 0.0, 0.0, 0.0),
    Cue.SWAP: (1.6, 0.0, 0.0, 0.0, 0.0),
    Cue.SHOULD: (0.8, 0.0, 0.0, 0.0, 0.0),
    Cue.BLAME: (2.8, 0.0, -1.6, 0.0, 0.0),
    Cue.REPROACH: (2.0, 0.0, -0.8, 0.0, 0.0),
    Cue.REVIEW: (0.5, 0.0, 0.0, 0.0, 0.0),
    Cue.DOUBT: (0.3, 0.0, 0.0, 0.0, 0.0),
    Cue.TAG: (-0.6, 0.0, 0.6, 0.0, 0.0),
    Cue.OPEN_ACCEPT: (0.0, 1.6, 0.0, 0.0, 0.0),
    Cue.PROCEED: (0.0, 1.6, 0.0, 0.0, 0.0),
    Cue.PRAISE: (0.0, 1.0, 0.0, 0.0, 0.0),
    Cue.OPEN_ASK: (0.0, 0.0, 1.0, 0.0, 0.0),
    Cue.TELL: (0.0, 0.0, 1.2, 0.0, 0.0),
    Cue.EXPLAIN: (0.0, 0.0, 1.2, 0.0, -1.2),
    Cue.PREFER: (0.0, 0.0, 0.0, 1.0, 0.0),
    Cue.OPEN_INFORM: (0.0, 0.0, 0.0, 0.8, 0.0),
    Cue.OPEN_ORDER: (0.0, 0.0, -0.6, -0.5, 0.0),
    Cue.REQUEST: (0.0, 0.0, -1.2, -0.5, 0.0),
    Cue.LETS: (0.0, 0.0, -0.6, 0.0, 0.0),
}
_COUNTED = {Cue.FAULT: 2, Cue.TROUBLE: 2, Cue.REVIEW: 3, Cue.DONT: 2, Cue.SHOULD: 2}
"""Cues that count more than once, and how often at most."""
_AGAINST = frozenset(
    {Cue.OPEN_NO, Cue.OPEN_STOP, Cue.OPEN_BUT, Cue.UNDO, Cue.DONT, Cue.NOT, Cue.FAULT, Cue.INSTEAD, Cue.SWAP}
    | {Cue.SHOULD, Cue.BLAME, Cue.REPROACH, Cue.STILL, Cue.TROUBLE}
)
_RESERVE = frozenset({Cue.FAULT, Cue.TROUBLE, Cue.DONT, Cue.OPEN_BUT, Cue.UNDO, Cue.BLAME})
_ACCEPT = frozenset({Cue.OPEN_ACCEPT, Cue.PROCEED, Cue.PRAISE})
_COMMAND = re.compile(r"/[a-z][\w:-]*(?:\s|$)")


def _score(found: Signals, context: Context) -> tuple[float, float, float, float, float]:
    """Points in the order of `_ORDER`: the cues of a message weighed against the moment it was written."""
    cues = found.cues
    correction = approval = question = clarification = instruction = 0.0
    for cue, count in cues.items():
        row = _WEIGHTS.get(cue)
        if row is not None:
            times = min(count, _COUNTED.get(cue, 1))
            correction += row[0] * times
            approval += row[1]
            question += row[2]
            clarification += row[3]
            instruction += row[4]
    order, request, lets = Cue.OPEN_ORDER in cues, Cue.REQUEST in cues, Cue.LETS in cues
    act = Cue.ACT in cues
    order |= act and not context.asks
    accepts = not _ACCEPT.isdisjoint(cues) or (act and context.asks)
    against = not _AGAINST.isdisjoint(cues)
    states = not (found.asks or order or request or lets or accepts)

    if order or request:
        correction += 1.0 * (Cue.UNDO in cues) + 0.6 * (Cue.REPROACH in cues) - 0.3 * min(cues.get(Cue.TROUBLE, 0), 2) - 0.4 * min(cues.get(Cue.FAULT, 0), 2)
    correction += 1.2 * (Cue.STILL in cues and (Cue.FAULT in cues or Cue.TROUBLE in cues)) + 3.2 * found.paste_error + 2.4 * found.severity
    correction += 2.8 * (context.mid_step and Cue.PROCEED not in cues and Cue.PRAISE not in cues)
    correction += (1.0 * against + 0.6 * (found.words > LONG)) * (states and not context.asks)
    correction += SUSPICION - 0.8 * context.asks
    if context.empty:
        correction = correction * 0.25 - 1.0

    if accepts:
        approval += 1.6 * act - 1.2 * ((order or request or lets) and not (context.asks and found.words <= SHORT - 2))
        approval += 0.9 * context.asks + 0.8 * (found.words <= SHORT)
        approval += 0.8 * (context.asks and found.words <= SHORT + 2 and Cue.OPEN_ACCEPT in cues)
        approval -= 1.0 * (found.words > 14) + 1.0 * (found.words > LONG) + 1.0 * found.asks
        approval -= 0.6 * min(2, len(_RESERVE.intersection(cues)))
    else:
        approval = -1.0

    question += 1.6 * found.ends_asking + 0.8 * found.asks

    clarification += 1.4 * context.asks + 0.6 * context.offers - 1.4 * found.asks
    clarification += (3.2 if context.asks or context.listed else 1.4) * found.chooses
    clarification += 1.0 * (context.asks and Cue.OPEN_NO in cues and found.words < 3)
    clarification += 1.0 * (states and context.asks) + 0.8 * (lets and context.offers)
    clarification += (3.2 if context.mid_step else 1.0) * (states and not against and not context.asks)

    instruction += 1.0 + max(1.4 * order, 1.6 * request, 1.4 * lets) + 0.4 * (order + request + lets > 1)
    instruction += 1.0 * context.empty + 0.4 * context.done - 0.4 * context.mid_step
    instruction -= 0.8 * (context.asks and found.words <= SHORT)
    return correction, approval, question, clarification, instruction


def classify_intent(text: str, previous: str) -> Intent:
    """The intent of `text`, a message of the user; `previous` is the tail of what the agent last said or did.

    Either may be of any length. An empty message, a slash command ("/review", not a path) and what nothing is known
    of is an instruction.
    """
    stripped = text[:HEAD].lstrip()
    if not stripped or _COMMAND.match(stripped):
        return Intent.INSTRUCTION
    scores = _score(read_message(text), read_context(previous))
    return _ORDER[scores.index(max(scores))]


def intervenes(text: str, previous: str) -> bool:
    """Whether the user steps into running work: wrote while a step was under way, or stops or redirects the agent.

    Meant where the provider's structure (a rejection, an interrupt) is not there to say so. Pasted output and review
    findings correct finished work; they do not interrupt it.
    """
    if mid_step(previous):
        return True
    if _COMMAND.match(text[:HEAD].lstrip()):
        return False
    found = read_message(text)
    if found.paste or found.severity or found.words > MAX_OUTCRY:
        return False
    scores = _score(found, read_context(previous))
    return scores[0] + TILT >= max(scores)
