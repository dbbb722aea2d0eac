"""The wrapped command: started as a shell would start it, watched as a shell would watch it.

Owns: `Child`, `replace_process`, the passing on of signals, and dying as the child died.
Never: touches the child's stdin, stderr, arguments, environment, folder, group or limits.
Invariant: a signal reaches the child once: the terminal's through its process group, anybody else's through us.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import os
import resource
import signal
from typing import NoReturn

from sidecar.sources.witness import Witness

NOT_FOUND = 127
NOT_EXECUTABLE = 126
SHELL = "/bin/sh"
PYTHON_IGNORES = (signal.SIGPIPE, signal.SIGXFSZ)
"""What the interpreter ignores at its start, and no other program would."""
COERCED_LOCALES = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})

_NAMES = (
    "SIGHUP SIGINT SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGTERM SIGCHLD SIGCONT SIGTSTP SIGTTIN SIGTTOU SIGURG SIGVTALRM"
    " SIGPROF SIGWINCH SIGIO SIGPWR"
)
ATTENDED = frozenset(getattr(signal, name) for name in _NAMES.split() if hasattr(signal, name))
STOPS = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
TIMERS = frozenset({signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF})
"""The kernel sends these to one process alone, so they are passed on whoever sent them."""
FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGWINCH, *STOPS})
KERNEL_CODES_ABOVE = 0
"""`si_code` of a signal somebody sent is 0 or less; the kernel's own are above."""


class StartError(Exception):
    """The command could not be started; `code` is what a shell answers then."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def replace_process(argv: list[str]) -> NoReturn:
    """Become the command. StartError if it cannot be started; returns never."""
    for number in PYTHON_IGNORES:
        signal.signal(number, signal.SIG_DFL)
    environment = inherited_environment()
    try:
        path = find(argv[0], environment)
        try:
            os.execve(path, argv, environment)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            os.execve(SHELL, [SHELL, path, *argv[1:]], environment)
    except OSError as error:
        raise _start_error(argv[0], error) from error


def find(name: str, environment: dict[bytes, bytes]) -> str:
    """The file a shell would run for `name`. FileNotFoundError, or PermissionError if only unexecutable ones exist."""
    if os.sep in name:
        return name
    search = environment.get(b"PATH")
    denied = False
    for folder in os.fsdecode(search).split(os.pathsep) if search is not None else os.defpath.split(os.pathsep):
        path = os.path.join(folder, name) if folder else name  # noqa: PTH118  # starts before pathlib is loaded
        if os.path.isfile(path):  # noqa: PTH113  # as above
            if os.access(path, os.X_OK):
                return path if folder else os.path.join(os.curdir, name)  # noqa: PTH118  # as above
            denied = True
    number = errno.EACCES if denied else errno.ENOENT
    raise OSError(number, os.strerror(number))


def fill_closed_descriptors() -> None:
    """Put something into the closed ones of stdin, stdout and stderr that closes again when a command starts.

    Otherwise our own files would land there, and SQLite would fill them with what does not close.
    """
    while (fd := os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)) <= 2:
        pass
    os.close(fd)


def inherited_environment() -> dict[bytes, bytes]:
    """The environment as it was handed to us: the interpreter may have put LC_CTYPE into its own copy (PEP 538)."""
    environment = dict(os.environb)
    if os.environ.get("LC_CTYPE") not in COERCED_LOCALES:
        return environment
    try:
        with open("/proc/self/environ", "rb") as handle:  # noqa: PTH123  # starts before pathlib is loaded
            given = dict(item.partition(b"=")[::2] for item in handle.read().split(b"\0") if b"=" in item)
    except OSError:
        return environment
    if b"LC_CTYPE" in given:
        environment[b"LC_CTYPE"] = given[b"LC_CTYPE"]
    else:
        environment.pop(b"LC_CTYPE", None)
    return environment


class Child:
    """A running command. `status` is `waitpid`'s once `wait` came back."""

    __slots__ = ("_ended", "_ours", "_parent_mask", "_stopped", "_wake", "_witness", "pid", "status", "wake")

    def __init__(self, argv: list[str], stdout: int) -> None:
        """Start it with `stdout` as its output. StartError if it cannot be started."""
        self.status = 0
        self._stopped: set[int] = set()
        self._ours: set[int] = set()
        self._ended = _thread.allocate_lock()
        self._witness = Witness()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._parent_mask = signal.pthread_sigmask(signal.SIG_BLOCK, ATTENDED)
        try:
            self.pid = self._spawn(argv, stdout)
        except OSError as error:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._parent_mask)
            raise _start_error(argv[0], error) from error
        self.wake, self._wake = os.pipe()
        self._ended.acquire()
        _thread.start_new_thread(self._attend, ())

    def wait(self) -> int:
        """Wait until the child is gone; its status as `waitpid` gave it."""
        with self._ended:
            return self.status

    def signals_as_before(self) -> None:
        """Let signals act on this process again: there is no child left to pass them on to."""
        if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._parent_mask)

    def _spawn(self, argv: list[str], stdout: int) -> int:
        environment = inherited_environment()
        path = find(argv[0], environment)

        def start(file: str, arguments: list[str]) -> int:
            return os.posix_spawn(
                file,
                arguments,
                environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, stdout, 1)],
                setsigmask=self._parent_mask,
                setsigdef=PYTHON_IGNORES,
            )

        try:
            return start(path, argv)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            return start(SHELL, [SHELL, path, *argv[1:]])

    def _attend(self) -> None:
        """Runs in its own thread: takes every signal, ends with the child."""
        self._witness.start()
        while True:
            number, from_kernel, sender = _next_signal()
            if number == signal.SIGCHLD:
                pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
                if pid == 0:
                    continue
                if not os.WIFSTOPPED(status):
                    break
                self._stopped.add(os.WSTOPSIG(status))
            elif number in STOPS:
                self._ours.add(number)
            elif number == signal.SIGCONT:
                self._ours.clear()
                self._stopped.clear()
            if number != signal.SIGCHLD and self._ours_alone(number, from_kernel=from_kernel, sender=sender):
                os.kill(self.pid, number)
            for stop in self._ours & self._stopped:
                self._ours.clear()
                self._stopped.clear()
                self._stop(stop)
                break
        self.status = status
        self._witness.dismiss()
        self._ended.release()
        os.close(self._wake)

    def _ours_alone(self, number: int, *, from_kernel: bool, sender: int) -> bool:
        """Whether the child does not get the signal without us."""
        if from_kernel:
            return number in TIMERS
        return sender != self.pid and not self._witness.saw(number)

    @staticmethod
    def _stop(number: int) -> None:
        """Stop as the child stopped, so that the shell sees its job stopped; comes back when continued."""
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
            os.kill(os.getpid(), number)
            signal.pthread_sigmask(signal.SIG_BLOCK, {number})


