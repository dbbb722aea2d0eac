"""Runs of wrap and tee: read as one file, gone once durable."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import Notebook, running

from sidecar.sources import layout, streams, writer
from sidecar.sources.layout import read_facts, segments
from sidecar.sources.streams import StreamFolder, destroy
from sidecar.sources.writer import StreamWriter
from tests.patience import PATIENCE, PROMPT, until

if TYPE_CHECKING:
    from sidecar.sources.base import Batch, Committed

WRITER = """
import sys, time
from pathlib import Path
from sidecar.sources.writer import StreamWriter
w = StreamWriter.create(Path(sys.argv[1]), provider="codex", role="solo", agent_id=None, model="m", allowed=lambda: True)
for line in sys.stdin.buffer:
    w.append(line)
    print("ok", flush=True)
w.close(exit_code=3)
"""


def begin(path, allowed=lambda: True, **facts) -> StreamWriter:
    given = {"provider": None, "role": "solo", "agent_id": None, "model": None, **facts}
    return StreamWriter.create(path / "s", allowed=allowed, **given)


def follow(path, book, **options) -> StreamFolder:
    return StreamFolder(path / "s", sink=book.record, lookup=book.lookup, **options)


@pytest.fixture
def small_segments(monkeypatch):
    monkeypatch.setattr(writer, "SEGMENT_BYTES", 64)


@pytest.fixture
def process(tmp_path):
    """A writer that is a process of its own."""
    (tmp_path / "s").mkdir(mode=0o700)
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "s")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    yield child
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()


@pytest.mark.parametrize("backend", ["auto", "watchfiles"])
async def test_a_run_is_followed_and_gone_when_durable(tmp_path, backend):
    """Lines arrive while the writer lives; its end, exit code and facts are handed over; then the folder is gone."""
    book = Notebook()
    async with running(follow(tmp_path, book, backend=backend)):
        await anyio.sleep(0.05)
        one = begin(tmp_path, provider="claude-code", model="opus", agent_id="a1")
        one.append(b"one\ntw")
        await book.until(lambda: book.kept and book.only().lines == [b"one"])
        one.append(b"o\n")
        await book.until(lambda: len(book.only().lines) == 2)
        one.close(exit_code=7)
        await book.until(lambda: book.only().finished)
        await book.until(lambda: not list((tmp_path / "s").iterdir()))
    assert book.only().endings[0].exit_code == 7 and not book.only().endings[0].torn
    info = book.only().info
    assert (info.provider, info.model, info.agent_id, info.role) == ("claude-code", "opus", "a1", "solo")
    assert abs(info.started - time.time()) < 60


async def test_modes_are_private(tmp_path):
    """Folders are 0700 and files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        one = begin(tmp_path)
        one.append(b"x\n")
    finally:
        os.umask(before)
    for path in [one.folder, one.folder.parent, *one.folder.iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    one.close()


async def test_no_blocking_call_in_the_loop(tmp_path):
    """Reading, deleting and the look at the lock happen in worker threads."""
    book = Notebook()
    one = begin(tmp_path)
    one.append(b"one\n")
    with blockbuster_ctx("sidecar.sources"):
        async with running(follow(tmp_path, book)):
            await book.until(lambda: book.kept)
            await anyio.to_thread.run_sync(one.close)
            await book.until(lambda: book.only().finished)


@pytest.mark.parametrize("last", [b"", b"torn"])
async def test_a_killed_writer(tmp_path, process, last):
    """Kill -9 of the writer: what it wrote is all there, the ending says killed, and it takes seconds, not a scan."""
    book = Notebook()
    async with running(follow(tmp_path, book)):
        process.stdin.write(b"one\n")
        process.stdin.flush()
        await book.until(lambda: book.kept and book.only().lines == [b"one"])
        if last:
            # A tail without newline, as the kill leaves it.
            with next((tmp_path / "s").glob("*/*.part")).open("ab") as handle:
                handle.write(last)
        await anyio.sleep(0.1)
        process.kill()
        await book.until(lambda: book.only().finished, PROMPT)
        await book.until(lambda: not list((tmp_path / "s").iterdir()))
    assert book.only().lines == [b"one", *([last] if last else [])]
    assert book.only().endings[0].signal == signal.SIGKILL and book.only().endings[0].torn == bool(last)


async def test_a_killed_writer_is_found_at_the_start(tmp_path, process):
    """A run whose writer died while nobody followed is read to its end and taken away."""
    process.stdin.write(b"one\n")
    process.stdin.flush()
    process.stdout.readline()
    process.kill()
    process.wait()
    book = Notebook()
    async with running(follow(tmp_path, book)):
        await book.until(lambda: book.kept and book.only().finished)
        await book.until(lambda: not list((tmp_path / "s").iterdir()))
    assert book.only().lines == [b"one"]


async def test_captured_segments_go_while_the_run_goes_on(tmp_path, small_segments):
    """What is durable is cut from the front; the writer notices nothing."""
    book = Notebook(lag=2)
    one = begin(tmp_path)
    lines = [b"%039d" % number for number in range(200)]
    async with running(follow(tmp_path, book)):
        for line in lines:
            one.append(line + b"\n")
            await anyio.sleep(0.001)
        await book.until(lambda: len(book.only().lines) == 200)
        one.append(b"last\n")
        await book.until(lambda: len(book.only().lines) == 201)
        await book.until(lambda: len(list(one.folder.glob("*.part"))) <= 5)
        one.close()
        await book.until(lambda: book.only().finished)
    assert book.only().lines == [*lines, b"last"]


async def test_a_finished_run_is_taken_away_at_the_start(tmp_path):
    """A crash between the last commit and the removal: the next start removes, and hands nothing over again."""
    book = Notebook()
    one = begin(tmp_path)
    one.append(b"one\n")
    one.close(exit_code=0)
    keep = tmp_path / "copy"
    subprocess.run(["cp", "-a", one.folder, keep], check=True)
    async with running(follow(tmp_path, book)):
        await book.until(lambda: book.kept and book.only().finished)
        await book.until(lambda: not one.folder.exists())
    keep.rename(one.folder)
    batches = book.only().batches
    async with running(follow(tmp_path, book)):
        await book.until(lambda: not one.folder.exists())
    assert book.only().batches == batches


async def test_many_runs_at_once(tmp_path):
    """Forty writers at the same time: every line of each, in order, and an empty folder at the end."""
    book = Notebook()
    writers = [begin(tmp_path) for _ in range(40)]
    async with running(follow(tmp_path, book)):
        for turn in range(5):
            for number, one in enumerate(writers):
                one.append(b"%d-%d\n" % (number, turn))
            await anyio.sleep(0.01)
        for one in writers:
            one.close(exit_code=0)
        await book.until(lambda: len(book.kept) == 40 and all(one.finished for one in book.kept.values()))
        await book.until(lambda: not list((tmp_path / "s").iterdir()))
    for number, one in enumerate(writers):
        kept = book.kept[f"stream:{one.folder.name}"]
        assert kept.lines == [b"%d-%d" % (number, turn) for turn in range(5)]


async def test_more_runs_than_may_be_followed_wait_their_turn(tmp_path, monkeypatch):
    """Past the bound runs wait on disk, and come when another ends."""
    monkeypatch.setattr(streams, "MAX_FOLLOWED", 2)
    book = Notebook()
    for number in range(6):
        one = begin(tmp_path)
        one.append(b"%d\n" % number)
        one.close()
    async with running(follow(tmp_path, book)):
        await book.until(lambda: len(book.kept) == 6 and all(one.finished for one in book.kept.values()))


async def test_a_gap_is_counted(tmp_path, small_segments):
    """Segments that somebody deleted unread: the bytes are counted, the rest goes on."""
    one = begin(tmp_path)
    for number in range(6):
        one.append(b"%031d\n" % number)
    one.close()
    victim = segments([path.name for path in one.folder.iterdir()])[1]
    (one.folder / victim.name).unlink()
    book = Notebook()
    source = follow(tmp_path, book)
    async with running(source):
        await book.until(lambda: book.kept and book.only().finished)
    assert book.only().lines == [b"%031d" % number for number in (0, 1, 4, 5)]
    assert book.only().lost == 64 and book.only().lost_reason == "stream gap"
    assert source.counters.drops["stream.stream gap", False] == 64


async def test_a_foreign_folder_is_refused_and_counted(tmp_path):
    """A run without a lock file, and a linked folder, are not followed; the rest is."""
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "s" / "0-link").symlink_to(tmp_path)
    (tmp_path / "s" / "1-stray").write_bytes(b"x")
    half = tmp_path / "s" / ".2-half"
    half.mkdir()
    os.utime(half, (1, 1))
    one = begin(tmp_path)
    one.append(b"x\n")
    one.close()
    (one.folder / "lock").chmod(0o600)
    book = Notebook()
    async with running(follow(tmp_path, book)):
        await book.until(lambda: book.kept and book.only().finished)
        await book.until(lambda: not half.exists())


