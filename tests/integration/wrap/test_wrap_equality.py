"""`wrap -- CMD` beside CMD: whoever looks from outside sees no difference."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from wrap_support import GROOVE, WRAP, end_of, environment, kept, run, runs, switch_on

from tests.patience import PATIENCE, PROMPT, until

MEGABYTE = 1 << 20


@pytest.fixture
def on(home):
    """Capture is on."""
    return switch_on(home)


@pytest.mark.parametrize(
    "script",
    [
        "printf one; printf two >&2; exit 7",
        "exit 0",
        "cat; exit 3",
        "kill -TERM $$",
        "kill -KILL $$",
        "ulimit -c 0; kill -SEGV $$",
        "exec 1>&-; sleep 0.1; exit 5",
        "head -c 300000 /dev/zero; exit 1",
        "printf 'torn'",
        r"printf '\377\000\r\n\n'",
        "ulimit -a; umask; pwd; echo $PPID >/dev/null; ls /proc/self/fd | wc -l",
        "trap 'echo got; exit 9' TERM; kill -TERM $$; sleep 1",
    ],
)
def test_bytes_exit_code_and_signal_are_the_childs(home, on, script):
    """stdout, stderr, exit code and death by signal are those of the bare command, and stdout was kept."""
    bare = run(["sh", "-c", script], home, input=b"in\n")
    ours = run([*WRAP, "sh", "-c", script], home, input=b"in\n")
    assert (ours.returncode, ours.stdout, ours.stderr) == (bare.returncode, bare.stdout, bare.stderr)
    (folder,) = runs(on)
    assert kept(folder) == bare.stdout
    end = end_of(folder)
    assert (end.signal or 0) == max(0, -bare.returncode)
    assert end.exit_code == (bare.returncode if bare.returncode >= 0 else None)


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LC_CTYPE": "C"}, {"LANG": "C.UTF-8"}])
@pytest.mark.parametrize("state", ["on", "off"])
def test_the_environment_is_untouched(home, locale, state):
    """The child gets the very environment we got: nothing of the interpreter's own in it."""
    if state == "on":
        switch_on(home)
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": environment(home)["PYTHONPATH"], **locale}
    bare = subprocess.run(["env", "-0"], env=env, capture_output=True, check=True)
    ours = subprocess.run([*WRAP, "env", "-0"], env=env, capture_output=True, check=True)
    assert sorted(ours.stdout.split(b"\0")) == sorted(bare.stdout.split(b"\0"))


def test_ignored_and_blocked_signals_are_inherited_as_given(home, on):
    """The child's signal masks are those a shell would have given it."""

    def masks(command: list[str]) -> list[int]:
        words = run([*command, "grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"], home).stdout.split()
        # Without 32 and 33, the C library's own, which its posix_spawn always sets.
        return [int(word, 16) & ~(3 << 31) for word in words[1::2]]

    assert masks(WRAP) == masks(["env"])
    nohup = ["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh"]
    assert masks([*nohup, *WRAP]) == masks([*nohup, "env"]) != masks(["env"])


def test_two_hundred_megabytes_arrive_unchanged(home, on, tmp_path):
    """200 MB through us and into the stream file: the same bytes in both places."""
    script = "seq 1 25000000 | head -c 209715200"
    digest = subprocess.run(["sh", "-c", f"{script} | sha256sum"], capture_output=True, check=True).stdout
    ours = subprocess.run(
        ["sh", "-c", '"$@" | sha256sum', "sh", *WRAP, "sh", "-c", script],
        env=environment(home), capture_output=True, check=True, timeout=3 * PATIENCE,
    )  # fmt: skip
    assert ours.stdout == digest
    (folder,) = runs(on)
    parts = sorted(folder.glob("*.part"))
    assert [part.stat().st_size for part in parts] == [8 * MEGABYTE] * 25
    whole = subprocess.run(["sh", "-c", 'cat "$@" | sha256sum', "sh", *parts], capture_output=True, check=True).stdout
    assert whole == digest


