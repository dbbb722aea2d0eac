"""The routes, and the process that serves them.

Owns: what runs where (reading in the loop, work in threads), the operators' gate, the log of refusals.
Never: decides about an envelope; writes content of a request to the log.
Invariant: every answer is JSON, and no request ends the process.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from central import stats
from central.body import BodyReader, inflate, parse_object
from central.ingest import Ingest, not_stored
from central.limiter import Limiter, client_address
from central.options import MAX_PAGE, WORKERS, Options
from central.refusal import Refusal, Reply
from central.registry import Registry
from central.storage import Storage
from sidecar.errors import SidecarError, StoreError
from sidecar.wire import http
from sidecar.wire.schema import MAX_MODEL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from parsers.step import JsonObject

T = TypeVar("T")
DISTRIBUTION = "groove-sidecar"
LOG = logging.getLogger("central")
LOOPBACK_NAMES = ("localhost", "ip6-localhost")
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class Central:
    """The handlers. `data` is the folder it keeps everything in."""

    def __init__(self, data: Path, options: Options) -> None:
        self._options = options
        self._storage = Storage(data)
        self._registry = Registry(self._storage, options)
        self._ingest = Ingest(self._storage, options)
        self._reader = BodyReader(options.contract.body_bytes, options.body_seconds)
        self._threads = anyio.CapacityLimiter(WORKERS)
        self._asking = anyio.CapacityLimiter(1)
        self._started = options.monotonic()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Storage opens before the first request and closes after the last."""
        try:
            await anyio.to_thread.run_sync(self._storage.open)
        except SidecarError as error:
            LOG.critical("cannot start: %s %s", error.message, error.hint)
            raise
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(self._storage.close)

    def routes(self) -> list[Route]:
        """Every path we know."""
        return [
            Route(http.OPEN, self.open, methods=["POST"]),
            Route(http.INGEST, self.ingest, methods=["POST"]),
            Route(http.CLOSE, self.close, methods=["POST"]),
            Route(http.CONTRACT, self.contract, methods=["GET"]),
            Route(http.HEALTH, self.health, methods=["GET"]),
            Route("/v1/stats/{name}", self.statistics, methods=["GET"]),
            Route("/v1/sessions", self.sessions, methods=["GET"]),
            Route("/v1/sessions/{id}", self.session, methods=["GET"]),
        ]

    async def open(self, request: Request) -> Response:
        """POST /v1/sessions/open."""
        return await self._work(request, lambda raw: self._registry.open(parse_object(raw)))

    async def close(self, request: Request) -> Response:
        """POST /v1/sessions/close."""
        return await self._work(request, lambda raw: self._registry.close(parse_object(raw)))

    async def ingest(self, request: Request) -> Response:
        """POST /v1/training/ingest."""
        return await self._work(request, self._ingest.take)

    async def contract(self, _request: Request) -> Response:
        """GET /v1/contract."""
        policy = f"any name of 1 to {MAX_MODEL} characters"
        described = http.describe_contract(self._options.contract)
        return answer(200, {**described, "model_policy": policy, "version": version(DISTRIBUTION)})

    async def health(self, _request: Request) -> Response:
        """GET /health."""
        return answer(200, {"status": "ok", "uptime": round(self._options.monotonic() - self._started, 3)})

    async def statistics(self, request: Request) -> Response:
        """GET /v1/stats/{summary,daily,models,providers}."""
        name = request.path_params["name"]
        days = _number(request, "days", 30)
        questions: dict[str, Callable[[sqlite3.Connection], Any]] = {
            "summary": stats.summary,
            "daily": lambda db: {"days": stats.tallies(db, "day", "date", days)},
            "models": lambda db: {"models": stats.tallies(db, "model", "model")},
            "providers": lambda db: {"providers": stats.tallies(db, "provider", "provider")},
        }
        if name not in questions:
            raise HTTPException(404)
        return answer(200, await self._ask(questions[name]))

    async def sessions(self, request: Request) -> Response:
        """GET /v1/sessions?after=CURSOR&limit=N, for operators."""
        self._check_operator(request)
        after, most = _number(request, "after", 0), _number(request, "limit", MAX_PAGE)
        return answer(200, await self._ask(lambda db: stats.sessions(db, after, most)))

    async def session(self, request: Request) -> Response:
        """GET /v1/sessions/{id}, for operators."""
        self._check_operator(request)
        session_id = request.path_params["id"]
        found = await self._ask(lambda db: stats.session(db, session_id.encode("utf-8", "replace").decode()))
        if found is None:
            raise Refusal(404, "session", "unknown session_id")
        return answer(200, found)

    async def _work(self, request: Request, job: Callable[[bytes], Reply]) -> Response:
        limit = self._options.contract.body_bytes
        async with self._reader.body(request) as (raw, compressed):

            def run() -> Reply:
                return job(inflate(raw, limit) if compressed else raw)

            # not abandoned when the client hangs up: what was begun is finished, and a repeat then finds it
            reply = await anyio.to_thread.run_sync(run, limiter=self._threads)
        return answer(reply.status, reply.body)

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        def run() -> T:
            with self._storage.reading() as db:
                return question(db)

        return await anyio.to_thread.run_sync(run, limiter=self._asking)

    def _check_operator(self, request: Request) -> None:
        """A token where one is set; else only this machine, asked by its own name and not through a proxy."""
        token = self._options.operator_token
        if token is not None:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
                raise Refusal(401, "operator", "operator token required", hint="Send Authorization: Bearer TOKEN.")
            return
        direct = not any(name in request.headers for name in FORWARDED)
        peer = request.client.host if request.client else ""
        if not (direct and is_loopback(peer) and is_loopback(host_name(request.headers.get("host", "")))):
            raise Refusal(403, "operator", "operators only", hint="Ask from this machine, or set an operator token.")


