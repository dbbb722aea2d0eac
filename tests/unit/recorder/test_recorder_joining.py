"""However the two roads of a run interleave, and whatever dies: one session, made by one road, decided once."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorder_support import STREAM, Crash, feed, frames, house, recording, told

import sidecar.joining.runs as runs_module
from sidecar.capture.framing import Ending
from sidecar.sources.base import Batch, SourceInfo

RECORDINGS = {
    "claude/a-fix": ("claude-code", "484764a9-b9eb-48fa-adc0-61ae796b90c0"),
    "codex/c-errors": ("codex", "01a1f822-8d9c-7373-a20f-7a212fe662a7"),
    "gemini/a-fix": ("gemini", "2a133bc7"),
}
RUN = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC).timestamp()


class Shelf:
    """Stands for the transcripts that are followed: `there` says whether this one is, now."""

    def __init__(self, *, there: bool) -> None:
        self.there = there
        self.asked = 0
        self.woken = 0

    async def find(self, *_question) -> bool:
        self.asked += 1
        return self.there

    def wake_all(self) -> None:
        self.woken += 1


def roads(name: str) -> tuple[SourceInfo, SourceInfo]:
    """The stream and the transcript of one run."""
    provider, conversation = RECORDINGS[name]
    stream = replace(STREAM, key=f"stream:{name}", provider=provider, started=RUN)
    transcript = SourceInfo(
        f"transcript:{name}", "transcript", "t", provider, dialect="transcript", conversation=conversation
    )
    return stream, transcript


ALONE: dict[tuple[str, str], list] = {}


async def alone(folder: Path, name: str, road: str):
    """The steps one road makes when there is no other."""
    if (name, road) not in ALONE:
        folder.mkdir()
        ALONE[name, road] = await _alone(folder, name, road)
    return ALONE[name, road]


async def _alone(folder: Path, name: str, road: str):
    stream, transcript = roads(name)
    async with house(folder) as world:
        if road == "stream":
            await feed(world, stream, recording(name), 500, ending=Ending(exit_code=0))
        else:
            await feed(world, transcript, recording(name, "transcript"), 500, ending=Ending())
        ((_, _, steps),) = await world.sessions()
        return told(steps)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(runs_module, "GRACE_SECONDS", 0.02)
    monkeypatch.setattr(runs_module, "GRACE_LOOKS", 2)


@pytest.mark.parametrize("name", RECORDINGS)
async def test_the_transcript_wins_and_the_run_adds_its_end(tmp_path, name):
    """One session with the transcript's steps; exit code and usage of the run; the stream's lines are noise."""
    expected = await alone(tmp_path / "alone", name, "transcript")
    stream, transcript = roads(name)
    async with house(tmp_path) as world:
        world.finder = Shelf(there=True)
        world.restart()
        await feed(world, stream, recording(name), 5)
        await feed(world, transcript, recording(name, "transcript"), 5)
        assert world.runs.writing(transcript)
        assert world.runs.ending(transcript) is None
        await feed(world, stream, recording(name), 5, ending=Ending(exit_code=4))
        assert world.finder.woken == 1
        ending = world.runs.ending(transcript)
        assert ending == Ending(exit_code=4)
        await world.recorder.record(Batch(transcript, [], {}, ending))
        assert world.runs.ending(transcript) is None
        ((source, closed, steps),) = await world.sessions()
        assert (source, closed) == (transcript.key, True)
        assert told(steps) == expected
        (outcome,) = await world.outcomes()
        assert outcome["exit_code"] == 4
        if name.startswith("claude"):
            assert outcome["tokens"]["scope"] == "process"
            assert outcome["tokens"]["cost_usd"] > 0
        books = await world.books()
        superseded = sum(n for key, n in books.items() if "/superseded/" in key and key.startswith("event."))
        assert superseded == recording(name).count(b"\n")
        assert await world.rows("SELECT settled FROM runs WHERE record <> 'told'") == [(1,)]


@pytest.mark.parametrize("name", RECORDINGS)
async def test_without_a_transcript_the_stream_is_the_record_for_good(tmp_path, name):
    """Nothing within the grace: the stream's steps; a transcript that comes later, or an import, makes none."""
    expected = await alone(tmp_path / "alone", name, "stream")
    stream, transcript = roads(name)
    async with house(tmp_path) as world:
        world.finder = Shelf(there=False)
        world.restart()
        await feed(world, stream, recording(name), 5)
        assert world.finder.asked == 3
        world.finder.there = True
        await feed(world, transcript, recording(name, "transcript"), 5)
        world.restart()
        await feed(world, stream, recording(name), 5, ending=Ending(exit_code=0))
        await feed(world, transcript, recording(name, "transcript"), 5, ending=Ending(idle=True))
        imported = replace(transcript, key="import:1", kind="import")
        await feed(world, imported, recording(name, "transcript"), 5, ending=Ending(idle=True))
        ((source, _, steps),) = await world.sessions()
        assert source == stream.key
        assert told(steps) == expected
        await world.books()


