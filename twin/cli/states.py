"""Where a command finds the state, and who it says it is when it takes the lock."""

import atexit
import getpass
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.console import say
from twin.cli.sealing import own_seal
from twin.engine.lock import Claim, Holder
from twin.engine.seal import LENGTH
from twin.engine.state import Store
from twin.engine.workspace import Workspace
from twin.errors import GuardError, UsageError
from twin.resources.scope import Scope
from twin.scenario.duration import seconds

if TYPE_CHECKING:
    from twin.spec.model.state import S3State


def wait_option(command: Callable[..., int]) -> Callable[..., int]:
    """Add how long a run waits for another one."""
    return click.option(
        "--wait", metavar="DURATION", default="0s", show_default=True, callback=_duration,
        help="How long to wait while another run has the lock, as in 5m.",
    )(command)  # fmt: skip


def _duration(_: click.Context, __: click.Parameter, text: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def claim(patience: float = 0.0) -> Claim:
    """Return with what this process asks for a lock."""
    context = click.get_current_context(silent=True)
    holder = Holder(
        id=secrets.token_hex(4),
        who=_user(os.environ),
        host=socket.gethostname(),
        pid=os.getpid(),
        since=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        command=context.command_path if context else "",
    )
    return Claim(holder, patience, time.sleep, say, time.time)


def _user(environ: Mapping[str, str]) -> str:
    """Return who acts: in a workflow of GitHub's whoever started it, else the machine's user."""
    if actor := environ.get("GITHUB_ACTOR"):
        run = environ.get("GITHUB_RUN_ID")
        return f"{actor} (run {run})" if run else actor
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # a container that has no name for its user


YES = ("", "1", "true", "yes", "on")


def refuse_where_never_live(environ: Mapping[str, str]) -> None:
    """GuardError where TWIN_LIVE keeps this machine from the real accounts: by any word that is no clear yes."""
    value = environ.get("TWIN_LIVE", "")
    if value.strip().lower() not in YES:
        raise GuardError(f"TWIN_LIVE={value} keeps this machine from the real accounts")


def store_of(home: Workspace, scope: Scope, target: str, *, written: Mapping[str, Any], patience: float = 0.0) -> Store:
    """Return the state of an org on a target; `written` is the spec's section `state`.

    The state of the real accounts is where `TWIN_STATE` says, or the section, or in the workspace. That of a twin ends
    with the twin.
    """
    if target == "live":
        refuse_where_never_live(os.environ)
    mine = claim(patience)
    if target != "live" and home.served() is None:
        folder = Path(tempfile.mkdtemp(prefix="twin-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return Store(folder, mine)
    # The running twin is one, by whichever name it is meant.
    local = home.store(scope, "live", mine, _seal()) if target == "live" else home.store(scope, "twin", mine)
    place = _place(written) if target == "live" else None
    if place is None:
        return local
    from twin.engine.team_state import Objects, TeamStore
    from twin.resources.aws.api import AwsSystem

    system = AwsSystem(region=place.region or scope.region)
    objects = Objects(place, local.folder.name, system, account=scope.account)
    return TeamStore(local.folder, objects, mine, seal=local.seal)


def _seal() -> bytes:
    """Return the user's key; without a safe one a key of this run's, under which nothing that was kept is believed."""
    return own_seal() or secrets.token_bytes(LENGTH)


def _place(written: Mapping[str, Any]) -> "S3State | None":
    from twin.engine.team_state import VARIABLE, place_of

    if named := os.environ.get(VARIABLE):
        return place_of(named)
    if not written:
        return None
    from pydantic import ValidationError

    from twin.spec.model.state import State

    try:
        return State.model_validate(written).s3
    except ValidationError as error:
        raise UsageError(f"where the state is cannot be read; plan again: {error}") from error
