"""Rules for the data of persons: mail, phone, address, card, number, home path; and for random text without a key.

Owns: data only. Never: scans.
Invariant: a gate expression is bounded and has one end per occurrence; the confirm step it names does the rest.
"""

from __future__ import annotations

from typing import Final

from sidecar.scrub.rule import Rule, gate

PERSONAL: Final[tuple[Rule, ...]] = (
    gate(
        "email", "EMAIL", "personal", r"[A-Za-z0-9_\x80-\xff]@[A-Za-z0-9\x80-\xff][A-Za-z0-9\-\x80-\xff]{0,62}\.[A-Za-z\x80-\xff]", "email", literals=("@",),
        samples=("mail jane.doe+ci@gmail.com now", "a@xn--d1acufc.xn--p1ai"),
        misses=("git@github.com:a/b", "npm i @types/node@1.2.3", "moment@localhost", "actions/setup-node@v4.0.1"),
        reference="RFC 5321",
    ),
    gate(
        "ipv4", "IP", "personal", r"\d\.\d{1,3}\.\d{1,3}\.\d", "ipv4",
        samples=("client 93.184.216.34 - -", "Host: 8.8.4.4:443"),
        misses=("version 1.2.3.4", "OID 1.3.6.1.4.1", "ping 127.0.0.1", "Chrome/128.0.3259.24"),
        reference="RFC 791",
    ),
    gate(
        "ipv6-compressed", "IP", "personal", r"[0-9A-Fa-f]::(?:[0-9A-Fa-f]|[ \]/\"'\\])", "ipv6", literals=("::",),
        samples=("from 2400:c401::5054:ff:fe1b:b031 port 1",), misses=("Foo::Bar", "arr[::2]", "std::cafe::dead"),
        reference="RFC 4291",
    ),
    gate(
        "ipv6-mapped", "IP", "personal", r"::ffff:[0-9]", "ipv6", literals=("::ffff:", "::FFFF:"), caseless=True,
        samples=("::ffff:93.184.216.34",), misses=("::ffff:zz",), reference="RFC 4291",
    ),
    gate(
        "ipv6-full", "IP", "personal", (r"[^0-9A-Fa-f:][0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f]", r"[^0-9A-Fa-f]:\d{1,5}:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]"), "ipv6", literals=(":",),
        samples=("2001:470:1f0b:1234:5054:ff:fe1b:b031",), misses=("00:1a:2b:3c:4d:5e",), reference="RFC 4291",
    ),
    gate(
        "ssn", "SSN", "personal", r"\d{3}[\-. ]\d{2}[\-. ]\d{4}", "ssn", length=11,
        samples=("SSN 528-10-3939",), misses=("000-12-3456", "666-12-3456", "2026-03-11 1022"),
        reference="ssa.gov: randomization of numbers",
    ),
    gate(
        "ssn-plain", "SSN", "personal", r"(?:ssn|social[ _]security(?:[ _]n(?:umber|o))?)[^\n0-9]{0,16}\d{9}", "ssn_plain",
        literals=("ssn", "social"), caseless=True,
        samples=("ssn: 528103939",), misses=("ssn: 000103939",),
        reference="ssa.gov",
    ),
    gate(
        "card", "CREDIT_CARD", "personal", r"[^0-9]\d(?:[ \-]?\d){11}", "card",
        samples=("card 4242 4242 4242 4242", "charged 5249938576163027"), misses=("ts=1790027296929538000", "4242424242424241"),
        reference="ISO/IEC 7812",
    ),
    gate(
        "phone-international", "PHONE", "personal", r"\+\(?\d[\d ().\-]{6}", "phone_plus", length=0, literals=("+",),
        samples=("call +49 30 901820 now", "+1-527-415-6344", "(+358) 005671735"), misses=("@@ -1,7 +1,9 @@", "2026-03-11T10:00:00+01:00"),
        reference="ITU-T E.164",
    ),
    gate(
        "phone-keyed", "PHONE", "personal",
        r"(?:phone|mobile|\btel|\bfax|\bcell|whats ?app|\bsms|text me|call (?:me|us|him|her|them)|can call|reach|contact|hotline|desk|telefon|handy|t[e\xc3\xa9\xa9]{1,2}l)"
        r"[^\n0-9+(]{0,28}[+(0-9]",
        "phone_keyed", literals=("phone", "mobile", "tel", "fax", "cell", "what", "sms", "text me", "call", "reach", "contact", "hotline", "desk", "handy", "l"),
        caseless=True,
        samples=('"phone": "0143234664"', "Phone: (0131) 496 0156", "SMS sent to 018 793 1965"), misses=("phone_number_length = 10", "mobile: 2026-03-11"),
        reference="ITU-T E.123",
    ),
    gate(
        "phone-north-american", "PHONE", "personal", r"\d{3}[).]?[ .\-]?\d{3}[\-. ]\d{4}", "phone_us",
        samples=("dial (415) 555-0132", "1-304-351-2335", "575.411.8137"), misses=("id 123-456-78901", "ISBN 978-6-967-72934-0"),
        reference="NANPA: numbering plan",
    ),
    gate(
        "phone-area-code", "PHONE", "personal", r"\(0\d{1,4}\)[ \-]{0,2}\d{2}", "phone_area", literals=("(0",),
        samples=("(0131) 496 0156", "(031)-6013689"), misses=("f(012) 34", "(0) 12"), reference="ITU-T E.123",
    ),
    gate(
        "phone-double-zero", "PHONE", "personal", r"[^\w.:/\-]00[1-9]\d{1,2}[ \-]\d{2}[\d \-]{4}", "phone_zero", literals=("00",),
        samples=("tel 00420 777 700 390",), misses=("0042 file",), reference="ITU-T E.123",
    ),
    gate(
        "listing-owner", "USER_PATH", "personal", r"[dlcbps\-](?:[r\-][w\-][xsStT\-]){3}[@+.]?[ \t]{1,4}\d", "listing",
        literals=("-", "rw"), samples=("-rw-r--r--  1 jsmith  staff  204 Mar 3 a.txt",), misses=("-rw-r--r-- 1 root root 64 Mar 3 a.bin",),
        reference="ls(1)",
    ),
)