def test_revocation_while_a_writer_writes(tmp_path, process, monkeypatch):
    """destroy() empties everything; a writer in another process keeps no byte of what it writes afterwards."""
    process.stdin.write(b"secret\n" * 100)
    process.stdin.flush()
    for _ in range(100):
        process.stdout.readline()
    part = next((tmp_path / "s").glob("*/*.part"))
    held = part.open("rb")
    removed = destroy(tmp_path / "s")
    assert removed.files == 3 and removed.bytes >= 700
    assert held.read() == b"" and not list((tmp_path / "s").iterdir())
    time.sleep(writer.CHECK_SECONDS + 0.05)
    process.stdin.write(b"secret\n" * 10)
    process.stdin.close()
    for _ in range(10):
        assert process.stdout.readline() == b"ok\n", "the writer must go on"
    assert process.wait(PATIENCE) == 0
    assert held.read() == b"" and not list((tmp_path / "s").iterdir())
    held.close()


@pytest.mark.parametrize(("answer", "left"), [(False, False), (None, True)])
def test_permission_that_ends_stops_the_writer(tmp_path, answer, left, monkeypatch):
    """Withdrawn: the run is destroyed. Suspended: it is kept, and what follows is counted as lost."""
    monkeypatch.setattr(writer, "CHECK_SECONDS", 0.0)
    answers = [True, answer, answer]
    one = begin(tmp_path, allowed=lambda: answers.pop(0))
    one.append(b"one\n")
    one.append(b"two\n")
    one.append(b"three\n")
    assert not one.capturing
    assert one.folder.exists() == left
    one.close(exit_code=0)
    assert one.folder.exists() == left
    if left:
        _, end = read_facts(one.folder)
        assert (end.lost_bytes, end.lost_reason) == (10, "suspended")
        assert (one.folder / layout.segment_name(0)).read_bytes() == b"one\n"


