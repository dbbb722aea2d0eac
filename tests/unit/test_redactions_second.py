"""The second layer: own strings, the allow-list, generic labels and pseudonyms, each within its bounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.step import Step, StepType
from sidecar.config import Settings
from sidecar.errors import ConfigError
from sidecar.identity import install_key
from sidecar.scrub.rules import RULES
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.second import ATOM, Choices, explain
from tests.patience import PATIENCE

KEY = b"k" * 32
PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA" * 8 + "\n-----END RSA PRIVATE KEY-----"
ENGINES = ["hyperscan", "re"]


def scrubber(engine="auto", **choices):
    return Scrubber(engine=engine, choices=Choices(key=KEY, **choices))


@pytest.mark.parametrize("engine", ENGINES)
def test_own_strings_are_replaced_in_any_case_and_place(engine):
    """An own string goes wherever it stands: in words, keys, escapes, base64, and whatever the case of its letters."""
    own = scrubber(engine, redact=("ProjectFoo", "Übermut"))
    for text in ("ProjectFoo", "xPROJECTFOOy", "a\\nprojectfoo", "%50rojectFoo x", "ÜBERMUT", "übermut"):
        assert "[REDACTED]" in own.text(text), text
    assert own.json({"projectfoo": ["x ProjectFoo"]}) == {"[REDACTED]": ["x [REDACTED]"]}
    import base64

    assert "ZWN0Rm9v" not in own.text(base64.b64encode(b"the plan of ProjectFoo is secret here").decode())


@pytest.mark.parametrize("engine", ENGINES)
def test_the_allow_list_spares_its_strings_and_nothing_more(engine):
    """An allowed value stays, a longer one that holds it does not, and a private key never does."""
    free = scrubber(engine, allow=("help@corp-mail.com", "93.184.216.34", PEM))
    assert free.text("help@corp-mail.com and 93.184.216.34") == "help@corp-mail.com and 93.184.216.34"
    assert free.text("xhelp@corp-mail.com") == "[EMAIL]"
    assert free.text("93.184.216.3") == "[IP]"
    assert "[PRIVATE_KEY]" in free.text(PEM)
    assert scrubber(engine, allow=("hunter2x9!",)).json({"password": "hunter2x9!"}) == {"password": "hunter2x9!"}


def test_an_own_string_beats_the_allow_list():
    """A string inside an allowed one is replaced all the same if it is one's own."""
    both = scrubber(redact=("corp-mail",), allow=("help@corp-mail.com",))
    assert "corp-mail" not in both.text("write to help@corp-mail.com")


def test_generic_labels_touch_prose_and_never_the_facts():
    """Names of models and providers go from contents only: not from the model, arguments, paths or packages."""
    generic = scrubber(generic_models=True)
    step = Step(
        StepType.THOUGHT,
        content="I am Claude Opus 4.5, made by Anthropic; GPT-4o and gemini-2.5-pro differ. See CLAUDE.md, ./claude/x.",
        model="claude-opus-4-7",
        arguments={"model": "gpt-4o", "note": "by OpenAI"},
    )
    out = generic.scrub(step)
    assert out.content == "I am [MODEL], made by [PROVIDER]; [MODEL] and [MODEL] differ. See CLAUDE.md, ./claude/x."
    assert (out.model, out.arguments) == (step.model, step.arguments)
    assert generic.json("claude-opus-4-7") == generic.text("claude-opus-4-7") == "claude-opus-4-7"


def test_pseudonyms_tell_values_apart_and_are_keyed():
    """The same value has one pseudonym in one installation, another value another, another key another."""
    one, other = scrubber(pseudonyms=True), Scrubber(choices=Choices(pseudonyms=True, key=b"x" * 32))
    text = "a.b@corp-mail.com c.d@corp-mail.com a.b@corp-mail.com /home/zelda/x by zelda"
    first, second, third, path, _, name = one.text(text).split()
    assert first == third != second
    assert ATOM.fullmatch(first)
    assert path == f"/home/{name}/x"
    assert name.startswith("user_")
    assert one.learned == ("zelda",)
    assert other.text(text) != one.text(text)
    assert scrubber().text(text).split()[0] == "[EMAIL]"


