"""review_before_send: nothing is handed out that nobody looked at; what is shown is what will be posted."""

from __future__ import annotations

import orjson
import pytest

from parsers.registry import make
from parsers.step import Step, StepType
from sidecar.capture.framing import Ending
from sidecar.capture.session import CaptureSession
from sidecar.cli.preview_view import listing, marks_of, pieces, render, safe
from sidecar.delivery.courier import as_posted
from sidecar.preview import NO_ID, Sender, previews
from sidecar.redaction import Redaction
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.second import Choices
from sidecar.store import Checkpoint, Commit, Database, Journal, Outbox, SessionState
from sidecar.store.review import ALL, policy_of, read_held, read_waiting
from sidecar.wire.canonical import canonical
from sidecar.wire.envelope import Identity, Numbered, Scrubbed
from sidecar.wire.http import Outcome, Verdict

NOW = 1_000.0
SENDER = Sender("0" * 32, "1.0", "f" * 64)
MAIL = "jane.doe@corp-mail.com"


@pytest.fixture
async def database(tmp_path):
    async with Database.open(tmp_path / "state" / "spool.db") as opened:
        yield opened


class Run:
    """A captured session: one line at a time, committed as the recorder does."""

    def __init__(self, database, name="sess_00000000-0000-4000-8000-000000000000"):
        self.database, self.name, self.made = database, name, 0
        scrubber = Scrubber(engine="re", choices=Choices(key=b"k" * 32))
        self.capture = CaptureSession(
            identity=Identity(name, "claude-code", "", "", "builder", "0" * 32, "1.0"),
            parser=make("claude-code", "stream"),
            scrub=scrubber.scrub,
            scrub_json=scrubber.json,
            new_id=self.new_id,
            found=lambda: scrubber.found,
            redactions=lambda: scrubber.counts,
        )

    def new_id(self):
        self.made += 1
        return f"env_{self.name[-12:]}_{self.made}"

    async def tool(self, text, *, flush=False):
        use = {"type": "tool_use", "id": f"t{self.made}", "name": "Bash", "input": {"command": text}}
        message = {"role": "assistant", "content": [use], "model": "claude-opus-4-7"}
        received = self.capture.receive(orjson.dumps({"type": "assistant", "message": message}), NOW)
        sealed = received.sealed + (self.capture.flush(NOW).sealed if flush else [])
        await self.commit(received.steps, sealed)
        return sealed

    async def end(self):
        received = self.capture.finish(NOW, ending=Ending())
        await self.commit(received.steps, received.sealed, closed=True)

    async def commit(self, steps, sealed, *, closed=False):
        capture = self.capture.snapshot()
        state = SessionState(self.name, self.name, "l", "claude-code", "claude-opus-4-7", capture, closed)
        await Journal(self.database).commit(Commit(Checkpoint(self.name, 1, 1, {}), state, steps, sealed, {}))


async def shown(database, session=None):
    return await database.run(lambda db: list(previews(db, SENDER, NOW, session)))


@pytest.mark.parametrize("policy", ["first", "always"])
async def test_held_envelopes_are_not_due(database, policy):
    """Under either policy nothing is due or claimed before the look; off, it is."""
    outbox = Outbox(database)
    await outbox.set_policy(policy)
    await Run(database).tool(f"mail {MAIL}", flush=True)
    assert await outbox.next_due(NOW) is None
    assert await outbox.claim(NOW) is None
    assert await database.run(read_held) == 1
    await outbox.set_policy("off")
    assert await outbox.claim(NOW) is not None
    assert await database.run(read_held) == 0


async def test_first_needs_one_look_and_survives_a_restart(tmp_path):
    """After the first approval everything goes, after a restart too; a revocation asks for a look again."""
    path = tmp_path / "state" / "spool.db"
    async with Database.open(path) as database:
        outbox = Outbox(database)
        await outbox.set_policy("first")
        run = Run(database)
        await run.tool("one", flush=True)
        assert await outbox.approve([], looked=True) == 0
    async with Database.open(path) as database:
        outbox = Outbox(database)
        await run_on(database, run, "two")
        assert (await outbox.claim(NOW)) is not None
        await Journal(database).revoke()
        assert await database.run(policy_of) == ("first", False)
        await Run(database, "sess_00000000-0000-4000-8000-000000000001").tool("three", flush=True)
        assert await outbox.claim(NOW) is None


async def run_on(database, run, text):
    run.database = database
    await run.tool(text, flush=True)


async def test_always_holds_each_envelope_and_keeps_the_order(database):
    """What was approved goes only when those before it went; a new envelope waits again."""
    outbox = Outbox(database)
    await outbox.set_policy("always")
    run = Run(database)
    (first,) = await run.tool("one", flush=True)
    (second,) = await run.tool("two", flush=True)
    assert await outbox.approve([second.envelope_id]) == 1
    assert await outbox.claim(NOW) is None
    assert await outbox.approve([first.envelope_id, "env_unknown"]) == 1
    for expected in (first, second):
        claim = await outbox.claim(NOW)
        assert claim is not None
        assert claim.envelope_id == expected.envelope_id
        await outbox.settle(claim, Verdict(Outcome.ACCEPTED), NOW)
    await run.tool("three", flush=True)
    assert await outbox.claim(NOW) is None
    assert await outbox.approve([ALL]) == 1
    assert await outbox.claim(NOW) is not None


