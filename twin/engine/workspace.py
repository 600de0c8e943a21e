"""The folder `.twin` beside the user's files: the running twin's address, states and journals."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from twin.engine.folder import FOLDER, make_folder
from twin.engine.keys import Keys
from twin.engine.process import alive, listens
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.engine.lock import Claim
    from twin.engine.state import Store
    from twin.resources.scope import Scope

SERVED_CONCURRENCY = 3
"""Calls under way at once: a served twin answers one at a time, and longer than a client asks; more would only wait."""


def state_name(scope: "Scope", target: str) -> str:
    """Return the name under which the state of an org and environment on a target stands."""
    return f"{target}-{scope.account}-{scope.org}-{scope.environment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Keys):
    """The running twin: its process, its addresses, the keys with which it began, the token of its control endpoint.

    `ca_file` is the authority that vouches for `https_url`; `bundle_file` holds it and the machine's own roots.
    """

    pid: int
    url: str
    seed: int
    account: str
    region: str
    cloudflare_account: str
    control_token: str = field(repr=False, default="")
    spec: str | None = None
    environment: str | None = None
    store: str = "embedded"
    provisioning: str = "instant"
    https_url: str | None = None
    ca_file: str | None = None
    bundle_file: str | None = None


class Workspace:
    """`TWIN_HOME`, or the nearest `.twin` at or above the current folder, or a new one here."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def find(cls, here: Path, environ: Mapping[str, str]) -> "Workspace":
        """Find the workspace; nothing is written."""
        if home := environ.get("TWIN_HOME"):
            return cls(Path(home))
        for folder in (here, *here.parents):
            if (folder / FOLDER).is_dir():
                return cls(folder / FOLDER)
        return cls(here / FOLDER)

    @property
    def served_file(self) -> Path:
        """Where the running twin's address stands."""
        return self.root / "served.json"

    @property
    def log_file(self) -> Path:
        """Where the running twin writes its log."""
        return self.root / "served.log"

    def served(self) -> Served | None:
        """Return the twin that was started here, None when there is none or its process is gone.

        A process that does not listen there is another one, to which the number went since: it is left in peace.

        UsageError where the file that tells of it is none.
        """
        try:
            served = Served(**json.loads(self.served_file.read_text()))
            return served if alive(served.pid) and listens(served.url) else None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"{self.served_file}: {error.strerror}") from error
        except (ValueError, TypeError) as error:
            told = f"{self.served_file} cannot be read; delete it, and end the twin that it told of ({error!r})"
            raise UsageError(told) from error

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Be the one twin that is served here; UsageError while there is another, told of yet or not."""
        make_folder(self.root)
        file = os.open(self.root / "serving", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                told = f"another twin runs here, or is starting ({self.root}): twin down, or set TWIN_HOME"
                raise UsageError(told) from held
            yield
        finally:
            os.close(file)  # with which the lock goes

    def save_served(self, served: Served) -> None:
        """Write the running twin's address, for its user's eyes only; whole or not at all, as others look for it."""
        make_folder(self.root)
        scratch = self.served_file.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(asdict(served), indent=1))
        scratch.replace(self.served_file)

    def store(
        self, scope: "Scope", target: str, claim: "Claim | None" = None, seal: bytes | None = None
    ) -> "Store":  # fmt: skip
        """Return the state of an org and environment on a target, under a seal with this key where there is one."""
        from twin.engine.state import Store
        from twin.engine.state_seal import StateSeal

        name = state_name(scope, target)
        sealed = StateSeal(seal, name) if seal is not None else None
        return Store(self.root / "state" / name, claim, synced=target == "live", recorded=True, seal=sealed)

    def forget_twin(self) -> None:
        """Drop what belongs to the running twin: its address, and the states of orgs on it."""
        self.served_file.unlink(missing_ok=True)
        for folder in (self.root / "state").glob("twin-*"):
            shutil.rmtree(folder)
