"""Invariant: any sequence of commits, claims, verdicts and revocations leaves the spool equal to a model in plain lists."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_make import SECRET, chunk, close, feedback, rejected, retry, state, steps

from sidecar.store import Checkpoint, Commit, Database, Journal, Outbox
from sidecar.store.database import integrity
from sidecar.wire.envelope import EnvelopeKind
from sidecar.wire.http import Outcome, Verdict

NAMES = ("a", "b", "c")
VERDICTS = (
    Verdict(Outcome.ACCEPTED),
    Verdict(Outcome.ACCEPTED, expected=5, duplicate=True),
    retry(0.0),
    retry(40.0),
    retry(0.0, unknown=True),
    retry(0.0, expected=3),
    rejected("no"),
    rejected("spent", spent=True),
    Verdict(Outcome.RETRY, "gone", session_lost=True),
    Verdict(Outcome.REJECTED, "hmac", session_lost=True),
)

session = st.sampled_from(NAMES)
action = st.one_of(
    st.tuples(st.just("steps"), session, st.integers(0, 4)),
    st.tuples(st.just("seal"), session, st.integers(0, 2)),
    st.tuples(st.just("close"), session, st.booleans()),
    st.tuples(st.just("feedback"), session, st.just(0)),
    st.tuples(st.just("send"), st.frozensets(session, max_size=2), st.sampled_from(VERDICTS)),
    st.tuples(st.just("wait"), st.just("a"), st.integers(1, 50)),
    st.tuples(st.just("retry"), st.just("a"), st.just(0)),
    st.tuples(st.just("drop"), st.just("a"), st.just(0)),
    st.tuples(st.just("revoke"), st.just("a"), st.just(0)),
    st.tuples(st.just("reopen"), st.just("a"), st.just(0)),
)


@dataclass
class Envelope:
    """One envelope of the model."""

    id: str
    kind: str
    steps: int
    parked: bool = False
    not_before: float = 0.0


@dataclass
class Session:
    """One session of the model."""

    name: str
    journaled: int = 0
    sealed: int = 0
    delivered: int = 0
    destroyed: int = 0
    closed: bool = False
    close_sent: bool = False
    receipts: int = 0
    made: int = 0
    wire: str | None = None
    sequence: int = 0
    queue: list[Envelope] = field(default_factory=list)


class Model:
    """The spool as plain lists, oldest session first."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.offsets: dict[str, tuple[int, bool]] = {}
        self.now = 1_000.0
        self.wires = 0
        self.generation = 0

    def session(self, name: str) -> Session:
        """The session of that name, made where needed."""
        name = f"{name}{self.generation}"
        for found in self.sessions:
            if found.name == name:
                return found
        self.sessions.append(Session(name))
        return self.sessions[-1]

    def head(self, exclude: set[str]) -> tuple[Session, Envelope] | None:
        """What `claim` must answer."""
        for found in self.sessions:
            waiting = [item for item in found.queue if not item.parked]
            if waiting and f"sess_{found.name}" not in exclude and waiting[0].not_before <= self.now:
                return found, waiting[0]
        return None

    def settle(self, owner: Session, item: Envelope, verdict: Verdict) -> None:
        """What a verdict does."""
        accepted = verdict.outcome is Outcome.ACCEPTED
        if accepted:
            owner.queue.remove(item)
            owner.delivered += item.steps
            owner.receipts += 1
            owner.close_sent |= item.kind == "close"
        elif verdict.outcome is Outcome.RETRY:
            item.not_before = self.now + (verdict.after or 0.0)
        else:
            item.parked = True
        if verdict.session_lost:
            owner.wire, owner.sequence = None, 0
        elif verdict.expected is not None:
            owner.sequence = verdict.expected
        elif verdict.sequence_spent or (accepted and item.kind != "feedback"):
            owner.sequence += 1

    def revoke(self) -> None:
        """Nothing unsent is left."""
        self.sessions = [item for item in self.sessions if item.receipts]
        for found in self.sessions:
            found.queue = []
            found.closed = True
            found.sealed = found.journaled
            found.destroyed = found.journaled - found.delivered
        self.offsets = {name: (offset, True) for name, (offset, _) in self.offsets.items()}
        self.generation += 1


async def act(model: Model, journal: Journal, outbox: Outbox, what: str, which, value) -> None:
    """One action on both."""
    if what in {"steps", "seal", "close", "feedback"}:
        await commit_both(model, journal, what, which, value)
    elif what == "send":
        await send_both(model, outbox, {f"sess_{name}{model.generation}" for name in which}, value)
    elif what == "wait":
        model.now += value
    elif what == "retry":
        parked = [item for found in model.sessions for item in found.queue if item.parked]
        for item in parked:
            item.parked, item.not_before = False, 0.0
        assert await outbox.retry() == len(parked)
    elif what == "drop":
        gone = 0
        for found in model.sessions:
            found.destroyed += sum(item.steps for item in found.queue if item.parked)
            gone += sum(item.parked for item in found.queue)
            found.queue = [item for item in found.queue if not item.parked]
        assert await outbox.drop() == gone
    elif what == "revoke":
        unsent = sum(found.journaled - found.delivered - found.destroyed for found in model.sessions)
        answer = await journal.revoke()
        assert (answer["steps"], answer["wiped"]) == (unsent, 1)
        model.revoke()


