"""What is running and what is held: agent, spool, queue, drift, losses, the log.

Owns: what the status document means for a person who asks whether all is well.
Never: computes a number the document has; writes; asks the agent (it is given the document).
Invariant: whatever was lost or not understood is named with its count and what to do.
"""

from __future__ import annotations

import shlex
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

import orjson

from sidecar import __version__
from sidecar.checkup.finding import Finding, Level, many, size, span, unlooked
from sidecar.errors import SidecarError
from sidecar.paths import open_private, read_private
from sidecar.report import NOT_BEGUN
from sidecar.store.database import VERSION, Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sidecar.paths import Paths

CHECK_SECONDS: Final = 5.0
"""How long the look at the spool's pages may take."""
CHECK_STEPS: Final = 10_000
HEADER_BYTES: Final = 100
LOG_BYTES: Final = 256 << 10
LOG_SECONDS: Final = 86_400.0
MAX_SHOWN: Final = 8
OLD_SECONDS: Final = 3_600.0
STALE_SECONDS: Final = 6 * 86_400.0
"""A day before a server takes steps no more."""
INTENDED: Final = ("revoked", "suspended", "rejected.", "revoked.", "user.")
"""Let go because somebody asked for it."""
BUG: Final = "A bug: please report it."
DROPS: Final[Mapping[str, tuple[str, str]]] = {
    "disk full": ("bytes not kept, the disk was full", "Make room on the disk."),
    "file size limit": ("bytes not kept: ulimit -f, or nobody read 4 GiB", "Start the agent: groove-sidecar run"),
    "write failed": ("bytes not kept, a write failed", "Check the disk and the state folder."),
    "stream gap": ("bytes gone before they were read", "Leave the state folder's streams alone."),
    "writer killed": ("runs whose wrap was killed: 256 kB or less of each may be missing", "End wrap by SIGTERM."),
    "steps_beyond_the_line_limit": ("steps of lines with more than 1,000", BUG),
    "end_of_stream_failed": ("ends of runs that made the program fail", BUG),
}
"""What the ledger's words mean, and what to do."""


def agent(document: Mapping[str, Any], *, silent: str) -> Finding:
    """Whether it runs, as the version that is installed. `silent`: why a socket that is there did not answer."""
    if silent:
        return Finding("agent", Level.TROUBLE, silent, "Restart it: groove-sidecar run")
    on = document["consent"]["standing"] == "on"
    if not document["running"]:
        if not on:
            return Finding("agent", Level.OFF, "not running; nothing needs it while capture is off")
        text = "not running: what wrap keeps waits in stream files, unread"
        return Finding("agent", Level.WARNING, text, "Start it: groove-sidecar run")
    facts = {name: document.get(name) for name in ("pid", "version", "uptime", "capturing", "paused")}
    text = f"running, pid {document['pid']}, version {document['version']}, up {span(document['uptime'])}"
    if document["version"] != __version__:
        hint = "Restart it: groove-sidecar run"
        return Finding("agent", Level.WARNING, f"{text}; installed is {__version__}", hint, facts)
    if on and not document["capturing"]:
        return Finding("agent", Level.TROUBLE, f"{text}; not capturing", "See the log and `last error`.", facts)
    if document["paused"]:
        return Finding("agent", Level.WARNING, f"{text}; sending is paused", "groove-sidecar resume", facts)
    return Finding("agent", Level.OK, text, facts=facts)


def spool(path: Path) -> tuple[Finding, float | None]:
    """Whether the database is sound, and the latest moment it has written down."""
    try:
        header = read_private(path, HEADER_BYTES)
        if header is None:
            return Finding("spool", Level.OFF, "not made yet: nothing was ever captured here"), None
        with Database.read(path) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            newest = connection.execute("SELECT max(updated) FROM sessions").fetchone()[0]
            wrong, whole = quick_check(connection, CHECK_SECONDS)
    except (OSError, SidecarError) as error:
        return _aside(unlooked("spool", path.name, error), path), None
    except sqlite3.Error as error:
        return _aside(Finding("spool", Level.TROUBLE, f"{path.name} is damaged: {error}"), path), None
    facts: dict[str, Any] = {"schema": version, "errors": wrong, "checked_whole": whole}
    facts["bytes"] = path.stat().st_size
    if wrong:
        text = f"{path.name} is damaged: {wrong[0]}"
        return _aside(Finding("spool", Level.TROUBLE, text, facts=facts), path), newest
    if version != VERSION:
        text = f"{path.name} has schema {version}, this version knows {VERSION}"
        return Finding("spool", Level.TROUBLE, text, "Update groove-sidecar.", facts), newest
    if header[18:20] != b"\x02\x02":
        text = f"{path.name} keeps no write-ahead log"
        return Finding("spool", Level.TROUBLE, text, "Use a local disk.", facts), newest
    how = "sound" if whole else f"nothing wrong found in {CHECK_SECONDS:g} s, not read to its end"
    return Finding("spool", Level.OK, f"{size(facts['bytes'])}, schema {version}, {how}", facts=facts), newest


