"""The registry: built-ins, plug-ins, clashes, detection."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint

import pytest
from parsers_support import DATA, feed, lines_of, recordings

from parsers.base import Fate, Parsed
from parsers.registry import AutoParser, ParserClashError, collect, detect, make, names


class Plugin:
    provider = "acme"
    dialect = "stream"

    def feed(self, _line):
        return Parsed(Fate.NOISE, "line")

    def finish(self):
        return Parsed(Fate.META, "end")

    def snapshot(self):
        return {}

    def restore(self, _state):
        return None


class Clash(Plugin):
    provider = "codex"


class NoParser:
    pass


def point(name):
    return EntryPoint(name, f"{__name__}:{name}", "sidecar.parsers")


def test_built_ins():
    """Three providers, two dialects each; asking for another is a LookupError."""
    assert names() == [
        (provider, dialect) for provider in ("claude-code", "codex", "gemini") for dialect in ("stream", "transcript")
    ]
    for provider, dialect in names():
        parser = make(provider, dialect)
        assert (parser.provider, parser.dialect) == (provider, dialect)
    with pytest.raises(LookupError):
        make("acme")


def test_plug_ins_join_and_may_not_clash():
    """An installed parser joins the built-ins; one that claims a taken place, or is no parser, is an error."""
    assert isinstance(collect([point("Plugin")])["acme", "stream"](), Plugin)
    for name in ("Clash", "NoParser"):
        with pytest.raises(ParserClashError, match=name):
            collect([point(name)])
    with pytest.raises(ParserClashError):
        collect([point("Plugin"), point("Plugin")])


@pytest.mark.parametrize(("provider", "dialect", "path"), list(recordings()), ids=lambda value: str(value)[-40:])
def test_every_recording_is_detected(provider, dialect, path):
    """The lines of a recording tell its provider and dialect, and no line tells another."""
    found = {detect(line) for line in lines_of(path)} - {None}
    assert found <= {(provider, dialect)}
    assert found


def test_auto_parser_equals_the_chosen_one():
    """Detecting first gives the same answers, and its snapshot carries the choice."""
    lines = lines_of(DATA / "codex/a-fix/stdout.jsonl")
    auto, chosen = AutoParser(), make("codex")
    assert (auto.provider, auto.snapshot()) == ("", {"provider": "", "dialect": ""})
    assert auto.feed(b"warming up").fate is Fate.MALFORMED
    assert auto.feed(b'{"hello":1}').fate is Fate.UNKNOWN
    for line in lines:
        assert auto.feed(line) == chosen.feed(line)
    assert (auto.provider, auto.dialect) == ("codex", "stream")
    copy = AutoParser()
    copy.restore(json.loads(json.dumps(auto.snapshot())))
    assert copy.provider == "codex" and copy.finish() == auto.finish()


def test_auto_parser_takes_a_single_result_line():
    """`--output-format json` is one result line: enough to know the provider."""
    line = json.dumps({"type": "result", "subtype": "success", "result": "ok", "session_id": "s"}).encode()
    steps, _, parser = feed("auto", "stream", [line])
    assert [(step.type, step.content) for step in steps] == [("resolution", "ok")]
    assert parser.provider == "claude-code"
