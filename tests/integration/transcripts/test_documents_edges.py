"""Documents that shrink, change too late, are torn, too long, replaced, copied, or were there before."""

from __future__ import annotations

import json
import tracemalloc

import anyio
import pytest
from document_support import (
    KEY,
    STEM,
    VERSIONS,
    House,
    Script,
    alone,
    follow,
    house,
    pretty,
    states,
    steps_of,
    tail,
    write,
)
from recorder_support import feed

from parsers.gemini_document import Chat, lines
from sidecar.capture.framing import Ending
from sidecar.cli.status import render
from sidecar.report import spool_report
from sidecar.sources import document_tail, documents
from sidecar.sources.base import Batch, SourceInfo
from sidecar.sources.document_tail import place
from sidecar.sources.transcript_names import Home
from sidecar.sources.transcripts import Books, Position, TranscriptFolders
from sidecar.store.documents import NOT_WHOLE, TOO_LONG, read_documents
from sidecar.store.records import Checkpoint
from tests.patience import soon

LAST = states("gemini-0.32.1")[-1]
KEYED = f"transcript:gemini/{STEM}.json"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(document_tail, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(document_tail, "SHARE", 0.0)
    monkeypatch.setattr("sidecar.sources.transcripts.SCAN_PAUSE_SECONDS", 0.02)


@pytest.fixture
def chat(tmp_path):
    return tmp_path / ".gemini/tmp/proj/chats" / f"{STEM}.json"


def user(number: int) -> dict:
    return {"id": f"u{number}", "type": "user", "content": f"question {number}"}


def model(number: int, **more) -> dict:
    return {"id": f"g{number}", "type": "gemini", "content": f"answer {number}", "thoughts": [], **more}


def document(*messages) -> dict:
    return {**LAST, "messages": list(messages)}


def plainly(steps) -> list[tuple]:
    return [(step["type"], step["content"]) for step in steps]


async def told_of(world: House) -> dict:
    """What `status` knows of documents."""
    return await world.database.run(read_documents)


async def test_a_rewound_document_is_counted_and_repeats_nothing(tmp_path, chat):
    """What was taken back stays as it was said; what replaces it is new; nothing comes out twice."""
    script = [
        document(user(1), model(1), user(2), model(2)),
        document(user(1), model(1)),
        document(user(1), model(1), user(3), model(3)),
    ]
    async with house(tmp_path) as world:
        await follow(world, chat, [pretty(one) for one in script])
        assert plainly(await steps_of(world)) == [
            ("instruction", "question 1"),
            ("resolution", "answer 1"),
            ("instruction", "question 2"),
            ("thought", "answer 2"),
            ("instruction", "question 3"),
            ("resolution", "answer 3"),
        ]
        assert (await told_of(world))["rewound"] == 2


async def test_late_parts_are_taken_once(tmp_path, chat):
    """Thoughts, words, tokens and calls that an earlier message gets later come out once, also across a restart."""
    call = {"id": "c1", "name": "read_file", "args": {}, "status": "success", "result": []}
    thought = {"subject": "", "description": "why"}
    full = model(1, thoughts=[thought], toolCalls=[call], tokens={"input": 5, "output": 2})
    bare = {"id": "g1", "type": "gemini", "content": ""}
    script = [
        pretty(document(user(1), bare, user(2), model(2))),
        None,
        pretty(document(user(1), full, user(2), model(2))),
        None,
        pretty(document(user(1), full, user(2), model(2), user(3))),
    ]
    async with house(tmp_path) as world:
        await follow(world, chat, script)
        found = plainly(await steps_of(world))
        assert sorted(found) == sorted(
            [
                ("instruction", "question 1"),
                ("instruction", "question 2"),
                ("instruction", "question 3"),
                ("thought", "why"),
                ("thought", "answer 1"),
                ("action", ""),
                ("observation", ""),
                ("resolution", "answer 2"),
            ]
        )
        assert (await world.outcomes())[0]["tokens"]["output_tokens"] == 2


async def test_what_changes_far_from_the_end_is_counted(tmp_path, chat):
    """A message the CLI never changes so late is not handed over again; it is counted, once."""
    many = [one for number in range(50) for one in (user(number), model(number))]
    changed = [{**many[0], "content": "another question"}, *many[1:]]
    async with house(tmp_path) as world:
        await follow(world, chat, [pretty(document(*many)), pretty(document(*changed)), pretty(document(*changed))])
        assert len(await steps_of(world)) == 100
        assert (await told_of(world))["late"] == 1


async def test_a_torn_document_waits_and_is_named(tmp_path, chat):
    """While it is half written nothing of it is taken, and `status` says so; written again, it is taken and unsaid."""
    whole = pretty(LAST)
    async with house(tmp_path) as world:
        write(chat, whole[:-20])
        await tail(world, chat, Script(chat, [])).run()
        assert await steps_of(world) == []
        assert (await told_of(world))["left"] == {NOT_WHOLE: 1}
        await follow(world, chat, [whole])
        assert await steps_of(world) == (await alone(tmp_path / "alone", LAST))[0]
        assert await told_of(world) == {"followed": 1, "left": {}, "hints": {}, "rewound": 0, "late": 0}


async def test_a_document_that_is_too_long_is_shown_by_status(tmp_path, chat, monkeypatch):
    """It is not read at all; `status` counts it and says what to do, with an agent running or not."""
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 1_000)
    async with house(tmp_path) as world:
        write(chat, pretty(LAST))
        await tail(world, chat, Script(chat, [])).run()
        report = await world.database.run(lambda connection: spool_report(connection, 0.0))
        assert report["documents"]["left"] == {TOO_LONG: 1}
        consent = {"standing": "on", "reason": "", "hint": ""}
        shown = render({**report, "consent": consent, "running": False, "paused": False})
        assert [line for line in shown if "1 left: a chat document" in line]
        assert [line for line in shown if "Update Gemini CLI" in line]
        assert all(len(line) <= 90 for line in shown), "80 columns and the codes of a colour"
        monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 1_000_000)
        monkeypatch.setattr(documents, "MAX_MESSAGES", 3)
        await tail(world, chat, Script(chat, [])).run()
        assert (await told_of(world))["left"] == {TOO_LONG: 1}


