"""A step scrubbed as a whole is the step scrubbed string by string."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers import registry
from parsers.step import Step, StepType
from sidecar.scrub import gather
from sidecar.scrub.rules import RULES
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.second import Choices

BASE = Scrubber()
BASES = (
    BASE,
    Scrubber(choices=Choices(pseudonyms=True, key=b"k" * 32)),
    Scrubber(choices=Choices(redact=("Falcon",), allow=("jsmith",))),
    Scrubber(choices=Choices(generic_models=True), strict_hex=True),
    Scrubber(engine="re"),
)
DEMO = Path(__file__).parents[3] / "sidecar" / "cli" / "demo_data"
PIECES = sorted({sample for rule in RULES for sample in (*rule.samples, *rule.misses)})
GLUE = [
    "", "\n", " ", "=", ": ", "password", "token", "--token", "api_key", "/home/", "/home/jsmith/x", "jsmith", "\x1b[1m",
    "\\u001b[1m", "\u200b", "é", "🔑", "\ud800", "[API_KEY]", "k7Rq2ZtLw9XcV4mHb8Ns", "Tr0ub4dor&3x", "528-103939", "name",
    "value", "Falcon", "claude opus 4", "completed", "reasoning", "%3D", "2001:470:1f0b:1234:5054:ff:fe1b:b031",
]  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(GLUE), st.sampled_from(PIECES), st.text(max_size=6)), max_size=4).map("".join)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), TEXT)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)
STEP = st.builds(
    Step,
    type=st.sampled_from(StepType),
    content=TEXT,
    channel=st.one_of(st.none(), TEXT),
    tool=st.one_of(st.none(), TEXT),
    call_id=st.one_of(st.none(), TEXT),
    status=st.one_of(st.none(), st.sampled_from(["completed", "failed"]), TEXT),
    arguments=st.one_of(st.none(), st.dictionaries(TEXT, VALUE, max_size=4)),
    changes=st.one_of(st.none(), st.lists(st.dictionaries(TEXT, VALUE, max_size=3), max_size=2)),
    extra=st.dictionaries(TEXT, VALUE, max_size=3),
)


def _apart(scrubber: Scrubber, step: Step) -> dict[str, Any]:
    """The step's fields through `json`, one by one, again if a user's name was met on the way."""
    out: dict[str, Any] = {}
    for _ in range(2):
        known = scrubber.learned
        out = {f.name: getattr(step, f.name) for f in fields(step)}
        for name in list(out)[1:]:
            scrubber.prose = name in {"content", "correction_context"}
            out[name] = scrubber.json(out[name])
        if scrubber.learned == known:
            break
    return out


def _same(one: Scrubber, other: Scrubber, step: Step) -> None:
    before = repr(step)
    whole = one.scrub(step)
    assert {f.name: getattr(whole, f.name) for f in fields(whole)} == _apart(other, step)
    assert whole is not step and repr(step) == before
    assert one.learned == other.learned


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(BASES), st.lists(STEP, min_size=1, max_size=3))
def test_generated_steps_come_out_as_if_scrubbed_string_by_string(base: Scrubber, steps: list[Step]):
    """Steps of one session, looked at as wholes, equal the same steps string by string, under every kind of choice."""
    one, other = base.fresh(), base.fresh()
    for step in steps:
        _same(one, other, step)


@pytest.mark.parametrize("path", sorted(DEMO.glob("*.jsonl")), ids=lambda path: path.stem)
def test_recorded_steps_come_out_as_if_scrubbed_string_by_string(path: Path):
    """The same for every step of the recordings that come with the program."""
    parser = registry.make("auto")
    one, other = BASE.fresh(), BASE.fresh()
    seen = 0
    for line in path.read_bytes().splitlines():
        for step in parser.feed(line).steps:
            _same(one, other, step)
            seen += 1
    assert seen


def test_a_clean_step_is_copied_not_handed_back():
    """A step without anything to replace is a new step with the same values, and the last step's findings are gone."""
    scrubber = BASE.fresh()
    scrubber.scrub(Step(StepType.THOUGHT, content="mail a@gmail.com"))
    step = Step(StepType.ACTION, content="ls", arguments={"command": "ls -l"})
    out = scrubber.scrub(step)
    assert out == step and out is not step
    assert scrubber.found == []


def test_a_name_met_later_counts_in_strings_remembered_as_clean():
    """A text that was clean is looked at again once a user's name in it is known."""
    scrubber = BASE.fresh()
    assert scrubber.scrub(Step(StepType.THOUGHT, content="ask jsmith")).content == "ask jsmith"
    scrubber.scrub(Step(StepType.THOUGHT, content="cd /home/jsmith/x"))
    assert scrubber.scrub(Step(StepType.THOUGHT, content="ask jsmith")).content == "ask [USER]"


def test_no_rule_finds_anything_in_the_words_that_are_skipped():
    """The vocabulary's own words, which a step is not searched for, hold nothing under any setting of the rules."""
    for word in gather._FIXED:
        assert Scrubber(strict_hex=True).find(word) == []


def test_secrets_are_not_kept():
    """After a step is scrubbed, the scrubber holds no string in which something was replaced."""
    scrubber = BASE.fresh()
    scrubber.scrub(Step(StepType.ACTION, arguments={"a": "key ghp_k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pk7Rq2ZtL", "b": "ls"}))
    scrubber.text("ls")
    assert "ls" in scrubber._clean
    assert not any("ghp_" in text for text in scrubber._clean)
