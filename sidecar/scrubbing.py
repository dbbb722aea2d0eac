"""The scrubber as this installation is set up: rules, second layer, key, names.

Owns: the way from settings to a `Scrubber`, for the agent and for the offline commands.
Never: makes a file (a key that is not there is made up for the moment).
Invariant: what `scrub` and `parse` show is what the agent would do.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sidecar.identity import KEY_BYTES, derive
from sidecar.paths import read_private
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.second import Choices

if TYPE_CHECKING:
    from sidecar.config import Settings
    from sidecar.paths import Paths

PURPOSE = "redactions and pseudonyms"


def make_scrubber(
    paths: Paths, settings: Settings, *, key: bytes | None = None, engine: str | None = None, strict_hex: bool = False
) -> Scrubber:
    """The scrubber of these settings; `engine` and `strict_hex` win over them. `key` is the install key."""
    if key is None:
        key = read_private(paths.install_key, 4_096) or secrets.token_bytes(KEY_BYTES)
    return Scrubber(
        engine=engine or settings.engine,
        strict_hex=strict_hex or settings.strict_hex,
        home=str(paths.groove.parent),
        choices=Choices(
            redact=settings.redact,
            allow=settings.allow,
            generic_models=settings.generic_models,
            pseudonyms=settings.pseudonyms,
            key=bytes.fromhex(derive(key, PURPOSE)),
        ),
    )
