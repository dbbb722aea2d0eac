"""Recorded streams and small helpers for the parser tests."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from parsers.registry import make

DATA = Path(__file__).parents[2] / "data" / "streams"
PROVIDERS = {"claude": "claude-code", "codex": "codex", "gemini": "gemini"}


def recordings():
    """(provider, dialect, path) of every bundled file."""
    for path in sorted(DATA.rglob("*.jsonl")):
        dialect = "stream" if path.name == "stdout.jsonl" else "transcript"
        yield PROVIDERS[path.relative_to(DATA).parts[0]], dialect, path


def lines_of(path):
    lines = path.read_bytes().split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines


def feed(provider, dialect, lines):
    """All steps, all answers (the end included), the parser."""
    parser = make(provider, dialect)
    answers = [parser.feed(line if isinstance(line, bytes) else json.dumps(line).encode()) for line in lines]
    answers.append(parser.finish())
    return [step for answer in answers for step in answer.steps], answers, parser


def run(provider, dialect, name):
    return feed(provider, dialect, lines_of(DATA / name))


def kinds(steps):
    return [(str(step.type), step.content) for step in steps]


def plain(steps):
    return [asdict(step) for step in steps]
