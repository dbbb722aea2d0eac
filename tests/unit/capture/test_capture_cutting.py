"""A cut text is a head and a tail of what it was, within the wire's limit, with no placeholder or pair split."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sidecar.capture import cutting
from sidecar.capture.cutting import clip_tail, cut_output
from sidecar.wire.canonical import utf16_length
from sidecar.wire.limits import MAX_CONTENT

PIECES = st.lists(st.sampled_from(["a", "\U0001f600", "[EMAIL]", "[AWS_KEY]", "\n", "[", "]", "é"]), max_size=60)


@given(PIECES, st.integers(0, 40))
def test_a_tail_splits_neither_pair_nor_placeholder(pieces, units):
    """`clip_tail` answers an end of the text that fits and starts at the border of an atom."""
    text = "".join(pieces)
    tail = clip_tail(text, units)
    assert text.endswith(tail)
    assert utf16_length(tail) <= units
    rest = text[: len(text) - len(tail)]
    for placeholder in ("[EMAIL]", "[AWS_KEY]"):
        assert not any(
            rest.endswith(placeholder[:n]) and tail.startswith(placeholder[n:]) for n in range(1, len(placeholder))
        )


def test_short_output_is_left_alone():
    """Seventy lines or fewer are kept as they are."""
    text = "\n".join(map(str, range(70)))
    for whole in (text, text + "\n"):
        assert cut_output(whole, failed=False) == (whole, False)


def test_long_output_keeps_50_and_20_lines():
    """Of 1,000 lines the first 50 and the last 20 stay, and the gap is named."""
    rows = [f"line {n}" for n in range(1_000)]
    cut = cut_output("\n".join(rows), failed=False)
    assert cut.truncated
    assert cut.text.split("\n") == [*rows[:50], "[… 930 lines left out …]", *rows[-20:]]
    assert cut_output("\n".join(rows) + "\n", failed=False).text.endswith("line 999\n")


def test_an_error_keeps_a_longer_tail():
    """The end of what failed is where the reason stands."""
    rows = [f"line {n}" for n in range(1_000)]
    assert cut_output("\n".join(rows), failed=True).text.split("\n")[-100:] == rows[-100:]
    assert cut_output("\n".join(rows[:150]), failed=True).truncated is False


def test_long_lines_are_cut_to_the_wire():
    """One line beyond the content limit keeps head and tail and fits it, in UTF-16 units."""
    for char in ("x", "\U0001f600"):
        cut = cut_output("start" + char * 200_000 + "end", failed=False)
        assert cut.truncated
        assert utf16_length(cut.text) <= MAX_CONTENT
        assert cut.text.startswith("start")
        assert cut.text.endswith("end")


def test_the_cut_spares_a_placeholder():
    """A placeholder that lies across the cut is dropped whole."""
    head = "x" * (cutting.HEAD_UNITS - 3)
    cut = cut_output(head + "[EMAIL]" + "y" * 100_000, failed=False)
    assert "[EMA" not in cut.text
