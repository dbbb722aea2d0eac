"""Rules for values under a name: assignments, arguments, elements, pairs, comparisons, flags.

Owns: data only. Never: scans.
Invariant: a gate expression is bounded, has one end per occurrence, and ends a fixed way into the value.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.rule import Rule, gate
from sidecar.scrub.vendors import PLAIN

KEYWORDS: Final = (
    "pass", "pwd", "pw", "secret", "token", "key", "auth", "cred", "cookie", "bearer", "jwt", "webhook", "hook",
    "sid", "otp", "psk", "license", "salt", "session", "login", "connectionstring", "dsn", "mdp", "sas",
)  # fmt: skip
"""What a name contains that may hold a secret; the confirm step looks at the whole name."""
_WORD = "(?:pass|pwd|pw|secret|token|key|auth|cred|jwt|hook|salt|sid|otp|psk|license|session|login)"
_STRONG = "(?:pass(?:word|wd|phrase|code)?|pwd|pw|rootpw|secret|token|key|credentials?)"
_VALUE = r"[^\s\"'`\\=:>,;(){}\[\]<][^\s\"'`\\]{3}"
_QUOTES = r"[\\\"'`]"
_LITERAL = rf"(?:[@$#rbufl]{{1,2}}{_QUOTES}{{1,7}}|\[ ?{_QUOTES}{{1,4}}|{_QUOTES}{{0,7}})"
"""The beginning of a literal: quotes, with the marks of Objective-C, C#, Swift, Python and C++ before them."""
_SPACE = r"(?:[ \t\r\n]|\\[nrt])"

_NAME: Final = rf"{_WORD}[\w.\-]{{0,24}}(?: \w{{1,12}})?[\\\"'`\[\]\)]{{0,6}}[ \t]{{0,10}}"

