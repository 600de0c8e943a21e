"""Commands in processes of their own, around a home folder."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

SECONDS = 60


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

    def __call__(self, *arguments) -> tuple[int, str, str]:
        """Run a command to its end; returns its exit code, stdout and stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        return process.returncode, out, err

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
