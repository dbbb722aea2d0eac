"""What the clauses of a message are for: an order to undo, a fault found, a norm, a doubt, a question why.

Owns: `name_acts`, `clause_features`.
Never: weighs an act; reads the text itself (`clauses` does).
Invariant: the features depend on the clauses alone and are bounded by their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.capture.clauses import Clause, read_clauses

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDERS = frozenset({"order", "ask", "lets", "may"})
QUESTIONS = frozenset({"yesno", "wh", "asked", "tagged", "whynot"})
STATEMENTS = frozenset({"state", "part"})
LONG = 8
"""Words beyond which a clause without a person describes something, as a finding does."""
_UNDOING = frozenset({"undo", "cut"})
_STOPPING = frozenset({"stop", "lack"})
_TELLING = frozenset({"tell", "think", "show"})
_CHECKING = frozenset({"try", "see"})
_ALTERING = frozenset({"alter", "use", "give", "keep", "fit"})
_TAKING = frozenset({"give", "mend", "do", "try", "tell", "go", "make", "alter"})
_FAILING = frozenset({"fail", "lack"})
_DENIED = frozenset(
    {
        "work",
        "show",
        "have",
        "fit",
        "see",
        "get",
        "happen",
        "mend",
        "do",
        "try",
        "make",
        "keep",
        "be",
        "go",
        "alter",
        "use",
        "give",
        "tell",
    }
)
"""What finds a fault where it is denied."""
_FRAMES = frozenset({"prefer", "wish", "doubt", "expect", "opine", "seem", "problem", "check", "charge"})
_ASKED_FRAMES = frozenset({"unseen", "notice", "doubt", "expect", "seem", "opine"})
_OBJECTING = frozenset({"doubt", "expect", "prefer", "unseen", "whynot", "problem", "check"})
_STRONG = frozenset({"doubt", "expect", "unseen", "problem"})
_GROUPS = dict.fromkeys(("order", "ask", "lets"), "o") | dict.fromkeys((*QUESTIONS, "may"), "q")
_GROUPS |= dict.fromkeys(STATEMENTS, "s")


def _sign(one: Clause) -> str:
    return "-" if one.negated else "+"


def _finds_fault(one: Clause) -> bool:
    """Whether a statement says that something is wrong."""
    bad = one.verb in _FAILING or one.value in ("bad", "too")
    if one.negated:
        bare = one.mood == "part" and not one.verb and not one.frame  # "no tests"
        return bare or one.value == "good" or one.verb in _DENIED
    return bad


def _of_order(one: Clause) -> Iterator[str]:
    kind = "may" if one.mood == "may" else "order"
    verb = one.verb
    named = {
        "stop": one.negated or verb in _STOPPING,
        "undo": verb in _UNDOING,
        "redirect": one.shifts or one.opened in ("no", "actually", "but") or one.link in ("but", "rather"),
        "again": one.repeats,
        "tell": verb in _TELLING,
        "check": verb in _CHECKING,
        "alter": verb in _ALTERING,
        "any": True,
    }
    if verb in ("mend", "go", "make", "do"):
        yield f"{verb}-{kind}"
    for name, holds in named.items():
        if holds:
            yield f"{name}-{kind}"
    if kind == "may":
        yield "may-" + (one.asks or "_")


def _of_question(one: Clause) -> Iterator[str]:
    mood, who = one.mood, one.subject
    if mood == "wh":
        yield f"wh-{one.asks}-{who}"
        if one.asks == "why":
            yield "why-" + who
    if mood == "yesno":
        yield f"yn-{one.asks}-{who}"
    if one.link in ("but", "so"):
        yield one.link + "-q"
    if mood in ("asked", "tagged") and one.frame in _ASKED_FRAMES:
        yield "asked-" + one.frame
    named = {
        "challenge-" + mood: one.negated,
        "sure": one.frame == "inquire" or (who == "you" and one.verb == "try"),
        "should-q": one.tense == "should",
        "q-you": who == "you",
        "did-you": who == "you" and one.tense in ("past", "perf", "prog"),
        "q-we": who == "we",
        "bad-q": one.verb in _FAILING or one.value in ("bad", "too"),
        "still-q": one.repeats,
        "shift-q": one.shifts,
        "work-q": one.refers == "work",
        "q-" + mood: True,
        "flaw-asked": mood in ("asked", "tagged") and _finds_fault(one),
        "ought-asked": mood in ("asked", "tagged") and (one.frame == "ought" or one.tense == "should"),
    }
    for name, holds in named.items():
        if holds:
            yield name


def _of_fault(one: Clause) -> Iterator[str]:
    yield "flaw"
    yield "flaw-" + one.subject
    if one.refers:
        yield "flaw-" + one.refers
    if one.repeats:
        yield "flaw-still"
    if one.tense in ("would", "can"):
        yield "flaw-may"
    if one.tense in ("past", "perf"):
        yield "flaw-past"


def _of_person(one: Clause) -> Iterator[str]:
    """What a statement about the user, the agent or both says."""
    who, verb, tense, sign = one.subject, one.verb, one.tense, _sign(one)
    if who in ("i", "we"):
        if verb in ("see", "get"):
            yield "unseen" if one.negated else "notice"
        if verb == "want":
            yield "want" + sign
    if who == "you":
        yield f"you-{tense}" if tense in ("can", "should", "would", "will") else "you-did" + sign
    elif who == "we":
        yield f"we-{tense}{sign}"
    elif who != "i":
        return
    elif tense in ("past", "perf"):
        yield "i-did-" + (verb or "_")
    elif tense == "will":
        yield "i-will"
        if verb in _TAKING:
            yield "i-take"
    elif tense == "prog":
        yield "i-prog"
    else:
        yield f"i-{verb or '_'}{sign}"


def _of_statement(one: Clause) -> Iterator[str]:
    who, tense, sign, frame = one.subject, one.tense, _sign(one), one.frame
    supposed = one.link == "if"
    found = _finds_fault(one)
    if found and not supposed and not (who == "i" and one.verb in ("want", "think")):
        yield from _of_fault(one)
    yield from _of_person(one)
    if frame in ("notice", "unseen"):
        yield frame
    if frame in _FRAMES:
        yield "f-" + frame
    if tense == "should" and who not in ("i", "we"):
        yield "norm" + sign
        yield "norm-" + who
    if who in ("it", "named") and not found:
        yield f"fact-{who}{sign}"
    if one.value == "good" and not one.negated:
        yield "praise-" + who
    named = {
        "ought" + sign: (tense == "should" and who == "we") or frame == "ought",
        "still": one.repeats and not found,
        "there" + sign: who == "there",
        "compare": one.value == "more",
        "works": one.verb == "work" and not one.negated,
        "part": one.mood == "part" and not found,
        "if": supposed,
        "but": one.link == "but",
        "so": one.link in ("so", "which"),
        "because": one.link == "because",
        "shift": one.shifts,
        "impersonal": one.mood == "state" and not one.personal and one.words > LONG,
        "may-happen": not one.personal and tense in ("would", "can"),
    }
    for name, holds in named.items():
        if holds:
            yield name


def name_acts(one: Clause) -> set[str]:
    """What a clause is for; a clause can be for several things."""
    if one.mood in ORDERS:
        return set(_of_order(one))
    if one.mood in QUESTIONS:
        return set(_of_question(one))
    if one.mood in STATEMENTS:
        return set(_of_statement(one))
    return {"say-" + one.mood}


def _speaks_against(one: Clause) -> bool:
    """Whether something in a clause speaks against what was done; of weak signs it takes two."""
    strong = (
        one.denies,
        one.verb in _FAILING or one.verb == "undo",
        one.value in ("bad", "too"),
        one.frame in _STRONG,
        one.opened == "no",
        one.mood in ("order", "ask", "lets") and (one.negated or one.verb == "stop"),
        one.subject == "you" and one.mood == "state" and one.tense in ("past", "perf", "prog", "pres"),
    )
    weak = (
        one.shifts or one.link == "rather",
        one.tense == "should",
        one.repeats,
        one.link == "but" or one.opened == "but",
        one.opened == "hm",
        one.frame in _OBJECTING,
        one.value == "more",
    )
    return any(strong) or sum(weak) > 1


def _crossed(one: Clause) -> Iterator[str]:
    """What a clause says, two and three things at a time."""
    sign = _sign(one)
    mood, who, verb, value = one.mood, one.subject, one.verb, one.value
    yield f"{mood} {who} {sign}"
    yield f"verb {verb} {sign}"
    yield f"when {verb} {one.tense}"
    yield f"about {one.refers} {verb} {sign}"
    if value:
        yield f"value {value} {sign}"
        yield f"value {value} {mood}"
        yield f"value {value} {sign} {who}"
        yield f"value when {value} {one.tense}"
    if one.opened:
        yield f"after {one.opened} {mood}"
        yield f"after {one.opened} {who} {sign}"
    if one.definite:
        yield f"object {one.definite} {mood} {verb}"


def clause_features(tokens: list[str], known: frozenset[str]) -> set[str]:
    """The names of the features of the clauses of a message; see `clauses.read_clauses` for what is given."""
    clauses = read_clauses(tokens, known)
    if not clauses:
        return set()
    names: set[str] = set()
    acts = [name_acts(one) for one in clauses]
    for one, named in zip(clauses, acts, strict=True):
        names.update("y:" + crossed for crossed in _crossed(one))
        names.update("ya:" + act for act in named)
    names.update("y0:" + act for act in acts[0])
    if len(clauses) == 1:
        names.update("y1:" + act for act in acts[0])
    first = clauses[0]
    names.add(f"yf:{_GROUPS.get(first.mood, 'i')}{'-' if _speaks_against(first) else ''}")
    return names
