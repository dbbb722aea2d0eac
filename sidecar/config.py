"""Settings of one installation: `sidecar.toml`, then the environment.

Owns: names, defaults and bounds of everything a person may set, and the bounds central need not agree on.
Never: secrets (there are none to set), or anything decided per session.
Invariant: an unknown key or a value out of bounds is an error with a hint, never ignored.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sidecar.errors import ConfigError
from sidecar.paths import read_private

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar.paths import Paths

DEFAULT_ENDPOINT = "http://127.0.0.1:8443"
LOOPBACK = ("localhost", "::1")
RECONCILE_SECONDS = 60.0
MAX_STATUS_NAMES = 50


@dataclass(frozen=True, slots=True)
class Watch:
    """A file or a folder of stream files to follow besides our own."""

    path: str
    provider: str | None = None
    dialect: str = "stream"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Times are seconds, sizes bytes."""

    endpoint: str = DEFAULT_ENDPOINT
    step_vocabulary: str = "full"
    strict_hex: bool = False
    engine: str = "auto"
    chunk_seconds: float = 300.0
    idle_close_seconds: float = 1_800.0
    max_unsent_bytes: int = 2 << 30
    """Above this the sources wait (their files keep the rest); nothing is dropped."""
    keep_delivered_bytes: int = 4 << 30
    """Delivered steps stay as the local corpus up to this; the oldest go first, counted."""
    transcripts: bool = False
    """Whether the records the CLIs keep of their conversations are followed too."""
    watch: tuple[Watch, ...] = field(default=())
    redact: tuple[str, ...] = ()
    """Own strings to replace, whatever the case of their letters."""
    allow: tuple[str, ...] = ()
    """Strings the rules leave alone; never a private key."""
    generic_models: bool = False
    """Whether names of models and providers in prose become labels (the model on the wire stays true)."""
    pseudonyms: bool = False
    """Whether placeholders tell one value from another: [EMAIL_3f2a91c0], user_3f2a91c0."""
    review_before_send: str = "off"
    """"first": nothing goes before a person has looked once; "always": each envelope waits to be approved."""

    @classmethod
    def load(cls, paths: Paths, environ: Mapping[str, str]) -> Settings:
        """`sidecar.toml` if it is there, with GROOVE_CENTRAL_URL winning over its `endpoint`."""
        raw = read_private(paths.config)
        values = _parse(raw, str(paths.config.name)) if raw is not None else {}
        if environ.get("GROOVE_CENTRAL_URL"):
            values["endpoint"] = environ["GROOVE_CENTRAL_URL"]
        return cls(**_check(values))


_NAME = re.compile("[a-z_]{1,32}")
_PLACE = re.compile(r"\(at [a-z0-9, ]{1,40}\)\Z")


def _parse(raw: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = _PLACE.search(str(error))  # what else it says may quote the file
        at = f" {place[0]}" if place else ""
        raise ConfigError(f"{name} is not valid TOML{at}", "Correct the line, or remove the file.") from error


_BOUNDS: dict[str, tuple[float, float]] = {
    "chunk_seconds": (1, 3_600),
    "idle_close_seconds": (1, 86_400),
    "max_unsent_bytes": (1 << 20, 1 << 42),
    "keep_delivered_bytes": (0, 1 << 42),
}
_SWITCHES = frozenset({"strict_hex", "transcripts", "generic_models", "pseudonyms"})
_STRINGS = frozenset({"redact", "allow"})
MAX_STRINGS = 200
STRING_LENGTH = (3, 256)
_CHOICES = {"step_vocabulary": ("full", "seven"), "engine": ("auto", "hyperscan", "re")}


def _check(values: dict[str, Any]) -> dict[str, Any]:
    known = {f.name: f for f in fields(Settings)}
    for key, value in values.items():
        if key not in known:
            named = f" {key!r}" if _NAME.fullmatch(key) else ""  # a string that went astray may be a secret
            raise ConfigError(f"sidecar.toml: unknown setting{named}", f"Known: {', '.join(sorted(known))}.")
        if key in _BOUNDS:
            low, high = _BOUNDS[key]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ConfigError(f"sidecar.toml: {key} must be {low:g}..{high:g}", "Correct the value.")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise ConfigError(f"sidecar.toml: {key} must be one of {', '.join(_CHOICES[key])}", "Correct the value.")
        if key in _SWITCHES and not isinstance(value, bool):
            raise ConfigError(f"sidecar.toml: {key} must be true or false", "Correct the value.")
    checked = dict(values)
    checked["endpoint"] = check_endpoint(values.get("endpoint", DEFAULT_ENDPOINT))
    checked |= {key: _strings(key, values[key]) for key in _STRINGS & set(values)}
    if set(checked.get("redact", ())) & set(checked.get("allow", ())):
        raise ConfigError("sidecar.toml: a string stands in redact and in allow", "Take it out of one of them.")
    if "review_before_send" in values:
        checked["review_before_send"] = _review(values["review_before_send"])
    checked["watch"] = tuple(_watch(entry) for entry in values.get("watch", []))
    return checked


def _strings(key: str, value: Any) -> tuple[str, ...]:
    low, high = STRING_LENGTH
    if (
        isinstance(value, list)
        and len(value) <= MAX_STRINGS
        and all(isinstance(s, str) and low <= len(s) <= high for s in value)
    ):
        return tuple(value)
    raise ConfigError(
        f"sidecar.toml: {key} must be up to {MAX_STRINGS} strings of {low} to {high} characters", "Correct the list."
    )


def _review(value: Any) -> str:
    if value is False:
        return "off"
    if value in ("first", "always"):
        return str(value)
    raise ConfigError('sidecar.toml: review_before_send must be false, "first" or "always"', "Correct the value.")


def _watch(entry: Any) -> Watch:
    if isinstance(entry, str):
        return Watch(path=entry)
    if (
        isinstance(entry, dict)
        and isinstance(entry.get("path"), str)
        and not set(entry) - {"path", "provider", "dialect"}
    ):
        dialect = entry.get("dialect", "stream")
        if dialect in {"stream", "transcript"} and isinstance(entry.get("provider"), str | None):
            return Watch(path=entry["path"], provider=entry.get("provider"), dialect=dialect)
    raise ConfigError("sidecar.toml: watch entries are paths, or {path, provider, dialect}", "See README, Settings.")


def check_endpoint(url: Any) -> str:
    """The address of a Central Command without a final slash: https, or plain http to this machine only.

    Raises ConfigError for anything else: credentials, a query, a space, another scheme.
    """
    text = url if isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url else ""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    extras = parts.query or parts.fragment or "@" in parts.netloc
    if not host or parts.scheme not in {"http", "https"} or extras:
        raise ConfigError(
            "endpoint is not the address of a Central Command", "Use https://host[:port] without credentials."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(
            "endpoint would send over plain http", "Use https; http is for this machine (127.0.0.1) only."
        )
    return text.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether this is this machine: localhost, 127.0.0.0/8, ::1."""
    return host.lower() in LOOPBACK or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
