"""Invariant: after a revocation no byte of what was unsent is in any file of the folder, and what was sent is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from store_make import ACCEPTED, chunk, close, commit, rejected, retry, state, step

from parsers.step import Step, StepType
from sidecar.store import Checkpoint, Commit, Database, Journal, Outbox
from sidecar.store.corpus import iterate_steps, list_sessions
from sidecar.store.database import integrity
from sidecar.wire.envelope import Numbered, Scrubbed

if TYPE_CHECKING:
    from pathlib import Path

NOW = 5_000.0
UNSENT = b"UNSENT"
SECRET = b"SECRETSECRETSECRETSECRETSECRETSE"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where the spool will be."""
    return tmp_path / "state" / "spool.db"


def hits(spool: Path, *needles: bytes) -> dict[str, int]:
    """How often the needles are found in each file of the folder, byte by byte."""
    found = {}
    for path in spool.parent.iterdir():
        data = path.read_bytes()
        n = sum(data.count(needle) for needle in needles)
        if n:
            found[path.name] = n
    return found


def marked(number: int, mark: bytes, size: int) -> Numbered:
    """A step whose body repeats its mark all over."""
    return Numbered(number, Scrubbed(Step(StepType.ACTION)), (mark + b"-%06d " % number) * (size // 14 + 1))


async def fill(database: Database, sizes: random.Random) -> None:
    """Delivered, queued, parked, buffered and held things, mixed in the same pages; unsent ones carry the mark."""
    journal, outbox = Journal(database), Outbox(database)
    for name in ("sent", "mixed", "fresh"):
        await journal.commit(Commit(None, state(f"sess_{name}", name), [], [], {}))
    for n in range(30):
        for name in ("sent", "mixed", "fresh"):
            delivered = name == "sent" or (name == "mixed" and n < 15)
            mark = b"DELIVERED" if delivered else UNSENT
            numbers = range(5 * n + 1, 5 * n + 6)
            numbered = [marked(number, mark, sizes.randrange(3_000)) for number in numbers]
            held = state(f"sess_{name}", name, held="UNSENT capture")
            checkpoint = Checkpoint(name, n + 10, n, {"p": "UNSENT parser"}, {"h": "UNSENT hint"})
            text = "" if delivered else "UNSENT head"
            sealed = [chunk(name, 5 * n + 1, 5 * n + 5, text)] if n < 25 else []
            await journal.commit(Commit(checkpoint, held, numbered, sealed, {"lines": 5}))
    for name in ("sent", "mixed"):
        await outbox.opened(f"sess_{name}", f"wire_{name}", SECRET, NOW)
        for _ in range(25 if name == "sent" else 15):
            claim = await outbox.claim(NOW, exclude=["sess_mixed" if name == "sent" else "sess_sent", "sess_fresh"])
            assert claim is not None
            assert claim.session_id == f"sess_{name}"
            await outbox.settle(claim, ACCEPTED, NOW)
    await journal.commit(commit("sess_sent", [], [chunk("sent", 126, 150), close("sent")], source="sent"))
    while (claim := await outbox.claim(NOW, exclude=["sess_mixed", "sess_fresh"])) is not None:
        await outbox.settle(claim, ACCEPTED, NOW)
    for verdict in (rejected("UNSENT reason"), rejected("UNSENT reason"), retry(99.0, "UNSENT wait")):
        claim = await outbox.claim(NOW, exclude=["sess_sent", "sess_fresh"])
        assert claim is not None
        await outbox.settle(claim, verdict, NOW)


async def test_nothing_unsent_is_left_in_any_byte(spool):
    """Steps, heads, reasons, parser and capture states and keys are gone from file and log; delivered steps are whole."""
    async with Database.open(spool) as database:
        await fill(database, random.Random(1))
        journal, outbox = Journal(database), Outbox(database)
        assert hits(spool, UNSENT)
        assert hits(spool, SECRET)
        before = await outbox.counts(NOW)
        answer = await journal.revoke()
        assert hits(spool, UNSENT, SECRET) == {}
        assert answer == {
            "steps": 150 + 75,
            "envelopes": before["queued"],
            "parked": before["parked"],
            "sessions": 1,
            "sources": 3,
            "wiped": 1,
        }
        assert before["parked"] == 2
        kept = await database.run(lambda connection: list(iterate_steps(connection)))
        assert [(item.session_id, item.number) for item in kept] == [
            *[("sess_sent", n) for n in range(1, 151)],
            *[("sess_mixed", n) for n in range(1, 76)],
        ]
        assert all(item.body.startswith(b"DELIVERED-%06d" % item.number) for item in kept)
        assert len(await database.run(list_sessions)) == 2
        after = await outbox.counts(NOW)
        assert (after["queued"], after["parked"], after["steps"]["buffered"]) == (0, 0, 0)
        assert await outbox.claim(NOW) is None
        assert (await journal.ledger())["drop.revoked.steps"] == 225
        assert not await journal.wipe_pending()
        assert await database.run(integrity) == []
    assert hits(spool, UNSENT, SECRET) == {}


async def test_sources_are_not_read_again(spool):
    """For every source a marker stays: skip to where it was read, with no parser state and no session to go on with."""
    async with Database.open(spool) as database:
        await fill(database, random.Random(2))
        journal = Journal(database)
        await journal.commit(Commit(Checkpoint("done", 7, 7, {}, {"x": 1}, finished=True), None, [], [], {}))
        await journal.revoke()
        expected = [
            Checkpoint("done", 7, 7, {}, {}, finished=True, skip=True),
            *[Checkpoint(name, 39, 39, {}, {}, skip=True) for name in ("fresh", "mixed", "sent")],
        ]
        assert await journal.sources() == expected
        for name in ("fresh", "mixed", "sent"):
            found = await journal.resume(name)
            assert found is not None
            assert found.session is None
        assert await journal.unclosed() == []


async def test_capture_goes_on_after_a_revocation(spool):
    """Switched on again, new sessions are journaled and sent, and a new checkpoint lifts the marker."""
    async with Database.open(spool) as database:
        await fill(database, random.Random(3))
        journal, outbox = Journal(database), Outbox(database)
        await journal.revoke()
        await journal.commit(commit("sess_new", [step(1)], [chunk("new", 1, 1)], source="sent", offset=50))
        found = await journal.resume("sent")
        assert found is not None
        assert (found.checkpoint.skip, found.last_step) == (False, 1)
        claim = await outbox.claim(NOW)
        assert claim is not None
        assert (claim.session_id, claim.sequence, claim.wire_id) == ("sess_new", 0, None)


async def test_dropping_a_parked_envelope_destroys_its_bytes_at_the_latest_with_a_wipe(spool):
    """After `drop` and `wipe` the steps of a dropped chunk are in no file."""
    async with Database.open(spool) as database:
        journal, outbox = Journal(database), Outbox(database)
        numbered = [marked(number, UNSENT, 500) for number in range(1, 30)]
        await journal.commit(commit("sess_a", numbered, [chunk("a", 1, 29)]))
        claim = await outbox.claim(NOW)
        assert claim is not None
        await outbox.settle(claim, rejected("no"), NOW)
        assert await outbox.drop(claim.envelope_id) == 1
        assert await journal.wipe()
        assert hits(spool, UNSENT) == {}


async def test_a_reader_that_lets_go_in_time_delays_the_wipe(spool):
    """With another connection's snapshot open, the revocation waits for it and then finishes."""
    async with Database.open(spool) as database:
        await fill(database, random.Random(4))
        reader = sqlite3.connect(spool, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM steps").fetchone()
        work = asyncio.create_task(Journal(database).revoke())
        await asyncio.sleep(0.5)
        assert not work.done()
        reader.execute("COMMIT")
        assert (await work)["wiped"] == 1
        reader.close()
        assert hits(spool, UNSENT, SECRET) == {}


async def test_a_reader_that_never_lets_go_is_reported(spool, monkeypatch):
    """The rows are gone at once; that bytes remain is said, remembered across a restart, and made good later."""
    fast = "PRAGMA busy_timeout = 50", "PRAGMA secure_delete = ON", "PRAGMA foreign_keys = ON"
    monkeypatch.setattr("sidecar.store.database._PRAGMAS", fast)
    reader = None
    async with Database.open(spool) as database:
        await fill(database, random.Random(5))
        reader = sqlite3.connect(spool, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM steps").fetchone()
        journal = Journal(database)
        assert (await journal.revoke())["wiped"] == 0
        assert await journal.wipe_pending()
        with Database.read(spool) as connection:
            assert connection.execute("SELECT count(*) FROM envelopes").fetchone() == (0,)
        assert hits(spool, UNSENT)
    reader.close()
    async with Database.open(spool) as database:
        journal = Journal(database)
        assert await journal.wipe_pending()
        assert await journal.wipe()
        assert not await journal.wipe_pending()
        assert hits(spool, UNSENT, SECRET) == {}


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounting needs root")
async def test_on_a_full_disk_all_rows_go_and_the_rest_is_told(tmp_path):
    """Without a byte of room the unsent is unreadable at once, and once there is room nothing of it is left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", disk]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    spool = disk / "spool.db"
    try:
        async with Database.open(spool) as database:
            await fill(database, random.Random(6))
            with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
                while True:
                    ballast.write(bytes(4096))
            journal = Journal(database)
            answer = await journal.revoke()
            assert answer["steps"] == 225
            assert bool(answer["wiped"]) is not await journal.wipe_pending()
            assert await Outbox(database).claim(NOW) is None
            (disk / "ballast").unlink()
            assert await journal.wipe()
            assert hits(spool, UNSENT, SECRET) == {}
            assert await database.run(integrity) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


async def test_rows_that_moved_between_pages_leave_no_copy(spool):
    """Many shapes of the file, since a copy may hide in the gap of any page."""
    for seed in range(4):
        folder = spool.with_name(f"seed{seed}")
        async with Database.open(folder / "spool.db") as database:
            await fill(database, random.Random(seed))
            await Journal(database).revoke()
            assert hits(folder / "spool.db", UNSENT, SECRET) == {}


async def test_revoking_an_empty_spool_is_fine(spool):
    """Nothing there, nothing destroyed, twice."""
    async with Database.open(spool) as database:
        for _ in range(2):
            answer = await Journal(database).revoke()
            assert answer == {"steps": 0, "envelopes": 0, "parked": 0, "sessions": 0, "sources": 0, "wiped": 1}
