"""A short run of what `make fuzz` runs all night: the claims of the scrubber, asked of made-up strings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import scrub_claims
from bench.scrub_claims import Claims, smallest
from bench.scrub_strings import BLOCK, LONGEST, block
from sidecar.scrub import rules
from sidecar.scrub.engine import make

BLOCKS = 24
TOKEN = "ghp_k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pk7Rq2ZtL"


@pytest.fixture(scope="module")
def claims() -> Claims:
    """One set of scrubbers for all blocks."""
    return Claims()


@pytest.mark.parametrize("number", range(BLOCKS))
def test_the_claims_hold(claims: Claims, number: int):
    """Twice is once, the engines agree, and the gate misses nothing, for every string of some blocks."""
    assert claims.ask(block(1, number), both=number % 4 == 0) is None


def test_a_seed_means_the_same_strings():
    """A block depends on its seed and number alone, so a difference can be shown again."""
    assert block(3, 5) == block(3, 5)
    assert block(3, 5) != block(4, 5) != block(4, 6)
    assert len(block(3, 5)) == BLOCK
    assert max(map(len, block(3, 5))) <= LONGEST


def test_a_gate_that_misses_a_rule_is_found_out():
    """Were a head of a token too narrow for its body, the claim would fail with the token alone as the example."""
    claims = Claims()
    whole = rules.table(strict_hex=False)
    narrow = tuple(replace(r, heads=r.heads[1:]) if r.name == "github-classic" else r for r in whole)
    claims._gate = make("hyperscan", narrow)
    found = claims.ask([f"a {TOKEN} b", "nothing"], both=False)
    assert found is not None
    assert found.claim.startswith("the gate misses nothing")
    assert found.text == TOKEN[:40]


def test_an_engine_that_finds_less_is_found_out(monkeypatch: pytest.MonkeyPatch):
    """Were the fallback blind for a string, the claim would fail with the smallest such string."""
    claims = Claims()
    find = claims._other.find
    monkeypatch.setattr(claims._other, "find", lambda text: [] if "@" in text else find(text))
    found = claims.ask(["mail jane.doe@gmail.com now"], both=True)
    assert found is not None
    assert found.claim.startswith("the fallback finds")
    assert "@" in found.text and len(found.text) < 10


def test_a_counterexample_is_made_as_small_as_it_can_be():
    """Nothing can be taken from the smallest string without its ceasing to fail."""
    assert smallest("xxxxAxxxxxBxx", lambda text: "A" in text and "B" in text) == "AB"


def test_strings_are_kept_apart():
    """No expression of the gate goes from one string of a block to the next."""
    for number in range(4):
        strings = block(2, number)
        joined = scrub_claims.APART.join(strings)
        gate = make("hyperscan", rules.table(strict_hex=False))
        units = joined.encode("utf-8", "surrogatepass")
        ends, at = set(), 0
        for text in strings:
            size = len(text.encode("utf-8", "surrogatepass"))
            single = text.encode("utf-8", "surrogatepass")
            ends |= {(p + at, i) for p, i in gate.candidates("", single) if not gate_once(i)}
            at += size + len(scrub_claims.APART)
        assert ends == {(p, i) for p, i in gate.candidates("", units) if not gate_once(i)}


def gate_once(index: int) -> bool:
    """Whether the rule of this index is met at most once in a text."""
    return rules.table(strict_hex=False)[index].once
