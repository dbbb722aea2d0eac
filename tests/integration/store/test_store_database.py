"""Invariant: the spool is ours alone, is never damaged by us, and a disk without room costs nothing but time."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from store_make import ACCEPTED, SECRET, chunk, commit, step, steps

from sidecar.errors import StoreCorruptError, StoreError, UnsafePathError
from sidecar.store import Database, Journal, Outbox
from sidecar.store.corpus import Corpus
from sidecar.store.database import VERSION, integrity
from sidecar.store.status import read_counts
from tests.patience import PATIENCE, until

BIG = "x" * 40_000


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where the spool will be."""
    return tmp_path / "state" / "spool.db"


def listing(spool: Path) -> dict[str, tuple[int, int, int]]:
    """Size, time of change and mode of every file in the folder."""
    found = {path.name: path.stat() for path in spool.parent.iterdir()}
    return {name: (info.st_size, info.st_mtime_ns, info.st_mode) for name, info in found.items()}


async def fill(spool: Path) -> None:
    """A spool with three steps in it."""
    async with Database.open(spool) as database:
        await Journal(database).commit(commit("sess_a", steps(1, 3), offset=30))


def count(connection: sqlite3.Connection) -> int:
    """Steps in the file."""
    return int(connection.execute("SELECT count(*) FROM steps").fetchone()[0])


async def test_every_file_is_private(spool):
    """0600 in 0700, whatever the umask says, with log and index."""
    before = os.umask(0)
    try:
        async with Database.open(spool) as database:
            await Journal(database).commit(commit("sess_a", steps(1, 3)))
            modes = {path.name: oct(path.stat().st_mode & 0o777) for path in spool.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(["spool.db", "spool.db-wal", "spool.db-shm", "spool.db.lock"], "0o600")
    assert spool.parent.stat().st_mode & 0o777 == 0o700


async def test_loose_modes_are_tightened(spool):
    """A file that others could read is 0600 after opening."""
    await fill(spool)
    spool.chmod(0o644)
    await fill_again(spool)
    assert spool.stat().st_mode & 0o777 == 0o600


async def fill_again(spool: Path) -> None:
    """One more session."""
    async with Database.open(spool) as database:
        await Journal(database).commit(commit("sess_b", steps(1, 3)))


@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal", "spool.db-shm", "spool.db.lock"])
async def test_links_are_refused(spool, tmp_path, name):
    """A symbolic link in place of any of the files is not followed, and its target is untouched."""
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    spool.parent.mkdir(mode=0o700)
    (spool.parent / name).symlink_to(target)
    with pytest.raises(UnsafePathError):
        await fill(spool)
    assert target.read_bytes() == b"precious"


async def test_a_linked_folder_is_refused(spool, tmp_path):
    """The state folder itself must not be a link."""
    (tmp_path / "elsewhere").mkdir()
    spool.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePathError):
        await fill(spool)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", ["spool.db", "spool.db-wal", "spool.db.lock"])
async def test_foreign_files_are_refused(spool, name):
    """A file that belongs to another user is not used."""
    spool.parent.mkdir(mode=0o700)
    (spool.parent / name).touch()
    os.chown(spool.parent / name, 12_345, 12_345)
    with pytest.raises(UnsafePathError):
        await fill(spool)


async def test_one_writer_per_file(spool):
    """A second opener gets a StoreError with a hint; after the first has closed, it may."""
    async with Database.open(spool):
        with pytest.raises(StoreError) as refused:
            await fill(spool)
        assert "already being written" in refused.value.message
        assert refused.value.hint
        code = (
            "import asyncio, pathlib, sys; from sidecar.store import Database\n"
            "async def main():\n async with Database.open(pathlib.Path(sys.argv[1])): pass\nasyncio.run(main())"
        )
        other = subprocess.run([sys.executable, "-c", code, spool], capture_output=True, text=True, check=False)
        assert "already being written by another process" in other.stderr
    await fill(spool)


