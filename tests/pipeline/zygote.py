"""Runs `twin` for shells at the price of a fork: everything is imported once, and each call gets a copy of that.

Started with the path of a socket. A caller sends its arguments, folder and environment as JSON along with its standard
streams, and gets the exit code.
"""

import json
import os
import socket
import sys

PRELOADED = (
    "twin.blueprints.compile", "twin.cli.applying", "twin.engine.connect", "twin.scenario.plan_rehearsal",
    "twin.promote.way_back", "twin.report.results", "twin.scenario.embedded",
)  # fmt: skip


def main(path: str) -> None:
    """Serve callers until the socket's folder is gone, each in a process of its own."""
    import importlib
    import signal

    from twin.cli import run

    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(caller, run)
        caller.close()


def _serve(caller: socket.socket, run) -> None:
    data, streams, _, _ = socket.recv_fds(caller, 1 << 20, 3)
    told = json.loads(data)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environ"])
    code = 70
    try:
        code = run(told["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        caller.sendall(str(code).encode())
        os._exit(0)


CALLER = """\
#!/usr/bin/python3 -SE
import json, os, socket, sys
place = socket.socket(socket.AF_UNIX)
place.connect({path!r})
told = dict(arguments=sys.argv[1:], folder=os.getcwd(), environ=dict(os.environ))
for number, more in {networks!r}.items():
    if ":" + number + ":" in os.environ.get("AWS_ROLE_ARN", ""):
        told["environ"].update(more)
socket.send_fds(place, [json.dumps(told).encode()], [0, 1, 2])
sys.exit(int(place.recv(8) or b"70"))
"""
"""What stands on a machine as `twin`: on the way into an account, it is that account's server that answers."""

if __name__ == "__main__":
    main(sys.argv[1])
