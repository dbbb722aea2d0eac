"""The three CLIs: installed where, which version, wrapped or not; their transcripts.

Owns: what can be told of Claude Code, Codex and Gemini CLI without starting them.
Never: runs a program, opens a CLI's settings (they may hold keys) or a conversation, changes a setting.
Invariant: every look is bounded.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from sidecar.checkup.finding import Finding, Level, many
from sidecar.sources.transcript_names import CLAUDE, CODEX, GEMINI, LABELS, Home, classify, enters, homes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGES: Final = {CLAUDE: "@anthropic-ai/claude-code", CODEX: "@openai/codex", GEMINI: "@google/gemini-cli"}
VERSION: Final = re.compile(r"v?(\d{1,4}\.\d{1,4}\.\d{1,5}(?:[-+][0-9A-Za-z.]{1,32})?)")
MAX_UP: Final = 6
"""Folders above a program in which its package is looked for."""
MAX_JSON: Final = 1 << 20
MAX_LOOKED: Final = 20_000
SHIM_BYTES: Final = 4_096
CLAUDE_DAYS: Final = 30
"""How long Claude Code keeps transcripts unless told otherwise."""


class Installed(NamedTuple):
    """A CLI on PATH."""

    path: str
    version: str | None
    wrapped: bool


class Kept(NamedTuple):
    """What lies in a folder of transcripts. `whole`: not cut off by the bound."""

    folders: int
    transcripts: int
    bytes: int
    whole: bool
    refused: int


def clis(environ: Mapping[str, str], seen: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """One finding a CLI. `seen`: sessions by provider and version, as their own lines told."""
    for provider, name in LABELS.items():
        told = newest(seen.get(provider, {}))
        found = installed(provider, name, environ.get("PATH", ""))
        if found is None:
            text = "not on PATH" + (f"; last seen {told}" if told else "")
            yield Finding(name, Level.OFF, text, facts={"seen": dict(seen.get(provider, {}))})
            continue
        version = found.version or (f"{told} when last seen" if told else "of unknown version")
        facts = found._asdict() | {"seen": dict(seen.get(provider, {}))}
        if found.wrapped:
            yield Finding(name, Level.OK, f"{version}, {found.path}, wrapped by that script", facts=facts)
        else:
            text = f"{version}, {found.path}, not wrapped there (an alias is not seen from here)"
            hint = f"To see: type {name}. To wrap: alias {name}='groove-sidecar wrap -- {name}'"
            yield Finding(name, Level.OK, text, hint, facts)


def installed(provider: str, name: str, search: str) -> Installed | None:
    """The program a shell would run for `name`, and its version as far as the files beside it tell."""
    found = shutil.which(name, path=search)
    if found is None:
        return None
    real = Path(os.path.realpath(found))
    return Installed(found, _package_version(real, PACKAGES[provider]) or _path_version(real), _is_wrapper(real))


def newest(versions: Mapping[str, int]) -> str | None:
    """The highest version number among them."""
    known = [one for one in versions if VERSION.fullmatch(one)]
    return max(known, key=lambda one: [int(part) for part in re.findall(r"\d+", one)[:3]], default=None)


def _package_version(program: Path, package: str) -> str | None:
    """What package.json in a folder above says, if it is the one of this package."""
    for folder in list(program.parents)[:MAX_UP]:
        value = _json(folder / "package.json")
        if value.get("name") == package:
            version = value.get("version")
            return version if isinstance(version, str) and VERSION.fullmatch(version) else None
    return None


def _path_version(program: Path) -> str | None:
    """The version an installer put into the path (`…/versions/2.1.197`, `…/Cellar/codex/0.169.0/bin/codex`)."""
    for part in list(reversed(program.parts))[:MAX_UP]:
        match = VERSION.fullmatch(part)
        if match:
            return match.group(1)
    return None


def _is_wrapper(program: Path) -> bool:
    try:
        with program.open("rb") as handle:
            head = handle.read(SHIM_BYTES)
    except OSError:
        return False
    return head.startswith(b"#!") and b"groove-sidecar" in head and b"wrap" in head


def _json(path: Path) -> dict[str, Any]:
    """An object of a file anybody may own, {} if it is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(fd, "rb") as handle:  # noqa: PTH123 - a descriptor
            value = orjson.loads(handle.read(MAX_JSON))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def transcripts(environ: Mapping[str, str], home: Path, *, followed: bool) -> tuple[list[Finding], int]:
    """One finding for each CLI's folder, and how many folders would be watched."""
    findings, folders = [], 0
    for one in homes(environ, home):
        name = f"{LABELS[one.provider]} files"
        try:
            there = stat.S_ISDIR(one.root.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            there = False
        except OSError as error:
            text = f"{one.root} cannot be looked at ({error.strerror})"
            hint = f"chmod u+rwx {shlex.quote(str(one.root.parent))}"
            findings.append(Finding(name, Level.WARNING if followed else Level.OFF, text, hint))
            continue
        if not there:
            findings.append(Finding(name, Level.OFF, f"no transcripts: {one.root} is not there"))
            continue
        kept = count(one)
        folders += kept.folders
        more = "" if kept.whole else " or more"
        text = f"{many(kept.transcripts, 'transcript')}{more} in {one.root}, " + (
            "followed" if followed else "not followed"
        )
        facts: dict[str, Any] = kept._asdict() | {"root": str(one.root), "followed": followed}
        level, hint = Level.OK, ""
        if kept.refused:
            level = Level.WARNING if followed else Level.OK
            text += f"; {kept.refused} folders cannot be read"
            hint = f"chmod -R u+rX {shlex.quote(str(one.root))}"
        findings.append(Finding(name, level, text, hint, facts))
        if one.provider == CLAUDE:
            findings.append(retention(one.root.parent))
    return findings, folders


def count(home: Home) -> Kept:
    """Folders and transcripts below a home; links are not followed."""
    folders = files = size = refused = looked = 0
    waiting = [home.root]
    while waiting:
        folder = waiting.pop()
        folders += 1
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    looked += 1
                    if looked > MAX_LOOKED:
                        return Kept(folders, files, size, whole=False, refused=refused)
                    path = Path(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        if enters(home, path):
                            waiting.append(path)
                    elif entry.is_file(follow_symlinks=False) and classify(home, path) is not None:
                        files += 1
                        size += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue  # it went while we looked
        except OSError:
            refused += 1
    return Kept(folders, files, size, whole=True, refused=refused)


def retention(folder: Path) -> Finding:
    """How long Claude Code keeps its transcripts. Its settings may hold keys: only whether they are there is asked."""
    name = "claude keeps"
    if os.path.lexists(folder / "settings.json"):
        text = f"transcripts for {CLAUDE_DAYS} days, unless its settings say otherwise"
        return Finding(
            name, Level.OFF, text, "See cleanupPeriodDays in its settings.json (not read: it may hold keys)."
        )
    return Finding(name, Level.OK, f"transcripts for {CLAUDE_DAYS} days, its default", facts={"days": CLAUDE_DAYS})
