"""The recorded facts of the reference server, one by one."""

from __future__ import annotations

import base64
import hashlib

import pytest
from wire_vectors import NOW, load, probe

from sidecar.wire.attestation import SessionKey, sign, verify
from sidecar.wire.canonical import canonical, parse_js
from sidecar.wire.schema import violations

PREFIX = "schema validation failed: "
ECDH = load("ecdh")


def test_every_canonical_case_is_spelled_as_javascript_does():
    """All 2057 recorded texts come out byte for byte as node prints them."""
    cases = load("canonical_json")["cases"]
    wrong = [c["i"][:60] for c in cases if canonical(parse_js(_utf8(c["i"]))) != _utf8(c["o"])]
    assert len(cases) == 2057
    assert wrong == []


def test_every_text_json_parse_refuses_is_refused():
    """The 37 recorded texts that are not JSON raise ValueError."""
    rejects = load("canonical_json")["rejects"]
    assert len(rejects) == 37
    for text in rejects:
        with pytest.raises(ValueError):
            parse_js(_utf8(text["i"]))


def test_every_hmac_vector_signs_the_same():
    """Received text -> signed string -> HMAC equals the recorded one for all 46 vectors."""
    vectors = load("hmac")["vectors"]
    assert len(vectors) == 46
    for vector in vectors:
        body = parse_js(_utf8(vector["received_json"]))
        body.pop("attestation", None)
        unsigned = canonical(body)
        secret = base64.b64decode(vector["shared_secret_b64"])
        assert unsigned == _utf8(vector["signed_string"]), vector["note"]
        assert hashlib.sha256(unsigned).hexdigest() == vector["signed_utf8_sha256"]
        assert sign(secret, vector["sequence"], unsigned) == vector["session_hmac"], vector["note"]
        assert verify(secret, vector["sequence"], unsigned, vector["session_hmac"])
        assert not verify(secret, vector["sequence"] ^ 1, unsigned, vector["session_hmac"])
        assert not verify(secret, vector["sequence"], unsigned + b" ", vector["session_hmac"])
        assert not verify(secret, vector["sequence"], unsigned, vector["session_hmac"].upper())


@pytest.mark.parametrize("pair", ECDH["pairs"], ids=lambda pair: pair["note"][:30])
def test_both_sides_of_every_key_pair_agree(pair):
    """Public keys and the 32-byte secret, leading zeros kept, equal the recorded ones from either side."""
    client = SessionKey.from_private(bytes.fromhex(pair["client_private_hex"]))
    server = SessionKey.from_private(base64.b64decode(pair["server_private_b64"]))
    assert client.private_bytes.hex() == pair["client_private_hex"]
    assert (client.public_b64, server.public_b64) == (pair["client_public_b64"], pair["server_public_b64"])
    assert client.derive(server.public_b64).hex() == server.derive(client.public_b64).hex() == pair["shared_secret_hex"]
    assert len(client.derive(server.public_b64)) == pair["shared_secret_len"] == 32


@pytest.mark.parametrize("row", ECDH["other_public_key_encodings_accepted_by_reference"])
def test_other_spellings_of_a_public_key_are_judged_as_the_reference_does(row):
    """Compressed, hybrid, base64url and unpadded points give the same secret; what it refuses raises ValueError."""
    twin = next(p for p in ECDH["pairs"] if p["note"] == "pseudo-random 0")
    keys = [SessionKey.from_private(bytes.fromhex(p["server_private_hex"])) for p in [twin, *ECDH["pairs"]]]
    if row["shared_secret_hex"].startswith("ERROR"):
        with pytest.raises(ValueError):
            keys[0].derive(row["value"])
    else:
        standard = ECDH["other_public_key_encodings_accepted_by_reference"][0]["value"]
        assert [k.derive(row["value"]) for k in keys] == [k.derive(standard) for k in keys]
        assert row["shared_secret_hex"] in {k.derive(row["value"]).hex() for k in _all_keys()}


def test_every_schema_probe_gets_the_servers_verdict_and_sentence():
    """296 single-member probes: same verdict and the same words as the reference server."""
    rows = load("schema_limits")["rows"]
    assert len(rows) == 296
    for row in rows:
        found = violations(probe(row), NOW)
        said = PREFIX + ", ".join(found) if found else ""
        assert said == row["reason"], (row["kind"], row["path"], row["value"])
        assert (not found) is row["accepted"]


def _all_keys():
    for pair in ECDH["pairs"]:
        for name in ("client_private_hex", "server_private_hex"):
            yield SessionKey.from_private(bytes.fromhex(pair[name]))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
