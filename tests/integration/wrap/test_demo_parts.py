"""The demo's options, and the program it replays recordings with."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from wrap_support import GROOVE, environment, run

from tests.patience import PATIENCE


@pytest.mark.parametrize("pace", ["nan", "inf", "-1", "1e300"])
def test_a_pace_that_is_none_is_refused(home, pace):
    """Exit code 2 and a message; nothing is started."""
    done = run([*GROOVE, "demo", f"--pace={pace}"], home)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--pace" in done.stderr and b"Traceback" not in done.stderr


def test_an_interrupted_replay_is_quiet(home):
    """Ctrl-C: exit code 130, nothing on stderr."""
    recording = home / "recording.jsonl"
    recording.write_bytes(b"{}\n{}\n")
    recording.with_suffix(".ms").write_text("0\n600000\n")  # the second line comes after ten minutes
    command = [sys.executable, "-m", "sidecar.cli.replay", str(recording)]
    child = subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=PATIENCE)
    assert (child.returncode, errors) == (130, b"")
