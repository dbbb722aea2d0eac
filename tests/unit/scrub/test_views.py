"""Invisible characters and terminal colours are read over; text that a terminal shows or keeps is not."""

from __future__ import annotations

import sys

import pytest

from sidecar.scrub import views
from sidecar.scrub.engine import make
from sidecar.scrub.rules import table
from sidecar.scrub.scrubber import Scrubber

TOKEN = "ghp_k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pk7Rq2ZtL"
BASE = Scrubber()
COLOURS = ("\x1b[1m", "\x1b[38;5;208m", "\\u001b[0m", "\\u001B[0m", "\\x1b[2K", "\\033[31m", "\\e[1m", "\x1b(B")


@pytest.mark.parametrize("engine", ["hyperscan", "re"])
def test_the_gate_notices_whatever_is_read_over(engine: str):
    """Each invisible character and each form of a colour makes the gate say that the text hides something."""
    rules = table(strict_hex=False)
    gate = make(engine, rules)
    invisible = [chr(c) for c in range(sys.maxunicode + 1) if views.INVISIBLE.match(chr(c))]
    assert len(invisible) > 500
    for mark in (*invisible, *COLOURS):
        units = f"a{mark}b".encode().decode("latin-1")
        assert "hidden" in {rules[i].name for _, i in gate.candidates(units, units.encode("latin-1"))}, ascii(mark)
    plain = "plain text, é, 中, 🔑, \\u0022 and \\x3d, a[0] \x1b"
    assert "hidden" not in {rules[i].name for _, i in gate.candidates("", plain.encode())}


@pytest.mark.parametrize("mark", [*COLOURS, "\u200b", "\u200d", "\ufe0f", "\u00ad", "\U000e0061"])
def test_a_token_is_found_through_what_is_read_over(mark: str):
    """A mark before, after or inside a token hides no part of it."""
    for text in (f"x {mark}{TOKEN}{mark} y", f"x {TOKEN[:9]}{mark}{TOKEN[9:]} y"):
        out = BASE.fresh().text(text)
        assert "[API_KEY]" in out, ascii(text)
        assert not any(TOKEN[i : i + 12] in out for i in range(0, 28, 4)), ascii(out)


def test_what_a_terminal_keeps_is_looked_at():
    """The title of a window and the address of a link are text like any other, though no screen shows them."""
    for text, secret in (
        (f"\x1b]0;export T={TOKEN}\x07$ ls", TOKEN[4:]),
        ("\x1b]8;;https://app:Tr0ub4dor33x@h.example/x\x1b\\link\x1b]8;;\x1b\\", "Tr0ub4dor33x"),
        ("\x1b]2;jane.doe@gmail.com: ~\x1b\\", "jane.doe"),
    ):
        assert secret not in BASE.fresh().text(text)


def test_a_placeholder_after_an_escape_is_no_colour():
    """`ESC [API_KEY]` is an escape character and a placeholder, which stays whole."""
    once = BASE.fresh().text(f"/home/\x1b{TOKEN}")
    assert once == "/home/\x1b[API_KEY]"
    assert BASE.fresh().text(once) == once
