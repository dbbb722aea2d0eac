"""The tables behind the labels keep their promises."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.capture import failure_patterns, failure_shell, phrases_cjk, phrases_de, phrases_en, phrases_es, phrases_fr
from sidecar.capture.failure import judge_result
from sidecar.capture.phrases import BREAKS, Cue, find_cues, split

PATTERNS = [
    *failure_patterns.WHOLE,
    *failure_shell.SHELL,
    *failure_shell.FRINGE,
    *failure_shell.VERDICTS,
]
PRINTED = st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\n\t")
TABLES = {
    "english": phrases_en.TABLE,
    "german": phrases_de.TABLE,
    "spanish": phrases_es.TABLE,
    "french": phrases_fr.TABLE,
    "chinese and japanese": phrases_cjk.TABLE,
}


@pytest.mark.parametrize("pattern", PATTERNS, ids=[pattern.name for pattern in PATTERNS])
def test_no_failure_is_missed_for_want_of_a_trigger(pattern):
    """Whatever a pattern matches holds one of its triggers, so looking for the triggers first loses nothing."""

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern.regex, alphabet=PRINTED))
    def check(text):
        match = pattern.regex.search(text)
        assert match is None or any(trigger in text.lower() for trigger in pattern.triggers)

    check()


@pytest.mark.parametrize("pattern", failure_shell.VERDICTS, ids=[pattern.name for pattern in failure_shell.VERDICTS])
def test_no_verdict_is_missed_for_want_of_a_hint(pattern):
    """Lines without a hint are not searched; a verdict among other lines is found all the same."""

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern.regex, alphabet=PRINTED))
    def check(text):
        output = f"compiling\nlinking\n{text}\nwriting\nclosing\nbye\n"
        if pattern.regex.search(output):
            assert judge_result(output, tool="Bash", is_error=False).failed

    check()


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_language_has_the_cues_that_decide(table):
    """A language without one of these cues would be classified by its question marks alone."""
    assert {Cue(name) for name in table} >= {
        *(Cue.OPEN_NO, Cue.OPEN_STOP, Cue.OPEN_ACCEPT, Cue.OPEN_ASK, Cue.OPEN_ORDER, Cue.UNDO, Cue.DONT, Cue.FAULT),
        *(Cue.STILL, Cue.INSTEAD, Cue.BLAME, Cue.PROCEED, Cue.PRAISE, Cue.REQUEST, Cue.TELL, Cue.HARMLESS),
    }


def test_every_phrase_is_found_as_it_is_written():
    """A phrase alone in a message is found under its cue, unless a harmless or longer reading of it wins."""
    missed = []
    for name in ("english", "german", "spanish", "french"):
        for cue in ("undo", "fault", "blame", "swap", "praise"):
            for phrase in filter(str.strip, TABLES[name].get(cue, "").replace("\n", "|").split("|")):
                cues = find_cues(split(phrase.strip()))
                if Cue(cue) not in cues and Cue.HARMLESS not in cues:
                    missed.append((name, cue, phrase.strip()))
    assert missed == []


def test_a_message_is_split_into_words_and_breaks():
    """Contractions stay whole, elisions split, curly apostrophes are straightened, clause ends are words."""
    assert split("Don\u2019t, please. C'est tout\uff1f") == ["don't", ",", "please", ".", "c", "est", "tout", "?"]
    assert {",", ".", "?"} <= BREAKS
