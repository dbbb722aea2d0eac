"""Asking Central Command, for a person who asked for it and has agreed to it.

Owns: `doctor --online`: /health and the contract of the configured endpoint.
Never: connects without consent; sends anything but two GETs; follows a redirect.
Invariant: what answers is shown as the delivery would take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from sidecar import __version__
from sidecar.checkup.finding import Finding, Level
from sidecar.consent import capture_allowed
from sidecar.delivery.client import CentralClient, Reply
from sidecar.errors import ConsentError
from sidecar.wire import http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar.config import Settings
    from sidecar.paths import Paths

TIMEOUT = 10.0


class _Asker(CentralClient):
    """The delivery's own client: the same TLS, the same bounds, the same question before each request."""

    async def health(self) -> Reply | http.Verdict:
        return await self._exchange("GET", http.HEALTH, None)


def online(paths: Paths, settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Two findings; one, without a connection, while there is no consent."""
    if not capture_allowed(paths, environ):
        text = "not asked: nothing connects before you have agreed"
        return [Finding("central", Level.OFF, text, "groove-sidecar enable")]
    try:
        return anyio.run(_ask, paths, settings, environ)
    except ConsentError:
        return [Finding("central", Level.OFF, "not asked: capture was switched off meanwhile")]


async def _ask(paths: Paths, settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    def allowed() -> bool:
        return capture_allowed(paths, environ)

    async with _Asker(settings.endpoint, allowed=allowed, timeout=TIMEOUT, version=__version__) as client:
        health = await client.health()
        if isinstance(health, http.Verdict):
            hint = "Check the address and the connection; what is held waits and is tried again."
            return [Finding("central", Level.TROUBLE, f"{settings.endpoint}: {health.reason}", hint)]
        reply = await client.contract()
    found = [_health(health)]
    if reply.contract is None:
        hint = "Something else may answer in its place: check the endpoint."
        return [*found, Finding("contract", Level.TROUBLE, reply.verdict.reason, hint)]
    text = f"{reply.contract.name}: bodies up to {reply.contract.body_bytes} bytes"
    return [*found, Finding("contract", Level.OK, text, facts={"name": reply.contract.name})]


def _health(reply: Reply) -> Finding:
    facts = {"status": reply.status}
    if reply.status == 200:
        return Finding("central", Level.OK, "answers", facts=facts)
    return Finding("central", Level.WARNING, f"/health answers {reply.status}", "Ask whoever runs it.", facts)
