"""Taking what is already there: transcripts on disk become closed sessions in the journal.

Owns: `plan` (which bytes of which files), `Importer`, `Job`.
Never: reads a byte twice, a part that was followed live, or one that a revocation destroyed; changes a file.
Invariant: an import that is interrupted, or run again, goes on where it was; running it twice makes nothing.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio.to_thread

from sidecar.capture.framing import LINE_LIMIT, Ending
from sidecar.errors import SidecarError, UsageError
from sidecar.sources.base import Batch
from sidecar.sources.documents import CONTINUED, DocumentError, Reader, Take, continued, offered
from sidecar.sources.find import find
from sidecar.sources.gather import Gatherer
from sidecar.sources.growth import ROWS, Told
from sidecar.sources.layout import HALF_MADE, read_facts
from sidecar.sources.tail import OpenFile
from sidecar.sources.transcripts import DOCUMENTS, MARKER, Position, taken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from parsers.step import JsonObject
    from sidecar.sources.base import Lookup, Sink
    from sidecar.sources.transcript_names import Home, Transcript

DAY = 86_400.0
UNREADABLE = "cannot be read"
NOTHING_NEW = "nothing new"
WAITS = "its run is not read yet: start the agent, then import again"


class Part(NamedTuple):
    """Bytes from `start` to before `end`; whole lines."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be taken of one file. No parts: only the end of an interrupted import is missing.

    Of a document `messages` are those that nobody else takes, `hint` says which of them were taken before.
    """

    file: Transcript
    parts: tuple[Part, ...]
    modified: float
    messages: frozenset[bytes] = frozenset()
    hint: JsonObject = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The source it is taken as."""
        return f"import:{self.file.provider}/{self.file.name}"

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(part.end - part.start for part in self.parts)


@dataclass(slots=True)
class Plan:
    """What an import would take, and why it leaves the rest."""

    pieces: list[Piece] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def size(self) -> int:
        """Bytes to read."""
        return sum(piece.size for piece in self.pieces)


def since_of(text: str | None, now: float) -> float:
    """`7d`, `12h` or a date (2026-11-20) as unix seconds; 0 for None. Raises UsageError."""
    if text is None:
        return 0.0
    if found := re.fullmatch(r"(\d{1,6})([dh])", text):
        return now - int(found.group(1)) * (DAY if found.group(2) == "d" else 3_600)
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        raise UsageError(f"--since {text} is no date", "Give a date (2026-11-20) or an age (7d, 12h).") from None


def plan(
    files: Iterable[Transcript],
    positions: Iterable[Position],
    homes: Iterable[Home],
    *,
    since: float,
    pending: float | None,
    doc_key: bytes = b"",
) -> Plan:
    """Which bytes to take: whole lines nobody took before, of files written to after `since`, oldest file first.

    `pending`: files written to after this moment wait, since a wrapped run that is not read yet may be theirs.
    `doc_key`: the installation's, by which messages of documents are remembered.
    """
    known = {one.key: one for one in positions}
    marker = known.get(MARKER)
    roots = [home.root for home in homes] if marker is not None and not marker.skip else []
    result = Plan()
    seen: set[str] = set()
    for file in files:
        key = f"{file.provider}/{file.name}"
        one, live = known.get(f"import:{key}"), known.get(f"transcript:{key}")
        following = any(file.path.is_relative_to(root) for root in roots)
        messages: frozenset[bytes] = frozenset()
        try:
            if file.whole:
                followed = following and marker is not None and bool(marker.hint.get(DOCUMENTS))
                modified, parts, messages = _document(file.path, doc_key, one, live, following=followed)
            else:
                modified, end = _extent(file.path)
                parts = _open_parts(end, one, live, following=following)
        except DocumentError as error:
            result.left[error.message] += 1
            continue
        except (OSError, SidecarError):
            result.left[UNREADABLE] += 1
            continue
        unfinished = one is not None and not one.rested
        if modified < since:
            result.left["older than --since"] += 1
        elif key in seen or not (parts or unfinished):
            result.left[CONTINUED if file.whole and continued(file.path) else NOTHING_NEW] += 1
        elif pending is not None and modified >= pending:
            result.left[WAITS] += 1
        else:
            seen.add(key)
            result.pieces.append(Piece(file, tuple(parts), modified, messages, one.hint if one is not None else {}))
    result.pieces.sort(key=lambda piece: (piece.modified, piece.file.name))
    return result


