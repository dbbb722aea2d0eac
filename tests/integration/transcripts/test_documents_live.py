"""Chats stored as one JSON document, followed live: the same steps as the last of them alone, whatever dies between."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import anyio
import pytest
from document_support import (
    STEM,
    alone,
    follow,
    follow_on,
    house,
    pretty,
    states,
    steps_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.gemini_chat import GeminiChat
from parsers.gemini_words import batches
from sidecar.drafting import PoisonError
from sidecar.wire import limits

WHOLE: dict[str, tuple[list, list]] = {}
GROWN = ["gemini-0.19.4", "gemini-0.24.0", "gemini-0.32.1"]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("sidecar.sources.document_tail.SETTLE_SECONDS", 0.0)
    monkeypatch.setattr("sidecar.sources.document_tail.SHARE", 0.0)


def chat(folder: Path) -> Path:
    return folder / ".gemini/tmp/proj/chats" / f"{STEM}.json"


@pytest.mark.parametrize("version", GROWN)
@pytest.mark.parametrize("kill", ["never", "always"])
async def test_what_the_cli_wrote_gives_the_steps_of_its_last_document(tmp_path, version, kill):
    """Every document the real CLI wrote, one after the other: as the last one alone, step by step, token by token."""
    grown = states(version)
    expected, outcomes = await alone(tmp_path / "alone", grown[-1])
    script = [item for one in grown for item in ((None, pretty(one)) if kill == "always" else (pretty(one),))]
    async with house(tmp_path) as world:
        await follow(world, chat(tmp_path), script)
        assert await steps_of(world) == expected != []
        assert [one["tokens"] for one in await world.outcomes()] == [one["tokens"] for one in outcomes]
        assert [closed for _, closed, _ in await world.sessions()] == [True]
        ledger = await world.books()
        assert ledger.get("fate.malformed", 0) == ledger.get("fate.unknown", 0) == 0
        if kill == "never":
            assert ledger["bytes"] == len(pretty(grown[-1])) + 1, "and the last answer, told again at the last start"


def versions_of(message: dict, draw) -> list[dict]:
    """The forms a message may have on its way to its last one: without thoughts, tokens, calls, results."""
    found = []
    if message.get("type") == "gemini" and draw(st.booleans()):
        early = {name: value for name, value in message.items() if name not in {"toolCalls", "tokens"}}
        if message.get("thoughts") and not message.get("content") and draw(st.booleans()):
            early["thoughts"] = []
        found.append(early)
    calls: list[dict] = []
    for batch in batches(message):
        running = [{k: v for k, v in call.items() if k != "result"} | {"status": "executing"} for call in batch]
        if draw(st.booleans()):
            found.append({**message, "toolCalls": [*calls, *running]})
        calls += batch
        found.append({**message, "toolCalls": list(calls)})
    return [*found, message]


class Quiet:
    """A value too long to be shown."""

    def __init__(self, value) -> None:
        self.value = value

    def __repr__(self) -> str:
        last, script = self.value
        return f"{last['sessionId']}: {[None if one is None else len(one) for one in script]}"


@st.composite
def growths(draw):
    """(the documents, None for a kill, torn ones between them)."""
    last = draw(st.sampled_from([states(version)[-1] for version in GROWN]))
    script: list[bytes | None] = []
    done: list[dict] = []
    for message in last["messages"]:
        for form in versions_of(message, draw):
            data = pretty({**last, "messages": [*done, form]})
            kind = draw(st.sampled_from(["whole", "whole", "torn", "skipped", "killed", "compact"]))
            if kind == "torn":
                script.append(data[: draw(st.integers(0, len(data) - 1))])
            if kind == "compact":
                data = json.dumps(json.loads(data)).encode()
            if kind != "skipped":
                script.append(data)
            if kind == "killed":
                script.append(None)
        done.append(message)
    return last, [*script, pretty(last)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(growths().map(Quiet), st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=4))
def test_a_growing_document_equals_the_whole_one(growth, crashes):
    """Message by message, part by part, torn, with kills between and at any commit: nothing lost, nothing twice."""
    last, script = growth.value

    async def main(folder: Path) -> None:
        if last["sessionId"] not in WHOLE:
            WHOLE[last["sessionId"]] = await alone(folder / "alone", last)
        expected, outcomes = WHOLE[last["sessionId"]]
        async with house(folder) as world:
            await follow(world, chat(folder), script, crashes)
            found = await steps_of(world)
            assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, expected))
            closed = await world.outcomes()
            if len(closed) == 1:
                assert found == expected
                assert closed[0]["tokens"] == outcomes[0]["tokens"]

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(main, Path(folder))


@pytest.mark.parametrize("after", [False, True])
async def test_a_full_session_rolls_over_in_the_middle_of_a_document(tmp_path, monkeypatch, after):
    """The wire's caps are reached within one reading, and the process dies at every commit: no step lost or doubled."""
    grown = states("gemini-0.32.1")
    expected, _ = await alone(tmp_path / "alone", grown[-1])
    monkeypatch.setattr("sidecar.capture.session.SPARE_STEPS", 0)
    monkeypatch.setattr(limits, "MAX_STEP_NUMBER", 4)
    async with house(tmp_path) as world:
        script = [pretty(grown[number]) for number in (1, 5, 11)]
        await follow(world, chat(tmp_path), script, [(number, after) for number in (0, 1, 2, 1, 3, 2, 1, 1)])
        found = await world.sessions()
        assert len(found) > 3
        assert all([step["step"] for step in steps] == list(range(1, len(steps) + 1)) for _, _, steps in found)
        kinds = {"correction": "instruction"}  # what a message wants depends on what its session has seen
        plain = [
            [(kinds.get(one["type"], one["type"]), one["content"]) for one in some]
            for some in (await steps_of(world), expected)
        ]
        assert plain[0] == plain[1]
        await world.books()


async def test_a_message_that_makes_the_program_fail_costs_itself_only(tmp_path, monkeypatch):
    """It is counted as malformed and passed over; what is told again at each start is not taken for it."""
    grown = states("gemini-0.32.1")
    expected, _ = await alone(tmp_path / "alone", grown[-1])
    good_feed = GeminiChat.feed

    def feed_or_fail(self, line):
        if b'"and again"' in line:
            raise ZeroDivisionError
        return good_feed(self, line)

    monkeypatch.setattr(GeminiChat, "feed", feed_or_fail)
    async with house(tmp_path) as world:
        script = [pretty(one) for one in grown]
        for _ in range(20):
            try:
                await follow_on(world, chat(tmp_path), script)
            except PoisonError:
                continue
            break
        ledger = await world.books()
        found = [(one["type"], one["content"]) for one in await steps_of(world)]
    assert ledger["reason.internal_error"] == 1
    left = [(one["type"], one["content"]) for one in expected if one["content"] != "and again"]
    assert sorted(content for _, content in found) == sorted(content for _, content in left)
