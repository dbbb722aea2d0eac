"""Invariant: after kill -9 at any instant, what was acknowledged is there and nothing is half there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.store import Database
from sidecar.store.database import integrity
from sidecar.store.journal import read_ledger, read_resume
from sidecar.store.status import read_counts
from tests.patience import until

if TYPE_CHECKING:
    import sqlite3

HERE = Path(__file__).parent
CHILD = HERE / "committing_child.py"
ROOT = HERE.parents[2]
MAKERS = HERE.parents[1] / "unit" / "store"
KILLS = 20
LEAST = 15
"""Deeds, of which nine in ten at least are commits of one step or more."""


def run_and_kill(spool: Path, seconds: float) -> dict[str, dict[str, int]]:
    """Let the child work until it has said a little and `seconds` have passed; what it acknowledged, by deed."""
    command = [sys.executable, str(CHILD), str(spool), str(MAKERS), str(ROOT)]
    said = spool.with_name("said")
    with said.open("wb") as out, subprocess.Popen(command, stdout=out) as child:
        until(lambda: child.poll() is not None or said.read_bytes().count(b"\n") >= LEAST, pause=0.002)
        time.sleep(seconds)
        assert child.poll() is None
        child.kill()
    last: dict[str, dict[str, int]] = defaultdict(dict)
    for line in said.read_text().split("\n")[:-1]:
        deed, name, number = line.split()
        last[deed][name] = int(number)
    return last


def check(connection: sqlite3.Connection, acknowledged: dict[str, dict[str, int]]) -> None:
    """Steps, checkpoint, capture state, counts, chunks and receipts are those of one commit."""
    ledger = read_ledger(connection)
    total = 0
    for n in range(4):
        found = read_resume(connection, f"w{n}")
        if found is None:
            assert f"w{n}" not in acknowledged["commit"]
            continue
        assert found.session is not None
        last = found.last_step
        total += last
        assert last >= acknowledged["commit"].get(f"w{n}", 0)
        assert found.checkpoint.offset == last * 10
        assert found.checkpoint.parser == {"last": last}
        assert found.session.capture["last"] == last
        assert ledger[f"event.w{n}"] == last
        row = connection.execute(
            "SELECT s.sealed, s.delivered, (SELECT count(*) FROM steps WHERE key >> 20 = s.id),"
            " (SELECT coalesce(max(last_step), 0) FROM receipts WHERE session = s.id),"
            " (SELECT coalesce(max(last_step), s.delivered) FROM envelopes WHERE session = s.id)"
            " FROM sessions s WHERE session_id = ?",
            (f"sess_w{n}",),
        ).fetchone()
        assert row == (found.session.capture["sealed"], row[1], last, row[1], row[0])
        assert row[1] >= acknowledged["sent"].get(f"w{n}", 0)
    assert ledger.get("lines", 0) == total
    counts = read_counts(connection, None)
    assert counts["steps"]["journaled"] == total
    receipts = connection.execute("SELECT count(*) FROM receipts").fetchone()[0]
    assert counts["sent"]["chunk"] == receipts


async def test_kill_nine_twenty_times_at_random(tmp_path):
    """Each time, before and after recovery: sound file, nothing acknowledged is missing, nothing half-applied."""
    spool = tmp_path / "state" / "spool.db"
    spool.parent.mkdir(mode=0o700)
    seen = random.Random(20)
    steps = 0
    for _ in range(KILLS):
        acknowledged = run_and_kill(spool, seen.random() * 0.15)
        with Database.read(spool) as connection:
            check(connection, acknowledged)
        async with Database.open(spool) as database:
            assert await database.run(integrity) == []
            await database.run(lambda connection, said=acknowledged: check(connection, said))
            now = (await database.run(lambda connection: read_counts(connection, None)))["steps"]["journaled"]
        assert now > steps
        steps = now
    assert steps > KILLS * 10