async def test_what_was_there_before_is_none_of_ours(tmp_path, chat):
    """Following begins at the end of a document, whatever is added to its last message; a revocation likewise."""
    before, after = (
        document(user(1), model(1)),
        document(user(1), model(1, thoughts=[{"description": "late"}]), user(2)),
    )
    async with house(tmp_path) as world:
        write(chat, pretty(before))
        await world.journal.place([Checkpoint(KEYED, 0, 0, {}, place(chat, KEY, {}, skip=False, now=1.0))])
        await follow(world, chat, [pretty(after)])
        assert plainly(await steps_of(world)) == [("instruction", "question 2")]
        await world.journal.revoke()
        write(chat, pretty(document(user(1), model(1), user(2), model(2), user(3))))
        await follow(world, chat, [])
        assert await steps_of(world) == [], "what was written while it was off is never read"
        await follow(world, chat, [pretty(document(user(1), model(1), user(2), model(2), user(3), model(4)))])
        assert plainly(await steps_of(world)) == [("resolution", "answer 4")]


@pytest.mark.parametrize("revoked", [False, True])
async def test_what_is_none_of_ours_may_be_gone_for_a_while(tmp_path, chat, revoked):
    """An older copy stood in its place: what comes back is as little ours as before, and nothing was taken back."""
    before = document(user(1), model(1))
    async with house(tmp_path) as world:
        write(chat, pretty(before))
        if revoked:
            await follow(world, chat, [])
            await world.journal.revoke()
            await follow(world, chat, [])
        else:
            await world.journal.place([Checkpoint(KEYED, 0, 0, {}, place(chat, KEY, {}, skip=False, now=1.0))])
        script = [document(user(2)), document(user(1), model(1), user(2), user(3))]
        await follow(world, chat, [pretty(one) for one in script])
        assert plainly(await steps_of(world)) == [("instruction", "question 2"), ("instruction", "question 3")]
        assert (await told_of(world))["rewound"] == 0


async def test_a_session_that_is_over_stays_so_while_its_document_is_torn(tmp_path, chat):
    """Started again, nobody waits for it; once the document is deleted, nobody is told any more that it is left."""
    async with house(tmp_path) as world:
        await follow(world, chat, [pretty(LAST)])
        write(chat, pretty(LAST)[:-20])
        await follow(world, chat, [])
        assert (await told_of(world))["left"] == {NOT_WHOLE: 1}
        world.restart(-1)
        await tail(world, chat, Script(chat, [])).run()  # it would be killed where it waits
        chat.unlink()
        await tail(world, chat, Script(chat, [])).run()
        assert (await told_of(world))["left"] == {}


