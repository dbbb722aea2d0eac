"""Batches hold what the framer made, in bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sidecar.capture.framing import LineFramer
from sidecar.sources.base import MAX_BATCH_BYTES, MAX_BATCH_FRAMES
from sidecar.sources.gather import Gatherer, keyed_hash


def gather_all(data: bytes, piece: int, limit: int, start: int):
    pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
    gatherer = Gatherer(lambda _: pieces.pop(0) if pieces else b"", start, limit)
    batches = []
    while True:
        got = gatherer.gather()
        batches.append(got.frames)
        if not got.more:
            return batches, gatherer.finish()


@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 40), st.integers(0, 1000))
def test_batches_are_the_frames_of_the_whole(data, piece, limit, start):
    """However the bytes arrive, the batches together are the frames of the bytes fed at once."""
    batches, torn = gather_all(data, piece, limit, start)
    framer = LineFramer(limit, start)
    assert [frame for batch in batches for frame in batch] == framer.feed(data)
    assert torn == framer.finish()


def test_bounds():
    """Many short lines and a few long ones: no batch is larger than allowed, unless one line alone is."""
    data = b"\n" * 1700 + (b"x" * 300_000 + b"\n") * 9 + b"y" * 3_000_000 + b"\nz\n"
    batches, _ = gather_all(data, 1 << 18, 1 << 26, 0)
    assert sum(map(len, batches)) == 1711
    for batch in batches:
        assert len(batch) <= MAX_BATCH_FRAMES
        assert len(batch) == 1 or sum(len(frame.line) for frame in batch) <= MAX_BATCH_BYTES


def test_a_jump_ends_the_held_line_torn():
    """Bytes are missing: what was held ends torn, and positions go on behind the gap."""
    pieces = [b"one\ntw"]
    gatherer = Gatherer(lambda _: pieces.pop(0) if pieces else b"", 0)
    assert [frame.line for frame in gatherer.gather().frames] == [b"one"]
    assert gatherer.pending == 2
    gatherer.jump(100)
    pieces.append(b"new\n")
    frames = gatherer.gather().frames
    assert [(frame.line, frame.start, frame.end) for frame in frames] == [(b"tw", 4, 6), (b"new", 100, 104)]
    assert frames[0].torn and not frames[1].torn


def test_the_hash_depends_on_the_key():
    """Without the key the fingerprint says nothing."""
    assert keyed_hash(b"x", b"a" * 32) != keyed_hash(b"x", b"b" * 32)
    assert keyed_hash(b"x", b"a" * 32) == keyed_hash(b"x", b"a" * 32)
