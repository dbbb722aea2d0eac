"""What a scrubber keeps, what it takes, and that twice is the same as once."""

from __future__ import annotations

import pytest

from parsers.step import Step, StepType
from sidecar.scrub.scrubber import Scrubber, Span

PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "\n".join(
    ["MIIEpAIBAAKCAQEA7f3A9c2E8b4D0165k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pQ"] * 4
)
GITHUB = "ghp_k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pk7Rq2ZtL"

KEPT = (
    "toolu_01h1eDDW1PH5U89A0lSmJR5kxW",
    "call_mfJ2bXq0vT7hYwZp3sKdLr8e",
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    "req_011CSHoEeqs5C35K2UUqR7Fy",
    "item_12",
    "sess_3af11dcd-e56e-486a-84d1-201b901cbf96",
    "env_3af11dcd-e56e-486a-84d1-201b901cbf96",
    "3af11dcd-e56e-486a-84d1-201b901cbf96",
    "read_file__read_file_1795164094915_0",
    "1795163952.123",
    "1795163952123",
    "commit 1828dc916565fcd0b3bf07f186304e9e64a215e1",
    "sha256:3e6f17a298b787f82bcf35bb639cb1b1a8a0d68958e11e76eba2016c700ba401",
    '"integrity": "sha512-6X3MNwOKv/1fprYUVM7eaC6eqxy8TdbhDXccyaO2iIxckKuTIn2d0YG592A/6BJoDwWTbLq1ov1vImEa0vePvQ=="',
    "git clone git@github.com:acme/app.git",
    "Chrome/128.0.3259.24 and version 1.2.3.4 at 12:34:56.789",
    "2026-03-11T10:22:01.113Z INFO worker[77] done in 43ms",
    "std::vector<int> x; a[1::2]; Foo::Bar",
    "http://127.0.0.1:8080/ and 0.0.0.0:80 and ::1",
    "max_tokens=4096, temperature=0.2",
    "const token = await getToken(user)",
    "DATABASE_URL=postgres://${DB_USER}:${DB_PASS}@db/app",
    "drwxr-xr-x 2 root root 4096 Jun 24 2025 bin",
    "npm i @types/node@1.2.3 && moment@localhost",
    '<svg viewBox="0 0 24 24"><path d="M12.5 3.2l1.4 2.8"/></svg>',
)


@pytest.mark.parametrize("text", KEPT)
def test_ids_hashes_versions_and_code_survive(text: str):
    """What pairs calls with results, and what is no secret, comes out as it went in."""
    assert Scrubber().text(text) == text
    assert Scrubber().json({"id": text, "call_id": text}) == {"id": text, "call_id": text}


TAKEN = {
    "jane.doe+ci@gmail.com": "[EMAIL]",
    "call +49 30 901820 now": "call [PHONE] now",
    "client 93.184.216.34 - -": "client [IP] - -",
    "his social is 528-10-3939.": "his social is [SSN].",
    "card 4242 4242 4242 4242": "card [CREDIT_CARD]",
    "use AKIAK7Q2ZT4W9XCV8MHB": "use [AWS_KEY]",
    PEM + "\n-----END RSA PRIVATE KEY-----\nafter": "[PRIVATE_KEY]\nafter",
    PEM: "[PRIVATE_KEY]",
    "https://h.example/x?user=7&access_token=k7Rq2ZtLw9XcV4mHb8Ns&e=1": (
        "https://h.example/x?user=7&access_token=[REDACTED_URL]&e=1"
    ),
    "git clone https://oauth2:k7Rq2ZtLw9XcV4@github.com/a/b": "git clone https://oauth2:[API_KEY]@github.com/a/b",
    "cd /Users/jsmith/code/app/x.py": "cd /Users/[USER]/code/app/x.py",
    r"cd C:\Users\jsmith\code": r"cd C:\Users\[USER]\code",
    r"cd C:\\Users\\jsmith\\code": r"cd C:\\Users\\[USER]\\code",
    "~/.claude/projects/-Users-jsmith-code-app/x": "~/.claude/projects/-Users-[USER]-code-app/x",
}


@pytest.mark.parametrize("text", TAKEN)
def test_each_category_has_its_placeholder(text: str):
    """One example per category, with exactly what stands in its place."""
    assert Scrubber().text(text) == TAKEN[text]


