"""The command line of Central Command, and its process.

Owns: `serve`, options, signals, where the log goes.
Never: knows a route.
Invariant: the bound address is printed as one JSON line on stdout once connections are taken, and nothing else is.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from central.app import make_app
from central.options import GIB, KEEP_ALIVE_SECONDS, SHUTDOWN_SECONDS, Options
from central.protocol import guarded
from central.storage import Storage
from sidecar.errors import SidecarError, UsageError
from sidecar.paths import read_private

if TYPE_CHECKING:
    from types import FrameType

BACKLOG = 512
MAX_PORT = 65_535


class Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if not self.should_exit and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(json.dumps({"listening": f"http://{shown}:{port}"}, separators=(",", ":")), flush=True)  # noqa: T201 - the contract of stdout


def serve(data: Path, port: int = 8443, host: str = "127.0.0.1", options: Options | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests that are being worked on are finished first.

    Raises SidecarError when the folder or the address cannot be used.
    """
    if not 0 <= port <= MAX_PORT:  # the resolver would take it modulo 65536
        raise UsageError(f"There is no port {port}.", f"Choose one from 1 to {MAX_PORT}; 0 picks a free one.")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    options = options or Options()
    storage = Storage(data)
    try:
        storage.open()  # before anything listens: what is wrong with the folder is said here, in words
    finally:
        storage.close()
    listener = _listen(host, port)
    config = uvicorn.Config(
        make_app(data, options),
        http=guarded(options.header_seconds, options.connections),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    with listener:
        Server(config).run(sockets=[listener])


def main(argv: list[str]) -> int:
    """Run the command line; the exit code."""
    arguments = _parse(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for name in ("uvicorn.error", "uvicorn.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # their texts may quote a request; ours never do
    try:
        serve(arguments.data, arguments.port, arguments.host, _options(arguments))
    except SidecarError as error:
        print(f"central: {error.message}\n  {error.hint}", file=sys.stderr)  # noqa: T201 - the command's own error
        return error.exit_code
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="central", description="Central Command: takes signed envelopes and keeps them."
    )
    command = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="serve until stopped")
    command.add_argument("--data", type=Path, required=True, help="folder for everything it keeps (made 0700)")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (TLS is a proxy's job)")
    command.add_argument("--port", type=int, default=8443, help="0 picks a free one; it is printed on stdout")
    command.add_argument("--requests-per-minute", type=int, default=Options().requests_per_minute, metavar="N")
    command.add_argument("--requests-per-hour", type=int, metavar="N")
    command.add_argument(
        "--opens-per-hour", type=int, default=Options().opens_per_hour, metavar="N", help="per machine"
    )
    command.add_argument("--quota-mib", type=int, default=50 * 1024, metavar="N", help="size at which storing stops")
    command.add_argument("--connections", type=int, default=Options().connections, metavar="N", help="at one time")
    command.add_argument("--header-seconds", type=float, default=Options().header_seconds, metavar="S")
    command.add_argument("--body-seconds", type=float, default=Options().body_seconds, metavar="S")
    command.add_argument("--trusted-proxy", action="append", default=[], metavar="ADDRESS", help="may be repeated")
    command.add_argument(
        "--operator-token-file", type=Path, metavar="FILE", help="0600; operators must show its content"
    )
    return parser.parse_args(argv)


def _options(arguments: argparse.Namespace) -> Options:
    token = None
    if arguments.operator_token_file is not None:
        content = read_private(arguments.operator_token_file)
        token = (content or b"").decode("utf-8", "replace").strip()
        if not token:
            raise SidecarError("The operator token file is missing or empty.", "Write a long random text into it.")
    return Options(
        quota_bytes=arguments.quota_mib * (GIB >> 10),
        requests_per_minute=arguments.requests_per_minute,
        requests_per_hour=arguments.requests_per_hour,
        opens_per_hour=arguments.opens_per_hour,
        connections=arguments.connections,
        header_seconds=arguments.header_seconds,
        body_seconds=arguments.body_seconds,
        trusted_proxies=tuple(arguments.trusted_proxy),
        operator_token=token,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        hint = "Choose another --port; 0 picks a free one."
        raise SidecarError(f"Cannot listen on {host} port {port}: {error.strerror}.", hint) from error
    return listener


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """A signal before or after serving: leave quietly. While serving, uvicorn has its own handlers."""
    raise SystemExit(0 if number == signal.SIGTERM else 130)