async def test_what_was_said_after_the_run_is_captured_from_the_transcript(tmp_path):
    """A conversation that goes on in a terminal after a run the stream told: only what is new."""
    name = "claude/a-fix"
    stream, transcript = roads(name)
    stored = recording(name, "transcript")
    async with house(tmp_path) as world:
        end = dt.datetime(2026, 11, 20, 8, 43, tzinfo=dt.UTC).timestamp()
        await feed(world, stream, recording(name), 50, ending=Ending(exit_code=0), written=end)
        (first,) = [line for line in stored.split(b"\n") if b'"content":"The test suite' in line and b'"uuid"' in line]
        later = first.replace(b"08:42:", b"08:52:").replace(b'"uuid":"', b'"uuid":"ffff')
        await feed(world, transcript, stored + later + b"\n", 50, ending=Ending(idle=True))
        (_, (source, _, steps)) = await world.sessions()
        assert source == transcript.key
        assert [step["type"] for step in steps] == ["instruction"]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=st.sampled_from(sorted(RECORDINGS)),
    there=st.booleans(),
    turns=st.lists(st.tuples(st.sampled_from("st"), st.integers(1, 12)), max_size=12),
    crashes=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=6),
)
def test_any_interleaving_with_crashes_makes_one_road_only(name, there, turns, crashes):
    """Stream and transcript handed over in any order, dying before or after any commit: the steps of exactly one road."""

    async def go(folder: Path) -> None:
        expected = {road: await alone(folder / road, name, road) for road in ("stream", "transcript")}
        infos = dict(zip("st", roads(name), strict=True))
        data = {"s": recording(name), "t": recording(name, "transcript")}
        async with house(folder) as world:
            world.finder = Shelf(there=there)
            plan = list(crashes)
            world.restart(*plan.pop()) if plan else world.restart()
            for road, count in [*turns, ("s", 1000), ("t", 1000)]:
                while True:
                    try:
                        await some(world, infos[road], data[road], count)
                    except Crash:
                        world.restart(*plan.pop()) if plan else world.restart()
                        continue
                    break
            world.restart()
            await feed(world, infos["s"], data["s"], 100, ending=Ending(exit_code=0))
            world.restart()
            await world.recorder.lookup(infos["t"])
            ending = world.runs.ending(infos["t"]) or Ending(idle=True)
            await feed(world, infos["t"], data["t"], 100, ending=ending)
            found = await world.sessions()
            assert all(closed for _, closed, _ in found)
            made = {source: told(steps) for source, _, steps in found}
            winner = await world.rows("SELECT record FROM runs WHERE record <> 'told'")
            assert winner in ([("stream",)], [("transcript",)])
            ((road,),) = winner
            if road == "transcript":
                assert made == {infos["t"].key: expected["transcript"]}
                assert (await world.outcomes())[0]["exit_code"] == 0
            else:
                assert made == {infos["s"].key: expected["stream"]}
            books = await world.books()
            assert books["lines"] == sum(one.count(b"\n") for one in data.values())

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(go, Path(folder))


async def some(world, info: SourceInfo, data: bytes, count: int) -> None:
    """The next `count` lines of a source, in one batch."""
    resume = await world.recorder.lookup(info)
    start = resume.replay_from if resume is not None else 0
    offset = resume.offset if resume is not None else 0
    todo = [frame for frame in frames(data) if frame.end > start]
    fresh = [frame for frame in todo if frame.end > offset][:count]
    again = [frame for frame in todo if frame.end <= offset]
    if fresh:
        await world.recorder.record(Batch(info, [*again, *fresh]))


