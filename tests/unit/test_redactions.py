"""The redaction ledger: every replacement has a row that points at its placeholder, and never at its value."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from itertools import count

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.registry import make
from parsers.step import Step, StepType
from sidecar.capture.session import CaptureSession
from sidecar.redaction import MAX_LISTED, Found, place
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.second import LABELS, Choices
from sidecar.store import Checkpoint, Commit, Database, Journal, Outbox, SessionState
from sidecar.store.redactions import read_redactions
from sidecar.wire.envelope import Identity, encode_step

KEY = b"k" * 32
MAIL = "jane.doe@corp-mail.com"
SECRET = "hunter2x9!"


def resolve(value, pointer):
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def text_at(wire, entry):
    if entry.in_key:
        return entry.pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")
    return resolve(wire, entry.pointer)


def session(scrubber):
    ids = count(1)
    return CaptureSession(
        identity=Identity("sess_a", "claude-code", "m", "a", "solo", "0" * 32, "1"),
        parser=make("claude-code", "stream"),
        scrub=scrubber.scrub,
        scrub_json=scrubber.json,
        new_id=lambda: f"env_{next(ids)}",
        redactions=lambda: scrubber.counts,
        found=lambda: scrubber.found,
    )


def line(kind, *blocks):
    return orjson.dumps({"type": kind, "message": {"role": kind, "content": list(blocks), "model": "claude-opus-4-7"}})


def test_every_entry_points_at_its_placeholder():
    """Values, keys, list items and members known by their name: pointer, start and length find the placeholder."""
    scrubber = Scrubber(choices=Choices(key=KEY))
    step = Step(
        StepType.ACTION,
        content=f"to {MAIL}, then {MAIL}",
        arguments={"a/b~c": [{"x": MAIL}, f"é {MAIL}"], MAIL: 1, "password": SECRET},
        extra={"k": f"漢 {MAIL}"},
    )
    body = encode_step(1, scrubber.scrub(step), 1.0)
    wire = orjson.loads(body)
    entries = place(scrubber.found, wire)
    assert len(entries) == 7
    for entry in entries:
        found = text_at(wire, entry)[entry.start : entry.start + entry.length]
        assert found == LABELS[entry.category]
    assert {entry.rule for entry in entries} == {"email", "secret-member"}
    assert len({entry.hash for entry in entries if entry.category == "EMAIL"}) == 1
    assert MAIL not in repr(entries)
    assert SECRET not in repr(entries)


def test_the_hash_is_keyed():
    """The same value has the same hash under one key, another under another, and none without."""
    hashes = []
    for key in (KEY, KEY, b"x" * 32, b""):
        scrubber = Scrubber(choices=Choices(key=key))
        scrubber.scrub(Step(StepType.THOUGHT, content=MAIL))
        hashes.append(scrubber.found[0].hash)
    assert hashes[0] == hashes[1] != hashes[2]
    assert len(hashes[0]) == 16
    assert hashes[3] == ""


def test_a_step_without_a_replacement_has_no_entry():
    """`found` is that of the last step alone; plain texts and values outside of a step are not noted."""
    scrubber = Scrubber(choices=Choices(key=KEY))
    scrubber.scrub(Step(StepType.THOUGHT, content=MAIL))
    scrubber.scrub(Step(StepType.THOUGHT, content="clean"))
    scrubber.text(MAIL)
    scrubber.json({"a": MAIL})
    assert scrubber.found == []


def test_a_name_met_late_is_noted_once():
    """A step that is scrubbed twice, because it taught a name, has each replacement once."""
    scrubber = Scrubber(choices=Choices(key=KEY))
    out = scrubber.scrub(Step(StepType.ACTION, content="zelda did it", arguments={"path": "/home/zelda/x"}))
    assert out.content == "[USER] did it"
    assert [(one.path, one.rule) for one in scrubber.found] == [
        (("content",), "learned-user"),
        (("arguments", "path"), "home-unix"),
    ]
    assert scrubber.counts["USER_PATH"] == 2


def test_more_than_can_be_listed_is_counted():
    """A step with thousands of addresses lists MAX_LISTED and counts the rest."""
    scrubber = Scrubber(choices=Choices(key=KEY))
    many = " ".join(f"u{n}@corp-mail.com" for n in range(MAX_LISTED + 50))
    scrubber.scrub(Step(StepType.OBSERVATION, content=many))
    assert (len(scrubber.found), scrubber.unlisted) == (MAX_LISTED, 50)
    assert scrubber.counts["EMAIL"] == MAX_LISTED + 50


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(st.sampled_from(["plain é", MAIL, f"{MAIL} x {MAIL}", "", "\U0001f600"]), min_size=1, max_size=400),
)
def test_entries_survive_the_cut_of_an_output(lines):
    """After an observation is cut to head and tail, an entry finds its placeholder or says that it was cut away."""
    scrubber = Scrubber(engine="re", choices=Choices(key=KEY))
    capture = session(scrubber)
    capture.receive(line("assistant", {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "x"}}), 1.0)
    result = {"type": "tool_result", "tool_use_id": "t", "content": "\n".join(lines), "is_error": False}
    steps = capture.receive(line("user", result), 2.0).steps
    text = "\n".join(lines)
    for numbered in steps:
        wire = orjson.loads(numbered.body)
        placed = [entry for entry in numbered.redactions if entry.start is not None]
        for entry in placed:
            assert text_at(wire, entry)[entry.start :].startswith("[EMAIL]")
        assert len({entry.start for entry in placed}) == len(placed) == wire["content"].count("[EMAIL]")
        assert len(numbered.redactions) == text.count(MAIL)


def test_a_pointer_to_what_was_reduced_away_has_no_start():
    """Arguments that had to be cut: an entry of a member that is gone says so."""
    found = [Found(("arguments", "gone"), False, "[EMAIL]", 0, 7, "EMAIL", "email", "")]
    assert place(found, {"arguments": {"…[cut]": 3}})[0].start is None


def rows(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM redactions").fetchone()[0]


async def capture_into(database, scrubber, *, sealed):
    capture = session(scrubber)
    steps, envelopes = [], []
    for number in range(3):
        received = capture.receive(line("assistant", {"type": "text", "text": f"{number} {MAIL}"}), 1.0)
        steps += received.steps
        envelopes += received.sealed
    tool = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": f"mail {MAIL}"}}
    received = capture.receive(line("assistant", tool), 1.0)
    steps += received.steps
    if sealed:
        envelopes += capture.flush(2.0).sealed
    state = SessionState("sess_a", "log", "l", "claude-code", "m", capture.snapshot())
    await Journal(database).commit(Commit(Checkpoint("log", 5, 5, {}), state, steps, envelopes, {"lines": 4}))
    return steps


async def test_entries_are_rows_of_the_same_transaction(tmp_path):
    """What the steps carry is what the table holds, in order, and the file has no value in any byte."""
    path = tmp_path / "state" / "spool.db"
    scrubber = Scrubber(choices=Choices(key=KEY))
    async with Database.open(path) as database:
        steps = await capture_into(database, scrubber, sealed=True)
        expected = [(step.number, entry) for step in steps for entry in step.redactions]
        assert len(expected) == 4
        assert await database.run(lambda db: list(read_redactions(db, 1, 1, 4))) == expected
    assert all(MAIL.encode() not in file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.parametrize("way", ["revoke", "parked", "reject", "corpus"])
async def test_entries_go_with_their_steps(tmp_path, way):
    """Revocation, a drop of what is parked, a rejection and the deletion of delivered steps take the entries along."""
    path = tmp_path / "state" / "spool.db"
    async with Database.open(path) as database:
        await capture_into(database, Scrubber(choices=Choices(key=KEY)), sealed=True)
        journal, outbox = Journal(database), Outbox(database)
        assert await database.run(lambda db: db.execute("SELECT count(*) FROM redactions").fetchone()[0]) == 4
        if way == "revoke":
            await journal.revoke()
        elif way == "parked":
            await database.run(lambda db: db.execute("UPDATE envelopes SET parked = 1"))
            await outbox.drop()
        elif way == "reject":
            await outbox.set_policy("always")
            held = await database.run(lambda db: db.execute("SELECT envelope_id FROM envelopes").fetchall())
            assert await outbox.reject([one for (one,) in held]) == 1
        else:
            from sidecar.store.revocation import delete_steps

            await database.run(lambda db: delete_steps(db, 0, 1 << 40))
    assert rows(path) == 0


def test_clean_text_pays_nothing_for_the_ledger():
    """A clean text takes as long while entries are noted as without, within noise."""
    scrubber = Scrubber(choices=Choices(key=KEY))
    text = "The function returns early when the list is empty.\n" * 40
    took = {False: [], True: []}
    for turn in range(1, 601):
        scrubber._noting = bool(turn % 2)
        start = time.process_time()
        for _ in range(20):
            scrubber.text(text)
        took[scrubber._noting].append(time.process_time() - start)
        # The least of each is compared; a noisy machine takes longer until both have had a quiet moment.
        if turn % 60 == 0 and min(took[True]) < min(took[False]) * 1.2:
            break
    assert min(took[True]) < min(took[False]) * 1.2