async def commit_both(model: Model, journal: Journal, what: str, which: str, value) -> None:
    """One commit: `value` steps, sealed if asked for, with the source's checkpoint."""
    found = model.session(which)
    if found.closed and what != "feedback":
        return
    new = value if what == "steps" else 0
    numbered = steps(found.journaled + 1, found.journaled + new)
    found.journaled += new
    sealed = []
    if what in {"seal", "close"} and found.sealed < found.journaled and value < 2:
        sealed.append(chunk(found.name, found.sealed + 1, found.journaled))
        found.queue.append(Envelope(sealed[-1].envelope_id, "chunk", found.journaled - found.sealed))
        found.sealed = found.journaled
    if what == "close":
        sealed.append(close(found.name))
        found.closed = True
        found.queue.append(Envelope(sealed[-1].envelope_id, "close", 0))
    if what == "feedback":
        found.made += 1
        sealed.append(feedback(found.name, found.made))
        found.queue.append(Envelope(sealed[-1].envelope_id, "feedback", 0))
    offset = model.offsets.get(which, (0, False))[0] + new
    model.offsets[which] = (offset, False)
    checkpoint = Checkpoint(which, offset, offset, {"n": offset})
    await journal.commit(Commit(checkpoint, state(f"sess_{found.name}", which), numbered, sealed, {"lines": new}))


async def send_both(model: Model, outbox: Outbox, exclude: set[str], verdict: Verdict) -> None:
    """Claim, open where needed, settle; the claim must be the model's."""
    claim = await outbox.claim(model.now, exclude=exclude)
    expected = model.head(exclude)
    if claim is None or expected is None:
        assert claim is None
        assert expected is None
        return
    owner, item = expected
    assert (claim.session_id, claim.envelope_id, claim.kind) == (f"sess_{owner.name}", item.id, EnvelopeKind(item.kind))
    assert (claim.wire_id, claim.sequence, len(claim.steps)) == (owner.wire, owner.sequence, item.steps)
    if claim.wire_id is None:
        model.wires += 1
        owner.wire = f"wire_{model.wires}"
        await outbox.opened(claim.session_id, owner.wire, SECRET, model.now)
    assert await outbox.settle(claim, verdict, model.now)
    model.settle(owner, item, verdict)


async def compare(model: Model, database: Database, journal: Journal, outbox: Outbox) -> None:
    """Everything one can ask answers what the model says."""
    counts = await outbox.counts(model.now)
    queue = [item for found in model.sessions for item in found.queue]
    assert counts["queued"] == sum(not item.parked for item in queue)
    assert counts["parked"] == sum(item.parked for item in queue) == len(await outbox.parked())
    held = counts["steps"]
    assert held["delivered"] == sum(found.delivered for found in model.sessions)
    assert held["destroyed"] == sum(found.destroyed for found in model.sessions)
    assert held["buffered"] == sum(found.journaled - found.sealed for found in model.sessions)
    assert held["queued"] == sum(item.steps for item in queue if not item.parked)
    parts = ("buffered", "queued", "parked", "delivered", "destroyed")
    assert held["journaled"] == sum(held[part] for part in parts) == sum(f.journaled for f in model.sessions)
    assert counts["sessions"]["delivered"] == sum(found.close_sent for found in model.sessions)
    assert counts["sessions"]["open"] == sum(not found.closed for found in model.sessions)
    assert {item.source: (item.offset, item.skip) for item in await journal.sources()} == model.offsets
    stored = await database.run(lambda connection: connection.execute("SELECT count(*) FROM steps").fetchone()[0])
    assert stored == sum(found.journaled - found.destroyed for found in model.sessions)
    heads = [
        next(i for i in f.queue if not i.parked).not_before
        for f in model.sessions
        if any(not i.parked for i in f.queue)
    ]
    assert await outbox.next_due(model.now) == (max(model.now, min(heads)) if heads else None)


async def play(folder: Path, actions) -> None:
    """Run the actions on a spool and on the model; "reopen" closes and opens the file between."""
    model = Model()
    rest = list(actions)
    while True:
        async with Database.open(folder / "spool.db") as database:
            journal, outbox = Journal(database, clock=lambda: model.now), Outbox(database)
            while rest:
                what, which, value = rest.pop(0)
                if what == "reopen":
                    break
                await act(model, journal, outbox, what, which, value)
                await compare(model, database, journal, outbox)
            else:
                assert await database.run(integrity) == []
                return


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(action, max_size=40))
def test_the_spool_equals_its_model(actions):
    """After every action all counts, claims, checkpoints and stored rows are those of the model."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder) / "state", actions))
