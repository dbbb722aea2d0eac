"""`parked list|retry|drop`: what Central Command refused, and what to do with it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import anyio
import orjson
import typer

from sidecar.ask import ask_json
from sidecar.cli.common import here, table
from sidecar.errors import NotRunningError
from sidecar.store.database import Database
from sidecar.store.outbox import Outbox
from sidecar.store.parked import read_parked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIMIT = 1_000

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What Central Command refused.")
EnvelopeId = Annotated[str | None, typer.Argument(help="One envelope; all if left out.")]


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Show parked envelopes with their reasons."""
    paths = here()
    if not paths.spool.exists():
        return
    with Database.read(paths.spool) as connection:
        rows = read_parked(connection, LIMIT)
    if as_json:
        for row in rows:
            print(orjson.dumps(asdict(row)).decode())
        return
    cells = [("envelope", "kind", "steps", "reason")]
    cells += [
        (row.envelope_id, row.kind.value, f"{row.first_step or ''}-{row.last_step or ''}", row.reason) for row in rows
    ]
    print("\n".join(table(cells, (40, 8, 10))) if rows else "nothing is parked")


@app.command()
def retry(envelope_id: EnvelopeId = None) -> None:
    """Queue parked envelopes again, due at once."""
    print(f"queued again: {_change('retry', envelope_id)}")


@app.command()
def drop(envelope_id: EnvelopeId = None) -> None:
    """Destroy parked envelopes and the steps they hold."""
    print(f"dropped: {_change('drop', envelope_id)}")


def _change(verb: str, envelope_id: str | None) -> int:
    """Through the running agent, which owns the spool; directly when none runs."""
    paths = here()
    target = f"/parked/{verb}" + (f"?id={envelope_id}" if envelope_id else "")
    try:
        return int(ask_json(paths.socket, "POST", target)["envelopes"])
    except NotRunningError:
        if not paths.spool.exists():
            return 0

    async def directly() -> int:
        async with Database.open(paths.spool) as database:
            outbox = Outbox(database)
            change: Callable[[str | None], Awaitable[int]] = outbox.retry if verb == "retry" else outbox.drop
            return await change(envelope_id)

    return anyio.run(directly)
