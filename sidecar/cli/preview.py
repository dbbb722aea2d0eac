"""`preview`: the bytes that would be sent, what was replaced in them, and the person's word on them.

Owns: the command, its two outputs and the road to the spool (through the agent, or directly when none runs).
Never: approves what it did not show.
Invariant: looking changes nothing.
"""

from __future__ import annotations

import os
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import orjson
import typer

from sidecar import __version__
from sidecar.ask import ask_json
from sidecar.checkup.finding import size
from sidecar.cli.common import here, style
from sidecar.cli.preview_view import listing, marks_of, render
from sidecar.errors import NotRunningError, UsageError
from sidecar.identity import app_version_hash, contributor_id
from sidecar.preview import Preview, Sender, previews
from sidecar.store.database import Database
from sidecar.store.journal import Journal
from sidecar.store.outbox import Outbox
from sidecar.store.review import policy_of
from sidecar.wire.canonical import parse_js
from sidecar.wire.limits import MAX_GROOVE_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.paths import Paths

IDS_AT_ONCE = 200
LEAST_ID = 8
STATES = {
    "queued": "to be sent",
    "held": "held for review",
    "buffered": "not sealed yet: as it would be sent now",
    "parked": "refused by Central Command",
}

Ids = Annotated[list[str] | None, typer.Argument(help="Envelopes (their first letters will do), or all.")]


def preview(
    ids: Ids = None,
    session: Annotated[str | None, typer.Option(help="One session only.")] = None,
    next_: Annotated[bool, typer.Option("--next", help="Only what would go first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The exact bytes, one envelope a line.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No highlighting.")] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Show, then let what was shown go.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Destroy these held envelopes.")] = False,
) -> None:
    """Show what would be sent, exactly, with every replacement; nothing is sent by looking."""
    if approve and reject:
        raise UsageError("approve or reject, not both", "Give one of them.")
    paths = here()
    wanted = [one for one in ids or [] if one != "all"]
    if reject and not wanted:
        raise UsageError("reject what?", "Name the envelopes: groove-sidecar preview --reject env_…")
    if not paths.spool.exists():
        print("Nothing is waiting to be sent.", file=sys.stderr)
        return
    colour = sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR")
    with Database.read(paths.spool) as connection:
        policy, looked = policy_of(connection)
        shown = _chosen(previews(connection, _sender(paths), time.time(), session), wanted, first_only=next_)
        seen = _show(shown, policy, looked=looked, form="json" if as_json else "raw" if raw else "", colour=colour)
    held = [one for one in seen if one.state == "held" and one.envelope_id is not None]
    if approve or reject:
        if not seen:
            raise UsageError("there is nothing to look at", "Try again when something was captured.")
        verb = "approve" if approve else "reject"
        done = _tell(paths, verb, [one.envelope_id for one in held if one.envelope_id], looked=approve)
        print(f"{'approved' if approve else 'destroyed unsent'}: {done}", file=sys.stderr)
    elif policy != "off" and held and not as_json and not raw:
        print("\nLet them go: groove-sidecar preview --approve      Drop one: preview --reject ID")


def _sender(paths: Paths) -> Sender:
    return Sender(contributor_id(paths), __version__[:MAX_GROOVE_VERSION], app_version_hash())


def _chosen(found: Iterator[Preview], wanted: list[str], *, first_only: bool) -> Iterator[Preview]:
    for one in found:
        name = one.waiting.envelope_id or ""
        if wanted and not any(name == want or (len(want) >= LEAST_ID and name.startswith(want)) for want in wanted):
            continue
        yield one
        if first_only:
            return


def _show(shown: Iterator[Preview], policy: str, *, looked: bool, form: str, colour: bool) -> list[Any]:
    """Print them one by one; answers what was shown."""
    seen = []
    documents = []
    for one in shown:
        seen.append(one.waiting)
        if form == "json":
            documents.append(_document(one))
        elif form == "raw":
            sys.stdout.buffer.write(one.body + b"\n")
        else:
            print("\n".join(_page(one, len(seen), colour=colour)))
    if form == "json":
        result = {"format": 1, "policy": policy, "looked": looked, "envelopes": documents}
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    elif not seen and not form:
        print("Nothing is waiting to be sent.")
    return seen


def _page(one: Preview, number: int, *, colour: bool) -> Iterator[str]:
    waiting = one.waiting
    steps = f"steps {waiting.first_step}-{waiting.last_step}, " if waiting.first_step is not None else ""
    how = "inverted" if colour else "listed"
    yield "" if number > 1 else f"Exactly this would be sent; what stands for something replaced is {how}."
    yield style(f"{number}. {waiting.kind} {waiting.envelope_id or '(no id yet)'}", "bold")
    yield f"   session {waiting.session_id}"
    yield f"   {steps}{size(len(one.body))}: {STATES[waiting.state]}"
    if one.undecided:
        yield from textwrap.wrap(f"decided when it is sent: {', '.join(one.undecided)}", 76, initial_indent="   ")
    marks = marks_of((one.pointer(step, entry), entry) for step, entry in one.redactions)
    yield from render(parse_js(one.body), marks, colour=colour)
    yield style(f"replaced: {len(one.redactions)}", "bold")
    yield from listing(one.redactions)


def _document(one: Preview) -> dict[str, Any]:
    waiting = one.waiting
    return {
        "envelope_id": waiting.envelope_id,
        "session_id": waiting.session_id,
        "kind": waiting.kind.value,
        "state": waiting.state,
        "first_step": waiting.first_step,
        "last_step": waiting.last_step,
        "bytes": len(one.body),
        "body": one.body.decode(),
        "decided_when_sent": one.undecided,
        "redactions": [
            {"step": step, **entry._asdict(), "envelope_pointer": one.pointer(step, entry)}
            for step, entry in one.redactions
        ],
    }


def _tell(paths: Paths, verb: str, envelope_ids: list[str], *, looked: bool) -> int:
    """Through the running agent, which owns the spool; directly when none runs."""
    parts = [envelope_ids[at : at + IDS_AT_ONCE] for at in range(0, max(len(envelope_ids), 1), IDS_AT_ONCE)]
    mark = "&looked=1" if looked else ""
    try:
        return sum(
            int(ask_json(paths.socket, "POST", f"/review/{verb}?ids={','.join(part)}{mark}")["envelopes"])
            for part in parts
        )
    except NotRunningError:
        pass

    async def directly() -> int:
        async with Database.open(paths.spool) as database:
            outbox = Outbox(database)
            if verb == "approve":
                return await outbox.approve(envelope_ids, looked=looked)
            done = await outbox.reject(envelope_ids)
            if done:
                await Journal(database).wipe()
            return done

    return anyio.run(directly)
