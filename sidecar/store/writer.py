"""The one thread that owns the database connection.

Owns: the thread, its queue, batching of jobs into transactions, translation of SQLite's errors.
Never: knows a table.
Invariant: a job's caller is answered only after the transaction that holds its work is on disk; a job that fails
leaves nothing behind and takes no other job with it.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from sidecar.errors import StoreCorruptError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

MAX_BATCH = 256
"""Jobs in one transaction."""
CHECKPOINT_AFTER = 8
"""The first idle moment after so many transactions is used to move the log into the file, off anybody's way."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TRANSIENT = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space; nothing was lost, and writing goes on by itself."),
    sqlite3.SQLITE_IOERR: ("the disk refused to read or write", "Check the disk and its quota; nothing was lost."),
    sqlite3.SQLITE_BUSY: ("the spool is locked", "Close other programs that have spool.db open."),
    sqlite3.SQLITE_LOCKED: ("the spool is locked", "Close other programs that have spool.db open."),
    sqlite3.SQLITE_READONLY: ("the spool cannot be written", "Check the owner and mode of the state folder."),
    sqlite3.SQLITE_CANTOPEN: ("the spool cannot be opened", "Check the owner and mode of the state folder."),
    sqlite3.SQLITE_PERM: ("the spool cannot be opened", "Check the owner and mode of the state folder."),
    sqlite3.SQLITE_NOMEM: ("memory ran out", "Free some memory; nothing was lost."),
    sqlite3.SQLITE_PROTOCOL: ("the spool's locks do not work", "Keep the state folder on a local disk."),
    sqlite3.SQLITE_NOLFS: ("the spool is too large for this file system", "Move the state folder to another disk."),
}


def translate(error: sqlite3.Error) -> StoreError | None:
    """SQLite's error as ours, or None where the fault is in the program (a constraint, wrong SQL)."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return StoreCorruptError(
            "spool.db is damaged and was left as it is",
            "Move it away to start afresh; `sqlite3 spool.db .recover` may save its content.",
        )
    if code in _TRANSIENT:
        message, hint = _TRANSIENT[code]
        return StoreError(message, hint)
    return None


@dataclass(slots=True)
class _Job:
    """A function of the connection, and who waits for its answer. It must be safe to run again after a rollback."""

    call: Callable[[sqlite3.Connection], Any]
    alone: bool
    future: Future[Any] = field(default_factory=Future)
    value: Any = None

    def answer(self, error: BaseException | None) -> None:
        if error is None:
            self.future.set_result(self.value)
            return
        ours = translate(error) if isinstance(error, sqlite3.Error) else None
        if ours is not None:
            ours.__cause__ = error
        self.future.set_exception(ours or error)


class _Attempt:
    """Keeps what was raised inside the block for the one who awaits it in another thread."""

    error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        self.error = error
        return True


class Writer:
    """Runs jobs one after the other on a thread of its own. Waiting for work costs no wake-up."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], release: Callable[[], None]) -> None:
        """Both are called on the thread: `connect` first, `release` last, when the connection is closed."""
        self._connect = connect
        self._release = release
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._opened: Future[None] = Future()
        self._closed: Future[None] = Future()
        for future in (self._opened, self._closed):
            future.set_running_or_notify_cancel()  # a waiter that gives up must not cancel what others wait for
        self._closing = False
        self._held: _Job | None = None
        """A job that must run alone, met while others were gathered."""

    def start(self) -> Future[None]:
        """Start the thread; the future is done when the database is open, or holds why it is not."""
        threading.Thread(target=self._main, name="sidecar-store", daemon=True).start()
        return self._opened

    def submit(self, call: Callable[[sqlite3.Connection], Any], *, alone: bool = False) -> Future[Any]:
        """Queue a job. `alone` runs it outside any transaction."""
        if self._closing:
            raise StoreError("the spool is closed", "Start the agent again.")
        job = _Job(call, alone)
        self._queue.put(job)
        return job.future

    def stop(self) -> Future[None]:
        """No more jobs; the future is done when those already queued are, and the connection is closed."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        return self._closed

    def _main(self) -> None:
        connection: sqlite3.Connection | None = None
        with _Attempt() as opening:
            connection = self._connect()
        if connection is None:
            self._release()
            self._closed.set_result(None)
            self._opened.set_exception(opening.error or StoreError("the spool cannot be opened"))
            return
        self._opened.set_result(None)
        with _Attempt() as serving:
            self._serve(connection)
        with _Attempt() as closing:
            connection.close()
        self._release()
        error = serving.error or closing.error
        if error is None:
            self._closed.set_result(None)
        else:
            self._closed.set_exception(error)

    def _serve(self, connection: sqlite3.Connection) -> None:
        written = 0
        more = True
        while more:
            batch, more = self._next()
            if not batch:
                continue
            if batch[0].alone:
                _run_alone(connection, batch[0])
                continue
            before = connection.total_changes
            _run_batch(connection, batch)
            written += connection.total_changes != before
            if written >= CHECKPOINT_AFTER and self._queue.empty():
                written = 0
                with _Attempt():  # only saves time later; SQLite does it itself when the log grows
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _next(self) -> tuple[list[_Job], bool]:
        """Wait for work, then take all that is there: jobs that share a transaction, or one that runs alone."""
        batch: list[_Job] = []
        job = self._held or self._queue.get()
        self._held = None
        while job is not None:
            if job.alone and batch:
                self._held = job
                return batch, True
            if job.future.set_running_or_notify_cancel():
                batch.append(job)
                if job.alone:
                    return batch, True
            if len(batch) == MAX_BATCH or (batch and self._queue.empty()):
                return batch, True
            job = self._queue.get()
        return batch, False


def _run_alone(connection: sqlite3.Connection, job: _Job) -> None:
    with _Attempt() as attempt:
        job.value = job.call(connection)
    if connection.in_transaction:
        with _Attempt():
            connection.execute("ROLLBACK")
    job.answer(attempt.error)


def _run_batch(connection: sqlite3.Connection, batch: list[_Job]) -> None:
    """All jobs in one transaction. If the transaction itself fails, each job gets one of its own."""
    answers: list[BaseException | None] = []
    with _Attempt() as attempt:
        connection.execute("BEGIN IMMEDIATE")
        for job in batch:
            answers.append(_run_one(connection, job))  # noqa: PERF401 - what ran before a failure must be known
        connection.execute("COMMIT")
    if attempt.error is None:
        for job, error in zip(batch, answers, strict=True):
            job.answer(error)
        return
    if connection.in_transaction:
        with _Attempt():
            connection.execute("ROLLBACK")
    if len(batch) == 1:
        batch[0].answer(attempt.error)
        return
    for job in batch:
        _run_batch(connection, [job])


def _run_one(connection: sqlite3.Connection, job: _Job) -> BaseException | None:
    """The job's own failure; raises where SQLite gave up the whole transaction."""
    connection.execute("SAVEPOINT job")
    with _Attempt() as attempt:
        job.value = job.call(connection)
    if attempt.error is not None:
        if not connection.in_transaction:
            raise attempt.error
        connection.execute("ROLLBACK TO job")
    connection.execute("RELEASE job")
    return attempt.error
