"""The options of `central serve`, as a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.patience import PATIENCE


@pytest.mark.parametrize("port", ["99999", "65536", "-1"])
def test_a_port_that_does_not_exist_is_refused(tmp_path, port):
    """It is not taken modulo 65536: exit code 2, a message with the bounds, and nothing is made."""
    command = [sys.executable, "-m", "central", "serve", "--data", str(tmp_path / "data"), "--port", port]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"no port {port}" in done.stderr and "65535" in done.stderr
    assert not (tmp_path / "data").exists()
