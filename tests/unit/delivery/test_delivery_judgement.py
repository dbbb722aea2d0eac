"""What replies mean: one table for both dialects, and what must hold for every reply."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.wire.attestation import SessionKey
from sidecar.wire.envelope import EnvelopeKind
from sidecar.wire.http import (
    LIMITER_AFTER,
    MAX_AFTER,
    MAX_REASON,
    MISPLACED_AFTER,
    OPEN_LIMIT_AFTER,
    Outcome,
    Verdict,
    clean_reason,
    describe_contract,
    judge_close,
    judge_contract,
    judge_ingest,
    judge_open,
    parse_contract,
)
from sidecar.wire.limits import REFERENCE, Contract

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html><pre>SqliteError: UNIQUE constraint failed<br> at x.js:1</pre>"
N = 7
CAP = "session envelope limit exceeded (max 200)"
A, RT, RJ = Outcome.ACCEPTED, Outcome.RETRY, Outcome.REJECTED
CLOSE, CHUNK, FEEDBACK = EnvelopeKind.CLOSE, EnvelopeKind.CHUNK, EnvelopeKind.FEEDBACK


def no(reason, **more):
    """The JSON of a refusal."""
    return json.dumps({"accepted": False, "reason": reason, **more}).encode()


def mismatch(expected, got=N):
    return f"sequence mismatch: expected {expected}, got {got}"


# status, content type, body, what the sender knows, outcome, what else the verdict says
TABLE = {
    # receipts
    "accepted": (200, JSON, b'{"accepted":true,"envelope_id":"env_1"}', {}, A, {"duplicate": False}),
    "accepted again": (200, JSON, b'{"accepted":true,"duplicate":true}', {}, A, {"duplicate": True}),
    "accepted, says next": (200, JSON, b'{"accepted":true,"expected":8}', {}, A, {"expected": 8}),
    "accepted in another case": (200, "Application/JSON", b'{"accepted":true}', {}, A, {}),
    # what looks like a receipt and is none
    "accepted as html": (200, HTML, b'{"accepted":true}', {}, RT, {"unknown": True}),
    "accepted as text": (200, "text/json", b'{"accepted":true}', {}, RT, {"unknown": True}),
    "accepted: 1": (200, JSON, b'{"accepted":1}', {}, RT, {"unknown": True}),
    "accepted: 'true'": (200, JSON, b'{"accepted":"true"}', {}, RT, {"unknown": True}),
    "accepted in a list": (200, JSON, b'[{"accepted":true}]', {}, RT, {"unknown": True}),
    "accepted with 202": (202, JSON, b'{"accepted":true}', {}, RT, {"unknown": True}),
    "accepted with 500": (500, JSON, b'{"accepted":true}', {}, RT, {"unknown": True}),
    "accepted with 302": (302, JSON, b'{"accepted":true}', {}, RT, {"unknown": True}),
    "html 200": (200, HTML, PAGE, {}, RT, {"unknown": True, "everyone": True}),
    "empty 200": (200, JSON, b"", {}, RT, {"unknown": True}),
    "truncated 200": (200, JSON, b'{"accepted":tr', {}, RT, {"unknown": True}),
    "no verdict": (200, JSON, b"{}", {}, RT, {"unknown": True}),
    "204": (204, "", b"", {}, RT, {"unknown": True}),
    # sequence, reference dialect
    "used up by us": (200, JSON, no(mismatch(N + 1)), {}, A, {"duplicate": True, "expected": N + 1}),
    "used up, never sent": (
        200,
        JSON,
        no(mismatch(N + 1)),
        {"maybe_sent": False},
        RT,
        {"expected": N + 1, "after": 0.0},
    ),
    "used up in doubt": (200, JSON, no(mismatch(N + 1)), {"doubtful": True}, RJ, {"expected": N + 1}),
    "ahead": (200, JSON, no(mismatch(N + 2)), {}, RT, {"expected": N + 2, "after": 0.0}),
    "behind": (200, JSON, no(mismatch(3)), {}, RT, {"expected": 3, "after": 0.0}),
    "same number": (200, JSON, no(mismatch(N)), {}, RT, {"expected": None}),
    "another's number": (200, JSON, no(mismatch(N + 1, got=N - 3)), {}, RT, {"expected": None}),
    "no numbers": (200, JSON, no("sequence mismatch"), {}, RT, {"expected": None}),
    "beyond the range": (200, JSON, no(mismatch(1_000_002)), {}, RT, {"expected": None}),
    "absurd": (200, JSON, no(mismatch(10**40)), {}, RT, {"expected": None}),
    # sequence, our dialect: duplicates are named, so a mismatch never is one
    "409 next": (409, JSON, no(mismatch(N + 1), expected=N + 1), {}, RT, {"expected": N + 1, "after": 0.0}),
    "409 own words": (409, JSON, no("another number", expected=3), {}, RT, {"expected": 3, "after": 0.0}),
    # sessions
    "unknown (close)": (200, JSON, no("unknown session_id"), {"kind": CLOSE}, RT, {"session_lost": True}),
    "unknown (404)": (404, JSON, no("unknown session_id"), {}, RT, {"session_lost": True}),
    "full or unknown": (429, JSON, no(CAP), {}, RT, {"session_lost": True, "probe": True, "everyone": False}),
    "closed (chunk)": (200, JSON, no("session is closed"), {}, RJ, {"sequence_spent": False}),
    "closed (410)": (410, JSON, no("session is closed"), {}, RJ, {}),
    "our own close": (200, JSON, no("session already closed"), {"kind": CLOSE}, A, {"duplicate": True}),
    "our own close (410)": (410, JSON, no("already closed"), {"kind": CLOSE}, A, {"duplicate": True}),
    "somebody's close": (200, JSON, no("session already closed"), {"kind": CLOSE, "maybe_sent": False}, RJ, {}),
    "close in doubt": (200, JSON, no("session already closed"), {"kind": CLOSE, "doubtful": True}, RJ, {}),
    # refusals
    "schema": (200, JSON, no("schema validation failed: contributor_id"), {}, RJ, {"sequence_spent": True}),
    "schema names hmac": (
        200,
        JSON,
        no("schema validation failed: session_hmac closed"),
        {},
        RJ,
        {"sequence_spent": True, "session_lost": False},
    ),
    "schema (422)": (422, JSON, no("schema validation failed: x"), {}, RJ, {"sequence_spent": False}),
    "schema (422, expected)": (422, JSON, no("bad", expected=N), {}, RJ, {"sequence_spent": False, "expected": N}),
    "hmac": (200, JSON, no("HMAC verification failed"), {}, RJ, {"session_lost": True, "sequence_spent": False}),
    "hmac empty": (200, JSON, no("empty or missing HMAC"), {}, RJ, {"session_lost": True}),
    "hmac (401)": (401, JSON, no("bad signature"), {}, RJ, {"session_lost": True}),
    "words unknown": (200, JSON, no("not today"), {}, RJ, {"sequence_spent": True}),
    "malformed": (
        400,
        JSON,
        no("malformed request: missing envelope or session_id"),
        {},
        RJ,
        {"sequence_spent": False},
    ),
    "malformed html": (400, HTML, PAGE, {}, RJ, {"sequence_spent": False}),
    "too large": (413, HTML, PAGE, {}, RJ, {"sequence_spent": False}),
    "too large json": (413, JSON, no("too large"), {}, RJ, {"sequence_spent": False}),
    "media type": (415, HTML, PAGE, {}, RJ, {"sequence_spent": False}),
    # limits and trouble of the server
    "limiter": (
        429,
        JSON,
        b'{"error":"Too Many Requests","retryAfter":41}',
        {},
        RT,
        {"after": 41.0, "asked": True, "everyone": True, "unknown": False},
    ),
    "limiter, hours": (429, JSON, b'{"error":"Too Many Requests","retryAfter":99999}', {}, RT, {"after": MAX_AFTER}),
    "limiter, nonsense": (
        429,
        JSON,
        b'{"error":"Too Many Requests","retryAfter":"soon"}',
        {},
        RT,
        {"after": LIMITER_AFTER},
    ),
    "limiter, nan": (429, JSON, b'{"error":"Too Many Requests","retryAfter":NaN}', {}, RT, {"after": LIMITER_AFTER}),
    "limiter, negative": (429, JSON, b'{"error":"x","retryAfter":-5}', {}, RT, {"after": LIMITER_AFTER}),
    "429 header": (429, HTML, PAGE, {"retry_after": "17"}, RT, {"after": 17.0, "asked": True}),
    "429 date": (429, HTML, PAGE, {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, RT, {"after": LIMITER_AFTER}),
    "429 of ours": (429, JSON, no("slow down", retryAfter=3), {}, RT, {"after": 3.0}),
    "507 chunk": (
        507,
        JSON,
        no("storage quota exceeded"),
        {},
        RT,
        {"sequence_spent": True, "doubt": True, "unknown": False},
    ),
    "507 close": (
        507,
        JSON,
        no("storage quota exceeded"),
        {"kind": CLOSE},
        RJ,
        {"sequence_spent": True, "doubt": True},
    ),
    "507 feedback": (507, JSON, no("storage quota exceeded"), {"kind": FEEDBACK}, RT, {"sequence_spent": False}),
    "507 of ours": (
        507,
        JSON,
        no("disk full", expected=N),
        {"kind": CLOSE},
        RT,
        {"sequence_spent": False, "expected": N, "doubt": False},
    ),
    "507 of ours, early": (
        507,
        JSON,
        no("full", hint="later", retryAfter=60),
        {"kind": CLOSE},
        RT,
        {"sequence_spent": False, "after": 60.0, "doubt": False},
    ),
    "full (ours)": (422, JSON, no(CAP, expected=N), {}, RT, {"session_lost": True, "probe": False}),
    "507 html": (507, HTML, PAGE, {}, RT, {"unknown": True, "doubt": True}),
    "500 html": (500, HTML, PAGE, {}, RT, {"unknown": True}),
    "502 html": (502, HTML, PAGE, {}, RT, {"unknown": True, "everyone": True}),
    "503 header": (503, HTML, PAGE, {"retry_after": "9"}, RT, {"after": 9.0}),
    "503 of ours": (503, JSON, no("busy"), {}, RT, {"unknown": False, "everyone": True}),
    "408": (408, HTML, PAGE, {}, RT, {"unknown": True}),
    # somebody else answers
    "redirect": (302, HTML, PAGE, {}, RT, {"after": MISPLACED_AFTER, "everyone": True}),
    "404 html": (404, HTML, PAGE, {}, RT, {"session_lost": False, "after": MISPLACED_AFTER}),
    "401 html": (401, HTML, PAGE, {}, RT, {"session_lost": False, "after": MISPLACED_AFTER}),
    "407 proxy": (407, HTML, PAGE, {}, RT, {"after": MISPLACED_AFTER}),
}


@pytest.mark.parametrize("case", TABLE)
def test_table(case):
    """Each known reply of either dialect has the verdict written down for it."""
    status, content_type, body, known, outcome, more = TABLE[case]
    verdict = judge_ingest(status, content_type, body, sequence=N, **known)
    assert verdict.outcome is outcome, verdict
    assert {name: getattr(verdict, name) for name in more} == more
    assert verdict.outcome is A or verdict.reason


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["accepted", "reason", "expected", "retryAfter", "error"]) | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
bodies = st.binary(max_size=60) | any_json.map(lambda value: json.dumps(value).encode())
replies = st.tuples(st.integers(100, 599), st.sampled_from([JSON, HTML, "", "application/json"]), bodies)


@given(replies, st.booleans(), st.booleans(), st.sampled_from(EnvelopeKind), st.none() | st.text(max_size=10))
def test_nothing_is_taken_for_delivered(reply, maybe_sent, doubtful, kind, retry_after):
    """Whatever comes back, ACCEPTED needs `accepted: true` in JSON with 200 (other inferences need the known texts)."""
    status, content_type, body = reply
    verdict = judge_ingest(
        status,
        content_type,
        body,
        sequence=N,
        kind=kind,
        maybe_sent=maybe_sent,
        doubtful=doubtful,
        retry_after=retry_after,
    )
    assert isinstance(verdict, Verdict)
    assert len(verdict.reason) <= MAX_REASON and verdict.reason.isprintable()
    assert verdict.after is None or 0 <= verdict.after <= MAX_AFTER
    if verdict.outcome is A and not verdict.duplicate:
        assert status == 200 and json.loads(body)["accepted"] is True


@given(st.integers(0, 12), st.integers(0, 12), st.booleans(), st.booleans())
def test_mismatch_means_delivered_only_one_ahead_of_ours(expected, got, maybe_sent, doubtful):
    """`expected E, got G` is a delivery exactly if G is ours, E is the next, we may have sent it and nothing casts doubt."""
    verdict = judge_ingest(200, JSON, no(mismatch(expected, got)), sequence=N, maybe_sent=maybe_sent, doubtful=doubtful)
    delivered = got == N and expected == N + 1 and maybe_sent and not doubtful
    assert (verdict.outcome is A) == delivered


@given(st.text(max_size=2000))
def test_reasons_are_harmless(text):
    """A server's words are cut to 200 printable characters, so they cannot drive a terminal."""
    reason = clean_reason(text)
    assert len(reason) <= MAX_REASON and reason.isprintable()


