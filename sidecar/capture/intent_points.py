"""Points for the five intents, from the cues of a message and the moment it was written.

Owns: `Reading`, `read_moment`, `give_points`, and the hand-set weights of the cues.
Never: decides an intent; `intent` does, with these points as one part of the evidence.
Invariant: pure and deterministic; the points depend on the signals alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sidecar.capture.phrases import Cue

if TYPE_CHECKING:
    from sidecar.capture.phrases_reader import Context, Signals

Points = tuple[float, float, float, float, float]
"""For correction, approval, question, clarification and instruction, in this order."""

SUSPICION = 0.3
"""Points every message after work has as a correction: a missed correction costs more than a false one."""
SHORT = 8
"""Words of a short reply, at most."""
WORDY = 14
"""Words beyond which a message rarely only approves."""
LONG = 25
"""Words from which a plain statement after the agent's work is a finding, not an aside."""

# Points one occurrence of a cue gives, in the order of `Points`.
_WEIGHTS: dict[Cue, Points] = {
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
COUNTED = {Cue.FAULT: 2, Cue.TROUBLE: 2, Cue.REVIEW: 3, Cue.DONT: 2, Cue.SHOULD: 2}
"""Cues that count more than once, and how often at most."""
_AGAINST = frozenset(
    {Cue.OPEN_NO, Cue.OPEN_STOP, Cue.OPEN_BUT, Cue.UNDO, Cue.DONT, Cue.NOT, Cue.FAULT, Cue.INSTEAD, Cue.SWAP}
    | {Cue.SHOULD, Cue.BLAME, Cue.REPROACH, Cue.STILL, Cue.TROUBLE}
)
_RESERVE = frozenset({Cue.FAULT, Cue.TROUBLE, Cue.DONT, Cue.OPEN_BUT, Cue.UNDO, Cue.BLAME})
_ACCEPT = frozenset({Cue.OPEN_ACCEPT, Cue.PROCEED, Cue.PRAISE})


class Reading(NamedTuple):
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


def read_moment(found: Signals, context: Context) -> Reading:
    """What the cues of a message mean in the moment it was written."""
    cues = found.cues
    order, request, lets = Cue.OPEN_ORDER in cues, Cue.REQUEST in cues, Cue.LETS in cues
    act = Cue.ACT in cues and context.asks
    order |= Cue.ACT in cues and not context.asks
    accepts = act or not _ACCEPT.isdisjoint(cues)
    states = not (found.asks or order or request or lets or accepts)
    return Reading(order, request, lets, act, accepts, not _AGAINST.isdisjoint(cues), states)


def _sum(cues: dict[Cue, int]) -> list[float]:
    """The points of the cues alone, in the order of `Points`."""
    points = [0.0] * 5
    for cue, count in cues.items():
        row = _WEIGHTS.get(cue)
        if row is not None:
            points = [sum_ + weight for sum_, weight in zip(points, row, strict=True)]
            points[0] += row[0] * (min(count, COUNTED.get(cue, 1)) - 1)
    return points


def _correction(found: Signals, context: Context, reading: Reading) -> float:
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


def _approval(found: Signals, context: Context, reading: Reading) -> float:
    cues = found.cues
    new_work = reading.order or reading.request or reading.lets
    points = 1.6 * reading.act - 1.2 * (new_work and not (context.asks and found.words <= SHORT - 2))
    points -= 1.6 * (Cue.BUT in cues)
    points -= 1.5 * (found.chooses and (context.offers or context.listed))
    points += 0.9 * context.asks + 0.8 * (found.words <= SHORT)
    points += 0.8 * (context.asks and found.words <= SHORT + 2 and Cue.OPEN_ACCEPT in cues)
    points -= 1.0 * (found.words > WORDY) + 1.0 * (found.words > LONG) + 1.0 * found.asks
    return points - 0.6 * min(2, len(_RESERVE.intersection(cues)))


def _clarification(found: Signals, context: Context, reading: Reading) -> float:
    points = 1.4 * context.asks + 0.6 * context.offers - 1.4 * found.asks
    points += (3.2 if context.asks or context.listed else 1.4) * found.chooses
    points += 1.0 * (context.asks and Cue.OPEN_NO in found.cues and found.words < 3)
    points += 1.0 * (reading.states and context.asks) + 0.8 * (reading.lets and context.offers)
    told = reading.states and not reading.against and not context.asks
    return points + (3.2 if context.mid_step else 1.0) * told


def _instruction(found: Signals, context: Context, reading: Reading) -> float:
    order, request, lets = reading.order, reading.request, reading.lets
    points = 1.0 + max(1.4 * order, 1.6 * request, 1.4 * lets) + 0.4 * (order + request + lets > 1)
    points += 1.0 * context.empty + 0.4 * context.done - 0.4 * context.mid_step
    return points - 0.8 * (context.asks and found.words <= SHORT)


def give_points(found: Signals, context: Context, reading: Reading) -> Points:
    """Points: the cues of a message weighed against the moment it was written."""
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
