"""What holds for every value, not only for the recorded ones."""

from __future__ import annotations

import json
import random
import shutil
import string
import struct
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_vectors import NOW, base

from sidecar.errors import WireError
from sidecar.wire import canonical as canonical_module
from sidecar.wire.canonical import canonical, parse_js, utf16_length
from sidecar.wire.cut import bounded, clip
from sidecar.wire.limits import MAX_DEPTH, MAX_JSON_DEPTH
from sidecar.wire.schema import violations

TEXT = st.text(st.characters(codec=None), max_size=12)  # lone surrogates included
KEYS = st.one_of(
    TEXT, st.integers(0, 2**33).map(str), st.sampled_from(["__proto__", "", "01", "-1", "1e3", "4294967295"])
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=400, deadline=None)
def test_canonical_bytes_are_a_fixed_point(value):
    """canonical(parse_js(canonical(x))) == canonical(x) for every JSON value."""
    once = canonical(value)
    assert canonical(parse_js(once)) == once


@given(VALUES)
@settings(max_examples=400, deadline=None)
def test_the_fast_road_and_the_exact_writer_agree(value):
    """Whenever a value is judged plain, orjson's bytes are the exact writer's bytes."""
    exact = canonical_module._write(value, MAX_JSON_DEPTH)
    assert canonical(value) == exact


@given(VALUES, st.sampled_from([None, "chunk", "close", "feedback"]), st.lists(st.integers(0, 8), max_size=4))
@settings(max_examples=400, deadline=None)
def test_the_schema_never_raises(value, kind, path):
    """Any JSON value, also put anywhere into a good envelope, gets a list of sentences and no exception."""
    if kind is None:
        assert isinstance(violations(value, NOW), list)
        return
    envelope = base(kind)
    target, last = envelope, None
    for turn in path:
        if isinstance(target, dict):
            last = (target, sorted(target)[turn % len(target)])
        elif isinstance(target, list) and target:
            last = (target, turn % len(target))
        else:
            break
        target = last[0][last[1]]
    if last:
        last[0][last[1]] = value
    assert all(isinstance(sentence, str) for sentence in violations(envelope, NOW))


@given(st.text(st.characters(codec=None), max_size=300), st.integers(1, 80))
@settings(max_examples=300, deadline=None)
def test_a_clipped_text_is_the_longest_fitting_start(text, units):
    """It fits, is a start of the text, splits no pair, and one character more would not fit."""
    fitting = clip(text, units)
    assert text.startswith(fitting) and utf16_length(fitting) <= units
    if len(fitting) < len(text):
        following = text[len(fitting)]
        pair = bool(fitting) and "\ud800" <= fitting[-1] <= "\udbff" and "\udc00" <= following <= "\udfff"
        assert not pair
        spare = units - utf16_length(fitting)
        assert spare < utf16_length(following) or "[" in text or "\ud800" <= following <= "\udbff"


@given(st.integers(0, 70), st.integers(60, 80))
def test_a_cut_never_splits_a_placeholder(before, units):
    """Whatever the offset, a placeholder is whole in the result or not there at all."""
    text = "x" * before + "[PRIVATE_KEY]" + "y" * 100
    fitting = clip(text, units)
    assert "[" not in fitting or "[PRIVATE_KEY]" in fitting


@given(VALUES, st.integers(60, 400))
@settings(max_examples=200, deadline=None)
def test_a_bounded_value_fits_and_says_when_it_was_cut(value, size):
    """Within the size and depth, unchanged exactly when nothing had to be cut."""
    smaller, cut = bounded(value, size)
    assert cut or smaller is value
    assert cut or len(canonical(value)) <= size
    assert not cut or len(canonical(smaller)) <= size


def test_deep_and_foreign_values_are_refused_not_crashed_on():
    """Nesting beyond the bound and values that are not JSON raise WireError; very deep text raises ValueError."""
    deep: list = []
    for _ in range(MAX_JSON_DEPTH):
        deep = [deep]
    with pytest.raises(WireError):
        canonical(deep)
    assert canonical(deep[0]) == b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH
    with pytest.raises(WireError):
        canonical([[1]], max_depth=1)
    for foreign in (b"x", {1: 2}, {"a": object()}, {1}):
        with pytest.raises(WireError):
            canonical(foreign)
    for text in (
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        b'"\\ud800"' + b"[" * 10**5,
        b"\xff",
    ):
        with pytest.raises(ValueError):
            parse_js(text)
    flat, cut = bounded({"a": deep}, 10_000)
    assert cut and canonical(flat, max_depth=MAX_DEPTH)


def test_huge_integers_become_the_doubles_javascript_sees():
    """Integers beyond 2**53 and beyond a double print as JavaScript prints them, in linear time."""
    assert canonical([2**53 + 1, 10**21, 10**400, float("nan"), -0.0]) == b"[9007199254740992,1e+21,null,null,0]"
    assert canonical(parse_js(b"9" * 200_000)) == b"null"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_node_itself_agrees():
    """3000 random texts: node prints JSON.stringify(JSON.parse(x)) exactly as we do, rejects included."""
    rng = random.Random(20_25)
    texts = [_random_text(rng, 3) for _ in range(3000)]
    script = (
        "const t=JSON.parse(require('fs').readFileSync(0,'utf8'));"
        "process.stdout.write(JSON.stringify(t.map(x=>{try{return JSON.stringify(JSON.parse(x))}catch(e){return null}})))"
    )
    done = subprocess.run(
        [shutil.which("node"), "-e", script], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    for text, expected in zip(texts, json.loads(done.stdout), strict=True):
        try:
            ours = canonical(parse_js(text.encode("utf-8", "surrogatepass"))).decode("utf-8")
        except ValueError:
            ours = None
        assert ours == expected, text


def _random_text(rng: random.Random, depth: int) -> str:
    kind = rng.randrange(8 if depth else 5)
    if kind == 0:
        bits = struct.unpack("d", rng.randbytes(8))[0]
        return rng.choice(
            [
                repr(bits),
                f"{rng.uniform(-1, 1):.25g}",
                str(rng.randrange(10 ** rng.randrange(1, 40))),
                f"{rng.random()}E{rng.randrange(-330, 330)}",
                "-0",
                "1e400",
            ]
        )
    if kind == 1:
        return rng.choice(["true", "false", "null", "nul", " 1 ", "01", "\u00a01", "NaN"])
    if kind <= 4:
        alphabet = string.ascii_letters + "é漢😀\u2028\x7f/"
        escapes = ["\\n", "\\u0000", "\\ud83d\\ude00", "\\ud800", "\\udc00x", '\\"', "\\/", "\\u00E9", "\t"]
        return (
            '"'
            + "".join(
                rng.choice(alphabet) if rng.random() < 0.8 else rng.choice(escapes[: 8 if rng.random() < 0.95 else 9])
                for _ in range(rng.randrange(12))
            )
            + '"'
        )
    inner = [_random_text(rng, depth - 1) for _ in range(rng.randrange(5))]
    if kind == 5:
        return "[" + ",".join(inner) + "]"
    keys = [
        rng.choice(
            ['"a"', '"10"', '"9"', '"01"', '"4294967294"', '"4294967295"', '"__proto__"', '""', '"b"', '"\\ud800"']
        )
        for _ in inner
    ]
    return "{" + rng.choice([",", " , "]).join(f"{key}:{value}" for key, value in zip(keys, inner, strict=True)) + "}"
