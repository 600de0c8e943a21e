"""The choice of the store that keeps AWS's configuration for a twin, and where LocalStack is."""

from collections.abc import Callable, Mapping

import click

EMBEDDED, LOCALSTACK = "embedded", "localstack"
DEFAULT_URL = "http://127.0.0.1:4566"
VARIABLE = "LOCALSTACK_ENDPOINT"


def store_option(command: Callable[..., int]) -> Callable[..., int]:
    """Add the choice of a store."""
    return click.option(
        "--store", type=click.Choice((EMBEDDED, LOCALSTACK)), default=EMBEDDED, show_default=True,
        help=f"Who keeps AWS's configuration: this process alone, or LocalStack beside it ({VARIABLE}, or port 4566).",
    )(command)  # fmt: skip


def localstack_address(environ: Mapping[str, str]) -> str:
    """Return where LocalStack is."""
    return environ.get(VARIABLE) or DEFAULT_URL


def check_store(store: str, environ: Mapping[str, str]) -> None:
    """Ask a store whether it is there, before anything rests on it; TargetError when it is not."""
    if (address := address_of(store, environ)) is not None:
        from twin.world.stores.localstack_connection import LocalStackConnection

        LocalStackConnection(address).health()


def address_of(store: str, environ: Mapping[str, str]) -> str | None:
    """Return LocalStack's address for a store that has one."""
    return localstack_address(environ) if store == LOCALSTACK else None
