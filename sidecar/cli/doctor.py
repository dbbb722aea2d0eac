"""`doctor`: is all well, and if not, what to do.

Owns: the order of the checks, how findings look to a person and to a machine.
Never: changes a file, starts a program, or connects to anything but the control socket (`--online`, after a yes, may).
Invariant: every string is scrubbed and has the home folder as ~; at most 80 columns; exit code 1 when there is trouble.
"""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sidecar import __version__
from sidecar import service as services
from sidecar.checkup import capture, clis, machine, places, privacy
from sidecar.checkup.finding import Finding, Level, many, worst
from sidecar.checkup.runs import runs
from sidecar.cli.common import WIDTH, here, style
from sidecar.cli.status import cold, gather
from sidecar.consent import evaluate
from sidecar.errors import SidecarError
from sidecar.report import EMPTY
from sidecar.scrubbing import make_scrubber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sidecar.config import Settings
    from sidecar.paths import Paths
    from sidecar.scrub.scrubber import Scrubber

FORMAT = 1
COLOURS = {Level.OK: "green", Level.OFF: "dim", Level.WARNING: "yellow", Level.TROUBLE: "red"}
LEVEL_WIDTH, CHECK_WIDTH = 9, 13
INDENT = LEVEL_WIDTH + CHECK_WIDTH
LOCKS = Path("/proc/locks")
MAX_RAW, MAX_TEXT = 8_000, 600
"""Of one string, before it is scrubbed and after; the rest is cut."""


def main(argv: list[str]) -> int:
    """Look at everything the sidecar rests on. Exit code 0: no trouble; 1: trouble; 2: wrong use."""
    options = argparse.ArgumentParser(prog="groove-sidecar doctor", description=main.__doc__)
    options.add_argument("--json", action="store_true", help="the findings as JSON")
    options.add_argument("--online", action="store_true", help="also ask Central Command, if you have agreed")
    chosen = options.parse_args(argv)
    paths = here()
    settings, where = privacy.endpoint(paths, os.environ)
    scrubber = _scrubber(paths, settings)
    findings = [_tidy(one, paths, scrubber) for one in examine(paths, settings, where, ask=chosen.online)]
    if chosen.json:
        print(orjson.dumps(_document(findings), option=orjson.OPT_INDENT_2).decode())
    else:
        print("\n".join(render(findings)))
    return int(worst(findings) is Level.TROUBLE)


def examine(paths: Paths, settings: Settings, where: Finding, *, ask: bool) -> Iterator[Finding]:
    """All checks, in the order in which a person would look."""
    now = time.time()
    document, silent = _ask(paths)
    spool, newest = capture.spool(paths.spool)
    yield from machine.machine(paths.state, int(spool.facts.get("bytes", 0)), newest, now)
    yield from places.places(paths)
    yield from privacy.consent(paths, os.environ)
    yield where
    yield from privacy.scrubber(settings, document["replaced"])
    yield capture.agent(document, silent=silent)
    yield _service(paths)
    yield spool
    yield from capture.queue(document)
    yield runs(paths.streams, reading=bool(document["capturing"]))
    yield from capture.losses(document)
    yield from capture.drift(document)
    yield capture.log(paths, now)
    yield from clis.clis(os.environ, document.get("clis", {}))
    files, folders = clis.transcripts(os.environ, paths.groove.parent, followed=settings.transcripts)
    yield from files
    yield from machine.watches((folders if settings.transcripts else 0) + 8)
    if ask:
        from sidecar.checkup import online

        yield from online.online(paths, settings, os.environ)


def _ask(paths: Paths) -> tuple[dict[str, Any], str]:
    """The status document as far as it is to be had, and why an agent that runs did not answer."""
    silent = ""
    for source in (gather, cold, _nothing):
        try:
            document = source(paths)
            break
        except SidecarError as error:  # an answer that is an error; or a spool that is not ours
            silent = silent or error.message
        except (OSError, sqlite3.Error, ValueError):
            continue  # the checks of files and spool say what is wrong
    if document["running"]:
        return document, ""
    if _held(paths):
        return document, silent or "an agent holds the state folder, and does not answer on its socket"
    return document, ""