KEY = SessionKey.generate().public_b64


@pytest.mark.parametrize(
    ("status", "content_type", "body", "opened", "outcome", "more"),
    [
        (200, JSON, json.dumps({"server_public_key": KEY}).encode(), True, A, {}),
        (200, JSON, b'{"server_public_key":"short"}', False, RT, {"unknown": True}),
        (200, JSON, json.dumps({"server_public_key": KEY[:-2] + "!="}).encode(), False, RT, {"unknown": True}),
        (200, JSON, json.dumps({"server_public_key": "A" * 88}).encode(), False, RT, {"unknown": True}),
        (200, JSON, b'{"server_public_key":', False, RT, {"unknown": True}),
        (200, HTML, PAGE, False, RT, {"unknown": True, "everyone": True}),
        (
            400,
            JSON,
            b'{"error":"missing required fields","required":[]}',
            False,
            RJ,
            {"reason": "missing required fields"},
        ),
        (
            429,
            JSON,
            b'{"error":"rate limited: too many sessions from this machine"}',
            False,
            RT,
            {"after": OPEN_LIMIT_AFTER, "everyone": False},
        ),
        (
            429,
            JSON,
            b'{"error":"Too Many Requests","retryAfter":60}',
            False,
            RT,
            {"after": 60.0, "everyone": True, "asked": True},
        ),
        (500, HTML, PAGE, False, RT, {"everyone": True}),
        (503, HTML, PAGE, False, RT, {}),
        (409, JSON, no("session_id belongs to another key"), False, RT, {"everyone": False, "after": None}),
        (422, JSON, no("invalid model"), False, RJ, {"reason": "invalid model"}),
        (404, HTML, PAGE, False, RT, {"after": MISPLACED_AFTER}),
        (301, HTML, PAGE, False, RT, {"after": MISPLACED_AFTER}),
    ],
)
def test_open_replies(status, content_type, body, opened, outcome, more):
    """An open counts only with a well-formed key; every other reply says to try again with a new id, or why not."""
    reply = judge_open(status, content_type, body)
    assert (reply.server_public_key is not None) == opened
    assert reply.verdict.outcome is outcome
    assert {name: getattr(reply.verdict, name) for name in more} == more