def test_a_withdrawal_during_silence_is_seen_at_the_end(tmp_path):
    """The last question is asked when the run ends: nothing withdrawn is left lying."""
    answers = [False]
    one = begin(tmp_path, allowed=answers.pop)
    one.append(b"secret\n")
    one.close(exit_code=0)
    assert not one.folder.exists()


def test_a_backlog_nobody_reads_is_bounded(tmp_path, small_segments, monkeypatch):
    """Past its bound a run stops growing; the prefix is whole and the rest is counted."""
    monkeypatch.setattr(writer, "MAX_BACKLOG_SEGMENTS", 3)
    one = begin(tmp_path)
    one.append(b"x" * 1000)
    one.append(b"y" * 10)
    one.close()
    _, end = read_facts(one.folder)
    assert end.lost_bytes == 1010 - 3 * 64 and end.lost_reason == "file size limit"


def fill(path):
    """Leave no byte of room on the disk `path` lies on."""
    with suppress(OSError), path.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


def empty(path):
    """Give the room back, and wait until it can be had: a file system may take its time."""
    path.unlink()

    def is_room() -> bool:
        with suppress(OSError):
            path.write_bytes(bytes(1 << 16))
            path.unlink()
            return True
        return False

    until(is_room)


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A file system of one megabyte."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", mount]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount")
    monkeypatch.setattr(writer, "MIN_FREE_BYTES", 0)
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


