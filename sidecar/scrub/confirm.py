"""Stage two for tokens, keys, URLs and headers: is the candidate really a secret, and where does it end.

Owns: the confirm steps of the families key, token, url, header and entropy, and the table of all steps.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate, so stage two is linear in the candidates.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sidecar.scrub import checks, keyed, personal_checks, views
from sidecar.scrub.boundary import Interval, Scan, closing_quote, ends_token, quote_before, starts_token
from sidecar.scrub.rule import Rule
from sidecar.scrub.words import HASH_KEYS

Step = Callable[[Scan, Rule, int], list[Interval]]

MAX_KEY_BLOCK: Final = 32_768
"""Longest private key, from its first dash to its last, in code units."""
MAX_VALUE: Final = 4096
_USERINFO = re.compile(r"[^\s\"'`<>\\@]{1,256}(?:@[^\s\"'`<>\\@/:]{1,128})*?@(?=[A-Za-z0-9.\-\[$])", re.ASCII)
_QUOTED = re.compile(r"([\"'`])([A-Za-z0-9+/_=.\-]{20,128})\\{0,4}\1", re.ASCII)
_DIGIT = re.compile(r"[0-9]", re.ASCII)
_IDS: Final = ("sha", "data:", "toolu_", "call_", "msg_", "req_", "sess_", "env_", "run_", "item_", "chatcmpl-", "resp_", "fc_", "rs_")
_BASE64_LINE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_KEY_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|X-[\w\-]{1,40}|Subject): ", re.ASCII)
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 [A-Z ]{0,40}----", re.ASCII)
_BASE64_RUN = re.compile(r"([A-Za-z0-9+/]{20,1048576})={0,2}", re.ASCII)
_JWT = re.compile(r"eyJ[A-Za-z0-9_\-]{8,4000}(?:\.[A-Za-z0-9_\-]{2,4000}){1,4}", re.ASCII)
_WEBHOOK = re.compile(r"[\w@\-./?=&%:+]{12,512}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,32768}={0,2}", re.ASCII)
_COOKIE = re.compile(r"([\w.\-]{1,64})=((?:s%3[Aa])?[^\s;,\"'`\\<>]{1,4096})(?:; ?|\Z)?", re.ASCII)
_COOKIE_FLAG = frozenset({"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority", "theme"})
_COOKIE_NAME = re.compile(r"sess|sid|auth|token|jwt|csrf|xsrf|login|remember|identity|secret|key|cf_clearance", re.IGNORECASE)
_SECRET_ENTRY = re.compile(
    r"(?:^|\n|\\n)[ \t]*(?:[+\-] ?)?(?:\d{1,5}[\t:|] ?)?[ \t]*[\"']?([\w.\-]{1,80})[\"']?: {0,2}[\"']?([A-Za-z0-9+/]{6,8192}={0,2})(?=[\s\"'\\]|\Z)",
    re.ASCII,
)
_SCHEME_VALUE = re.compile(r"[A-Za-z0-9+/_.~\-:%|]{8,8192}={0,2}", re.ASCII)


@lru_cache(maxsize=1024)
def _compiled(body: str) -> re.Pattern[str]:
    return re.compile(body, re.ASCII)


@lru_cache(maxsize=256)
def _lead(characters: str, more: int) -> re.Pattern[str]:
    return re.compile(f"[{characters}]{{0,{more}}}\\Z", re.ASCII)


def token(scan: Scan, rule: Rule, start: int) -> list[Interval]:
    """A token its own shape gives away: shape, boundaries, and a body that is not filler."""
    text = scan.text
    characters, more = rule.lead
    if more:
        before = _lead(characters, more).search(text, max(0, start - more), start)
        start = before.start() if before else start
    if not starts_token(text, start):
        return []
    match = _compiled(rule.body).match(text, start)
    if match is None or not ends_token(text, match.end()):
        return []
    value = match.group()
    known = next((x for x in rule.literals if value.startswith(x)), "")
    body = value[len(known) :]
    if checks.repeated(body) or "..." in value:
        return []
    if not any(c in "0123456789" for c in body) and checks.wordiness(body) > 0.66:
        return []
    return [(start, match.end())]


def jwt(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """A JSON web token: two parts at least, the first of which decodes to an object."""
    text = scan.text
    if not starts_token(text, start) and text[start - 1] not in "_-":
        return []
    match = _JWT.match(text, start)
    if match is None or len(match.group()) < 40:
        return []
    return [(start, match.end())]


def pem(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A private key block, whole or cut off: from its first dash to its last, or to the end of its base64 lines."""
    text = scan.text
    begin = max(text.rfind("-----BEGIN ", max(0, end - 80), end), text.rfind("---- BEGIN ", max(0, end - 80), end))
    if begin < 0:
        return []
    if scan.next_key_end < end:
        close = text.find("---- END" if text[begin + 4] == " " else "-----END ", end)
        scan.next_key_end = close if close >= 0 else len(text) + MAX_KEY_BLOCK
    if scan.next_key_end - end <= MAX_KEY_BLOCK:
        other = text.find("-----BEGIN ", end, scan.next_key_end)
        if other < 0:
            closed = _PEM_END.match(text, scan.next_key_end)
            if closed is not None and closed.start() - end > 8:
                return [(begin, closed.end())]
    last = _key_lines(text, end)
    return [(begin, last)] if last > end else []


