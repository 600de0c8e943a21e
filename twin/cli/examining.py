"""Examines a target: its stores and how they are, which services live where, what it can and cannot do."""

from collections.abc import Mapping
from importlib.metadata import version

from twin.cli.stores import EMBEDDED, LOCALSTACK, localstack_address
from twin.engine.workspace import Served
from twin.errors import TargetError
from twin.report.stores import Examination, Kept, StoreHealth
from twin.world.capabilities import meanings
from twin.world.stores.groups import groups, kept_in_localstack, lacking
from twin.world.stores.localstack_connection import LocalStackConnection

VIRTUAL_TIME = "virtual-time"
# LocalStack loads a service when it is called first; until then it is available.
GOOD = {"available", "starting", "running"}


def examine(target: str, served: Served | None, environ: Mapping[str, str]) -> Examination:
    """Examine the running twin, or what a command would make without one."""
    beside = target == LOCALSTACK or (served is not None and served.store == LOCALSTACK)
    stores = [_embedded(served)]
    if beside:
        stores.append(_localstack(localstack_address(environ)))
    named = tuple(Kept(g.name, g.store, g.services, g.reason) for g in groups("localstack" if beside else "embedded"))
    able = meanings()
    missing = lacking(able, kept_in_localstack() if beside else frozenset())
    if beside:
        outside = ", ".join(sorted(kept_in_localstack()))
        able[VIRTUAL_TIME] += f"; not for {outside}, which keep the machine's time"
    return Examination(
        target=target,
        running=served.url if served is not None else None,
        stores=tuple(stores),
        groups=named,
        capabilities={name: meaning for name, meaning in able.items() if name not in missing},
        lacking=missing,
    )


def _embedded(served: Served | None) -> StoreHealth:
    if served is None:
        return StoreHealth(EMBEDDED, f"moto {version('moto')}", "in the process of each command", "no twin is running")
    return StoreHealth(EMBEDDED, f"moto {version('moto')}", f"in process {served.pid}", "running")


def _localstack(address: str) -> StoreHealth:
    try:
        health = LocalStackConnection(address).health()
    except TargetError as silent:
        return StoreHealth(LOCALSTACK, "unknown", address, str(silent), healthy=False)
    told = {service: health.services.get(service, "missing") for service in sorted(kept_in_localstack())}
    state = ", ".join(f"{service} {state}" for service, state in told.items())
    return StoreHealth(LOCALSTACK, health.version, address, state, healthy=GOOD.issuperset(told.values()))
