"""An unknown or impossible setting is an error with a hint, never ignored."""

from __future__ import annotations

import pytest

from sidecar.config import Settings, check_endpoint
from sidecar.errors import ConfigError


def load(paths, text, **environ):
    paths.state.mkdir(parents=True, exist_ok=True)
    paths.config.write_text(text)
    return Settings.load(paths, environ)


def test_defaults_send_nothing_away_from_this_machine(paths):
    """Without a setting the endpoint is loopback."""
    assert Settings.load(paths, {}).endpoint == "http://127.0.0.1:8443"


def test_the_environment_wins_over_the_file(paths):
    """GROOVE_CENTRAL_URL beats endpoint."""
    text = 'endpoint = "https://a.example"'
    assert load(paths, text).endpoint == "https://a.example"
    assert load(paths, text, GROOVE_CENTRAL_URL="https://b.example/").endpoint == "https://b.example"


@pytest.mark.parametrize(
    "text",
    [
        "colour = 1",
        "chunk_seconds = 0",
        'chunk_seconds = "x"',
        "strict_hex = 1",
        'engine = "perl"',
        'step_vocabulary = "eight"',
        "watch = [1]",
        'watch = [{path = "a", unknown = 1}]',
        "endpoint = 1",
        "not toml",
    ],
)
def test_wrong_settings_are_refused_with_a_hint(paths, text):
    """Each wrong line raises ConfigError with a message and a hint."""
    with pytest.raises(ConfigError) as caught:
        load(paths, text)
    assert caught.value.message
    assert caught.value.hint


def test_watch_takes_paths_and_tables(paths):
    """Both forms of a watch entry work."""
    settings = load(paths, 'watch = ["~/a.jsonl", {path = "/b", provider = "codex"}]')
    assert [(entry.path, entry.provider) for entry in settings.watch] == [("~/a.jsonl", None), ("/b", "codex")]


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a", "http://central.example", "https://u:p@a.example", "https://", "http://[", "https://a/?k=v", None],
)
def test_endpoints_that_would_leak_are_refused(url):
    """Plain http leaves the machine only never; credentials in the address are refused."""
    with pytest.raises(ConfigError):
        check_endpoint(url)


@pytest.mark.parametrize(
    "url", ["https://central.example", "http://127.0.0.1:1", "http://[::1]:2", "http://localhost:3"]
)
def test_good_endpoints_pass(url):
    """TLS anywhere, plain http to this machine."""
    assert check_endpoint(url + "/") == url


@pytest.mark.parametrize("line", ["{s} = 1", "[{s}]\n[{s}]", "x = {s}", '"{s} {s}" = true'])
def test_what_is_wrong_in_the_file_is_not_repeated(paths, line):
    """A secret that went astray in sidecar.toml is in no message: messages are logged, counted and shown."""
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    paths.state.mkdir(parents=True, mode=0o700)
    paths.config.write_text(line.format(s=secret))
    with pytest.raises(ConfigError) as caught:
        Settings.load(paths, {})
    assert secret not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint
