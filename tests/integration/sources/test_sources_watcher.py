"""The same contract for every backend: after a change a signal fires."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
import pytest

from sidecar.sources.watcher import InotifyWatcher, Signal, open_watcher
from tests.patience import PROMPT

BACKENDS = ["watchfiles", "polling", *(["inotify"] if sys.platform == "linux" else [])]


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


async def fires(signal: Signal, seconds: float = PROMPT) -> bool:
    with anyio.move_on_after(seconds):
        await signal.wait()
        return True
    return False


async def settled(*signals: Signal) -> None:
    """Let start-up firing pass."""
    await anyio.sleep(0.3)
    for signal in signals:
        await fires(signal, 0.01)


async def test_append_fires_folder_and_file(backend, tmp_path):
    """An append to a file wakes who watches the file and who watches its folder."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"")
    async with open_watcher(backend) as watcher:
        folder, file = watcher.folder(tmp_path), watcher.file(path)
        await settled(folder, file)
        with path.open("ab") as handle:
            handle.write(b"x\n")
        assert await fires(file)
        assert await fires(folder)


async def test_create_rename_delete_fire(backend, tmp_path):
    """A file that comes, is renamed or goes wakes who watches its folder."""
    async with open_watcher(backend) as watcher:
        folder = watcher.folder(tmp_path)
        await settled(folder)
        (tmp_path / "a").write_bytes(b"")
        assert await fires(folder)
        (tmp_path / "a").rename(tmp_path / "b")
        assert await fires(folder)
        (tmp_path / "b").unlink()
        assert await fires(folder)


async def test_missing_folder_is_watched_once_it_comes(backend, tmp_path):
    """A folder that does not exist yet is watched from the moment it does, several levels deep."""
    wanted = tmp_path / "one" / "two"
    async with open_watcher(backend) as watcher:
        file = watcher.file(wanted / "a.jsonl")
        await settled(file)
        wanted.mkdir(parents=True)
        await anyio.sleep(0.3)
        await settled(file)
        (wanted / "a.jsonl").write_bytes(b"x\n")
        assert await fires(file)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_a_folder_that_comes_while_it_is_looked_for_is_watched(tmp_path, monkeypatch, depth):
    """What appears between the look at a folder and the watch on its parent, untold by any event, is no less watched."""
    from asyncinotify import Inotify

    first, wanted = tmp_path / "a", tmp_path.joinpath(*"abc"[:depth])
    add_watch = Inotify.add_watch

    def slowly(self, path, mask):
        try:
            return add_watch(self, path, mask)
        except FileNotFoundError:
            if path == first:
                first.mkdir(exist_ok=True)  # just after the look at it
            raise

    monkeypatch.setattr(Inotify, "add_watch", slowly)
    async with InotifyWatcher() as watcher:
        signal = watcher.folder(wanted)
        await settled(signal)
        wanted.mkdir(parents=True, exist_ok=True)
        await settled(signal)
        (wanted / "a.jsonl").write_bytes(b"x\n")
        assert await fires(signal)


async def test_recreated_folder_is_watched_again(backend, tmp_path):
    """A folder that is deleted and made again stays watched."""
    folder = tmp_path / "f"
    folder.mkdir()
    async with open_watcher(backend) as watcher:
        signal = watcher.folder(folder)
        await settled(signal)
        folder.rmdir()
        assert await fires(signal)
        folder.mkdir()
        assert await fires(signal)
        await settled(signal)
        (folder / "a").write_bytes(b"")
        assert await fires(signal)


async def test_a_change_before_the_wait_is_not_lost(backend, tmp_path):
    """What changes while nobody waits is told to the next who does."""
    async with open_watcher(backend) as watcher:
        signal = watcher.folder(tmp_path)
        await settled(signal)
        (tmp_path / "a").write_bytes(b"")
        await anyio.sleep(0.5)
        assert await fires(signal)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
async def test_unrelated_names_and_forgotten_signals_stay_quiet(tmp_path):
    """A signal for one file does not fire for its neighbour, nor after it was forgotten."""
    async with InotifyWatcher() as watcher:
        mine, gone = watcher.file(tmp_path / "mine"), watcher.file(tmp_path / "gone")
        watcher.forget(gone)
        (tmp_path / "other").write_bytes(b"")
        (tmp_path / "gone").write_bytes(b"")
        assert not await fires(mine, 0.2)
        assert not await fires(gone, 0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
async def test_an_overflowing_queue_fires_everything(tmp_path, monkeypatch):
    """When the kernel drops events, every signal fires."""
    quiet, busy = tmp_path / "quiet", tmp_path / "busy"
    quiet.mkdir()
    busy.mkdir()
    async with InotifyWatcher() as watcher:
        signal = watcher.folder(quiet)
        watcher.folder(busy)
        await anyio.sleep(0.05)
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        # More events than the queue holds, without letting the loop read any.
        paths = [busy / "a", busy / "b"]
        handles = [path.open("ab", buffering=0) for path in paths]
        for _ in range(limit // 2 + 100):
            for handle in handles:
                handle.write(b"x")
        for handle in handles:
            handle.close()
        assert await fires(signal)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
async def test_the_scan_serves_what_no_event_came_for(tmp_path, monkeypatch):
    """Without any event the reconcile scan fires every signal."""
    monkeypatch.setattr(InotifyWatcher, "_reconcile_seconds", 0.1)
    async with InotifyWatcher() as watcher:
        assert await fires(watcher.folder(tmp_path))


async def test_the_watcher_of_choice_sees_a_folder_and_a_file_that_come(tmp_path):
    """`open_watcher` wakes on a flag file that comes, in a folder that was not there."""
    async with open_watcher() as watcher:
        changed = watcher.folder(tmp_path / "later")
        (tmp_path / "later").mkdir()
        assert await fires(changed)
        await settled(changed)
        (tmp_path / "later" / "flag").write_bytes(b"")
        assert await fires(changed)