def end_like(status: int) -> int:
    """The child's exit code; if a signal killed it, this process dies by the same signal, without a core dump."""
    if os.WIFSIGNALED(status):
        die_by(os.WTERMSIG(status))
    return os.WEXITSTATUS(status)


def forbid_core_dump() -> None:
    """This process leaves no core: it would hold what no scrubber has seen. What it started before is not concerned."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # One byte is less than any core needs, and also stops a core pattern that pipes (zero would not).
    resource.setrlimit(resource.RLIMIT_CORE, (min(1, hard) if hard >= 0 else 1, hard))


def die_by(number: int) -> NoReturn:
    """Die by signal `number`."""
    forbid_core_dump()
    with contextlib.suppress(OSError, ValueError):  # SIGKILL and SIGSTOP cannot be set, and need not be
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _next_signal() -> tuple[int, bool, int]:
    """The next signal for this process: its number, whether the kernel sent it, and who did if not."""
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(ATTENDED)
        return info.si_signo, info.si_code > KERNEL_CODES_ABOVE, info.si_pid
    number = signal.sigwait(ATTENDED)
    return number, number in FROM_TERMINAL and _in_foreground(), 0


def _in_foreground() -> bool:
    """Whether a terminal may have sent the signal: where nobody tells who did, it is the likely one."""
    try:
        fd = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(fd)


def _start_error(name: str, error: OSError) -> StartError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        reason = "not found" if os.sep not in name else "No such file or directory"
        return StartError(f"{name}: {reason}", NOT_FOUND)
    return StartError(f"{name}: {error.strerror}", NOT_EXECUTABLE)
