"""Stage two for credentials in URLs, headers, cookies, commands and configuration files.

Owns: the confirm steps of the families url and header.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks, expressions, keyed, names
from sidecar.scrub.boundary import Interval, Scan, closing_quote, quote_before, starts_token
from sidecar.scrub.words import NOBODYS_PASSWORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

MAX_ADDRESS: Final = 4096
_USERINFO = re.compile(r"[^\s\"'`<>\\@]{1,256}(?:@[^\s\"'`<>\\@/:]{1,128})*?@(?=[A-Za-z0-9.\-\[$])", re.ASCII)
_WEBHOOK = re.compile(r"[\w@\-./?=&%:+]{12,512}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,32768}={0,2}", re.ASCII)
_COOKIE = re.compile(r"([\w.\-]{1,64})=((?:s%3[Aa])?[^\s;,\"'`\\<>]{1,4096})(?:; ?|\Z)?", re.ASCII)
_COOKIE_FLAG = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority", "theme"}
)
_COOKIE_NAME = re.compile(
    r"sess|sid|auth|token|jwt|csrf|xsrf|login|remember|identity|secret|key|cf_clearance", re.IGNORECASE
)
ENTRY_MARGIN: Final = 256
JUDGED: Final = 256
"""Characters of a parameter's value that are enough to judge it by."""
_SECRET_ENTRY = re.compile(
    r"(?:^|\n|\\n)[ \t]*(?:[+\-] ?)?(?:\d{1,5}[\t:|] ?)?[ \t]*[\"']?([\w.\-]{1,80})[\"']?: {0,2}[\"']?"
    r"([A-Za-z0-9+/]{6,8192}={0,2})(?=[\s\"'\\]|\Z)",
    re.ASCII,
)
_SCHEME_VALUE = re.compile(r"[A-Za-z0-9+/_.~\-:%|]{8,8192}={0,2}", re.ASCII)


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
    if len(password) < 3 or checks.placeholder(password) or "[" in info or password.lower() in NOBODYS_PASSWORDS:
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


_PARAMETER = re.compile(rf"[^\s&\"'`<>\\#;,)\]]{{6,{JUDGED}}}")
_PARAMETER_MORE = re.compile(rf"[^\s&\"'`<>\\#;,)\]]{{0,{MAX_ADDRESS - JUDGED}}}")


