"""Files of others: every byte once, whatever happens to the file."""

from __future__ import annotations

import os
import time

import anyio
import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import Notebook, running

import sidecar.sources.tail as tail_module
from sidecar.sources.files import FileFolder

KEY = b"k" * 32


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(tail_module, "ROTATION_GRACE_SECONDS", 0.05)
    monkeypatch.setattr("sidecar.sources.files.SCAN_PAUSE_SECONDS", 0.02)


def folder(path, book, **options) -> FileFolder:
    return FileFolder(path, provider=None, dialect="stream", sink=book.record, lookup=book.lookup, key=KEY, **options)


def append(path, data: bytes) -> None:
    with path.open("ab") as handle:
        handle.write(data)


@pytest.mark.parametrize("backend", ["auto", "watchfiles"])
async def test_appends_are_followed_byte_by_byte(tmp_path, backend):
    """A line is handed over when its newline is there, and not before; its positions are those of the file."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\n")
    async with running(folder(tmp_path, book, backend=backend)):
        await book.until(lambda: book.kept and book.only().lines == [b"one"])
        for byte in b"two\nthr":
            append(path, bytes([byte]))
            await anyio.sleep(0.01)
        await book.until(lambda: book.only().lines == [b"one", b"two"])
        assert book.only().offset == 8
        append(path, b"ee\n")
        await book.until(lambda: book.only().lines[2:] == [b"three"])
    assert not book.only().endings


async def test_no_blocking_call_in_the_loop(tmp_path):
    """Reading and listing happen in worker threads."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"x\n" * 1000)
    with blockbuster_ctx("sidecar.sources"):
        async with running(folder(tmp_path, book)):
            await book.until(lambda: book.kept and len(book.only().lines) == 1000)
            append(path, b"y\n")
            await book.until(lambda: len(book.only().lines) == 1001)
            path.unlink()
            await book.until(lambda: book.only().finished)


async def test_truncation_begins_a_new_generation(tmp_path):
    """copytruncate: the old generation ends, torn tail and all, and the new one starts at 0 under another key."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\ntwo\ntor")
    source = folder(tmp_path, book)
    async with running(source):
        await book.until(lambda: book.kept and len(book.only().lines) == 2)
        await anyio.sleep(0.1)
        os.truncate(path, 0)
        await book.until(lambda: book.only().finished)
        append(path, b"new\n")
        await book.until(lambda: len(book.kept) == 2)
    old, new = book.kept.values()
    assert old.lines == [b"one", b"two", b"tor"] and old.endings[0].torn
    assert new.lines == [b"new"]
    assert source.counters.events["source.truncated"] == 1


async def test_truncation_that_outgrows_the_old_position_is_seen(tmp_path):
    """A file cut and refilled past the old position before anybody looked is recognised by how it begins."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\n")
    async with running(folder(tmp_path, book)):
        await book.until(lambda: book.kept and book.only().lines == [b"one"])
        path.write_bytes(b"eno\ntwo\nthree\n")
        await book.until(lambda: len(book.kept) == 2)
    assert [one.lines for one in book.kept.values()] == [[b"one"], [b"eno", b"two", b"three"]]


async def test_rename_and_recreate_finishes_the_old_first(tmp_path):
    """logrotate: what is still written to the renamed file comes first, then the file that took its place."""
    path, book = tmp_path / "a.log", Notebook()
    path.write_bytes(b"one\n")
    with path.open("ab", buffering=0) as writer:
        async with running(folder(path, book)):
            await book.until(lambda: book.kept and book.only().lines == [b"one"])
            path.rename(tmp_path / "a.log.1")
            path.write_bytes(b"new\n")
            writer.write(b"late\n")
            await book.until(lambda: len(book.kept) == 2)
    assert [one.lines for one in book.kept.values()] == [[b"one", b"late"], [b"new"]]
    assert next(iter(book.kept.values())).finished


async def test_rename_within_the_folder_repeats_nothing(tmp_path):
    """A renamed file that is still a stream file goes on under its own key, without its old lines."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\n")
    async with running(folder(tmp_path, book)):
        await book.until(lambda: book.kept and book.only().lines == [b"one"])
        path.rename(tmp_path / "b.jsonl")
        await book.until(lambda: book.only().finished)
        append(tmp_path / "b.jsonl", b"two\n")
        await book.until(lambda: len(book.only().lines) == 2)
    assert book.only().lines == [b"one", b"two"]


async def test_deletion_ends_the_session_with_the_torn_tail(tmp_path):
    """A deleted file hands over what it held, and its tail as torn."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\nto")
    async with running(folder(tmp_path, book)):
        await book.until(lambda: book.kept)
        path.unlink()
        await book.until(lambda: book.only().finished)
    assert book.only().lines == [b"one", b"to"] and book.only().endings[0].torn


