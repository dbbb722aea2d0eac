"""Where things lie, and how files are opened safely.

Owns: the layout of `~/.groove` and of the state folder; modes and owner checks.
Never: reads content.
Invariant: every folder it makes is 0700, every file 0600, and no symbolic link is followed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.errors import UnsafePathError

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE_DIR = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Paths:
    """All places, from two roots."""

    groove: Path
    """`~/.groove`, shared with Groove itself."""
    state: Path
    """`~/.groove/sidecar`, ours alone; `GROOVE_SIDECAR_HOME` moves it."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Paths:
        """Read HOME and GROOVE_SIDECAR_HOME once, at the edge."""
        home = environ.get("HOME") or str(Path("~").expanduser())
        groove = Path(home) / ".groove"
        moved = environ.get("GROOVE_SIDECAR_HOME")
        return cls(groove=groove, state=Path(moved) if moved else groove / "sidecar")

    @property
    def user_id(self) -> Path:
        """32 hex: the contributor id."""
        return self.groove / "user_id"

    @property
    def flag(self) -> Path:
        """The opt-in flag: exists = the user wants capture on."""
        return self.groove / "sidecar.enabled"

    @property
    def consent_db(self) -> Path:
        """Our append-only consent history."""
        return self.groove / "consent.db"

    @property
    def groove_consent(self) -> Path:
        """Groove's own consent file: read, never written."""
        return self.groove / "consent.json"

    @property
    def spool(self) -> Path:
        """The one SQLite file: journal and outbox."""
        return self.state / "spool.db"

    @property
    def streams(self) -> Path:
        """Where wrap and tee leave raw bytes until they are journaled."""
        return self.state / "streams"

    @property
    def socket(self) -> Path:
        """The control socket."""
        return self.state / "control.sock"

    @property
    def config(self) -> Path:
        """sidecar.toml."""
        return self.state / "sidecar.toml"

    @property
    def log(self) -> Path:
        """sidecar.log."""
        return self.state / "sidecar.log"

    @property
    def lock(self) -> Path:
        """One agent per state folder."""
        return self.state / "agent.lock"

    @property
    def paused(self) -> Path:
        """Exists = sending is paused, also over restarts."""
        return self.state / "paused"

    @property
    def install_key(self) -> Path:
        """32 random bytes per install: keys pseudonyms and fingerprints; never leaves."""
        return self.state / "install.key"


def names_file(state: Path) -> Path:
    """User names that were learned, encrypted."""
    return state / "names.sealed"


def make_private_dir(path: Path) -> Path:
    """Create `path` (and parents) 0700, or tighten an existing one of ours; refuse links and foreign owners."""
    if not path.exists() and not path.is_symlink():
        # `parents=True` would make the folders above with whatever the umask leaves open.
        for folder in (*reversed([one for one in path.parents if not one.exists()]), path):
            folder.mkdir(mode=PRIVATE_DIR, exist_ok=True)
    info = path.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise UnsafePathError(f"{path.name} is not a folder", "Move it away; the sidecar does not follow links here.")
    if info.st_uid != os.geteuid():
        raise UnsafePathError(f"{path.name} belongs to another user", "Run as the owner, or set GROOVE_SIDECAR_HOME.")
    if stat.S_IMODE(info.st_mode) & 0o077:
        path.chmod(PRIVATE_DIR)
    return path


def open_private(path: Path, flags: int) -> int:
    """`os.open` with O_NOFOLLOW, O_CLOEXEC and 0600; refuses what is not our own regular file."""
    # O_NONBLOCK says nothing to a file; opening a pipe would wait for its other end before it could be refused.
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE_FILE)
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        os.close(fd)
        raise UnsafePathError(f"{path.name} is not a regular file of yours", "Remove it and try again.")
    if stat.S_IMODE(info.st_mode) & 0o077 and flags & (os.O_WRONLY | os.O_RDWR):
        os.fchmod(fd, PRIVATE_FILE)
    return fd


def read_private(path: Path, limit: int = 1 << 20) -> bytes | None:
    """Up to `limit` bytes of our own file; None if it is not there."""
    try:
        fd = open_private(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as handle:
        return handle.read(limit)


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` atomically: a reader sees the old bytes or the new ones, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    fd = open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(fd, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
