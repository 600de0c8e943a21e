"""`twin serve`: a twin in the foreground, over HTTP and HTTPS on loopback."""

import gc
import json
import os
import secrets
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.certificates import trust
from twin.cli.console import say
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
@click.option("--port", default=0, show_default="a free one", help="The HTTP port on 127.0.0.1.")
@click.option("--https-port", default=0, show_default="a free one", help="The HTTPS port on 127.0.0.1.")
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
    port: int, https_port: int, seed: int, account: str, region: str, cloudflare_account: str, cloudflare_plan: str,
    okta_url: str, auth0_domain: str, github_organization: str, github_members: str, spec: Path | None,
    environment: str | None, store: str, provisioning: "Provisioning", issuers: Path | None, kept: Path | None,
) -> int:  # fmt: skip
    """Serve an empty twin until interrupted. `twin up` does the same in the background."""
    from twin.scenario.embedded import make_world
    from twin.world.control import Control
    from twin.world.long_polling import LongPolling
    from twin.world.server import WAITING, serve
    from twin.world.ticker import Ticker
    from twin.world.tls import server_context

    # Blocked before the first thread starts, or the signal would end the process before it has tidied up.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    clock, token = ShiftedClock(WallClock()), secrets.token_urlsafe(32)
    trusted = trust(os.environ, now=clock.now())
    scope = Scope(
        "", "", account, region=region, cloudflare_account=cloudflare_account, cloudflare_plan=cloudflare_plan,
        okta_url=okta_url, auth0_domain=auth0_domain, github_organization=github_organization,
        github_members=github_members,
    )  # fmt: skip
    home = workspace()
    if kept is not None:
        world = _restored(kept, seal_key(os.environ), clock)
    else:
        beside = address_of(store, os.environ)
        world = make_world(scope, seed=seed, clock=clock, localstack=beside, provisioning=provisioning)
    if issuers is not None:
        world.gateway.authorisation.issuers |= _key_sets(issuers)
    # What is loaded by now stays: without this, every full collection would walk through it again.
    gc.collect()
    gc.freeze()
    polling, context = LongPolling(world, places=WAITING), server_context(trusted.identity)
    handle = Control(world, clock, token, sleep=time.sleep, handle=polling.handle, seal=own_seal() or b"").handle
    with (
        serve(handle, port=port) as server,
        serve(handle, port=https_port, tls=context) as secure,
        Ticker(world.settle),
    ):
        world.served(server.url)
        served = Served(
            **_world_of(world),
            pid=os.getpid(),
            url=server.url,
            control_token=token,
            spec=str(spec.resolve()) if spec else None,
            environment=environment,
            store=store,
            https_url=secure.url,
            ca_file=str(trusted.identity.root),
            bundle_file=str(trusted.bundle),
        )
        home.save_served(served)
        where = f"{server.url} and {secure.url}"
        say(f"twin serves account {world.accounts[0]} on {where}; `twin env` tells clients how to reach it")
        signal.sigwait(ENDING)
        polling.end()
    world.close()
    home.forget_twin()
    return 0


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
