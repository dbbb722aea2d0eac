"""Opening, closing, asking: everything but ingest."""

from __future__ import annotations

import pytest
from central_client import INGEST, Client, serving

from sidecar.wire import http
from sidecar.wire.attestation import SessionKey


def test_a_lost_reply_to_an_open_is_harmless(server):
    """The same open again gives the same key until the session is used; then, or with another key, 409."""
    client = Client(server)
    first, second = (server.post("/v1/sessions/open", client.open_body()) for _ in range(2))
    assert first.status == second.status == 200 and first.body == second.body
    other = server.post("/v1/sessions/open", client.open_body(public_key=SessionKey.generate().public_b64))
    assert (other.status, other.body["accepted"]) == (409, False)
    client.open().send(client.chunk())
    assert server.post("/v1/sessions/open", client.open_body()).status == 409
    client.send(client.chunk())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"model": None}, 400),
        ({"model": ""}, 400),
        ({"session_id": 0}, 400),
        ({"public_key": "dGVzdA=="}, 400),
        ({"public_key": "A" * 5_000}, 422),
        ({"public_key": {"a": 1}}, 422),
        ({"session_id": "../../etc"}, 422),
        ({"session_id": "x" * 129}, 422),
        ({"session_id": ["s"]}, 422),
        ({"provider": "grok"}, 422),
        ({"model": "m" * 101}, 422),
        ({"model": "\ud800"}, 422),
        ({"machine_fingerprint": True}, 422),
        ({"app_version_hash": "unknown"}, 422),
    ],
)
def test_an_open_of_the_wrong_shape_is_refused(server, changes, status):
    """Missing members 400, wrong ones 4xx, always as JSON with a reason."""
    answer = server.post("/v1/sessions/open", Client(server).open_body(**changes))
    assert answer.status == status and answer.body["reason"]
    data = str(answer.body).replace("'", '"').replace("False", "false").encode()
    assert http.judge_open(answer.status, "application/json", data).server_public_key is None


def test_closing_by_request_needs_a_proof(client):
    """Without attestation, with a wrong one or with extra members nothing closes; with the right one it does, twice."""
    path, body = "/v1/sessions/close", {"session_id": client.session_id}
    assert client.server.post(path, body).status == 401
    assert client.server.post(path, client.signed({**body, "attestation": {"session_hmac": "0" * 64}})).status == 401
    assert client.server.post(path, client.signed(client.chunk())).status == 422
    assert client.server.post(path, client.signed(body, sequence=3)).status == 409
    assert client.server.post(path, client.signed({"session_id": "sess_nobody"})).status == 404
    assert client.server.held(client.session_id)["state"] == "open"
    client.send(client.chunk())
    assert client.server.post(path, client.signed(body)).body == {"closed": True}
    assert client.server.post(path, client.signed(body)).body == {"closed": True, "already_closed": True}
    held = client.server.held(client.session_id)
    assert (held["state"], held["closed_by"], held["whole"]) == ("closed", "request", False)
    assert client.post(client.close()).status == 410


def test_the_integrity_check_sees_gaps_repeats_and_wrong_totals(server):
    """Steps 1-2, 4-5, 5: one gap, one repeat, totals that do not match; none of it is called whole."""
    client = Client(server).open()
    client.send(client.chunk(2))
    client.steps += 1
    client.send(client.chunk(2))
    client.steps -= 1
    repeated = client.chunk(1)
    client.send(repeated)
    client.send({**client.chunk(1), "envelope_id": repeated["envelope_id"]})
    client.send(client.close(total_steps=99))
    held = server.held(client.session_id)
    assert (held["gaps"], held["duplicates"], held["totals_match"], held["whole"]) == (1, 2, False, False)


def test_statistics_add_up(tmp_path):
    """Summary, days, models and providers count the same envelopes and steps."""
    with serving(tmp_path / "data") as server:
        for _ in range(2):
            client = Client(server).open()
            client.send(client.chunk(3))
            client.send(client.close())
        Client(server).open()
        summary = server.get("/v1/stats/summary").body
        assert (summary["totalSessions"], summary["activeSessions"], summary["totalEnvelopes"]) == (3, 1, 4)
        assert (summary["totalSteps"], summary["uniqueContributors"]) == (6, 1)
        days = server.get("/v1/stats/daily?days=5").body["days"]  # two, if it is midnight now
        (model,) = server.get("/v1/stats/models").body["models"]
        (provider,) = server.get("/v1/stats/providers").body["providers"]
        counted = ("envelopes", "steps", "sessions")
        assert [sum(day[name] for day in days) for name in counted] == [4, 6, 3] and len(days) in {1, 2}
        assert (model["model"], model["envelopes"], model["steps"]) == ("some-new-model-9", 2, 6)
        assert (provider["provider"], provider["steps"]) == ("claude-code", 6)
        assert server.get("/v1/stats/leaderboard").status == 404
        first = server.get("/v1/sessions?limit=2").body
        rest = server.get(f"/v1/sessions?limit=2&after={first['next']}").body
        assert len(first["sessions"]) == 2 and len(rest["sessions"]) == 1 and rest["next"] is None