def parameter(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The value of a URL parameter that carries a secret."""
    text = scan.text
    start = end - 6
    match = _PARAMETER.match(text, start)
    if match is None or text[start] in "[{" or text.startswith("${", start):
        return []
    if text[start] == "?" and keyed.empty_parameter(text, start):
        return []
    value = match.group()
    name_start = max(
        text.rfind("?", start - 60, start), text.rfind("&", start - 60, start), text.rfind(";", start - 60, start)
    )
    name = text[name_start + 1 : start - 1].lower()
    if name == "hash" or not name.isascii():
        return []
    if "pass" not in name and "pwd" not in name:
        value = keyed.first_of(value) if "?" in value else value
        if not checks.random_text(value, least=8):
            return []
    if name in {"code", "session"} and len(value) < 32 and checks.HEX.match(value):
        return []
    if checks.placeholder(value) or expressions.code(expressions.before_code(value)):
        return []
    more = _PARAMETER_MORE.match(text, match.end())
    return [(start, more.end() if more else match.end())]


_ADDRESS = re.compile(r"[^\s\"'`<>\\]{12,4096}", re.ASCII)
_SIGNED = re.compile(
    r"[?&](?:amp;)?(?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|AWSAccessKeyId|GoogleAccessId|Key-Pair-Id)=",
    re.ASCII,
)


def presigned(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A signed address: whoever has it has what it names, so bucket, path and query go together."""
    text = scan.text
    start = text.rfind("://", max(0, end - MAX_ADDRESS), end) + 3
    match = _ADDRESS.match(text, start) if start > 2 else None
    if match is None or match.end() < end or not _SIGNED.search(match.group()):
        return []
    stop = start + len(match.group().rstrip(".,;:)]}"))
    scan.skip = stop
    return [(start, stop)]


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
    scheme = re.compile(
        r"(bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|ssws|bot|key)"
        r"[ %20+]{1,4}(?:token=)?_{0,2}[\"'\\]{0,2}\Z"
    ).search(before)
    if scheme is None or not starts_token(text, start - (len(before) - scheme.start())):
        return []
    match = _SCHEME_VALUE.match(text, start)
    if match is None:
        return []
    value = match.group().rstrip(".:")
    header = "auth" in before or "header" in before
    if checks.placeholder(value):
        return []
    if scheme.group(1) == "basic" and not header and (len(value) % 4 or not _BASE64.fullmatch(value)):
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
            if checks.random_text(value, least=8 if named else 12) or (
                named and len(value) >= 16 and checks.wordiness(value) < 0.55
            ):
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
    if (
        (password and not keyed.password_value(password, quoted=False) and not checks.random_text(password, least=6))
        or password.startswith(("//", "$", "%", "[", "<"))
        or user.startswith(("$", "["))
    ):
        return []
    if not password and not checks.random_text(user, least=10):
        return []
    if password.isdigit() and user.isdigit():
        return []
    before = text[max(0, start - 400) : start].lower()
    if "curl" not in before and "http" not in before and not checks.random_text(password):
        return []
    return [(start, stop)] if len(password) >= 3 or not password else []


_PORTS = re.compile(r"\d{2,5}:\d{2,5}\Z")
_PASSWORD_TOOL = re.compile(
    r"(?:mysql(?:dump|admin)?|mariadb|sshpass|smbclient|ldapsearch|7z|zip|mongo(?:sh)?|redis-cli|rabbitmqadmin|sqlcmd|"
    r"twine|supabase|az (?:login|acr)|"
    r"docker login|htpasswd|openssl)\b[^\n|;&]{0,136}\Z",
    re.ASCII,
)


def cli(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The password argument of a command that takes one."""
    text = scan.text
    start = end - 3
    if text.startswith("pass:", start):
        start += 5
    if not _PASSWORD_TOOL.search(text, max(0, start - 160), start):
        return []
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
    if checks.placeholder(value) or value.startswith(("$", "<", "[", "{", "%")) or before.endswith("--p"):
        return []
    if not glued and before[-1:] not in {" ", "=", ":", '"', "'", "\\"}:
        return []
    tool = text[max(0, start - 160) : start]
    if glued and not before.endswith(" ") and ("mysql" in tool or "mariadb" in tool or "7z" in tool):
        return [(start, stop)] if not re.match(r"(?:ort|assword|rotocol|ath)", value) else []
    if glued and not before.endswith(" ") and "sshpass" not in tool:
        return []
    if _PORTS.match(value):
        return []
    if (
        before.rstrip("\"'\\").endswith("-p ")
        and "sshpass" not in tool
        and "unzip" not in tool
        and "login" not in tool
        and "mongo" not in tool
        and "twine" not in tool
        and "supabase" not in tool
        and "az " not in tool
        and "sqlcmd" not in tool.lower()
    ):
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
    limit = stop if stop > 0 else len(window)
    first = max(at.end(), scan.entries_read - end)  # Secrets close together share their entries
    scan.entries_read = max(scan.entries_read, end + limit - ENTRY_MARGIN)
    for match in _SECRET_ENTRY.finditer(window, first, limit):
        key, value = match.group(1), match.group(2)
        if key.lower() in {"kind", "apiversion", "metadata", "name", "namespace", "type"}:
            continue
        if checks.placeholder(value) or len(value) < 8:
            continue
        if value.endswith("=") or checks.random_text(value, least=8) or names.classify(key) == "password":
            spans.append((end + match.start(2), end + match.end(2)))
    return spans


def jwk(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A private member of a JSON web key."""
    match = re.compile(r"[A-Za-z0-9_\-]{20,2048}").match(scan.text, end - 20)
    if match is None or not checks.random_text(match.group(), least=20):
        return []
    return [(match.start(), match.end())]


_NAME_GOES_ON = re.compile(r"[A-Za-z0-9]_auth(?:Token)? ?=", re.ASCII)


def npmrc(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A registry credential of an npmrc file."""
    match = re.compile(r"[^\s\"'\\]{8,512}").match(scan.text, end - 8)
    if match is None or _NAME_GOES_ON.search(scan.text, max(0, end - 24), end):
        return []
    if checks.placeholder(match.group()) or expressions.code(match.group()) or not checks.random_text(match.group()):
        return []
    return [(match.start(), match.end())]


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "userinfo": userinfo,
    "token_user": token_user,
    "parameter": parameter,
    "webhook": webhook,
    "presigned": presigned,
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
}
