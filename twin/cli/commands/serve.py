"""`twin serve`: a twin in the foreground, over HTTP and HTTPS on loopback."""

import gc
import json
import os
import secrets
import signal
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.certificates import Trust, trust
from twin.cli.console import say
from twin.cli.ports import port_options
from twin.cli.sealing import own_seal
from twin.cli.session import workspace
from twin.cli.stores import address_of, store_option
from twin.clock import ShiftedClock, WallClock
from twin.engine.seal import seal_key
from twin.engine.workspace import Served
from twin.errors import UsageError
from twin.resources.scope import Scope

if TYPE_CHECKING:
    from twin.world.delays import Provisioning
    from twin.world.world import World

ACCOUNT = "123456789012"
ENDING = {signal.SIGTERM, signal.SIGINT}


@click.command("serve")
@port_options
@click.option("--seed", default=0, show_default=True, help="Where ids come from.")
@click.option("--account", default=ACCOUNT, show_default=True, help="The AWS account that it plays.")
@click.option("--region", default="us-east-1", show_default=True)
@click.option("--cloudflare-account", default="", help="The Cloudflare account that it plays; by default the seed's.")
@click.option(
    "--cloudflare-plan",
    type=click.Choice(("free", "pro", "business", "enterprise")),
    default="free",
    show_default=True,
    help="The plan that zones there are on.",
)
@click.option("--okta-url", default="", help="The Okta org that it plays; by default the seed's.")
@click.option("--auth0-domain", default="", help="The Auth0 tenant that it plays; by default the seed's.")
@click.option("--github-organization", default="", help="The GitHub organisation that it plays; by default twin.")
@click.option("--github-members", default="", help="Who is in it besides its owner: logins with commas between.")
@click.option("--github-repositories", default="", help="What repositories it has: names with commas between.")
@store_option
@click.option(
    "--provisioning",
    type=click.Choice(("instant", "real")),
    default="instant",
    show_default=True,
    help="Whether what is created can be used at once, or takes its documented time.",
)
@click.option(
    "--issuer-keys",
    "issuers",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON of what identity providers elsewhere publish, {issuer: {keys: […]}}, so that AWS knows their tokens.",
)
@click.option("--from", "kept", type=click.Path(path_type=Path), help="A snapshot of yours to go on from.")
@click.option("--spec", type=click.Path(path_type=Path), help="The spec that `twin destroy` shall mean.")
@click.option("--env", "environment", help="Its environment.")
def command(
    *, port: int, https_port: int, seed: int, spec: Path | None, environment: str | None, store: str,
    provisioning: "Provisioning", issuers: Path | None, kept: Path | None, **played: str,
) -> int:  # fmt: skip
    """Serve an empty twin until interrupted. `twin up` does the same in the background."""
    from twin.scenario.embedded import make_world

    home = workspace()
    with home.serving():
        # Blocked before the first thread starts, or the signal would end the process before it has tidied up.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        clock = ShiftedClock(WallClock())
        trusted = trust(os.environ, now=clock.now())
        if kept is not None:
            world = _restored(kept, seal_key(os.environ), clock)
        else:
            beside = address_of(store, os.environ)
            scope = Scope("", "", **played)
            world = make_world(scope, seed=seed, clock=clock, localstack=beside, provisioning=provisioning)
        if issuers is not None:
            world.gateway.authorisation.issuers |= _key_sets(issuers)
        told = {
            "spec": str(spec.resolve()) if spec else None, "environment": environment, "store": store,
            "provisioning": world.scene.provisioning,
            "ca_file": str(trusted.identity.root), "bundle_file": str(trusted.bundle),
        }  # fmt: skip
        _until_ended(world, clock, trusted, ports=(port, https_port), told=told)
        home.forget_twin()
    return 0


def _until_ended(
    world: "World", clock: ShiftedClock, trusted: Trust, *, ports: tuple[int, int], told: Mapping[str, Any]
) -> None:
    """Serve a world until a signal comes, and say in the workspace where; `told` goes there too."""
    from twin.world.control import Control
    from twin.world.long_polling import LongPolling
    from twin.world.server import WAITING, serve
    from twin.world.ticker import Ticker
    from twin.world.tls import server_context

    # What is loaded by now stays: without this, every full collection would walk through it again.
    gc.collect()
    gc.freeze()
    polling, context = LongPolling(world, places=WAITING), server_context(trusted.identity)
    token = secrets.token_urlsafe(32)
    handle = Control(world, clock, token, sleep=time.sleep, handle=polling.handle, seal=own_seal() or b"").handle
    with (
        serve(handle, port=ports[0]) as server,
        serve(handle, port=ports[1], tls=context) as secure,
        Ticker(world.settle),
    ):
        world.served(server.url)
        at: dict[str, Any] = {"pid": os.getpid(), "url": server.url, "https_url": secure.url, "control_token": token}
        workspace().save_served(Served(**_world_of(world), **at, **told))
        where = f"{server.url} and {secure.url}"
        say(f"twin serves account {world.accounts[0]} on {where}; `twin env` tells clients how to reach it")
        signal.sigwait(ENDING)
        polling.end()
    world.close()


def _world_of(world: "World") -> dict[str, Any]:
    """Return whose accounts a world plays, and the keys to them."""
    return {
        "seed": int(world.seed),
        "account": world.accounts[0],
        "region": world.region,
        "cloudflare_account": world.cloudflare.account_id,
        **world.keys_told(),
    }


def _key_sets(file: Path) -> dict[str, Any]:
    """Return the key sets of a file by issuer; UsageError when it holds none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if all(isinstance(one["keys"], list) for one in found.values()):
            return dict(found)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # told below, as for a value of another shape
    raise UsageError(f'{file} holds no key sets: {{"https://issuer": {{"keys": [...]}}}}')


def _restored(file: Path, seal: bytes, clock: ShiftedClock) -> "World":
    """Return the world of a snapshot; the clock goes on from its instant where that is ahead of the machine's."""
    from twin.world import snapshot

    try:
        written = file.read_bytes()
    except OSError as wrong:
        raise UsageError(f"{file} cannot be read: {wrong.strerror}") from wrong

    def lead(instant: datetime) -> ShiftedClock:
        clock.advance(max(0.0, (instant - clock.now()).total_seconds()))
        return clock

    return snapshot.restore(written, seal, lead).world
