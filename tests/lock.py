"""Fails when requirements.lock does not fit pyproject.toml, or when a committed file names a package registry."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REGISTRY = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|files\.python)[\w.-]*|--(extra-)?index-url", re.IGNORECASE)


def pins(text: str) -> set[str]:
    """Return the pinned versions of a lock file."""
    return set(re.findall(r"^([\w.\[\]-]+==\S+)", text, re.MULTILINE))


def main() -> int:
    """Compile once more, with the present pins as preferences, and compare."""
    lock = ROOT / "requirements.lock"
    if REGISTRY.search(lock.read_text()):
        print("requirements.lock names a package registry")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "requirements.lock"
        fresh.write_text(lock.read_text())
        command = [
            ROOT / ".venv/bin/uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--no-header",
        ]
        command += ["--python-version", "3.11", "--group", "dev", "--output-file", fresh, ROOT / "pyproject.toml"]
        subprocess.run(command, check=True, cwd=ROOT)
        if pins(fresh.read_text()) != pins(lock.read_text()):
            print("requirements.lock does not fit pyproject.toml: make lock")
            return 1
    print("requirements.lock fits pyproject.toml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
