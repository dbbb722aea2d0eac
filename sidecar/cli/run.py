"""`run`: the agent in the foreground."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import Annotated

import anyio
import typer

from sidecar.agent import Agent
from sidecar.cli.common import here
from sidecar.sources.child import forbid_core_dump


def run(
    while_on: Annotated[
        bool, typer.Option("--while-on", help="End when capture is switched off; a service manager starts it again.")
    ] = False,
) -> None:
    """Capture and deliver while consent is on; wait for it, at no cost, while it is off. Ends on SIGTERM or Ctrl-C."""
    forbid_core_dump()
    os.umask(0o077)
    paths = here()
    print(f"groove-sidecar: running; ask it with: groove-sidecar status (socket {paths.socket})", file=sys.stderr)
    anyio.run(partial(Agent(paths, os.environ).run, while_on=while_on))