def test_a_line_passes_at_once(home, on):
    """Nothing is buffered: a line arrives while the child is still asleep."""
    with subprocess.Popen(
        [*WRAP, "sh", "-c", "echo one; read x; echo $x; exec sleep 300"],
        env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout.readline() == b"one\n"
        started = time.monotonic()
        child.stdin.write(b"two\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"two\n"
        assert time.monotonic() - started < PROMPT
        child.terminate()
        child.stdin.close()
        assert child.wait(PATIENCE) == -signal.SIGTERM


def test_a_reader_that_leaves_ends_the_child(home, on):
    """`wrap -- yes | head -1` ends as `yes | head -1` does, and yes dies of SIGPIPE."""
    script = '"$@"; echo $? >&2'
    ours = subprocess.run(
        ["bash", "-c", f"({script}) | head -1", "sh", *WRAP, "yes"],
        env=environment(home), capture_output=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    assert ours.stdout == b"y\n"
    assert ours.stderr.strip() == b"141"
    assert end_of(runs(on)[0]).signal == signal.SIGPIPE


def test_a_background_child_keeps_its_output_but_not_the_shell(home, on, tmp_path):
    """What the command leaves running is copied to its end, while our exit comes with the command's."""
    out, late = tmp_path / "out", tmp_path / "late"
    os.mkfifo(late)
    with out.open("wb") as handle:
        script = f"(read x <{late}; echo $x) & echo early; exit 3"
        ours = run([*WRAP, "sh", "-c", script], home, stdout=handle, capture_output=False)
    assert ours.returncode == 3
    assert out.read_bytes() == b"early\n"  # it waits for us, and the shell did not wait for it
    late.write_bytes(b"late\n")
    until(lambda: out.read_bytes() == b"early\nlate\n")
    ours = run([*WRAP, "sh", "-c", "(sleep 0.3; echo late) & echo early; exit 3"], home)
    assert (ours.stdout, ours.returncode) == (b"early\nlate\n", 3)
    until(lambda: all(end_of(folder) is not None for folder in runs(on)))
    assert [kept(folder) for folder in runs(on)] == [b"early\nlate\n"] * 2
    assert all(end_of(folder).exit_code == 3 for folder in runs(on))


@pytest.mark.parametrize(
    ("name", "code"), [("no-such-command", 127), ("./no-such-file", 127), ("/etc/passwd", 126), ("/", 126)]
)
@pytest.mark.parametrize("state", ["on", "off"])
def test_what_cannot_be_started(home, tmp_path, name, code, state):
    """127 for what is not there, 126 for what cannot run, a message on stderr, and no run left behind."""
    paths = switch_on(home) if state == "on" else None
    ours = run([*WRAP, name], home, cwd=tmp_path)
    assert ours.returncode == code and ours.stdout == b""
    assert ours.stderr.startswith(f"groove-sidecar: {name}: ".encode()) and b"Traceback" not in ours.stderr
    assert paths is None or not runs(paths)


@pytest.mark.parametrize("state", ["on", "off"])
def test_a_script_without_a_first_line_runs_in_sh(home, tmp_path, state):
    """As a shell would have it."""
    if state == "on":
        switch_on(home)
    script = tmp_path / "script"
    script.write_text("echo $0 $1\n")
    script.chmod(0o755)
    assert run([*WRAP, str(script), "x"], home).stdout == f"{script} x\n".encode()


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_descriptors(home, on, closed):
    """The child finds closed what was closed for us, and everything else works."""
    script = "for n in 0 1 2; do if [ -e /proc/self/fd/$n ]; then :; else echo no $n >>$OUT; fi; done; exit 4"
    results = []
    for command in (["sh", "-c", script], [*WRAP, "sh", "-c", script]):
        out = home / f"out{len(results)}"
        done = subprocess.run(
            ["bash", "-c", f'"$@" {closed}', "bash", *command],
            env=environment(home, OUT=str(out)), capture_output=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        results.append((done.returncode, out.read_bytes() if out.exists() else b"", done.stderr))
    assert results[1] == results[0]


def test_off_is_exec(home):
    """While capture is off the command has our pid, and nothing is made in the home folder."""
    with subprocess.Popen([*WRAP, "sh", "-c", "echo $$"], env=environment(home), stdout=subprocess.PIPE) as child:
        assert int(child.stdout.read()) == child.pid
    assert not (home / ".groove").exists()


def test_do_not_track_is_exec(home, on):
    """DO_NOT_TRACK beats everything."""
    env = environment(home, DO_NOT_TRACK="1")
    with subprocess.Popen([*WRAP, "sh", "-c", "echo $$"], env=env, stdout=subprocess.PIPE) as child:
        assert int(child.stdout.read()) == child.pid
    assert not runs(on)


def test_a_terminal_stays_the_childs(home, on):
    """On a terminal the command takes our place and keeps the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(WRAP[0], [*WRAP, "sh", "-c", "test -t 1 && echo tty $$"], environment(home))
    output = b""
    while b"\n" not in output:
        output += os.read(terminal, 100)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert output.strip() == f"tty {pid}".encode()
    assert not runs(on)


def test_options(home, on):
    """--provider, --agent-id and --role are kept; of the arguments only a known CLI's model is."""
    script = home / "codex"
    script.write_text("#!/bin/sh\necho hi\n")
    script.chmod(0o755)
    run([*GROOVE, "wrap", "--agent-id", "a-1", "--role=planner", "--", str(script), "-m", "gpt-9", "my secret"], home)
    run([*GROOVE, "wrap", "--provider", "claude", "echo", "--model", "opus[1m]"], home)
    run([*WRAP, "echo", "-m", "commit-message"], home)
    metas = [(folder / "meta.json").read_text() for folder in runs(on)]
    assert '"provider": "codex"' in metas[0] and '"model": "gpt-9"' in metas[0] and "secret" not in metas[0]
    assert '"agent_id": "a-1"' in metas[0] and '"role": "planner"' in metas[0]
    assert '"provider": "claude-code"' in metas[1] and '"model": "opus[1m]"' in metas[1]
    assert '"provider": null' in metas[2] and '"model": null' in metas[2] and "commit" not in metas[2]


@pytest.mark.parametrize("arguments", [[], ["--"], ["--nope", "--", "true"], ["--provider", "x", "--", "true"]])
def test_wrong_use(home, arguments):
    """2 and the usage on stderr; nothing is run."""
    ours = run([*GROOVE, "wrap", *arguments], home)
    assert ours.returncode == 2 and b"usage:" in ours.stderr


def test_a_revocation_in_the_middle_changes_nothing_for_the_child(home, on):
    """The flag goes while the child writes: the run vanishes, the bytes go on."""
    script = "for n in 1 2 3 4 5 6 7 8 9 10; do echo line $n; sleep 0.1; done"
    with subprocess.Popen([*WRAP, "sh", "-c", script], env=environment(home), stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"line 1\n"
        on.flag.unlink()
        rest = child.stdout.read()
    assert rest == b"".join(b"line %d\n" % number for number in range(2, 11))
    assert child.returncode == 0 and not runs(on)


def test_a_place_that_cannot_be_written_is_no_obstacle(home, on):
    """Without a state folder that is ours the command runs bare."""
    (home / ".groove" / "sidecar").mkdir(mode=0o700)
    (home / ".groove" / "sidecar" / "streams").symlink_to(home)
    ours = run([*WRAP, "sh", "-c", "echo hi; exit 3"], home)
    assert (ours.returncode, ours.stdout, ours.stderr) == (3, b"hi\n", b"")
    assert b"capture.not_started" in on.log.read_bytes()


def events(paths):
    """What the log says of runs that were not captured."""
    lines = paths.log.read_text().splitlines() if paths.log.exists() else []
    return [event for event in map(json.loads, lines) if event["event"] == "capture.not_started"]


def test_a_full_disk_is_named_in_the_log(home, on):
    """A run that begins on a full disk: the command runs as without us, and the log gives the true reason."""
    on.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    on.streams.mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", on.streams]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount")
    try:
        with suppress(OSError), (on.streams / "ballast").open("wb", buffering=0) as handle:
            while True:
                handle.write(bytes(4096))
        done = run([*WRAP, "sh", "-c", "echo x; exit 3"], home)
        assert (done.returncode, done.stdout, done.stderr) == (3, b"x\n", b"")
        assert [path.name for path in on.streams.iterdir()] == ["ballast"]
    finally:
        subprocess.run(["umount", "-l", on.streams], check=True)
    (event,) = events(on)
    assert "No space" in event["reason"] and event["hint"] == "Free space."


@pytest.mark.parametrize("command", [[*WRAP, "cat"], [*GROOVE, "tee"]])
def test_a_suspension_is_named_in_the_log(home, on, command):
    """Settings that cannot be read suspend capture: the bytes pass, and the log says why and what to do."""
    on.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    on.config.write_text("not toml")
    on.config.chmod(0o600)
    done = run(command, home, input=b"x\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"x\n", b"")
    (event,) = events(on)
    assert "not valid TOML" in event["reason"] and event["hint"]
    assert runs(on) == []


@pytest.mark.parametrize("off", ["tracking", "flag"])
def test_a_wish_not_to_be_captured_is_not_logged(home, on, off):
    """DO_NOT_TRACK and a missing flag are answers, not troubles."""
    on.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if off == "flag":
        on.flag.unlink()
    env = environment(home, **({"DO_NOT_TRACK": "1"} if off == "tracking" else {}))
    script = "from sidecar.cli.run_writer import open_writer; print(open_writer(None, 'solo', None, None))"
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True)
    assert done.stdout == b"None\n"
    assert events(on) == []
