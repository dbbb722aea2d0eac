"""Each door of ingest: what it lets through, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from central_client import INGEST, Client, step

from sidecar.wire import http
from sidecar.wire.envelope import EnvelopeKind
from sidecar.wire.limits import BODY_BYTES


def test_a_session_from_open_to_feedback_is_held_whole(client):
    """Three chunks, a close and a feedback: accepted, counted, in order, without gap or repeat."""
    client.send(client.chunk(3))
    client.send(client.chunk(1, trajectory_log=[step(4, "action", tool="Bash", arguments={"10": 1, "2": 2, "ü": 1.0})]))
    client.send(client.chunk(2))
    client.send(client.close())
    client.send(client.feedback(target_step=3))
    held = client.server.held(client.session_id)
    assert (held["state"], held["closed_by"], held["whole"]) == ("closed", "envelope", True)
    assert (held["steps"], held["chunks"], held["feedback"], held["next_sequence"]) == (6, 3, 1, 4)
    assert held["steps_by_type"] == {"thought": 5, "action": 1} and held["redactions"] == {"EMAIL": 6}
    assert (held["gaps"], held["duplicates"], held["totals_match"]) == (0, 0, True)
    assert [e["kind"] for e in held["envelopes"]] == ["chunk", "chunk", "chunk", "close", "feedback"]


def test_a_repeat_of_what_is_stored_is_accepted_and_not_stored_again(client):
    """The same bytes again: 200, accepted, duplicate; also after later envelopes and after the close."""
    bodies = [client.signed(body := client.chunk())]
    client.send(body)
    bodies.append(client.signed(body := client.close()))
    client.send(body)
    bodies.append(client.signed(body := client.feedback()))
    client.send(body)
    for body in bodies * 2:
        answer = client.server.post(INGEST, body)
        assert answer.accepted and answer.body["duplicate"] is True
        verdict = http.judge_ingest(200, "application/json", json.dumps(answer.body).encode(), sequence=0)
        assert verdict.outcome is http.Outcome.ACCEPTED and verdict.duplicate
    assert len(client.server.held(client.session_id)["envelopes"]) == 3


def test_a_repeat_without_envelope_id_is_recognised_by_its_content(client):
    """A client that sends no id gets one made from the content, the same each time."""
    body = client.chunk()
    del body["envelope_id"]
    first, second = client.post(body), client.post(body)
    assert first.accepted and second.body["duplicate"] is True
    assert first.body["envelope_id"] == second.body["envelope_id"]


def test_a_number_that_is_used_or_too_far_is_refused_with_the_expected_one(client):
    """Gap, and another envelope at a used number: 409 with `expected`; nothing changes."""
    gap = client.post(client.chunk(), sequence=1)
    assert (gap.status, gap.body["expected"]) == (409, 0)
    assert gap.body["reason"] == "sequence mismatch: expected 0, got 1"
    client.send(client.chunk())
    used = client.post(client.chunk(), sequence=0)
    assert (used.status, used.body["expected"]) == (409, 1)
    client.send(client.chunk())


def test_whatever_is_altered_after_signing_is_refused(client):
    """Content, number, HMAC, secret, session: 401 each, and the number is still free."""
    body = client.chunk()
    good = client.signed(body)
    other = Client(client.server).open()
    tampered = [
        good.replace(b"step 1", b"step!1"),
        good.replace(b'"sequence":0', b'"sequence":1'),
        good.replace(b'"claude-code"', b'"codex"'),
        good.replace(client.session_id.encode(), other.session_id.encode()),
        client.signed({**body, "attestation": {"session_hmac": "0" * 64}}),
        client.signed({**body, "attestation": {"session_hmac": "OFFLINE"}}),
        client.signed({**body, "attestation": {"session_hmac": ""}}),
        client.signed({**body, "attestation": {"session_hmac": None}}),
        client.signed({**body, "attestation": {"sequence": -1}}),
        client.signed({**body, "attestation": {"sequence": 2**32}}),
        client.signed({**body, "attestation": {"sequence": "0"}}),
        client.signed({**body, "attestation": {"sequence": True}}),
        json.dumps(body).encode(),
        json.dumps({**body, "attestation": []}).encode(),
    ]
    for altered in tampered:
        answer = client.server.post(INGEST, altered)
        assert answer.status == 401, answer
        assert answer.body["accepted"] is False and "expected" not in answer.body
    assert client.server.post(INGEST, good).accepted


def test_other_spellings_of_the_signed_value_are_accepted(client):
    """Whitespace, escapes, float spelling, key order of indices and a byte order mark do not change the value."""
    body = client.chunk(1, trajectory_log=[step(1, arguments={"2": 1, "10": 2, "b": "é"}, token_count=2)])
    text = json.dumps(json.loads(client.signed(body)), indent=2)
    spelled = text.replace('"token_count": 2', '"token_count": 2.0')
    assert client.server.post(INGEST, b"\xef\xbb\xbf" + spelled.encode()).accepted


def test_unknown_and_closed_sessions_are_told_apart(client):
    """404 before any other question, 410 for what comes after the close; feedback is still welcome."""
    stranger = Client(client.server, secret=b"s" * 32)
    for body in (stranger.chunk(), stranger.close(), stranger.feedback()):
        assert stranger.post(body).status == 404
    client.send(client.close())
    for body in (client.chunk(), client.close()):
        answer = client.post(body)
        assert (answer.status, answer.body["reason"]) == (410, "session is closed")
    client.send(client.feedback())


def test_a_schema_refusal_spends_nothing(client):
    """A bad chunk and a bad close get 422 with the sentence; the corrected ones pass at the very same number."""
    bad = client.post(client.chunk(contributor_id="x"))
    assert (bad.status, bad.body["expected"]) == (422, 0)
    assert bad.body["reason"] == "schema validation failed: contributor_id must be a 32-character hex string"
    assert client.post(client.chunk(trajectory_log=[None])).status == 422
    assert client.post(client.chunk(envelope_id="<b>")).status == 422
    client.send(client.chunk())
    assert client.post(client.close(status="SHUTDOWN")).status == 422
    assert client.server.held(client.session_id)["state"] == "open"
    client.send(client.close())


def test_feedback_is_what_it_says_and_nothing_more(client):
    """No steps inside, no unnamed members, one content per id."""
    assert client.post({**client.feedback(), "trajectory_log": [step(1)]}).status == 422
    assert client.post(client.feedback(trajectory_log=[step(1)])).status == 422
    assert client.post(client.feedback(signal="ok")).status == 422
    first = client.feedback()
    client.send(first)
    changed = {**first, "feedback": {**first["feedback"], "signal": "rejected"}}
    assert client.post(changed).status == 409
    assert client.server.held(client.session_id)["feedback"] == 1


def test_the_two_hundredth_chunk_is_the_last(client):
    """201 chunks: the last one gets 422 with the known sentence, the close still passes at that number."""
    for _ in range(200):
        client.send(client.chunk(1))
    refused = client.post(client.chunk(1))
    assert refused.status == 422 and refused.body["reason"] == "session envelope limit exceeded (max 200)"
    client.send(client.close())
    assert client.server.held(client.session_id)["whole"] is True


def test_the_body_limit_is_inclusive_and_holds_after_decompression(client):
    """5,242,880 bytes pass, one more gets 413, plain or compressed, and a bomb is never unpacked."""
    exact = client.chunk(1)
    spare = BODY_BYTES - len(client.signed({**exact, "pad": ""}))
    over = client.signed({**exact, "pad": "x" * (spare + 1)})
    assert len(over) == BODY_BYTES + 1
    packed = {"Content-Encoding": "gzip"}
    assert client.server.post(INGEST, over).status == 413
    assert client.server.request("POST", INGEST, gzip.compress(over, 1), packed).status == 413
    bomb = zlib.compressobj(6, wbits=31)
    data = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(100)) + bomb.flush()
    assert client.server.request("POST", INGEST, data, packed).status == 413
    assert client.server.post(INGEST, bytes(12 << 20)).status == 413
    full = client.signed({**exact, "pad": "x" * spare})
    assert client.server.request("POST", INGEST, gzip.compress(full, 1), packed).accepted
    assert client.server.post(INGEST, full).body["duplicate"] is True


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Content-Type": "Application/JSON"}, 200),
        ({"Content-Type": "text/json"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "gzip"}, 400),
        ({"Content-Encoding": "identity"}, 200),
    ],
)
def test_headers_say_how_a_body_is_to_be_read(client, headers, status):
    """Types, charsets and codings we do not read get 415, a lie about the coding 400."""
    assert client.server.request("POST", INGEST, client.signed(client.chunk()), headers).status == status


@pytest.mark.parametrize("cut", [1, -1, -9])
def test_a_torn_compressed_body_is_refused(client, cut):
    """Half a gzip stream, or one with a tail, is corrupt."""
    data = gzip.compress(client.signed(client.chunk()))
    torn = data[:cut] if cut < 0 else data + b"x"
    assert client.server.request("POST", INGEST, torn, {"Content-Encoding": "gzip"}).status == 400


def test_deflate_and_chunked_bodies_are_read(client):
    """Deflate coding and transfer chunks of any size work like a plain body."""
    data = zlib.compress(client.signed(client.chunk()))
    assert client.server.request("POST", INGEST, data, {"Content-Encoding": "deflate"}).accepted
    client.sequence = 1
    whole = client.signed(client.chunk())
    pieces = iter([whole[:1], whole[1:7], whole[7:]])
    client.server._connection.request("POST", INGEST, pieces, {"Content-Type": "application/json"}, encode_chunked=True)
    assert client.server._connection.getresponse().read().startswith(b'{"accepted":true')


def test_our_own_client_reads_every_refusal_as_meant(client):
    """The sidecar's judge keeps, parks or resends as the server means it, with the number the server wants."""

    def judged(answer, sequence, kind=EnvelopeKind.CHUNK):
        data = json.dumps(answer.body).encode()
        return http.judge_ingest(answer.status, "application/json", data, sequence=sequence, kind=kind)

    gap = judged(client.post(client.chunk(), sequence=4), 4)
    assert (gap.outcome, gap.expected) == (http.Outcome.RETRY, 0)
    bad = judged(client.post(client.chunk(contributor_id="x")), 0)
    assert (bad.outcome, bad.sequence_spent) == (http.Outcome.REJECTED, False)
    lost = judged(Client(client.server, secret=b"s" * 32).post(client.chunk(session_id="sess_nobody")), 0)
    assert lost.session_lost
    client.send(client.chunk())
    again = judged(client.post(client.chunk(), sequence=0), 0)
    assert (again.outcome, again.expected) == (http.Outcome.RETRY, 1)
