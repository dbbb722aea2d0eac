"""The one SQLite file: how it is opened, protected and read from outside.

Owns: files and modes, the single-writer lock, pragmas, the schema's version, `Database`.
Never: knows what a step or an envelope is.
Invariant: one writer per file; every file of the spool is 0600 in a folder of our own; a damaged file is left alone.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import sqlite3
import stat
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import anyio

from sidecar.errors import StoreCorruptError, StoreError, UnsafePathError
from sidecar.paths import PRIVATE_FILE, make_private_dir, open_private
from sidecar.store.writer import Writer, translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

T = TypeVar("T")

APPLICATION_ID = 0x47525653
"""GRVS."""
VERSION = 1
BUSY_MILLISECONDS = 5_000
PAGE_BYTES = 8_192
CACHE_KIB = 4_096
CHECKPOINT_PAGES = 500
"""The log is moved into the file at the latest when it has so many pages (4 MB)."""
LOG_BYTES = 32 << 20
"""A log that grew beyond this is cut back."""
READ_TRIES = 5

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
)
_FOREIGN = StoreCorruptError("spool.db is not a spool", "Move the file away, or set GROOVE_SIDECAR_HOME.")


class Database:
    """One writer thread; jobs that wait together are committed together. Use `Database.open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._writer = Writer(self._connect, self._release)

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Database]:
        """Open (or make) the spool for writing; on leaving, queued jobs are finished first.

        Raises StoreError if another process writes it, StoreCorruptError if it is no spool, UnsafePathError if it or
        its folder is a link or somebody else's.
        """
        self = cls(path)
        try:
            with anyio.CancelScope(shield=True):
                await asyncio.wrap_future(self._writer.start())
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.wrap_future(self._writer.stop())

    def _connect(self) -> sqlite3.Connection:
        self._lock = _lock(self.path)
        return _connect(self.path)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def run(self, job: Callable[[sqlite3.Connection], T], *, alone: bool = False, shield: bool = False) -> T:
        """Run `job` on the writer thread; returns when it is durable.

        `job` runs inside a savepoint of a transaction (`alone`: outside any), may run again after a rollback, and must
        not keep the connection. Cancelling the caller either prevents the job or lets it finish, never half of it;
        `shield` makes cancellation wait for it.
        """
        with anyio.CancelScope(shield=shield):
            result: T = await asyncio.wrap_future(self._writer.submit(job, alone=alone))
        return result

    @staticmethod
    @contextmanager
    def read(path: Path) -> Iterator[sqlite3.Connection]:
        """A read-only connection, whether an agent runs or not. Makes no file and changes none.

        Raises StoreError if there is no spool. What a killed agent left in the log is seen too. For commands: the
        agent's own process asks through `run`, since a reader that comes first would make the log's index read-only
        for a writer in the same process.
        """
        connection = _open_readonly(path)
        try:
            yield connection
        except sqlite3.Error as error:
            raise translate(error) or error from error
        finally:
            connection.close()


def integrity(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the file; empty = sound. Reads the whole file."""
    rows = connection.execute("PRAGMA integrity_check(20)").fetchall()
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    found = [str(row[0]) for row in rows if row[0] != "ok"]
    return found + [f"{row[0]} row {row[1]} has no {row[2]}" for row in broken]


def _lock(path: Path) -> int:
    """Take the single-writer lock. It is a file of its own: closing a descriptor of spool.db drops SQLite's locks."""
    make_private_dir(path.parent)
    try:
        fd = open_private(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise _unsafe(error, path.name + ".lock") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _prepare(path)
    except BlockingIOError as error:
        os.close(fd)
        raise StoreError(
            f"{path.name} is already being written by another process",
            "Only one agent may run per state folder: stop the other one, or set GROOVE_SIDECAR_HOME.",
        ) from error
    except BaseException:
        os.close(fd)
        raise
    return fd


def _unsafe(error: OSError, name: str) -> UnsafePathError | StoreError:
    if error.errno in {errno.ELOOP, errno.EISDIR}:
        return UnsafePathError(f"{name} is not a regular file of yours", "Remove it and try again.")
    return StoreError(f"{name} cannot be opened: {error.strerror}", "Check the state folder's owner, mode and space.")


def _prepare(path: Path) -> None:
    """Make the file 0600 before SQLite sees it (its log files copy the mode), and look at those that are there."""
    try:
        fd = open_private(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        pass
    except OSError as error:
        raise _unsafe(error, path.name) from error
    else:
        os.close(fd)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    for name in (path.name, path.name + "-wal", path.name + "-shm"):
        _check(path.with_name(name), tighten=True)


def _check(path: Path, *, tighten: bool) -> int | None:
    """Size of our own regular file, None if it is not there. Looks without opening it."""
    try:
        info = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        raise UnsafePathError(f"{path.name} is not a regular file of yours", "Remove it and try again.")
    if tighten and stat.S_IMODE(info.st_mode) & 0o077:
        path.chmod(PRIVATE_FILE)
    return info.st_size


def _connect(path: Path) -> sqlite3.Connection:
    """The writer's connection; runs on its thread."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=128)
    try:
        _setup(connection)
    except sqlite3.Error as error:
        connection.close()
        raise translate(error) or error from error
    except BaseException:
        connection.close()
        raise
    return connection


def _setup(connection: sqlite3.Connection) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise _FOREIGN
    if version and application != APPLICATION_ID:
        raise _FOREIGN
    if version > VERSION:
        raise StoreCorruptError("spool.db was made by a newer version", "Update groove-sidecar, or move the file away.")
    if version == 0:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError(f"the spool's file system allows no write-ahead log ({mode})", "Use a local disk.")
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
    if version == 0:
        schema = Path(__file__).with_name("schema.sql").read_text("utf-8")
        connection.executescript(
            f"BEGIN IMMEDIATE; {schema}; PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {VERSION}; COMMIT;",
        )


def _open_readonly(path: Path) -> sqlite3.Connection:
    """Try until the answer belongs to what is on disk: an agent may start or stop meanwhile."""
    error: sqlite3.Error | None = None
    for _ in range(READ_TRIES):
        if _check(path, tighten=False) is None:
            break
        log = _check(path.with_name(path.name + "-wal"), tighten=False)
        index = _check(path.with_name(path.name + "-shm"), tighten=False)
        if log is None and index is None:
            how = "immutable=1"
        elif index is not None:
            how = "readonly_shm=1"
        else:
            how = "cache=private"  # a log without its index: SQLite has to make one to read it
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro&{how}", uri=True, isolation_level=None
        )
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
            connection.execute("BEGIN")
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error as failure:
            connection.close()
            error = failure
            continue
        if how == "immutable=1" and path.with_name(path.name + "-wal").exists():
            connection.close()
            continue
        if found != APPLICATION_ID:
            connection.close()
            raise _FOREIGN
        return connection
    if error is not None:
        raise translate(error) or error from error
    raise StoreError("there is no spool yet", "It is made when the agent first runs with capture on.")
