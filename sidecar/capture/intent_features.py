"""The features of a message: what the learned weights of `intent_weights` stand for.

Owns: `features`, `POINTS` and the names of those of its features that `intent_moves` and `clauses_acts` do not name.
Never: weighs a feature; knows a word of a project.
Invariant: the features of a message are bounded in number (see `phrases_reader.MAX_TOKENS`) and depend on the signals
alone, so the trainer and the classifier see the same ones.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sidecar.capture.clauses_acts import clause_features
from sidecar.capture.intent_moves import OFTEN, VERY_OFTEN, find_moves
from sidecar.capture.intent_points import COUNTED, LONG, SHORT, WORDY
from sidecar.capture.phrases import BREAKS, SCRIPT, Cue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.capture.intent_points import Points, Reading
    from sidecar.capture.phrases_reader import Context, Signals

POINTS = ("points:0", "points:1", "points:2", "points:3", "points:4")
"""Features with a value: the points of `intent_points`, a third of them, cut to -1 .. 2. All others are one."""
SCALE, LEAST, MOST = 3.0, -1.0, 2.0
CONTENT = 5
"""Characters from which a word says what a message is about."""
IMPERSONAL = 12
"""Words beyond which a message without a person is a finding or a specification, not a remark."""
VERY_LONG = 60
MAX_RUN = 60
"""Characters of a run without spaces that are looked at."""


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_PERSONS = _names(
    "i i'm i've i'd i'll me my you your you're you've u we we're we've we'd our us let's lets ich du wir mir dir "
    "je tu nous vous me te yo tú nosotros"
)
_ASKING = _names("what what's why how how's where where's when which who whose")
_AUXILIARY = _names("is are was were do does did can could should would will has have had am may")
_NEGATED = _names(
    "isn't aren't wasn't weren't don't doesn't didn't can't couldn't shouldn't wouldn't won't hasn't haven't cannot "
    "cant dont doesnt isnt didnt shouldnt wouldnt"
)
_NO = _NEGATED | {"not", "no"}
_MODAL = _names("consider should could would may might instead means silently causing however ensure potential")
_LEADING = _names(
    "ok okay so well hmm hm um umm ummm uh ah oh also and but yes yeah yep ya no nope please just now then great good "
    "nice perfect thanks cool q question wait actually sorry hey claude codex gemini"
)
_CROSSED = (
    *(Cue.OPEN_NO, Cue.OPEN_BUT, Cue.NOT, Cue.FAULT, Cue.TROUBLE, Cue.OPEN_ASK, Cue.OPEN_INFORM, Cue.SHOULD),
    *(Cue.UNDO, Cue.DONT, Cue.OPEN_ACCEPT, Cue.OPEN_ORDER, Cue.REQUEST, Cue.TELL, Cue.DOUBT, Cue.INSTEAD, Cue.PREFER),
)
"""Cues whose meaning changes with the moment."""


def _moments(context: Context) -> list[str]:
    """What the moment is, of things that cues are crossed with."""
    plain = not (context.empty or context.mid_step or context.asks or context.done)
    named = {
        "empty": context.empty,
        "mid": context.mid_step,
        "asks": context.asks and not context.offers,
        "offers": context.offers,
        "done": context.done and not context.asks,
        "plain": plain,
        "proposes": context.proposes,
    }
    return [name for name, holds in named.items() if holds]


def _shape(found: Signals, reading: Reading) -> list[str]:
    """What the message looks like."""
    words = found.words
    named = {
        "asks": found.asks,
        "ends": found.ends_asking,
        "chooses": found.chooses,
        "error": found.paste_error,
        "paste": found.paste,
        "severity": found.severity,
        "trails": found.trails,
        "exclaims": found.exclaims,
        "tiny": words <= 3,
        "short": words <= SHORT,
        "wordy": words > WORDY,
        "long": words > LONG,
        "endless": words > VERY_LONG,
        "accepts": reading.accepts,
        "against": reading.against,
        "states": reading.states,
        "order": reading.order,
        "request": reading.request,
        "lets": reading.lets,
        "act": reading.act,
    }
    return [name for name, holds in named.items() if holds]


def _cues(found: Signals, moments: list[str]) -> Iterator[str]:
    cues = found.cues
    for cue, count in cues.items():
        if cue is not Cue.FILLER:
            yield "c:" + cue
            if count > 1 and cue in COUNTED:
                yield "c2:" + cue
    for cue in _CROSSED:
        if cue in cues:
            for moment in moments:
                yield f"c:{cue}&{moment}"
            if found.ends_asking:
                yield f"c:{cue}&ends"
            if found.words <= SHORT:
                yield f"c:{cue}&short"


def _question(tokens: list[str], words: list[str]) -> Iterator[str]:
    """How the last sentence asks: by a question word, a verb, a denied verb, or as a statement."""
    at = len(tokens) - 1
    while at > 0 and tokens[at] in BREAKS:
        at -= 1
    while at > 0 and tokens[at - 1] not in BREAKS:
        at -= 1
    while at < len(tokens) - 1 and tokens[at] in _LEADING:
        at += 1
    first = tokens[at] if tokens else ""
    kind = (
        "asking"
        if first in _ASKING
        else "denied"
        if first in _NEGATED
        else "verb"
        if first in _AUXILIARY
        else "statement"
    )
    yield "q:" + kind
    if kind == "statement" and not _NO.isdisjoint(words):
        yield "q:statement&no"
    if first == "why" and not _NO.isdisjoint(words[:6]):
        yield "q:why&no"
    if first == "did":
        yield "q:did"
    if "you" in words or "your" in words:
        yield "q:you"


def _impersonal(found: Signals, words: list[str], context: Context) -> Iterator[str]:
    """A text without a person: a finding of a review, a specification, a report."""
    if len(words) <= IMPERSONAL or not _PERSONS.isdisjoint(words):
        return
    yield "x:impersonal"
    modal = not _MODAL.isdisjoint(words)
    if len(words) > LONG:
        yield "x:impersonal&long"
    if found.names_code:
        yield "x:impersonal&code"
    if modal:
        yield "x:impersonal&modal"
    if not context.empty:
        yield "x:impersonal&work"
        if modal:
            yield "x:impersonal&modal&work"


def _script(tokens: list[str]) -> set[str]:
    """Pairs of neighbouring characters of Chinese and Japanese, which write words without spaces."""
    pairs: set[str] = set()
    for token in tokens:
        if not token.isascii() and SCRIPT.search(token):
            text = f"^{token[:MAX_RUN]}$"
            pairs.update("z:" + text[at : at + 2] for at in range(len(text) - 1))
    return pairs


def _words(tokens: list[str], words: list[str], context: Context) -> Iterator[str]:
    for word in set(tokens):
        yield "w:" + word
    for one, two in set(pairwise(tokens)):
        yield f"b:{one} {two}"
    if tokens:
        yield "^" + tokens[0]
    if len(tokens) > 1:
        yield f"^^{tokens[0]} {tokens[1]}"
    shared = sum(word in context.words for word in set(words) if len(word) >= CONTENT)
    yield "o:none" if not shared else "o:one"
    if shared > 2:
        yield "o:more"


def _moves(text: str, found: Signals, moments: list[str]) -> Iterator[str]:
    """What is done with the message, and that crossed with the moment, the length and whether it ends asking."""
    length = "s" if found.words <= SHORT else "m" if found.words <= LONG else "l"
    ending = "?" if found.ends_asking else "."
    for move, count in find_moves(text).items():
        yield "k:" + move
        if count >= OFTEN:
            yield "k2:" + move
        if count >= VERY_OFTEN:
            yield "k4:" + move
        for circumstance in (*moments, length, ending):
            yield f"k:{move}&{circumstance}"


def features(words: str, found: Signals, context: Context, reading: Reading, points: Points) -> list[tuple[str, float]]:
    """The names of the features a message has, each with its value (one but for `POINTS`); none comes twice.

    `words` is the message as `phrases_reader.own_words` leaves it; the rest is what was read in it and in what the
    agent had said.
    """
    tokens = found.tokens
    spoken = [token for token in tokens if token not in BREAKS]
    moments = _moments(context)
    names = ["p:" + moment for moment in moments]
    names += [f"p:{name}" for name, holds in (("listed", context.listed), ("fails", context.fails)) if holds]
    names.append(f"best:{points.index(max(points))}")
    for shape in _shape(found, reading):
        names.append("s:" + shape)
        names += ["s:" + shape + "&" + moment for moment in moments]
    if found.names_code:
        names.append("x:code" if context.empty else "x:code&work")
    names += _cues(found, moments)
    if found.ends_asking:
        names += _question(tokens, spoken)
    names += _impersonal(found, spoken, context)
    names += _words(tokens, spoken, context)
    names += _script(tokens)
    names += _moves(words, found, moments)
    names += sorted(clause_features(tokens, context.words))
    valued = [(name, max(LEAST, min(MOST, value / SCALE))) for name, value in zip(POINTS, points, strict=True)]
    return valued + [(name, 1.0) for name in names]