def test_the_contract_is_readable_by_our_client(server):
    """The sidecar reads the limits and the model policy it was written with."""
    contract = http.parse_contract(server.get("/v1/contract").body)
    assert contract.name == "groove-central" and contract.models is None and contract.strict_feedback
    assert server.get("/health").body["status"] == "ok"


def test_unknown_paths_and_methods_get_json(server):
    """404 and 405 are JSON too."""
    assert server.get("/v1/embed").status == 404
    assert server.get(INGEST).status == 405
    assert server.request("DELETE", "/health").status == 405
    assert server.get("/v1/sessions/%F0%9F%98%80%ff").status == 404


def test_operators_pages_are_for_this_machine_only(tmp_path):
    """A forwarded request or a foreign host name is refused; with a token set, only the token counts."""
    with serving(tmp_path / "data") as server:
        assert server.get("/v1/sessions").status == 200
        assert server.get("/v1/sessions", **{"X-Forwarded-For": "127.0.0.1"}).status == 403
        assert server.get("/v1/sessions", Host="evil.example").status == 403
        assert server.get("/v1/sessions/x", Host="evil.example:80").status == 403
    token = tmp_path / "token"
    token.write_text("correct horse\n")
    token.chmod(0o600)
    with serving(tmp_path / "data", "--operator-token-file", str(token)) as server:
        assert server.get("/v1/sessions").status == 401
        assert server.get("/v1/sessions", Authorization="Bearer wrong").status == 401
        assert server.get("/v1/sessions", Authorization="Bearer correct horse").status == 200


def test_too_many_requests_get_a_time_to_wait(tmp_path):
    """The eleventh request gets 429 with Retry-After; nobody escapes by inventing a header, a proxy's word counts."""
    options = ("--requests-per-minute", "10", "--trusted-proxy", "10.0.0.1")
    with serving(tmp_path / "data", *options) as server:
        statuses = [server.get("/health", **{"X-Forwarded-For": f"1.2.3.{n}"}).status for n in range(11)]
        assert statuses == [200] * 10 + [429]
        refused = server.post(INGEST, b"{}")
        assert refused.status == 429 and refused.body["accepted"] is False
        assert 1 <= int(refused.headers["Retry-After"]) == refused.body["retryAfter"] <= 60
    options = ("--requests-per-minute", "10", "--trusted-proxy", "127.0.0.1")
    with serving(tmp_path / "data", *options) as server:
        spoofed = [server.get("/health", **{"X-Forwarded-For": f"9.9.9.{n}, 1.2.3.4"}).status for n in range(11)]
        assert spoofed == [200] * 10 + [429]
        assert server.get("/health", **{"X-Forwarded-For": "5.6.7.8"}).status == 200


def test_too_many_sessions_of_one_machine_get_a_time_to_wait(tmp_path):
    """Opens are counted per machine, over restarts; a refused or repeated open does not count."""
    with serving(tmp_path / "data", "--opens-per-hour", "2") as server:
        first = Client(server).open()
        assert server.post("/v1/sessions/open", first.open_body()).status == 200
        Client(server).open()
    with serving(tmp_path / "data", "--opens-per-hour", "2") as server:
        refused = server.post("/v1/sessions/open", Client(server).open_body())
        assert refused.status == 429 and int(refused.headers["Retry-After"]) > 3000
        assert server.post("/v1/sessions/open", Client(server).open_body(machine_fingerprint="other")).status == 200


def test_nothing_a_server_keeps_is_open_to_others(server, client):
    """Folder 0700, files 0600, no private key anywhere, no content in the log."""
    client.send(client.chunk())
    client.post(client.chunk(contributor_id="a-secret-of-the-sender"))
    assert server.data.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in server.data.iterdir()} == {0o600}
    assert "a-secret" not in server.log.read_text() and "door=schema" in server.log.read_text()
