"""Whether a tool result is a failure, and what says so.

Owns: `Failure`, `judge_result`.
Never: reads anything but its arguments; trusts a word of a file that a tool merely shows.
Invariant: pure and bounded: of a long text only `HEAD` + `TAIL` characters are searched, each pattern in linear time,
and an explicit word of the provider (flag, code, status) always comes before a pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sidecar.capture import failure_patterns as table
from sidecar.capture import failure_shell

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 2000
"""Characters at the beginning of a result that are searched."""
TAIL = 2500
"""Characters at its end."""
CODE_WINDOW = 600
"""Characters at either end in which a CLI writes the exit code."""
MAX_WHOLE = 4000
"""Characters of a result that can be nothing but the report of a failure."""


ECHO = 240
"""Characters at the end of an output or a command line in which it may show that it ended with a success."""
BEFORE, AFTER = 1, 2
"""Lines around one that hints at a verdict which belong to the verdict."""
MAX_HINTS = 80
"""Lines with hints from which a text is searched whole."""
EDGE_LINES = 3
"""Lines of an output that are its edge: the first and the last two."""
MAX_AFTER_FIRST = 12
"""Lines that say something after which the first one is no edge: who dies with its first line says little after it."""


class Failure(NamedTuple):
    """The verdict and the name of what it rests on ("is_error", "exit_code", "pattern:git", …; "" for no failure).

    "hidden:go" and the like: the run failed although something explicit says success, as behind a pipe.
    """

    failed: bool
    evidence: str


FINE = Failure(failed=False, evidence="")


def _kind(tool: str | None) -> str:
    """The kind of a tool: "shell", "reader", "editor", "other", or "" when no name is given."""
    if not tool:
        return ""
    name = tool.rsplit("__", 1)[-1].lower() if tool.startswith("mcp__") else tool.lower()
    if tool.startswith("mcp__"):
        return "other"
    if name in table.SHELLS:
        return "shell"
    if name in table.READERS:
        return "reader"
    return "editor" if name in table.EDITORS else "other"


def _search(patterns: Iterable[table.Pattern], text: str, lower: str) -> str | None:
    """The name of the first pattern found."""
    for pattern in patterns:
        for trigger in pattern.triggers:
            if trigger in lower:
                if pattern.regex.search(text):
                    return pattern.name
                break
    return None


def _near_hints(text: str) -> str:
    """The lines of a text that may hold a verdict, with their neighbours; empty where nothing hints at one."""
    lower = "\n" + text.lower()
    if len(lower) != len(text) + 1:
        return text  # a letter that grows in lower case; places would not agree
    marks: list[int] = []
    for hint in failure_shell.HINTS:
        at = lower.find(hint)
        while at >= 0:
            marks.append(at)
            if len(marks) > MAX_HINTS:
                return text
            line_end = lower.find("\n", at + 1)
            at = lower.find(hint, line_end) if line_end >= 0 else -1
    return _around(text, sorted(marks)) if marks else ""


def _around(text: str, marks: list[int]) -> str:
    """The lines at the places `marks` (in order), with `BEFORE` and `AFTER` lines around each."""
    spans: list[tuple[int, int]] = []
    for mark in marks:
        begin = end = min(mark, len(text))
        for _ in range(BEFORE + 1):
            begin = max(text.rfind("\n", 0, begin), 0)
        for _ in range(AFTER + 1):
            end = text.find("\n", end) + 1 or len(text) + 1
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return "\n\0\n".join(text[begin:end] for begin, end in spans)


def _written_code(content: str) -> int | None:
    """The exit code a CLI wrote into the text; a signal counts as -1."""
    ends = content if len(content) <= 2 * CODE_WINDOW else content[:CODE_WINDOW] + "\n" + content[-CODE_WINDOW:]
    lower = ends.lower()
    if "exit" in lower:
        match = table.EXIT_CODES.search(ends)
        if match and match.lastindex:
            return int(match[match.lastindex])
    if "signal: " in lower and table.SIGNALS.search(ends):
        return -1
    return None


def judge_result(
    content: str,
    *,
    tool: str | None = None,
    command: str | None = None,
    is_error: bool | None = None,
    exit_code: int | None = None,
    status: str | None = None,
    marked: bool = False,
) -> Failure:
    """Judge one tool result.

    Evidence is taken in this order: the provider's flag, an exit code (given, else written in the text by the CLI),
    the provider's status, the wrapper a CLI puts around errors, then text: what test and build tools print about a
    failed run (even where the code says zero, for a pipe hides it), and, while nothing explicit says success, the
    messages of shells, programs and tools. `command` is the shell command line, if known. `marked`: the content is as
    the CLI wrote it, so a shell tool whose CLI marks every failure there (`MARKING`) succeeded where no mark stands.
    """
    if is_error:
        return Failure(failed=True, evidence="is_error")
    kind = _kind(tool)
    code = exit_code
    if code is None and kind in {"shell", ""}:
        code = _written_code(content)
    if code:
        return Failure(failed=True, evidence="exit_code" if code > 0 else "signal")
    word = (status or "").lower()
    if word in table.FAILED_STATUSES:
        return Failure(failed=True, evidence="status")
    if table.WRAPPER.match(content):
        return Failure(failed=True, evidence="wrapper")
    fine = is_error is False or code == 0 or word in table.FINE_STATUSES
    if marked and not fine and tool in table.MARKING:
        name = _search(table.REFUSALS, content, content.lower()) if len(content) <= MAX_WHOLE else None
        if name:
            return Failure(failed=True, evidence="pattern:" + name)
        fine = True
    name = _read(content, kind, command, fine=fine)
    if not name:
        return FINE
    return Failure(failed=True, evidence=("hidden:" if fine else "pattern:") + name)


def _edges(text: str) -> str:
    """The last two lines that say something, and before them the first one if not too many are between."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) <= EDGE_LINES:
        return text
    return "\n".join([*lines[: len(lines) <= MAX_AFTER_FIRST], *lines[1 - EDGE_LINES :]])


def _last_part(text: str) -> str:
    """What stands after the last heading between parts: the command line went on, whatever failed before."""
    ends = [heading.end() for heading in table.HEADING.finditer(text)]
    return text[ends[-1] :] if ends else text


def _read(content: str, kind: str, command: str | None, *, fine: bool) -> str | None:
    """The name of the pattern that says failure; `fine`: something explicit says success."""
    if kind not in {"shell", ""}:
        whole = not fine and len(content) <= MAX_WHOLE
        return _search(table.WHOLE, content, content.lower()) if whole else None
    shows = command is not None and table.SHOWING.match(command) is not None
    if shows and fine:
        return None
    text = content if len(content) <= HEAD + TAIL else content[:HEAD] + "\n" + content[-TAIL:]
    near = "" if shows else _near_hints(text)
    found = _search(failure_shell.VERDICTS, near, near.lower()) if near else None
    if found or fine or table.ECHOED.search(text[-ECHO:]) or (command and table.ENDS_FINE.search(command[-ECHO:])):
        return found
    text = _last_part(text)
    lower = text.lower()
    found = None if shows else _search(failure_shell.SHELL, text, lower)
    if found:
        return found
    edges = _edges(text)
    if table.ENDED_WELL.search(edges[edges.rfind("\n", 0, edges.rfind("\n")) + 1 :]):
        return None
    found = _search(failure_shell.FRINGE, edges, edges.lower())
    if found or len(content) > MAX_WHOLE:
        return found
    return _search(table.WHOLE if not kind else table.REFUSALS, content, lower)
