"""`… | groove-sidecar tee --provider P | …`: stdin to stdout unchanged, and a copy for the agent.

Owns: the options of `tee`.
Never: changes or delays what passes; keeps a byte while capture is off.
Invariant: it ends as coreutils' tee would: at the end of stdin, or by SIGPIPE when nobody reads any more.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NoReturn

from sidecar.cli.wrap import PROVIDERS, STDOUT, WrongUseError, complain, may_capture

if TYPE_CHECKING:
    from types import FrameType

USAGE = """\
usage: CMD | groove-sidecar tee [--provider P] | …

Copies stdin to stdout unchanged, and keeps a copy for the agent (groove-sidecar run) while
capture is on. Better where possible: groove-sidecar wrap -- CMD, which also sees CMD's exit code.

  --provider P    claude, codex or gemini (default: found out from the lines)"""

STDIN = 0
HELP = "help"
"""Not a provider: the usage was asked for."""
ENDING_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class EndedError(BaseException):
    """A signal asks us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: list[str]) -> int:
    """Copy until the end of stdin. 0, or 1 when stdout took no more; dies by SIGPIPE or by the signal it was sent."""
    try:
        provider = _provider(argv)
    except WrongUseError as error:
        complain(f"{error}\n{USAGE}")
        return 2
    if provider == HELP:
        print(USAGE)
        return 0
    try:
        os.fstat(STDOUT)
    except OSError as error:
        complain(f"stdout: {error.strerror}")
        return 1
    return _copy(provider)


def _copy(provider: str | None) -> int:
    from sidecar.sources.child import die_by, fill_closed_descriptors, forbid_core_dump
    from sidecar.sources.passthrough import Left, Passthrough

    fill_closed_descriptors()
    forbid_core_dump()
    from sidecar.cli.run_writer import open_writer

    for number in ENDING_SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    writer = open_writer(provider, "solo", None, None) if may_capture() else None
    copy = Passthrough(STDIN, STDOUT, writer.append if writer else _nowhere)
    ended = 0
    left = None
    try:
        left = copy.run()
    except EndedError as error:
        ended = error.number
    if left is Left.CLOSED and copy.error is None:
        ended = signal.SIGPIPE
    if writer is not None:
        writer.close(signal=ended or None)
    if ended:
        die_by(ended)
    if copy.error is not None:
        complain(f"stdout: {copy.error.strerror}")
        return 1
    return 0


def _provider(argv: list[str]) -> str | None:
    rest = list(argv)
    provider = None
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        if option in {"-h", "--help"}:
            return HELP
        if option != "--provider" or (not equals and not rest):
            raise WrongUseError(f"unknown or incomplete option {option}")
        value = value if equals else rest.pop(0)
        if value not in PROVIDERS:
            raise WrongUseError(f"unknown provider {value}: claude, codex or gemini")
        provider = PROVIDERS[value]
    return provider


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise EndedError(number)


def _nowhere(_: memoryview) -> None:
    """No copy is kept."""
