"""`twin serve`: a twin in the foreground, over HTTP and HTTPS on loopback."""

import gc
import os
import secrets
import signal
import time
from pathlib import Path

import click

from twin.cli.certificates import trust
from twin.cli.console import say
from twin.cli.session import workspace
from twin.cli.stores import address_of, store_option
from twin.clock import ShiftedClock, WallClock
from twin.engine.workspace import Served
from twin.resources.scope import Scope

ACCOUNT = "123456789012"
ENDING = {signal.SIGTERM, signal.SIGINT}


@click.command("serve")
@click.option("--port", default=0, show_default="a free one", help="The HTTP port on 127.0.0.1.")
@click.option("--https-port", default=0, show_default="a free one", help="The HTTPS port on 127.0.0.1.")
@click.option("--seed", default=0, show_default=True, help="Where ids come from.")
@click.option("--account", default=ACCOUNT, show_default=True, help="The AWS account that it plays.")
@click.option("--region", default="us-east-1", show_default=True)
@click.option("--cloudflare-account", default="", help="The Cloudflare account that it plays; by default the seed's.")
@click.option("--okta-url", default="", help="The Okta org that it plays; by default the seed's.")
@store_option
@click.option("--spec", type=click.Path(path_type=Path), help="The spec that `twin destroy` shall mean.")
@click.option("--env", "environment", help="Its environment.")
def command(
    port: int, https_port: int, seed: int, account: str, region: str, cloudflare_account: str, okta_url: str,
    spec: Path | None, environment: str | None, store: str,
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
    scope = Scope("", "", account, region=region, cloudflare_account=cloudflare_account, okta_url=okta_url)
    world = make_world(scope, seed=seed, clock=clock, localstack=address_of(store, os.environ))
    # What is loaded by now stays: without this, every full collection would walk through it again.
    gc.collect()
    gc.freeze()
    keys = world.credentials()
    home = workspace()
    polling, context = LongPolling(world, places=WAITING), server_context(trusted.identity)
    handle = Control(world, clock, token, sleep=time.sleep, handle=polling.handle).handle
    with (
        serve(handle, port=port) as server,
        serve(handle, port=https_port, tls=context) as secure,
        Ticker(world.settle),
    ):
        world.served(server.url)
        served = Served(
            pid=os.getpid(),
            url=server.url,
            seed=seed,
            account=account,
            region=region,
            access_key_id=keys.access_key_id,
            secret_access_key=keys.secret_access_key,
            cloudflare_account=world.cloudflare.account_id,
            cloudflare_token=world.cloudflare.token,
            okta_url=world.okta.url,
            okta_token=world.okta.token,
            control_token=token,
            spec=str(spec.resolve()) if spec else None,
            environment=environment,
            store=store,
            https_url=secure.url,
            ca_file=str(trusted.identity.root),
            bundle_file=str(trusted.bundle),
        )
        home.save_served(served)
        say(f"twin serves account {account} on {server.url} and {secure.url}; `twin env` tells clients how to reach it")
        signal.sigwait(ENDING)
        polling.end()
    world.close()
    home.forget_twin()
    return 0