async def test_a_rejected_envelope_is_destroyed_and_counted(database):
    """Its steps are gone from every byte after the wipe, the count says why, and what follows can go.

    (What an open session must remember, as a call without an answer, goes when it ends.)
    """
    outbox, journal = Outbox(database), Journal(database)
    await outbox.set_policy("always")
    run = Run(database)
    (first,) = await run.tool("secret-plan-42", flush=True)
    (second,) = await run.tool("harmless", flush=True)
    await run.end()
    assert await outbox.reject([first.envelope_id, "env_unknown"]) == 1
    assert await journal.wipe_pending()
    assert await journal.wipe()
    assert all(b"secret-plan-42" not in path.read_bytes() for path in database.path.parent.iterdir())
    ledger = await journal.ledger()
    assert (ledger["drop.rejected.steps"], ledger["drop.rejected.envelopes"]) == (1, 1)
    await outbox.approve([ALL])
    assert await outbox.reject([second.envelope_id]) == 0
    claim = await outbox.claim(NOW)
    assert claim is not None
    assert claim.envelope_id == second.envelope_id


async def test_what_is_shown_is_what_is_posted(database):
    """Once a session is open, the bytes shown of its next envelope are the bytes the courier posts."""
    outbox = Outbox(database)
    run = Run(database)
    await run.tool(f"mail {MAIL}", flush=True)
    await run.tool("two", flush=True)
    before = await shown(database)
    assert "signature and sequence" in before[0].undecided
    await outbox.opened(run.name, "sess_wire", b"s" * 32, NOW)
    one, two = await shown(database)
    assert one.undecided == ()
    claim = await outbox.claim(NOW)
    assert claim is not None
    posted = as_posted(
        claim.body("sess_wire"),
        continues=run.name,
        secret=claim.secret,
        sequence=claim.sequence,
        app_version_hash="f" * 64,
    )
    assert one.body == posted
    assert orjson.loads(two.body)["attestation"]["sequence"] == 1


async def test_what_is_not_sealed_yet_is_shown_as_it_would_be(database):
    """The preview of buffered steps is the chunk a flush would make, but for its id; looking changes nothing."""
    run = Run(database)
    await run.tool(f"mail {MAIL}")
    await run.tool("/home/zelda/x")
    (one,) = await shown(database)
    again = await shown(database, run.name)
    assert [one.body for one in again] == [one.body]
    assert await shown(database, "sess_other") == []
    assert one.waiting.state == "buffered"
    assert [entry.category for _, entry in one.redactions] == ["EMAIL", "USER_PATH"]
    (sealed,) = run.capture.flush(NOW).sealed
    assert one.body.replace(NO_ID.encode(), sealed.envelope_id.encode()).startswith(
        b'{"session_id":"%s",%s' % (run.name.encode(), sealed.head)
    )
    wire = orjson.loads(one.body)
    assert wire["metadata"]["agent_role"] == "builder"
    for number, entry in one.redactions:
        value = wire
        for part in one.pointer(number, entry).split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert value[entry.start : entry.start + entry.length] in {"[EMAIL]", "[USER]"}


async def test_everything_that_waits_is_listed_in_order(database):
    """Queued, then unsealed, then parked."""
    outbox = Outbox(database)
    parked = Run(database, "sess_00000000-0000-4000-8000-00000000000a")
    await parked.tool("x", flush=True)
    claim = await outbox.claim(NOW)
    assert claim is not None
    await outbox.settle(claim, Verdict(Outcome.REJECTED, "no"), NOW)
    run = Run(database)
    await run.tool("one", flush=True)
    await run.tool("two")
    waiting = await database.run(read_waiting)
    assert [one.state for one in waiting] == ["queued", "buffered", "parked"]


VALUE = {
    "a": ["x [EMAIL] é", {"漢[USER]": 1.5}],
    "b": "\x1b[31m\x9b\u202e" + "w" * 200,
    "n": None,
    "s": "\ud800",
    "e": {},
}


def test_without_marks_the_pieces_are_the_canonical_bytes():
    """Nothing of what is sent is changed by the way it is shown."""
    assert "".join(text for text, _ in pieces(VALUE, {})).encode() == canonical(VALUE)


def test_pages_fit_a_terminal_and_highlight_what_was_replaced():
    """80 columns (wide characters count twice), no control character, and the placeholder alone is inverted."""
    marks = marks_of(
        [
            ("/a/0", Redaction("", False, 2, 7, "EMAIL", "email", "")),
            ("/a/1/漢[USER]", Redaction("", True, 1, 6, "USER_PATH", "h", "")),
        ]
    )
    plain = list(render(VALUE, marks, colour=False))
    coloured = list(render(VALUE, marks, colour=True))
    assert max(len(line) for line in plain) <= 80
    assert max(len(line) for line in render({"k": "漢" * 100}, {}, colour=False)) <= 60
    assert not any(character in "".join(plain) for character in "\x1b\x9b\u202e")
    text = "".join(coloured)
    assert "\x1b[7m[EMAIL]\x1b[27m" in text
    assert "\x1b[7m[USER]\x1b[27m" in text
    assert text.count("\x1b[7m") == 2
    assert safe("a\x9bb") == "a\\u009bb"


def test_the_list_fits_too():
    """Long pointers are cut in the middle; no line is wider than 80 columns."""
    entries = [
        (
            3,
            Redaction(
                "/arguments/" + "x" * 300, True, None, 7, "REDACTED_URL", "a-very-long-rule-name-indeed", "ab" * 8
            ),
        )
    ]
    lines = listing(entries)
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80
    assert listing([]) == []


def test_numbered_steps_carry_no_redactions_by_default():
    """Whoever makes steps without a ledger makes rows for none."""
    assert tuple(Numbered(1, Scrubbed(Step(StepType.THOUGHT)), b"{}").redactions) == ()