def pending_since(streams: Path, decided: Collection[str]) -> float | None:
    """When the first wrapped run began whose conversation is not known yet; None if there is none."""
    try:
        names = [name for name in os.listdir(streams) if not name.startswith(HALF_MADE)]  # noqa: PTH208 - names only
    except OSError:
        return None
    waiting = [streams / name for name in names if f"stream:{name}" not in decided]
    return min((read_facts(folder)[0].started for folder in waiting), default=None)


class Progress(NamedTuple):
    """How far an import is."""

    file: int
    files: int
    bytes: int
    total: int


class Importer:
    """Takes a plan's pieces one after the other, through the recorder. `moved` is told after every batch."""

    def __init__(
        self, *, sink: Sink, lookup: Lookup, key: bytes, moved: Callable[[Progress], None], limit: int = LINE_LIMIT
    ) -> None:
        self._sink = sink
        self._lookup = lookup
        self._key = key
        self._moved = moved
        self._limit = limit
        self.lines = 0
        self.bytes = 0
        self.left: Counter[str] = Counter()

    async def run(self, pieces: list[Piece]) -> None:
        """Take them all; what cannot be read any more is counted, the rest goes on."""
        total = sum(piece.size for piece in pieces)
        for number, piece in enumerate(pieces, start=1):
            try:
                if piece.file.whole:
                    await self._take_document(piece, number, len(pieces), total)
                    continue
                file = await anyio.to_thread.run_sync(OpenFile, piece.file.path, self._key)
            except DocumentError as error:
                self.left[error.message] += 1
                continue
            except (OSError, SidecarError):
                self.left[UNREADABLE] += 1
                continue
            try:
                await self._take(piece, file, number, len(pieces), total)
            finally:
                file.close()

    async def _take(self, piece: Piece, file: OpenFile, number: int, files: int, total: int) -> None:
        info = await anyio.to_thread.run_sync(piece.file.source, "import")
        resume = await self._lookup(info)
        done = resume.offset if resume is not None else 0
        parts = list(piece.parts)
        if resume is not None and resume.replay_from < done:
            # It was interrupted: the parser is shown again what it held.
            parts.insert(0, Part(resume.replay_from, done))
        for part in parts:
            file.position = part.start
            gatherer = Gatherer(_until(file, part.end), part.start, self._limit)
            more = True
            while more:
                got = await anyio.to_thread.run_sync(gatherer.gather)
                more = got.more
                if got.frames:
                    await self._sink(Batch(info, got.frames, {"size": part.end}))
                    fresh = [frame for frame in got.frames if frame.end > done]
                    self.lines += len(fresh)
                    self.bytes += sum(frame.end - frame.start for frame in fresh)
                    self._moved(Progress(number, files, self.bytes, total))
        await self._sink(Batch(info, [], {"size": file.position}, Ending(idle=True)))

    async def _take_document(self, piece: Piece, number: int, files: int, total: int) -> None:
        info = await anyio.to_thread.run_sync(piece.file.source, "import")
        resume = await self._lookup(info)
        hint, start = (resume.hint, resume.offset + 1) if resume is not None else ({}, 0)
        if piece.parts:
            reading = await anyio.to_thread.run_sync(Reader(piece.file.path, self._key).read)
            closed = {one.key for one in reading.entries} - piece.messages
            take = Take(reading, Told.of(hint), hint, start, closed)
            batches = take.batches()
            while (batch := await anyio.to_thread.run_sync(next, batches, None)) is not None:
                await self._sink(Batch(info, batch.frames, batch.hint, before=batch.before))
                self.lines += len(batch.frames)
                self.bytes += batch.frames[-1].end - batch.frames[0].start
                self._moved(Progress(number, files, self.bytes, total))
            hint = take.hint(take.after) | {ROWS: take.after.pack()}
        await self._sink(Batch(info, [], hint, Ending(idle=True)))


class Desk(NamedTuple):
    """What an import needs of the process it runs in. `made` answers (sessions, steps) imports made so far."""

    homes: tuple[Home, ...]
    streams: Path
    key: bytes
    sink: Sink
    lookup: Lookup
    positions: Callable[[str], Awaitable[list[Position]]]
    decided: Callable[[], Awaitable[set[str]]]
    made: Callable[[], Awaitable[tuple[int, int]]]


