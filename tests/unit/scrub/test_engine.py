"""Both gates answer the same, and the time of a scrub grows with the text and no faster."""

from __future__ import annotations

import random
import time

import pytest

from sidecar.scrub.engine import make
from sidecar.scrub.rules import RULES, table
from sidecar.scrub.scrubber import Scrubber

SIZE = 120_000
LEAST = 1.0
"""MB/s a hostile text must reach here, on a machine shared with other tests; the benchmark asks for 2."""


def _draw(alphabet: str, n: int) -> str:
    return "".join(random.Random(5).choices(alphabet, k=n))


HEX = "0123456789abcdef"
WORDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HOSTILE = {
    "base64": lambda n: _draw(WORDS, n),
    "hex": lambda n: _draw(HEX, n),
    "digits": lambda n: _draw("0123456789", n),
    "hex_colons": lambda n: "".join(c + ":" * (i % 2) for i, c in enumerate(_draw(HEX, n * 2 // 3))),
    "word_dots": lambda n: "word." * (n // 5),
    "one_letter": lambda n: "a" * n,
    "at": lambda n: "@" * n,
    "mailish": lambda n: "a@" * (n // 2),
    "digit_groups": lambda n: "1 2-3." * (n // 6),
    "spaces": lambda n: " " * n,
    "pem_open": lambda n: "-----BEGIN RSA PRIVATE KEY-----" * (n // 31),
    "pem_lines": lambda n: "-----BEGIN RSA PRIVATE KEY-----\n" + ("A" * 64 + "\n") * (n // 65),
    "url": lambda n: "https://h.example/" + "a/" * (n // 2),
    "urls": lambda n: "https://h/?" * (n // 11),
    "minified": lambda n: 'function(e){var t=e.key,n="x";return t&&n(t.token)};' * (n // 52),
    "homes": lambda n: "/home/" * (n // 6),
    "bearer": lambda n: "Bearer " * (n // 7),
    "jwt": lambda n: "eyJ" * (n // 3),
    "keys": lambda n: "api_key=" * (n // 8),
    "keys_and_passwords": lambda n: "api_key=password:" * (n // 17),
    "backslashes": lambda n: '\\"' * (n // 2),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_costs_linear_time(case: str):
    """Twice the text takes at most about twice the time, and no hostile text is slow."""
    scrubber = Scrubber()
    scrubber.text("warm up")
    took = []
    for size in (SIZE, 2 * SIZE):
        text = HOSTILE[case](size)
        best = 9e9
        for _ in range(2):
            start = time.process_time()
            scrubber.fresh().text(text)
            best = min(best, time.process_time() - start)
        took.append(best)
    assert 2 * SIZE / 1e6 / took[1] > LEAST, took
    assert took[1] < 3.5 * took[0] + 0.02, took


@pytest.mark.parametrize("case", HOSTILE)
def test_both_engines_find_the_same_in_hostile_text(case: str):
    """The fallback finds what hyperscan finds, in texts that make both work hardest."""
    text = HOSTILE[case](6_000)
    assert Scrubber(engine="re").find(text) == Scrubber(engine="hyperscan").find(text)


def test_the_gate_fires_on_every_sample_of_every_rule():
    """What a rule's sample needs, both gates offer: no sample is lost before its confirm step."""
    for engine in ("hyperscan", "re"):
        rules = table(strict_hex=True)
        gate = make(engine, rules)
        for rule in RULES:
            for sample in rule.samples:
                text = f" {sample} "
                offered = {rules[i].name for _, i in gate.candidates(text, text.encode())}
                assert rule.name in offered, (engine, rule.name)


def test_an_unknown_engine_is_refused():
    """A name that is no engine is an error at once."""
    with pytest.raises(ValueError, match="no scrub engine"):
        make("magic", RULES)
