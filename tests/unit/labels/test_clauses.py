"""English clauses are read for mood, subject, polarity and what they are for; every example is invented."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.capture.clauses import MAX_CLAUSES, Clause, read_clauses
from sidecar.capture.clauses_acts import clause_features, name_acts
from sidecar.capture.clauses_words import VERBS
from sidecar.capture.intent import read_features
from sidecar.capture.phrases import split

NOTHING: frozenset[str] = frozenset()


def first(text: str, said: str = "") -> Clause:
    """The first clause of a text."""
    return read_clauses(split(text), frozenset(split(said)))[0]


@pytest.mark.parametrize(
    ("text", "mood", "subject", "negated", "verb"),
    [
        ("remove the cache", "order", "none", False, "cut"),
        ("don't touch the parser", "order", "none", True, "alter"),
        ("can you add a test?", "ask", "you", False, "make"),
        ("let's rename it", "lets", "we", False, "alter"),
        ("should we use tabs?", "may", "we", False, "use"),
        ("what if we drop the index?", "whynot", "we", False, "cut"),
        ("does it work on windows?", "yesno", "it", False, "work"),
        ("isn't the file written twice?", "yesno", "named", True, "make"),
        ("why did you delete the config?", "wh", "you", False, "cut"),
        ("it returns a list?", "asked", "it", False, "show"),
        ("the build fails on windows", "state", "named", False, "fail"),
        ("i don't see the button", "state", "i", True, "see"),
        ("it does not compile", "state", "it", True, "work"),
        ("there are no tests", "state", "there", True, "be"),
        ("the page shows nothing", "state", "named", True, "show"),
        ("test output is wrong", "state", "named", False, "be"),
        ("no tests", "part", "none", True, ""),
        ("yes", "yes", "none", False, ""),
        ("no", "no", "none", False, ""),
        ("thanks!", "thanks", "none", False, ""),
    ],
)
def test_reads_mood_subject_polarity_and_verb(text: str, mood: str, subject: str, negated: bool, verb: str) -> None:
    """A clause is read as English grammar says."""
    one = first(text)
    assert (one.mood, one.subject, one.negated, one.verb) == (mood, subject, negated, verb)


@pytest.mark.parametrize(
    ("text", "tense"),
    [
        ("it fails", "pres"),
        ("it failed", "past"),
        ("it has failed", "perf"),
        ("it is failing", "prog"),
        ("the file is deleted", "pass"),
        ("it would fail", "would"),
        ("it should fail", "should"),
        ("you need to fail early", "should"),
        ("it can fail", "can"),
        ("i'll fix it", "will"),
    ],
)
def test_reads_tense(text: str, tense: str) -> None:
    """Tense, aspect and modal verbs are told apart, contracted or not."""
    one = first(text)
    assert (one.tense or one.frame) == tense or (tense == "should" and one.frame == "charge")


def test_cuts_a_message_into_clauses() -> None:
    """Sentences end at marks and line ends, clauses at commas and at words that join."""
    found = read_clauses(
        split("ok, that works, but the icon is too big and it flickers when i scroll. fix it"), NOTHING
    )
    assert [one.mood for one in found] == ["yes", "state", "state", "state", "state", "order"]
    assert [one.link for one in found] == ["", "", "but", "and", "when", ""]
    assert [one.value for one in found] == ["good", "good", "too", "", "", ""]


def test_a_tag_belongs_to_its_clause() -> None:
    """A question tag is no clause of its own."""
    (one,) = read_clauses(split("this runs on every save, right?"), NOTHING)
    assert (one.mood, one.subject) == ("tagged", "it")


def test_knows_what_the_agent_spoke_of() -> None:
    """A word of the agent's refers to its work, a pointing word to what is at hand."""
    assert first("the migration is slow", "I wrote the migration.").refers == "work"
    assert first("that is slow", "I wrote the migration.").refers == "here"
    assert first("windows is slow", "I wrote the migration.").refers == ""


def test_tells_the_button_from_a_button() -> None:
    """The object's article is kept."""
    assert (first("remove the button").definite, first("add a button").definite) == ("the", "a")


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("revert the last commit", "undo-order"),
        ("don't commit yet", "stop-order"),
        ("use tabs instead", "redirect-order"),
        ("the tests still fail", "flaw-still"),
        ("it doesn't work", "flaw"),
        ("missing test for the empty list", "flaw"),
        ("nothing is rendered", "flaw-nothing"),
        ("it should be sorted by name", "norm+"),
        ("the list shouldn't be empty", "norm-"),
        ("you deleted the wrong file", "you-did+"),
        ("i would prefer a table", "f-prefer"),
        ("i'm not sure we need this", "f-doubt"),
        ("i would have expected an error", "f-expect"),
        ("isn't that slow?", "challenge-yesno"),
        ("why is it slow?", "why-it"),
        ("did you run the tests?", "did-you"),
        ("are you sure it works?", "sure"),
        ("i get an error", "notice"),
        ("i don't see it", "unseen"),
        ("i'll take it from here", "i-take"),
        ("looks great", "praise-none"),
        ("yes", "say-yes"),
    ],
)
def test_names_what_a_clause_is_for(text: str, act: str) -> None:
    """Orders, faults, norms, doubts and challenges are told apart."""
    assert act in name_acts(first(text))


@pytest.mark.parametrize(
    "text", ["no problem", "no worries", "fix the broken test", "is it broken?", "if it fails, stop"]
)
def test_finds_no_fault_where_none_is_found(text: str) -> None:
    """A word of trouble in an order, a question, a condition or a phrase of courtesy is no fault found."""
    assert "flaw" not in name_acts(first(text))


def test_verbs_are_in_one_class() -> None:
    """No verb has two classes."""
    verbs = [verb for line in VERBS.values() for verb in line.split()]
    assert sorted(set(verbs)) == sorted(verbs)


def test_features_join_those_of_the_message() -> None:
    """The features of clauses are among those the weights are learned for, once each."""
    names = [name for name, _ in read_features("it still fails, please revert it", "Done.")]
    assert {"ya:flaw-still", "ya:undo-order", "y0:flaw"} <= set(names)
    assert len(names) == len(set(names))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*split("no not don't it is the test fails but and which , . ? x 1 you why can"), "\n"]))
)
def test_any_words_are_read(tokens: list[str]) -> None:
    """Any row of words is read, the same way every time, into a bounded number of clauses."""
    assert len(read_clauses(tokens, NOTHING)) <= MAX_CLAUSES
    assert clause_features(tokens, NOTHING) == clause_features(tokens, NOTHING)


def test_costs_little() -> None:
    """A message of as many words as are looked at takes well under a tenth of a second."""
    tokens = split("the test i wrote for it is not what you said , " * 15)[:150]
    clause_features(tokens, NOTHING)
    start = time.process_time()
    clause_features(tokens, NOTHING)
    assert time.process_time() - start < 0.1