class Job:
    """One import from the question to the answer; `report` says how far it is, and in the end what came of it."""

    def __init__(self, desk: Desk, paths: list[Path], since: float, *, interrupted: bool = False) -> None:
        """`interrupted`: go on only with the files an earlier import did not finish."""
        self._desk = desk
        self._interrupted = interrupted
        self._paths = paths
        self._since = since
        self.report: dict[str, Any] = {"state": "planning", "files": 0, "file": 0, "bytes": 0, "total": 0}

    async def run(self) -> None:
        """Never raises what a person can mend: that is in the report."""
        try:
            await self._run()
        except SidecarError as error:
            self.report |= {"state": "failed", "error": error.message, "hint": error.hint}
        except BaseException:
            self.report |= {"state": "failed", "error": "the import was cut short", "hint": "Run it again: it goes on."}
            raise

    async def _run(self) -> None:
        desk = self._desk
        positions = await desk.positions("transcript") + await desk.positions("import:")
        decided = await desk.decided()

        def think() -> Plan:
            left: Counter[str] = Counter()
            files = find(desk.homes, self._paths, desk.key, left)
            pending = pending_since(desk.streams, decided)
            made = plan(files, positions, desk.homes, since=self._since, pending=pending, doc_key=desk.key)
            made.left += left
            if self._interrupted:
                unfinished = {one.key for one in positions if not one.rested}
                made.pieces = [piece for piece in made.pieces if piece.key in unfinished]
            return made

        what = await anyio.to_thread.run_sync(think)
        before = await desk.made()
        self.report |= {"state": "running", "files": len(what.pieces), "total": what.size}
        importer = Importer(sink=desk.sink, lookup=desk.lookup, key=desk.key, moved=self._move)
        await importer.run(what.pieces)
        sessions, steps = (now - then for now, then in zip(await desk.made(), before, strict=True))
        left = what.left + importer.left
        self.report |= {"state": "done", "sessions": sessions, "steps": steps, "lines": importer.lines}
        self.report |= {"bytes": importer.bytes, "left": dict(left)}

    def _move(self, progress: Progress) -> None:
        self.report |= progress._asdict()


def _until(file: OpenFile, end: int) -> Callable[[int], bytes]:
    """Reads no further than `end`."""
    return lambda size: file.read(min(size, end - file.position))


def _open_parts(end: int, imported: Position | None, live: Position | None, *, following: bool) -> list[Part]:
    """What of [0, end) nobody took: not an earlier import, not the live source, and no revocation destroyed it."""
    closed: list[list[int]] = [[0, imported.offset]] if imported is not None else []
    if live is not None:
        closed += taken(live)
        if following and not live.skip:
            closed.append([live.hint.get("begin", 0), end])
    elif following:
        closed.append([0, end])  # it came after following began, and is about to be followed
    parts, start = [], 0
    for low, high in sorted(closed):
        if low > start:
            parts.append(Part(start, min(low, end)))
        start = max(start, high)
    if start < end:
        parts.append(Part(start, end))
    return [part for part in parts if part.start < part.end]


def _document(
    path: Path, key: bytes, imported: Position | None, live: Position | None, *, following: bool
) -> tuple[float, list[Part], frozenset[bytes]]:
    """When a document was written to, and what nobody took of it: messages have ids, so that it may grow."""
    hint, start = (imported.hint, imported.offset + 1) if imported is not None else ({}, 0)
    destroyed = (imported is not None and imported.skip) or (live is not None and live.skip)
    if destroyed or continued(path) or (imported is not None and ROWS not in hint):
        return path.lstat().st_mtime, [], frozenset()
    reading = Reader(path, key).read()
    messages = offered(reading, live.hint if live is not None else None, following=following)
    take = Take(reading, Told.of(hint), hint, start, {one.key for one in reading.entries} - messages)
    return reading.stamp / 1e9, [Part(start, start + take.size)] if take else [], messages


def _extent(path: Path) -> tuple[float, int]:
    file = OpenFile(path, b"")
    try:
        return file.state()[1], file.whole_lines()
    finally:
        file.close()


def query_of(paths: Iterable[Path], since: float) -> dict[str, str]:
    """An import as the control socket is asked for it."""
    return {"paths": json.dumps([str(path.expanduser().absolute()) for path in paths]), "since": repr(since)}


def asked(query: dict[str, str]) -> tuple[list[Path], float]:
    """The way back of `query_of`. Raises UsageError."""
    try:
        names = json.loads(query.get("paths", "[]"))
        return [Path(str(name)) for name in names], float(query.get("since", "0"))
    except (ValueError, TypeError):
        raise UsageError("paths is a JSON list, since unix seconds", "Use: groove-sidecar import") from None