def test_spans_are_code_points_of_the_original():
    """Offsets count code points, also after characters outside ASCII and with invisible characters inside a secret."""
    secret = "ghp_k7Rq2ZtLw9\u200bXcV4mHb8NsYd3GfJ6p\u200dk7Rq2ZtL"
    text = f"schlüssel 🔑: {secret} ende"
    spans = Scrubber().find(text)
    assert [(s.start, s.end) for s in spans] == [(text.index(secret), text.index(secret) + len(secret))]
    assert spans[0].category == "API_KEY"


def test_lone_surrogates_are_allowed():
    """A text with lone surrogates is scrubbed like any other and keeps them."""
    assert Scrubber().text("\ud800 jane@gmail.com \udfff") == "\ud800 [EMAIL] \udfff"


def test_a_user_name_is_learned_and_replaced_as_a_word():
    """A name met in a path is replaced in every string of the step, before and after, and in later texts of the session."""
    scrubber = Scrubber()
    step = Step(
        StepType.ACTION,
        content="ask jsmith about jsmithson",
        arguments={"z_path": "/home/jsmith/x", "jsmith": "by jsmith"},
    )
    out = scrubber.scrub(step)
    assert out.content == "ask [USER] about jsmithson"
    assert out.arguments == {"z_path": "/home/[USER]/x", "[USER]": "by [USER]"}
    assert scrubber.text("hello jsmith") == "hello [USER]"
    assert Scrubber().text("hello jsmith") == "hello jsmith"
    assert Scrubber(home="/Users/jsmith").text("hello jsmith") == "hello [USER]"


def test_a_secret_is_replaced_again_where_its_name_is_missing():
    """A value found under a name is replaced elsewhere in the same text."""
    text = "api_key = k7Rq2ZtLw9XcV4mHb8Ns\n...\nuse k7Rq2ZtLw9XcV4mHb8Ns now"
    assert "k7Rq2Zt" not in Scrubber().text(text)


def test_strict_hex_is_the_literal_rule():
    """Bare hex of 40 digits stays, unless strict_hex asks for the letter of the rule."""
    sha = "1828dc916565fcd0b3bf07f186304e9e64a215e1"
    assert Scrubber().text(f"commit {sha}") == f"commit {sha}"
    assert Scrubber(strict_hex=True).text(f"commit {sha}") == "commit [API_KEY]"


def test_keys_that_become_equal_stay_apart():
    """Two object keys with the same placeholder keep both values."""
    assert Scrubber().json({"a@gmail.com": 1, "b@gmail.com": 2}) == {"[EMAIL]": 1, "[EMAIL]_2": 2}


def test_counts_count_replacements():
    """`counts` holds the number of replacements per category."""
    scrubber = Scrubber()
    scrubber.text("a@gmail.com b@gmail.com " + GITHUB)
    assert scrubber.counts == {"EMAIL": 2, "API_KEY": 1}


def test_placeholders_are_atoms():
    """What a scrub left is left by the next one, in any position a rule looks at."""
    for text in (
        "password=[API_KEY]", "https://[API_KEY]@h/", "/home/[USER]/x", 'token: "[API_KEY]"', "Bearer [API_KEY]",
        "[EMAIL]", "Cookie: sid=[API_KEY]; a=b", "?access_token=[REDACTED_URL]&x=1", "[API_KEY][EMAIL]:[IP]",
    ):  # fmt: skip
        assert Scrubber().text(text) == text


def test_a_secret_across_a_window_edge_is_found():
    """A token that lies across the edge of the gate's windows is replaced, wherever it starts."""
    for before in range((1 << 20) - 45, (1 << 20) + 5, 7):
        text = ("word " * (before // 5 + 1))[: before - 1] + " " + GITHUB + " end"
        assert Scrubber().find(text) == [Span(before, before + len(GITHUB), "API_KEY", "github-classic")]


def test_deep_values_do_not_break():
    """A value deeper than the bound is scrubbed as text instead of ending the process."""
    deep: object = GITHUB
    for _ in range(600):
        deep = [deep]
    assert GITHUB not in str(Scrubber().json(deep))
