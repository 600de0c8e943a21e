"""Commands in processes of their own, around a home folder."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from twin.cli import run

SECONDS = 240


class Shell:
    """Runs `twin` as its users do."""

    def __init__(self, home: Path, folder: Path, **more: str) -> None:
        self.home, self.folder = home, folder
        self.environ = {**os.environ, "TWIN_HOME": str(home), **more}

    def start(self, *arguments, **options) -> subprocess.Popen:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "twin.cli", *map(str, arguments)],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def really(self, *arguments) -> tuple[int, str, str]:
        """Run a command to its end, as an interpreter of its own; returns its exit code, stdout and stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        return process.returncode, out, err

    def __call__(self, *arguments) -> tuple[int, str, str]:
        """Run a command to its end, in a copy of this process, which has imported everything; returns the same."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            pid = os.fork()
            if pid == 0:
                self._become([str(one) for one in arguments], out, err)
            _, status = os.waitpid(pid, 0)
            told = []
            for file in (out, err):
                file.seek(0)
                told.append(file.read())
        return os.waitstatus_to_exitcode(status), *told

    def _become(self, arguments, out, err):
        """Be the command, and end: nothing of the tests' own clean-up is done."""
        code = 70
        try:
            signal.alarm(SECONDS)
            sys.stdout, sys.stderr = out, err
            for number, file in enumerate((out, err), 1):
                os.dup2(file.fileno(), number)
            os.environ.clear()
            os.environ.update(self.environ)
            os.chdir(self.folder)
            code = run(arguments)
            out.flush()
            err.flush()
        finally:
            os._exit(code)

    @property
    def served(self) -> dict:
        """The running twin."""
        return json.loads((self.home / "served.json").read_text())

    def end(self) -> None:
        """End the twin that was started here, if one is left."""
        try:
            os.kill(self.served["pid"], signal.SIGTERM)
        except (FileNotFoundError, ProcessLookupError):
            return


HEAD = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme-test, region: us-east-1}
"""


def raw(body: str, head: str = HEAD) -> str:
    """Return a spec with a `resources:` section."""
    return f"{head}resources:\n" + "".join(f"  {line}\n" for line in body.strip().splitlines())