async def test_reading_sees_a_live_agent_and_changes_nothing(spool):
    """While an agent writes, a reader sees what is committed and touches no file; the agent goes on afterwards."""
    async with Database.open(spool) as database:
        journal = Journal(database)
        await journal.commit(commit("sess_a", steps(1, 3)))
        before = listing(spool)
        with Database.read(spool) as connection:
            assert count(connection) == 3
            await journal.commit(commit("sess_a", [step(4)]))
            assert count(connection) == 3
            with pytest.raises(StoreError), Database.read(spool) as other:
                other.execute("DELETE FROM steps")
        with Database.read(spool) as connection:
            assert count(connection) == 4
        assert before.keys() == listing(spool).keys()
        await journal.commit(commit("sess_a", [step(5)]))
        assert await database.run(integrity) == []


async def test_reading_a_closed_spool_changes_nothing(spool):
    """With no agent the file is read as it lies: no log, no index, no new time of change."""
    await fill(spool)
    before = listing(spool)
    assert set(before) == {"spool.db", "spool.db.lock"}
    with Database.read(spool) as connection:
        assert count(connection) == 3
        assert read_counts(connection, 5.0)["steps"]["buffered"] == 3
    assert listing(spool) == before


async def test_reading_after_a_kill_sees_the_log(spool, tmp_path):
    """What only the log holds is seen, and the files are left as they are, for the agent to recover."""
    async with Database.open(spool) as database:
        await Journal(database).commit(commit("sess_a", steps(1, 3)))
        copy = tmp_path / "copy"
        copy.mkdir(mode=0o700)
        for path in spool.parent.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
    left = copy / "spool.db"
    with sqlite3.connect(f"file:{left}?immutable=1", uri=True) as bare:
        assert bare.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    bare.close()
    before = listing(left)
    with Database.read(left) as connection:
        assert count(connection) == 3
    assert listing(left) == before
    (copy / "spool.db-shm").unlink()
    with Database.read(left) as connection:
        assert count(connection) == 3


def test_reading_nothing_makes_nothing(spool):
    """Where there is no spool, reading is a StoreError and no file appears."""
    with pytest.raises(StoreError, match="no spool yet"), Database.read(spool):
        pass
    assert not spool.parent.exists()


READER = """
import sys
from pathlib import Path
from sidecar.store import Database
last = 0
while not Path(sys.argv[2]).exists():
    with Database.read(Path(sys.argv[1])) as connection:
        seen = connection.execute("SELECT count(*) FROM steps").fetchone()[0]
    assert seen >= last
    if seen > last:
        print(seen, flush=True)
    last = seen
"""


async def test_reading_while_agents_start_and_stop(spool, tmp_path):
    """A reader that looks again and again beside agents that open, write and close never fails and never goes back."""
    await fill(spool)
    said = tmp_path / "said"
    command = [sys.executable, "-c", READER, str(spool), str(tmp_path / "stop")]
    with said.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as reader:
        try:
            until(said.read_text)
            agents = 0
            # However the two share the machine: until the reader has seen many states, and forty agents came and went.
            while agents < 40 or (len(said.read_text().split()) < 12 and agents < 4_000):
                async with Database.open(spool) as database:
                    for number in range(5):
                        await Journal(database).commit(commit(f"sess_{agents}", [step(number + 1)]))
                agents += 1
        finally:
            (tmp_path / "stop").touch()
            _, errors = reader.communicate(timeout=PATIENCE)
    assert errors == ""
    assert reader.returncode == 0
    assert len(said.read_text().split()) > 10


@pytest.mark.parametrize(
    "damage", [b"not a database at all, but long enough" * 300, b"SQLite format 3\x00" + b"\xff" * 9_000]
)
async def test_a_damaged_file_is_left_alone(spool, damage):
    """What is no database is a StoreCorruptError with a hint, for writer and reader, and not a byte changes."""
    spool.parent.mkdir(mode=0o700)
    spool.write_bytes(damage)
    with pytest.raises(StoreCorruptError) as refused:
        await fill(spool)
    assert refused.value.hint
    with pytest.raises(StoreCorruptError), Database.read(spool):
        pass
    assert spool.read_bytes() == damage


async def test_a_page_damaged_later_is_reported(spool):
    """A page overwritten with rubbish makes commits fail as corrupt; nothing pretends to be stored."""
    async with Database.open(spool) as database:
        for number in range(1, 60):
            await Journal(database).commit(commit("sess_a", [step(number, BIG)]))
    data = bytearray(spool.read_bytes())
    data[8192 : len(data)] = b"\xa5" * (len(data) - 8192)
    spool.write_bytes(data)
    with pytest.raises(StoreCorruptError):
        async with Database.open(spool) as database:
            await Journal(database).commit(commit("sess_a", [step(60)]))


