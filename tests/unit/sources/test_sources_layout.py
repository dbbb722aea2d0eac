"""What lies on disk, and what is made of it when it is broken."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.sources.layout import (
    META_BYTES,
    RunEnd,
    RunFacts,
    read_facts,
    remove_run,
    segment_name,
    segments,
    write_facts,
)


@contextmanager
def small_disk(mount):
    """A file system of one megabyte."""
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", mount]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", mount], check=True)


def fill(path):
    """Leave no byte of room on the disk `path` lies on."""
    with suppress(OSError), path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


FACTS = RunFacts("run", "codex", "solo", "a-1", "gpt-9", 12.5, 99)


@given(st.lists(st.integers(0, 10**19), unique=True))
def test_segments_come_in_the_order_of_their_offsets(starts):
    """Names made from offsets lead back to them, in order; other names are passed over."""
    names = [segment_name(start) for start in starts]
    noise = ["meta.json", "lock", "1.part", "x" * 20 + ".part", ".part", names[0] + ".tmp" if names else "y"]
    assert [one.start for one in segments([*noise, *names])] == sorted(starts)


def test_facts_come_back(tmp_path):
    """What was written about a run is read again, without and with its end."""
    folder = tmp_path / "run"
    folder.mkdir()
    write_facts(folder, FACTS)
    assert read_facts(folder) == (FACTS, None)
    end = RunEnd(exit_code=3, lost_bytes=7, lost_reason="disk full")
    write_facts(folder, FACTS, end)
    assert read_facts(folder) == (FACTS, end)


def test_the_end_can_be_written_where_nothing_new_can_be(tmp_path, monkeypatch):
    """When no second file can be made, the facts are overwritten in place, in the room they already have."""
    folder = tmp_path / "run"
    folder.mkdir()
    write_facts(folder, FACTS)
    (folder / f".meta.json.{os.getpid()}.tmp").mkdir()
    write_facts(folder, FACTS, RunEnd(signal=9))
    assert read_facts(folder)[1] == RunEnd(signal=9)
    assert (folder / "meta.json").stat().st_size == META_BYTES + 1


def test_what_kept_the_facts_from_being_written_is_told(tmp_path):
    """Where nothing can be made and nothing lies yet, the first error is raised, not that there is no file."""
    with small_disk(tmp_path / "small") as disk:
        folder = disk / "run"
        folder.mkdir()
        fill(disk / "ballast")
        with pytest.raises(OSError, match="No space left"):
            write_facts(folder, FACTS)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b'{"started": "x", "pid": true, "provider": 3, "end": 1}', b"\xff", b"[" * 100_000],
)
def test_broken_facts_are_no_facts(tmp_path, raw):
    """Whatever stands in meta.json, the run can still be read."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "meta.json").write_bytes(raw)
    facts, end = read_facts(folder)
    assert facts == RunFacts("run", None, None, None, None, 0.0, 0) and end is None


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["end", "started", "exit_code", "provider", "pid", "signal", "lost_bytes", "lost_reason"]
                ),
                inner,
            )
        ),
    )
)
def test_any_json_is_survived(tmp_path_factory, value):
    """No JSON value in meta.json raises, and what is read has the right types."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "meta.json").write_text(json.dumps(value))
    facts, end = read_facts(folder)
    assert isinstance(facts.started, float) and isinstance(facts.provider, str | None)
    assert end is None or isinstance(end.lost_bytes, int)


def test_removal_empties_what_others_hold_open(tmp_path):
    """A file that is open elsewhere keeps no byte; links are not followed; the folder is gone."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"keep")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "a").write_bytes(b"secret")
    (folder / "b").symlink_to(outside)
    with (folder / "a").open("rb") as held:
        removed = remove_run(folder)
        assert held.read() == b""
    assert removed.bytes == 6 and outside.read_bytes() == b"keep" and not folder.exists()
