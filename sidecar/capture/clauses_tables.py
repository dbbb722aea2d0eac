"""The tables of the clause reader, made from the words of `clauses_words`.

Owns: `Tables`, `get_tables`, `judge`, and the sets of words that stand for themselves.
Never: reads a message.
Invariant: built once, when the first message is read.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from sidecar.capture import clauses_words as words
from sidecar.capture.phrases import split


class Tables(NamedTuple):
    """Look-ups by word."""

    verbs: dict[str, tuple[str, str]]
    """Form -> class, kind: b(ase), s, d (past), n (participle), g (-ing)."""
    nouns: frozenset[str]
    subjects: dict[str, str]
    shortened: dict[str, str]
    auxiliaries: dict[str, str]
    frames: dict[str, tuple[tuple[tuple[str, ...], str], ...]]
    leaders: dict[str, str]
    links: dict[str, str]
    value: dict[str, str]


def to_set(line: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(line.split())


def _turned(groups: dict[str, str]) -> dict[str, str]:
    """Word -> the group it is in; the first group wins."""
    found: dict[str, str] = {}
    for name, line in groups.items():
        for word in line.split():
            found.setdefault(word, name)
    return found


def _inflect(verb: str) -> list[tuple[str, str]]:
    """The regular forms of a verb, each with its kind."""
    if verb.endswith("e"):
        past, present = verb + "d", verb[:-1] + "ing"
    elif verb.endswith("y") and verb[-2] not in "aeou":
        past, present = verb[:-1] + "ied", verb + "ing"
    else:
        past, present = verb + "ed", verb + "ing"
    third = past[:-1] + "s" if past.endswith("ied") else verb + "es" * verb.endswith(("s", "sh", "ch", "x", "o"))
    third = third if third != verb else verb + "s"
    return [(verb, "b"), (third, "s"), (past, "d"), (present, "g")]


def _verbs() -> dict[str, tuple[str, str]]:
    lines = words.IRREGULAR.replace("\n", "|").split("|")
    irregular = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    found: dict[str, tuple[str, str]] = {}
    for name, line in words.VERBS.items():
        for verb in line.split():
            forms = _inflect(verb)
            if verb in irregular:
                past, participle, present = irregular[verb]
                forms = [*forms[:2], (past, "d"), (participle, "n"), (present, "g")]
            for form, kind in forms:
                found.setdefault(form, (name, kind))
    return found


@functools.cache
def get_tables() -> Tables:
    """Made when the first message is read, not when this is imported."""
    frames: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name, lines in words.FRAMES.items():
        for phrase in lines.replace("\n", "|").split("|"):
            if phrase.strip():
                first, *rest = split(phrase.strip())
                frames.setdefault(first, []).append((tuple(rest), name))
    value = dict.fromkeys(words.COMPARED.split(), "more")
    value |= dict.fromkeys(words.GOOD.split(), "good") | dict.fromkeys(words.BAD.split(), "bad")
    return Tables(
        verbs=_verbs(),
        nouns=to_set(words.NOUNS),
        subjects=_turned(words.SUBJECTS),
        shortened=_turned(words.SHORTENED),
        auxiliaries=_turned(words.AUXILIARIES),
        frames={first: tuple(sorted(rest, key=lambda item: -len(item[0]))) for first, rest in frames.items()},
        leaders=_turned(words.LEADERS),
        links=_turned(words.LINKS),
        value=value,
    )


NEGATORS = to_set(words.NEGATORS)
ADVERBS = to_set(words.ADVERBS)
PAST = to_set(words.PAST)
WH = to_set(words.WH)
DETERMINERS = to_set(words.DETERMINERS)
DEFINITE, INDEFINITE = to_set(words.DEFINITE), to_set(words.INDEFINITE)
ARTICLES = DEFINITE | INDEFINITE
PREPOSITIONS = to_set(words.PREPOSITIONS)
AGAIN, SHIFTED = to_set(words.AGAIN), to_set(words.SHIFTED)
HARMLESS = to_set(words.HARMLESS)
HERE, PERSONS, STOP = to_set(words.HERE), to_set(words.PERSONS), to_set(words.STOP)
TAGS = to_set("right correct no yes or ok okay huh eh hey yeah not true")
ENDS = frozenset("?\n.!")
CUTS = frozenset(",;:\u2014") | {" - "}
SOFT = frozenset({"and", "or"})
RELATIVE = frozenset({"that", "where", "who"})
NARROW = frozenset({"so", "as", "since", "cause", "then", "yet", "once", "plus", "given", "due"})
"""Join clauses only where the next one shows its subject at once."""
PLAIN = frozenset({"do", "don't", "dont", "be", "have"})
NO_OBJECT = frozenset({"no", "nothing", "none", "nobody", "nowhere", "neither", "not", "zero"})


def judge(spoken: list[str], tables: Tables) -> str:
    """How a clause values something: "good", "bad", "too" (much), "more" (than) or ""."""
    found = ""
    for at, word in enumerate(spoken):
        value = tables.value.get(word, "")
        if word == "too" and at + 1 < len(spoken) and spoken[at + 1] not in PREPOSITIONS:
            return "too"
        if value == "bad" or (value and not found):
            found = value
    return found