async def test_a_document_torn_when_following_begins_is_none_of_ours(tmp_path, chat):
    """Once it can be read, all that is there then counts as there before."""
    async with house(tmp_path) as world:
        write(chat, pretty(document(user(1)))[:-5])
        await world.journal.place([Checkpoint(KEYED, 0, 0, {}, place(chat, KEY, {}, skip=False, now=1.0))])
        first, second = document(user(1), model(1)), document(user(1), model(1), user(2))
        await follow(world, chat, [pretty(first), pretty(second)])
        assert plainly(await steps_of(world)) == [("instruction", "question 2")]


async def test_lines_of_a_newer_cli_repeat_nothing_of_the_document(tmp_path, chat):
    """A real one: 0.61 resumed a chat of 0.32.1 and copied it into lines; only what was said since is new."""
    copied = (VERSIONS / "gemini-0.61.0/continues/transcript.jsonl").read_bytes()
    async with house(tmp_path) as world:
        await follow(world, chat, [pretty(LAST)])
        first = len(await steps_of(world))
        info = SourceInfo(
            KEYED.removesuffix(".json"), "transcript", "t", "gemini", dialect="transcript", conversation="ee19bd56"
        )
        await feed(world, info, copied, 5, ending=Ending(idle=True))
        assert plainly((await steps_of(world))[first:]) == [
            ("instruction", "go on"),
            ("resolution", "After the update."),
        ]
    async with house(tmp_path / "alone") as world:
        await feed(world, info, copied, 5, ending=Ending(idle=True))
        assert len(await steps_of(world)) == first + 2, "without the document, the lines have all of it"


@pytest.mark.parametrize("ended", [True, False])
async def test_a_run_that_was_cut_off_gives_no_answer(tmp_path, ended):
    """Killed in a tool, the file holds the text before it and no call: the run's output tells that it did not end."""
    grown = states("gemini-0.32.1", "killed")[3]
    async with house(tmp_path) as world:

        class Shelf:
            async def find(self, *_):
                return True

            def wake_all(self):
                pass

        world.finder, world.now = Shelf(), 1_795_190_330.0
        world.restart()
        conversation = grown["sessionId"]
        run = SourceInfo("stream:1", "stream", "gemini 1", "gemini", started=1_795_190_316.0)
        output = [
            {"type": "init", "session_id": conversation},
            {"type": "message", "role": "assistant", "content": "x"},
        ]
        output += [{"type": "result", "status": "success"}] if ended else [{"type": "tool_use", "tool_id": "1"}]
        data = b"".join(json.dumps(one).encode() + b"\n" for one in output)
        await feed(world, run, data, 10, ending=Ending(exit_code=0) if ended else Ending(signal=9))
        info = SourceInfo("transcript:t", "transcript", "t", "gemini", "transcript", conversation=conversation[:8])
        await feed(world, info, b"".join(line + b"\n" for line in lines(pretty(grown))), 10)
        await world.recorder.record(Batch(info, [], {}, world.runs.ending(info)))
        last = (await steps_of(world))[-1]
        assert last["content"] == "Running a slow command."
        assert (last["type"], last.get("channel")) == (("resolution", None) if ended else ("thought", "message"))
        assert (await world.outcomes())[-1]["status"] == ("SUCCESS" if ended else "KILLED")


