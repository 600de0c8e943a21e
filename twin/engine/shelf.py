"""A folder of the workspace's in which made things are kept by what they were made of: the longest unused make room."""

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import twin
from twin.engine.folder import make_folder

READ = (".py", ".yaml", ".json", ".toml")
"""The files of the program on which what it makes depends."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where things of one kind are kept, how many of them, and the key with which they are sealed."""

    folder: Path
    key: bytes
    # A scenario's org, and one for each of its variants that patches the spec.
    most: int = 24
    ending: str = "world"

    def path(self, digest: str) -> Path:
        """Return the file of a thing."""
        return self.folder / f"{digest}.{self.ending}"

    def put(self, digest: str, kept: bytes) -> None:
        """Keep a thing, for its user's eyes only; beyond the last few, the longest unused are dropped."""
        make_folder(self.folder, mode=0o700)
        new = self.folder / f"{digest}.{os.getpid()}.new"
        new.unlink(missing_ok=True)
        try:
            new.touch(mode=0o600)
            new.write_bytes(kept)
            new.replace(self.path(digest))
        except OSError:
            new.unlink(missing_ok=True)
            raise
        there = sorted(self.folder.glob(f"*.{self.ending}"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in there[self.most :]:
            old.unlink(missing_ok=True)

    def get(self, digest: str) -> bytes:
        """Return a kept thing, and have it outlive those that nobody asks for; OSError where it cannot be read."""
        path = self.path(digest)
        found = path.read_bytes()
        # A folder that may not be written keeps what it has.
        with suppress(OSError):
            os.utime(path)
        return found

    def put_sealed(self, digest: str, body: bytes) -> None:
        """Keep bytes under a seal, which only a holder of the key can make and which holds for this digest alone."""
        self.put(digest, self._seal(digest, body) + body)

    def get_sealed(self, digest: str) -> bytes | None:
        """Return the bytes under an unbroken seal; None where there are none that can be read."""
        try:
            kept = self.get(digest)
        except OSError:
            return None
        seal, body = kept[:32], kept[32:]
        return body if hmac.compare_digest(seal, self._seal(digest, body)) else None

    def _seal(self, digest: str, body: bytes) -> bytes:
        return hmac.digest(self.key, digest.encode() + b"\n" + body, hashlib.sha256)


@cache
def program() -> list[tuple[str, int, int]]:
    """Return the files of the program with their sizes and times: another may make something else of the same."""
    root = os.path.dirname(twin.__file__)  # noqa: PTH120 - a thousand paths as objects take longer than their files
    found: list[tuple[str, int, int]] = []
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(READ):
                    stat = entry.stat()
                    found.append((entry.path[len(root) :], stat.st_size, stat.st_mtime_ns))
                elif entry.is_dir() and entry.name != "__pycache__":
                    waiting.append(entry.path)
    return sorted(found)
