"""`groove-sidecar parse FILE…`: stream files -> scrubbed steps on stdout, what became of every line on stderr.

Owns: files, standard streams and the two ways to show the ledger.
Never: parses, scrubs or counts itself; stores or sends anything.
Invariant: the last line of stderr is the ledger as one JSON object, also when a file could not be read.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - typer reads the annotation when the command starts
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.offline import Offline, Tally
    from sidecar.wire.envelope import Numbered

STDIN = "-"
DIALECTS = ("stream", "transcript")
EVENT_WIDTH, FATE_WIDTH, NUMBER_WIDTH = 44, 10, 11
NAME_WIDTH, WIDTH = 55, 80
ADVICE = (
    "These lines were taken as before. Update groove-sidecar; if it is the newest,",
    "report the names above with the CLI's version: they hold nothing of yours.",
)


def parse(
    files: Annotated[list[Path], typer.Argument(help="Stream files or transcripts; - is standard input.")],
    provider: Annotated[str | None, typer.Option(help="claude-code, codex or gemini; found out if not given.")] = None,
    dialect: Annotated[str | None, typer.Option(help="stream (stdout) or transcript; found out if not given.")] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Lines and bytes per fate and event, as a table.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The ledger object also holds events, bytes and outcomes.")
    ] = False,
) -> None:
    """Print the scrubbed steps of stream files, one JSON object per line; each file is a session of its own."""
    from sidecar.cli.common import here
    from sidecar.config import Settings
    from sidecar.errors import UsageError
    from sidecar.offline import Offline
    from sidecar.scrubbing import make_scrubber

    if dialect is not None and dialect not in DIALECTS:
        raise UsageError(f"There is no dialect {dialect!r}.", f"Known: {', '.join(DIALECTS)}.")
    paths = here()
    scrubber = make_scrubber(paths, Settings.load(paths, os.environ))
    offline = Offline(provider=provider, dialect=dialect, scrubber=scrubber)
    unreadable = unwritable = 0
    try:
        for file in files:
            unreadable += not _parse_file(offline, file)
        with _writing():
            sys.stdout.flush()
    except _OutputError as error:
        # stdout must not fail again when the interpreter closes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error.reason, BrokenPipeError):  # else whoever read our output has seen enough
            unwritable = 1
            print(f"groove-sidecar: cannot write the output: {error.reason.strerror}", file=sys.stderr)
            print("  Send it where there is room.", file=sys.stderr)
    if ledger:
        print("\n".join(ledger_table(offline.tally)), file=sys.stderr)
    result = offline.tally.as_json(full=as_json)
    if as_json:
        result |= {"outcomes": offline.outcomes, "redactions": offline.redactions}
    print(orjson.dumps(result).decode(), file=sys.stderr)
    if unwritable or unreadable:
        raise typer.Exit(1 if unwritable else 2)


class _OutputError(Exception):
    """Standard output takes no more, for `reason`; never confused with a file that cannot be read."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _OutputError(error) from error


def _print(step: Numbered) -> None:
    with _writing():
        sys.stdout.buffer.write(step.body + b"\n")


def _parse_file(offline: Offline, file: Path) -> bool:
    """Print one file's steps; False (and a message) if it cannot be read."""
    try:
        if str(file) == STDIN:
            for step in offline.steps(sys.stdin.buffer, time.time()):
                _print(step)
        else:
            with file.open("rb") as stream:
                # a line without a time of its own was written no later than the file was
                for step in offline.steps(stream, os.fstat(stream.fileno()).st_mtime):
                    _print(step)
    except OSError as error:
        print(f"groove-sidecar: cannot read {file}: {error.strerror}", file=sys.stderr)
        print(f"  {_hint(error)}", file=sys.stderr)
        return False
    return True


def _hint(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "Name the files in it."
    if isinstance(error, PermissionError):
        return "Run this as the file's owner."
    return "Check the name; the other files were read."


def ledger_table(tally: Tally) -> list[str]:
    """Fates, then events, with lines and bytes; no row is wider than 80 columns."""
    rows = [_row("FATE", "", "LINES", "BYTES")]
    rows += [_row(fate, "", n, tally.fate_bytes[fate]) for fate, n in tally.fates.most_common()]
    rows += [_row("total", "", tally.lines, tally.bytes), "", _row("EVENT", "FATE", "LINES", "BYTES")]
    rows += [_row(name, fate, n, tally.event_bytes[name, fate]) for (name, fate), n in tally.events.most_common()]
    if tally.reasons:
        rows += ["", _row("REASON", "", "LINES", "")]
        rows += [_row(reason, "", n, "") for reason, n in tally.reasons.most_common()]
    return rows + _drift(tally)


def _drift(tally: Tally) -> list[str]:
    """What no recording of a known event has: a name may be longer than a row."""
    if not tally.drifted:
        return []
    rows = ["", _row("DRIFT (+ new, - missing, : other kind)", "", "LINES", "")]
    for name, counts in sorted(tally.drift.items(), key=lambda item: -item[1].total()):
        *heads, last = [name[at : at + NAME_WIDTH] for at in range(0, len(name), NAME_WIDTH)]
        versions = ", ".join(f"{one} x{n}" for one, n in counts.most_common(4) if one)
        rows += [*heads, f"{last:<{NAME_WIDTH}} {counts.total():>{NUMBER_WIDTH}}"]
        rows += [f"  written by {versions}"[:WIDTH]] if versions else []
    return [*rows, *ADVICE]


def _row(name: str, fate: str, lines: object, size: object) -> str:
    return (
        f"{name[:EVENT_WIDTH]:<{EVENT_WIDTH}} {fate:<{FATE_WIDTH}} {lines!s:>{NUMBER_WIDTH}} {size!s:>{NUMBER_WIDTH}}"
    ).rstrip()


if __name__ == "__main__":
    from sidecar.cli.main import run

    sys.exit(run(["parse", *sys.argv[1:]]))
