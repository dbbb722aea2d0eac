"""What a user's message wants, given what the agent had just said or done.

Owns: `Intent`, `classify_intent`, `intervenes`, and the weights of the cues.
Never: reads anything but its arguments, learns, or calls a model.
Invariant: pure and deterministic; the work is bounded whatever the length of the texts (see `phrases_reader`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from sidecar.capture.phrases import Cue
from sidecar.capture.phrases_reader import HEAD, Context, Signals, mid_step, read_context, read_message

SUSPICION = 0.3
"""Points every message after work has as a correction: a missed correction costs more than a false one."""
SHORT = 8
"""Words of a short reply, at most."""
WORDY = 14
"""Words beyond which a message rarely only approves."""
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
    Cue.BUT: (0.4, 0.0, 0.0, 0.0, 0.0),
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


class _Reading(NamedTuple):
    """What the cues of a message mean in its moment."""

    order: bool
    request: bool
    lets: bool
    act: bool
    """It names an act the agent had asked about ("commit it")."""
    accepts: bool
    against: bool
    """Some cue speaks against what was done."""
    states: bool
    """It asks, orders and accepts nothing."""


def _read(found: Signals, context: Context) -> _Reading:
    cues = found.cues
    order, request, lets = Cue.OPEN_ORDER in cues, Cue.REQUEST in cues, Cue.LETS in cues
    act = Cue.ACT in cues and context.asks
    order |= Cue.ACT in cues and not context.asks
    accepts = act or not _ACCEPT.isdisjoint(cues)
    states = not (found.asks or order or request or lets or accepts)
    return _Reading(order, request, lets, act, accepts, not _AGAINST.isdisjoint(cues), states)


def _sum(cues: dict[Cue, int]) -> list[float]:
    """The points of the cues alone, in the order of `_ORDER`."""
    points = [0.0] * len(_ORDER)
    for cue, count in cues.items():
        row = _WEIGHTS.get(cue)
        if row is not None:
            points = [sum_ + weight for sum_, weight in zip(points, row, strict=True)]
            points[0] += row[0] * (min(count, _COUNTED.get(cue, 1)) - 1)
    return points


def _correction(found: Signals, context: Context, reading: _Reading) -> float:
    cues = found.cues
    points = SUSPICION - 0.8 * context.asks
    if reading.order or reading.request:
        points += 1.0 * (Cue.UNDO in cues) + 0.6 * (Cue.REPROACH in cues)
        points -= 0.3 * min(cues.get(Cue.TROUBLE, 0), 2) + 0.4 * min(cues.get(Cue.FAULT, 0), 2)
    points += 1.2 * (Cue.STILL in cues and (Cue.FAULT in cues or Cue.TROUBLE in cues))
    points += 3.2 * found.paste_error + 2.4 * found.severity + 0.4 * found.trails
    points += 2.8 * (context.mid_step and Cue.PROCEED not in cues and Cue.PRAISE not in cues)
    if reading.states:
        points += 1.6 * (Cue.OPEN_YOU in cues)
        points += (1.0 * reading.against + 0.6 * (found.words > LONG)) * (not context.asks)
    return points + 1.8 * (reading.accepts and Cue.BUT in cues and not context.asks)


def _approval(found: Signals, context: Context, reading: _Reading) -> float:
    cues = found.cues
    new_work = reading.order or reading.request or reading.lets
    points = 1.6 * reading.act - 1.2 * (new_work and not (context.asks and found.words <= SHORT - 2))
    points -= 1.6 * (Cue.BUT in cues)
    points -= 1.5 * (found.chooses and (context.offers or context.listed))
    points += 0.9 * context.asks + 0.8 * (found.words <= SHORT)
    points += 0.8 * (context.asks and found.words <= SHORT + 2 and Cue.OPEN_ACCEPT in cues)
    points -= 1.0 * (found.words > WORDY) + 1.0 * (found.words > LONG) + 1.0 * found.asks
    return points - 0.6 * min(2, len(_RESERVE.intersection(cues)))


def _clarification(found: Signals, context: Context, reading: _Reading) -> float:
    points = 1.4 * context.asks + 0.6 * context.offers - 1.4 * found.asks
    points += (3.2 if context.asks or context.listed else 1.4) * found.chooses
    points += 1.0 * (context.asks and Cue.OPEN_NO in found.cues and found.words < 3)
    points += 1.0 * (reading.states and context.asks) + 0.8 * (reading.lets and context.offers)
    told = reading.states and not reading.against and not context.asks
    return points + (3.2 if context.mid_step else 1.0) * told


def _instruction(found: Signals, context: Context, reading: _Reading) -> float:
    order, request, lets = reading.order, reading.request, reading.lets
    points = 1.0 + max(1.4 * order, 1.6 * request, 1.4 * lets) + 0.4 * (order + request + lets > 1)
    points += 1.0 * context.empty + 0.4 * context.done - 0.4 * context.mid_step
    return points - 0.8 * (context.asks and found.words <= SHORT)


def _score(found: Signals, context: Context) -> tuple[float, float, float, float, float]:
    """Points in the order of `_ORDER`: the cues of a message weighed against the moment it was written."""
    reading = _read(found, context)
    correction, approval, question, clarification, instruction = _sum(found.cues)
    correction += _correction(found, context, reading)
    if context.empty:  # nothing was done that could be corrected
        correction = correction * 0.25 - 1.0
    approval = approval + _approval(found, context, reading) if reading.accepts else -1.0
    question += 1.6 * found.ends_asking + 0.8 * found.asks
    clarification += _clarification(found, context, reading)
    instruction += _instruction(found, context, reading)
    # rounded, so that a tie is a tie whatever the order of the additions
    return (
        round(correction, 3),
        round(approval, 3),
        round(question, 3),
        round(clarification, 3),
        round(instruction, 3),
    )


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