class Guard:
    """The rate limit: before routing, so a flood costs next to nothing."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._trusted = options.trusted_proxies
        windows = [(options.requests_per_minute, 60.0), (options.requests_per_hour, 3600.0)]
        self._limiter = Limiter(windows, options.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] == "http":
            peer = scope["client"][0] if scope.get("client") else ""
            forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            wait = self._limiter.wait(client_address(peer, forwarded.decode("latin-1"), self._trusted))
            if wait is not None:
                refusal = Refusal(429, "rate", "Too Many Requests", after=max(wait, 1.0))
                await _refuse(scope, refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def make_app(data: Path, options: Options | None = None) -> ASGIApp:
    """The ASGI application over the folder `data`."""
    options = options or Options()
    central = Central(data, options)
    app = Starlette(
        routes=central.routes(),
        lifespan=central.lifespan,
        exception_handlers={
            Refusal: _on_refusal,
            StoreError: _on_store_error,
            HTTPException: _on_http,
            Exception: _on_error,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, options)


def answer(status: int, body: JsonObject) -> Response:
    """JSON, not to be cached."""
    return JSONResponse(body, status, {"Cache-Control": "no-store"})


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str:
    """The Host header without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else default


def _refuse(scope: Scope, refusal: Refusal) -> Response:
    """Log one line without content, and make the answer."""
    route = scope.get("path", "") if scope.get("endpoint") else "-"
    LOG.warning(
        "refused method=%s route=%s status=%d door=%s session=%s",
        scope["method"][:8].encode("ascii", "replace").decode(),
        route if route.startswith("/v1/") and not scope.get("path_params") else "-",
        refusal.status,
        refusal.door,
        refusal.session or "-",
    )
    return JSONResponse(refusal.body, refusal.status, refusal.headers)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _refuse(request.scope, error)


async def _on_store_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreError)
    return _refuse(request.scope, not_stored(error))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = {404: "no such path", 405: "no such method on this path"}.get(error.status_code, "refused")
    return _refuse(request.scope, Refusal(error.status_code, "route", reason))


async def _on_error(request: Request, error: Exception) -> Response:
    """A defect of ours: named by type and place, never by its text, which may quote the request."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "-"
    LOG.error("internal error type=%s at=%s", type(error).__name__, place)
    return _refuse(request.scope, Refusal(500, "internal", "internal error", after=30.0))
