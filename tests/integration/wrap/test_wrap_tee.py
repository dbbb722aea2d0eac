"""`groove-sidecar tee` beside coreutils tee."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from wrap_support import GROOVE, end_of, environment, kept, run, runs, switch_on

from tests.patience import PATIENCE, until

TEE = [*GROOVE, "tee"]


@pytest.fixture
def on(home):
    """Capture is on."""
    return switch_on(home)


@pytest.mark.parametrize("data", [b"", b"one\ntwo", bytes(range(256)) * 4000])
def test_bytes_pass_unchanged_and_are_kept(home, on, data):
    """Stdin comes out of stdout, and lies in a run with its provider and a clean end."""
    done = run([*TEE, "--provider", "codex"], home, input=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, b"")
    (folder,) = runs(on)
    assert kept(folder) == data
    end = end_of(folder)
    assert (end.exit_code, end.signal, end.lost_bytes) == (None, None, 0)
    assert '"provider": "codex"' in (folder / "meta.json").read_text()


def test_off_is_a_plain_copy(home):
    """While capture is off nothing is kept, and nothing is made in the home folder."""
    done = run([*TEE, "--provider", "codex"], home, input=b"one\n")
    assert (done.returncode, done.stdout) == (0, b"one\n")
    assert not (home / ".groove").exists()


def test_a_line_passes_at_once(home, on):
    """Nothing is buffered."""
    with subprocess.Popen(TEE, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tee:
        for number in range(3):
            tee.stdin.write(b"%d\n" % number)
            tee.stdin.flush()
            assert tee.stdout.readline() == b"%d\n" % number
        tee.stdin.close()
        assert tee.wait(PATIENCE) == 0


def test_a_reader_that_leaves_ends_both(home, on):
    """SIGPIPE, as with tee: we die of it, and so does whoever writes to us."""
    script = 'yes | "$@" | head -1; echo ${PIPESTATUS[@]}'
    ours = subprocess.run(
        ["bash", "-c", script, "sh", *TEE], env=environment(home), capture_output=True, check=False, timeout=PATIENCE
    )
    bare = subprocess.run(["bash", "-c", script, "sh", "tee"], capture_output=True, check=False, timeout=PATIENCE)
    assert (ours.stdout, ours.stderr) == (bare.stdout, bare.stderr)
    assert b"141 141 0" in ours.stdout
    assert end_of(runs(on)[0]).signal == signal.SIGPIPE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_is_written_down(home, on, number):
    """It dies by the signal, and the run says so."""
    with subprocess.Popen(TEE, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tee:
        tee.stdin.write(b"one\n")
        tee.stdin.flush()
        tee.stdout.readline()
        until(lambda: runs(on) and kept(runs(on)[0]) == b"one\n")  # what passed is kept right after
        tee.send_signal(number)
        assert tee.wait(PATIENCE) == -number
    (folder,) = runs(on)
    assert kept(folder) == b"one\n" and end_of(folder).signal == number


def test_a_full_disk_downstream_is_told(home, on):
    """Stdout that takes no more: exit code 1 and one message, as with tee."""
    with Path("/dev/full").open("wb") as full:
        done = run(TEE, home, input=b"one\n", stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 1 and done.stderr == b"groove-sidecar: stdout: No space left on device\n"


@pytest.mark.parametrize("arguments", [["--provider"], ["--provider", "x"], ["file"]])
def test_wrong_use(home, arguments):
    """2 and the usage on stderr."""
    done = run([*TEE, *arguments], home, input=b"")
    assert done.returncode == 2 and b"usage:" in done.stderr


def test_help(home):
    """--help is not wrong use."""
    assert run([*TEE, "--help"], home).stdout.startswith(b"usage:")
    assert run([*GROOVE, "wrap", "--help"], home).stdout.startswith(b"usage:")


def test_closed_descriptors(home, on):
    """Without a stdout there is nothing to do, and nothing of ours is written into; without a stdin it is empty."""
    for closed, code, words in (("1>&-", 1, b"stdout: Bad file descriptor"), ("0<&-", 0, b""), ("2>&-", 0, b"")):
        done = subprocess.run(
            ["bash", "-c", f'"$@" {closed}', "bash", *TEE],
            env=environment(home), input=b"one\n", capture_output=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == code and words in done.stderr
        assert done.stdout == (b"one\n" if closed == "2>&-" else b"")
    for folder in runs(on):
        assert (folder / "lock").read_bytes().strip() == b""  # room for a note, and nothing of what was said
