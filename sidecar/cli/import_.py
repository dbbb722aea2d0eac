"""`groove-sidecar import [PATH…]`: take the transcripts that are there already.

Owns: the conversation with the person: what would be taken, the yes, the progress, the result.
Never: takes anything without consent and a yes; reads or stores itself.
Invariant: with an agent running it is the agent that imports; without one, this process holds its place.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path  # noqa: TC003 - typer reads the annotation when the command starts
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import orjson
import typer

from sidecar.checkup.finding import size
from sidecar.cli.common import here, style
from sidecar.errors import ConsentError, NotRunningError, SidecarError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sidecar.importer import Plan
    from sidecar.paths import Paths
    from sidecar.rehearsal import Rehearsal

POLL_SECONDS = 0.3
PLAIN_SECONDS = 2.0
"""Without a terminal, progress is a line this often at most."""
SESSIONS_PER_HOUR = 20


def import_(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Transcripts or folders; default: those of the three CLIs.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only files written to since: 2026-11-20, 7d, 12h.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would make, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as one JSON object.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take what Claude Code, Codex and Gemini CLI have stored into the journal, as closed sessions. Never twice."""
    from sidecar.importer import since_of

    place, chosen = here(), list(paths or [])
    moment = since_of(since, time.time())
    if dry_run:
        what = _plan(place, chosen, moment)
        result = _rehearse(place, what, quiet=as_json)
        what.left.update(result.left)
        _print_json({**result.as_json(), **_left(what)}) if as_json else _show(what, result)
        return
    _need_consent(place)
    what = _plan(place, chosen, moment)
    if not what.pieces:
        _print_json({"state": "done", "sessions": 0, "steps": 0, **_left(what)}) if as_json else _show(what, None)
        return
    if not yes:
        _show(what, None)
        if not sys.stdin.isatty():
            raise UsageError("nobody is here to agree", "Look first (--dry-run), then: groove-sidecar import --yes")
        if input("Take them? Type yes: ").strip().lower() != "yes":
            print("Nothing was changed.")
            raise typer.Exit(1)
    report = _take(place, chosen, moment, quiet=as_json)
    if as_json:
        _print_json(report)
    if report["state"] != "done":
        raise SidecarError(str(report.get("error", "the import failed")), str(report.get("hint", "")))
    if not as_json:
        print(f"Taken: {report['sessions']} sessions, {report['steps']} steps from {report['lines']} lines.")
        print("What is older than a Central Command takes stays here: groove-sidecar parked list")


def _need_consent(place: Paths) -> None:
    from sidecar.consent import evaluate

    standing = evaluate(place, os.environ)
    if not standing.on:
        raise ConsentError(standing.reason, standing.hint)


def _plan(place: Paths, chosen: list[Path], since: float) -> Plan:
    """From the files and the spool as they are; no agent is asked."""
    from sidecar.importer import pending_since, plan
    from sidecar.sources.find import find
    from sidecar.sources.transcript_names import homes
    from sidecar.sources.transcripts import Position
    from sidecar.store.conversations import read_decided
    from sidecar.store.database import Database
    from sidecar.store.journal import read_positions

    known, decided = [], set()
    if place.spool.exists():
        with Database.read(place.spool) as connection:
            rows = read_positions(connection, "transcript") + read_positions(connection, "import:")
            decided = read_decided(connection)
        known = [Position(one.source, one.offset, one.hint, one.skip, rested=not is_open) for one, is_open in rows]
    where = homes(os.environ, place.groove.parent)
    left: Counter[str] = Counter()
    key = _key(place)
    files = find(where, chosen, key, left)
    pending = pending_since(place.streams, decided)
    result = plan(files, known, where, since=since, pending=pending, doc_key=key)
    result.left += left
    return result


def _key(place: Paths) -> bytes:
    from sidecar.paths import read_private

    return read_private(place.install_key, 4_096) or b""


def _rehearse(place: Paths, what: Plan, *, quiet: bool) -> Rehearsal:
    from sidecar.config import Settings
    from sidecar.rehearsal import rehearse
    from sidecar.scrubbing import make_scrubber
    from sidecar.store.database import Database

    settings = Settings.load(place, os.environ)
    with ExitStack() as stack:
        spool = stack.enter_context(Database.read(place.spool)) if place.spool.exists() else None
        report = stack.enter_context(_bar(quiet=quiet))
        state = {"state": "reading", "files": len(what.pieces), "total": what.size, "file": 0, "bytes": 0}

        def moved(file: int, done: int) -> None:
            state.update(file=file, bytes=done)
            report(state)

        scrubber = make_scrubber(place, settings)
        return rehearse(what.pieces, scrubber, spool=spool, key=_key(place), now=time.time(), moved=moved)