HOMES: Final[tuple[Rule, ...]] = (
    gate("home-unix", "USER_PATH", "personal", r"/home/", "home", length=6, literals=("/home/",),
         samples=("/home/jsmith/code/app",), misses=("/home/runner/work", "https://h.example/home/page.html"), reference="hier(7)"),
    gate("home-mac", "USER_PATH", "personal", r"/users/", "home", length=7, literals=("/users/",), caseless=True,
         samples=("/Users/jsmith/code", "/mnt/c/Users/jsmith/x", "/c/Users/jsmith/x"), misses=("/Users/shared/x", "GET /users/42/posts"), reference="hier(7)"),
    gate("home-windows", "USER_PATH", "personal", r"\\users\\", "home", length=7, literals=("\\users\\",), caseless=True,
         samples=(r"C:\Users\jsmith\code", r"C:\\Users\\jsmith\\code"), misses=(r"C:\Users\Public\x",), reference="learn.microsoft.com: user profiles"),
    gate("home-folder-name", "USER_PATH", "personal", r"-(?:users|home)-", "home_dashed", literals=("-users-", "-home-"), caseless=True,
         samples=("~/.claude/projects/-Users-jsmith-code-app/x.jsonl",), misses=("list-users-by-name",), reference="the folder names of coding agents"),
    gate("home-percent", "USER_PATH", "personal", r"%2f(?:users|home)%2f", "home_percent", literals=("%2f",), caseless=True,
         samples=("file=%2FUsers%2Fjsmith%2Fcode",), misses=("%2Fhome%2Frunner%2Fwork",), reference="RFC 3986"),
    gate("home-other", "USER_PATH", "personal", r"(?:/var/home|/export/home|/usr/home|/data/data/com\.termux/files/home|\\documents and settings)[/\\]{1,4}", "home",
         literals=("/home/", "documents and settings"), caseless=True,
         samples=("/export/home/jsmith/x",), reference="hier(7)"),
)

ENTROPY: Final[tuple[Rule, ...]] = (
    gate("quoted-random", "API_KEY", "entropy", r"[\"'`][A-Za-z0-9+/_=.\-]{20}", "quoted", length=21,
         samples=("f('k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p')",),
         misses=("'sha512-k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p'", '"gitHead": "1828dc916565fcd0b3bf07f186304e9e64a215e1"', '"node_modules/vscode-languageserver"')),
    gate("base64-run", "API_KEY", "entropy", r"[^A-Za-z0-9+/](?:[CI-Za-f][A-Za-z0-9+/]{3}){5}", "base64_run", length=20,
         reference="RFC 4648: the first of four characters of plain text is one of C, I to Z, a to f"),
    gate("escape", "API_KEY", "entropy",
         (r"%[0-9A-Fa-f]{2}", r"\\u00[0-7][0-9A-Fa-f]", r"\\x[2-7][0-9A-Fa-f]", r"&(?:quot|amp|lt|gt|apos|nbsp|#[xX]?[0-9A-Fa-f]{2,4});"),
         "escape", literals=("%", "\\u00", "\\x", "&"), reference="RFC 3986; RFC 8259; HTML entities"),
    gate("hex-strict", "API_KEY", "entropy", r"[^0-9A-Fa-f][0-9A-Fa-f]{40}", "hex_strict", strict_only=True,
         samples=("1828dc916565fcd0b3bf07f186304e9e64a215e1",)),
)
