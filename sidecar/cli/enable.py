"""`enable`, `disable`, `consent`: the disclosure, the flag, the history.

Owns: the conversation with the person.
Never: switches on without an explicit yes.
Invariant: when `disable` returns 0, what was not sent is gone, whether an agent was running or not.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from sidecar import consent as consents
from sidecar.ask import ask_json
from sidecar.cli.common import here, style
from sidecar.config import Settings, check_endpoint
from sidecar.disclosure import CONSENT_VERSION, DISCLOSURE, TERMS_HASH
from sidecar.errors import ConfigError, NotRunningError, StoreError, UsageError
from sidecar.paths import make_private_dir, read_private, write_private

if TYPE_CHECKING:
    from sidecar.paths import Paths

DISABLE_SECONDS = 30.0

consent = typer.Typer(add_completion=False, no_args_is_help=True, help="What you agreed to, and when.")


def enable(
    endpoint: Annotated[str | None, typer.Option(help="Central Command to deliver to; kept in sidecar.toml.")] = None,
    transcripts: Annotated[
        bool | None, typer.Option(help="Follow the records the CLIs keep, too; kept in sidecar.toml.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="You have read the disclosure and agree.")] = False,
) -> None:
    """Show the disclosure, ask, write the grant, then the flag."""
    paths = here()
    settings = Settings.load(paths, os.environ)
    chosen = check_endpoint(endpoint) if endpoint else settings.endpoint
    print(DISCLOSURE)
    print(f"Central Command: {style(chosen, 'bold')}")
    follow = settings.transcripts if transcripts is None else transcripts
    print(f"Transcripts of the CLIs: {style('followed', 'bold') if follow else 'not followed'}\n")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nobody is here to agree", "Read the text above, then: groove-sidecar enable --yes")
        if input("Switch capture on? Type yes: ").strip().lower() != "yes":
            print("Nothing was changed.")
            raise typer.Exit(1)
    make_private_dir(paths.state)
    if endpoint and chosen != settings.endpoint:
        if os.environ.get("GROOVE_CENTRAL_URL"):
            raise ConfigError("GROOVE_CENTRAL_URL would win over --endpoint", "Unset it, or leave --endpoint out.")
        _keep(paths, "endpoint", chosen)
    if follow != settings.transcripts:
        _keep(paths, "transcripts", follow)
    before = consents.evaluate(paths, os.environ).standing
    if before is consents.Standing.REVOKED:
        _clear(paths)
    consents.grant(paths, chosen, "enable", anew=before is consents.Standing.REVOKED)
    standing = consents.evaluate(paths, os.environ)
    if not standing.on:
        print(f"Agreed, but capture stays off: {standing.reason}\n  {standing.hint}", file=sys.stderr)
        raise typer.Exit(3)
    print(style("Capture is on.", "green") + " Start the agent: groove-sidecar run")
    print("Then your agents: groove-sidecar wrap -- claude -p --output-format stream-json --verbose …")
    if follow:
        print("From now on the CLIs' transcripts are followed. What is there already: groove-sidecar import --dry-run")


def _clear(paths: Paths) -> None:
    """What an earlier yes left behind (nobody was there to destroy it) does not belong to this one."""
    from sidecar.revocation import destroy_unsent

    if paths.spool.exists() or (paths.streams.is_dir() and any(paths.streams.iterdir())):
        try:
            ask_json(paths.socket, "POST", "/revoked", DISABLE_SECONDS)
        except NotRunningError:
            destroy_unsent(paths)


def _keep(paths: Paths, name: str, value: str | bool) -> None:
    """Write a setting into sidecar.toml, leaving every other line as the person wrote it."""
    raw = (read_private(paths.config) or b"").decode("utf-8")
    lines = [line for line in raw.splitlines() if line.split("=")[0].strip() != name]
    text = "\n".join([f"{name} = {orjson.dumps(value).decode()}", *lines]) + "\n"
    write_private(paths.config, text.encode())


def disable() -> None:
    """Remove the flag, record the revocation, and see to it that the unsent is destroyed."""
    from sidecar.revocation import destroy_unsent

    paths = here()
    try:
        endpoint = Settings.load(paths, os.environ).endpoint
    except ConfigError:
        endpoint = ""  # a broken sidecar.toml must not keep anyone from switching off
    consents.revoke(paths, endpoint, "disable")
    try:
        # The agent answers once it has destroyed what it held; it also sees the flag go by itself.
        destroyed = ask_json(paths.socket, "POST", "/revoked", DISABLE_SECONDS)
    except NotRunningError:
        destroyed = destroy_unsent(paths)
    if destroyed.pop("wiped", 1) == 0:
        raise StoreError(
            "what was destroyed is not yet overwritten in spool.db",
            "Make room on the disk, close programs that read it, then: groove-sidecar disable",
        )
    gone = ", ".join(f"{count} {what}" for what, count in sorted(destroyed.items()) if count) or "nothing was waiting"
    print(f"Capture is off. Destroyed unsent: {gone}.")


@consent.command()
def show() -> None:
    """Print the disclosure, and whether capture is on and why."""
    paths = here()
    standing = consents.evaluate(paths, os.environ)
    print(DISCLOSURE)
    print(f"version {CONSENT_VERSION}, text {TERMS_HASH[:16]}\nnow: {standing.standing} ({standing.reason})")
    if standing.hint:
        print(f"  {standing.hint}")


@consent.command("history")
def history_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print every grant and revocation, oldest first."""
    for entry in consents.history(here().consent_db):
        if as_json:
            record = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
            print(orjson.dumps(record).decode())
        else:
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
            print(f"{when}  {entry.kind:<7} {entry.version}  {entry.terms_hash[:12]}  {entry.endpoint}"[:80])
