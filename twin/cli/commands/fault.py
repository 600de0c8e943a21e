"""`twin fault`: breaks the running twin and mends it again."""

from typing import Any
from urllib.parse import quote

import click
import yaml

from twin.cli.console import data, out
from twin.cli.controlled import ask
from twin.cli.never_live import never_live
from twin.errors import UsageError
from twin.scenario.duration import seconds


@click.group("fault")
def command() -> None:
    """Break the running twin, see what came of it, and mend it again."""


@command.command("kinds")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def kinds_(*, as_json: bool) -> int:
    """List the kinds of faults with their options; * marks what must be given."""
    from twin.world.faults import kinds

    if as_json:
        data({"schema": 1, "kinds": {name: kind.OPTIONS.model_json_schema() for name, kind in kinds().items()}})
        return 0
    for name, kind in kinds().items():
        out.print(name)
        for option, field in kind.OPTIONS.model_fields.items():
            mark = "*" if field.is_required() else " "
            out.print(f"  {mark} {option:14}{field.description or ''}".rstrip())
    return 0


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(*, as_json: bool) -> int:
    """List the faults of the running twin, healed ones too, and what came of each."""
    found = ask("GET", "faults")
    if as_json:
        data(found)
        return 0
    for fault in found["faults"]:
        out.print(_line(fault))
    return 0


@command.command("inject")
@never_live
@click.argument("kind")
@click.option(
    "--with", "options", multiple=True, metavar="NAME=VALUE", help="An option of the fault; a list is [a, b]."
)
@click.option("--for", "lasting", metavar="TIME", help="Heal it by itself after this time (90s, 15m).")
@click.option("--name", help="Its id; by default the kind and a number.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def inject(kind: str, options: tuple[str, ...], lasting: str | None, name: str | None, *, as_json: bool) -> int:
    """Begin a fault of a KIND, such as `zone-loss --with zone=us-east-1a`."""
    asked = {"kind": kind, "with": dict(_option(text) for text in options), "name": name, "for": _duration(lasting)}
    fault = ask("POST", "faults", asked)
    data({"schema": 1, **fault}) if as_json else out.print(_line(fault))
    return 0


@command.command("heal")
@click.argument("fault")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def heal(fault: str, *, as_json: bool) -> int:
    """End FAULT, by its id; exit 1 when nothing came of it."""
    healed = ask("DELETE", f"faults/{quote(fault, safe='')}")
    data({"schema": 1, **healed}) if as_json else out.print(_line(healed))
    return 0 if healed["effects"]["total"] else 1


def _option(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"--with {text}: write NAME=VALUE")
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError as wrong:
        raise UsageError(f"--with {text}: the value is no YAML") from wrong


def _duration(text: str | None) -> float | None:
    try:
        return seconds(text) if text is not None else None
    except ValueError as wrong:
        raise UsageError(f"--for: {wrong}") from wrong


def _line(fault: dict[str, Any]) -> str:
    options = ", ".join(f"{name}={value}" for name, value in fault["with"].items())
    effects = fault["effects"]
    counted = ", ".join(
        f"{effects[name]} {name}" for name in ("refused", "delayed", "shown", "noticed") if effects[name]
    )
    state = "healed" if fault["healed"] else "active"
    return f"{fault['id']}  {fault['kind']}({options})  {state}  {counted or 'no effect'}"
