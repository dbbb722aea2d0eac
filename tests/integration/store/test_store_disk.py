"""Invariant: a disk without room costs nothing but time: what is refused leaves nothing, what was taken stays."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from store_make import commit, step

from sidecar.errors import StoreError
from sidecar.store import Database, Journal
from sidecar.store.database import integrity

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

BIG = "x" * 40_000


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where the spool will be."""
    return tmp_path / "state" / "spool.db"


def count(connection: sqlite3.Connection) -> int:
    """Steps in the file."""
    return int(connection.execute("SELECT count(*) FROM steps").fetchone()[0])


async def commit_until_full(journal: Journal, first: int = 1) -> int:
    """Commit one large step after the other until the store refuses; how many it took."""
    for number in range(first, 10_000):
        try:
            await journal.commit(commit("sess_a", [step(number, BIG)], offset=number, counts={"lines": 1}))
        except StoreError as error:
            refused = error
            break
    else:
        raise AssertionError("the disk was never full")
    assert not refused.permanent
    assert refused.hint
    return number - first


async def check_agreement(database: Database, journal: Journal, taken: int) -> None:
    """Steps, checkpoint and counts are those of the commits that were acknowledged."""
    assert await database.run(count) == taken
    found = await journal.resume("log")
    assert found is not None
    assert (found.checkpoint.offset, found.last_step) == (taken, taken)
    assert await journal.ledger() == {"lines": taken}


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root")
async def test_a_full_disk_costs_only_time(tmp_path):
    """On a small file system: the refused commit leaves nothing, reads go on, and with room it is taken."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(2 << 20))
        async with Database.open(disk / "spool.db") as database:
            journal = Journal(database)
            taken = await commit_until_full(journal)
            assert taken > 3
            await check_agreement(database, journal, taken)
            ballast.unlink()
            more = await commit_until_full(journal, taken + 1)
            assert more > 3
            await check_agreement(database, journal, taken + more)
            assert await database.run(integrity) == []
        async with Database.open(disk / "spool.db") as database:
            await check_agreement(database, Journal(database), taken + more)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@contextmanager
def file_limit(size: int):
    """No file of this process may grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_write_that_the_system_refuses_costs_only_time(spool):
    """With a limit on file sizes: refused commits leave nothing, and without it the same commit is taken."""
    async with Database.open(spool) as database:
        journal = Journal(database)
        with file_limit(1 << 20):
            taken = await commit_until_full(journal)
            assert taken > 3
            await check_agreement(database, journal, taken)
        await journal.commit(commit("sess_a", [step(taken + 1, BIG)], offset=taken + 1, counts={"lines": 1}))
        await check_agreement(database, journal, taken + 1)
        assert await database.run(integrity) == []


async def test_a_commit_too_large_for_the_disk_takes_no_other_with_it(spool):
    """Of commits that waited together, the one that cannot fit fails and the small ones are stored."""
    async with Database.open(spool) as database:
        journal = Journal(database)
        pages = await database.run(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
        await database.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 60}").fetchone())
        small = [commit(f"sess_{n}", [step(1)], source=f"log{n}", offset=1) for n in range(6)]
        large = commit("sess_large", [step(1, "x" * 4_000_000)], source="large", offset=1)
        work = [journal.commit(item) for item in (*small[:3], large, *small[3:])]
        answers = await asyncio.gather(*work, return_exceptions=True)
        assert [type(answer) for answer in answers] == [*[type(None)] * 3, StoreError, *[type(None)] * 3]
        assert {item.source for item in await journal.sources()} == {f"log{n}" for n in range(6)}
        assert await database.run(count) == 6
