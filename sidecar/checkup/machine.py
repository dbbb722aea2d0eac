"""The machine: interpreter, SQLite, disk, file system, clock, limits of the kernel.

Owns: what of the machine the sidecar rests on, and whether it holds.
Never: writes a byte, starts a program, asks the network.
Invariant: what a system does not tell is left out, never guessed.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sidecar
from sidecar import __version__
from sidecar.checkup.finding import Finding, Level, size, span

if TYPE_CHECKING:
    from collections.abc import Iterator

STRICT_SINCE: Final = (3, 37, 0)
MIN_FREE: Final = 64 << 20
"""Below this `wrap` keeps nothing: capture must not be what fills the disk."""
LOW_FREE: Final = 512 << 20
CLOCK_SLACK: Final = 86_400.0
"""Archives keep local times: a file may seem a day younger than it is."""
CLOCK_BACK: Final = 300.0
REMOTE: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "vboxsf"}
    | {f"fuse.{name}" for name in ("sshfs", "glusterfs", "vmhgfs-fuse", "s3fs", "rclone")}
)
"""File systems on which SQLite's log and locks are not to be trusted."""
PASSING: Final = frozenset({"tmpfs", "ramfs"})
_ESCAPE = re.compile(r"\\([0-7]{3})")
MOUNTS = Path("/proc/self/mountinfo")
INOTIFY = Path("/proc/sys/fs/inotify")


def machine(state: Path, spool_bytes: int, newest: float | None, now: float) -> Iterator[Finding]:
    """All about the machine. `newest`: the latest moment the spool has written down."""
    text = f"groove-sidecar {__version__}, Python {platform.python_version()}"
    yield Finding("program", Level.OK, text, facts={"version": __version__})
    yield sqlite()
    folder = next(one for one in (state, *state.parents) if os.path.exists(one))  # noqa: PTH110 - it never raises
    yield room(folder, spool_bytes)
    try:
        mounts = MOUNTS.read_text("utf-8", "replace")
    except OSError:
        mounts = ""  # not Linux: nobody tells
    yield from filesystem(str(folder.resolve()), mounts)
    yield clock(now, Path(sidecar.__file__).stat().st_mtime, newest)


def sqlite() -> Finding:
    """Whether this SQLite can do what the spool needs."""
    version = sqlite3.sqlite_version
    try:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE TABLE t (n INTEGER) STRICT")
            db.execute("SELECT json_group_object('a', 1), count(*) FILTER (WHERE n > 0) FROM t").fetchone()
    except sqlite3.Error:
        hint = "Use a Python that is built with a newer SQLite."
        return Finding("sqlite", Level.TROUBLE, f"SQLite {version} is too old, or built without JSON", hint)
    text = f"SQLite {version}: write-ahead log, strict tables, JSON"
    return Finding("sqlite", Level.OK, text, facts={"version": version})


def room(folder: Path, spool_bytes: int) -> Finding:
    """Free space beside what is held: a revocation rewrites the spool, which takes as much again."""
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    facts = {"free_bytes": free, "spool_bytes": spool_bytes}
    text = f"{size(free)} free, the spool holds {size(spool_bytes)}"
    if space.f_files and not space.f_favail:
        return Finding("disk", Level.TROUBLE, "no file can be made any more (no inodes left)", "Remove files.", facts)
    if free < MIN_FREE:
        return Finding("disk", Level.TROUBLE, f"{text}: wrap keeps nothing", "Make room on the disk.", facts)
    if free < max(LOW_FREE, spool_bytes):
        return Finding("disk", Level.WARNING, f"{text}: not much", "Make room on the disk.", facts)
    return Finding("disk", Level.OK, text, facts=facts)


def filesystem(folder: str, mounts: str) -> Iterator[Finding]:
    """What `folder` lies on, by the kernel's table of mounts; nothing where there is no such table."""
    kind = mounted(folder, mounts)
    if kind is None:
        return
    facts = {"type": kind}
    move = "export GROOVE_SIDECAR_HOME=/a/folder/on/a/local/disk"
    if kind in REMOTE:
        yield Finding("filesystem", Level.TROUBLE, f"{kind}: SQLite's log and locks do not hold there", move, facts)
    elif kind in PASSING:
        yield Finding("filesystem", Level.WARNING, f"{kind}: what is held is gone after a restart", move, facts)
    else:
        yield Finding("filesystem", Level.OK, kind, facts=facts)


def mounted(folder: str, mounts: str) -> str | None:
    """The type of the file system below `folder`: the longest mount point that is above it, the latest one wins."""
    best, found = -1, None
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(" "), right.split(" ")[0]
        if len(fields) < 5 or not kind:
            continue
        point = _ESCAPE.sub(lambda octal: chr(int(octal[1], 8)), fields[4])
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, found = len(point), kind
    return found


def clock(now: float, installed: float, newest: float | None) -> Finding:
    """Whether the time can be right: after the program was installed, and after all that it wrote down."""
    set_it = "Set the clock (timedatectl set-ntp true)."
    if now < installed - CLOCK_SLACK:
        text = f"the clock is {span(installed - now)} before this program was installed"
        return Finding("clock", Level.TROUBLE, text, set_it)
    if newest is not None and newest - now > CLOCK_BACK:
        text = f"the clock is {span(newest - now)} behind what was written down already"
        return Finding("clock", Level.WARNING, text, set_it)
    return Finding("clock", Level.OK, "plausible (no server was asked)")


def watches(needed: int, *, at: Path = INOTIFY) -> Iterator[Finding]:
    """Whether the kernel grants as many file watches as there are folders to follow; nothing where it does not tell."""
    try:
        limit = int((at / "max_user_watches").read_text("ascii"))
        instances = int((at / "max_user_instances").read_text("ascii"))
    except (OSError, ValueError):
        return
    facts = {"max_user_watches": limit, "max_user_instances": instances, "needed": needed}
    text = f"{limit} file watches allowed, about {needed} needed"
    if needed * 5 > limit * 4:
        hint = f"sudo sysctl fs.inotify.max_user_watches={max(limit, needed) * 4}"
        yield Finding("inotify", Level.WARNING, f"{text}; other programs use them too", hint, facts)
    else:
        yield Finding("inotify", Level.OK, text, facts=facts)
