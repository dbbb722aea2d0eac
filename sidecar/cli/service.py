"""`service install|remove|status`: the agent started by the system's service manager while capture is on."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar import service as services
from sidecar.cli.common import here, style

if TYPE_CHECKING:
    from collections.abc import Sequence

MANAGER_SECONDS = 30.0

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The agent as a service of yours, without root.")


@app.command()
def install(
    show: Annotated[bool, typer.Option("--print", help="Show the files, write nothing.")] = False,
    start: Annotated[bool, typer.Option(help="Tell the service manager at once.")] = True,
) -> None:
    """Write the unit files, and have the agent run whenever the opt-in flag is there. May be repeated."""
    service = services.describe(here(), os.environ)
    if show:
        for path, text in service.files.items():
            print(f"# {path}\n{text}")
        return
    written = services.write(service)
    for path in service.files:
        print(f"{'written' if path in written else 'unchanged'}: {path}")
    if not start:
        _say("To start it:", service.start)
    elif _tell(service.start):
        print(style("The agent runs whenever capture is on.", "green"))
    else:
        _say("No service manager answers here. Where one does, run:", service.start)


@app.command()
def remove() -> None:
    """Stop the service and remove the unit files. Capture itself is switched off by `disable`."""
    service = services.describe(here(), os.environ)
    if set(services.standing(service).values()) == {"absent"}:
        print("not installed")
        return
    told = "foreign" not in services.standing(service).values() and _tell(service.stop)
    gone = services.erase(service)
    for path in gone:
        print(f"removed: {path}")
    if told:
        _tell(service.after)
    else:
        _say("No service manager answers here. Where one does, run:", (*service.stop, *service.after))


@app.command()
def status() -> None:
    """Whether it is installed as this version would install it, and what the manager says. Exit code 1: it is not."""
    service = services.describe(here(), os.environ)
    now = services.standing(service)
    for path, how in now.items():
        print(f"{how:<9}{path}")
    answer = _ask(service.look)
    print(f"manager  {answer or 'no service manager answers here'}")
    if set(now.values()) != {"current"}:
        print(style("Install it: groove-sidecar service install", "dim"))
        raise typer.Exit(1)


app.command("uninstall", hidden=True)(remove)


def _tell(commands: Sequence[Sequence[str]]) -> bool:
    """Run the manager's commands; whether the last one was obeyed. (The first may be about what is not there yet.)"""
    done = None
    for command in commands:
        done = _run(command)
        if done is None:
            return False
    return done is not None and done.returncode == 0


def _ask(command: Sequence[str]) -> str:
    done = _run(command)
    if done is None or "bus" in done.stderr:
        return ""
    return (
        ", ".join(done.stdout.split())
        if command[0] == "systemctl"
        else ("loaded" if not done.returncode else "not loaded")
    )


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        return subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MANAGER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _say(text: str, commands: Sequence[Sequence[str]]) -> None:
    print(text)
    for command in commands:
        print(f"  {shlex.join(command)}")