async def test_a_fork_gives_only_what_is_new(tmp_path):
    """A forked conversation copies its history, record ids included: the copies are noise in the second file."""
    name = "claude/a-fix"
    _, first = roads(name)
    second = replace(first, key="transcript:fork", conversation="0" * 8 + first.conversation[8:])
    stored = recording(name, "transcript")
    lines = [line for line in stored.split(b"\n")[:-1] if b'"uuid"' in line]
    more = lines[0].replace(b'"uuid":"', b'"uuid":"eeee')
    async with house(tmp_path) as world:
        await feed(world, first, stored, 4, ending=Ending(idle=True))
        for crash in (0, 1, 2):
            world.restart(crash)
            with contextlib.suppress(Crash):
                await feed(world, second, b"".join(line + b"\n" for line in (*lines, more)), 4)
        world.restart()
        await feed(world, second, b"".join(line + b"\n" for line in (*lines, more)), 4, ending=Ending(idle=True))
        (_, (source, _, steps)) = await world.sessions()
        assert source == "transcript:fork"
        assert len(steps) == 1
        assert (await world.books())["event.claude-code/copy"] == len(lines)


async def test_a_subagent_ends_with_the_run_and_names_its_call(tmp_path):
    """Steps of a sub-agent's file carry the call; its session ends with the run, without the run's exit code."""
    name = "claude/a-fix"
    stream, transcript = roads(name)
    side = replace(transcript, key="transcript:side", agent_id="a1", role="subagent", parent_call="toolu_1")
    async with house(tmp_path) as world:
        world.finder = Shelf(there=True)
        world.restart()
        await feed(world, stream, recording(name))
        await feed(world, side, recording("claude/f-parallel", "subagent"))
        assert world.runs.writing(side)
        await feed(world, stream, recording(name), ending=Ending(exit_code=1))
        assert world.runs.ending(side) == Ending()
        await world.recorder.record(Batch(side, [], {}, Ending()))
        ((_, closed, steps),) = await world.sessions()
        assert closed
        assert {step["parent_id"] for step in steps} == {"toolu_1"}
        assert "exit_code" not in (await world.outcomes())[0]
        assert await world.rows("SELECT settled FROM runs WHERE record <> 'told'") == [(0,)]


async def test_an_old_run_says_nothing_about_a_later_session(tmp_path):
    """A run that was over before the conversation went on does not end what follows with its exit code."""
    name = "claude/a-fix"
    stream, transcript = roads(name)
    async with house(tmp_path) as world:
        world.finder = Shelf(there=True)
        world.restart()
        await feed(world, stream, recording(name), 50, ending=Ending(exit_code=1), written=RUN + 1)
        assert world.runs.ending(transcript) == Ending(exit_code=1)
        await feed(world, transcript, recording(name, "transcript"), 50)
        assert world.runs.ending(transcript) is None
        await feed(world, transcript, recording(name, "transcript"), 50, ending=Ending(idle=True))
        assert "exit_code" not in (await world.outcomes())[0]


async def test_switching_transcripts_off_in_the_middle_loses_no_later_line(tmp_path):
    """A run whose transcript is no longer followed goes on as its own record."""
    name = "codex/c-errors"
    stream, _ = roads(name)
    async with house(tmp_path) as world:
        world.finder = Shelf(there=True)
        world.restart()
        data = recording(name)
        await feed(world, stream, data[: data.index(b"\n", 600) + 1])
        world.finder = None
        world.restart()
        await feed(world, stream, data, ending=Ending(exit_code=0))
        ((source, closed, steps),) = await world.sessions()
        assert source == stream.key and closed and steps


async def test_a_revocation_keeps_what_must_not_be_read_again(tmp_path):
    """After a revocation the run's facts are gone, and its time stays closed to a later import."""
    name = "gemini/a-fix"
    stream, transcript = roads(name)
    async with house(tmp_path) as world:
        await feed(world, stream, recording(name), 5)
        await world.journal.revoke()
        world.restart()
        imported = replace(transcript, key="import:1", kind="import")
        await feed(world, imported, recording(name, "transcript"), 5, ending=Ending(idle=True))
        assert await world.sessions() == []
        assert await world.rows("SELECT facts, settled FROM runs WHERE record <> 'told'") == [("{}", 1)]


async def test_the_store_names_no_conversation(tmp_path):
    """Neither the CLI's session id nor a record's id stands in the tables that remember them."""
    name = "claude/a-fix"
    stream, _ = roads(name)
    async with house(tmp_path) as world:
        world.finder = Shelf(there=True)
        world.restart()
        await feed(world, stream, recording(name))
        rows = await world.rows("SELECT * FROM runs")
        assert RECORDINGS[name][1] not in repr(rows)