def _nothing(paths: Paths) -> dict[str, Any]:
    consent = evaluate(paths, os.environ)
    standing = {"standing": consent.standing.value, "reason": consent.reason, "hint": consent.hint}
    return {"running": False, "capturing": False, "paused": False, "consent": standing, **EMPTY}


def _service(paths: Paths) -> Finding:
    """Whether the system's service manager starts the agent."""
    install = "groove-sidecar service install"
    try:
        now = set(services.standing(services.describe(paths, os.environ)).values())
    except (OSError, SidecarError):
        return Finding("service", Level.OFF, "not to be told here")
    if now == {"absent"}:
        return Finding("service", Level.OFF, "not installed; the agent is started by hand", install)
    if "foreign" in now:
        return Finding(
            "service", Level.WARNING, "unit files of that name were written by somebody else", f"{install} --print"
        )
    if now != {"current"}:
        return Finding("service", Level.WARNING, "installed for another state of things", install)
    return Finding("service", Level.OK, "installed: the opt-in flag starts the agent")


def render(findings: list[Finding]) -> list[str]:
    """One line a finding (more where 80 columns ask for it), the hint below it, a summary at the end."""
    out = []
    for one in findings:
        head = style(f"{one.level.value:<{LEVEL_WIDTH}}", COLOURS[one.level]) + f"{one.check:<{CHECK_WIDTH}}"
        first, *rest = _wrapped(one.text)
        out += [head + first, *(" " * INDENT + line for line in rest)]
        if one.hint:
            out += [" " * INDENT + style(line, "dim") for line in _wrapped(one.hint, "-> ")]
    counts = {level: sum(one.level is level for one in findings) for level in (Level.WARNING, Level.TROUBLE)}
    if counts[Level.TROUBLE]:
        verdict = style(f"{counts[Level.TROUBLE]} in trouble", "red") + f", {many(counts[Level.WARNING], 'warning')}."
    elif counts[Level.WARNING]:
        verdict = f"No trouble, {many(counts[Level.WARNING], 'warning')}."
    else:
        verdict = style("All is well.", "green")
    return [*out, "", verdict]


def _wrapped(text: str, start: str = "") -> list[str]:
    later = " " * len(start)
    lines = textwrap.wrap(text, WIDTH - INDENT, initial_indent=start, subsequent_indent=later, break_on_hyphens=False)
    return lines or [""]


def _document(findings: list[Finding]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": __version__,
        "worst": worst(findings).value,
        "counts": {level.value: sum(one.level is level for one in findings) for level in Level},
        "findings": [
            {"check": one.check, "level": one.level.value, "text": one.text, "hint": one.hint, "facts": one.facts}
            for one in findings
        ],
    }


def _scrubber(paths: Paths, settings: Settings) -> Scrubber:
    """The one of this installation, as far as its files can be read."""
    try:
        return make_scrubber(paths, settings)
    except (OSError, SidecarError):
        return make_scrubber(paths, settings, key=bytes(32))


def _tidy(finding: Finding, paths: Paths, scrubber: Scrubber) -> Finding:
    """No secret, no name of the user, no control character."""
    home = str(paths.groove.parent).rstrip("/")
    inside = re.compile(rf"(?<![\w.-])('?){re.escape(home)}/")  # and not in the middle of another path

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            text = "".join(c if c.isprintable() else " " for c in value[:MAX_RAW])
            if home:  # no ~ in quotes: a shell leaves it
                text = inside.sub(lambda found: "~/'" if found[1] else "~/", text)
                text = "~" if text == home else text
            return scrubber.text(text)[:MAX_TEXT]  # cut last: the first half of a secret has no form to be known by
        if isinstance(value, dict):
            return {clean(str(name)): clean(one) for name, one in value.items()}
        return [clean(one) for one in value] if isinstance(value, list | tuple) else value

    facts: Mapping[str, Any] = clean(dict(finding.facts))
    return Finding(finding.check, finding.level, clean(finding.text), clean(finding.hint), facts)


def _held(paths: Paths) -> bool:
    """Whether an agent holds the state folder: /proc/locks names the file, and nothing is taken to find out."""
    try:
        info = paths.lock.lstat()
        table = LOCKS.read_text("ascii", "replace")
    except OSError:
        return False
    name = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}:{info.st_ino}"
    return any(name in line.split() for line in table.splitlines())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
