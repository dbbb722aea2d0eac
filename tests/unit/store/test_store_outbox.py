"""Invariant: envelopes leave in the order they were sealed, and only a verdict, a person or a revocation removes one."""

from __future__ import annotations

import pytest
from store_make import ACCEPTED, SECRET, chunk, close, commit, feedback, rejected, retry, step, steps

from sidecar.store.corpus import Corpus, corpus_bytes, iterate_steps, list_sessions, outcomes
from sidecar.wire.http import Outcome, Verdict

NOW = 2_000.0


async def fill(journal, session="a", chunks=3):
    """A session of `chunks` chunks of two steps, and its close."""
    for n in range(chunks):
        await journal.commit(
            commit(
                f"sess_{session}", steps(2 * n + 1, 2 * n + 2), [chunk(session, 2 * n + 1, 2 * n + 2)], source=session
            )
        )
    await journal.commit(commit(f"sess_{session}", [], [close(session)], source=session))


async def take(outbox, now=NOW, **more):
    """A claim that must be there."""
    claim = await outbox.claim(now, **more)
    assert claim is not None
    return claim


async def test_a_session_goes_out_in_order_and_ends_delivered(journal, outbox):
    """Numbers 0, 1, 2, 3 in the order of sealing; afterwards nothing is queued and every step is delivered."""
    await fill(journal)
    first = await take(outbox)
    assert first.wire_id is None
    await outbox.opened("sess_a", "wire_1", SECRET, NOW)
    sent = []
    while (claim := await outbox.claim(NOW)) is not None:
        assert (claim.wire_id, claim.secret) == ("wire_1", SECRET)
        sent.append((claim.sequence, claim.kind.value, claim.first_step))
        assert await outbox.settle(claim, ACCEPTED, NOW)
    assert sent == [(0, "chunk", 1), (1, "chunk", 3), (2, "chunk", 5), (3, "close", None)]
    counts = await outbox.counts(NOW)
    assert counts["queued"] == 0
    assert counts["sent"] == {"chunk": 3, "close": 1, "feedback": 0}
    assert counts["steps"]["delivered"] == 6
    assert counts["sessions"] == {"open": 0, "closed": 1, "delivered": 1}


async def test_the_body_is_head_steps_and_tail(journal, outbox):
    """The unsigned bytes carry the wire's session id and the journaled steps, byte for byte."""
    await journal.commit(commit("sess_a", [step(1, "x"), step(2, "y")], [chunk("a", 1, 2, "n")]))
    claim = await take(outbox)
    assert claim.body("wire_9") == (
        b'{"session_id":"wire_9","note":"n","trajectory_log":[{"step":1,"content":"x"},{"step":2,"content":"y"}]}'
    )


async def test_a_waiting_head_holds_its_session_and_no_other(journal, outbox):
    """RETRY makes the whole session wait until its time; another session goes on; `next_due` names the time."""
    await fill(journal, "a")
    await fill(journal, "b")
    for session in "ab":
        await outbox.opened(f"sess_{session}", f"wire_{session}", SECRET, NOW)
    claim = await take(outbox)
    assert claim.session_id == "sess_a"
    await outbox.settle(claim, retry(30.0), NOW)
    assert (await take(outbox)).session_id == "sess_b"
    assert await outbox.claim(NOW, exclude=["sess_b"]) is None
    assert await outbox.next_due(NOW, exclude=["sess_b"]) == NOW + 30.0
    assert await outbox.next_due(NOW) == NOW
    again = await take(outbox, NOW + 30.0, exclude=["sess_b"])
    assert (again.envelope_id, again.attempts, again.sequence) == (claim.envelope_id, 1, 0)
    assert (await outbox.counts(NOW))["waiting_reasons"] == {"slow": 1}


async def test_a_parked_envelope_lets_later_ones_pass(journal, outbox):
    """REJECTED parks with its reason; the number moves only if the server has used it."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), rejected("too old"), NOW)
    second = await take(outbox)
    assert (second.first_step, second.sequence) == (3, 0)
    await outbox.settle(second, rejected("bad schema", spent=True), NOW)
    assert (await take(outbox)).sequence == 1
    parked = await outbox.parked()
    assert [(item.first_step, item.reason, item.attempts) for item in parked] == [
        (1, "too old", 1),
        (3, "bad schema", 1),
    ]
    counts = await outbox.counts(NOW)
    assert (counts["parked"], counts["parked_reasons"]) == (2, {"too old": 1, "bad schema": 1})


async def test_retry_and_drop_of_parked(journal, outbox, database):
    """`retry` queues an envelope again in its old place; `drop` destroys it with its steps, counted as intended."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    for _ in range(2):
        await outbox.settle(await take(outbox), rejected("no"), NOW)
    first, second = [item.envelope_id for item in await outbox.parked()]
    assert await outbox.retry(first) == 1
    assert (await take(outbox)).envelope_id == first
    assert await outbox.drop("env_unknown") == 0
    assert await outbox.drop(second) == 1
    assert await outbox.drop() == 0
    left = await database.run(lambda connection: connection.execute("SELECT key & 1023 FROM steps").fetchall())
    assert left == [(1,), (2,), (5,), (6,)]
    ledger = await journal.ledger()
    assert (ledger["drop.user.steps"], ledger["drop.user.envelopes"]) == (2, 1)
    assert (await outbox.counts(NOW))["steps"]["destroyed"] == 2