async def test_a_full_disk_stops_capture_and_is_told(small_disk):
    """On a file system without room the writer never raises, the prefix is whole, and the loss reaches the sink."""
    one = begin(small_disk)
    line = b"x" * 999 + b"\n"
    for _ in range(3000):
        one.append(line)
    assert not one.capturing
    one.close(exit_code=0)
    book = Notebook()
    async with running(follow(small_disk, book)):
        await book.until(lambda: book.kept and book.only().finished)
    kept = book.only()
    assert kept.lost_reason == "disk full" and kept.endings[0].exit_code == 0
    assert kept.lost + kept.offset == 3_000_000 and len(kept.lines) > 500
    assert all(got == line[:-1] for got in kept.lines[:-1])


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("killed", [True, False])
async def test_capture_goes_on_when_there_is_room_again(small_disk, monkeypatch, live, killed):
    """Lost are the lines while the disk was full, to the byte; the torn one is handed over, then whole lines again."""
    monkeypatch.setattr(writer, "RETRY_SECONDS", 3600.0)
    book = Notebook()
    ballast = small_disk / "ballast"
    one = begin(small_disk)
    written = 0

    spans = set()

    async def record(batch: Batch) -> Committed:
        spans.update((frame.start, frame.end) for frame in batch.frames)
        return await book.record(batch)

    def source() -> StreamFolder:
        return StreamFolder(small_disk / "s", sink=record, lookup=book.lookup)

    def append(data: bytes) -> None:
        nonlocal written
        one.append(data)
        written += len(data)

    def rounds() -> None:
        for number in range(3):
            append(b"before %d\n" % number)
            fill(ballast)
            while one.capturing:
                append(b"%0999d\n" % number)
            append(b"lost\nlost, and no end of it yet")
            empty(ballast)
            one._retry = 0.0  # the time has come
            append(b" still lost\nafter %d\n" % number)
            assert one.capturing
            append(b"again %d\n" % number)

    async def read() -> None:
        await book.until(lambda: book.kept and b"again 2" in book.only().lines)

    if live:
        async with running(source()):
            await anyio.to_thread.run_sync(rounds)
            await read()
    else:
        rounds()
    if killed:
        os.close(one._lock)  # as when the process is gone
        one._drop_segment()
    else:
        one.close(exit_code=0)
    async with running(source()):
        await book.until(lambda: book.kept and book.only().finished)
    kept = book.only()
    whole = [line for line in kept.lines if not line.startswith(b"0")]
    assert whole == [b"%s %d" % (word, n) for n in range(3) for word in (b"before", b"after", b"again")]
    assert kept.offset == written
    assert kept.lost == written - sum(end - start for start, end in spans)
    assert kept.lost_reason == "disk full"  # a killed writer said so while it lived
    assert kept.endings[-1].abandoned is killed


async def test_a_full_disk_does_not_hide_a_withdrawal(small_disk, monkeypatch):
    """While the disk is full the permission is still asked for: a withdrawn run is destroyed, and stays so."""
    monkeypatch.setattr(writer, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.0)
    allowed = [True]
    one = begin(small_disk, allowed=lambda: allowed[0])
    while one.capturing:
        one.append(b"x" * 999 + b"\n")
    allowed[0] = False
    one.append(b"secret\n")
    assert not one.folder.exists()
    allowed[0] = True
    one.append(b"secret\n")
    one.close(exit_code=0)
    assert not one.folder.exists()


