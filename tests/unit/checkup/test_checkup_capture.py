"""What the status document means for whoever asks whether all is well."""

from __future__ import annotations

import copy
import json
import os
import shlex
import sqlite3
from contextlib import closing

import pytest

from sidecar import __version__
from sidecar.checkup import capture
from sidecar.checkup.finding import Level
from sidecar.checkup.runs import runs
from sidecar.report import EMPTY
from sidecar.sources.writer import StreamWriter


def document(**changes):
    made = {
        "running": True,
        "capturing": True,
        "paused": False,
        "pid": 1,
        "version": __version__,
        "uptime": 5.0,
        "consent": {"standing": "on", "reason": "", "hint": ""},
        **copy.deepcopy(EMPTY),
    }
    return made | changes


OFF = {"standing": "revoked", "reason": "", "hint": ""}


@pytest.mark.parametrize(
    ("changes", "silent", "level"),
    [
        ({}, "", "ok"),
        ({"version": "0.0.1"}, "", "warning"),
        ({"paused": True}, "", "warning"),
        ({"capturing": False}, "", "trouble"),
        ({"capturing": False, "consent": OFF}, "", "ok"),
        ({"running": False}, "", "warning"),
        ({"running": False, "consent": OFF}, "", "off"),
        ({"running": False}, "it is silent", "trouble"),
    ],
)
def test_what_the_agent_does_and_should(changes, silent, level):
    """Running and not capturing, another version, paused, silent, absent: each has its level and a command."""
    found = capture.agent(document(**changes), silent=silent)
    assert found.level == level
    assert bool(found.hint) == (level in {"warning", "trouble"})


def by_check(findings):
    return {one.check: one for one in findings}


@pytest.mark.parametrize(
    ("age", "held", "level"),
    [(10.0, 0, "ok"), (7_200.0, 0, "warning"), (7_200.0, 3, "ok"), (7 * 86_400.0, 3, "trouble")],
)
def test_the_age_of_the_queue(age, held, level):
    """What waits for hours is a warning (unless a person holds it), what a server will refuse soon is trouble."""
    found = by_check(capture.queue(document(queued=3, held=held, oldest_queued_age=age, waiting={"no luck": 3})))
    assert found["queue"].level == level
    assert "3: no luck" in found["queue"].text
    assert ("review" in found) == bool(held)


def test_refusals_and_errors_are_named():
    """Parked envelopes with their reasons; the last error is grave only if capture stands still."""
    parked = {"count": 2, "reasons": {"too old": 2}}
    error = {"reason": "no connection", "hint": "Check it."}
    found = by_check(capture.queue(document(parked=parked, last_error=error)))
    assert (found["parked"].level, found["parked"].text) == (Level.WARNING, "2: too old")
    assert found["last error"].level is Level.WARNING
    stopped = by_check(capture.queue(document(capturing=False, last_error=error)))
    assert stopped["last error"].level is Level.TROUBLE


def test_losses_are_told_from_wishes():
    """What somebody asked to be let go is no loss; every loss has its words; what is new to us is shown as it is."""
    drops = {"revoked.steps": 5, "rejected.envelopes": 1, "suspended": 2, "user.steps": 1}
    (fine,) = capture.losses(document(drops=drops))
    assert (fine.level, fine.text) == (Level.OK, "nothing but what you asked for (9)")
    found = list(capture.losses(document(drops=drops | {"disk full": 7, "brand new": 2, "write failed": 0})))
    assert [one.text for one in found] == ["7 bytes not kept, the disk was full", "2 brand new"]
    assert {one.level for one in found} == {Level.WARNING}


def test_drift_is_named_and_bounded():
    """Many forms: the first by name, the rest as a number; without a version nothing is invented."""
    unknown = {f"codex/new{number}": 50 - number for number in range(20)}
    first, *rest = capture.drift(document(unknown_events=unknown, drift={"codex/new0": {"0.170.0": 50}}))
    assert first.facts["unknown_events"] == unknown
    assert rest[0].text == "codex/new0 x50, written by 0.170.0 x50"
    assert rest[1].text == "codex/new1 x49"
    assert len(rest) == capture.MAX_SHOWN + 1
    assert "12 more" in rest[-1].text