async def test_a_named_number_is_used_next(journal, outbox):
    """`expected` of any verdict is where the session goes on."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), retry(0.0, expected=7), NOW)
    claim = await take(outbox)
    assert (claim.sequence, claim.maybe_sent) == (7, False)
    await outbox.settle(claim, Verdict(Outcome.ACCEPTED, expected=9), NOW)
    assert (await take(outbox)).sequence == 9


async def test_feedback_spends_no_number_unless_the_verdict_says_so(journal, outbox):
    """An accepted feedback leaves the number where it was."""
    await journal.commit(commit("sess_a", [], [feedback("a", 1), feedback("a", 2), feedback("a", 3)]))
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), ACCEPTED, NOW)
    second = await take(outbox)
    assert second.sequence == 0
    await outbox.settle(second, Verdict(Outcome.ACCEPTED, sequence_spent=True), NOW)
    assert (await take(outbox)).sequence == 1


async def test_a_lost_session_is_opened_anew(journal, outbox):
    """`session_lost` forgets wire id, secret and number; the envelope keeps its place and its attempts."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), ACCEPTED, NOW)
    claim = await take(outbox)
    await outbox.settle(claim, Verdict(Outcome.RETRY, "unknown session", session_lost=True), NOW)
    again = await take(outbox)
    assert (again.envelope_id, again.wire_id, again.secret, again.sequence) == (claim.envelope_id, None, None, 0)
    assert (await journal.ledger())["session_lost"] == 1


async def test_an_attempt_without_an_outcome_is_remembered(journal, outbox):
    """Handed out and never settled, or settled as unknown: the next claim says that it may have been sent."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), ACCEPTED, NOW)
    assert not (await take(outbox)).maybe_sent
    claim = await take(outbox)
    assert claim.maybe_sent
    await outbox.settle(claim, retry(0.0), NOW)
    assert (await take(outbox)).maybe_sent
    await outbox.settle(claim, Verdict(Outcome.ACCEPTED, expected=2, duplicate=True), NOW)
    fresh = await take(outbox)
    assert (fresh.sequence, fresh.maybe_sent) == (2, False)
    await outbox.settle(fresh, retry(0.0), NOW)
    assert not (await take(outbox)).maybe_sent


async def test_a_crash_right_after_opening_counts_as_maybe_sent(journal, outbox):
    """Who opens may send at once with the claim at hand, so the next claim at number 0 says maybe."""
    await fill(journal)
    claim = await take(outbox)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    assert (await take(outbox)).maybe_sent
    await outbox.settle(claim, ACCEPTED, NOW)
    assert (await take(outbox)).sequence == 1


async def test_doubt_lasts_until_a_clean_receipt(journal, outbox):
    """A server that used a number up without storing stays doubtful until it accepts something anew."""
    await fill(journal)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), Verdict(Outcome.RETRY, "full", sequence_spent=True, doubt=True), NOW)
    claim = await take(outbox)
    assert (claim.sequence, claim.doubtful, claim.maybe_sent) == (1, True, False)
    await outbox.settle(claim, ACCEPTED, NOW)
    assert not (await take(outbox)).doubtful


async def test_opening_waits_and_may_be_refused(journal, outbox):
    """A failed open makes the session wait; a refused one parks what is queued; `retry` clears both."""
    await fill(journal, chunks=1)
    assert await outbox.open_failed("sess_a", retry(60.0), NOW)
    assert await outbox.claim(NOW + 59.0) is None
    assert await outbox.next_due(NOW) == NOW + 60.0
    claim = await take(outbox, NOW + 60.0)
    assert (claim.open_attempts, claim.attempts) == (1, 0)
    assert await outbox.open_failed("sess_a", rejected("contributor banned"), NOW)
    assert (await outbox.counts(NOW))["parked_reasons"] == {"open: contributor banned": 2}
    assert await outbox.next_due(NOW) is None
    assert await outbox.retry() == 2
    assert (await take(outbox)).first_step == 1


async def test_what_is_gone_is_settled_by_nobody(journal, outbox):
    """A verdict that comes after a revocation changes nothing, and says so."""
    await fill(journal)
    claim = await take(outbox)
    await journal.revoke()
    assert not await outbox.settle(claim, ACCEPTED, NOW)
    assert not await outbox.opened("sess_a", "wire", SECRET, NOW)
    assert not await outbox.open_failed("sess_a", retry(1.0), NOW)
    assert (await outbox.counts(NOW))["steps"]["delivered"] == 0


async def test_a_chunk_whose_steps_are_missing_is_parked_not_sent(journal, outbox, database):
    """Half a chunk never travels: it is parked with its reason and the next one goes."""
    await fill(journal)
    await database.run(lambda connection: connection.execute("DELETE FROM steps WHERE key & 1023 = 2"))
    assert (await take(outbox)).first_step == 3
    assert [item.reason for item in await outbox.parked()] == ["steps are missing from the journal"]


async def test_foreign_reasons_are_cut_and_storable(journal, outbox):
    """A long reason with a lone surrogate is kept in part, as text."""
    await fill(journal, chunks=1)
    await outbox.settle(await take(outbox), rejected("\ud800" + "x" * 5_000), NOW)
    reason = (await outbox.parked())[0].reason
    assert len(reason) == 300
    assert reason.startswith("?x")


async def test_ten_thousand_queued_envelopes_are_claimed_by_index(journal, outbox, database):
    """The next envelope is found without reading the queue: SQLite's own count of steps stays small."""
    for session in range(20):
        name = f"{session:02d}"
        sealed = [chunk(name, n, n) for n in range(1, 501)]
        await journal.commit(commit(f"sess_{name}", steps(1, 500), sealed, source=name))
    busy = [f"sess_{session:02d}" for session in range(19)]
    ticks = 0

    def watched(connection):
        nonlocal ticks

        def tick() -> int:
            nonlocal ticks
            ticks += 1
            return 0

        connection.set_progress_handler(tick, 100)

    await database.run(watched)
    claim = await take(outbox, exclude=busy)
    await database.run(lambda connection: connection.set_progress_handler(None, 0))
    assert claim.session_id == "sess_19"
    assert ticks * 100 < 20_000


