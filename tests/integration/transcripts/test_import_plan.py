"""An import takes exactly the bytes nobody took: the parts it plans, the followed and the destroyed ones cover the file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import UsageError
from sidecar.importer import WAITS, _open_parts, asked, find, pending_since, plan, query_of, since_of
from sidecar.sources.transcript_names import Home
from sidecar.sources.transcripts import MARKER, Position, taken

STREAMS = Path(__file__).parents[2] / "data" / "streams"
ID = "484764a9-b9eb-48fa-adc0-61ae796b90c0"
KEY = b"k"
NAME = f"claude-code/{ID}"

span = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


@given(
    end=st.integers(0, 60),
    imported=st.none() | st.integers(0, 60),
    live=st.none() | st.tuples(span, st.lists(span.map(list), max_size=3), st.booleans()),
    following=st.booleans(),
)
def test_every_byte_is_planned_or_taken(end, imported, live, following):
    """No byte is planned that was imported, followed or destroyed, and none is left out that was not."""
    position = Position("import:x", imported, {}) if imported is not None else None
    source, closed = None, set(range(imported or 0))
    if live is not None:
        (begin, offset), earlier, skip = live
        hint = {} if skip else {"begin": begin, "taken": earlier}
        source = Position("transcript:x", offset, hint, skip=skip)
        closed |= {byte for low, high in taken(source) for byte in range(low, high)}
        if following and not skip:
            closed |= set(range(begin, end))
    elif following:
        closed |= set(range(end))
    parts = _open_parts(end, position, source, following=following)
    planned = [byte for part in parts for byte in range(part.start, part.end)]
    assert len(planned) == len(set(planned))
    assert set(planned) == set(range(end)) - closed


@pytest.fixture
def home(tmp_path):
    """A home with one Claude transcript."""
    path = tmp_path / ".claude/projects/-x" / f"{ID}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes((STREAMS / "claude/a-fix/transcript.jsonl").read_bytes())
    return tmp_path


def homes(home):
    return [Home("claude-code", home / ".claude/projects")]


def test_only_whole_lines_are_planned(home):
    """A line that is still being written waits for the next import."""
    (path,) = home.rglob("*.jsonl")
    size = path.stat().st_size
    with path.open("ab") as handle:
        handle.write(b'{"half')
    (piece,) = plan(find(homes(home), [], KEY, Counter()), [], homes(home), since=0, pending=None).pieces
    assert [tuple(part) for part in piece.parts] == [(0, size)]


def test_files_elsewhere_are_what_they_say(tmp_path, home):
    """A stored file is known by its lines wherever it lies; a stream, and anything else, is left and counted."""
    (path,) = home.rglob("*.jsonl")
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / f"{ID}.jsonl").write_bytes(path.read_bytes())
    (place / "renamed.jsonl").write_bytes((STREAMS / "codex/a-fix/transcript.jsonl").read_bytes())
    (place / "stream.jsonl").write_bytes((STREAMS / "codex/a-fix/stdout.jsonl").read_bytes())
    (place / "other.jsonl").write_bytes(b'{"a":1}\n')
    left = Counter()
    found = {file.path.name: file for file in find(homes(home), [place], KEY, left)}
    assert left == {"not a transcript": 2}
    assert found[f"{ID}.jsonl"].name == ID
    codex = found["renamed.jsonl"]
    assert (codex.provider, codex.name) == ("codex", codex.conversation)
    both = plan(find(homes(home), [home], KEY, Counter()), [], homes(home), since=0, pending=None)
    assert [piece.file.name for piece in both.pieces].count(ID) == 1, "a copy is the same transcript"


def test_what_is_followed_or_waits_is_left(home):
    """A file that came after following began is the live source's; one an unread run may have written waits."""
    files = list(find(homes(home), [], KEY, Counter()))
    marker = Position(MARKER, 0, {"at": 1.0})
    assert plan(files, [marker], homes(home), since=0, pending=None).left == {"nothing new": 1}
    assert plan(files, [], homes(home), since=0, pending=1.0).left == {WAITS: 1}
    assert plan(files, [], homes(home), since=time.time() + 60, pending=None).left == {"older than --since": 1}


def test_unread_runs_are_those_nobody_decided(tmp_path):
    """The oldest run without a decision counts; half-made folders do not."""
    for name in ("1-a", "2-b", ".3-c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "meta.json").write_text(json.dumps({"started": int(name.lstrip(".")[0])}))
    assert pending_since(tmp_path, set()) == 1.0
    assert pending_since(tmp_path, {"stream:1-a"}) == 2.0
    assert pending_since(tmp_path, {"stream:1-a", "stream:2-b"}) is None
    assert pending_since(tmp_path / "none", set()) is None


def test_since_is_an_age_or_a_date():
    """7d, 12h, a date; anything else is refused with a hint."""
    assert since_of("7d", 1e9) == 1e9 - 7 * 86_400
    assert since_of("12h", 1e9) == 1e9 - 43_200
    assert since_of("2026-11-20", 0) == time.mktime((2026, 11, 20, 0, 0, 0, 0, 0, -1))
    assert since_of(None, 5) == 0
    with pytest.raises(UsageError):
        since_of("yesterday", 0)


def test_the_question_survives_the_socket(tmp_path):
    """What is asked over the control socket is what arrives; nonsense is refused."""
    assert asked(query_of([tmp_path / "a b&c"], 7.5)) == ([tmp_path / "a b&c"], 7.5)
    with pytest.raises(UsageError):
        asked({"paths": "{"})


def test_a_transcript_that_vanishes_while_folders_are_walked_is_passed_over(home):
    """What is gone before it was looked at fails nothing; what comes after it is found."""
    first = next(home.rglob("*.jsonl"))
    copies = [first.with_name(f"{n}{ID[1:]}.jsonl") for n in (5, 6)]
    for copy in copies:
        copy.write_bytes(first.read_bytes())
    found = find([], [first.parent], KEY, Counter())
    begun = next(found)
    copies[0].unlink()
    assert begun.path == first
    assert [one.path for one in found] == [copies[1]]


def test_a_folder_that_cannot_be_read_is_counted(home):
    """A folder that is shut is named among what was left, not passed over in silence."""
    drop = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may enter everything, and nothing here takes that away")
        off = "-dac_override,-dac_read_search"
        drop = ["setpriv", f"--bounding-set={off}", f"--inh-caps={off}"]
    folder = next(home.rglob("*.jsonl")).parent
    script = (
        "import sys, pathlib, collections; from sidecar.sources.find import find; left = collections.Counter();"
        "print(list(find([], [pathlib.Path(sys.argv[1])], b'k', left)), dict(left))"
    )
    folder.chmod(0)
    try:
        line = [*drop, sys.executable, "-c", script, str(folder.parent)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    finally:
        folder.chmod(0o700)
    assert done.stdout == "[] {'a folder that cannot be read': 1}\n", done.stderr
