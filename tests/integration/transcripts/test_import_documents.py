"""Chats stored as one JSON document are taken whole, once, by import; what cannot be taken is counted by name."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import anyio
import pytest

from parsers.gemini_document import MAX_DOCUMENT_BYTES, lines
from sidecar.importer import NOTHING_NEW, Importer, find, plan
from sidecar.offline import Offline
from sidecar.sources import documents
from sidecar.sources.base import Committed, Resume
from sidecar.sources.documents import CHANGED, NOT_WHOLE, TOO_LONG
from sidecar.sources.transcript_names import Home
from sidecar.sources.transcripts import DOCUMENTS, MARKER, Books, Position, TranscriptFolders
from tests.patience import soon

DATA = Path(__file__).parents[2] / "data/versions/gemini-0.32.1/parallel/transcript.json"
STEM = "session-2026-11-20T13-23-112b9468"
KEY = b"k" * 32
NAME = f"gemini/{STEM}.json"


@pytest.fixture
def chat(tmp_path):
    """A stored document below a home."""
    path = tmp_path / ".gemini/tmp/proj/chats" / f"{STEM}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA.read_bytes())
    return path


def planned(root, *positions, paths=()):
    """The pieces and what is left, of an import of `paths` (default: the home)."""
    homes = [Home("gemini", root / ".gemini/tmp")]
    left = Counter()
    result = plan(find(homes, paths, KEY, left), positions, homes, since=0, pending=None)
    return result.pieces, dict(result.left + left)


def take(pieces, resume=None, fail_after=None):
    """The batches of an import; it is interrupted before batch `fail_after`."""
    batches = []

    async def sink(batch):
        if fail_after is not None and len(batches) >= fail_after:
            raise InterruptedError
        batches.append(batch)
        return Committed(0)

    async def lookup(_info):
        return resume

    async def main():
        importer = Importer(sink=sink, lookup=lookup, key=KEY, moved=lambda _: None)
        await importer.run(pieces)
        return importer

    try:
        return batches, anyio.run(main)
    except InterruptedError:
        return batches, None


def test_a_document_is_taken_whole_and_once(tmp_path, chat):
    """Every message is a line; the lines cover its bytes; a second import finds nothing, also while homes are followed."""
    (piece,), left = planned(tmp_path)
    batches, importer = take([piece])
    frames = [frame for batch in batches for frame in batch.frames]
    assert left == {} and [frame.line for frame in frames] == lines(chat.read_bytes())
    assert [frame.start for frame in frames] == [0, *(frame.end for frame in frames[:-1])]
    size = chat.stat().st_size
    assert frames[-1].end == importer.bytes == size and importer.lines == len(frames)
    assert batches[0].source.conversation == "112b9468" and batches[-1].ending.idle
    done = Position(f"import:{NAME}", size, {"size": size})
    assert planned(tmp_path, done) == ([], {NOTHING_NEW: 1})
    assert len(planned(tmp_path, Position(MARKER, 0, {}))[0]) == 1, "nobody follows it"


def test_a_document_that_changed_is_named(tmp_path, chat):
    """What was taken and then rewritten is left with its reason, never taken twice and never passed by in silence."""
    (piece,), _ = planned(tmp_path)
    chat.write_bytes(chat.read_bytes().replace(b'"go"', b'"go on"'))
    _, importer = take([piece])
    assert importer.left == {NOT_WHOLE: 1}, "it changed between the plan and the reading"
    assert planned(tmp_path, Position(f"import:{NAME}", piece.size, {"size": piece.size})) == ([], {CHANGED: 1})
    skipped = Position(f"import:{NAME}", piece.size, {}, skip=True)
    assert planned(tmp_path, skipped) == ([], {NOTHING_NEW: 1}), "a revocation came after it"


def test_an_interrupted_document_goes_on(tmp_path, chat, monkeypatch):
    """The frames of a document are the same at every reading: what was made durable is not made again."""
    monkeypatch.setattr(documents, "MAX_BATCH_FRAMES", 1)
    (piece,), _ = planned(tmp_path)
    whole, _ = take([piece])
    assert len(whole) > 3
    first, _ = take([piece], fail_after=2)
    done, replay = first[-1].frames[-1].end, first[-1].frames[-1].start
    open_ = Position(f"import:{NAME}", done, {"size": piece.size}, rested=False)
    (again,), _ = planned(tmp_path, open_)
    rest, _ = take([again], Resume(done, replay, {"size": piece.size}))
    assert [batch.frames for batch in rest] == [batch.frames for batch in whole[1:]]
    chat.write_bytes(chat.read_bytes() + b" ")
    (closing,), _ = planned(tmp_path, open_)
    batches, _ = take([closing], Resume(done, replay, {}))
    assert (closing.parts, [batch.frames for batch in batches]) == ((), [[]]), "only its session is closed"


def test_what_is_no_document_is_named(tmp_path, chat):
    """A torn or an endless document, and other JSON, are left with a reason each."""
    chat.with_name("session-2026-11-20T13-23-00000001.json").write_bytes(DATA.read_bytes()[:-40])
    with chat.with_name("session-2026-11-20T13-23-00000002.json").open("wb") as handle:
        os.truncate(handle.fileno(), MAX_DOCUMENT_BYTES + 1)
    chat.with_name("settings.json").write_text("{}")
    pieces, left = planned(tmp_path)
    assert [piece.file.path for piece in pieces] == [chat]
    assert left == {NOT_WHOLE: 1, TOO_LONG: 1}
    elsewhere = tmp_path / "copy.json"
    elsewhere.write_bytes(DATA.read_bytes())
    (tmp_path / "odd.json").write_text('{"messages": []}')
    pieces, left = planned(tmp_path, paths=[elsewhere, tmp_path / "odd.json"])
    assert ([piece.file.provider for piece in pieces], left) == (["gemini"], {"not a transcript": 1})


@pytest.mark.parametrize("provider", [None, "gemini"])
def test_parse_reads_a_document(provider):
    """`parse` gives the steps of its messages as lines; a torn one is malformed line by line, an endless one oversize."""
    data = DATA.read_bytes()
    offline, plain = Offline(provider=provider, dialect="transcript"), Offline(provider="gemini", dialect="transcript")
    found = [step.body for step in offline.steps(io.BytesIO(data), 0.0)]
    stream = io.BytesIO(b"\n".join(lines(data)))
    assert found == [step.body for step in plain.steps(stream, 0.0)] != []
    assert (offline.tally.bytes, offline.tally.lines) == (len(data), plain.tally.lines)
    torn = Offline(provider=provider, dialect="transcript")
    assert list(torn.steps(io.BytesIO(data[:-40]), 0.0)) == []
    assert torn.tally.reasons["not_json"] > 0 and torn.tally.bytes == len(data) - 40


def test_parse_command_reads_a_document():
    """Nothing need be said of the file: its first lines tell."""
    line = [sys.executable, "-m", "sidecar.cli.main", "parse", str(DATA)]
    done = subprocess.run(line, capture_output=True, check=True, cwd=Path(__file__).parents[3])
    assert [json.loads(step)["type"] for step in done.stdout.splitlines()][-1] == "resolution"
    assert json.loads(done.stderr)["malformed"] == 0


async def test_following_counts_documents(tmp_path, chat):
    """Live following leaves documents to import, and counts each once, however often it is rewritten."""
    taken = []

    async def sink(batch):
        taken.extend(batch.frames)
        return Committed(0)

    async def lookup(_info):
        return None

    async def positions(_prefix):
        return []

    async def place(_positions):
        return None

    homes = [Home("gemini", tmp_path / ".gemini/tmp")]
    source = TranscriptFolders(homes, sink=sink, lookup=lookup, books=Books(positions, place), key=KEY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(source.run)
        await soon(lambda: source.ready)
        assert source.counters.events[DOCUMENTS] == 1
        chat.write_bytes(DATA.read_bytes() + b"\n")
        chat.with_name("session-2026-11-20T13-23-00000001.json").write_bytes(DATA.read_bytes())
        await soon(lambda: source.counters.events[DOCUMENTS] == 2)
        tasks.cancel_scope.cancel()
    assert taken == []