async def test_the_corpus_is_what_was_delivered(journal, outbox, database):
    """Only steps with a receipt are listed, in order; pruning forgets the oldest first and leaves the queue alone."""
    await fill(journal, "a")
    await fill(journal, "b")
    for session in "ab":
        await outbox.opened(f"sess_{session}", f"wire_{session}", SECRET, NOW)
    for offset in range(5):
        await outbox.settle(await take(outbox, NOW + offset), ACCEPTED, NOW + offset)
    listed = await database.run(list_sessions)
    assert [(item.session_id, item.steps, item.complete) for item in listed] == [
        ("sess_b", 2, False),
        ("sess_a", 6, True),
    ]
    found = await database.run(lambda connection: list(iterate_steps(connection)))
    assert [(item.session_id, item.number) for item in found] == [
        *[("sess_a", n) for n in range(1, 7)],
        ("sess_b", 1),
        ("sess_b", 2),
    ]
    assert await database.run(lambda connection: outcomes(connection, "sess_a")) == [("close", b'"outcome":{}')]
    size = len(found[0].body)
    assert await database.run(corpus_bytes) == 8 * size
    assert await Corpus(database).prune(5 * size) == 4
    assert await Corpus(database).prune(5 * size) == 0
    kept = await database.run(lambda connection: [(s.session_id, s.number) for s in iterate_steps(connection)])
    assert kept == [("sess_a", 5), ("sess_a", 6), ("sess_b", 1), ("sess_b", 2)]
    claim = await take(outbox, NOW + 9)
    assert claim.steps == tuple(item.body for item in steps(3, 4))


async def test_deleting_from_the_corpus_leaves_the_queue(journal, outbox, database):
    """Of a session that is half sent, deleting forgets the delivered half and its outcome; the rest is still sent."""
    await fill(journal, "a")
    await fill(journal, "b")
    for session in "ab":
        await outbox.opened(f"sess_{session}", f"wire_{session}", SECRET, NOW)
    for _ in range(5):
        await outbox.settle(await take(outbox), ACCEPTED, NOW)
    assert await Corpus(database).delete("sess_b") == 2
    assert await Corpus(database).delete() == 6
    assert await Corpus(database).delete() == 0
    assert await database.run(lambda connection: list(iterate_steps(connection))) == []
    assert await database.run(list_sessions) == []
    assert await database.run(lambda connection: outcomes(connection, "sess_a")) == []
    assert (await take(outbox)).steps == tuple(item.body for item in steps(3, 4))


@pytest.mark.parametrize("bound", [0, 1, 10**9])
async def test_pruning_ends_at_every_bound(journal, outbox, database, bound):
    """Pruning to nothing removes all that was delivered; to a large bound, nothing."""
    await fill(journal, chunks=1)
    await outbox.opened("sess_a", "wire", SECRET, NOW)
    await outbox.settle(await take(outbox), ACCEPTED, NOW)
    assert await Corpus(database).prune(bound) == (2 if bound < 100 else 0)