def test_changed_fields_are_named_and_bounded():
    """Beside unknown forms or alone: a summary with what to do, the first names, and the rest as a number."""
    changed = {f"codex:item.completed.item.plan+new{number}": 50 - number for number in range(20)}
    versions = {"codex:item.completed.item.plan+new0": {"0.170.0": 50}}
    told = document(changed_lines=60, changed_fields=changed, changed_versions=versions)
    first, *rest = capture.drift(told)
    assert (first.level, first.text) == (Level.WARNING, "60 lines with 20 changes in known forms, taken as before")
    assert "Update groove-sidecar" in first.hint
    assert first.facts["changed_fields"] == changed
    assert rest[0].text == "codex:item.completed.item.plan+new0 x50, written by 0.170.0 x50"
    assert len(rest) == capture.MAX_SHOWN + 1
    both = list(capture.drift(told | {"unknown_events": {"codex/new": 1}}))
    assert [one.text for one in both[:2]] == [
        "1 line of 1 form this version does not know, not captured in full",
        "codex/new x1",
    ]
    assert both[2:] == [first, *rest]


def test_the_log_of_the_last_day(paths):
    """Errors of a day are counted by name; older ones, cut lines and rubbish are passed over."""
    assert capture.log(paths, 1e9).level is Level.OFF
    paths.state.mkdir(parents=True)
    lines = [
        b'cut off"}',
        b"[1]",
        json.dumps({"at": 1e9 - 90_000, "level": "error", "event": "old"}).encode(),
        json.dumps({"at": 1e9 - 10, "level": "info", "event": "calm"}).encode(),
    ]
    paths.log.write_bytes(b"\n".join(lines) + b"\n")
    paths.log.chmod(0o600)
    assert capture.log(paths, 1e9).level is Level.OK
    with paths.log.open("ab") as handle:
        for _ in range(2):
            handle.write(
                json.dumps({"at": 1e9, "level": "error", "event": "part.failed", "reason": "r"}).encode() + b"\n"
            )
    found = capture.log(paths, 1e9)
    assert found.level is Level.WARNING
    assert "part.failed x2" in found.text


def test_a_check_that_takes_too_long_is_broken_off(tmp_path):
    """A large file: the look ends after its time and says that it did not come to the end."""
    with closing(sqlite3.connect(tmp_path / "big.db")) as db:
        db.execute("CREATE TABLE t (a, b)")
        db.execute("CREATE INDEX i ON t (b, a)")
        db.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 50000) INSERT INTO t SELECT x, hex(x) FROM n"
        )
        db.commit()
        assert capture.quick_check(db, 0.0) == ([], False)
        assert capture.quick_check(db, 600.0) == ([], True)
        assert db.execute("SELECT count(*) FROM t").fetchone() == (50_000,)


def begin(streams):
    return StreamWriter.create(streams, provider="codex", role=None, agent_id=None, model=None, allowed=lambda: True)


def test_runs_that_wait_are_counted(tmp_path):
    """Going on, ended and unread; no folder at all; a run without a lock is trouble."""
    streams = tmp_path / "s"
    assert runs(streams, reading=True).level is Level.OK
    live, ended = begin(streams), begin(streams)
    ended.append(b"x" * 100)
    ended.close(exit_code=0)
    found = runs(streams, reading=False)
    assert (found.level, found.facts) == (Level.OK, {"live": 1, "ended": 1, "bytes": 100, "unreadable": 0})
    (live.folder / "lock").chmod(0o600)
    live.close()
    (streams / "planted").symlink_to(tmp_path)
    (streams / "bare").mkdir(mode=0o700)
    (streams / "bare" / "lock").symlink_to("/dev/null")
    assert runs(streams, reading=False).level is Level.TROUBLE


def test_an_older_agent_says_nothing_of_runs_that_lose():
    """What an agent of another version leaves out of its document is not missed."""
    old = {name: value for name, value in document().items() if name != "losing"}
    assert [one.level for one in capture.losses(old)] == [Level.OK]


def test_the_command_that_saves_a_spool_is_safe_to_copy(tmp_path):
    """A state folder with a space or a semicolon in its name is one word of the command."""
    path = tmp_path / "a b;c" / "spool.db"
    path.parent.mkdir()
    path.write_bytes(b"rubbish" * 5_000)
    path.chmod(0o600)
    found, _ = capture.spool(path)
    assert shlex.split(found.hint.partition("mv ")[2])[0] == f"{path}*"


def test_a_pipe_in_place_of_the_log_is_refused_at_once(paths):
    """Opening a pipe would wait for ever for whoever writes it."""
    paths.state.mkdir(parents=True, mode=0o700)
    os.mkfifo(paths.log, 0o600)
    assert capture.log(paths, 0.0).level is Level.TROUBLE