def quick_check(connection: sqlite3.Connection, seconds: float) -> tuple[list[str], bool]:
    """What SQLite finds wrong within `seconds`, and whether it came to the end."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, CHECK_STEPS)
    try:
        rows = connection.execute("PRAGMA quick_check(5)").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return [], False
        return [str(error)], False
    finally:
        connection.set_progress_handler(None, 0)
    return [str(row[0]).splitlines()[-1] for row in rows if row[0] != "ok"], True


def _aside(finding: Finding, path: Path) -> Finding:
    hint = finding.hint
    if finding.level is Level.TROUBLE and ("damaged" in finding.text or "not a" in finding.text):
        hint = f"End the agent, then: mkdir -m 700 ~/spool-aside && mv {shlex.quote(str(path))}* ~/spool-aside/"
    return Finding(finding.check, finding.level, finding.text, hint, finding.facts)


def queue(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What waits, for how long and why; what waits for a person; what was refused; the last error."""
    age = document["oldest_queued_age"]
    facts = {name: document[name] for name in ("buffered", "queued", "held", "sent", "waiting")} | {"oldest_age": age}
    sent = sum(document["sent"].values())
    text = f"{document['buffered']} steps buffered, {document['queued']} envelopes queued, {sent} sent"
    level, hint = Level.OK, ""
    if document["queued"] and age is not None:
        text += f"; the oldest waits for {span(age)}"
        if age > STALE_SECONDS:
            level, hint = Level.TROUBLE, "Servers take steps of 7 days at most: groove-sidecar flush"
        elif age > OLD_SECONDS and not document["held"]:
            level, hint = Level.WARNING, "groove-sidecar flush"
    why = "; ".join(f"{n}: {reason}" for reason, n in list(document["waiting"].items())[:3])
    yield Finding("queue", level, f"{text} ({why})" if why else text, hint, facts)
    if document["held"]:
        text = f"{document['held']} envelopes wait for your look"
        yield Finding("review", Level.WARNING, text, "groove-sidecar preview --approve")
    parked = document["parked"]
    if parked["count"]:
        why = "; ".join(f"{n}: {reason}" for reason, n in list(parked["reasons"].items())[:3])
        yield Finding("parked", Level.WARNING, why, "groove-sidecar parked list", dict(parked))
    else:
        yield Finding("parked", Level.OK, "nothing was refused")
    error = document.get("last_error")
    if error:
        level = Level.WARNING if document["capturing"] else Level.TROUBLE  # what goes on in spite of it will try again
        yield Finding("last error", level, str(error.get("reason", "")), str(error.get("hint", "")))


def drift(document: Mapping[str, Any]) -> Iterator[Finding]:
    """The canary: lines of a form this version does not know, by name and by the version of the CLI that wrote them."""
    unknown, by_version = document["unknown_events"], document.get("drift", {})
    changed = document.get("changed_fields", {})
    if not unknown and not changed:
        read = document["lines"]["read"]
        yield Finding("drift", Level.OK, f"none of {read} lines was of a form this version does not know")
    if unknown:
        yield from _unknown(unknown, by_version)
    if changed:
        yield from _changed(document, changed)


