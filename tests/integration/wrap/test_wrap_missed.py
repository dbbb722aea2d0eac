"""What could not be kept is counted where `status` and `doctor` look, though the disk is full."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import suppress

import pytest
from wrap_support import GROOVE, WRAP, environment, run, runs, switch_on

from sidecar.cli.status import render
from sidecar.report import cold_report
from sidecar.sources import missed
from sidecar.sources.layout import LOCK
from tests.patience import PATIENCE


@pytest.fixture
def on(home):
    return switch_on(home)


@pytest.fixture
def small(on):
    """A state folder on a disk of 256 kB."""
    on.state.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", on.state]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount")
    yield on
    subprocess.run(["umount", "-l", on.state], check=True)


def fill(folder):
    with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as handle:
        while True:
            handle.write(bytes(4096))


def test_runs_that_cannot_begin_are_counted_on_a_full_disk(home, small):
    """The room for the counts was taken by a run that could begin; the command itself notices nothing, ever."""
    assert run([*WRAP, "true"], home).returncode == 0
    assert missed.missed(small.state) == {}
    fill(small.state)
    for _ in range(3):
        done = run([*WRAP, "sh", "-c", "echo x; exit 3"], home)
        assert (done.returncode, done.stdout, done.stderr) == (3, b"x\n", b"")
    assert missed.missed(small.state) == {"No space left on device": 3}
    drops = cold_report(small)["drops"]
    assert drops["run not captured (No space left on device)"] == 3
    told = run([*GROOVE, "status"], home).stdout.decode()
    assert "3 run not captured (No space left on device)" in told


def test_a_run_that_loses_says_so_while_it_goes_on(home, small):
    """Output that is not kept is in `status` and trouble for `doctor` at once; when the run is over, so is that."""
    child = subprocess.Popen([*WRAP, "sh", "-c", "echo one; read _"], env=environment(home), stdin=subprocess.PIPE)
    end = time.monotonic() + PATIENCE
    while not (losing := cold_report(small)["losing"]) and time.monotonic() < end:
        time.sleep(0.05)
    # A disk this small counts as full from the start: capture must not be what fills it.
    assert losing == {"disk full": {"runs": 1, "bytes": 4}}
    told = json.loads(run([*GROOVE, "doctor", "--json"], home).stdout)
    assert [one["level"] for one in told["findings"] if one["check"] == "losing"] == ["trouble"]
    child.communicate(b"\n", timeout=PATIENCE)
    assert cold_report(small)["losing"] == {}


def test_a_killed_writer_is_not_taken_for_a_losing_one(home, small):
    """The note of a dead writer stays for the agent to read, and is not told as going on."""
    child = subprocess.Popen(
        [*WRAP, "sh", "-c", "echo one; read _"],
        env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    child.stdout.readline()
    end = time.monotonic() + PATIENCE
    while not cold_report(small)["losing"] and time.monotonic() < end:
        time.sleep(0.05)
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    assert cold_report(small)["losing"] == {}
    (folder,) = runs(small)
    assert missed.read_note(folder / LOCK) == missed.Note("disk full", 4, now=True)


def test_a_setting_that_cannot_be_read_counts_a_run(home, on):
    """Suspended is not off: what is not captured because of it is counted."""
    on.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    on.config.write_text("not toml")
    on.config.chmod(0o600)
    run([*WRAP, "true"], home)
    (reason,) = missed.missed(on.state)
    assert "not valid TOML" in reason


def test_reasons_are_bounded_and_plain(tmp_path):
    """Any number of reasons, of any text: a bounded file of plain words, and every run counted."""
    for number in range(100):
        missed.count(tmp_path, f"reason {number}\x1b[31m\n" + '\U0001f600"' * 10_000)
    counts = missed.missed(tmp_path)
    assert sum(counts.values()) == 100
    assert len(counts) == missed.MAX_REASONS + 1
    assert all(name.isprintable() and len(name) <= missed.MAX_REASON for name in counts)
    path = tmp_path / missed.FILE
    assert path.stat().st_size == missed.FILE_BYTES
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": -1, "b": true, "c": "x"}', b"\xff" * 5000, b"[" * 5000])
def test_a_damaged_file_is_no_obstacle(tmp_path, content):
    """Rubbish counts as nothing, and counting goes on."""
    (tmp_path / missed.FILE).write_bytes(content)
    assert missed.missed(tmp_path) == {}
    missed.prepare(tmp_path)
    missed.count(tmp_path, "a reason")
    assert missed.missed(tmp_path) == {"a reason": 1}


@pytest.mark.parametrize(
    "content", [b"", b" " * 512, b"{", b"[]", b'{"reason": 1, "lost_bytes": 1}', b'{"reason": "x", "lost_bytes": -1}']
)
def test_a_damaged_note_says_nothing(tmp_path, content):
    """A note is whole, or it is none."""
    (tmp_path / LOCK).write_bytes(content)
    assert missed.read_note(tmp_path / LOCK) is None


def test_counts_of_many_at_once_add_up(tmp_path):
    """Processes that count at the same time lose no count."""
    code = "import sys, pathlib; from sidecar.sources.missed import count\nfor _ in range(50): count(pathlib.Path(sys.argv[1]), 'r')"
    children = [
        subprocess.Popen([GROOVE[0], "-c", code, str(tmp_path)], env=environment(tmp_path), cwd=os.fspath(tmp_path))
        for _ in range(4)
    ]
    assert [child.wait(PATIENCE) for child in children] == [0] * 4
    assert missed.missed(tmp_path) == {"r": 200}


def test_status_shows_what_is_being_lost():
    """One line, in words."""
    document = {
        "running": False,
        "paused": False,
        "consent": {"standing": "on", "reason": "capture is on", "hint": ""},
        **cold_report_of_nothing(),
        "losing": {"disk full": {"runs": 2, "bytes": 12_000}},
    }
    assert any("2 runs not kept now (disk full), 12.0 kB so far" in line for line in render(document))


def cold_report_of_nothing():
    from sidecar.report import EMPTY

    return EMPTY
