"""A signal reaches the wrapped command once, whoever sent it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest
from wrap_support import WRAP, end_of, environment, kept, runs, switch_on, witnessed

from tests.patience import PATIENCE, until

COUNT = """
import os, signal, sys, time
got = []
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), lambda number, _: got.append(number))
print("ready", flush=True)
end = time.monotonic() + 100
while not got and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.15)
print(*got, flush=True)
sys.exit(len(got))
"""


@pytest.fixture
def on(home):
    """Capture is on."""
    return switch_on(home)


def empty(group):
    """Whether no process is left in a group."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def start(home, *names, **options):
    child = subprocess.Popen(
        [*WRAP, sys.executable, "-c", COUNT, *names],
        env=environment(home), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, **options,
    )  # fmt: skip
    assert child.stdout.readline() == b"ready\n"
    return child


@pytest.mark.parametrize(
    "name", ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGALRM"]
)
@pytest.mark.parametrize("target", ["process", "group"])
def test_a_signal_is_seen_once(home, on, name, target):
    """Sent to us alone it is passed on; sent to the group the child has it already."""
    number = getattr(signal, name)
    with start(home, name, start_new_session=True) as child:
        witnessed(child.pid)
        if target == "process":
            child.send_signal(number)
        else:
            os.killpg(child.pid, number)
        assert child.stdout.read().split() == [b"%d" % number]
        assert child.wait(PATIENCE) == 1


def test_group_and_single_signals_in_a_row(home, on):
    """A group signal is not remembered when the next one comes for us alone."""
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('got', flush=True))\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [*WRAP, sys.executable, "-c", script],
        env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    ) as child:  # fmt: skip
        assert child.stdout.readline() == b"ready\n"
        witness = witnessed(child.pid)
        for number in range(6):
            if number % 2:
                child.send_signal(signal.SIGUSR1)
                assert child.stdout.readline() == b"got\n"
            else:
                os.killpg(child.pid, signal.SIGUSR1)
                assert child.stdout.readline() == b"got\n"
                witness = witnessed(child.pid, witness)
        time.sleep(0.1)  # for a second one that should not come
        child.stdin.close()
        assert child.stdout.read() == b""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL", "SIGQUIT"])
def test_a_child_that_dies_of_it_takes_us_along(home, on, name, tmp_path):
    """The default action: we die by the same signal, without a core of our own."""
    number = getattr(signal, name)
    child = subprocess.Popen(
        [*WRAP, "sh", "-c", "ulimit -c 0; echo $$; exec sleep 300"],
        env=environment(home),
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    )
    pid = int(child.stdout.readline())
    if number == signal.SIGKILL:
        os.kill(pid, number)
    else:
        child.send_signal(number)
    assert child.wait(PATIENCE) == -number
    child.stdout.close()
    assert end_of(runs(on)[0]).signal == number
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_signal_from_the_child_itself_is_not_sent_back(home, on):
    """`kill 0` in the child: it has its own signal already."""
    script = "trap 'echo got' USR1; kill -USR1 0; sleep 0.2; exit 4"
    done = subprocess.run(
        [*WRAP, "sh", "-c", script], env=environment(home), capture_output=True, check=False, start_new_session=True
    )
    assert (done.stdout, done.returncode) == (b"got\n", 4)


def test_timeout_ends_it_as_it_would_the_bare_command(home, on):
    """Coreutils timeout signals us and then the group: the child sees one or the other, and 124 comes out."""
    for seconds in (1, 5, 60):  # more where even the start takes longer
        done = subprocess.run(
            ["timeout", str(seconds), *WRAP, "sh", "-c", "echo in; exec sleep 300"],
            env=environment(home),
            capture_output=True,
            check=False,
        )
        if done.stdout:
            break
    assert (done.returncode, done.stdout) == (124, b"in\n")


