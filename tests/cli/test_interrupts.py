"""Ctrl-C at awkward moments: one line, exit 130, no traceback, and nothing that was started is left."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import nullcontext, suppress

import pytest
from served import raw

from twin.cli.ending import ended_unless_told
from twin.engine.workspace import Served, Workspace
from twin.errors import Interrupted, TargetError
from twin.scenario.fork import Forks

PRESSED = """
import os, signal, sys, atexit

def press():
    os.kill(os.getpid(), signal.SIGINT)

class Callback:
    def __del__(self):
        press()

class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            {how}

sys.meta_path.insert(0, Pressed())
"""
RUN = "from twin.cli import main\nmain({arguments!r})\n"


def _heard():
    """Hear interrupts even where these tests run in a script's background, which has them ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def pressed(name, how="press()", arguments=("--help",), *, begin=()):
    """Run a command that is interrupted while a module is being looked for; returns its code, stdout and stderr."""
    code = PRESSED.format(name=name, how=how) + RUN.format(arguments=list(arguments))
    command = [*begin, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=_heard)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("name", "how", "arguments"),
    [
        ("click", "press()", ("--help",)),
        ("twin.cli.commands.plan", "press()", ("plan", "none.yaml")),
        ("yaml", "press()", ("plan", "spec.yaml")),
        ("yaml", "Callback()", ("plan", "spec.yaml")),
        ("twin.cli.program", "atexit.register(press)", ("--help",)),
    ],
    ids=["before click", "before the command", "in the command", "where nothing can be raised", "at the end"],
)
def test_an_interrupt_is_one_line_whenever_it_comes(home, name, how, arguments):
    """Exit 130, and Python says nothing of its own."""
    (home / "spec.yaml").write_text(raw("aws.sns.topic:\n  t: {name: t}"))
    code, _, err = pressed(name, how, arguments)
    assert (code, err) == (130, "interrupted\n")


def test_an_ignored_interrupt_stays_ignored():
    """Behind `nohup`, or in a script's background, the command goes on."""
    code, out, err = pressed("click", begin=("/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh"))
    assert (code, "Usage:" in out, err) == (0, True, "")


def thrower(error):
    """Return a function that raises."""

    def throw():
        raise error

    return throw


@pytest.fixture
def listening():
    """Somewhere on loopback that takes connections, as a twin does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (thrower(KeyboardInterrupt()), Interrupted),
        (thrower(Interrupted("stopped")), Interrupted),
        (thrower(TargetError("refused")), TargetError),
        (lambda: None, None),
    ],
    ids=["interrupted", "stopped", "refused", "well"],
)
def test_a_twin_that_nobody_was_told_of_ends(tmp_path, listening, raised, seen):
    """`twin up` leaves nothing behind that it has not told of; one that it told of goes on."""
    home = Workspace(tmp_path / "home")
    process = subprocess.Popen(["/bin/sleep", "60"])
    served = Served(pid=process.pid, url=listening, seed=0, account="1", region="us-east-1",
                    cloudflare_account="", access_key_id="", secret_access_key="", cloudflare_token="",
                    okta_token="", okta_url="")  # fmt: skip
    home.save_served(served)
    with pytest.raises(seen) if seen else nullcontext(), ended_unless_told(home, served):
        raised()
    assert (home.served() is None) == (seen is not None)
    process.kill()
    process.wait()


def test_copies_of_an_interrupted_run_end_with_it():
    """Nobody waits for what they would still find out."""
    began = time.monotonic()
    with suppress(KeyboardInterrupt), Forks(2) as forks:
        forks.start(lambda: time.sleep(60))
        raise KeyboardInterrupt
    assert time.monotonic() - began < 30