KEYED: Final[tuple[Rule, ...]] = (
    gate(
        "keyed-assignment",
        "API_KEY",
        "keyed",
        (
            _NAME + rf"(?:[:?!.+]{{0,3}}[:=]{{1,3}}>?|<-)[ \t]{{0,10}}{_LITERAL} {{0,2}}{_VALUE}",
            rf"{_WORD}[\w.\-]{{0,24}}\??: ?[&\w.<>\[\]|?]{{1,32}} = ?{_QUOTES}{{1,4}}{_VALUE}",
        ),
        "keyed",
        literals=KEYWORDS,
        caseless=True,
        samples=(
            'API_TOKEN = "k7Rq2ZtLw9XcV4mHb8Ns"',
            "password: Tr0ub4dor&3",
            'val password: String = "Tr0ub4dor33"',
            'password <- "Tr0ub4dor33"',
            "::set-output name=token::k7Rq2ZtLw9XcV4mHb8Ns",
            'secret_key => "9f86d081884c7d659a2feaa0"',
        ),
        misses=(
            "token = await get_token(user)",
            "max_tokens=4096",
            'password: "<your-password>"',
            "API_KEY=${API_KEY}",
            "PASS: ld-x86-64/property-x86-shstk4-x32",
            "exports.MySqlV22Credentials = MySqlV22Credentials;",
            "config: Params & { credentials?: KafkaTriggerV2Credentials };",
            "n(i={email:t,password:r}).catch(e=>{})",
            "{email:!0,month:!0,password:!0,range:!0}",
            "input[type=password]:focus,input[type=number]:focus{border:1px}",
            "pub fn basic_auth(mut self, user: &str, password: &str) -> Proxy",
            "psk: *mut c_uchar, key: &[u8]",
            "Some(password) => format!(",
            'password = "#{password}#{klass.pepper}"',
            "SetPasswordWorker::~SetPasswordWorker() {}",
            'WEAK_PASSWORD:"auth/weak-password"',
            "reset_password_sent_at = 5.days.ago",
            'if("password"===t.signInMethod)return e;',
            "key: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDk7Rq2ZtLw9XcV4m'",
        ),
    ),
    gate(
        "keyed-argument",
        "API_KEY",
        "keyed",
        rf"{_WORD}[\w.\-]{{0,24}}\]?{_QUOTES}{{0,4}}, {{0,2}}[@$#rbufl]{{0,2}}{_QUOTES}{{1,4}}{_VALUE}",
        "keyed_argument",
        literals=KEYWORDS,
        caseless=True,
        samples=('System.setProperty("DB_TOKEN", "k7Rq2ZtLw9XcV4mHb8Ns")',),
        misses=('getattr(args, "token", "missing")',),
    ),
    gate(
        "keyed-call",
        "API_KEY",
        "keyed",
        rf"{_STRONG}(?:\.[a-z]{{2,10}})?\([@$#rbufl]{{0,2}}{_QUOTES}{{1,4}}{_VALUE}",
        "call",
        literals=KEYWORDS,
        caseless=True,
        samples=('client.setPassword("Tr0ub4dor&3");',),
        misses=(
            'os.getenv_token("API_TOKEN")',
            'FUNCTION_PASS("post-inline-instrument", Pass)',
            "getCredentials('nextCloudOAuth2Api')",
        ),
    ),
    gate(
        "keyed-words",
        "API_KEY",
        "keyed",
        rf"{_STRONG}[\w\-]{{0,16}}(?: {{1,24}}|\t{{1,3}}| {{1,2}}\| {{1,2}})(?:is |was |by |-> |- |EU |\{{)?"
        rf"{_QUOTES}{{0,4}}[^\s\"'`\\=:>,;(){{}}\[\]<][^\s\"'`\\]{{6}}",
        "keyed_words",
        literals=KEYWORDS,
        caseless=True,
        samples=(
            "the password is Tr0ub4dor&3x",
            "--token k7Rq2ZtLw9XcV4mHb8Ns",
            "machine h login l password Tr0ub4dor33",
        ),
        misses=(
            "the password is incorrect",
            "the key benefits of",
            "PK11SymKey *PK11_ListFixedKeysInSlot(PK11SlotInfo *slot);",
            ".reset-pass-submit .button{display:inline-block}",
            "is a login without password allowed?",
        ),
    ),
    gate(
        "keyed-element",
        "API_KEY",
        "keyed",
        rf"{_WORD}[\w.\-:]{{0,24}}{_QUOTES}{{0,3}}>{_SPACE}{{0,12}}[\"'`{{]{{0,2}}{_VALUE}",
        "element",
        literals=KEYWORDS,
        caseless=True,
        samples=("<dbPassword>Tr0ub4dor&3</dbPassword>",),
        misses=("<UserSecretsId>79a3edd0-2092-40a2-a04d-dcb46d5ca9ed",),
    ),
    gate(
        "keyed-pair",
        "API_KEY",
        "keyed",
        rf"(?:{_WORD}|securestring)[\w.\-]{{0,24}}{_QUOTES}{{0,4}}(?:[,/]?|: ?\{{){_SPACE}{{1,12}}[\\\"'\-]{{0,4}}"
        rf"(?:secret_)?value{_QUOTES}{{0,4}} ?[:=] ?{_QUOTES}{{0,4}}{_VALUE}",
        "keyed",
        literals=("value",),
        caseless=True,
        samples=(
            '<add key="DbPassword" value="Tr0ub4dor&3" />',
            "- name: API_TOKEN\n  value: k7Rq2ZtLw9XcV4mHb8Ns",
            '"db_password": {\n  "value": "Tr0ub4dor33"',
            '"Type": "SecureString", "Value": "Tr0ub4dor33"',
        ),
        misses=("- name: API_TOKEN\n  value: ${API_TOKEN}", '"db_password": {\n  "value": "required"'),
    ),
    gate(
        "keyed-vendor",
        "API_KEY",
        "keyed",
        tuple(f"(?:{'|'.join(PLAIN[i : i + 40])})" for i in range(0, len(PLAIN), 40)),
        "vendor",
        literals=PLAIN,
        caseless=True,
        samples=("kanbantool 'K7Q2ZT4W9XCV'", "metaapi 7f3a9c2e8b4d01657f3a9c2e8b4d01657f3a9c2e8b4d0165"),
        misses=("dropbox documentation says", "postman collection v2", "uri: 'spotify:track:0J1IJsMbKWb5g2sJArTkGF'"),
    ),
    gate(
        "jwk",
        "API_KEY",
        "keyed",
        r"[\"'](?:k|d|p|q|dp|dq|qi)\\{0,3}[\"'] ?: ?\\{0,3}[\"'][A-Za-z0-9_\-]{20}",
        "jwk",
        literals=(":",),
        samples=('"k": "k7Rq2ZtLw9XcV4mHb8NsYd"',),
        misses=('"d": "sha512_0000000000000000000000"',),
        reference="RFC 7517",
    ),
    gate(
        "keyed-compared",
        "API_KEY",
        "keyed",
        rf"{_QUOTES} {{0,2}}(?:[!=]={{1,2}}|,) {{0,2}}[\w.$>\-]{{0,20}}(?:pass|pwd|secret|token|key)",
        "compared",
        literals=KEYWORDS,
        caseless=True,
        samples=('if ("Tr0ub4dor&3x9" == password)',),
        misses=('if ("password" == key)',),
    ),
)
