"""However bytes are cut into feeds, the same lines come out, and every byte stands in exactly one of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sidecar.capture.framing import Frame, LineFramer

TEXT = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", "\u2028".encode(), b"\x85", b"x" * 9]), max_size=40)


def frames_of(data: bytes, cuts: list[int], limit: int, position: int = 0) -> list[Frame]:
    framer = LineFramer(limit, position)
    frames: list[Frame] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in pairwise(edges):
        frames += framer.feed(data[begin:end])
        assert framer.pending <= limit
    tail = framer.finish()
    assert framer.pending == 0
    return [*frames, tail] if tail else frames


@given(TEXT, st.lists(st.integers(0, 10_000), max_size=20), st.integers(1, 12), st.integers(0, 99))
def test_frames_do_not_depend_on_how_bytes_were_cut(parts, cuts, limit, position):
    """Whole, byte by byte and cut anywhere give the same frames."""
    data = b"".join(parts)
    whole = frames_of(data, [], limit, position)
    assert frames_of(data, cuts, limit, position) == whole
    assert frames_of(data, list(range(len(data))), limit, position) == whole


@given(TEXT, st.integers(1, 12), st.integers(0, 99))
def test_frames_cover_every_byte_once(parts, limit, position):
    """Frames touch, start at the position, end at the end, and hold or count what stands between."""
    data = b"".join(parts)
    at = position
    for frame in frames_of(data, [], limit, position):
        assert frame.start == at
        at = frame.end
        text = data[frame.start - position : frame.end - position]
        body = text if frame.torn else text[:-1]
        assert text.endswith(b"\n") is not frame.torn
        if frame.line is None:
            assert frame.oversize == len(body) > limit
        else:
            assert frame.line == body
            assert frame.oversize == 0
    assert at == position + len(data)


def test_only_newline_splits():
    """U+2028, U+0085 and a carriage return are data."""
    data = "a\u2028b\u0085c\rd\r\ne".encode()
    assert [frame.line for frame in frames_of(data, [], 99)] == ["a\u2028b\u0085c\rd\r".encode(), b"e"]


def test_an_oversize_line_is_never_held():
    """Past the limit nothing of the line stays in memory, and its length is still told."""
    framer = LineFramer(limit=100)
    for _ in range(1_000):
        assert framer.feed(b"y" * 10) == []
        assert framer.pending <= 100
    assert framer.feed(b"\nnext\n") == [Frame(None, 0, 10_001, 10_000), Frame(b"next", 10_001, 10_006)]


def test_position_is_where_reading_can_start_again():
    """A framer started at another's position goes on as the other would have."""
    data = b"one\ntwo\nthree"
    framer = LineFramer()
    framer.feed(data)
    assert framer.position == 8
    again = LineFramer(position=8)
    assert again.feed(data[8:] + b"\n") == [Frame(b"three", 8, 14)]
