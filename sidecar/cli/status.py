"""`status`: what is captured, queued and sent, and why not.

Owns: how the status document looks to a person.
Never: computes a number of its own (the document has them).
Invariant: at most 80 columns; `--json` prints the document itself. argparse, not typer: the answer must come at once.
"""

from __future__ import annotations

import argparse
import os
import textwrap
import time
from typing import TYPE_CHECKING, Any

import orjson

from sidecar.ask import ask_json
from sidecar.checkup.finding import size
from sidecar.cli.common import here, style
from sidecar.errors import NotRunningError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar.paths import Paths

FATES = ("steps", "meta", "noise", "unknown", "malformed", "oversize")
MAX_CHANGED = 3
ROOM = 68
"""Columns beside the names of rows."""
WATCH_SECONDS = 1.0
CLEAR = "\x1b[H\x1b[2J"


def main(argv: list[str]) -> int:
    """Print consent, sources, sessions, lines by fate, steps by type, the queue and the last error."""
    options = argparse.ArgumentParser(prog="groove-sidecar status", description=main.__doc__)
    options.add_argument("--json", action="store_true", help="the status document as JSON")
    options.add_argument("--watch", action="store_true", help="again every second, until Ctrl-C")
    chosen = options.parse_args(argv)
    paths = here()
    while True:
        document = gather(paths)
        if chosen.json:
            text = orjson.dumps(document, option=0 if chosen.watch else orjson.OPT_INDENT_2).decode()
        else:
            text = (CLEAR if chosen.watch else "") + "\n".join(render(document))
        print(text, flush=True)
        if not chosen.watch:
            return 0
        time.sleep(WATCH_SECONDS)


def gather(paths: Paths) -> dict[str, Any]:
    """The document of the running agent, or what the files alone can tell."""
    try:
        document: dict[str, Any] = ask_json(paths.socket, "GET", "/status")
    except NotRunningError:
        document = cold(paths)
    return document


def cold(paths: Paths) -> dict[str, Any]:
    """What the files alone can tell."""
    from sidecar.consent import evaluate
    from sidecar.report import cold_report

    consent = evaluate(paths, os.environ)
    return {
        "format": 1,
        "running": False,
        "capturing": False,
        "paused": paths.paused.exists(),
        "consent": {"standing": consent.standing.value, "reason": consent.reason, "hint": consent.hint},
        **cold_report(paths),
    }


def render(document: Mapping[str, Any]) -> list[str]:
    """The document as lines for people."""
    consent = document["consent"]
    on = consent["standing"] == "on"
    out = [_row("consent", style(consent["standing"], "green" if on else "yellow") + f" ({consent['reason']})")]
    if consent["hint"] and not on:
        out.append(_row("", style(consent["hint"], "dim")))
    agent = f"running, pid {document['pid']}" if document["running"] else style("not running", "yellow")
    out.append(_row("agent", agent + (style(", sending paused", "yellow") if document["paused"] else "")))
    if document.get("endpoint"):
        out.append(_row("endpoint", f"{document['endpoint']} ({document.get('contract') or 'not asked yet'})"))
    if document.get("engine"):
        out.append(_row("scrubber", f"engine {document['engine']}"))
    out += _sources(document.get("sources", []))
    sessions = document["sessions"]
    text = f"{sessions['open']} open, {sessions['closed']} closed, {sessions['delivered']} delivered whole"
    out.append(_row("sessions", text))
    lines = document["lines"]
    out.append(_row("lines", f"{lines['read']} read ({size(document['bytes_read'])}) ="))
    out.append(_row("", " + ".join(f"{lines[fate]} {fate}" for fate in FATES)))
    for name, n in list(document["unknown_events"].items())[:5]:
        version = ", ".join(document.get("drift", {}).get(name, {})) or "of unknown version"
        out.append(_row("", style(f"unknown: {name} x{n} ({version}; a newer CLI? see doctor)", "yellow")))
    out += _changed(document)
    steps = document["steps"]
    total = sum(steps.values())
    out += _wrapped("steps", f"{total}" + " = " * bool(total), [f"{n} {name}" for name, n in _by_count(steps)], " + ")
    if document["replaced"]:
        out += _wrapped("replaced", "", [f"{n} {name}" for name, n in _by_count(document["replaced"])], ", ")
    out += _documents(document.get("documents", {}))
    out += _queue(document)
    return [line[:200] for line in out]


