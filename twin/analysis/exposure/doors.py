"""Security groups that let the world in on ports for administration and databases."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from twin.analysis.exposure.finding import Finding
from twin.analysis.exposure.places import named
from twin.analysis.passage.passages import View
from twin.data_files import read_yaml
from twin.semantics.network.filters import describe, fields, group_label, listed
from twin.semantics.network.headers import TCP, Version
from twin.semantics.network.internet import PUBLIC
from twin.semantics.network.intervals import networks
from twin.semantics.network.topology import Permission

RULE = "network.admin-ports-open"
VERSIONS: tuple[Version, ...] = (4, 6)


@cache
def guarded() -> dict[int, str]:
    """Return the ports, each with what it is for."""
    told: dict[str, Any] = read_yaml((files(__package__) / "data" / "ports.yaml").read_text("utf-8"))
    return {port: kind for kind, one in told.items() for port in one["value"]}


def find(view: View) -> Iterator[Finding]:
    """Find them; worse where something behind the group really answers there."""
    reached = {end: one for one in view.openings if one.everyone for end in one.arrives}
    for group in view.topology.groups.values():
        for permission in group.ingress:
            ports = _open(permission)
            if not ports:
                continue
            answers = [one.id for one in view.index.members.get(group.id, ()) if _answers(reached.get(one.id), ports)]
            label = group_label(group.id, permission, listed(permission), egress=False)
            yield Finding(
                RULE,
                "high" if answers else "medium",
                f"{named(view, group.id)} lets everyone in on {describe(permission.match)}: {_for(ports)}",
                (group.id, *answers),
                (label, *(f"the internet reaches {reached[one].address} {reached[one].service}" for one in answers)),
                f"take away {label}, or name the addresses that may",
            )


def _answers(opening: Any, ports: list[int]) -> bool:
    return opening is not None and opening.protocol == TCP and any(port in opening.ports for port in ports)


def _open(permission: Permission) -> list[int]:
    """Return the guarded ports that a permission opens to every address."""
    world = any(not PUBLIC[version] - networks(permission.blocks, version) for version in VERSIONS)
    protocols, _, ports = fields(permission.match)
    return [port for port in guarded() if world and TCP in protocols and port in ports]


def _for(ports: list[int]) -> str:
    kinds = guarded()
    return ", ".join(f"{port} ({kinds[port]})" for port in ports)