@pytest.mark.parametrize("pseudonyms", [False, True])
def test_placeholders_of_both_forms_are_atoms(pseudonyms):
    """Scrubbing the scrubbed sample of every rule changes nothing, with and without pseudonyms, nor across the two."""
    first = scrubber(pseudonyms=pseudonyms, redact=("ProjectFoo",))
    plain = scrubber()
    for rule in RULES:
        for sample in rule.samples:
            out = first.fresh().text(f"ProjectFoo {sample}")
            assert first.fresh().text(out) == out, rule.name
            if "user_" not in out:
                assert plain.fresh().text(out) == out, rule.name


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "[EMAIL_3f2a91c0]",
                "user_3f2a91c0",
                "password=",
                "token: ",
                "/home/",
                "/",
                " ",
                "@corp.com",
                '"',
                "ProjectFoo",
                "x",
                "\\n",
                "sk-ant-",
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_scrubbing_twice_is_scrubbing_once(text):
    """Idempotent on texts made of placeholders and of what stands around secrets."""
    own = scrubber("re", pseudonyms=True, redact=("ProjectFoo",))
    once = own.text(text)
    assert own.text(once) == once


def test_settings_are_checked(paths):
    """Wrong lists and policies are refused with a hint; a string in both lists too."""
    paths.state.mkdir(parents=True)
    for text in (
        'redact = "x"',
        'redact = ["ab"]',
        "allow = [1]",
        'redact = ["abc"]\nallow = ["abc"]',
        "pseudonyms = 1",
        "review_before_send = true",
        'review_before_send = "sometimes"',
    ):
        paths.config.write_text(text)
        with pytest.raises(ConfigError) as caught:
            Settings.load(paths, {})
        assert caught.value.hint
    paths.config.write_text('redact = ["Foo"]\nallow = ["Bar"]\nreview_before_send = false\npseudonyms = true')
    chosen = Settings.load(paths, {})
    assert (chosen.redact, chosen.allow, chosen.review_before_send, chosen.pseudonyms) == (
        ("Foo",),
        ("Bar",),
        "off",
        True,
    )


def command(home, *arguments, text):
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    line = [sys.executable, "-m", "sidecar.cli.main", *arguments]
    return subprocess.run(
        line, input=text, capture_output=True, text=True, env=environ, timeout=PATIENCE, check=True
    ).stdout


def test_explain_shows_the_second_layer(paths, home):
    """`scrub --explain` names own strings, generic labels and pseudonyms with rule and reason, never the value."""
    install_key(paths)
    paths.config.write_text(
        'redact = ["ProjectFoo"]\nallow = ["ok@corp-mail.com"]\ngeneric_models = true\npseudonyms = true'
    )
    text = "Claude at ProjectFoo wrote to a.b@corp-mail.com, not to ok@corp-mail.com"
    entries = [json.loads(row) for row in command(home, "scrub", "--explain", text=text).splitlines()]
    assert [(one["rule"], one["category"]) for one in entries] == [
        ("generic-model", "MODEL"),
        ("own-string", "REDACTED"),
        ("email", "EMAIL"),
    ]
    assert all(one["reason"] for one in entries)
    out = command(home, "scrub", text=text)
    assert out == command(home, "scrub", text=text)
    assert [one["placeholder"] for one in entries] == [out.split()[0], out.split()[2], out.split()[5].rstrip(",")]
    assert out.endswith("not to ok@corp-mail.com")


def test_every_rule_of_this_layer_has_a_reason():
    """`explain` knows the rules of both layers."""
    for rule in ("own-string", "generic-model", "generic-provider", "secret-member", "email", "echo"):
        assert explain(rule)
