"""The picture of the demo: a live table while it runs, a summary when it is over.

Owns: how it looks. Never: starts, asks or decides anything.
Invariant: without a terminal (or with NO_COLOR) it prints plain lines, none wider than 80 columns.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Self

from sidecar.cli.common import style, table

if TYPE_CHECKING:
    from collections.abc import Mapping

FATES = ("steps", "meta", "noise", "unknown", "malformed", "oversize")


class View:
    """A rich live view on a terminal; elsewhere one plain line whenever the numbers change."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live: Any = None
        self._last = ""
        self._states: Mapping[str, int | None] = {}

    def __enter__(self) -> Self:
        if not self._quiet and sys.stdout.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(no_color=bool(os.environ.get("NO_COLOR"))), refresh_per_second=8)
            self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.__exit__(*error)

    def show(self, states: Mapping[str, int | None] | None, status: Mapping[str, Any] | None) -> None:
        """One picture: runs (name -> exit code or None) and the agent's status."""
        self._states = states or self._states
        if self._quiet or not status:
            return
        if self._live is not None:
            self._live.update(_picture(self._states, status))
            return
        line = _line(self._states, status)
        if line != self._last:
            print(line, flush=True)
            self._last = line


def _line(states: Mapping[str, int | None], status: Mapping[str, Any]) -> str:
    running = sum(code is None for code in states.values())
    steps = sum(status.get("steps", {}).values())
    lines = status.get("lines", {}).get("read", 0)
    queue = f"buffered {status.get('buffered', 0)}  queued {status.get('queued', 0)}"
    return f"running {running}  lines {lines}  steps {steps}  {queue}  closed {status['sessions'].get('delivered', 0)}"


def _picture(states: Mapping[str, int | None], status: Mapping[str, Any]) -> Any:
    from rich.columns import Columns
    from rich.console import Group
    from rich.table import Table

    runs = Table(title="agents", expand=False)
    runs.add_column("recorded run")
    runs.add_column("state")
    for name, code in states.items():
        runs.add_row(name, "[cyan]running[/]" if code is None else "[green]ended[/]" if code == 0 else "[red]killed[/]")
    lines = Table(title="lines by fate")
    lines.add_column("fate")
    lines.add_column("lines", justify="right")
    for fate in ("read", *FATES):
        lines.add_row(fate, str(status.get("lines", {}).get(fate, 0)))
    steps = Table(title="steps by type")
    steps.add_column("type")
    steps.add_column("steps", justify="right")
    for name, count in sorted(status.get("steps", {}).items(), key=lambda item: -item[1]):
        steps.add_row(name, str(count))
    queue = Table(title="queue")
    queue.add_column("state")
    queue.add_column("n", justify="right")
    for name in ("buffered", "queued", "in_flight", "parked"):
        value = status.get(name, 0)
        queue.add_row(name, str(value if isinstance(value, int) else value.get("count", 0)))
    queue.add_row("sessions closed", str(status["sessions"].get("delivered", 0)))
    return Group(Columns([runs, queue]), Columns([lines, steps]))


def summary(result: Mapping[str, Any]) -> str:
    """The result for people, at most 80 columns wide."""
    status = result["status"]
    out = [style("\nThe queue", "bold")]
    read = status.get("lines", {})
    out.append(f"  lines read {read.get('read', 0)} = " + " + ".join(f"{read.get(fate, 0)} {fate}" for fate in FATES))
    out.append(
        f"  buffered {status.get('buffered')}, queued {status.get('queued')}, parked {status['parked']['count']}"
    )
    out.append(style("\nWhat Central Command holds", "bold"))
    rows: list[tuple[object, ...]] = [("session", "provider", "state", "steps", "chunks", "replaced")]
    types: dict[str, int] = {}
    replaced: dict[str, int] = {}
    for session in result["sessions"]:
        for name, count in session.get("steps_by_type", {}).items():
            types[name] = types.get(name, 0) + count
        for name, count in session.get("redactions", {}).items():
            replaced[name] = replaced.get(name, 0) + count
        secrets = sum(session.get("redactions", {}).values())
        state = session["state"] + (", whole" if session["whole"] else ", BROKEN")
        rows.append((session["id"][:13], session["provider"], state, session["steps"], session["chunks"], secrets))
    out += ["  " + line for line in table(rows, (14, 12, 15, 6, 7, 8))]
    out.append("\n  steps by type      " + _pairs(types))
    out.append("  secrets replaced   " + _pairs(replaced))
    out.append(style("\nThe books", "bold"))
    out.append(f"  steps journaled {result['steps_journaled']} = received {result['steps_received']}")
    out.append(f"  lost {result['lost']}, duplicated {result['duplicated']}")
    out.append(
        f"  fake secrets readable on disk: {result['secrets_readable']} of {result['secrets_searched']} searched for"
    )
    out.append(style("\nok", "green", "bold") if result["ok"] else style("\nFAILED", "red", "bold"))
    return "\n".join(out)


def _pairs(counts: Mapping[str, int]) -> str:
    lines, line = [], ""
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        part = f"{name} {count}"
        if line and len(line) + len(part) + 2 > 58:
            lines.append(line)
            line = ""
        line = f"{line}, {part}" if line else part
    return ("\n" + " " * 21).join([*lines, line])
