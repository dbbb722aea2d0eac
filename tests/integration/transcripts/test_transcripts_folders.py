"""The CLIs' folders: what is new is read once, what is old costs nothing, whatever folders come and go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio
import asyncinotify  # noqa: F401 - loaded before blocking calls are forbidden
import pytest
import watchfiles  # noqa: F401 - as above
from blockbuster import blockbuster_ctx

sys.path.append(str(Path(__file__).parents[1] / "sources"))

from sources_support import Notebook, running

from sidecar.sources.transcript_names import Home, classify, enters, homes
from sidecar.sources.transcripts import MARKER, Books, Position, TranscriptFolders
from tests.patience import soon

KEY = b"k" * 32
ID = "484764a9-b9eb-48fa-adc0-61ae796b90c0"
ROLLOUT = f"rollout-2026-11-20T08-46-16-{ID}.jsonl"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("sidecar.sources.transcripts.SCAN_PAUSE_SECONDS", 0.02)


class Desk(Notebook):
    """A notebook that also keeps where following began."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.places: dict[str, Position] = {}

    async def positions(self, prefix: str) -> list[Position]:
        found = {key: one for key, one in self.places.items() if key.startswith(prefix)}
        for key, one in self.kept.items():
            if key.startswith(prefix):
                found[key] = Position(key, one.offset, one.hint, rested=False)
        return list(found.values())

    async def place(self, positions) -> None:
        for one in positions:
            self.places[one.key] = one
            if one.key in self.kept:
                self.kept[one.key].offset = self.kept[one.key].replay_from = one.offset
                self.kept[one.key].hint = one.hint
                self._ends[one.key] = [one.offset]

    async def lookup(self, info):
        if info.key in self.places and info.key not in self.kept:
            from sources_support import Kept

            one = self.places[info.key]
            self.kept[info.key] = Kept(info, offset=one.offset, replay_from=one.offset, hint=one.hint)
            self._ends[info.key] = [one.offset]
        return await super().lookup(info)

    def lines(self) -> list[bytes]:
        return [line for one in self.kept.values() for line in one.lines]


def folders(root: Path, desk: Desk, **options) -> TranscriptFolders:
    everything = (
        Home("claude-code", root / ".claude/projects"),
        Home("codex", root / ".codex/sessions"),
        Home("gemini", root / ".gemini/tmp"),
    )
    books = Books(desk.positions, desk.place)
    return TranscriptFolders(everything, sink=desk.record, lookup=desk.lookup, books=books, key=KEY, **options)


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle:
        handle.write(data)
    return path


async def settled(source: TranscriptFolders) -> None:
    await soon(lambda: source.ready)


@pytest.mark.parametrize("backend", ["auto", "watchfiles"])
async def test_new_files_are_found_at_any_depth(tmp_path, backend):
    """Homes, date folders and session folders that come later are followed from their first byte."""
    desk = Desk()
    source = folders(tmp_path, desk, backend=backend)
    async with running(source):
        await settled(source)
        write(tmp_path / ".codex/sessions/2026/11/20" / ROLLOUT, b"one\n")
        await desk.until(lambda: desk.lines() == [b"one"])
        write(tmp_path / ".codex/sessions/2026/12/01" / ROLLOUT.replace("484764a9", "584764a9"), b"two\n")
        await desk.until(lambda: desk.lines() == [b"one", b"two"])
        write(tmp_path / f".claude/projects/-x/{ID}/subagents/agent-a1.jsonl", b"three\n")
        write(tmp_path / ".gemini/tmp/proj/chats/session-2026-11-20T08-41-2a133bc7.jsonl", b"four\n")
        await desk.until(lambda: sorted(desk.lines()) == [b"four", b"one", b"three", b"two"])
    infos = {one.info.provider: one.info for one in desk.kept.values()}
    assert infos["codex"].conversation in {ID, ID.replace("484764a9", "584764a9")}
    assert (infos["claude-code"].conversation, infos["claude-code"].agent_id) == (ID, "a1")
    assert infos["gemini"].conversation == "2a133bc7"


async def test_hundreds_of_old_files_cost_nothing(tmp_path):
    """What was there is neither read nor held open; an append to one of them is read alone, half a line with its rest."""
    desk = Desk()
    for number in range(300):
        write(tmp_path / f".claude/projects/-{number % 30}/{number:08d}{ID[8:]}.jsonl", b"old\nold\n")
    torn = write(tmp_path / f".claude/projects/-0/ffffffff{ID[8:]}.jsonl", b"old\nhal")
    (tmp_path / ".codex/sessions").mkdir(parents=True)
    (tmp_path / ".gemini/tmp").mkdir(parents=True)
    source = folders(tmp_path, desk)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with blockbuster_ctx("sidecar.sources"):
        async with running(source):
            await settled(source)
            await anyio.sleep(0.1)
    async with running(source):
        await settled(source)
        await desk.until(lambda: source.followed)
        await anyio.sleep(0.2)
        assert desk.kept == {} or desk.lines() == []
        assert source.followed == 1, "only the half line, which may be going on"
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 8
        write(tmp_path / f".claude/projects/-7/{7:08d}{ID[8:]}.jsonl", b"new\n")
        write(torn, b"f\n")
        await desk.until(lambda: sorted(desk.lines()) == [b"half", b"new"])
        await anyio.sleep(0.1)
    async with running(source):
        await settled(source)
        write(torn, b"again\n")
        await desk.until(lambda: sorted(desk.lines()) == [b"again", b"half", b"new"])