def _key_lines(text: str, at: int) -> int:
    """Where the base64 lines of a key that is cut off end, however they are quoted, numbered or escaped."""
    last = at
    limit = min(len(text), at + MAX_KEY_BLOCK)
    misses = 0
    first = True
    while at < limit and misses < 2:
        newline = text.find("\n", at, min(limit, at + 400))
        escaped = text.find("\\n", at, newline if newline >= 0 else min(limit, at + 400))
        end, width = (escaped, 2) if escaped >= 0 else (newline, 1)
        if end < 0:
            end, width = min(limit, at + 400), 0
        line = text[at:end].rstrip(" \t\r\"',;`\\")
        body = len(line) - len(line.rstrip(_BASE64_LINE))
        head = line[: len(line) - body]
        if body >= 16 or (body > 0 and len(head) <= 12 and not first and " " not in head.strip()):
            last = at + len(line)
        elif not (first and not line.strip()) and not _KEY_HEADER.search(line):
            misses += 1
        first = False
        if width == 0:
            break
        at = end + width
    return last


def putty(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The private lines of a PuTTY key file."""
    match = re.compile(r"[\s\\rn]{1,6}((?:[A-Za-z0-9+/=]{8,80}[\s\\rn]{1,6}){1,200})").match(scan.text, end)
    return [(match.start(1), match.end(1))] if match else []


def userinfo(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`user:password@` or `token@` of a URL; the user name stays, the scheme and host stay."""
    text = scan.text
    start = text.rfind("://", max(0, end - 204), end) + 3
    match = _USERINFO.match(text, start, min(len(text), start + 600))
    if match is None:
        return []
    info = text[start : match.end() - 1]
    if "/" in info and ("?" in info or info.count("/") > 1 or not re.match(r"[^/]{0,64}:[^/]*/", info)):
        info = text[start : end - 1]
    stop = start + len(info)
    user, colon, password = info.partition(":")
    if not colon:
        known = checks.random_text(user, least=16) or (user.startswith(("ghp_", "glpat-")) and len(user) > 12)
        return [(start, stop)] if known and not checks.placeholder(user) else []
    if len(password) < 3 or checks.placeholder(password) or "[" in password:
        return []
    folded = password.lower()
    if folded == user.lower() and len(password) < 9 and folded.isalpha():
        return []
    secret_user = checks.random_text(user, least=20)
    return [(start if secret_user else start + len(user) + 1, stop)]


def token_user(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`https://token@host` where the token is long."""
    start = scan.text.rfind("://", max(0, end - 32), end) + 3
    match = re.compile(r"[A-Za-z0-9_\-]{20,400}@").match(scan.text, start)
    if match is None or not checks.random_text(match.group()[:-1], least=16):
        return []
    return [(start, match.end() - 1)]


def parameter(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The value of a URL parameter that carries a secret."""
    text = scan.text
    start = end - 6
    match = re.compile(r"[^\s&\"'`<>\\#;,)\]]{6,4096}").match(text, start)
    if match is None:
        return []
    value = match.group()
    name_start = max(text.rfind("?", start - 60, start), text.rfind("&", start - 60, start), text.rfind(";", start - 60, start))
    name = text[name_start + 1 : start - 1].lower()
    if checks.placeholder(value) or value.startswith(("[", "${", "{")):
        return []
    if "pass" in name or "pwd" in name:
        return [(start, match.end())]
    if not checks.random_text(value, least=8):
        return []
    if name in {"code", "hash", "key", "session"} and checks.HEX.match(value) and len(value) < 32 and name != "key":
        return []
    if name == "hash":
        return []
    return [(start, match.end())]


def webhook(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A webhook address, which is a secret as a whole."""
    text = scan.text
    start = text.rfind("http", max(0, end - 120), end)
    begin = start if start >= 0 and "\n" not in text[start:end] and " " not in text[start:end] else end - 4
    match = _WEBHOOK.match(text, end - 4)
    if match is None:
        return []
    path = match.group()
    last = path.rstrip("/").rpartition("/")[2]
    if not checks.random_text(last, least=8) or "xxxx" in path.lower():
        return []
    return [(begin, match.end())]


def jdbc(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The password parameter of a JDBC address."""
    line = re.compile(r"[^\s\"'<>]{0,600}").match(scan.text, end)
    if line is None:
        return []
    scan.skip = line.end()
    found = re.compile(r"(?:password|pwd|passwd|secret)=([^\s&;,\"'<>)}]{3,128})", re.IGNORECASE).search(line.group())
    if found is None or checks.placeholder(found.group(1)):
        return []
    return [(end + found.start(1), end + found.end(1))]


def authorization(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The credentials of an Authorization header, with or without the header's name."""
    text = scan.text
    start = end - 8
    before = text[max(0, start - 60) : start].lower()
    scheme = re.compile(r"(bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|ssws|bot|key)[ %20+]{1,4}(?:token=)?_{0,2}[\"'\\]{0,2}\Z").search(before)
    if scheme is None or not starts_token(text, start - (len(before) - scheme.start())):
        return []
    match = _SCHEME_VALUE.match(text, start)
    if match is None:
        return []
    value = match.group().rstrip(".:")
    header = "auth" in before or "header" in before
    if checks.placeholder(value):
        return []
    if scheme.group(1) in {"bearer", "basic", "ssws", "ntlm"} or header:
        if checks.random_text(value, least=8) or (header and len(value) >= 24 and checks.wordiness(value) < 0.55):
            return [(start, start + len(value))]
        if scheme.group(1) == "basic" and _decodes_to_pair(value):
            return [(start, start + len(value))]
        return []
    return [(start, start + len(value))] if checks.strong_random(value) else []


def _decodes_to_pair(value: str) -> bool:
    try:
        decoded = b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (Base64Error, ValueError):
        return False
    return b":" in decoded and decoded.isascii()


def cookie(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The values of a cookie header that identify a session."""
    text = scan.text
    before = text[max(0, end - 80) : end - 1]
    name = before[len(before.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")) :]
    at = end - 1 - len(name)
    spans: list[Interval] = []
    for _ in range(32):
        match = _COOKIE.match(text, at)
        if match is None:
            break
        key, value = match.group(1), match.group(2)
        if key.lower() not in _COOKIE_FLAG and not checks.placeholder(value):
            begin = match.start(2)
            named = _COOKIE_NAME.search(key) is not None
            if checks.random_text(value, least=8 if named else 12) or (named and len(value) >= 16 and checks.wordiness(value) < 0.55):
                spans.append((begin, match.end(2)))
        at = match.end()
        if text[at - 1 : at] not in {";", " "} or text[match.end(2) : match.end(2) + 1] != ";":
            break
    scan.skip = at
    return spans


def curl_user(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`-u user:password` of curl, user and password."""
    text = scan.text
    colon = end - 1
    start = colon
    while start > 0 and colon - start < 65 and text[start - 1] not in " \t\n\"'`\\=,":
        start -= 1
    quote = quote_before(text, start)
    stop = closing_quote(text, start, quote, 256) if quote else -1
    if stop < 0:
        match = re.compile(r"(?:'[^'\n]{1,200}'|[^\s\"'\\]{0,256})").match(text, end)
        stop = match.end() if match else end
    user, password = text[start:colon], text[end:stop].strip("'")
    if checks.placeholder(password) and password or password.startswith(("//", "$", "%", "[", "<")) or user.startswith(("$", "[")):
        return []
    if not password and not checks.random_text(user, least=10):
        return []
    if password.isdigit() and user.isdigit():
        return []
    before = text[max(0, start - 400) : start].lower()
    if "curl" not in before and not checks.random_text(password):
        return []
    return [(start, stop)] if len(password) >= 3 or not password else []


def cli(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The password argument of a command."""
    text = scan.text
    start = end - 3
    quote = quote_before(text, start)
    stop = closing_quote(text, start, quote, 256) if quote else -1
    if stop < 0:
        match = re.compile(r"[^\s\"'`\\]{3,256}").match(text, start)
        if match is None:
            return []
        stop = match.end()
    value = text[start:stop]
    before = text[max(0, start - 40) : start]
    glued = re.search(r" -p\Z", before.rstrip("\"'\\")) is not None
    if checks.placeholder(value) or value.startswith(("$", "<", "[", "{", "%")):
        return []
    tool = text[max(0, start - 160) : start]
    if glued and not before.endswith(" ") and ("mysql" in tool or "mariadb" in tool or "7z" in tool):
        return [(start, stop)] if not re.match(r"(?:ort|assword|rotocol|ath)", value) else []
    if before.rstrip("\"'\\").endswith("-p ") and "sshpass" not in tool and "unzip" not in tool and "sqlcmd" not in tool.lower():
        return []
    if before.rstrip("\"'\\").endswith(("-P ", "-w ", "-a ")) and not checks.random_text(value) and "zip" not in tool:
        return []
    return [(start, stop)] if not value.isdigit() and not value.startswith("/") else []


def password_quoted(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """SQL: `PASSWORD 'x'`, `IDENTIFIED BY 'x'`."""
    text = scan.text
    start = end - 4
    quote = quote_before(text, start)
    stop = closing_quote(text, start, quote, 256) if quote else -1
    if stop < 0:
        match = re.compile(r"[^\s\"'`\\;,)]{4,128}").match(text, start)
        if match is None or not checks.random_text(match.group(), least=6):
            return []
        return [(start, match.end())]
    return [(start, stop)] if keyed.password_value(text[start:stop], quoted=True) else []


def base64_value(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A value that is base64 by contract (docker auth, kube config)."""
    match = _BASE64.match(scan.text, end - 8)
    if match is None or len(match.group()) < 12 or checks.placeholder(match.group()):
        return []
    value = match.group()
    if len(value) < 60 and not checks.random_text(value, least=12) and not _decodes_to_pair(value):
        return []
    return [(match.start(), match.end())]


def kube_secret(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The data of a Kubernetes Secret, in the 4 kB after its kind."""
    text = scan.text
    near = text.find("ata", end, end + 1024)
    if near < 0:
        return []
    again = text.find("Secret", end, near)
    window = text[end : end + 4096] if again < 0 else ""
    at = re.search(r"[\"']?(?:data|stringData)[\"']?:", window)
    if at is None:
        return []
    stop = window.find("\n---", at.end())
    spans = []
    for match in _SECRET_ENTRY.finditer(window, at.end(), stop if stop > 0 else len(window)):
        key, value = match.group(1), match.group(2)
        if key.lower() in {"kind", "apiversion", "metadata", "name", "namespace", "type"}:
            continue
        if checks.placeholder(value) or len(value) < 8:
            continue
        if value.endswith("=") or checks.random_text(value, least=8) or keyed.classify(key) == "password":
            spans.append((end + match.start(2), end + match.end(2)))
    return spans


def jwk(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A private member of a JSON web key."""
    match = re.compile(r"[A-Za-z0-9_\-]{20,2048}").match(scan.text, end - 20)
    if match is None or not checks.random_text(match.group(), least=20):
        return []
    return [(match.start(), match.end())]


def npmrc(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A registry credential of an npmrc file."""
    match = re.compile(r"[^\s\"'\\]{8,512}").match(scan.text, end - 8)
    if match is None or checks.placeholder(match.group()):
        return []
    return [(match.start(), match.end())]


def quoted(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """A quoted string that is nothing but random text, where no word beside it says hash or blob."""
    text = scan.text
    match = _QUOTED.match(text, start)
    if match is None or len(_DIGIT.findall(match.group(2))) < 2:
        return []
    value = match.group(2)
    if checks.HEX.match(value) or checks.UUID.match(value) or value.startswith(_IDS):
        return []
    if not checks.strong_random(value) or checks.placeholder(value) or (value.count("/") > 2 and value[0] in "/."):
        return []
    before = text[max(0, start - 48) : start].lower()
    if any(word in before for word in HASH_KEYS) or keyed.classify(keyed.name_before(text, start + 1)) == "harmless":
        return []
    return [match.span(2)]


def hex_strict(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The literal rule "long hex": forty or more hex digits."""
    match = re.compile(r"[0-9A-Fa-f]{40,4096}").match(scan.text, end - 40)
    return [(match.start(), match.end())] if match else []


def base64_run(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """Not a secret by itself: what a run of base64 says is looked at, too."""
    match = _BASE64_RUN.match(scan.text, start)
    if match is None or (match.group(1)[0] == "/" and match.group(1).count("/") * 12 > len(match.group(1))):
        return []
    scan.skip = match.end()
    said = views.decoded(match.group(1))
    if said is not None:
        scan.base64_runs.append((match.start(1), match.end(1), said))
    return []


def escape(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Not a secret by itself: the text around an escape is read again with the escape undone."""
    scan.escapes.append(end)
    return []


STEPS: Final[dict[str, Step]] = {
    "token": token,
    "jwt": jwt,
    "pem": pem,
    "putty": putty,
    "userinfo": userinfo,
    "token_user": token_user,
    "parameter": parameter,
    "webhook": webhook,
    "jdbc": jdbc,
    "authorization": authorization,
    "cookie": cookie,
    "curl_user": curl_user,
    "cli": cli,
    "password_quoted": password_quoted,
    "base64_value": base64_value,
    "kube_secret": kube_secret,
    "jwk": jwk,
    "npmrc": npmrc,
    "quoted": quoted,
    "hex_strict": hex_strict,
    "base64_run": base64_run,
    "escape": escape,
    "keyed": keyed.assignment,
    "keyed_words": keyed.words,
    "compared": keyed.compared,
    "element": keyed.element,
    "vendor": keyed.vendor,
    **personal_checks.STEPS,
}
"""Name in the rule table -> step."""