class Terminal:
    """A terminal whose foreground job is what we run, with its stdout in a pipe."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.read, write = os.pipe()
        self.shell, self.master = pty.fork()
        if self.shell == 0:
            job = os.fork()
            if job == 0:
                os.setpgid(0, 0)
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                os.tcsetpgrp(0, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                os.dup2(write, 1)
                os.execvpe(command[0], command, env)
            for _ in range(3):  # report what a job-control shell would see
                _, status = os.waitpid(job, os.WUNTRACED)
                if os.WIFSTOPPED(status):
                    os.write(write, b"stopped %d\n" % os.WSTOPSIG(status))
                    os.killpg(job, signal.SIGCONT)
                else:
                    os.write(write, b"status %d\n" % os.waitstatus_to_exitcode(status))
                    os._exit(0)
        os.close(write)

    def until(self, text: bytes) -> bytes:
        found = b""
        end = time.monotonic() + PATIENCE
        while text not in found:
            assert select.select([self.read], [], [], max(0, end - time.monotonic()))[0], found
            more = os.read(self.read, 1000)
            assert more, found
            found += more
        return found

    def close(self) -> None:
        os.close(self.master)
        os.close(self.read)
        os.waitpid(self.shell, 0)


@pytest.fixture
def terminal(home, on):
    opened = []

    def make(*command: str) -> Terminal:
        opened.append(Terminal([*WRAP, *command], environment(home)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_control_c_is_seen_once(terminal, on):
    """The terminal's own SIGINT goes to both of us, and is not passed on again."""
    one = terminal(sys.executable, "-c", COUNT, "SIGINT")
    one.until(b"ready\n")
    os.write(one.master, b"\x03")
    assert one.until(b"status") == b"2\nstatus 1\n"


def test_control_c_that_kills_the_child_kills_us(terminal, on):
    """A child without a handler dies of Ctrl-C, and the shell sees that."""
    one = terminal("sh", "-c", "echo in; exec sleep 300")
    one.until(b"in\n")
    os.write(one.master, b"\x03")
    assert one.until(b"status") == b"status -2\n"


def test_control_z_stops_both_and_fg_continues(terminal, on):
    """The shell sees its job stopped by SIGTSTP; continued, the child ends as ever."""
    one = terminal("sh", "-c", "echo in; read x; echo $x; exit 6")
    one.until(b"in\n")
    os.write(one.master, b"\x1a")
    assert one.until(b"\n") == b"stopped %d\n" % signal.SIGTSTP
    os.write(one.master, b"out\n")
    assert one.until(b"status") == b"out\nstatus 6\n"
    (folder,) = runs(on)
    assert kept(folder) == b"in\nout\n"


def test_a_stop_of_the_child_alone_is_its_own_business(home, on):
    """Kill -STOP and -CONT of the child's pid leave us running, so nothing hangs."""
    child = subprocess.Popen(
        [*WRAP, "sh", "-c", "echo $$; read x; echo $x"],
        env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    pid = int(child.stdout.readline())
    os.kill(pid, signal.SIGSTOP)
    child.stdin.write(b"out\n")
    child.stdin.close()
    time.sleep(0.2)
    assert child.poll() is None and not select.select([child.stdout], [], [], 0)[0]
    os.kill(pid, signal.SIGCONT)
    assert child.stdout.read() == b"out\n" and child.wait(PATIENCE) == 0
    child.stdout.close()


def test_a_killed_wrapper_leaves_nothing_behind(home, on):
    """Kill -9 of us: the child gets SIGPIPE or goes on as without a reader, and no helper process stays."""
    child = subprocess.Popen(
        [*WRAP, "sh", "-c", "echo in; read x"],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    child.stdout.readline()
    until(lambda: kept(runs(on)[0]) == b"in\n")  # what passed is kept right after
    child.kill()
    child.wait()
    child.stdout.close()
    os.killpg(child.pid, 0)  # the command goes on, and so would a helper
    child.stdin.close()
    until(lambda: empty(child.pid))
    assert kept(runs(on)[0]) == b"in\n" and end_of(runs(on)[0]) is None
