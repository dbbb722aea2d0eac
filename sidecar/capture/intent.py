"""What a user's message wants, given what the agent had just said or done.

Owns: `Intent`, `classify_intent`, `intervenes`.
Never: reads anything but its arguments and its own weights, learns while it runs, or calls a model outside this
package.
Invariant: pure and deterministic; the work is bounded whatever the length of the texts (see `phrases_reader`).

The points of `intent_points` (set by hand) and the weights of `intent_weights` (learned offline by
`bench/labels_train.py`) are added up; the intent with the largest sum wins.
"""

from __future__ import annotations

import re
from enum import StrEnum

from sidecar.capture.intent_features import features
from sidecar.capture.intent_points import give_points, read_moment
from sidecar.capture.intent_weights import load_weights
from sidecar.capture.phrases_reader import HEAD, mid_step, own_words, read_context, read_message

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


ORDER = (Intent.CORRECTION, Intent.APPROVAL, Intent.QUESTION, Intent.CLARIFICATION, Intent.INSTRUCTION)
"""The order of points and weights; among equals the first wins."""
_COMMAND = re.compile(r"/[a-z][\w:-]*(?:\s|$)")


def certain_intent(text: str) -> Intent | None:
    """The intent of what needs no weighing: nothing, or a slash command ("/review", not a path)."""
    stripped = text[:HEAD].lstrip()
    return Intent.INSTRUCTION if not stripped or _COMMAND.match(stripped) else None


def read_features(text: str, previous: str) -> list[tuple[str, float]]:
    """The features of a message and their values; what the weights were trained on."""
    found, context = read_message(text), read_context(previous)
    reading = read_moment(found, context)
    points = give_points(found, context, reading)
    return features(own_words(text), found, context, reading, points)


def classify_intent(text: str, previous: str) -> Intent:
    """The intent of `text`, a message of the user; `previous` is the tail of what the agent last said or did.

    Either may be of any length. An empty message, a slash command ("/review", not a path) and what nothing is known
    of is an instruction.
    """
    certain = certain_intent(text)
    if certain is not None:
        return certain
    weights = load_weights()
    zero, one, two, three, four = weights.bias
    get = weights.rows.get
    for name, value in read_features(text, previous):
        row = get(name)
        if row is not None:
            zero += row[0] * value
            one += row[1] * value
            two += row[2] * value
            three += row[3] * value
            four += row[4] * value
    # rounded, so that a tie is a tie whatever the order of the additions
    sums = [round(zero, 6), round(one, 6), round(two, 6), round(three, 6), round(four, 6)]
    return ORDER[sums.index(max(sums))]


def intervenes(text: str, previous: str) -> bool:
    """Whether the user steps into running work: wrote while a step was under way, or stops or redirects the agent.

    Meant where the provider's structure (a rejection, an interrupt) is not there to say so. Pasted output and review
    findings correct finished work; they do not interrupt it.
    """
    if mid_step(previous):
        return True
    if certain_intent(text) is not None:
        return False
    found = read_message(text)
    if found.paste or found.severity or found.words > MAX_OUTCRY:
        return False
    context = read_context(previous)
    points = give_points(found, context, read_moment(found, context))
    return points[0] + TILT >= max(points)