def test_close_reply():
    """Only `closed: true` says that a session is closed."""
    assert judge_close(200, JSON, b'{"closed":true,"already_closed":true}')
    assert not judge_close(200, HTML, b'{"closed":true}')
    assert not judge_close(404, JSON, b'{"error":"unknown session_id"}')


def test_contract_of_a_server_without_one():
    """404 is the reference server."""
    assert judge_contract(404, HTML, PAGE).contract == REFERENCE


@pytest.mark.parametrize(
    "contract", [REFERENCE, Contract(name="ours", models=None, body_bytes=2**23, strict_feedback=True)]
)
def test_contract_round_trip(contract):
    """What a server describes is what the client reads."""
    assert parse_contract(json.loads(json.dumps(describe_contract(contract)))) == contract


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (200, HTML, PAGE),
        (200, JSON, b"[]"),
        (200, JSON, b'{"models":"all"}'),
        (200, JSON, b'{"body_bytes":-1}'),
        (200, JSON, b'{"body_bytes":true}'),
        (200, JSON, b'{"step_types":[1]}'),
        (200, JSON, b'{"max_age_seconds":NaN}'),
        (502, HTML, PAGE),
        (429, JSON, b'{"error":"Too Many Requests","retryAfter":5}'),
        (302, HTML, PAGE),
    ],
)
def test_unusable_contract(status, content_type, body):
    """A reply that is no contract is none; the client asks again later."""
    reply = judge_contract(status, content_type, body)
    assert reply.contract is None and reply.verdict.outcome is RT


@given(any_json)
def test_contract_never_raises(value):
    """Any JSON object either is a contract within bounds or is refused."""
    contract = parse_contract(value) if isinstance(value, dict) else None
    assert contract is None or 0 < contract.body_bytes <= 2**31
