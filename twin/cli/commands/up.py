"""`twin up`: a twin that stays, in the background, with a spec applied to it."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from twin.cli.applying import Carried, carry_out
from twin.cli.certificates import trust
from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import data, out, say
from twin.cli.ending import ended_unless_told
from twin.cli.ports import port_options
from twin.cli.session import Session, connect, workspace
from twin.cli.states import store_of
from twin.cli.stores import LOCALSTACK, check_store, store_option
from twin.clock import WallClock
from twin.engine.folder import make_folder
from twin.engine.workspace import Served, Workspace
from twin.errors import TargetError, UsageError
from twin.resources.scope import Scope

START_SECONDS = 60
PLAYED = (
    "account", "region", "cloudflare_account", "cloudflare_plan", "okta_url", "auth0_domain", "github_organization",
    "github_members", "github_repositories",
)  # fmt: skip
"""What of a scope `twin serve` is told, by its options' names."""
PUBLIC = ("pid", "url", "https_url", "ca_file", "account", "region", "seed", "store", "spec", "environment")
"""What of a running twin `--json` tells."""


@click.command("up")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@port_options
@click.option("--seed", default=0, show_default=True, help="Where ids come from.")
@store_option
@click.option("--from", "kept", type=click.Path(path_type=Path), help="A snapshot of yours to go on from.")
@click.option("--json", "as_json", is_flag=True, help="Print where it is, and what became of each change, as JSON.")
def command(
    spec: Path | None, environment: str | None, port: int, https_port: int, seed: int, store: str, *,
    kept: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Start a twin on loopback and apply SPEC to it; without SPEC it is empty, or as the snapshot has it."""
    compiled = compile_file(spec, environment) if spec else None
    home = workspace()
    served = home.served()
    if served is None:
        check_store(store, os.environ)  # what is wrong with it is told here, not in a log
        scope = compiled.scope if compiled else None
        trust(os.environ, now=WallClock().now())  # likewise
        path = compiled.spec.path if compiled else None
        served = start(home, scope, path, environment, ports=(port, https_port), seed=seed, store=store, kept=kept)
        with ended_unless_told(home, served):
            carried = _apply(home, compiled) if compiled else None
    else:
        _refuse_other(served, compiled, store=store, kept=kept)
        carried = _apply(home, compiled) if compiled else None
    if as_json:
        data({"schema": 1, "twin": _document(served), "apply": carried.document() if carried else None})
    else:
        _tell(served)
    return carried.told(as_json=False) if carried else 0


def _refuse_other(served: Served, compiled: Compiled | None, *, store: str, kept: Path | None) -> None:
    """UsageError where the twin that runs is not the one that is wanted."""
    if kept is not None:
        raise UsageError("a twin is running here; end it before another goes on from a snapshot: twin down")
    if store == LOCALSTACK and served.store != LOCALSTACK:
        raise UsageError("a twin without LocalStack is running here; end it first: twin down")
    if compiled and served.account != compiled.scope.account:
        raise UsageError(f"a twin of account {served.account} is running here; end it first: twin down")


def _apply(home: Workspace, compiled: Compiled) -> Carried:
    """Bring what a spec wants onto the running twin."""
    state = store_of(home, compiled.scope, "twin", written={})
    session = Session(compiled, connect(compiled.scope, "twin"), state)
    with state.held({}):
        plan = replace(session.plan(), waves=())  # nobody relies yet on what is being made
        if plan.pending:
            return carry_out(plan, session.target, session.store)
        say(f"no changes: {plan.summary['no-op']} resources are as the spec wants them")
        return Carried(plan)


def start(
    home: Workspace,
    scope: Scope | None,
    spec: Path | None,
    environment: str | None,
    *,
    ports: tuple[int, int],
    seed: int,
    store: str,
    kept: Path | None = None,
) -> Served:
    """Start `twin serve` as a process of its own and wait until it answers."""
    make_folder(home.root)
    arguments = [sys.executable, "-m", "twin.cli", "serve", "--seed", str(seed), "--store", store]
    arguments += ["--port", str(ports[0]), "--https-port", str(ports[1])]
    if kept is not None:
        arguments += ["--from", str(kept)]
    if scope is not None:
        arguments += [f"--{name.replace('_', '-')}={getattr(scope, name)}" for name in PLAYED]
    if spec is not None:
        arguments += ["--spec", str(spec)] + (["--env", environment] if environment else [])
    with home.log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "TWIN_HOME": str(home.root.resolve())},
        )
    try:
        if (served := _answering(home, process)) is not None:
            return served
    except KeyboardInterrupt:
        process.kill()
        raise
    process.kill()
    raise TargetError(f"the twin did not start; its log is {home.log_file}:\n{home.log_file.read_text()[-2000:]}")


def _answering(home: Workspace, process: "subprocess.Popen[bytes]") -> Served | None:
    """Wait until a twin that was started answers; None where it ended or took too long."""
    for _ in range(START_SECONDS * 20):
        served = home.served()
        if served is not None and served.pid == process.pid:
            return served
        if process.poll() is not None:
            return None
        time.sleep(0.05)
    return None


def _document(served: Served) -> dict[str, Any]:
    """Return what of a running twin is no secret; `twin env --json` has its keys."""
    return {name: getattr(served, name) for name in PUBLIC}


def _tell(served: Served) -> None:
    out.print(f"twin of account {served.account} on {served.url} and {served.https_url} (pid {served.pid})")
    out.print('  eval "$(twin env)"     then aws, boto3, terraform and the vendors\' SDKs reach it')
    out.print("  twin destroy           removes what the spec owns")
    out.print("  twin down              ends it")
