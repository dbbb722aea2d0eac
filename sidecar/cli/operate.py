"""`flush`, `pause`, `resume`, `metrics`: one request to the running agent each."""

from __future__ import annotations

from typing import Annotated

import typer

from sidecar.ask import ask, ask_json
from sidecar.cli.common import here

FLUSH_SECONDS = 60.0


def flush(
    timeout: Annotated[float, typer.Option(help="Give up after this many seconds.")] = FLUSH_SECONDS,
) -> None:
    """Seal what is buffered and send everything that is due or waiting, now."""
    value = ask_json(here().socket, "POST", f"/flush?timeout={timeout:g}", timeout + 5)
    left = value["queued"]
    print(f"sent {value['sent']}, still queued {left}, parked {value['parked']}")
    if left and value.get("reason"):
        print(f"  {value['reason']}")
    if left:
        raise typer.Exit(1)


def pause() -> None:
    """Stop sending until `resume`, also over restarts. Capture goes on into the queue."""
    ask_json(here().socket, "POST", "/pause")
    print("paused: capturing into the queue, sending nothing")


def resume() -> None:
    """Send again."""
    ask_json(here().socket, "POST", "/resume")
    print("resumed")


def metrics() -> None:
    """Print the agent's metrics."""
    _status, body = ask(here().socket, "GET", "/metrics")
    print(body.decode(), end="")
