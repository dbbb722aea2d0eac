"""The simulator answers every recorded conversation as the reference server did."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import re
from pathlib import Path

import httpx2
import pytest

from sidecar.wire.attestation import SessionKey
from sidecar.wire.canonical import canonical
from tests.patience import PATIENCE
from tests.simulator.faults import Fault, Kind
from tests.simulator.server import Simulator

RECORDED = Path(__file__).resolve().parents[2] / "data" / "conversations" / "reference.json"
CONVERSATIONS = {c["name"]: c for c in json.loads(RECORDED.read_text())["transcripts"]}
NOW = 1_795_164_032.0
VOLATILE = ("envelope_id", "server_public_key", "uptime", "totalPointsAwarded", "storageSizeMb")


def post_body(request):
    """The recorded bytes; a large body was recorded by its length alone and is made anew."""
    return request["body"].encode() if isinstance(request.get("body"), str) else None


def signed(conversation, body, sequence):
    """The same envelope at another number, signed with the recorded secret."""
    envelope = {name: value for name, value in body.items() if name != "attestation"}
    secret = bytes.fromhex(conversation["shared_secret_hex"])
    proper = hmac.new(secret, sequence.to_bytes(4, "big") + canonical(envelope), hashlib.sha256).hexdigest()
    envelope["attestation"] = {**body["attestation"], "session_hmac": proper, "sequence": sequence}
    return canonical(envelope)


def sized(conversation, template, sequence, length):
    """A chunk of exactly `length` bytes."""
    body = json.loads(template)
    pad = length - len(signed(conversation, {**body, "pad": ""}, sequence))
    return signed(conversation, {**body, "pad": "x" * pad}, sequence)


def comparable(content_type, body):
    """What must be the same: JSON but for ids and times, or the name of the error on an HTML page."""
    if content_type.startswith("application/json"):
        value = json.loads(body)
        return {name: item for name, item in value.items() if name not in VOLATILE}
    found = re.search(r"<pre>(\w+)", body)
    return found[1] if found else ""


class Replay:
    """Posts one recorded conversation, with what the record leaves out in between."""

    def __init__(self, conversation, simulator, http):
        self.conversation, self.simulator, self.http = conversation, simulator, http

    async def send(self, request, body):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            reply = await self.http.request(
                request["method"], self.simulator.url + request["path"], content=body, headers=headers
            )
        except httpx2.TransportError:
            return None, "", ""
        return reply.status_code, reply.headers.get("content-type", ""), reply.text

    async def step(self, step):
        note = step["note"]
        if "request" not in step:
            await self.between(note)
            return
        request = step["request"]
        body = post_body(request)
        await self.before(note, request, body)
        if "body_len" in request:
            accepted = self.conversation["steps"][1]["request"]["body_prefix"]
            session_id = re.search(r'"session_id":"([^"]+)"', accepted)[1]
            body = sized(self.conversation, template_of(session_id), len(self.simulator.stored), request["body_len"])
        status, content_type, text = await self.send(request, body)
        recorded = step["response"]
        assert status == recorded["status"], (note, text)
        if recorded["status"] is not None:
            assert content_type == recorded["content_type"], note
            assert comparable(content_type, text) == comparable(recorded["content_type"], recorded["body"]), note

    async def between(self, note):
        if "data directory removed" in note:
            self.simulator.stop()
            self.simulator.wipe()
            await self.simulator.start()
        elif "started" in note:
            self.simulator.stop()
            await self.simulator.start()
        else:
            raise AssertionError(note)

    async def before(self, note, request, body):
        """What the record says happened but does not show."""
        if note in ("open 20", "request 100"):
            for i in range(18 if note == "open 20" else 98):
                sent = body and canonical({**json.loads(body), "session_id": f"sess_more_{i}"})
                assert (await self.send(request, sent))[0] == 200
        if note.startswith("chunk number 200"):
            for sequence in range(2, 200):
                assert (await self.send(request, signed(self.conversation, json.loads(body), sequence)))[0] == 200


def template_of(session_id):
    """A valid chunk to be filled up."""
    chunk = json.loads(CONVERSATIONS["happy_path"]["steps"][1]["request"]["body"])
    return json.dumps({**chunk, "session_id": session_id})


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_recorded_conversation(name):
    """Each recorded request gets the recorded status, media type and reason, and the sequence ends where it did."""
    conversation = CONVERSATIONS[name]
    opened = [json.loads(s["request"]["body"]) for s in conversation["steps"] if s["note"] == "open"]
    secrets = {o["session_id"]: bytes.fromhex(conversation["shared_secret_hex"]) for o in opened}
    limited = name == "per_ip_limit"
    async with (
        Simulator(clock=lambda: NOW, secrets=secrets, limited=limited) as simulator,
        httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http,
    ):
        replay = Replay(conversation, simulator, http)
        for step in conversation["steps"]:
            await replay.step(step)
        for member in ("expected_sequence_after_all", "expected_sequence_after_restart"):
            if member in conversation:
                assert simulator.disk.sessions[opened[0]["session_id"]].expected == conversation[member]


async def test_real_key_agreement():
    """Without a preset secret the HMAC key is the ECDH of the two public keys, and a gzipped body is taken."""
    conversation = CONVERSATIONS["happy_path"]
    request = json.loads(conversation["steps"][0]["request"]["body"])
    chunk = json.loads(conversation["steps"][1]["request"]["body"])
    key = SessionKey.generate()
    async with Simulator(clock=lambda: NOW) as simulator, httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        reply = await http.post(f"{simulator.url}/v1/sessions/open/", json={**request, "public_key": key.public_b64})
        secret = key.derive(reply.json()["server_public_key"])
        body = gzip.compress(signed({"shared_secret_hex": secret.hex()}, chunk, 0))
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        reply = await http.post(f"{simulator.url}/v1/Training/ingest", content=body, headers=headers)
        assert reply.json()["accepted"] is True
        assert [item.sequence for item in simulator.stored] == [0]


@pytest.mark.parametrize("kind", [Kind.LOST_AFTER, Kind.CRASH_AFTER, Kind.RESET_MID_REPLY])
async def test_fault_after_processing(kind):
    """A reply that is lost after processing leaves the request done."""
    request = json.loads(CONVERSATIONS["happy_path"]["steps"][0]["request"]["body"])
    async with Simulator(clock=lambda: NOW) as simulator, httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        simulator.faults.append(Fault(kind))
        with pytest.raises(httpx2.TransportError):
            await http.post(f"{simulator.url}/v1/sessions/open", json=request)
        assert request["session_id"] in simulator.disk.sessions