async def test_what_was_written_while_off_is_never_read(tmp_path):
    """After a revocation, and after transcripts were switched off, following begins at the end again."""
    desk = Desk()
    path = write(tmp_path / f".claude/projects/-x/{ID}.jsonl", b"old\n")
    source = folders(tmp_path, desk)
    async with running(source):
        await settled(source)
        write(path, b"one\n")
        await desk.until(lambda: desk.lines() == [b"one"])
    write(path, b"while off\n")
    write(tmp_path / f".claude/projects/-x/0{ID[1:]}.jsonl", b"new while off\n")
    desk.places[MARKER] = desk.places[MARKER]._replace(skip=True)
    source = folders(tmp_path, desk)
    async with running(source):
        await settled(source)
        write(path, b"two\n")
        await desk.until(lambda: desk.lines() == [b"one", b"two"])
        await anyio.sleep(0.1)
    assert desk.lines() == [b"one", b"two"]
    (hint,) = [one.hint for key, one in desk.kept.items() if key.endswith(ID)]
    assert hint["taken"] == [[4, 8]]
    assert hint["begin"] == 18


async def test_a_moved_file_goes_on_and_a_rewritten_one_begins_anew(tmp_path):
    """The name is the identity, not place or inode; another beginning is another generation."""
    desk = Desk()
    source = folders(tmp_path, desk)
    async with running(source):
        await settled(source)
        path = write(tmp_path / f".claude/projects/-x/{ID}.jsonl", b"one\n")
        await desk.until(lambda: desk.lines() == [b"one"])
    moved = tmp_path / f".claude/projects/-y/{ID}.jsonl"
    moved.parent.mkdir()
    moved.write_bytes(path.read_bytes() + b"two\n")
    path.unlink()
    async with running(source):
        await desk.until(lambda: desk.lines() == [b"one", b"two"])
        moved.write_bytes(b"eno\n")
        await desk.until(lambda: desk.lines() == [b"one", b"two", b"eno"])
    assert len(desk.kept) == 2


async def test_finding_the_transcript_of_a_run(tmp_path):
    """Only a transcript that was written to since, and that is followed since, is the record of a run."""
    desk = Desk()
    path = write(tmp_path / f".claude/projects/-x/{ID}.jsonl", b"old\n")
    os.utime(path, (1_000, 1_000))
    source = folders(tmp_path, desk)
    assert not await source.find("claude-code", ID, 0)
    async with running(source):
        await settled(source)
        now = path.stat().st_mtime
        begun = desk.places[f"transcript:claude-code/{ID}"].hint["at"]
        assert not await source.find("claude-code", ID, now), "the run began before following did"
        assert not await source.find("claude-code", ID, begun + 10), "nothing was written since the run began"
        write(path, b"new\n")
        assert await source.find("claude-code", ID, begun)
        assert not await source.find("codex", ID, begun)
        chat = write(tmp_path / ".gemini/tmp/proj/chats/session-2026-11-20T08-41-2a133bc7.jsonl", b"x\n")
        await desk.until(lambda: b"x" in desk.lines())
        assert await source.find("gemini", "2a133bc7-55e1-4c26-a39e-48bb49b84a6e", chat.stat().st_mtime)


def test_environment_moves_the_homes(tmp_path):
    """The CLIs' own variables are honoured."""
    moved = {"CODEX_HOME": "/c", "CLAUDE_CONFIG_DIR": "/a", "GEMINI_CLI_HOME": "/g"}
    assert [str(home.root) for home in homes(moved, tmp_path)] == ["/a/projects", "/c/sessions", "/g/.gemini/tmp"]
    assert all(home.root.is_relative_to(tmp_path) for home in homes({}, tmp_path))


@pytest.mark.parametrize(
    ("provider", "path", "name", "conversation", "agent"),
    [
        ("claude-code", f"-home-me/{ID}.jsonl", ID, ID, None),
        ("claude-code", f"-home-me/{ID}/subagents/agent-a1.jsonl", f"{ID}.a1", ID, "a1"),
        ("claude-code", "-home-me/agent-a2.jsonl", "agent.a2", None, "a2"),
        ("claude-code", f"-home-me/{ID}/tool-results/x.jsonl", None, None, None),
        ("codex", f"2026/11/20/{ROLLOUT}", ID, ID, None),
        ("codex", "2026/11/20/history.jsonl", None, None, None),
        (
            "gemini",
            "p/chats/session-2026-11-20T08-41-2a133bc7.jsonl",
            "session-2026-11-20T08-41-2a133bc7",
            "2a133bc7",
            None,
        ),
        ("gemini", "p/chats/2a133bc7-55e1/27c9.jsonl", "2a133bc7-55e1.27c9", "2a133bc7", "27c9"),
        ("gemini", "p/logs.jsonl", None, None, None),
    ],
)
def test_names_tell_the_conversation_and_nothing_of_the_project(provider, path, name, conversation, agent):
    """A file's name gives its identity; the folder it lies in, which may name a user, is not part of it."""
    found = classify(Home(provider, Path("/h")), Path("/h") / path, KEY)
    if name is None:
        assert found is None
        return
    assert (found.name, found.conversation, found.agent) == (name, conversation, agent)


def test_folders_that_hold_no_transcripts_are_not_entered():
    """Tool results, hidden folders and Gemini's other folders are not watched."""
    claude, gemini = Home("claude-code", Path("/h")), Home("gemini", Path("/h"))
    assert enters(claude, Path("/h/-x")) and enters(claude, Path("/h/-x/s/subagents"))
    assert not enters(claude, Path("/h/-x/s/tool-results"))
    assert not enters(claude, Path("/h/.x"))
    assert enters(gemini, Path("/h/p")) and enters(gemini, Path("/h/p/chats/s"))
    assert not enters(gemini, Path("/h/p/tool-outputs"))