def _unknown(unknown: Mapping[str, int], by_version: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Types and subtypes that are not known: their lines made no step."""
    lines = sum(unknown.values())
    meaning = f"{many(lines, 'line')} of {many(len(unknown), 'form')} this version does not know, not captured in full"
    facts = {"unknown_events": dict(unknown), "versions": {name: dict(n) for name, n in by_version.items()}}
    yield Finding("drift", Level.WARNING, meaning, "Update groove-sidecar; if it is new, report these names:", facts)
    yield from _named(unknown, by_version)


def _changed(document: Mapping[str, Any], changed: Mapping[str, int]) -> Iterator[Finding]:
    """Fields of known types that are new (+), missing (-) or of another kind (:): their lines were taken as before."""
    by_version = document.get("changed_versions", {})
    text = (
        f"{many(document['changed_lines'], 'line')} with {many(len(changed), 'change')} in known forms, taken as before"
    )
    facts = {
        "changed_lines": document["changed_lines"],
        "changed_fields": dict(changed),
        "versions": {name: dict(n) for name, n in by_version.items()},
    }
    hint = "Update groove-sidecar; if it is new, report these names with the CLI's version: they hold nothing of yours."
    yield Finding("drift", Level.WARNING, text, hint, facts)
    yield from _named(changed, by_version)


def _named(counts: Mapping[str, int], by_version: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    for name, n in list(counts.items())[:MAX_SHOWN]:
        versions = ", ".join(f"{one} x{count}" for one, count in by_version.get(name, {}).items())
        written = f", written by {versions}" if versions else ""
        yield Finding("drift", Level.WARNING, f"{name} x{n}{written}")
    if len(counts) > MAX_SHOWN:
        yield Finding("drift", Level.WARNING, f"and {len(counts) - MAX_SHOWN} more: groove-sidecar status --json")


def losses(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What was let go, by reason, since the spool was made; and what is being lost at this moment."""
    for reason, one in document.get("losing", {}).items():
        text = f"{many(one['runs'], 'run')} not kept now ({reason}), {size(one['bytes'])} so far"
        yield Finding("losing", Level.TROUBLE, text, DROPS.get(reason, ("", "Look at the disk."))[1], dict(one))
    drops: Mapping[str, int] = document["drops"]
    lost = {reason: n for reason, n in drops.items() if n and not reason.startswith(INTENDED)}
    asked = sum(n for reason, n in drops.items() if reason.startswith(INTENDED))
    for reason, n in lost.items():
        meaning, hint = DROPS.get(reason, (reason, "See the log for more." if reason.startswith(NOT_BEGUN) else ""))
        yield Finding("lost", Level.WARNING, f"{n} {meaning}", hint, {"reason": reason, "count": n})
    malformed = document["lines"]["malformed"] + document["lines"]["oversize"]
    if malformed:
        why = ", ".join(f"{n} {reason}" for reason, n in list(document["reasons"].items())[:4])
        text = f"{malformed} lines were broken or too long" + (f" ({why})" if why else "")
        yield Finding("lines", Level.OK, text, facts={"reasons": dict(document["reasons"])})
    if not lost:
        said = f"nothing but what you asked for ({asked})" if asked else "nothing"
        yield Finding("lost", Level.OK, said)


def log(paths: Paths, now: float) -> Finding:
    """Errors of the last day, by name."""
    try:
        fd = open_private(paths.log, 0)
    except FileNotFoundError:
        return Finding("log", Level.OFF, "no log yet")
    except (OSError, SidecarError) as error:
        return unlooked("log", paths.log.name, error)
    with open(fd, "rb") as handle:  # noqa: PTH123 - a descriptor
        handle.seek(max(0, handle.seek(0, 2) - LOG_BYTES))
        lines = handle.read().splitlines()
    counts: dict[str, int] = {}
    last: dict[str, Any] = {}
    for line in lines:
        try:
            event = orjson.loads(line)
            recent = now - float(event["at"]) < LOG_SECONDS and event["level"] in {"error", "warning"}
        except (ValueError, KeyError, TypeError):
            continue  # the first line may be cut
        if recent:
            counts[str(event.get("event"))] = counts.get(str(event.get("event")), 0) + 1
            last = event
    if not counts:
        return Finding("log", Level.OK, "no error within a day")
    names = ", ".join(f"{name} x{n}" for name, n in sorted(counts.items(), key=lambda item: -item[1])[:5])
    text = f"within a day: {names}; the last: {last.get('reason', last.get('event'))}"
    return Finding("log", Level.WARNING, text, str(last.get("hint", "")), {"events": counts})
