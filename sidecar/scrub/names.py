"""What the name of a value says about it.

Owns: `classify`, `name_before`, the words that make a name harmless or neutral.
Never: looks at a value.
Invariant: a name is classified once per spelling.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sidecar.scrub.vendors import NAMES
from sidecar.scrub.words import split

IDENTIFIER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$-"
BETWEEN: Final = " \t\r\n\"'`\\:=>?!.,<([|{+-@#])"
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.ASCII)
_PASSWORD = re.compile(
    r"(?:password|securestring|passwd|passwort|passphrase|passcode|pwd|contrase|motdepasse|rootpw|(?:user|db|store|key|root|admin|smtp|mail|ftp|wifi|sudo|ldap|bind)pass\b)"
)
_SECRET = re.compile(
    r"(?:secret|token|apikey|accesskey|privatekey|secretkey|authkey|appkey|licensekey|accountkey|masterkey|signingkey|"
    r"encryptionkey|sharedkey|hmackey|clientkey|userkey|consumerkey|apicode|apitoken|credential|accesskeyid|serverkey|"
    r"restkey|ingestkey|writekey|deploykey|sshkey|webhookkey|securitykey|subscriptionkey|functionkey|adminkey|authorization)"
)
_LAST_HARMLESS: Final = split(
    """
    id ids name names type types count counts length len size path paths file files filename dir url uri endpoint format
    policy hash hashes algorithm alg field fields label hint expires expiry expiration ttl age index idx ref version
    limit max min prefix suffix status error errors regex pattern validator input placeholder title text description
    mode style board word words code event events required enabled disabled valid var variable store usage budget
    minutes seconds hours days issuer audience scope scopes source provider manager service handler callback class func
    function method list map set dict pair pairs row column bits rounds cost strength rules rule help message msg
    fingerprint thumbprint checksum digest reset confirm confirmation change changed updated created date time timestamp
    uid uuid guid alias aliases ring rings chain chains keyring keychain holder challenge char alphabet charset
    properties property reference refs space spec arn kid accessor owner host hostname domain region bucket table schema
    kind level role roles group groups username email template templates example examples plugin module options option
    config settings section page link links button icon image color height width position order sequence
    identifier identifiers selector selectors mapping mappings lookup tab tabs comparer comparator serializer store
    stores storage sizes curve usages extension extensions interval timeout timeouts combination exchange agreement
    derivation signature signatures press down up stroke strokes binding bindings frames slot metadata meta report
    tag tags node nodes attribute attributes at within after before since until worker workers binder binders fault
    faults exception exceptions used remaining total per chars characters generator factory builder parser encoder
    decoder stream estimate estimator
    """
)
_NEUTRAL_LAST: Final = split(
    """
    prod production dev devel development stage staging test testing tests live sandbox qa uat demo beta value val
    values str string raw text plain b64 base64 hex encoded encrypted bytes data new old current previous next primary
    secondary default env main master db database api app user admin client server service local remote global public
    private internal external here input output param parameter arg argument header cookie 1 2 3 one two three a b c
    """
)
"""What may follow the word that says secret, without taking it back; after any other word only random text counts."""
_ANY_HARMLESS: Final = split(
    """
    public primary foreign sort cache partition hashed keyboard monkey hotkey shortcut keyword keywords author authors
    authority authentic monkeypatch tokenizer tokenize tokenized keyframes passed passing passes bypass compass passport
    passenger passive keystone turkey donkey hockey jockey whiskey idempotency translation dictionary
    ssrf
    """
)
_CURSORS: Final = ("nexttoken", "pagetoken", "continuationtoken", "cursortoken", "synctoken", "starttoken", "cacheauth")


def _parts(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(name)]


@lru_cache(maxsize=8192)
def classify(name: str) -> str:
    """What a name says: "password", "secret", "key" (a bare key), "weak", "harmless" or "" (says nothing)."""
    parts = _parts(name[-80:])
    while parts and parts[-1].isdigit():
        parts.pop()
    if not parts:
        return ""
    joined = "".join(parts)
    last = parts[-1]
    if joined.endswith(_CURSORS):
        return "harmless"
    if last in {"id", "name"} and ("accesskey" in joined or joined.endswith(("clientid", "appid", "accessid"))):
        return "weak" if last == "id" else "harmless"
    if any(part in _ANY_HARMLESS for part in parts) or last in _LAST_HARMLESS:
        return "harmless"
    if last in {"tokens", "passwords"} and parts[0] in {"max", "min", "num", "total", "input", "output", "prompt", "n"}:
        return "harmless"
    if _PASSWORD.search(joined) or last in {"pass", "pw", "pws", "psk"} or "pass" in parts:
        return "password"
    if _SECRET.search(joined):
        while len(parts) > 1 and parts[-1] in _NEUTRAL_LAST:
            parts.pop()
        ends = [match.end() for match in _SECRET.finditer("".join(parts))]
        return "secret" if ends and ends[-1] >= len("".join(parts)) - 1 else "weak"
    if last in {"auth", "creds", "cred", "bearer", "jwt", "authtoken", "oauth"}:
        return "secret"
    if joined == "key":
        return "key"
    if "key" in parts or last.endswith("key"):
        return "secret" if NAMES.intersection(parts) or joined.removesuffix("key") in NAMES else "weak"
    if last in {"salt", "otp", "session", "sid", "sas", "cookie", "hook", "login", "dsn", "mdp"}:
        return "weak"
    if "auth" in parts:
        return "weak"
    return ""


def name_before(text: str, at: int) -> str:
    """The name a value at `at` belongs to: the nearest identifier before the signs of an assignment."""
    window = text[max(0, at - 96) : at].rstrip(BETWEEN)
    return window[len(window.rstrip(IDENTIFIER)) :]