def _changed(document: Mapping[str, Any]) -> list[str]:
    """Fields that no recording of a known event has. A name may be longer than a line."""
    out = []
    fields = document.get("changed_fields", {})
    for name, n in list(fields.items())[:MAX_CHANGED]:
        version = ", ".join(list(document["changed_versions"].get(name, {}))[:4]) or "of unknown version"
        out += textwrap.wrap(f"changed: {name} x{n} ({version})", ROOM, subsequent_indent="  ", break_on_hyphens=False)
    if fields:
        more = f"and {len(fields) - MAX_CHANGED} more; " if len(fields) > MAX_CHANGED else ""
        out.append(f"{more}all were taken as before (a newer CLI? see doctor)")
    return [_row("", style(line, "yellow")) for line in out]


def _documents(documents: Mapping[str, Any]) -> list[str]:
    """Chats of older Gemini CLIs: shown where there are any, with what to do about those that are left."""
    left = documents.get("left", {})
    if not left and not documents.get("followed"):
        return []
    more = [(documents["rewound"], "messages taken back"), (documents["late"], "changed too late to be taken")]
    parts = [f"{documents['followed']} chats of a Gemini CLI before 0.40", *(f"{n} {what}" for n, what in more if n)]
    out = _wrapped("documents", "", parts, ", ")
    for reason, n in left.items():
        out += [_row("", style(line, "yellow")) for line in textwrap.wrap(f"{n} left: {reason}", ROOM)]
        out += [_row("", style(line, "dim")) for line in textwrap.wrap(documents["hints"].get(reason, ""), ROOM)]
    return out


def _sources(sources: list[dict[str, Any]]) -> list[str]:
    out = [_row("sources", f"{len(sources)} live")]
    for source in sources[:10]:
        what = f"{source['provider'] or 'undetected'}  {source['steps']} steps  {size(source['offset'])}"
        out.append(_row("", f"{source['source'][:30]:<30} {what}"))
    if len(sources) > 10:
        out.append(_row("", f"… and {len(sources) - 10} more"))
    return out


def _queue(document: Mapping[str, Any]) -> list[str]:
    sent, parked = document["sent"], document["parked"]
    out = [_row("buffered", f"{document['buffered']} steps not yet sealed")]
    queued = f"{document['queued']} envelopes"
    if document["queued"] and document["oldest_queued_age"] is not None:
        queued += f", the oldest for {document['oldest_queued_age']:.0f} s"
    out.append(_row("queued", queued))
    out += [_row("", style(f"{n}: {reason}", "dim")) for reason, n in document["waiting"].items()]
    if document.get("held"):
        out.append(_row("held", style(f"{document['held']} held for review", "yellow")))
        out.append(_row("", style("Look, then let go: groove-sidecar preview --approve", "dim")))
    out.append(_row("in flight", str(document.get("in_flight", 0))))
    out.append(_row("parked", style(str(parked["count"]), "red") if parked["count"] else "0"))
    out += [_row("", f"{n}: {reason}") for reason, n in parked["reasons"].items()]
    out.append(_row("sent", f"{sent['chunk']} chunks, {sent['close']} closes, {sent['feedback']} feedback"))
    for reason, n in document["drops"].items():
        out.append(_row("dropped", f"{n} {reason}"))
    for reason, lost in document.get("losing", {}).items():
        text = f"{lost['runs']} runs not kept now ({reason}), {size(lost['bytes'])} so far"
        out.append(_row("losing", style(text, "red")))
    error = document.get("last_error")
    if error:
        out.append(_row("last error", style(str(error.get("reason", "")), "red")))
        if error.get("hint"):
            out.append(_row("", style(str(error["hint"]), "dim")))
    return out


def _row(name: str, text: str) -> str:
    return f"{name:<11}{text}"


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _wrapped(name: str, start: str, parts: list[str], joint: str) -> list[str]:
    """Parts on as many lines as 80 columns ask for."""
    lines, line = [], start
    for number, part in enumerate(parts):
        piece = part if number == 0 else joint + part
        if len(line) + len(piece) > ROOM:
            lines.append(line)
            line = piece.lstrip()
        else:
            line += piece
    lines.append(line)
    return [_row(name if number == 0 else "", line) for number, line in enumerate(lines)]