async def test_what_a_kill_left_empty_is_swept(tmp_path):
    """Nobody holds the lock and there is no byte: gone without a batch, at the start and later, also half-made ones."""
    book = Notebook()
    source = follow(tmp_path, book)
    base = tmp_path / "s"
    base.mkdir(mode=0o700)

    def leave(name: str, *files: str) -> None:
        (base / name).mkdir(mode=0o700)
        for file in files:
            (base / name / file).touch(mode=0o600)

    leave("1-meta-and-lock", "meta.json", "lock")
    leave("2-meta", "meta.json")
    leave("3-nothing")
    leave("4-segment", "meta.json", "lock", layout.segment_name(0))
    leave(".5-half-made", "lock", ".meta.json.1.tmp")
    os.utime(base / ".5-half-made", (1, 1))
    async with running(source):
        await book.until(lambda: not list(base.iterdir()))
        leave("../6-later", "meta.json")
        (tmp_path / "6-later").rename(base / "6-later")
        await book.until(lambda: not list(base.iterdir()))
    assert not book.kept and source.counters.events["source.swept"] >= 4


async def test_an_empty_run_that_lives_or_ended_is_not_swept(tmp_path):
    """A writer that is silent keeps its run; one that ended without a byte is handed over with its ending."""
    book = Notebook()
    one = begin(tmp_path)
    async with running(follow(tmp_path, book)):
        await anyio.sleep(0.2)
        assert one.folder.exists()
        one.close(exit_code=4)
        await book.until(lambda: book.kept and book.only().finished)
    assert book.only().endings[0].exit_code == 4


async def test_content_without_a_lock_is_refused_once(tmp_path):
    """It is neither followed nor deleted, and does not keep the reader busy."""
    book = Notebook()
    source = follow(tmp_path, book)
    stray = tmp_path / "s" / "1-stray"
    stray.mkdir(parents=True)
    (stray / layout.segment_name(0)).write_bytes(b"x\n")
    async with running(source):
        await book.until(lambda: source.counters.drops["source.unreadable", False])
        await anyio.sleep(0.2)
    assert stray.exists() and not book.kept
    assert source.counters.drops["source.unreadable", False] == 1


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lines=st.lists(st.binary(max_size=60).filter(lambda line: b"\n" not in line), min_size=1, max_size=20),
    tail=st.binary(max_size=30).filter(lambda line: b"\n" not in line),
    lag=st.integers(0, 4),
    crashes=st.lists(st.integers(0, 4), max_size=5),
    size=st.integers(1, 90),
)
def test_every_restart_goes_on_exactly(tmp_path_factory, lines, tail, lag, crashes, size):
    """Whatever the segments' size, however often the reader dies: each line once, in order, and nothing left."""
    path = tmp_path_factory.mktemp("r")
    before, writer.SEGMENT_BYTES = writer.SEGMENT_BYTES, size
    book = Notebook(lag=lag)

    async def attempt(crash: int) -> None:
        book.crash_after = crash
        try:
            with anyio.move_on_after(0.05):
                await follow(path, book).run()
        except RuntimeError:
            pass

    async def go() -> None:
        one = begin(path)
        for line in lines[: len(lines) // 2]:
            one.append(line + b"\n")
        for crash in crashes:
            await attempt(crash)
        for line in lines[len(lines) // 2 :]:
            one.append(line + b"\n")
        one.append(tail)
        one.close(exit_code=0)
        for crash in crashes:
            await attempt(crash)
        book.crash_after = None
        async with running(follow(path, book)):
            await book.until(lambda: book.kept and book.only().finished)
            await book.until(lambda: not list((path / "s").iterdir()))

    try:
        anyio.run(go)
    finally:
        writer.SEGMENT_BYTES = before
    assert book.only().lines == [*lines, *([tail] if tail else [])]
    assert book.only().lost == 0
