"""`groove-sidecar scrub`: filters text on standard input, or reports spans of `{"id","text"}` lines.

Owns: the command and its streaming.
Never: opens a file, keeps more than a window of its input.
Invariant: what is printed has been scrubbed with the text around it; a line that cannot be read is counted, not lost.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.scrub.scrubber import Scrubber
    from sidecar.scrub.spans import Span

WINDOW = 1 << 18
"""Characters that are scrubbed together."""
HOLD = 1 << 15
"""Characters at the end of a window that wait for what follows: longer than any secret a rule follows."""
CONTEXT = 1 << 10
"""Characters already printed that stay in view, so that a value still sees the name before it."""


def windows(stream: IO[str], scrubber: Scrubber) -> Iterator[tuple[str, list[Span], int, int]]:
    """(text, spans, from, to): each time a text, its spans, and the part of it that is due for printing."""
    text = ""
    done = 0
    while True:
        more = stream.read(WINDOW)
        text += more
        spans = scrubber.find(text)
        if not more:
            yield text, spans, done, len(text)
            return
        cut = _cut(text, spans, max(done, len(text) - HOLD), done)
        if cut > done:
            yield text, spans, done, cut
            keep = max(0, cut - CONTEXT)
            for span in spans:
                if span.start < keep < span.end:
                    keep = span.start
            text, done = text[keep:], cut - keep


def _cut(text: str, spans: list[Span], latest: int, done: int) -> int:
    line = text.rfind("\n", done, latest) + 1
    cut = line if line > done else latest
    for span in reversed(spans):
        if span.start < cut < span.end:
            cut = span.start
    return cut if cut > done or len(text) < 4 * WINDOW else latest


def filter_text(stream: IO[str], out: IO[str], scrubber: Scrubber, *, explain: bool) -> None:
    """Print the input scrubbed, or (`explain`) one JSON line per replacement, without its value."""
    from sidecar.scrub.second import explain as why

    offset = 0
    for text, spans, start, stop in windows(stream, scrubber):
        at = start
        for span in spans:
            if span.end <= start or span.start >= stop:
                continue
            begin, end = max(span.start, start), min(span.end, stop)
            if explain:
                entry = {"start": offset + begin - start, "end": offset + end - start, "category": span.category}
                entry |= {"rule": span.rule, "reason": why(span.rule), "placeholder": scrubber.label(span, text)}
                out.write(json.dumps(entry) + "\n")
            else:
                out.write(text[at:begin] + scrubber.label(span, text))
            at = end
        if not explain:
            out.write(text[at:stop])
        offset += stop - start
    out.flush()


def report_spans(stream: IO[str], out: IO[str], scrubber: Scrubber, *, explain: bool) -> int:
    """Print the spans of each `{"id","text"}` line; answers how many lines could not be read."""
    from sidecar.scrub.second import explain as why

    bad = 0
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            item = None
        if not isinstance(item, dict) or "id" not in item or not isinstance(item.get("text"), str):
            bad += 1
            sys.stderr.write(f"line {number}: expected an object with id and text\n")
            continue
        name, text = item["id"], item["text"]
        spans = scrubber.fresh().find(text)
        if not explain:
            out.write(json.dumps({"id": name, "spans": [[s.start, s.end, s.category] for s in spans]}) + "\n")
            continue
        for s in spans:
            entry = {"id": name, "start": s.start, "end": s.end, "category": s.category, "rule": s.rule}
            out.write(json.dumps(entry | {"reason": why(s.rule), "placeholder": scrubber.label(s, text)}) + "\n")
    out.flush()
    if bad:
        sys.stderr.write(f'{bad} line(s) not read\nhint: write one JSON object per line, {{"id": …, "text": "…"}}\n')
    return bad


def scrub(spans: bool = False, explain: bool = False, strict_hex: bool = False, engine: str = "auto") -> None:
    """Replace secrets and personal data in standard input.

    With --spans: read {"id","text"} lines and print {"id","spans":[[start,end,category]]}, offsets in code points.
    With --explain: print every replacement with its rule and reason, never the value. Exit code 2: unreadable input.
    """
    from sidecar.cli.common import here
    from sidecar.config import Settings
    from sidecar.scrubbing import make_scrubber

    if engine not in {"auto", "hyperscan", "re"}:
        sys.stderr.write(f"no engine named {engine!r}\nhint: choose auto, hyperscan or re\n")
        raise SystemExit(2)
    paths = here()
    settings = Settings.load(paths, os.environ)
    scrubber = make_scrubber(paths, settings, engine=engine, strict_hex=strict_hex)
    scrubber.prose = settings.generic_models
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    if spans:
        bad = report_spans(sys.stdin, sys.stdout, scrubber, explain=explain)
        if bad:
            raise SystemExit(2)
        return
    filter_text(sys.stdin, sys.stdout, scrubber, explain=explain)


if __name__ == "__main__":
    import typer

    typer.run(scrub)
