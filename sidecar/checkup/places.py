"""Folders and files: there, ours, private, no links.

Owns: the look at every file of the state folder and at those of `~/.groove` that are the sidecar's business.
Never: opens a file, follows a link, changes a mode (the command that does is in the hint).
Invariant: what another user could read, change or plant is trouble, and names its path.
"""

from __future__ import annotations

import os
import shlex
import stat
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sidecar.checkup.finding import Finding, Level, many, unlooked
from sidecar.paths import PRIVATE_DIR, PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.paths import Paths

MAX_LOOKED: Final = 10_000
MAX_SHOWN: Final = 5
OTHERS: Final = 0o077
OTHERS_WRITE: Final = 0o022


class Seen(NamedTuple):
    """How many were looked at."""

    folders: int
    files: int
    bytes: int


def places(paths: Paths) -> Iterator[Finding]:
    """One finding if all is well, else one for each thing that is not, MAX_SHOWN at most."""
    if not os.path.lexists(paths.groove) and not os.path.lexists(paths.state):
        yield Finding("files", Level.OFF, "nothing was made yet")
        return
    found: list[Finding] = []
    seen = [0, 0, 0]
    for path, private in _all(paths):
        if sum(seen[:2]) >= MAX_LOOKED:
            break
        try:
            info = path.stat() if path == paths.groove else path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            found.append(unlooked("files", str(path), error))
            continue
        folder = stat.S_ISDIR(info.st_mode)
        seen[0 if folder else 1] += 1
        seen[2] += 0 if folder else info.st_size
        wrong = fault(path, info, private=private)
        if wrong is not None:
            found.append(wrong)
    yield from found[:MAX_SHOWN]
    if len(found) > MAX_SHOWN:
        yield Finding("files", found[MAX_SHOWN].level, f"and {len(found) - MAX_SHOWN} more like these")
    if not found:
        count = Seen(*seen)
        text = f"{many(count.folders, 'folder')}, {many(count.files, 'file')}: yours, private, no links"
        yield Finding("files", Level.OK, text, facts=count._asdict())


def fault(path: Path, info: os.stat_result, *, private: bool) -> Finding | None:
    """What is wrong with one file or folder. `private`: nobody else may even read it."""
    name, mode = shlex.quote(str(path)), stat.S_IMODE(info.st_mode)
    if stat.S_ISLNK(info.st_mode):
        return Finding("files", Level.TROUBLE, f"{path} is a link; links are not followed", f"rm {name}")
    if info.st_uid != os.geteuid():
        text = f"{path} belongs to another user (uid {info.st_uid})"
        return Finding("files", Level.TROUBLE, text, f'sudo chown -R "$(id -u)" {name}')
    if not private:
        if mode & OTHERS_WRITE:
            return Finding("files", Level.TROUBLE, f"others may write {path} ({mode:04o})", f"chmod go-w {name}")
        return None
    needed = PRIVATE_DIR if stat.S_ISDIR(info.st_mode) else PRIVATE_FILE
    if mode & OTHERS:
        text = f"{path} is open to others ({mode:04o})"
    elif mode & needed != needed:
        text = f"{path} is closed to you ({mode:04o})"
    else:
        return None
    return Finding("files", Level.TROUBLE, text, f"chmod {needed:o} {name}")


def _all(paths: Paths) -> Iterator[tuple[Path, bool]]:
    """What there is to look at, and whether it must be private."""
    yield paths.groove, False
    yield paths.groove_consent, False
    for path in (paths.user_id, paths.flag, paths.consent_db):
        yield path, True
    yield from ((path, True) for path in _below(paths.state))


def _below(folder: Path) -> Iterator[Path]:
    """`folder` and what is in it, however deep, links not followed."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        yield path
        try:
            if stat.S_ISDIR(path.lstat().st_mode):
                with os.scandir(path) as entries:
                    waiting += sorted((Path(one.path) for one in islice(entries, MAX_LOOKED)), reverse=True)
        except OSError:
            continue  # its mode or owner is what is wrong, and was said
