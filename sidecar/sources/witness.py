"""Was a signal meant for us, or for our whole process group?

Owns: `Witness`: an idle process of the group that blocks every signal, so that the kernel keeps note of what it got.
Never: outlives us: it waits for the end of a pipe that only we hold.
Invariant: what is in doubt counts as meant for us alone: a signal twice is better than a signal lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

SHELL = "/bin/sh"
SETTLE_SECONDS = 0.005
"""Whoever signals a group (or, as a service manager, one process after the other) is through by then."""


class Witness:
    """Started by the first call of `start`. Needs /proc; elsewhere it has seen nothing."""

    __slots__ = ("_hold", "_pid")

    def __init__(self) -> None:
        self._pid = 0
        self._hold = -1

    def start(self) -> None:
        """Put a fresh witness into our process group."""
        wait, self._hold = os.pipe()
        with contextlib.suppress(OSError):  # without a shell there is no witness
            self._pid = os.posix_spawn(
                SHELL,
                [SHELL, "-c", "read _"],
                {},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, wait, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
                setsigmask=signal.valid_signals(),
            )
        os.close(wait)

    def saw(self, number: int) -> bool:
        """Whether the group got signal `number` too. Forgets it, by taking another witness."""
        if not self._pid:
            return False
        time.sleep(SETTLE_SECONDS)
        try:
            with open(f"/proc/{self._pid}/status", "rb") as handle:  # noqa: PTH123  # starts before pathlib is loaded
                pending = next(int(line[7:], 16) for line in handle if line.startswith(b"ShdPnd:"))
        except (OSError, StopIteration):
            return False
        if not pending >> (number - 1) & 1:
            return False
        self.dismiss()
        self.start()
        return True

    def dismiss(self) -> None:
        """Let it go."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            os.close(self._hold)
            self._pid = 0