async def test_silence_ends_the_session_but_not_the_line(tmp_path):
    """Idle: the session ends, a torn tail stays unread, and an append later goes on where it was."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\nto")
    source = folder(tmp_path, book, idle_seconds=0.3)
    async with running(source):
        await book.until(lambda: book.kept and book.only().endings)
        assert book.only().lines == [b"one"] and book.only().endings[0].idle and not book.only().endings[0].torn
        await book.until(lambda: source.followed == 0)
        append(path, b"rn\n")
        await book.until(lambda: len(book.only().lines) == 2)
    assert book.only().lines == [b"one", b"torn"]


async def test_old_files_pass_at_once_and_are_left_alone_after_a_restart(tmp_path):
    """A file that has been silent for longer than the idle time is read, ended, and not opened again."""
    for number in range(20):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(b"x\n")
        os.utime(path, (1, 1))
    book = Notebook()
    async with running(folder(tmp_path, book)):
        await book.until(lambda: len(book.kept) == 20 and all(one.endings for one in book.kept.values()))
    batches = sum(one.batches for one in book.kept.values())
    async with running(folder(tmp_path, book)):
        await anyio.sleep(0.3)
    assert sum(one.batches for one in book.kept.values()) == batches


async def test_a_file_replaced_while_nobody_watched_is_another_source(tmp_path):
    """After a restart another file under the same inode or path is not taken for the old one, whose session ends."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"one\ntwo\n")
    async with running(folder(tmp_path, book)):
        await book.until(lambda: book.kept and len(book.only().lines) == 2)
    inode = path.stat().st_ino
    path.write_bytes(b"eno\nowt\nthree\n")
    assert path.stat().st_ino == inode
    async with running(folder(tmp_path, book)):
        await book.until(lambda: len(book.kept) == 2)
    old, new = book.kept.values()
    assert old.finished and old.lines == [b"one", b"two"]
    assert new.lines == [b"eno", b"owt", b"three"]


async def test_links_pipes_and_other_names_are_not_followed(tmp_path):
    """Only regular files of our own with a stream file's name are read; a named link is counted."""
    outside = tmp_path / "secret"
    outside.write_bytes(b"secret\n")
    watched = tmp_path / "w"
    watched.mkdir()
    (watched / "a.jsonl").symlink_to(outside)
    os.mkfifo(watched / "b.jsonl")
    (watched / "c.bin").write_bytes(b"x\n")
    (watched / ".d.jsonl").write_bytes(b"x\n")
    os.mkfifo(tmp_path / "pipe.jsonl")
    book = Notebook()
    source, pipe = folder(watched, book), folder(tmp_path / "pipe.jsonl", book)
    async with running(source, pipe):
        await book.until(lambda: pipe.counters.drops["source.unreadable", True])
        await anyio.sleep(0.2)
    assert not book.kept
    assert pipe.counters.drops["source.unreadable", True] == 1


async def test_a_pattern_and_a_late_folder(tmp_path):
    """A pattern chooses the files, and the folder may come later."""
    book = Notebook()
    async with running(folder(tmp_path / "late" / "x-*.txt", book)):
        await anyio.sleep(0.1)
        (tmp_path / "late").mkdir()
        (tmp_path / "late" / "x-1.txt").write_bytes(b"yes\n")
        (tmp_path / "late" / "y-1.txt").write_bytes(b"no\n")
        await book.until(lambda: book.kept)
        await anyio.sleep(0.1)
    assert book.only().lines == [b"yes"]


async def test_batches_are_bounded_and_long_lines_are_named(tmp_path):
    """No batch is larger than its bounds; a line longer than the limit costs no memory and is counted."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes(b"\n" * 1200 + (b"y" * 600_000 + b"\n") * 3 + b"z" * 2_000_000 + b"\nend\n")
    async with running(folder(tmp_path, book, limit=1_000_000)):
        await book.until(lambda: book.kept and book.only().lines[-1] == b"end")
    assert book.largest[0] <= 500 and book.largest[1] <= 1_048_576
    assert len(book.only().lines) == 1205 and book.only().lines[-2] is None
    assert book.only().offset == path.stat().st_size


async def test_fifty_files_at_once(tmp_path):
    """Many growing files all arrive whole."""
    book = Notebook()
    paths = [tmp_path / f"{number}.jsonl" for number in range(50)]
    async with running(folder(tmp_path, book)):
        for turn in range(5):
            for number, path in enumerate(paths):
                append(path, b"%d-%d\n" % (number, turn))
            await anyio.sleep(0.02)
        await book.until(lambda: sum(len(one.lines) for one in book.kept.values()) == 250)
    assert sorted(tuple(one.lines) for one in book.kept.values()) == sorted(
        tuple(b"%d-%d" % (number, turn) for turn in range(5)) for number in range(50)
    )


async def test_failures_of_the_sink_are_raised_as_they_are(tmp_path):
    """The supervisor sees the sink's own error, not a group of them."""
    (tmp_path / "a.jsonl").write_bytes(b"x\n")
    book = Notebook(crash_after=0)
    with pytest.raises(RuntimeError, match="crash"):
        await folder(tmp_path, book).run()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), min_size=1, max_size=12),
    lag=st.integers(0, 3),
    crashes=st.lists(st.integers(0, 3), max_size=4),
    cut=st.integers(0, 200),
)
def test_every_restart_goes_on_exactly(tmp_path_factory, lines, lag, crashes, cut):
    """However often the reader dies, and however far behind the parser's snapshot is: each line once, in order."""
    path = tmp_path_factory.mktemp("f") / "a.jsonl"
    data = b"".join(line + b"\n" for line in lines)
    path.write_bytes(data[:cut])
    book = Notebook(lag=lag)

    async def go() -> None:
        for crash in crashes:
            book.crash_after = crash
            try:
                with anyio.move_on_after(0.05):
                    await folder(path.parent, book).run()
            except RuntimeError:
                pass
        path.write_bytes(data) if not cut else append(path, data[cut:])
        book.crash_after = None
        async with running(folder(path.parent, book)):
            await book.until(lambda: book.kept and book.only().offset == len(data))

    anyio.run(go)
    assert book.only().lines == lines


async def test_a_slow_sink_holds_the_reader_back(tmp_path):
    """Backpressure: nothing is read ahead of what is durable but one batch."""
    path, book = tmp_path / "a.jsonl", Notebook()
    path.write_bytes((b"x" * 99 + b"\n") * 5_000)
    book.pause = 0.05
    started = time.monotonic()
    async with running(folder(tmp_path, book)):
        await book.until(lambda: book.kept and len(book.only().lines) == 5_000)
    assert time.monotonic() - started > 0.45
    assert book.only().batches == 10
