"""Stream files outside the agent: the same road as captured ones, without a journal.

Owns: `Offline`: a file's lines through framer, parser, classifier and scrubber, and the ledger of what became of them.
Never: stores or sends; opens no file itself.
Invariant: memory does not grow with a file beyond its longest line, or a chat stored as one document; the fates in the
ledger add up to its lines, its bytes to the bytes read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from parsers import registry
from parsers.base import Fate
from parsers.blocks import JsonError
from parsers.gemini_document import MAX_DOCUMENT_BYTES, begins_document, lines
from sidecar.capture.framing import LINE_LIMIT, Ending, Frame, LineFramer
from sidecar.capture.session import CaptureSession
from sidecar.errors import UsageError
from sidecar.scrub.scrubber import Scrubber
from sidecar.sources.documents import frames_of
from sidecar.wire.canonical import parse_js
from sidecar.wire.envelope import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import BinaryIO

    from parsers.base import Parser
    from parsers.step import JsonObject
    from sidecar.capture.session import Received
    from sidecar.wire.envelope import Numbered

BLOCK = 1024 * 1024
SNIFFED_LINES = 50
"""Lines looked at to find the dialect of a file whose provider is given."""
MAX_NAMES = 500
"""Distinct event names told apart; the rest is counted as "other"."""
MAX_VERSIONS = 64
"""Distinct versions of CLIs told apart for each name of drift; the rest is counted as "other"."""


@dataclass(slots=True)
class Tally:
    """Lines and bytes by fate and by event, steps by type, over all files."""

    lines: int = 0
    bytes: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    fate_bytes: Counter[str] = field(default_factory=Counter)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (event name with its provider, fate)."""
    event_bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_type: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    drifted: int = 0
    """Lines that are not as their type was ever seen; `drift` says in what, and of which CLI version ("": not told)."""
    drift: dict[str, Counter[str]] = field(default_factory=dict)

    def line(self, received: Received, provider: str, size: int, version: str = "") -> None:
        """Count one line of `size` bytes (its end included), written by this version of its CLI."""
        event = (f"{provider}/{received.name}" if provider else received.name, str(received.fate))
        if event not in self.events and len(self.events) >= MAX_NAMES:
            event = ("other", event[1])
        self.lines += 1
        self.bytes += size
        self.fates[received.fate.value] += 1
        self.fate_bytes[received.fate.value] += size
        self.events[event] += 1
        self.event_bytes[event] += size
        if received.reason:
            self.reasons[received.reason] += 1
        self.drifted += bool(received.drift)
        for name in received.drift:
            known = name if name in self.drift or len(self.drift) < MAX_NAMES else "other"
            counts = self.drift.setdefault(known, Counter())
            counts[version if version in counts or len(counts) < MAX_VERSIONS else "other"] += 1

    def as_json(self, *, full: bool = False) -> JsonObject:
        """{lines, bytes, one member per fate, by_type}; `full` adds bytes by fate, events, reasons and drift.

        Drift is told in any case where there is some.
        """
        result: JsonObject = {
            "lines": self.lines,
            "bytes": self.bytes,
            **{str(fate): self.fates[fate] for fate in Fate},
            "by_type": dict(sorted(self.by_type.items())),
        }
        if full:
            result["bytes_by_fate"] = {str(fate): self.fate_bytes[fate] for fate in Fate}
            result["events"] = [
                {"event": event[0], "fate": event[1], "lines": n, "bytes": self.event_bytes[event]}
                for event, n in self.events.most_common()
            ]
            result["reasons"] = dict(sorted(self.reasons.items()))
        if full or self.drifted:
            result["drifted_lines"] = self.drifted
            result["drift"] = [
                {"name": name, "lines": counts.total(), "versions": {one: n for one, n in counts.items() if one}}
                for name, counts in sorted(self.drift.items(), key=lambda item: -item[1].total())
            ]
        return result


