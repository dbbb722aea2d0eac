"""Chats stored as one JSON document are imported as they grow; what cannot be taken is counted by name."""

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
from sidecar.importer import NOTHING_NEW, Importer, plan
from sidecar.offline import Offline
from sidecar.rehearsal import rehearse
from sidecar.scrub.scrubber import Scrubber
from sidecar.sources import documents
from sidecar.sources.base import Committed, Resume
from sidecar.sources.documents import CONTINUED
from sidecar.sources.find import find
from sidecar.sources.transcript_names import Home
from sidecar.sources.transcripts import DOCUMENTS, MARKER, Position
from sidecar.store.documents import NOT_WHOLE, TOO_LONG

DATA = Path(__file__).parents[2] / "data/versions/gemini-0.32.1/parallel/transcript.json"
STEM = "session-2026-11-20T13-23-112b9468"
KEY = b"k" * 32
NAME = f"gemini/{STEM}.json"
FOLLOWED = Position(MARKER, 0, {DOCUMENTS: True})


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
    result = plan(find(homes, paths, KEY, left), positions, homes, since=0, pending=None, doc_key=KEY)
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


def grow(chat, *messages, change=None):
    """Rewrite the document: `change` the last message, then add some."""
    document = json.loads(chat.read_bytes())
    document["messages"][-1] |= change or {}
    document["messages"] += messages
    chat.write_text(json.dumps(document, indent=2))


def said(batches):
    return [frame.line for batch in batches for frame in batch.frames]


def test_a_document_is_taken_whole_and_once(tmp_path, chat):
    """Every message is a line; the lines cover its bytes; a second import finds nothing, nor one beside following."""
    (piece,), left = planned(tmp_path)
    batches, importer = take([piece])
    frames = [frame for batch in batches for frame in batch.frames]
    assert left == {} and [frame.line for frame in frames] == lines(chat.read_bytes())
    assert [frame.start for frame in frames] == [0, *(frame.end for frame in frames[:-1])]
    size = chat.stat().st_size
    assert frames[-1].end == importer.bytes == size and importer.lines == len(frames)
    assert batches[0].source.conversation == "112b9468" and batches[0].source.whole and batches[-1].ending.idle
    done = Position(f"import:{NAME}", size, batches[-1].hint)
    assert planned(tmp_path, done) == ([], {NOTHING_NEW: 1})
    assert planned(tmp_path, FOLLOWED) == ([], {NOTHING_NEW: 1}), "it is about to be followed"
    assert len(planned(tmp_path, Position(MARKER, 0, {}))[0]) == 1, "an earlier version followed no documents"


def test_a_document_that_grew_is_taken_on(tmp_path, chat):
    """A later import takes new messages and those that changed near the end, and nothing of what a revocation took."""
    (piece,), _ = planned(tmp_path)
    batches, _ = take([piece])
    size = chat.stat().st_size
    done = Position(f"import:{NAME}", size, batches[-1].hint)
    grow(chat, {"id": "new", "type": "user", "content": "go on"}, change={"tokens": {"input": 1}})
    (again,), _ = planned(tmp_path, done)
    more, importer = take([again], Resume(size, size, batches[-1].hint))
    assert said(more) == lines(chat.read_bytes())[-2:] and importer.lines == 2
    assert more[0].frames[0].start > size
    latest = Position(f"import:{NAME}", size, more[-1].hint)
    assert planned(tmp_path, latest) == ([], {NOTHING_NEW: 1})
    assert planned(tmp_path, latest._replace(skip=True, hint={})) == ([], {NOTHING_NEW: 1}), "destroyed"


def test_an_import_leaves_what_was_followed(tmp_path, chat):
    """Beside the road that follows it an import takes what was there before, once; without it, what it did not take."""
    (piece,), _ = planned(tmp_path)
    told = take([piece])[0][-1].hint
    live = Position(f"transcript:{NAME}", 1, told)
    grow(chat, {"id": "new", "type": "user", "content": "go on"})
    assert planned(tmp_path, FOLLOWED, live) == ([], {NOTHING_NEW: 1}), "the rest is about to be followed"
    (rest,), _ = planned(tmp_path, live)
    assert said(take([rest])[0])[1:] == lines(chat.read_bytes())[-1:], "nobody follows it any more"
    assert planned(tmp_path, live._replace(skip=True, hint={})) == ([], {NOTHING_NEW: 1})
    assert planned(tmp_path, FOLLOWED, live._replace(hint={"freeze": 1})) == ([], {NOTHING_NEW: 1})


def test_a_document_continued_in_lines_is_left_to_them(tmp_path, chat):
    """A newer CLI copies the whole document into a file of lines beside it: that one is taken."""
    chat.with_suffix(".jsonl").write_bytes(b"\n".join(lines(chat.read_bytes())) + b"\n")
    pieces, left = planned(tmp_path)
    assert ([piece.file.path.suffix for piece in pieces], left) == ([".jsonl"], {CONTINUED: 1})


def test_an_interrupted_document_goes_on(tmp_path, chat, monkeypatch):
    """What was made durable is not handed over again, but for what the parser may hold: the last answer."""
    monkeypatch.setattr(documents, "MAX_BATCH_MESSAGES", 2)
    (piece,), _ = planned(tmp_path)
    whole, _ = take([piece])
    assert len(whole) >= 3
    first, _ = take([piece], fail_after=1)
    done = first[-1].frames[-1].end
    open_ = Position(f"import:{NAME}", done, first[-1].hint, rested=False)
    (again,), _ = planned(tmp_path, open_)
    rest, _ = take([again], Resume(done, done, first[-1].hint))
    everything = lines(chat.read_bytes())
    assert said(rest)[-len(everything[2:]) :] == everything[2:] and len(said(rest)) - len(everything[2:]) <= 1
    closed = Position(f"import:{NAME}", done, whole[-1].hint, rested=False)
    (closing,), _ = planned(tmp_path, closed)
    batches, _ = take([closing], Resume(done, done, whole[-1].hint))
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


def test_a_rehearsal_names_what_it_cannot_read(tmp_path, chat):
    """A document that is torn after it was planned is counted by reason, not shown as one that holds nothing."""
    pieces, _ = planned(tmp_path)
    told = {"spool": None, "key": KEY, "now": 0.0, "moved": lambda _file, _bytes: None}
    whole = rehearse(pieces, Scrubber(), **told)
    assert whole.sessions == 1 and not whole.left
    chat.write_bytes(DATA.read_bytes()[:-40])
    torn = rehearse(pieces, Scrubber(), **told)
    assert torn.sessions == 0 and torn.left == {NOT_WHOLE: 1}