async def test_folders_follow_documents_as_they_are_replaced(tmp_path, chat):
    """The watcher sees rewrites in place and by rename; what was there at the start is left; silence closes a session."""
    async with house(tmp_path) as world:
        old = chat.with_name("session-2026-11-20T13-00-00000001.json")
        write(old, pretty(document(user(1), model(1))))

        async def positions(prefix):
            found = await world.journal.positions(prefix)
            return [Position(one.source, one.offset, one.hint, one.skip, rested=not is_open) for one, is_open in found]

        async def put(places):
            await world.journal.place([Checkpoint(one.key, one.offset, one.offset, {}, one.hint) for one in places])

        def source(idle: float) -> TranscriptFolders:
            return TranscriptFolders(
                [Home("gemini", tmp_path / ".gemini/tmp")],
                sink=world.recorder.record,
                lookup=world.recorder.lookup,
                books=Books(positions, put),
                key=KEY,
                idle_seconds=idle,
            )

        for round_, idle in ((1, 3_600.0), (2, 0.3)):
            world.restart()
            folders = source(idle)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(folders.run)
                await soon(lambda folders=folders: folders.ready)
                for number in range(3):
                    shown = [one for n in range(3 * (round_ - 1) + number + 1) for one in (user(n), model(n))]
                    fresh = chat.with_name("fresh.tmp")
                    write(fresh if number == 1 else chat, pretty(document(*shown)))
                    if number == 1:
                        fresh.replace(chat)
                    asked = 3 * (round_ - 1) + number + 1

                    async def there(asked=asked):
                        found = plainly(await steps_of(world))
                        return sum(kind == "instruction" for kind, _ in found) == asked

                    with anyio.fail_after(60):
                        while not await there():
                            await anyio.sleep(0.02)
                if round_ == 2:
                    with anyio.fail_after(60):
                        while not all(closed for _, closed, _ in await world.sessions()):
                            await anyio.sleep(0.02)
                tasks.cancel_scope.cancel()
        steps = plainly(await steps_of(world))
        assert steps == [
            one for n in range(6) for one in (("instruction", f"question {n}"), ("resolution", f"answer {n}"))
        ]
        assert folders.followed == 0


def test_a_long_document_is_held_as_its_bytes(tmp_path):
    """Reading 20 MB takes less than two and a half times that: messages are read one by one, never all as objects."""
    body = json.dumps({"id": "x" * 36, "type": "gemini", "content": "y" * 500, "thoughts": [{"n": 1}] * 20}, indent=2)
    message = body.replace("\n", "\n    ")
    data = ('{\n  "sessionId": "s",\n  "messages": [\n    ' + ",\n    ".join([message] * 15_000) + "\n  ]\n}").encode()
    path = tmp_path / f"{STEM}.json"
    path.write_bytes(data)
    assert len(Chat(data).parts) == 15_000
    assert list(Chat(data).lines())[1:] == [json.dumps(json.loads(body), separators=(",", ":")).encode()] * 15_000
    del message
    tracemalloc.start()
    documents.Reader(path, KEY).read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * len(data), peak / len(data)


def test_of_too_many_messages_few_are_held(tmp_path):
    """A million messages of a byte each: the reading ends at the limit, whatever the rest is."""
    data = b'{\n  "sessionId": "s",\n  "messages": [' + b",".join([b"\n    {1\n    }"] * 1_000_000) + b"\n  ]\n}"
    path = tmp_path / f"{STEM}.json"
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(documents.DocumentError, match=TOO_LONG):
        documents.Reader(path, KEY).read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * len(data), peak / len(data)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"sessionId":"s","messages":[{"id":"1","type":"user","content":"a"}]}',
        b'{\n  "sessionId": "s",\n  "messages": []\n}',
        b'{\n  "sessionId": "s",\n  "messages": [\n    {},\n    {\n      "id": "1"\n    }\n  ]\n}',
        b'{\n  "sessionId": "s",\n  "messages": [\n    1,\n    {\n      "id": "1"\n    }\n  ]\n}',
        b'{\n  "messages": [\n    {\n      "a": [\n        {}\n      ]\n    }\n  ],\n  "sessionId": "s"\n}\n',
        b'{\n  "sessionId": "s",\n  "messages": [\n    {\n      "c": "\\n    }\\n  ]"\n    }\n  ],\n  "messages2": []\n}',
    ],
)
def test_however_it_is_printed_a_document_gives_the_same_lines(odd):
    """Cut where the print shows its messages, or read as a whole: the same; every message has an id."""
    value = json.loads(odd)
    found = [json.loads(line) for line in lines(odd)]
    assert found[0] == {name: member for name, member in value.items() if name != "messages"}
    assert [one if isinstance(one, int) else {k: v for k, v in one.items() if k != "id"} for one in found[1:]] == [
        one if isinstance(one, int) else {k: v for k, v in one.items() if k != "id"} for one in value["messages"]
    ]
    assert all(isinstance(one, int) or one["id"] for one in found[1:])
    for cut in range(1, len(odd.rstrip()) - 1):
        with pytest.raises(ValueError, match=r"."):
            list(Chat(odd[:cut]).lines())
