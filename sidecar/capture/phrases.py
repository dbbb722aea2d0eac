"""The cues of a message: phrases of six languages, found in one pass.

Owns: `Cue`, `split`, `find_cues`, and the index of the phrase tables.
Never: weighs a cue; `intent` does.
Invariant: every phrase is split exactly as a message is, so adding a phrase never makes matching slower than one
dictionary look-up per word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import StrEnum

from sidecar.capture import phrases_cjk, phrases_de, phrases_en, phrases_es, phrases_fr


class Cue(StrEnum):
    """What a phrase hints at. OPEN_* count only where a message begins."""

    OPEN_NO = "open_no"
    OPEN_STOP = "open_stop"
    OPEN_BUT = "open_but"
    OPEN_YOU = "open_you"
    OPEN_ACCEPT = "open_accept"
    OPEN_ASK = "open_ask"
    OPEN_ORDER = "open_order"
    OPEN_INFORM = "open_inform"
    BUT = "but"
    FILLER = "filler"
    """May stand before the real beginning."""
    HARMLESS = "harmless"
    """Holds a word of another cue without its meaning ("no problem")."""
    UNDO = "undo"
    DONT = "dont"
    NOT = "not"
    FAULT = "fault"
    TROUBLE = "trouble"
    """Names a trouble, whoever's it is ("error"); FAULT finds fault with something."""
    STILL = "still"
    INSTEAD = "instead"
    SWAP = "swap"
    SHOULD = "should"
    BLAME = "blame"
    REPROACH = "reproach"
    REVIEW = "review"
    PROCEED = "proceed"
    ACT = "act"
    """Names the act itself ("commit it"): a go-ahead where the agent asked, an order where it did not."""
    PRAISE = "praise"
    REQUEST = "request"
    LETS = "lets"
    TELL = "tell"
    EXPLAIN = "explain"
    TAG = "tag"
    PREFER = "prefer"
    DOUBT = "doubt"


OPENING = frozenset(cue for cue in Cue if cue.value.startswith("open_"))
WORD = re.compile(r"[^\W_]+(?:'(?:t|s|re|ve|ll|d|m)\b)?|[?\n]|[.,;:!](?=\s)|\u2014| - ")
"""A word with an English contraction kept on (elisions of other languages split); a question mark and whatever ends
a clause count as words too."""
BREAKS = frozenset("?\n.,;:!\u2014") | {" - "}
"""The words of `WORD` that end a clause."""
SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""A kana or a Han character."""
_VERBS = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "isn't",
        "aren't",
        "wasn't",
        "still",
        "fails",
        "failed",
        "failing",
        "keeps",
        "says",
        "shows",
    }
)
"""After one of these the word that could have ordered something ("test", "build") was its subject."""
_STRAIGHT = str.maketrans({"\u2019": "'", "\uff1f": "?"})

Phrases = tuple[tuple[tuple[str, ...], int, Cue], ...]


def split(text: str) -> list[str]:
    """The words of a text, lower case, with straight apostrophes and question marks."""
    return WORD.findall(text.translate(_STRAIGHT).lower())


def _index() -> dict[str, Phrases]:
    """First word -> (the words after it, their number, cue); the longest phrase last, so it wins."""
    found: dict[str, set[tuple[tuple[str, ...], int, Cue]]] = defaultdict(set)
    for phrases in (phrases_en.TABLE, phrases_de.TABLE, phrases_es.TABLE, phrases_fr.TABLE):
        for cue, line in phrases.items():
            for phrase in filter(str.strip, line.replace("\n", "|").split("|")):
                first, *rest = split(phrase.strip())
                found[first].add((tuple(rest), len(rest), Cue(cue)))
    return {first: tuple(sorted(items, key=lambda item: (item[1], item))) for first, items in found.items()}


_WORDS = _index()
_SCRIPTS = tuple((Cue(cue), re.compile(pattern)) for cue, pattern in phrases_cjk.TABLE.items())


def _settle(hits: dict[Cue, int], *, clause: bool) -> None:
    """Let the longer phrase win where phrases of different meaning begin at one word; `hits` maps cue to length."""
    if not clause:
        hits.pop(Cue.PROCEED, None)  # "continue" inside a sentence is no go-ahead
        hits.pop(Cue.ACT, None)
    if max(hits.get(Cue.PROCEED, 0), hits.get(Cue.ACT, 0)) > 0:
        for cue in (Cue.REQUEST, Cue.LETS, Cue.OPEN_ORDER):
            hits.pop(cue, None)  # "let's do it" orders nothing new
    if Cue.TELL in hits and hits[Cue.TELL] > hits.get(Cue.REQUEST, 0):
        hits.pop(Cue.REQUEST, None)  # "can you explain" wants words
    trouble = max(hits.get(cue, 0) for cue in (Cue.FAULT, Cue.TROUBLE, Cue.UNDO, Cue.DONT, Cue.SWAP))
    if Cue.HARMLESS in hits and hits[Cue.HARMLESS] < max(trouble, hits.get(Cue.BLAME, 0)):
        hits.pop(Cue.HARMLESS)  # "why not" asks, "why not done yet" blames
    for cue in (Cue.OPEN_ORDER, Cue.REQUEST, Cue.LETS):
        if hits.get(cue, trouble) < trouble:
            del hits[cue]  # "test fails" is a report, "let's not" an objection


def find_cues(tokens: list[str]) -> dict[Cue, int]:
    """How often each cue occurs among the words of a message; OPEN_* only where it begins, fillers skipped."""
    cues: dict[Cue, int] = {}
    free_from = 0  # words before this index belong to a harmless phrase
    fill_until = 0  # words before this index are fillers
    first = clause = True  # nothing but fillers so far in the message, in the clause
    for at, token in enumerate(tokens):
        if token in BREAKS:
            clause = True
            continue
        hits: dict[Cue, int] = {}
        for rest, length, cue in _WORDS.get(token, ()):
            if not length or tuple(tokens[at + 1 : at + 1 + length]) == rest:
                hits[cue] = length  # noqa: PERF403 -- later, longer phrases win; a comprehension per word is slower
        if Cue.OPEN_ORDER in hits and at + 1 < len(tokens) and tokens[at + 1] in _VERBS:
            del hits[Cue.OPEN_ORDER]
        if hits:
            if len(hits) > 1 or Cue.PROCEED in hits or Cue.ACT in hits:
                _settle(hits, clause=clause)
            if Cue.HARMLESS in hits:
                free_from = at + 1 + hits[Cue.HARMLESS]
            if at >= free_from:
                for cue in hits:
                    if first or cue not in OPENING:
                        cues[cue] = cues.get(cue, 0) + 1
        if Cue.FILLER in hits:
            fill_until = max(fill_until, at + 1 + hits[Cue.FILLER])
        elif at >= fill_until:
            first = clause = False
    return cues


def find_script_cues(text: str) -> dict[Cue, int]:
    """How often each cue occurs in Chinese or Japanese text."""
    found = ((cue, len(pattern.findall(text))) for cue, pattern in _SCRIPTS)
    return {cue: count for cue, count in found if count}
