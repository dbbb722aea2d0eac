"""Properties of the scrubber under generated text."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.scrub.rules import RULES
from sidecar.scrub.scrubber import Scrubber

PIECES = sorted({sample for rule in RULES for sample in (*rule.samples, *rule.misses)})
GLUE = ["", " ", "\n", "=", ": ", '"', "'", '\\"', "\\n", "&", "?", "/", "@", "://", "%3D", "%22", "\x1b[1m", "\u200b", "é", "🔑",
        "password", "api_key", "token=", "Bearer ", "[API_KEY]", "[USER]", "[EMAIL]", "::", "+", "-", "/home/", "eyJ", "\ud800"]  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(GLUE), st.sampled_from(PIECES), st.text(max_size=12)), max_size=12).map(
    "".join
)
HYPERSCAN = Scrubber(engine="hyperscan")
FALLBACK = Scrubber(engine="re")
FAST = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FAST
@given(TEXT)
def test_twice_is_once(text: str):
    """scrub(scrub(x)) == scrub(x), with the same scrubber and with a new one."""
    scrubber = HYPERSCAN.fresh()
    once = scrubber.text(text)
    assert scrubber.text(once) == once
    assert HYPERSCAN.fresh().text(once) == once


@FAST
@given(TEXT)
def test_both_engines_agree(text: str):
    """The fallback finds exactly the spans hyperscan finds."""
    assert FALLBACK.fresh().find(text) == HYPERSCAN.fresh().find(text)


@FAST
@given(TEXT)
def test_spans_are_ordered_apart_and_inside(text: str):
    """Spans are sorted, do not overlap, are not empty and lie in the text; outside them nothing changes."""
    spans = HYPERSCAN.fresh().find(text)
    at = 0
    kept = []
    for span in spans:
        assert at <= span.start < span.end <= len(text)
        kept.append(text[at : span.start])
        at = span.end
    kept.append(text[at:])
    out = HYPERSCAN.fresh().text(text)
    for piece in kept:
        assert piece in out


@FAST
@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), TEXT), lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)), max_leaves=12))  # fmt: skip
def test_json_keeps_its_shape_and_settles(value: object):
    """Any JSON value keeps its shape, and scrubbing it again changes nothing."""
    once = HYPERSCAN.fresh().json(value)
    assert type(once) is type(value)
    if isinstance(value, (dict, list)):
        assert len(once) == len(value)
    assert HYPERSCAN.fresh().json(once) == once
    json.dumps(once)
