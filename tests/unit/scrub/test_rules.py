"""The rule table keeps its own promises: names, steps, samples that match and samples that do not."""

from __future__ import annotations

import re

import pytest

from sidecar.scrub.boundary import PLACEHOLDER_ATOM
from sidecar.scrub.confirm import STEPS
from sidecar.scrub.engine import OVERLAP
from sidecar.scrub.rule import CERTAINTY, PLACEHOLDER, Rule
from sidecar.scrub.rules import RULES, TOKENS, reason
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.shapes import parse

STRICT = Scrubber(strict_hex=True)
PLAIN = Scrubber()


def test_names_are_unique_and_every_rule_is_complete():
    """Every rule has a name of its own, a known category and family, an existing step and bounded heads."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.category in PLACEHOLDER
        assert rule.family in CERTAINTY
        assert rule.confirm in STEPS
        assert rule.heads
        assert reason(rule.name)


def test_no_expression_repeats_without_bound():
    """No head and no body holds a star, a plus or an open repeat, so every match is bounded."""
    for rule in RULES:
        for expression in (*(head.expression for head in rule.heads), rule.body):
            bare = re.sub(r"\[(?:\\.|[^\]\\])*\]", "C", expression)
            assert not re.search(r"(?<!\\)[*+]|\{\d+,\}", bare), rule.name


def test_heads_are_shorter_than_the_overlap_of_windows():
    """No head can be longer than what two windows of the gate share."""
    for rule in RULES:
        for head in rule.heads:
            longest = sum(int(n) for n in re.findall(r"(\d+)\}", head.expression)) + len(head.expression)
            assert longest < OVERLAP, rule.name


@pytest.mark.parametrize("rule", [r for r in RULES if r.samples], ids=lambda r: r.name)
def test_samples_are_replaced(rule: Rule):
    """Each sample that must match is changed, and no placeholder is cut."""
    scrubber = STRICT if rule.strict_only else PLAIN
    for sample in rule.samples:
        out = scrubber.fresh().text(sample)
        assert out != sample, sample
        assert PLACEHOLDER_ATOM.search(out), out


@pytest.mark.parametrize("rule", [r for r in RULES if r.misses], ids=lambda r: r.name)
def test_misses_survive(rule: Rule):
    """Each sample that must not match comes out as it went in."""
    for sample in rule.misses:
        assert PLAIN.fresh().text(sample) == sample


@pytest.mark.parametrize("rule", TOKENS, ids=lambda r: r.name)
def test_token_examples_vanish_and_fillers_stay(rule: Rule):
    """Twenty made-up tokens of each shape are gone after scrubbing; the same shape filled with x is left alone."""
    shape = parse(rule.shape)
    for seed in range(20):
        example = shape.example(seed)
        out = PLAIN.fresh().text(f"see {example} here")
        assert example not in out
        assert out.startswith("see ") and out.endswith(" here")


def test_there_are_about_two_hundred_vendor_shapes():
    """The table of published token shapes covers at least 190 shapes."""
    assert len(TOKENS) >= 190