async def test_files_of_others_are_refused(spool):
    """Another program's database, and a spool of a newer version, are not touched."""
    spool.parent.mkdir(mode=0o700)
    foreign = sqlite3.connect(spool)
    foreign.execute("CREATE TABLE theirs (x)")
    foreign.commit()
    foreign.close()
    with pytest.raises(StoreCorruptError, match="not a spool"):
        await fill(spool)
    with pytest.raises(StoreCorruptError, match="not a spool"), Database.read(spool):
        pass
    spool.unlink()
    await fill(spool)
    newer = sqlite3.connect(spool)
    newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    newer.close()
    with pytest.raises(StoreCorruptError, match="newer version"):
        await fill(spool)


async def test_a_locked_file_is_a_passing_error(spool, monkeypatch):
    """Another program that holds the write lock makes a commit fail for now; afterwards the same commit is taken."""
    monkeypatch.setattr("sidecar.store.database._PRAGMAS", ("PRAGMA busy_timeout = 50", "PRAGMA foreign_keys = ON"))
    async with Database.open(spool) as database:
        journal = Journal(database)
        other = sqlite3.connect(spool, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as refused:
            await journal.commit(commit("sess_a", steps(1, 2)))
        assert not refused.value.permanent
        other.execute("ROLLBACK")
        other.close()
        await journal.commit(commit("sess_a", steps(1, 2)))
        assert await database.run(count) == 2


async def test_closing_waits_for_what_is_queued(spool):
    """Commits that were handed in before the close are stored; after it, a job is refused."""
    async with Database.open(spool) as database:
        journal = Journal(database)
        tasks = [asyncio.create_task(journal.commit(commit(f"sess_{n}", [step(1)]))) for n in range(50)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    with pytest.raises(StoreError):
        await journal.ledger()
    with Database.read(spool) as connection:
        assert count(connection) == 50


async def test_the_event_loop_is_never_blocked(spool):
    """Commits, claims and settles make no blocking call on the loop's thread."""
    async with Database.open(spool) as database:
        journal, outbox = Journal(database), Outbox(database)
        with blockbuster_ctx():
            await journal.commit(commit("sess_a", steps(1, 2), [chunk("a", 1, 2)], offset=3))
            assert await outbox.claim(1e12) is not None
            await outbox.opened("sess_a", "wire", SECRET, 1.0)
            claim = await outbox.claim(1e12)
            assert claim is not None
            await outbox.settle(claim, ACCEPTED, 1.0)
            assert (await outbox.counts(1.0))["queued"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_an_idle_store_never_wakes(spool):
    """Over a second without work the writer's thread is not scheduled once."""
    async with Database.open(spool) as database:
        await database.run(lambda connection: connection.execute("SELECT 1").fetchone())
        thread = next(item for item in threading.enumerate() if item.name == "sidecar-store")
        status = Path(f"/proc/self/task/{thread.native_id}/status")

        def switches() -> list[str]:
            return [line for line in status.read_text().splitlines() if "ctxt_switches" in line]

        for _ in range(5):  # on a busy machine it may still be on its way to sleep
            before = switches()
            time.sleep(1.0)
            if switches() == before:
                break
        else:
            raise AssertionError("it woke in every one of five seconds")


async def test_pruning_gives_the_space_back(spool):
    """After pruning the delivered steps the file is smaller, without a rewrite."""
    async with Database.open(spool) as database:
        journal, outbox = Journal(database), Outbox(database)
        big = [step(number, BIG) for number in range(1, 101)]
        await journal.commit(commit("sess_a", big, [chunk("a", 1, 100)]))
        await outbox.opened("sess_a", "wire", SECRET, 1.0)
        claim = await outbox.claim(1e12)
        assert claim is not None
        await outbox.settle(claim, ACCEPTED, 1.0)
        await database.run(lambda connection: connection.execute("PRAGMA wal_checkpoint").fetchone(), alone=True)
        before = spool.stat().st_size
        assert await Corpus(database).prune(0) == 100
        await database.run(lambda connection: connection.execute("PRAGMA wal_checkpoint").fetchone(), alone=True)
        assert spool.stat().st_size < before / 5