def _take(place: Paths, chosen: list[Path], since: float, *, quiet: bool) -> dict[str, Any]:
    """Through the running agent, or in its place."""
    with _bar(quiet=quiet) as show:
        try:
            return _take_by_agent(place, chosen, since, show)
        except NotRunningError:
            return _take_alone(place, chosen, since, show)


def _take_by_agent(
    place: Paths, chosen: list[Path], since: float, show: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    from sidecar.ask import ask_json
    from sidecar.importer import query_of

    ask_json(place.socket, "POST", "/import?" + urlencode(query_of(chosen, since)))
    while True:
        try:
            report: dict[str, Any] = ask_json(place.socket, "GET", "/import")
        except NotRunningError as error:
            raise SidecarError("the agent ended", "Start it, then import again: it goes on where it was.") from error
        show(report)
        if report["state"] not in {"planning", "running"}:
            return report
        time.sleep(POLL_SECONDS)


def _take_alone(
    place: Paths, chosen: list[Path], since: float, show: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    import anyio

    from sidecar.agent import only_one
    from sidecar.config import Settings
    from sidecar.consent import evaluate, under
    from sidecar.log import EventLog
    from sidecar.stack import CaptureStack

    live: list[dict[str, Any]] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            if live:
                show(dict(live[0]))

    settings = Settings.load(place, os.environ)
    # Asked again before every commit: the whole answer, since nobody watches the files for us here.
    stack = CaptureStack(
        place,
        settings,
        log=EventLog(place.log, time.time),
        allowed=lambda: evaluate(place, os.environ).on,
        consent=under(place),
    )
    viewer = threading.Thread(target=watch, daemon=True)
    viewer.start()
    try:
        with only_one(place):
            anyio.run(stack.import_alone, chosen, since, live.append)
    finally:
        over.set()
        viewer.join()
    return live[0]


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A progress bar on a terminal, a line now and then elsewhere; both on stderr, so that stdout is the result."""
    if quiet:
        yield lambda _report: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        yield _plain()
        return
    if not sys.stderr.isatty():
        yield _plain()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("looking", total=None)

        def show(report: dict[str, Any]) -> None:
            text = f"{report['file']} of {report['files']} files" if report["files"] else str(report["state"])
            progress.update(task, description=text, completed=report["bytes"], total=report["total"] or None)

        yield show


def _plain() -> Callable[[dict[str, Any]], None]:
    last = time.monotonic()

    def show(report: dict[str, Any]) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_SECONDS:
            last = now
            done = f"{report['file']} of {report['files']} files, {size(report['bytes'])} of {size(report['total'])}"
            print(done, file=sys.stderr)

    return show


def _show(what: Plan, result: Rehearsal | None) -> None:
    """At most 80 columns."""
    newest = max((piece.modified for piece in what.pieces), default=0.0)
    oldest = min((piece.modified for piece in what.pieces), default=0.0)
    found = f"{len(what.pieces)} transcripts, {size(what.size)}"
    if what.pieces:
        found += f", last written to from {_day(oldest)} to {_day(newest)}"
    print(f"{'to take':<10}{found}")
    for provider, n in Counter(piece.file.provider for piece in what.pieces).most_common():
        print(f"{'':<10}{n} of {provider}")
    for reason, n in what.left.most_common():
        print(f"{'left':<10}{n} {reason}")
    if result is None:
        return
    lines = result.tally.as_json()
    print(f"{'sessions':<10}{result.sessions} (a Central Command takes {SESSIONS_PER_HOUR} new ones an hour)")
    print(f"{'lines':<10}{lines['lines']}")
    by_type = lines["by_type"]
    steps = sum(by_type.values())
    print(f"{'steps':<10}{steps}")
    for name, n in sorted(by_type.items(), key=lambda item: -item[1]):
        print(f"{'':<10}{n} {name}")
    print(f"{'replaced':<10}{result.replaced} secrets and personal data")
    if result.old:
        told = f"{result.old} steps are older than 7 days: they stay here, parked"
        print(f"{'too old':<10}" + style(told, "yellow"))
        print(f"{'':<10}{result.old_sessions} sessions hold nothing newer")


def _left(what: Plan) -> dict[str, Any]:
    return {"files": len(what.pieces), "bytes": what.size, "left": dict(what.left)}


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def _print_json(value: dict[str, Any]) -> None:
    print(orjson.dumps(value).decode())