class Offline:
    """Parses files one after another; each is a session of its own, `tally` is over all of them.

    `around` puts something around each file's parser.
    """

    def __init__(
        self,
        *,
        provider: str | None = None,
        dialect: str | None = None,
        scrubber: Scrubber | None = None,
        line_limit: int = LINE_LIMIT,
        around: Callable[[Parser], Parser] | None = None,
    ) -> None:
        self._provider = provider
        self._dialect = dialect
        self._scrubber = scrubber or Scrubber()
        self._line_limit = line_limit
        self._around = around or (lambda parser: parser)
        self.tally = Tally()
        self.outcomes: list[JsonObject] = []
        """What the session of each file came to; a file without a step has none."""

    @property
    def redactions(self) -> dict[str, int]:
        """What the scrubber replaced so far, by category."""
        return dict(self._scrubber.counts)

    def steps(self, stream: BinaryIO, now: float) -> Iterator[Numbered]:
        """The scrubbed steps of one file. `now` stamps the steps whose line has no time of its own (unix seconds).

        Raises UsageError for a provider or dialect there is no parser for, OSError as the stream does.
        """
        framer = LineFramer(self._line_limit)
        frames = _frames(stream, framer, documents=self._dialect != "stream")
        head = [frame for frame, _ in zip(frames, range(SNIFFED_LINES), strict=False)] if self._sniffs() else []
        session = self._session(self._around(self._parser(head)))
        for source in (head, frames):
            for frame in source:
                yield from self._take(session, frame, now)
        received = session.finish(now, ending=Ending())
        self._count(received.steps)
        if received.sealed:
            self.outcomes.append(parse_js(b"{" + received.sealed[-1].head + b"}")["outcome"])
        yield from received.steps

    def _take(self, session: CaptureSession, frame: Frame, now: float) -> list[Numbered]:
        line = frame.line
        received = session.oversize(frame.oversize, now) if line is None else session.receive(line, now)
        if received.fate is Fate.UNKNOWN:
            received.name = self._scrubber.text(received.name)  # a CLI we do not know may put anything there
        received.drift = [self._scrubber.text(name) for name in received.drift]
        self.tally.line(received, session.parser.provider, frame.end - frame.start, session.cli_version or "")
        self._count(received.steps)
        return received.steps

    def _count(self, steps: list[Numbered]) -> None:
        for numbered in steps:
            self.tally.by_type[numbered.step.type.value] += 1

    def _session(self, parser: Parser) -> CaptureSession:
        ids = count(1)
        return CaptureSession(
            identity=Identity("offline", parser.provider, "", "offline", "solo", "0" * 32, ""),
            parser=parser,
            scrub=self._scrubber.scrub,
            scrub_json=self._scrubber.json,
            new_id=lambda: f"env_{next(ids)}",
            redactions=lambda: self._scrubber.counts,
        )

    def _sniffs(self) -> bool:
        return self._dialect is None and self._provider not in {None, "auto"}

    def _parser(self, head: list[Frame]) -> Parser:
        dialect = self._dialect
        if self._sniffs():
            found = (registry.detect(frame.line) for frame in head if frame.line)
            dialect = next((name for provider, name in filter(None, found) if provider == self._provider), None)
        try:
            return registry.make(self._provider, dialect or "stream")
        except LookupError as error:
            known = ", ".join(f"{provider} ({name})" for provider, name in registry.names())
            raise UsageError(
                f"There is no parser for {self._provider} ({dialect or 'stream'}).", f"Known: {known}."
            ) from error


def _frames(stream: BinaryIO, framer: LineFramer, *, documents: bool) -> Iterator[Frame]:
    block = stream.read(BLOCK)
    if documents and begins_document(block):
        block = yield from _document(stream, block)
    while block:
        yield from framer.feed(block)
        block = stream.read(BLOCK)
    if (tail := framer.finish()) is not None:
        yield tail


def _document(stream: BinaryIO, begin: bytes) -> Generator[Frame, None, bytes]:
    """A chat in one JSON document as its lines; what is none is answered, to be read line by line."""
    pieces, size = [begin], len(begin)
    while piece := stream.read(BLOCK):
        size += len(piece)
        if size <= MAX_DOCUMENT_BYTES:
            pieces.append(piece)
    if size > MAX_DOCUMENT_BYTES:
        yield Frame(None, 0, size, oversize=size)
        return b""
    data = b"".join(pieces)
    try:
        found = lines(data)
    except JsonError:
        return data
    yield from frames_of(found, size)
    return b""
