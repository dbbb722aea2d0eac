"""`groove-sidecar COMMAND …`: finds the one module a command needs and runs it.

Owns: the table of commands, error printing, exit codes.
Never: imports a command that was not asked for: `wrap` stands in front of every agent and must start at once.
Invariant: exit codes are 0 done, 1 failed, 2 wrong use or bad input, 3 needs consent, 4 no agent running, 130 Ctrl-C;
`wrap` answers the child's own.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple


class Command(NamedTuple):
    """Where a command lives. `raw`: the module's own `main(argv)`; else a typer function or app."""

    module: str
    attribute: str
    help: str
    raw: bool = False


COMMANDS = {
    "enable": Command("sidecar.cli.enable", "enable", "read the disclosure, agree, switch capture on"),
    "disable": Command("sidecar.cli.enable", "disable", "switch off, destroy what was not sent"),
    "run": Command("sidecar.cli.run", "run", "the agent, in the foreground (waits while off)"),
    "wrap": Command("sidecar.cli.wrap", "main", "wrap -- CMD…: run CMD untouched, capture its output", raw=True),
    "tee": Command("sidecar.cli.tee", "main", "copy stdin to stdout, capture it", raw=True),
    "import": Command("sidecar.cli.import_", "import_", "take the transcripts that are there already"),
    "status": Command("sidecar.cli.status", "main", "what is captured, queued, sent, and why not", raw=True),
    "doctor": Command("sidecar.cli.doctor", "main", "is all well, and if not, what to do", raw=True),
    "flush": Command("sidecar.cli.operate", "flush", "send what is due now"),
    "pause": Command("sidecar.cli.operate", "pause", "stop sending, keep capturing into the queue"),
    "resume": Command("sidecar.cli.operate", "resume", "send again"),
    "metrics": Command("sidecar.cli.operate", "metrics", "the agent's metrics as OpenMetrics text"),
    "preview": Command("sidecar.cli.preview", "preview", "the exact bytes that would be sent; approve, reject"),
    "parked": Command("sidecar.cli.parked", "app", "list, retry or drop what Central Command refused"),
    "consent": Command("sidecar.cli.enable", "consent", "show | history: what you agreed to, and when"),
    "service": Command("sidecar.cli.service", "app", "install | remove | status: the agent as a service of yours"),
    "parse": Command("sidecar.cli.parse", "parse", "stream files -> scrubbed steps, offline"),
    "scrub": Command("sidecar.cli.scrub", "scrub", "filter text, offline"),
    "central": Command("", "", "serve --data DIR --port N: a Central Command of your own", raw=True),
    "demo": Command("sidecar.cli.demo", "demo", "the whole journey on this machine, without network"),
}


UNTOUCHED = ("wrap", "tee")
"""They hand their descriptors on as they are, closed ones too."""


def main() -> None:
    """Entry point of the console script."""
    if len(sys.argv) < 2 or sys.argv[1] not in UNTOUCHED:
        _open_what_is_closed()
    sys.exit(run(sys.argv[1:]))


def _open_what_is_closed() -> None:
    """A command started without stdin, stdout or stderr reads nothing and writes nowhere; it does not crash."""
    import os

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for the whole process


def run(argv: list[str]) -> int:
    """Run one command line; answers the exit code."""
    name = argv[0] if argv else "--help"
    if name in {"-h", "--help", "help"}:
        print(usage())
        return 0
    if name in {"-V", "--version"}:
        from sidecar import __version__

        print(f"groove-sidecar {__version__}")
        return 0
    if name not in COMMANDS:
        print(f"groove-sidecar: no command {name!r}\n{usage()}", file=sys.stderr)
        return 2
    try:
        return _dispatch(name, argv[1:])
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away: that is how `| head` ends, not an error.
        sys.stdout = None
        return 0
    except OSError as error:
        print(f"groove-sidecar: {error.strerror or error}", file=sys.stderr)
        print("  Check the disk, and the owner and mode of the files named.", file=sys.stderr)
        sys.stdout = None  # what it holds cannot be written either
        return 1


def usage() -> str:
    """The table of commands."""
    lines = [f"  {name:<9}{command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: groove-sidecar COMMAND [--help]", "", *lines])


def _dispatch(name: str, argv: list[str]) -> int:
    if name == "central":
        return _central(argv)
    from sidecar.errors import SidecarError

    command = COMMANDS[name]
    target = getattr(import_module(command.module), command.attribute)
    try:
        return int(target(argv)) if command.raw else _typer(name, target, argv)
    except SidecarError as error:
        print(f"groove-sidecar: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return error.exit_code
    except SystemExit as leave:  # how typer and argparse answer, also for --help and wrong use
        return leave.code if isinstance(leave.code, int) else int(leave.code is not None)


def _typer(name: str, target: object, argv: list[str]) -> int:
    import typer

    if isinstance(target, typer.Typer):
        app = target
    else:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        app.command(name)(target)  # type: ignore[type-var]  # a command function, found by name
    app(args=argv, prog_name=f"groove-sidecar {name}")
    return 0


def _central(argv: list[str]) -> int:
    """Central Command is another package, and the arrows point from it to us: start it as the program it is."""
    import os
    from importlib.util import find_spec

    if find_spec("central") is None or find_spec("starlette") is None:
        print("groove-sidecar: Central Command is not installed", file=sys.stderr)
        print("  Install it: pip install 'groove-sidecar[central]'", file=sys.stderr)
        return 1
    return os.execv(sys.executable, [sys.executable, "-m", "central", *argv])


if __name__ == "__main__":
    main()
